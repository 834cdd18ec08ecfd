/* shard.c - token files in the layout of llm.c: see shard.h */
#include "common/format/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/leftovers.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/format/tokbytes.h"
#include "common/format/whatis.h"

#define MAGIC_16 20240520	/* uint16 tokens */
#define MAGIC_32 20240801	/* uint32 tokens */
#define TAG 0x316d6c70		/* "plm1" */
#define COUNT_MAX INT32_MAX
#define BLOCK ((size_t)16 << 10)

bool shard_is(const void *head, size_t n)
{
	uint32_t magic;

	if (n < 4)
		return false;
	magic = get_le32(head);
	return magic == MAGIC_16 || magic == MAGIC_32;
}

static uint32_t word(const unsigned char *head, int i)
{
	return get_le32(head + 4 * i);
}

/* PREFIX_provenance.txt, to be freed. */
static char *chain_path(const char *prefix, size_t n)
{
	static const char end[] = "_provenance.txt";
	char *file = xmalloc(n + sizeof end);

	memcpy(file, prefix, n);
	memcpy(file + n, end, sizeof end);
	return file;
}

/* The length of PREFIX in PREFIX_KIND_000001.bin; 0 for other names. */
static size_t prefix_length(const char *name)
{
	static const char *const kinds[] = { "_train_", "_val_" };
	size_t n = strlen(name), i, k;

	for (i = 0; i < 2; i++) {
		k = strlen(kinds[i]) + strlen("000001.bin");
		if (n > k && name_ends(name, ".bin") && !strncmp(name + n - k,
				kinds[i], strlen(kinds[i])))
			return n - k;
	}
	return 0;
}

char *shard_chain(const char *name)
{
	size_t prefix = prefix_length(name), n;
	char *file, *text = NULL, *c;

	if (!prefix)
		return NULL;
	file = chain_path(name, prefix);
	if (file_exists(file)) {
		text = file_read(file, &n);
		for (c = text; *c; c++)	/* it may reach a terminal */
			if (*c != '\n' && ((unsigned char)*c < 0x20 ||
					*c == 0x7f))
				*c = '?';
	}
	free(file);
	return text;
}

const char *shard_parse_header(struct shard *s, const unsigned char *head)
{
	uint32_t version = word(head, 1);

	s->info = (struct tok_info){ .eot = -1 };
	if (!shard_is(head, 4))
		return "not a shard: wrong magic";
	if (version != 1 && version != 7)
		return "a shard of an unknown version";
	if (word(head, 2) > COUNT_MAX)
		return "the shard's header has an invalid number of tokens";
	s->info.width = word(head, 0) == MAGIC_16 ? 2 : 4;
	s->count = word(head, 2);
	s->ours = word(head, 3) == TAG;
	if (!s->ours)
		return word(head, 3) ?
			"the shard's header is damaged: unknown tag" : NULL;
	if (word(head, 10) != crc32_add(0, head, 40))
		return "the shard's header is damaged: wrong CRC";
	s->info.vocab = word(head, 4);
	s->info.eot = (int32_t)word(head, 5);
	s->info.tokenizer = word(head, 6) | (uint64_t)word(head, 7) << 32;
	s->crc = word(head, 8);
	s->documents = word(head, 9);
	return NULL;
}

void shard_open(struct shard *s, const char *name)
{
	const char *why;
	size_t bytes;

	*s = (struct shard){ .name = name };
	if (file_is_dir(name))
		die("%s: is a directory, not a shard", name);
	file_map(name, &s->map);
	if (tokstream_is(s->map.p, s->map.n))
		die("%s: a token stream, not a shard: give it as standard "
			"input, or make shards of it with 'shard split'", name);
	if (!s->map.n || !shard_is(s->map.p, s->map.n))
		die("%s: not a shard%s", name, whatis_note(name));
	if (s->map.n < SHARD_HEADER)
		die("%s: too short for a shard: cut off?", name);
	why = shard_parse_header(s, s->map.p);
	if (why)
		die("%s: %s", name, why);
	bytes = s->count * (size_t)s->info.width;
	if (s->map.n - SHARD_HEADER > bytes)
		die("%s: the shard has %zu bytes of tokens, its header says "
			"%zu: shards are joined with 'shard cat', not cat",
			name, s->map.n - SHARD_HEADER, bytes);
	if (s->map.n - SHARD_HEADER != bytes)
		die("%s: the shard has %zu bytes of tokens, its header says "
			"%zu: cut off?", name, s->map.n - SHARD_HEADER, bytes);
	s->tokens = s->map.p + SHARD_HEADER;
	s->info.by = shard_chain(name);
}

void shard_close(struct shard *s)
{
	file_unmap(&s->map);
	free(s->info.by);
	s->info.by = NULL;
}

void shard_copy(const struct shard *s, size_t at, size_t n, uint32_t *out)
{
	tok_unpack(out, s->tokens + at * (size_t)s->info.width, n,
		s->info.width);
}

void shard_check(const struct shard *s)
{
	uint32_t ids[1024];
	size_t at, i, n;

	if (s->ours && crc32_add(0, s->tokens,
			s->count * (size_t)s->info.width) != s->crc)
		die("%s: the shard is damaged: wrong CRC", s->name);
	for (at = 0; s->info.vocab && at < s->count; at += n) {
		n = s->count - at < 1024 ? s->count - at : 1024;
		shard_copy(s, at, n, ids);
		for (i = 0; i < n; i++)
			if (ids[i] >= s->info.vocab)
				die("%s: token %" PRIu32 ", but the vocabulary "
					"has %" PRIu32, s->name, ids[i],
					s->info.vocab);
	}
}

