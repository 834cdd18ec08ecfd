/* score.h - shared by the parts of score(1) */
#ifndef SCORE_H
#define SCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/io.h"
#include "common/score/choices.h"
#include "common/score/recite.h"
#include "common/score/scorer.h"
#include "common/score/texts.h"

enum result {
	RESULT_LOSS,		/* loss, perplexity, bits per byte */
	RESULT_TOKENS,		/* a line per token */
	RESULT_RECITAL		/* verbatim memory */
};

struct text_options {
	struct texts_options texts;
	enum result result;
	bool each;		/* a line per text, not the totals */
	bool tsv;		/* of tokens */
	size_t prefix;		/* tokens given before a recital */
	const char *html;	/* file of a page, or NULL */
	uint64_t html_texts;	/* texts on it */
	size_t html_top;	/* alternatives at each token */
};

/* Scores documents or conversations and writes the result; the totals also go
 * to standard error. */
void score_texts(char **files, struct generator *g,
	const struct scorer_options *so, const struct text_options *o,
	struct output *out);

/* The same for windows of shards, or of the token stream of standard input, as
 * the validation of pretrain computes it. */
void score_windows(char **files, struct generator *g,
	const struct scorer_options *so, bool separate, struct output *out);

/* Print the summary line. what: what n counts. */
void summarize_loss(const char *what, uint64_t n, const struct tally *t);
void summarize_recitals(const struct recitals *s);
void summarize_choices(const struct choices_totals *t);

#endif
