/* minhash.c - MinHash signatures: see minhash.h. The text is normalised (words
 * in lower case, separated by zero bytes), its words are hashed, consecutive
 * hashes are combined into shingles, and every permutation takes its minimum.
 */
#include "common/dedup/minhash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cpu.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/dedup/minhash_kernel.h"

#define GROUP 16	/* signatures are computed in multiples of this */

struct minhash {
	const struct minhash_kernel *kernel;
	int bands, rows, nword;
	size_t padded;		/* number of permutations, a multiple of GROUP */
	uint32_t *a, *b;	/* h_j(x) = x * a[j] + b[j], a odd */
	uint32_t *weights;	/* one per word of a shingle; odd */
	uint64_t seed;
};

static const struct minhash_kernel *best_kernel(void)
{
	static const struct minhash_kernel *const forms[ISA_COUNT] = {
		[ISA_C] = &minhash_plain,
#ifdef __x86_64__
		[ISA_AVX2] = &minhash_avx2,
		[ISA_AVX512] = &minhash_avx512,
#endif
	};
	const struct minhash_kernel *form;

	CPU_CHOOSE(form, forms);
	return form;
}

struct minhash *minhash_new(int bands, int rows, int nword, uint64_t seed)
{
	struct minhash *m = xcalloc(1, sizeof *m);
	size_t j;

	m->kernel = best_kernel();
	m->bands = bands;
	m->rows = rows;
	m->nword = nword;
	m->seed = seed;
	m->padded = ((size_t)bands * (size_t)rows + GROUP - 1) / GROUP * GROUP;
	m->a = xaligned(m->padded * sizeof *m->a);
	m->b = xaligned(m->padded * sizeof *m->b);
	m->weights = xcalloc((size_t)nword, sizeof *m->weights);
	for (j = 0; j < m->padded; j++) {
		uint64_t r = rng_u64(seed, RNG_DEDUP, 0, j);

		m->a[j] = (uint32_t)r | 1;
		m->b[j] = (uint32_t)(r >> 32);
	}
	for (j = 0; j < (size_t)nword; j++)
		m->weights[j] = (uint32_t)rng_u64(seed, RNG_DEDUP, 1, j) | 1;
	return m;
}

void minhash_free(struct minhash *m)
{
	free(m->a);
	free(m->b);
	free(m->weights);
	free(m);
}

int minhash_length(const struct minhash *m)
{
	return m->bands * m->rows;
}

void minhash_scratch_free(struct minhash_scratch *s)
{
	buf_free(&s->low);
	free(s->hashes);
	*s = (struct minhash_scratch){ 0 };
}

/* ---- normalisation ---- */

/* Scripts written without spaces, by Unicode block: Thai, Lao, Myanmar, Khmer,
 * kana, Han and its extensions. */
static bool is_word_alone(uint32_t c)
{
	return (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x1000 && c <= 0x109f) ||
		(c >= 0x1780 && c <= 0x17ff) || (c >= 0x3040 && c <= 0x30ff) ||
		(c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
		(c >= 0x20000 && c <= 0x3ffff);
}

/* Writes the normalised form of c and returns its length, at most 5. */
static size_t normal_character(uint32_t c, char *out)
{
	unsigned class = unicode_class(c);
	size_t n;

	if (!(class & UNI_WORD)) {
		out[0] = 0;
		return 1;
	}
	/* A mark belongs to the character before it. */
	if (is_word_alone(c) && !(class & UNI_MARK)) {
		out[0] = 0;
		n = 1 + (size_t)utf8_encode(out + 1, c);
		return n;
	}
	return (size_t)utf8_encode(out, class & UNI_UPPER ?
		unicode_lower(c) : c);
}

/* Writes the normalised form of s[0..n) to low, followed by zeros. Runs of ASCII
 * go to the kernel; each run between them contains at least one non-ASCII
 * character. */
static void normalise(const struct minhash_kernel *k, const char *s, size_t n,
	struct buf *low)
{
	char *to;
	size_t i = 0, done;

	buf_reset(low);
	to = buf_room(low, 2 * n + 2 * MINHASH_PAD);
	for (;;) {
		bool other = false;

		done = k->lower(s + i, n - i, to);
		i += done;
		to += done;
		if (i == n)
			break;
		while (i < n && (!other || (s[i] & 0x80))) {
			uint32_t c = (unsigned char)s[i];

			other = c >= 0x80;
			if (!other) {
				minhash_plain.lower(s + i++, 1, to++);
				continue;
			}
			i += (size_t)utf8_decode(s + i, n - i, &c, NULL);
			to += normal_character(c, to);
		}
	}
	low->n = (size_t)(to - low->p);
	memset(to, 0, MINHASH_PAD);
}

void minhash_words(const char *text, size_t len, struct buf *low)
{
	normalise(&minhash_plain, text, len, low);
}

/* ---- signatures ---- */

/* Hashes the words of s->low into s->hashes; returns their number. */
static size_t hash_words(const struct minhash *m, struct minhash_scratch *s)
{
	size_t most = s->low.n / 2 + 1;

	if (s->cap < most) {
		s->cap = 2 * most;
		s->hashes = xrealloc(s->hashes, s->cap, sizeof *s->hashes);
	}
	return m->kernel->words(s->low.p, s->low.n, s->hashes);
}

/* Signs a text that is a single shingle. 32 bits of hash would make two of some
 * ten thousand short texts equal, so all rows derive from 64 bits. */
static void sign_short(const struct buf *low, size_t length, uint32_t *sig)
{
	const char *s = low->p, *end = s + low->n;
	uint64_t h = 0;
	size_t j, n;

	while (s < end) {
		n = strlen(s);
		if (n)
			h = hash64_seed(s, n, h);
		s += n + 1;
	}
	for (j = 0; j < length; j++)
		sig[j] = (uint32_t)hash_mix(h + j);
}

size_t minhash_sign(const struct minhash *m, struct minhash_scratch *s,
	const char *text, size_t len, uint32_t *sig)
{
	size_t length = (size_t)minhash_length(m), n, done;
	uint32_t tail[GROUP];

	normalise(m->kernel, text, len, &s->low);
	n = hash_words(m, s);
	if (n && n <= (size_t)m->nword) {
		sign_short(&s->low, length, sig);
		return 1;
	}
	if (n)
		n = m->kernel->shingles(s->hashes, n, m->nword, m->weights);
	done = length / GROUP * GROUP;
	m->kernel->sign(s->hashes, n, m->a, m->b, done, sig);
	if (done < length) {
		m->kernel->sign(s->hashes, n, m->a + done, m->b + done, GROUP,
			tail);
		memcpy(sig + done, tail, (length - done) * sizeof *tail);
	}
	return n;
}

void minhash_keys(const struct minhash *m, const uint32_t *sig, uint64_t *keys)
{
	size_t rows = (size_t)m->rows;
	int i;

	for (i = 0; i < m->bands; i++)
		keys[i] = hash64_seed(sig + (size_t)i * rows,
			rows * sizeof *sig, (uint64_t)i + 1);
}
