/* llamacpp - what llama.cpp makes of a GGUF file; linked with its library by
 * t/481-gguf-parity.t
 *
 *	llamacpp MODEL ids <TEXT	the ids of a text, as decimal numbers
 *	llamacpp MODEL logits ID...	the logits after each of these, a line each
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llama.h>

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
	(void)ctx;
	if (level == GGML_LOG_LEVEL_ERROR)
		fputs(text, stderr);
}

static int put_ids(const struct llama_model *m)
{
	static char text[1 << 20];
	static llama_token ids[1 << 20];
	int len = (int)fread(text, 1, sizeof text, stdin), i;
	int n = llama_tokenize(llama_model_get_vocab(m), text, len, ids,
		1 << 20, true, false);

	for (i = 0; i < n; i++)
		printf(i ? " %d" : "%d", ids[i]);
	putchar('\n');
	return n < 0;
}

static int put_logits(struct llama_model *m, char **argv)
{
	struct llama_context_params p = llama_context_default_params();
	int vocab = llama_vocab_n_tokens(llama_model_get_vocab(m)), i;
	struct llama_context *c;

	p.n_ctx = 128;
	p.n_threads = p.n_threads_batch = 1;
	p.type_k = p.type_v = GGML_TYPE_F32;
	p.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
	c = llama_init_from_model(m, p);
	for (; c && *argv; argv++) {
		llama_token id = atoi(*argv);

		if (llama_decode(c, llama_batch_get_one(&id, 1)))
			return 1;
		for (i = 0; i < vocab; i++)
			printf("%.9g ", llama_get_logits_ith(c, -1)[i]);
		putchar('\n');
	}
	return !c;
}

int main(int argc, char **argv)
{
	struct llama_model *m;

	llama_log_set(quiet, NULL);
	m = argc > 2 ? llama_model_load_from_file(argv[1],
		llama_model_default_params()) : NULL;
	if (!m)
		return 1;
	return strcmp(argv[2], "ids") ? put_logits(m, argv + 3) : put_ids(m);
}
