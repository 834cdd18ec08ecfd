/* generate - continue prompts with a model: generate(1) */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/hash.h"
#include "common/base/io.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/format/records.h"
#include "common/sample/order.h"
#include "common/sample/show.h"
#include "common/sample/speaker.h"

static struct {
	const char *model, *output;
	int64_t length, samples, rows, top;
	bool jsonl, ids, logprobs, echo, ignore_eos;
	struct option_list stop;
	struct wording wording;
	struct sampling sampling;
} o = {
	.length = 256, .samples = 1, .rows = 32,
	.sampling = { .temperature = 0.8, .top_p = 0.95, .repeat_penalty = 1,
		.repeat_last = 64 }
};

static const struct program program = {
	"generate", "[PROMPT]\n--jsonl [FILE ...]",
	"continue prompts with a model"
};

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.model, "DIR", "the model directory" },
	{ 'n', "length", OPT_INT, &o.length, "N", "tokens at most (256)" },
	{ 'N', "samples", OPT_INT, &o.samples, "N",
	  "answers to each prompt (1)" },
	OPT_SAMPLING(o.sampling, "0.8", "0.95"),
	OPT_SEED,
	OPT_STOP(o.stop),
	{ 0, "ignore-eos", OPT_FLAG, &o.ignore_eos, NULL,
	  "+go on after the token that ends a text" },
	OPT_WORDING(o.wording),
	{ 0, "echo", OPT_FLAG, &o.echo, NULL, "+repeat the prompt first" },
	{ 0, "jsonl", OPT_FLAG, &o.jsonl, NULL,
	  "JSON lines in and out: prompt or messages, ids, text" },
	{ 0, "top", OPT_INT, &o.top, "K",
	  "+with --jsonl: the K largest logits after the prompt" },
	{ 0, "logprobs", OPT_FLAG, &o.logprobs, NULL,
	  "+logprobs of the tokens; without --jsonl, a token a line" },
	{ 0, "ids", OPT_FLAG, &o.ids, NULL,
	  "+prompt and answer are token ids, not text" },
	{ 0, "parallel", OPT_INT, &o.rows, "N",
	  "+answers decoded at once (32)" },
	OPT_OUTPUT(o.output),
	OPT_THREADS,
	OPT_RECORDS,
	OPT_COMMON
};

static struct speaker speaker;
static struct output *out;
static struct order order;
static struct records *records;		/* --jsonl */
static struct asking *single;		/* the one prompt, not yet asked */
static char *prompt;			/* its text, or its ids in decimal */
static size_t prompt_len;
static struct sampler *sampler;		/* --top */
static struct map asked;		/* hash of a prompt's ids -> how often */
static struct buf line;			/* of output, in the making */
static bool terminal;

static void put_line(void)
{
	output_write(out, line.p, line.n);
	buf_reset(&line);
}

static void put_text(const char *s, size_t n)
{
	if (!n)
		return;
	if (terminal)
		show_safe(&line, s, n);
	else
		buf_add(&line, s, n);
	put_line();
}

/* ---- answers as text ---- */

static void add_ids(const struct ids *ids)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		buf_printf(&line, "%s%" PRIu32, line.n ? " " : "", ids->v[i]);
}

static void put_ids(const struct asking *q, const struct answer *a)
{
	if (o.echo)
		add_ids(&q->ids);
	add_ids(&a->ids);
	buf_putc(&line, '\n');
	put_line();
}

/* The text of n ids as a JSON string. */
static void add_text(const uint32_t *ids, size_t n)
{
	struct buf text = { 0 };

	tok_decode(speaker.vocab, ids, n, &text);
	json_add_string(&line, text.p, text.n);
	buf_free(&text);
}

/* A token a line: logprob, id, text as a JSON string, or null where there is
 * no tokenizer. */
static void put_logprobs(const struct answer *a)
{
	size_t i;

	for (i = 0; i < a->ids.n; i++) {
		buf_printf(&line, "%.6f\t%" PRIu32 "\t",
			(double)a->logprob[i], a->ids.v[i]);
		if (speaker.vocab)
			add_text(&a->ids.v[i], 1);
		else
			buf_str(&line, "null");
		buf_putc(&line, '\n');
	}
	put_line();
}

/* The one answer is put out as it comes. */
static bool streams(void)
{
	return !o.jsonl && !o.ids && !o.logprobs && o.samples == 1;
}

