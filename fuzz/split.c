/* split.c - fuzz target: the splitters; plain C and the instruction sets agree on
 * the classes, words cover the text, and a safe cut changes no word
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/cpu.h"
#include "common/base/mem.h"
#include "common/token/split.h"
#include "common/token/split_scan.h"
#include "fuzz/target.h"

static void same_classes(const uint8_t *data, size_t nblock)
{
	uint64_t *a = xaligned((nblock + 1) * NMASK * sizeof *a);
	uint64_t *b = xaligned((nblock + 1) * NMASK * sizeof *b);

	split_ascii_c(a, data, nblock);
#if defined(__x86_64__)
	if (cpu_isa() >= ISA_AVX2) {
		split_ascii_avx2(b, data, nblock);
		if (memcmp(a, b, nblock * NMASK * sizeof *a))
			abort();
	}
	if (cpu_isa() >= ISA_AVX512) {
		split_ascii_avx512(b, data, nblock);
		if (memcmp(a, b, nblock * NMASK * sizeof *a))
			abort();
	}
#endif
	free(a);
	free(b);
}

/* Marks the ends of the words of text in ends[0..len]. */
static void mark_ends(const struct splitter *s, const char *text, size_t len,
	char *ends)
{
	struct split w = { 0 };
	size_t n, i, last = 0;

	split_start(&w, s, text, len);
	while ((n = split_next(&w)) > 0)
		for (i = 0; i < n; i++) {
			if (w.ends[i] <= last || w.ends[i] > len)
				abort();
			last = w.ends[i];
			ends[last] = 1;
		}
	if (last != len)
		abort();
	split_free(&w);
}

static void check_pattern(const char *pattern, const char *text, size_t len)
{
	struct splitter *s = splitter_new(pattern, "fuzz");
	char *whole = xcalloc(len + 1, 1), *parts = xcalloc(len + 1, 1);
	size_t at = 0, cut;

	mark_ends(s, text, len, whole);
	while (at < len) {
		cut = at + split_safe_cut(s, text + at, len - at, 1);
		mark_ends(s, text + at, cut - at, parts + at);
		at = cut;
	}
	parts[0] = whole[0];
	if (memcmp(whole, parts, len + 1))
		abort();
	free(whole);
	free(parts);
	splitter_free(s);
}

static void target(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	same_classes(data, size / 64);
	check_pattern("gpt2", text, size);
	check_pattern("smollm", text, size);
	check_pattern("cl100k", text, size);
	check_pattern("o200k", text, size);
	check_pattern("[^\\s]+|\\s+(?=x)", text, size);
	check_pattern("[a-z&&[^aeiou]]+|\\h|[\\p{P}\\p{S}]", text, size);
	check_pattern("(?=[A-Z])|x*|(?<=\\d)(?=\\D)|\\b", text, size);
}
