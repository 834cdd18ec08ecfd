/* split_scan.h - inside of split.c: bit masks of character classes
 *
 * A window of text is first classified, 64 bytes at a time, into one bit a
 * byte and class; then words are found by looking for the ends of runs in
 * those masks. All bytes of a character have the bits of the character, so
 * that a run of letters is a run of bits. Masks of one block of 64 bytes are
 * neighbours: one cache line a block.
 */
#ifndef PIPELM_SPLIT_SCAN_H
#define PIPELM_SPLIT_SCAN_H

#include <stddef.h>
#include <stdint.h>

enum split_mask {
	LETTER, NUMBER, SPACE, OTHER,	/* exactly one is set in a byte */
	CONT,		/* not the first byte of its character */
	NEWLINE,	/* \r or \n */
	UPPERISH, LOWERISH,	/* as in unicode.h */
	NMASK
};

/* Classifies text[0..n) into masks[NMASK * (n / 64 + 2)]; bits behind the
 * text are 0, so that every run ends. */
void split_classify(uint64_t *masks, const unsigned char *text, size_t n);

/* Classifies nblock blocks of 64 bytes as if they were ASCII; in CONT it leaves
 * the bytes that are not, which have no other bit. The plain form is the
 * definition; one set per ISA in split_simd.c. */
void split_ascii_c(uint64_t *masks, const unsigned char *text, size_t nblock);
void split_ascii_avx2(uint64_t *masks, const unsigned char *text,
	size_t nblock);
void split_ascii_avx512(uint64_t *masks, const unsigned char *text,
	size_t nblock);

/* Finds words in text[0..n), classified in masks, and writes their ends, plus
 * base, to ends[]; returns how many. *used becomes the end of the last. Stops
 * before a word that what follows text[n) could change, unless last. */
struct split_job {
	const uint64_t *masks;
	const unsigned char *text;
	size_t n, base, used;
	int last;
	size_t *ends;
};
size_t split_words_gpt2(struct split_job *job);
size_t split_words_smollm(struct split_job *job);
size_t split_words_cl100k(struct split_job *job);
size_t split_words_o200k(struct split_job *job);

#endif
