/* Makes the tokens of each text answer to the pointer: what the model expected in
 * a place, what each layer would have predicted, where each head attends to.
 * The data are those of inside_page.c; attention is decoded when it is shown. */
(function () {
	'use strict';
	var DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
	var value = {};
	for (var d = 0; d < 64; d++)
		value[DIGITS[d]] = d;

	function make(parent, name, text, cls) {
		var e = document.createElement(name);
		if (text !== undefined)
			e.textContent = text;
		if (cls)
			e.className = cls;
		parent.appendChild(e);
		return e;
	}
	/* A probability from hundredths of a nat. */
	function prob(x) { return Math.exp(-x / 100); }
	function percent(p) {
		return p >= .0995 ? (100 * p).toFixed(0) + '%' : p >= .00995 ?
			(100 * p).toFixed(1) + '%' : p >= .0001 ?
			(100 * p).toFixed(2) + '%' : '<0.01%';
	}
	function bits(x) { return (x / 100 / Math.LN2).toFixed(2) + ' bits'; }
	function shade(x) { return 's' + Math.max(0, Math.min(9, Math.round(9 * x))); }
	function visible(s) {
		return s.replace(/ /g, '\u00b7').replace(/\n/g, '\u21b5')
			.replace(/\t/g, '\u2192') || '\u2205';
	}
	/* One head: for each query a list of key, probability, key, ... */
	function decode(s, n) {
		var rows = [], at = 0;
		for (var i = 0; i < n; i++) {
			var row = [];
			for (var k = value[s[at++]]; k > 0; k--, at += 4)
				row.push(64 * value[s[at]] + value[s[at + 1]],
					(64 * value[s[at + 2]] + value[s[at + 3]]) / 4095);
			rows.push(row);
		}
		return rows;
	}
	/* Adds up heads, each divided by their number. */
	function mean(heads) {
		return heads[0].map(function (_, i) {
			var sum = {}, row = [];
			heads.forEach(function (h) {
				for (var k = 0; k < h[i].length; k += 2)
					sum[h[i][k]] = (sum[h[i][k]] || 0) +
						h[i][k + 1] / heads.length;
			});
			Object.keys(sum).forEach(function (k) { row.push(+k, sum[k]); });
			return row;
		});
	}
	function choice(parent, label, names) {
		var l = make(parent, 'label', label + ' '), s = make(l, 'select');
		names.forEach(function (name, i) { make(s, 'option', name).value = i; });
		return s;
	}
	function range(first, n) {
		return Array.from({ length: n }, function (_, i) { return first + i; });
	}

	function start(box) {
		var data = JSON.parse(document.getElementById(box.dataset.of).textContent);
		var tokens = Array.from(box.querySelectorAll('.tokens i'));
		var n = data.ids.length, now = n > 1 ? 1 : 0, held = false, cache = {};
		var bar = make(box, 'div', undefined, 'controls');
		var mode = choice(bar, 'Colour:', ['surprise', 'entropy', 'norm of the last layer',
			'attention from the chosen token', 'attention to the chosen token']);
		var layer = choice(bar, 'Layer', range(1, data.layers));
		var head = choice(bar, 'Head', ['mean of all'].concat(range(1, data.heads)));
		make(bar, 'span', 'Click to hold a token; arrow keys move.', 'soft');
		var panels = make(box, 'div', undefined, 'panels');
		var left = make(panels, 'div'), right = make(panels, 'div');
		var about = make(left, 'h3'), facts = make(left, 'p', '', 'soft');
		var best = make(left, 'table');
		make(left, 'h3', 'Attention of this layer and head');
		var map = make(left, 'canvas'), says = make(left, 'p', '', 'soft');
		make(right, 'h3', 'What each layer would predict here (logit lens)');
		var lens = make(make(right, 'div', undefined, 'list'), 'table');
		layer.value = data.layers - 1;

		function word(id) { return visible(data.words[id]); }
		function attention() {
			var key = layer.value + '/' + head.value;
			if (!cache[key]) {
				var of = data.attention[layer.value];
				cache[key] = +head.value ? decode(of[head.value - 1], n) :
					mean(of.map(function (s) { return decode(s, n); }));
			}
			return cache[key];
		}
		function weights(i, from) {
			var w = new Array(n).fill(0), rows = attention();
			rows.forEach(function (row, q) {
				for (var k = 0; k < row.length; k += 2)
					if (from ? q === i : row[k] === i)
						w[from ? row[k] : q] = row[k + 1];
			});
			return w;
		}
		function colour() {
			var m = +mode.value, most = Math.max.apply(null, data.entropy.concat(1));
			var norm = data.lens[data.layers].norm;
			var low = Math.log(Math.min.apply(null, norm)), high = Math.log(Math.max.apply(null, norm));
			var w = m > 2 ? weights(now, m === 3) : null;
			tokens.forEach(function (t, i) {
				t.className = i ? '' : 'first';
				if (w) {
					t.classList.add('cool');
					t.style.setProperty('--w', (.8 * Math.sqrt(w[i])).toFixed(3));
				} else {
					t.classList.add(m === 2 ? shade((Math.log(norm[i]) - low) / (high - low || 1)) :
						!i ? 's0' : m ? shade(data.entropy[i - 1] / most) :
						shade(data.logprob[i - 1] / 100 / Math.LN2 / 10));
				}
				t.classList.toggle('now', i === now);
			});
		}
		function drawMap() {
			var c = map.getContext('2d'), rows = attention();
			var style = getComputedStyle(document.documentElement);
			var cool = style.getPropertyValue('--cool').trim().split(' ').map(Number);
			map.width = map.height = n;
			var image = c.createImageData(n, n);
			rows.forEach(function (row, q) {
				for (var k = 0; k < row.length; k += 2) {
					var at = 4 * (q * n + row[k]);
					image.data[at] = cool[0];
					image.data[at + 1] = cool[1];
					image.data[at + 2] = cool[2];
					image.data[at + 3] = 255 * Math.sqrt(row[k + 1]);
				}
			});
			c.putImageData(image, 0, 0);
		}
		function tellAttention() {
			var row = attention()[now], list = [], rest = 1;
			for (var k = 0; k < row.length; k += 2) {
				list.push([row[k + 1], row[k]]);
				rest -= row[k + 1];
			}
			list.sort(function (a, b) { return b[0] - a[0]; });
			says.textContent = 'Token ' + now + ' attends to ' + (list.slice(0, 6).map(function (x) {
				return word(data.ids[x[1]]) + ' (' + x[1] + ') ' + percent(x[0]);
			}).join(', ') || 'none above 1.6%') + (rest > .005 ? '; elsewhere less than 1.6% each' : '') +
				'. In the map, a row is a token that looks, a column what it looks at.';
		}
		function tellBest() {
			var p = now - 1;
			best.textContent = '';
			about.textContent = 'Token ' + now + ': ' + word(data.ids[now]);
			if (now === 0) {
				facts.textContent = 'id ' + data.ids[0] + '. The first token is given; nothing predicts it.';
				return;
			}
			facts.textContent = 'id ' + data.ids[now] + ', probability ' + percent(prob(data.logprob[p])) +
				', surprise ' + bits(data.logprob[p]) + '; ' + (data.rank[p] ? data.rank[p] +
				(data.rank[p] > 1 ? ' tokens were' : ' token was') + ' likelier' : 'the likeliest') +
				'. Entropy ' + data.entropy[p].toFixed(2) + ' bits.';
			var list = data.best[p], seen = false;
			function row(id, x) {
				var r = make(best, 'tr', undefined, id === data.ids[now] ? 'own' : '');
				make(r, 'td', word(id), 'w');
				make(r, 'td', percent(prob(x)), 'n');
				make(make(r, 'td', undefined, 'b'), 'span', undefined, 'bar').style.width =
					(100 * prob(x)).toFixed(1) + '%';
				seen = seen || id === data.ids[now];
			}
			for (var k = 0; k < list.length; k += 2)
				row(list[k], list[k + 1]);
			if (!seen)
				row(data.ids[now], data.logprob[p]);
		}
		function tellLens() {
			var p = now - 1, top = make(document.createDocumentFragment(), 'tbody'), r;
			lens.textContent = '';
			r = make(top, 'tr');
			make(r, 'th', 'layer', 'n');
			make(r, 'th', 'norm', 'n');
			make(r, 'th', 'p(' + word(data.ids[now]) + ')', 'n');
			make(r, 'th', 'likeliest').colSpan = 3;
			for (var l = data.layers; l >= 0; l--) {
				var of = data.lens[l];
				r = make(top, 'tr');
				make(r, 'td', l, 'n');
				make(r, 'td', String(of.norm[Math.max(p, 0)]), 'n');
				if (p < 0)
					continue;
				make(r, 'td', percent(prob(of.logprob[p])),
					'n ' + shade(prob(of.logprob[p])));
				for (var k = 0; k < of.best[p].length; k += 2) {
					var cell = make(r, 'td', word(of.best[p][k]), 'w');
					make(cell, 'small', ' ' + percent(prob(of.best[p][k + 1])), 'soft');
				}
			}
			lens.appendChild(top);
		}
		function show(i) {
			now = i;
			tellBest();
			tellLens();
			tellAttention();
			colour();
		}
		function index(e) {
			var t = e.target.closest('i[data-i]');
			return t ? +t.dataset.i : -1;
		}
		box.querySelector('.tokens').addEventListener('mouseover', function (e) {
			if (!held && index(e) >= 0)
				show(index(e));
		});
		box.querySelector('.tokens').addEventListener('click', function (e) {
			var i = index(e);
			if (i < 0)
				return;
			held = !(held && i === now);
			show(i);
		});
		tokens.forEach(function (t) { t.tabIndex = -1; });
		box.querySelector('.tokens').tabIndex = 0;
		box.querySelector('.tokens').addEventListener('keydown', function (e) {
			var step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
			if (!step)
				return;
			e.preventDefault();
			held = true;
			show(Math.max(0, Math.min(n - 1, now + step)));
		});
		map.addEventListener('click', function (e) {
			held = true;
			show(Math.min(n - 1, Math.floor(e.offsetY / map.clientHeight * n)));
		});
		mode.onchange = colour;
		layer.onchange = head.onchange = function () {
			drawMap();
			show(now);
		};
		matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawMap);
		drawMap();
		show(now);
	}
	document.querySelectorAll('.inside').forEach(start);
})();