static void write_text(void *ctx, struct asking *q, struct answer *a)
{
	if (q->written)
		output_str(out, "---\n");
	if (o.logprobs) {
		put_logprobs(a);
	} else if (o.ids) {
		put_ids(q, a);
	} else {
		if (o.echo && !streams())
			put_text(prompt, prompt_len);
		put_text(a->text.p + a->shown, a->text.n - a->shown);
		output_putc(out, '\n');
	}
	output_flush(out);
}

/* Puts out what has come to stay, whole characters. */
static bool stream(void *ctx, struct answer *a)
{
	size_t n = answer_settled(a, &speaker.ending);

	if (n <= a->shown)
		return true;
	put_text(a->text.p + a->shown, n - a->shown);
	output_flush(out);
	a->shown = n;
	return true;
}

/* ---- answers as JSON ---- */

static void note_top(void *ctx, struct prompt *p, const float *logits)
{
	struct asking *q = (struct asking *)p;
	size_t most = (size_t)o.top, n, i;
	uint32_t *ids;

	most = most < speaker.usable ? most : speaker.usable;
	ids = xcalloc(most, sizeof *ids);
	n = sampler_top(sampler, logits, speaker.usable, most, ids);
	buf_putc(&q->top, '[');
	for (i = 0; i < n; i++) {
		buf_printf(&q->top, "%s[%" PRIu32 ",", i ? "," : "", ids[i]);
		json_add_float(&q->top, logits[ids[i]]);
		buf_putc(&q->top, ']');
	}
	buf_putc(&q->top, ']');
	free(ids);
}

/* The id of the prompt's line, byte for byte. */
static void add_id(const struct asking *q)
{
	struct json id;

	if (!json_field(&q->fields, "id", &id))
		return;
	json_add_key(&line, "id");
	buf_add(&line, id.p, id.n);
}

static void add_numbers(const struct asking *q, const struct answer *a)
{
	json_add_key(&line, "prompt_ids");
	json_add_ints(&line, (const int32_t *)q->ids.v, q->ids.n);
	json_add_key(&line, "ids");
	json_add_ints(&line, (const int32_t *)a->ids.v, a->ids.n);
	if (!o.logprobs)
		return;
	json_add_key(&line, "logprobs");
	json_add_floats(&line, a->logprob, a->ids.n);
}

static void write_json(void *ctx, struct asking *q, struct answer *a)
{
	buf_putc(&line, '{');
	add_id(q);
	if (o.samples > 1) {
		json_add_key(&line, "sample");
		json_add_int(&line, (int64_t)a->index);
	}
	add_numbers(q, a);
	json_add_key(&line, "text");
	if (speaker.vocab)
		json_add_string(&line, a->text.p, a->text.n);
	else
		buf_str(&line, "null");
	json_add_key(&line, "stop");
	json_add_cstring(&line, answer_stop_name(a->stop));
	if (q->top.n) {
		json_add_key(&line, "top");
		buf_add(&line, q->top.p, q->top.n);
	}
	buf_str(&line, "}\n");
	put_line();
}

static void done(void *ctx, struct answer *a)
{
	order_done(&order, a);
}

/* ---- prompts ---- */

/* A function of the ids, and of how often they have been asked before: what
 * else is asked makes no difference. */
static uint64_t random_key(const struct ids *ids)
{
	uint64_t hash = hash64(ids->v, ids->n * sizeof *ids->v);
	uint64_t *times = map_put(&asked, &hash, sizeof hash, NULL);

	return hash_mix(hash + (*times)++);
}

/* Sets what the engine needs; NULL, or why the prompt cannot be asked. */
static const char *make_ready(struct asking *q)
{
	q->prompt.most = speaker_room(&speaker, q->ids.n, o.length);
	if (q->ids.n > speaker.model->config.context ||
		(!q->prompt.most && o.length))
		return "the prompt leaves no room in the model's context";
	q->prompt.key = random_key(&q->ids);
	order_ready(&order, q, (size_t)o.samples);
	return NULL;
}

/* The prompt of a record, or NULL: it was reported. */
static struct prompt *take_record(const struct record *rec)
{
	struct json_error error;
	struct asking *q = order_add_record(rec, &error);
	const char *why;

	if (!q) {
		records_bad_json(records, rec, &error);
		return NULL;
	}
	why = speaker_object(&speaker, &o.wording, &q->fields, &q->ids);
	if (!why)
		why = make_ready(q);
	if (why) {
		records_bad(records, rec, "%s", why);
		order_drop(q);
		return NULL;
	}
	return &q->prompt;
}

