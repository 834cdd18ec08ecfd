/* minhash - shingles and signatures, for tests
 *
 * minhash words		the words of each line of standard input, joined by '|'
 * minhash keys [B R W]		the band keys of each line
 * minhash jaccard [W]		for each line "A\tB" the exact Jaccard similarity
 *				of the shingle sets, from the plain words
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/dedup/minhash.h"

/* The shingles of text as keys of a map; each is words joined by '|'. */
static void add_shingles(struct map *m, const char *text, size_t n, int k)
{
	struct buf low = { 0 }, gram = { 0 };
	char *words[1 << 16];
	int nword = 0, i, j;
	size_t at;

	minhash_words(text, n, &low);
	for (at = 0; at < low.n && nword < 1 << 16;) {
		if (!low.p[at]) {
			at++;
			continue;
		}
		words[nword++] = low.p + at;
		at += strlen(low.p + at);
	}
	for (i = 0; i < nword && (i == 0 || i + k <= nword); i++) {
		buf_reset(&gram);
		for (j = i; j < i + k && j < nword; j++) {
			buf_str(&gram, words[j]);
			buf_putc(&gram, '|');
		}
		map_put(m, gram.p, gram.n, NULL);
	}
	buf_free(&low);
	buf_free(&gram);
}

static void jaccard(const char *line, size_t n, int k)
{
	const char *tab = memchr(line, '\t', n);
	struct map a = { 0 }, b = { 0 };
	size_t i, both = 0;

	if (!tab)
		die("no tab");
	add_shingles(&a, line, (size_t)(tab - line), k);
	add_shingles(&b, tab + 1, n - (size_t)(tab + 1 - line), k);
	for (i = 0; i < a.nslot; i++)
		both += a.slots[i].key && map_get(&b, a.slots[i].key,
			a.slots[i].len);
	printf("%.6f\n", (double)both / (double)(a.n + b.n - both));
	map_free(&a);
	map_free(&b);
}

static void show_words(const char *line, size_t n)
{
	struct buf low = { 0 };
	size_t i;
	int c, before = '|';

	minhash_words(line, n, &low);
	for (i = 0; i < low.n; i++) {
		c = low.p[i] ? low.p[i] : '|';
		if (c != '|' || before != '|')
			putchar(c);
		before = c;
	}
	putchar('\n');
	buf_free(&low);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int b = argc > 4 ? atoi(argv[2]) : 14, r = argc > 4 ? atoi(argv[3]) : 8;
	int k = argc > 4 ? atoi(argv[4]) : argc > 2 ? atoi(argv[2]) : 5, i;
	struct minhash *m = minhash_new(b, r, k, 1);
	struct minhash_scratch scratch = { 0 };
	uint32_t *sig = xcalloc((size_t)(b * r), sizeof *sig);
	uint64_t *keys = xcalloc((size_t)b, sizeof *keys);
	struct input *in = input_open("-");
	char *line;
	size_t n;

	err_init(argv[0]);
	while (input_line(in, &line, &n, 0)) {
		if (!strcmp(mode, "words")) {
			show_words(line, n);
		} else if (!strcmp(mode, "jaccard")) {
			jaccard(line, n, k);
		} else {
			printf("%zu", minhash_sign(m, &scratch, line, n, sig));
			minhash_keys(m, sig, keys);
			for (i = 0; i < b; i++)
				printf(" %016" PRIx64, keys[i]);
			putchar('\n');
		}
	}
	input_close(in);
	minhash_scratch_free(&scratch);
	minhash_free(m);
	free(sig);
	free(keys);
	return 0;
}
