/* write.c - writes a model in any of the formats: see ckpt.h */
#include <stdlib.h>

#include "cmd/ckpt/ckpt.h"
#include "common/model/gguf_model.h"
#include "common/model/llmc.h"
#include "common/model/model_dir.h"
#include "common/token/tokenizer_files.h"

static void write_gguf(const struct model *m, const char *from,
	const char *file, enum dtype type, const char *by, bool force)
{
	const struct model_config *c = &m->config;
	const struct gguf_ids ids = { c->bos, c->eos, c->more_eos,
		c->nmore_eos };
	struct gguf_writer *w;

	if (file_exists(file) && !force)
		die("%s: exists already: --force replaces it", file);
	w = gguf_create(file);
	gguf_save_keys(w, m, type, by);
	tokenizer_copy_gguf(from, w, &ids, c->vocab);
	gguf_save_tensors(w, m);
	gguf_finish(w);
}

/* An existing model, other than the one that was read, is replaced only by
 * force. */
static void write_dir(const struct model *m, const char *from,
	const char *dir, enum dtype type, const char *by, bool force)
{
	model_dir_check_kind(dir, false);
	if (!force)
		model_dir_check(dir, from, NULL, "--force replaces it");
	dir_claim(dir);
	tokenizer_copy(from, dir, m->config.context);
	model_save(m, dir, type, by, NULL);
}

void write_model(const struct model *m, const char *from, const char *to,
	enum dtype type, bool force)
{
	bool gguf = name_ends(to, ".gguf");
	char *by = model_provenance(from);

	if (m->config.reward && (gguf || name_ends(to, ".bin")))
		die("%s: a reward model, whose score only a directory holds, "
			"not a file such as %s", from, to);
	if (!gguf && dtype_row(type)->elements > 1)
		die_usage("%s: only GGUF files, which end in .gguf, hold the "
			"type %s", to, dtype_row(type)->name);
	if (gguf)
		write_gguf(m, from, to, type, by, force);
	else if (name_ends(to, ".bin"))
		llmc_write(m, to, type);
	else
		write_dir(m, from, to, type, by, force);
	free(by);
}
