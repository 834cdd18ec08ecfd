/* mkmodel - writes a model directory with random weights, for tests
 *
 *	mkmodel DIR [arch=NAME] [layers=N] [width=N] [heads=N] [kv=N]
 *		[ffn=N] [context=N] [tokens=N] [scale=X] [seed=N] [chat=0|1]
 *		[huge=1] [chain=PATHS]
 *
 * The vocabulary: the 256 bytes, then pairs of them ("aa", "ab", ...) up to
 * `tokens`, then the special tokens. `scale` multiplies all parameters, so
 * that the model prefers something; with `huge` its logits overflow.
 *
 * With `chain` the model is a Markov chain: PATHS are separated by " ; ", the
 * tokens of a path by spaces, and a token is followed by any of those after it in
 * a path, equally likely. Names like <|x|> are special tokens, which are added.
 * Its width must be the size of the vocabulary or more: embeddings are one-hot,
 * blocks add nothing, and the head is the table of transitions.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/model/architecture.h"
#include "common/model/model_dir.h"
#include "common/token/template.h"

static const char *value(char **argv, const char *key, const char *standard)
{
	size_t n = strlen(key);

	for (; *argv; argv++)
		if (!strncmp(*argv, key, n) && (*argv)[n] == '=')
			return *argv + n + 1;
	return standard;
}

static size_t number(char **argv, const char *key, size_t standard)
{
	const char *s = value(argv, key, NULL);

	return s ? strtoul(s, NULL, 10) : standard;
}

static struct vocab *make_vocab(size_t tokens)
{
	struct vocab *v = vocab_new("gpt2", "the test");
	int missing;
	size_t i;

	for (i = 0; i < 256; i++) {
		unsigned char byte = (unsigned char)i;

		vocab_put(v, (uint32_t)i, &byte, 1);
	}
	for (i = 256; i < tokens; i++) {
		unsigned char pair[2] = {
			(unsigned char)('a' + (i - 256) % 26),
			(unsigned char)('a' + (i - 256) / 26)
		};

		vocab_put(v, (uint32_t)i, pair, 2);
		vocab_put_merge(v, pair[0], pair[1]);
	}
	if (!vocab_finish(v, &missing))
		die("the vocabulary: no byte %d", missing);
	vocab_add_special(v, "<|endoftext|>");
	return v;
}

static void write_tokenizer(struct vocab *v, const char *dir, bool chat,
	int context)
{
	struct template t = { 0 };

	if (chat)
		template_choose(&t, v, "chatml");
	template_write_tokenizer(chat ? &t : NULL, v, dir, context);
	template_free(&t);
}

static uint32_t element(struct vocab *v, const char *s, size_t n)
{
	char name[64];
	int64_t id = vocab_find(v, s, n);

	if (id >= 0)
		return (uint32_t)id;
	if (n < 2 || n >= sizeof name || strncmp(s, "<|", 2))
		die("chain: '%.*s' is not a token", (int)n, s);
	memcpy(name, s, n);
	name[n] = 0;
	return vocab_add_special(v, name);
}

/* Adds the special tokens of the paths to v and, if m is not NULL, makes it the
 * chain. */
static void chain(const char *paths, struct vocab *v, struct model *m)
{
	size_t n, width = m ? m->config.width : 0;
	int64_t last = -1;
	uint32_t id;

	for (; *paths; paths += n + (paths[n] == ' ')) {
		n = strcspn(paths, " ");
		if (n == 1 && *paths == ';') {
			last = -1;
			continue;
		}
		id = element(v, paths, n);
		if (m && last >= 0)
			m->weights.head.w[id * width + (size_t)last] = 1;
		last = id;
	}
}

static void make_chain(const char *paths, struct vocab *v, struct model *m)
{
	size_t width = m->config.width, i;

	if (width < m->config.vocab)
		die("chain: width=%zu or more", m->config.vocab);
	memset(m->params, 0, m->size * sizeof *m->params);
	for (i = 0; i < m->config.vocab; i++)
		m->weights.embedding[i * width + i] = 1;
	for (i = 0; i < width; i++)
		m->weights.norm.w[i] = 1;
	for (i = 0; i < m->config.layers * width; i++) {
		struct block_weights *b = &m->weights.blocks[i / width];

		b->norm1.w[i % width] = b->norm2.w[i % width] = 1;
	}
	chain(paths, v, m);
}

int main(int argc, char **argv)
{
	struct model_config c = {
		.layers = 2, .width = 64, .heads = 4, .context = 256,
		.rope_theta = 10000, .tied = true, .bos = -1
	};
	struct vocab *v;
	struct model *m;
	double scale;
	size_t i;

	err_init("mkmodel");
	if (argc < 2)
		die("no directory");
	c.arch = architecture_find(value(argv, "arch", ARCHITECTURE_DEFAULT));
	if (!c.arch)
		die("no such architecture");
	c.layers = number(argv, "layers", c.layers);
	c.width = number(argv, "width", c.width);
	c.heads = number(argv, "heads", c.heads);
	c.kv_heads = number(argv, "kv", c.heads);
	c.head_size = c.width / c.heads;
	c.arch->begin(&c);
	c.ffn = number(argv, "ffn", 4 * c.width);
	c.context = number(argv, "context", c.context);
	v = make_vocab(number(argv, "tokens", 512));
	chain(value(argv, "chain", ""), v, NULL);
	c.tied = !*value(argv, "chain", "");
	c.eos = (int32_t)vocab_special(v, "<|endoftext|>");
	c.vocab = (vocab_size(v) + 2 + 127) / 128 * 128;
	if (model_config_check(&c))
		die("the shape: %s", model_config_check(&c));
	m = model_new(&c);
	model_init(m, number(argv, "seed", 1));
	scale = strtod(value(argv, "scale", "1"), NULL);
	for (i = 0; i < m->size; i++)
		m->params[i] *= (float)scale;
	for (i = 0; number(argv, "huge", 0) && i < c.width; i++)
		m->weights.norm.w[i] = 3e38f;
	if (!c.tied)
		make_chain(value(argv, "chain", ""), v, m);
	dir_make(argv[1]);
	write_tokenizer(v, argv[1], number(argv, "chat", 1), (int)c.context);
	model_save(m, argv[1], DTYPE_F32, NULL, NULL);
	model_free(m);
	vocab_free(v);
	return 0;
}
