/* repeats.h - finds documents, and lines of documents, that came before
 *
 * The work has two steps: repeats_mark computes the keys of a document, in any
 * thread; repeats_judge looks them up in the tables and adds them, one document
 * after another in input order. So the result does not depend on threads.
 *
 * The first of several duplicates is kept. The keys of dropped documents are
 * remembered too: a document near a duplicate is a duplicate.
 */
#ifndef PIPELM_REPEATS_H
#define PIPELM_REPEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/format/doc.h"
#include "common/dedup/clusters.h"
#include "common/dedup/minhash.h"

/* Bits of modes, in the order in which they are applied. */
enum {
	REPEAT_URL = 1,		/* the same URL */
	REPEAT_EXACT = 2,	/* the same text */
	REPEAT_NEAR = 4,	/* MinHash, see minhash.h */
	REPEAT_PARAGRAPH = 8,	/* parts between blank lines */
	REPEAT_LINE = 16
};

struct repeats_options {
	int modes;
	int bands, rows, nword;		/* for REPEAT_NEAR */
	uint64_t seed;
	size_t memory;			/* bytes, for all tables */
	size_t least;			/* shorter lines and paragraphs are kept */
	bool clusters;			/* number documents, join duplicates */
};

/* The least memory that tables for such options can do with. */
size_t repeats_least_memory(const struct repeats_options *o);

struct repeats;
struct repeats *repeats_new(const struct repeats_options *o);
void repeats_free(struct repeats *r);

/* The keys of a document. Zero-initialise it; free it with repeat_marks_free. */
struct repeat_marks {
	uint64_t url, exact;
	uint64_t *near;			/* one per band */
	bool has_url, has_near;
	struct repeat_part {
		uint64_t key;
		size_t at, len;		/* bytes in the text */
		bool counts;		/* long enough to be dropped */
	} *part;
	size_t npart, part_cap;
};
void repeat_marks_free(struct repeat_marks *k);

/* Working memory of a thread. */
struct repeat_scratch {
	struct minhash_scratch minhash;
	uint32_t *sig;
	struct buf url;
};
void repeat_scratch_free(struct repeat_scratch *s);

void repeats_mark(const struct repeats *r, struct repeat_scratch *s,
	struct doc *doc, struct repeat_marks *k);

/* Returns 0 when the document is kept; its text is replaced (doc_set_text) if
 * lines or paragraphs were dropped. Otherwise returns the mode that drops it:
 * REPEAT_PARAGRAPH or REPEAT_LINE when nothing was left of the text. */
int repeats_judge(struct repeats *r, struct doc *doc,
	const struct repeat_marks *k);

/* The clusters of documents, when they were asked for. */
struct clusters *repeats_clusters(struct repeats *r);

/* Counts: lines or paragraphs dropped; keys known; the number of documents (or
 * parts) that the fullest table can hold before it forgets; how often a table
 * was replaced. */
struct repeats_counts {
	uint64_t parts, bytes, known, room;
	unsigned turns;
};
void repeats_count(const struct repeats *r, struct repeats_counts *c);

/* Appends the normalised form of a URL to key: the host in lower case, without
 * scheme, "www.", user, default port, fragment and trailing slashes. False when
 * s[0..n) is not an http or https URL. */
bool repeats_url_key(const char *s, size_t n, struct buf *key);

#endif