static struct prompt *next_record(void *ctx)
{
	struct record rec;
	struct prompt *p = NULL;

	while (!p && records_next(records, &rec))
		p = take_record(&rec);
	return p;
}

static struct prompt *next_single(void *ctx)
{
	struct asking *q = single;

	single = NULL;
	return q ? &q->prompt : NULL;
}

/* Decimal ids with blanks between. */
static void parse_ids(const char *s, struct ids *ids)
{
	for (;;) {
		char *end;
		unsigned long id;

		while (isspace((unsigned char)*s))
			s++;
		if (!*s)
			break;
		errno = 0;
		id = strtoul(s, &end, 10);
		if (!isdigit((unsigned char)*s) || errno ||
			id >= speaker.model->config.vocab ||
			(*end && !isspace((unsigned char)*end)))
			die("the prompt: '%.20s' is no id of the model", s);
		ids_add(ids, (uint32_t)id);
		s = end;
	}
	if (!ids->n)
		die("the prompt is empty");
}

/* The operand, or standard input without its last newline. */
static void read_single(const char *operand)
{
	if (operand && strcmp(operand, "-")) {
		prompt = xstrdup(operand);
		prompt_len = strlen(prompt);
		return;
	}
	if (isatty(STDIN_FILENO) && !option_quiet)
		warn("reading the prompt from the terminal, up to Ctrl-D");
	prompt = file_read("-", &prompt_len);
	if (prompt_len && prompt[prompt_len - 1] == '\n')
		prompt[--prompt_len] = 0;
}

static void take_single(void)
{
	struct asking *q = order_add();
	const char *why = NULL;

	if (o.ids)
		parse_ids(prompt, &q->ids);
	else
		why = speaker_text(&speaker, &o.wording, prompt, prompt_len,
			&q->ids);
	if (!why)
		why = make_ready(q);
	if (why)
		die("%s", why);
	if (o.echo && streams())
		put_text(prompt, prompt_len);
	single = q;
}

/* ---- the program ---- */

static void check_options(char **operands)
{
	option_range("length", o.length, 0, INT64_MAX);
	option_range("samples", o.samples, 1, SAMPLES_MAX);
	option_range("parallel", o.rows, 1, BATCH_MAX);
	option_range("top", o.top, 0, INT64_MAX);
	if (o.top && !o.jsonl)
		die_usage("--top needs --jsonl");
	if (o.jsonl && (o.ids || o.echo))
		die_usage("--ids and --echo do not go with --jsonl");
	if (o.echo && o.logprobs)
		die_usage("--echo does not go with --logprobs, where each "
			"line is a token of the answer");
	if (o.ids && (o.wording.chat || o.wording.system || o.wording.bos))
		die_usage("--ids: the prompt is ids already: --chat, --system "
			"and --bos do not go with it");
	if (!o.jsonl && operands[0] && operands[1])
		die_usage("more than one prompt: put it in quotes");
	sampling_finish(&o.sampling);
	wording_check(&o.wording);
}

static void run(void)
{
	struct engine_calls calls = { .done = done };

	calls.next = o.jsonl ? next_record : next_single;
	order.write = o.jsonl ? write_json : write_text;
	if (streams())
		calls.token = stream;
	if (o.top) {
		sampler = sampler_new(speaker.model->config.vocab);
		calls.read = note_top;
	}
	engine_run(speaker.engine, &o.sampling, (uint64_t)option_seed,
		&speaker.ending, speaker.usable, &calls);
	if (records)
		records_close(records);
	output_close(out);
	speaker_summary(&speaker);
}

int main(int argc, char **argv)
{
	argv += options_parse(&program, rows, argc, argv);
	mem_hint = "fewer samples (-N) or a smaller --parallel";
	check_options(argv);
	records_hint = "with --jsonl a line is {\"prompt\":\"...\"}";
	/* Input before the model: what is wrong with it shows at once. */
	if (o.jsonl)
		records = records_open(argv, "prompt");
	else
		read_single(argv[0]);
	if (!o.jsonl && o.samples < o.rows)
		o.rows = o.samples;
	(o.jsonl || o.ids ? speaker_open_ids : speaker_open)(&speaker,
		o.model, (size_t)o.rows, &o.stop, o.ignore_eos);
	out = output_open(o.output);
	terminal = !o.output && isatty(STDOUT_FILENO);
	if (!o.jsonl)
		take_single();
	run();
	sampler_free(sampler);
	speaker_close(&speaker);
	map_free(&asked);
	buf_free(&line);
	free(prompt);
	return 0;
}
