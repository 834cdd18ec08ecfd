/* prompt_cache.c - the KV cache of a text in a file: see prompt_cache.h */
#include "common/sample/prompt_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/cpu.h"
#include "common/base/err.h"
#include "common/base/hash.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/model/source.h"

#define MAGIC "\211pipelm-kv 1\r\n\n"
enum { MAGIC_BYTES = 16, LINE = 64, HASH_BYTES = 8 };

/* How keys and values are laid out: with it changes the hash of the kind. */
#define LAYOUT "keys in blocks of 16"

/* The 64-bit numbers of the header. */
enum field { MODEL, KIND, LAYERS, HEADS, HEAD_SIZE, TOKENS, FIELDS };

struct prompt_cache {
	char *file;
	const struct generator *g;
	uint64_t want[TOKENS];
	struct ids ids;
	struct kv_segment *run;		/* NULL: there is no file */
};

/* ---- what a cache belongs to ---- */

static uint64_t hash_tensor(const struct model_source *s,
	const struct tensor *t, uint64_t seed)
{
	struct stored x = source_weight(s, t);
	struct buf scratch = { 0 };
	struct weight w = stored_rows(&x, 0, x.w.rows, &scratch);

	seed = hash64_seed(t->name, strlen(t->name), seed + (uint64_t)w.type);
	seed = hash64_seed(w.data, dtype_bytes(w.type, w.rows * w.cols), seed);
	buf_free(&scratch);
	return seed;
}

/* Of the weights, and of what else the keys and values depend on. */
static uint64_t hash_model(const char *path)
{
	struct model_source *s = source_open(path);
	struct buf config = { 0 };
	uint64_t hash;
	size_t i;

	model_config_write(&config, &s->config);
	hash = hash64(config.p, config.n);
	for (i = 0; i < s->ntensor; i++)
		hash = hash_tensor(s, &s->tensors[i], hash);
	buf_free(&config);
	source_close(s);
	return hash;
}

static uint64_t hash_name(const char *name, uint64_t seed)
{
	return hash64_seed(name, strlen(name), seed);
}

static uint64_t hash_kind(enum dtype kv)
{
	return hash_name(dtype_row(kv)->name, hash_name(cpu_isa_name(cpu_isa()),
		hash_name(PIPELM_VERSION LAYOUT,
		(uint64_t)generator_options.compute)));
}

/* ---- files ---- */

static size_t ids_offset(void)
{
	return MAGIC_BYTES + FIELDS * sizeof(uint64_t);
}

/* Where the keys and values of n tokens begin. */
static size_t rows_offset(size_t n)
{
	size_t end = ids_offset() + n * sizeof(uint32_t);

	return (end + LINE - 1) / LINE * LINE;
}

static uint64_t hash_file(const void *header, size_t n, const void *rows,
	size_t size)
{
	return hash64_seed(rows, size, hash64(header, n));
}

static _Noreturn void refuse(const struct prompt_cache *c, const char *why)
{
	die("%s: %s; without the file, it is made anew", c->file, why);
}

/* Checks the header; returns the number of tokens. */
static size_t check_header(struct prompt_cache *c, const struct mapped *m)
{
	static const char *const why[TOKENS] = {
		"the cache of another model",
		"a cache made by another version, or with another --compute, "
			"--kv or instruction set, whose numbers differ",
		"the cache of another model", "the cache of another model",
		"the cache of another model"
	};
	int i;

	if (m->n < rows_offset(0) || memcmp(m->p, MAGIC, sizeof MAGIC - 1))
		refuse(c, "not a prompt cache");
	for (i = 0; i < TOKENS; i++)
		if (get_le64(m->p + MAGIC_BYTES + 8 * i) != c->want[i])
			refuse(c, why[i]);
	return (size_t)get_le64(m->p + MAGIC_BYTES + 8 * TOKENS);
}

