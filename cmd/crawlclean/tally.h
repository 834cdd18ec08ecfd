/* tally.h - what became of the pages of a run, for its summary and --stats */
#ifndef PIPELM_TALLY_H
#define PIPELM_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "cmd/crawlclean/clean.h"

enum { LIMITS = 3 };

/* Zero-initialise, except for the first two. */
struct tally {
	size_t max_page;		/* bytes, for messages */
	int rules_for;			/* enum rules_set_id */
	uint64_t outcomes[CLEAN_OUTCOMES];
	uint64_t drops[RULES], edits[RULES];
	uint64_t texts, texts_bytes;	/* plain text; the rest is HTML */
	uint64_t bytes_in, bytes_out, cut, replaced;
	uint64_t swollen;		/* too large only when decoded */
	uint64_t limited[LIMITS];	/* pages that reached a limit */
};

/* Counts a page, and reports one that is invalid or cannot be read. */
void tally_page(struct tally *t, struct raw_page *raw, struct cleaned *c);

/* The number of HTML pages so far. */
uint64_t tally_pages(const struct tally *t);

/* Print the summary line on standard error, including what was lost, and the
 * table of --stats. n: the counts of the reader. */
void tally_summary(const struct tally *t, const struct pages_counts *n);
void tally_write(const struct tally *t, const struct pages_counts *n,
	const char *file);

#endif
