/* What every page can do: show white space, mark everything that belongs to the
 * same thing (data-s) as what is under the pointer, and read values off curves. */
(function () {
	var box = document.getElementById('spaces'), marked = [];
	if (box)
		box.onchange = function () {
			document.body.classList.toggle('spaces', box.checked);
		};
	function mark(e) {
		var t = e.target.closest && e.target.closest('[data-s]');
		marked.forEach(function (x) { x.classList.remove('on'); });
		marked = t ? Array.from(document.querySelectorAll(
			'[data-s="' + t.dataset.s + '"]')) : [];
		marked.forEach(function (x) { x.classList.add('on'); });
	}
	/* An axis from five numbers; its value at a place. */
	function axis(v) {
		return { log: v[4], at: function (place) {
			var t = (place - v[2]) / (v[3] - v[2]);
			return v[4] ? v[0] * Math.pow(v[1] / v[0], t) : v[0] + t * (v[1] - v[0]);
		} };
	}
	function points(path) {
		return (path.getAttribute('d').match(/[\d.]+ [\d.]+/g) || []).map(function (s) {
			return s.split(' ').map(Number);
		});
	}
	function nearest(curve, x) {
		return curve.reduce(function (a, b) {
			return !a || Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a;
		}, null);
	}
	document.querySelectorAll('svg[data-axes]').forEach(function (svg) {
		var v = svg.dataset.axes.split(' ').map(Number);
		var x = axis(v.slice(0, 5)), y = axis(v.slice(5)), curves = null;
		var says = svg.closest('figure').querySelectorAll('output');
		svg.addEventListener('pointermove', function (e) {
			var box = svg.getBoundingClientRect();
			var at = (e.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
			curves = curves || Array.from(svg.querySelectorAll('.curve')).map(points);
			says.forEach(function (out) {
				if (out.dataset.of === 'x') {
					out.value = at < v[2] || at > v[3] ? '' :
						'at ' + +x.at(at).toPrecision(3) + ':';
					return;
				}
				var p = nearest(curves[out.dataset.of], at);
				out.value = p && Math.abs(p[0] - at) < 12 ? +y.at(p[1]).toPrecision(3) : '';
			});
		});
		svg.addEventListener('pointerleave', function () {
			says.forEach(function (out) { out.value = ''; });
		});
	});
	if (document.querySelector('[data-s]')) {
		document.addEventListener('mouseover', mark);
		document.addEventListener('click', mark);
	}
})();