static void take(struct prompt_cache *c, const struct mapped *m)
{
	struct kv_segment *r = decoder_segment(c->g->decoder), in_file;
	size_t n = check_header(c, m), i, at, end;

	in_file = *r;
	in_file.n = n;
	in_file.cap = kv_round(n);
	if (!n || n > c->g->model->config.context)
		refuse(c, "damaged");
	at = rows_offset(n);
	end = at + kv_segment_bytes(&in_file);
	if (m->n != end + HASH_BYTES || get_le64(m->p + end) !=
		hash_file(m->p, at, m->p + at, end - at))
		refuse(c, "damaged");
	for (i = 0; i < n; i++)
		ids_add(&c->ids, get_le32(m->p + ids_offset() + 4 * i));
	in_file.rows = (char *)m->p + at;	/* only read */
	c->run = kv_segment_copy(&in_file, 0);
	kv_segment_free(r);
}

struct prompt_cache *prompt_cache_open(const char *file,
	const struct generator *g)
{
	const struct model_config *config = &g->model->config;
	struct prompt_cache *c = xcalloc(1, sizeof *c);
	struct mapped m;

	c->file = xstrdup(file);
	c->g = g;
	c->want[MODEL] = hash_model(g->dir);
	c->want[KIND] = hash_kind(decoder_kv(g->decoder));
	c->want[LAYERS] = config->layers;
	c->want[HEADS] = config->kv_heads;
	c->want[HEAD_SIZE] = config->head_size;
	if (!file_exists(file)) {
		output_try(file);
		return c;
	}
	file_map(file, &m);
	take(c, &m);
	file_unmap(&m);
	return c;
}

void prompt_cache_close(struct prompt_cache *c)
{
	if (!c)
		return;
	kv_segment_free(c->run);
	ids_free(&c->ids);
	free(c->file);
	free(c);
}

/* ---- prompts ---- */

/* Whether the text of the cache from token i on begins that of the prompt: their
 * tokens may differ at the end, where the prompt's text goes on. */
static bool same_text(const struct prompt_cache *c, const struct prompt *p,
	size_t i)
{
	struct buf have = { 0 }, want = { 0 };
	bool same;

	if (!c->g->vocab)
		return i == c->ids.n;
	tok_decode(c->g->vocab, c->ids.v + i, c->ids.n - i, &have);
	tok_decode(c->g->vocab, p->ids + i, p->n - i, &want);
	same = have.n <= want.n && (!have.n ||
		!memcmp(have.p, want.p, have.n));
	buf_free(&have);
	buf_free(&want);
	return same;
}

void prompt_cache_use(struct prompt_cache *c, struct prompt *p)
{
	char why[96];
	size_t n = 0;

	if (!c->run)
		return;
	while (n < c->ids.n && n < p->n && c->ids.v[n] == p->ids[n])
		n++;
	if (!same_text(c, p, n)) {
		snprintf(why, sizeof why, "the cache of another text, which "
			"the prompt differs from at token %zu", n + 1);
		refuse(c, why);
	}
	/* The logits after the last token are not in the cache. */
	c->run->n = n < p->n ? n : p->n - 1;
	p->known = c->run;
}

/* Everything before the keys and values. */
static void add_header(const struct prompt_cache *c, const struct prompt *p,
	struct buf *b)
{
	size_t n = rows_offset(p->n), i;
	unsigned char *at = (unsigned char *)buf_room(b, n);

	memset(at, 0, n);
	memcpy(at, MAGIC, sizeof MAGIC - 1);
	for (i = 0; i < TOKENS; i++)
		put_le64(at + MAGIC_BYTES + 8 * i, c->want[i]);
	put_le64(at + MAGIC_BYTES + 8 * TOKENS, p->n);
	for (i = 0; i < p->n; i++)
		put_le32(at + ids_offset() + 4 * i, p->ids[i]);
	b->n += n;
}

void prompt_cache_keep(struct prompt_cache *c, const struct prompt *p,
	const struct kv_segment *run)
{
	struct kv_segment *copy;
	struct buf header = { 0 };
	struct output *out;
	unsigned char hash[HASH_BYTES];
	size_t size;

	if (c->run)
		return;
	copy = kv_segment_copy(run, 0);
	size = kv_segment_bytes(copy);
	add_header(c, p, &header);
	put_le64(hash, hash_file(header.p, header.n, copy->rows, size));
	out = output_open(c->file);
	output_write(out, header.p, header.n);
	output_write(out, copy->rows, size);
	output_write(out, hash, sizeof hash);
	output_close(out);
	buf_free(&header);
	kv_segment_free(copy);
}
