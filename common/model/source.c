/* source.c - opens a model by its path: see source.h */
#include "common/model/source.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/format/whatis.h"
#include "common/model/llmc.h"

struct model_source *source_open(const char *path)
{
	if (access(path, F_OK))
		die_errno("%s: not a model directory", path);
	if (file_is_dir(path))
		return source_open_dir(path);
	if (llmc_is(path))
		return llmc_open(path);
	die("%s: not a model directory, which holds config.json and "
		"model.safetensors%s", path, whatis_note(path));
}

void source_close(struct model_source *s)
{
	s->close(s);
	free(s->tensors);
	free(s);
}

struct weight source_weight(const struct model_source *s,
	const struct tensor *t, bool *transposed)
{
	*transposed = false;
	return s->weight(s, t, transposed);
}
