/* split_scan.h - bit masks of character classes; private to split*.c
 *
 * A window of text is first classified, 64 bytes at a time, into one bit per
 * byte and class; then words are found by searching for the ends of runs in
 * those masks. All bytes of a character have the bits of the character, so a
 * run of letters is a run of bits. The masks of a block of 64 bytes are
 * adjacent: one cache line per block.
 */
#ifndef PIPELM_SPLIT_SCAN_H
#define PIPELM_SPLIT_SCAN_H

#include <stddef.h>
#include <stdint.h>

enum split_mask {
	LETTER, NUMBER, SPACE, OTHER,	/* each byte has exactly one of these */
	CONT,		/* not the first byte of its character */
	NEWLINE,	/* \r or \n */
	UPPERISH, LOWERISH,	/* as in unicode.h */
	NMASK
};

/* Classifies text[0..n) into masks[NMASK * (n / 64 + 2)]; bits after the text
 * are 0, so that every run ends. */
void split_classify(uint64_t *masks, const unsigned char *text, size_t n);

/* Classifies nblock blocks of 64 bytes as ASCII; non-ASCII bytes get only CONT.
 * The plain form is the reference; split_simd.c has one for each instruction
 * set. */
void split_ascii_c(uint64_t *masks, const unsigned char *text, size_t nblock);
void split_ascii_avx2(uint64_t *masks, const unsigned char *text,
	size_t nblock);
void split_ascii_avx512(uint64_t *masks, const unsigned char *text,
	size_t nblock);

/* Finds words in text[0..n), classified in masks, and writes their ends, plus
 * base, to ends[]; returns their number. *used is the end of the last one.
 * Unless `last`, stops before a word that could depend on what follows text[n). */
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
