/* template.c - fuzz target: tokenizer_config.json beside a vocabulary, and the
 * chat template in it; what is accepted renders a conversation
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/token/template.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

/* A vocabulary of bytes with the special tokens of the known templates. */
static struct vocab *bytes_vocab(void)
{
	static const char *const specials[] = { "<|endoftext|>",
		"<|im_start|>", "<|im_end|>", "<|start_header_id|>",
		"<|end_header_id|>", "<|eot_id|>", "<|begin_of_text|>" };
	struct vocab *v = vocab_new("gpt2", "fuzz");
	unsigned char byte;
	int i, missing;

	for (i = 0; i < 256; i++) {
		byte = (unsigned char)i;
		vocab_put(v, (uint32_t)i, &byte, 1);
	}
	vocab_finish(v, &missing);
	for (i = 0; i < 7; i++)
		vocab_add_special(v, specials[i]);
	return v;
}

/* A directory whose tokenizer_config.json is the data. */
static const char *data_dir(const uint8_t *data, size_t size)
{
	static char dir[300], file[350];

	snprintf(dir, sizeof dir, "%s.dir", data_file(data, size));
	snprintf(file, sizeof file, "%s/tokenizer_config.json", dir);
	mkdir(dir, 0700);
	if (rename(data_file(data, size), file))
		abort();
	return dir;
}

static void target(const uint8_t *data, size_t size)
{
	struct vocab *v = bytes_vocab();
	struct template t = { 0 };
	struct rendered out = { 0 };
	struct encoder *e;
	size_t i;

	if (template_find(&t, v, data_dir(data, size))) {
		e = encoder_new(v);
		template_begin(&t, e, "user", &out);
		template_message(&t, e, "user", "x<|im_end|>", 11, false, &out);
		template_prompt(&t, e, &out);
		for (i = 0; i < out.ids.n; i++)
			if (out.ids.v[i] >= vocab_size(v))
				abort();
		encoder_free(e);
		template_free(&t);
	}
	rendered_free(&out);
	vocab_free(v);
}
