/* decode.c - tokenize -d: see tokenize.h */
#include <inttypes.h>
#include <stdlib.h>

#include "cmd/tokenize/tokenize.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/shard.h"
#include "common/format/tokstream.h"
#include "common/format/whatis.h"
#include "common/token/encode.h"

#define BLOCK ((size_t)16 << 10)

struct decoder {
	const struct vocab *v;
	struct output *out;
	bool specials;
	int64_t before;		/* the last token; -1 at the start */
	struct buf bytes;
};

_Noreturn static void die_unknown(const struct vocab *v, const uint32_t *ids,
	const char *name)
{
	size_t n;

	while (vocab_bytes(v, *ids, &n))
		ids++;
	die("%s: the id %" PRIu32 " is not in the vocabulary", name, *ids);
}

static void write_bytes(struct decoder *d, const uint32_t *ids, size_t n,
	const char *name)
{
	buf_reset(&d->bytes);
	if (tok_decode_on(d->v, &d->before, ids, n, d->specials, &d->bytes))
		die_unknown(d->v, ids, name);
	output_write(d->out, d->bytes.p, d->bytes.n);
}

static void decode_binary(struct decoder *d, struct input *in)
{
	struct tokstream_reader *r = tokstream_open_input(in);
	const struct tok_info *info = tokstream_info(r);
	uint32_t *ids = xmalloc(BLOCK * sizeof *ids);
	size_t n;

	if (info->tokenizer && info->tokenizer != vocab_hash(d->v))
		die("%s: made with another tokenizer", tokstream_name(r));
	d->before = -1;
	while ((n = tokstream_read(r, ids, BLOCK)) > 0)
		write_bytes(d, ids, n, tokstream_name(r));
	free(ids);
	tokstream_close(r);
}

static _Noreturn void die_no_ids(struct input *in, const char *s, size_t len)
{
	const char *note = "";

	if (input_lineno(in) == 1)
		note = whatis_note(input_name(in));
	if (input_lineno(in) == 1 && !*note)
		note = whatis_note_bytes(s, len);
	die("%s:%" PRIu64 ": not ids as decimal text, nor a token stream%s",
		input_name(in), input_lineno(in), note);
}

/* Decodes one line of decimal numbers separated by blanks. */
static void decode_line(struct decoder *d, struct input *in, const char *s,
	size_t len, struct ids *ids)
{
	size_t i = 0;

	ids->n = 0;
	while (i < len) {
		uint64_t id = 0;

		if (s[i] == ' ' || s[i] == '\t' || s[i] == '\r') {
			i++;
			continue;
		}
		for (; i < len && s[i] >= '0' && s[i] <= '9'; i++)
			id = id < UINT32_MAX ? 10 * id + (uint64_t)(s[i] - '0')
				: id;
		if ((i < len && s[i] != ' ' && s[i] != '\t' && s[i] != '\r') ||
			id >= VOCAB_MAX)
			die_no_ids(in, s, len);
		ids_add(ids, (uint32_t)id);
	}
	d->before = -1;
	write_bytes(d, ids->v, ids->n, input_name(in));
}

static void decode_text(struct decoder *d, struct input *in)
{
	struct ids ids = { 0 };
	char *line;
	size_t len;

	while (input_line(in, &line, &len, 0))
		decode_line(d, in, line, len, &ids);
	ids_free(&ids);
}

static void decode_file(struct decoder *d, const char *name)
{
	struct input *in = input_open(name);
	const void *p;
	size_t n = input_peek(in, &p, 4);

	if (n && (shard_is(p, n) || *(const unsigned char *)p == 0x89)) {
		decode_binary(d, in);
	} else {
		decode_text(d, in);
		input_close(in);
	}
}

void decode_files(const struct vocab *v, char **names, const char *output,
	bool specials)
{
	struct decoder d = { v, output_open(output), specials, -1,
		{ 0 } };

	for (names = input_names(names); *names; names++)
		decode_file(&d, *names);
	output_close(d.out);
	buf_free(&d.bytes);
}
