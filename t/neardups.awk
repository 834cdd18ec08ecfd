# neardups.awk - documents with planted near copies, each pair's similarity
#
# awk -v pairs=N -v list=FILE -f neardups.awk >documents
#
# Base document i has the id b<i>, its copy n<i>: the same words with some
# replaced, so that the similarity falls evenly from 1 to about .35. Documents
# are of different words, so that nothing else is near. FILE gets lines "base
# copy J", J being the exact Jaccard similarity of the sets of word 5-grams,
# counted here from the words themselves.

function rnd(n) {	# Park and Miller's generator: products stay exact
	seed = seed * 16807 % 2147483647
	return int(seed / 2147483647 * n)
}

function text_of(w, n,    i, s) {
	s = w[1]
	for (i = 2; i <= n; i++)
		s = s " " w[i]
	return s
}

function jaccard(a, b, n,    i, seen, both, either, g) {
	for (i = 1; i + 4 <= n; i++) {
		g = a[i] " " a[i+1] " " a[i+2] " " a[i+3] " " a[i+4]
		if (!(g in seen)) { seen[g] = 1; either++ }
	}
	for (i = 1; i + 4 <= n; i++) {
		g = b[i] " " b[i+1] " " b[i+2] " " b[i+3] " " b[i+4]
		if (!(g in seen)) { seen[g] = 2; either++ }
		else if (seen[g] == 1) { seen[g] = 3; both++ }
	}
	return both / either
}

BEGIN {
	if (!seed) seed = 20240517
	for (p = 0; p < pairs; p++) {
		n = 60 + rnd(60)
		for (i = 1; i <= n; i++)
			a[i] = b[i] = sprintf("%c%d", 97 + rnd(26), rnd(9000))
		k = rnd(int(n * 0.09) + 1)
		for (i = 0; i < k; i++)
			b[1 + rnd(n)] = sprintf("q%d", rnd(90000))
		print "{\"text\":\"" text_of(a, n) "\",\"id\":\"b" p "\"}"
		print "{\"text\":\"" text_of(b, n) "\",\"id\":\"n" p "\"}"
		printf "b%d n%d %.6f\n", p, p, jaccard(a, b, n) >list
	}
}
