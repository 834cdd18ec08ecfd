/* repeats.h - which documents, and which of their lines, came before
 *
 * Work is in two steps: repeats_mark computes the keys of a document, in any
 * thread; repeats_judge asks and fills the tables, one document after the
 * other in the order of the input. So the result does not depend on threads.
 *
 * The first of equals stays. All keys of a document are remembered, of one
 * that is dropped too: what is near to a repeat is a repeat.
 */
#ifndef PIPELM_REPEATS_H
#define PIPELM_REPEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/format/doc.h"
#include "common/dedup/clusters.h"
#include "common/dedup/minhash.h"

/* Bits of modes, in the order in which they are asked. */
enum {
	REPEAT_URL = 1,		/* the same address */
	REPEAT_EXACT = 2,	/* the same text */
	REPEAT_NEAR = 4,	/* MinHash, see minhash.h */
	REPEAT_PARAGRAPH = 8,	/* parts between blank lines */
	REPEAT_LINE = 16
};

struct repeats_options {
	int modes;
	int bands, rows, nword;		/* of REPEAT_NEAR */
	uint64_t seed;
	size_t memory;			/* bytes for all tables */
	size_t least;			/* shorter lines and paragraphs stay */
	bool clusters;			/* number documents, join repeats */
};

/* The least memory that tables for such options can do with. */
size_t repeats_least_memory(const struct repeats_options *o);

struct repeats;
struct repeats *repeats_new(const struct repeats_options *o);
void repeats_free(struct repeats *r);

/* Keys of a document. Zero-initialise; repeat_marks_free. */
struct repeat_marks {
	uint64_t url, exact;
	uint64_t *near;			/* bands */
	bool has_url, has_near;
	struct repeat_part {
		uint64_t key;
		size_t at, len;		/* bytes of the text */
		bool counts;		/* long enough to be dropped */
	} *part;
	size_t npart, part_cap;
};
void repeat_marks_free(struct repeat_marks *k);

/* Scratch of a thread. */
struct repeat_scratch {
	struct minhash_scratch minhash;
	uint32_t *sig;
	struct buf url;
};
void repeat_scratch_free(struct repeat_scratch *s);

void repeats_mark(const struct repeats *r, struct repeat_scratch *s,
	struct doc *doc, struct repeat_marks *k);

/* 0 when the document stays; its text is changed (doc_set_text) when lines or
 * paragraphs were dropped. Else the mode by which it goes; of
 * REPEAT_PARAGRAPH and REPEAT_LINE, since nothing was left. */
int repeats_judge(struct repeats *r, struct doc *doc,
	const struct repeat_marks *k);

/* The forest of documents, when asked for. */
struct clusters *repeats_clusters(struct repeats *r);

/* Counts: lines or paragraphs dropped; keys known; the documents (or parts)
 * that the tightest table has room for before it forgets; how often a table
 * became old. */
struct repeats_counts {
	uint64_t parts, bytes, known, room;
	unsigned turns;
};
void repeats_count(const struct repeats *r, struct repeats_counts *c);

/* The normal form of a web address, appended to key: scheme, "www.", user,
 * standard port, fragment and slashes at the end left out, host in lower case.
 * False when s[0..n) is no http or https address. */
bool repeats_url_key(const char *s, size_t n, struct buf *key);

#endif