/* ---- writing ---- */

struct shard_writer {
	struct output *out;
	struct tok_info info;
	size_t count;
	uint32_t crc, documents;
	unsigned char *block;
};

struct shard_writer *shard_begin(const char *name, const struct tok_info *info)
{
	static const unsigned char empty[SHARD_HEADER];
	struct shard_writer *w = xcalloc(1, sizeof *w);

	w->out = output_open(name);
	w->info = *info;
	w->info.by = NULL;
	w->block = xmalloc(4 * BLOCK);
	output_write(w->out, empty, sizeof empty);
	return w;
}

size_t shard_room(const struct shard_writer *w)
{
	return COUNT_MAX - w->count;
}

void shard_write(struct shard_writer *w, const uint32_t *ids, size_t n)
{
	size_t i, some;

	if (n > shard_room(w))
		die("%s: a shard can have at most %d tokens",
			output_name(w->out), COUNT_MAX);
	w->count += n;
	for (; n; n -= some, ids += some) {
		some = n < BLOCK ? n : BLOCK;
		for (i = 0; i < some; i++)
			w->documents += (int64_t)ids[i] == w->info.eot;
		tok_pack(w->block, ids, some, &w->info, output_name(w->out));
		w->crc = crc32_add(w->crc, w->block,
			some * (size_t)w->info.width);
		output_write(w->out, w->block, some * (size_t)w->info.width);
	}
}

void shard_end(struct shard_writer *w)
{
	unsigned char head[44];
	const uint32_t words[10] = {
		w->info.width == 2 ? MAGIC_16 : MAGIC_32,
		w->info.width == 2 ? 1 : 7, (uint32_t)w->count, TAG,
		w->info.vocab, (uint32_t)w->info.eot,
		(uint32_t)w->info.tokenizer,
		(uint32_t)(w->info.tokenizer >> 32), w->crc, w->documents
	};
	int i;

	for (i = 0; i < 10; i++)
		put_le32(head + 4 * i, words[i]);
	put_le32(head + 40, crc32_add(0, head, 40));
	output_patch(w->out, 0, head, sizeof head);
	output_close(w->out);
	free(w->block);
	free(w);
}

/* ---- series of shards ---- */

struct shard_row {
	const char *prefix;
	const struct tok_info *info;
	struct shard_writer *w;
	uint64_t size, room;	/* tokens per shard; left in this one */
	int number;
};

char *shard_path(const char *prefix, const char *kind, int number)
{
	size_t size = strlen(prefix) + strlen(kind) + 32;
	char *name = xmalloc(size);

	snprintf(name, size, "%s_%s_%06d.bin", prefix, kind, number);
	return name;
}

static void begin_next(struct shard_row *r)
{
	char *name = shard_path(r->prefix, "train", ++r->number);

	r->w = shard_begin(name, r->info);
	r->room = r->size;
	free(name);
}

/* A killed run may have reached higher numbers than this one will. */
static void remove_leftovers(const char *prefix)
{
	size_t size = strlen(prefix) + 16;
	char *begin = xmalloc(size);

	snprintf(begin, size, "%s_train_", prefix);
	leftovers_from(begin);
	free(begin);
}

/* An existing series is replaced only by one with the same tokenizer; any other
 * file with the name of a shard belongs to another program. */
static void check_before(const struct shard_row *r)
{
	char *name = shard_path(r->prefix, "train", 1);
	unsigned char head[SHARD_HEADER];
	struct shard s = { 0 };

	if (file_exists(name) && !file_is_dir(name)) {
		struct input *in = input_open(name);
		size_t n = input_read(in, head, sizeof head);

		input_close(in);
		if (n < sizeof head || shard_parse_header(&s, head))
			die("%s: exists already and is not a shard%s: give "
				"another prefix", name, whatis_note(name));
		if (s.info.tokenizer && r->info->tokenizer &&
			s.info.tokenizer != r->info->tokenizer)
			die("%s: exists already, made with another "
				"tokenizer: remove it, or give another prefix",
				name);
	}
	free(name);
}

/* Shards of an earlier, longer series, which a file name pattern would match. */
static void warn_left_over(const struct shard_row *r)
{
	char *name = shard_path(r->prefix, "train", r->number + 1);

	if (file_exists(name))
		warn("%s: left over from an older series, as are those "
			"that follow it: remove them", name);
	free(name);
}

struct shard_row *shard_row_begin(const char *prefix, uint64_t size,
	const struct tok_info *info)
{
	struct shard_row *r = xcalloc(1, sizeof *r);

	r->prefix = prefix;
	r->info = info;
	r->size = size;
	remove_leftovers(prefix);
	check_before(r);
	begin_next(r);
	return r;
}

void shard_row_write(struct shard_row *r, const uint32_t *ids, size_t n)
{
	while (n) {
		size_t some = n < r->room ? n : (size_t)r->room;

		if (!some) {
			shard_end(r->w);
			begin_next(r);
			continue;
		}
		shard_write(r->w, ids, some);
		r->room -= some;
		ids += some;
		n -= some;
	}
}

static void write_chain(const struct shard_row *r)
{
	char *file = chain_path(r->prefix, strlen(r->prefix));
	struct buf b = { 0 };

	tok_chain_add(&b, r->info->by ? r->info->by : "");
	buf_printf(&b, "%s\n", option_command());
	file_write(file, b.p, b.n);
	buf_free(&b);
	free(file);
}

void shard_row_end(struct shard_row *r)
{
	shard_end(r->w);
	write_chain(r);
	warn_left_over(r);
	free(r);
}
