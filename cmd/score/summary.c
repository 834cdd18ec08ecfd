/* summary.c - the last line on standard error: see score.h */
#include "cmd/score/score.h"

#include <inttypes.h>
#include <math.h>

#include "common/base/progress.h"

void summarize_loss(const char *what, uint64_t n, const struct tally *t)
{
	double loss = t->tokens ? t->loss / (double)t->tokens : NAN;

	progress_summary("%s=%" PRIu64 " tokens=%" PRIu64 " bytes=%" PRIu64
		" loss=%.4f perplexity=%.4f bits/byte=%.4f", what, n,
		t->tokens, t->bytes, loss, exp(loss),
		t->bytes ? t->loss / log(2) / (double)t->bytes : NAN);
}

void summarize_recitals(const struct recitals *s)
{
	progress_summary("documents=%" PRIu64 " too_short=%" PRIu64
		" tokens=%" PRIu64 " of=%" PRIu64 " longest=%zu",
		s->texts, s->brief, s->tokens, s->of, s->longest);
}

void summarize_choices(const struct choices_totals *t)
{
	double n = (double)t->questions;

	progress_summary("questions=%" PRIu64 " acc=%.4f acc_norm=%.4f "
		"chance=%.4f majority=%.4f", t->questions,
		(double)t->right / n, (double)t->right_norm / n,
		t->chance / n, (double)t->majority / n);
}
