/* windows.c - scores windows of tokens: see score.h */
#include "cmd/score/score.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/size.h"
#include "common/train/data.h"
#include "common/train/trainer.h"

/* The tokens must be those of the model's vocabulary. */
static void check_tokens(const struct data *d, const struct generator *g)
{
	const struct tok_info *info = data_info(d);

	if (info->tokenizer && info->tokenizer != vocab_hash(g->vocab))
		die("%s: the tokens were not made with this model's tokenizer",
			g->dir);
}

void score_windows(char **files, struct generator *g,
	const struct scorer_options *so, bool separate, struct output *out)
{
	bool stream = !*files || (!strcmp(*files, "-") && !files[1]);
	struct data *d = stream ? data_stream(so->context) :
		data_shards(files, so->context, 0);
	size_t n = size_max(so->batch / so->context, 1);
	struct activations *a = activations_new(g->model, n, so->context,
		KEEP_NOTHING);
	struct rows rows;
	struct evaluation e;
	struct tally t;
	struct buf line = { 0 };

	check_tokens(d, g);
	if (separate && data_info(d)->eot < 0)
		die("--separate: the tokens have no end-of-text id");
	rows_init(&rows, n, so->context);
	e = evaluate(g->model, a, d, &rows, 0, g->vocab,
		separate ? data_info(d)->eot : -1);
	data_drain(d);
	t = (struct tally){ .tokens = e.tokens, .bytes = e.bytes,
		.loss = e.tokens ? e.loss * (double)e.tokens : 0 };
	buf_printf(&line, "{\"windows\":%" PRIu64, e.windows);
	tally_write(&t, &line);
	buf_str(&line, "}\n");
	output_write(out, line.p, line.n);
	summarize_loss("windows", e.windows, &t);
	buf_free(&line);
	rows_free(&rows);
	activations_free(a);
	data_free(d);
}
