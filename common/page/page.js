/* What every page can do: show white space, and mark everything that belongs to
 * the same thing (data-s) as what is under the pointer. */
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
	if (document.querySelector('[data-s]')) {
		document.addEventListener('mouseover', mark);
		document.addEventListener('click', mark);
	}
})();
