/* surprise.c - writes each predicted token of a text: see surprise.h */
#include "common/score/surprise.h"

#include <inttypes.h>
#include <math.h>

#include "common/format/jsonwrite.h"

void surprise_write_header(struct output *out)
{
	output_str(out, "doc\ti\tid\tlogprob\tbits\trank\tentropy\ttext\n");
}

static void add_text(struct buf *line, const struct vocab *v, uint32_t id)
{
	size_t n;
	const char *s = vocab_bytes(v, id, &n);

	json_add_string(line, s ? s : "", s ? n : 0);
}

static void add_best(struct buf *line, const struct logit *best, size_t top)
{
	size_t k;

	json_add_key(line, "top");
	buf_putc(line, '[');
	for (k = 0; k < top; k++) {
		buf_printf(line, "%s[%" PRIu32 ",", k ? "," : "", best[k].id);
		json_add_float(line, best[k].logit);
		buf_putc(line, ']');
	}
	buf_putc(line, ']');
}

static void add_json(struct buf *line, const struct vocab *v,
	const struct text *x, size_t i, size_t top)
{
	const struct scores *s = &x->scores;

	buf_str(line, "{\"doc\":");
	buf_add(line, x->id.p, x->id.n);
	json_add_key(line, "i");
	json_add_int(line, (int64_t)i);
	json_add_key(line, "id");
	json_add_int(line, x->ids.v[i]);
	json_add_key(line, "text");
	add_text(line, v, x->ids.v[i]);
	json_add_key(line, "logprob");
	json_add_float(line, s->logprob[i]);
	json_add_key(line, "bits");
	json_add_float(line, (float)(-(double)s->logprob[i] / log(2)));
	json_add_key(line, "rank");
	json_add_int(line, s->rank[i]);
	json_add_key(line, "entropy");
	json_add_float(line, (float)((double)s->entropy[i] / log(2)));
	if (top)
		add_best(line, s->best + i * top, top);
	buf_str(line, "}\n");
}

static void add_tsv(struct buf *line, const struct vocab *v,
	const struct text *x, size_t i)
{
	const struct scores *s = &x->scores;

	buf_add(line, x->id.p, x->id.n);
	buf_printf(line, "\t%zu\t%" PRIu32 "\t%.6f\t%.4f\t%" PRId32 "\t%.4f\t",
		i, x->ids.v[i], (double)s->logprob[i],
		-(double)s->logprob[i] / log(2), s->rank[i],
		(double)s->entropy[i] / log(2));
	add_text(line, v, x->ids.v[i]);
	buf_putc(line, '\n');
}

void surprise_write(struct output *out, const struct vocab *v,
	const struct text *x, size_t top, bool tsv, struct buf *line)
{
	size_t i;

	for (i = 1; i < x->ids.n; i++) {
		if (x->mask && !x->mask[i])
			continue;
		buf_reset(line);
		if (tsv)
			add_tsv(line, v, x, i);
		else
			add_json(line, v, x, i, top);
		output_write(out, line->p, line->n);
	}
}
