/* safetensors_index.c - tensors in several files: see safetensors.h */
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/format/jsontree.h"
#include "common/format/safetensors.h"

/* The index while its shards are opened. */
struct index {
	struct safetensors *s;
	size_t nshard, cap_shard, cap;
	struct map files;	/* of shards: place in s->shards */
	struct map names;	/* of tensors: place in s->tensors */
};

/* FILE in the directory of the index. */
static char *beside(const char *index, const char *name)
{
	const char *slash = strrchr(index, '/');
	char *dir = xstrndup(slash ? index : ".",
		slash ? (size_t)(slash - index) : 1);
	char *file = path_join(dir, name);

	free(dir);
	return file;
}

/* Every name that a shard holds is new. */
static void take_tensors(struct index *x, const struct safetensors *shard)
{
	struct safetensors *s = x->s;
	size_t i;

	for (i = 0; i < shard->n; i++) {
		const struct st_tensor *t = &shard->tensors[i];
		bool is_new;
		uint64_t *at = map_put(&x->names, t->name, strlen(t->name),
			&is_new);

		if (!is_new)
			die("%s: tensor '%s' is in %s too", t->file, t->name,
				s->tensors[*at].file);
		*at = s->n;
		s->tensors = grow(s->tensors, s->n, &x->cap,
			sizeof *s->tensors);
		s->tensors[s->n++] = *t;
	}
}

/* The shard of that name, opened when it is named first. */
static const struct safetensors *shard_of(struct index *x, const char *name)
{
	struct safetensors *s = x->s;
	bool is_new;
	uint64_t *at = map_put(&x->files, name, strlen(name), &is_new);
	char *file;

	if (!is_new)
		return s->shards[*at];
	*at = x->nshard;
	if (strchr(name, '/') || !name_ends(name, ".safetensors"))
		die("%s: '%s' is not the name of a safetensors file in its directory",
			s->name, name);
	s->shards = grow(s->shards, x->nshard + 1, &x->cap_shard,
		sizeof *s->shards);
	file = beside(s->name, name);
	s->shards[x->nshard++] = safetensors_open(file);
	s->shards[x->nshard] = NULL;
	free(file);
	take_tensors(x, s->shards[*at]);
	return s->shards[*at];
}

struct safetensors *safetensors_open_index(const char *index)
{
	struct jsontree *f = jsontree_open(index);
	const struct jsontree_value *map = jsontree_get(jsontree_root(f),
		"weight_map"), *value;
	struct index x = { .s = xcalloc(1, sizeof *x.s) };
	const char *name, *file;
	void *state = NULL;

	x.s->name = xstrdup(index);
	if (jsontree_type(map) != JSONTREE_OBJECT || !jsontree_size(map))
		die("%s: 'weight_map' is not an object that names the file of "
			"each tensor", index);
	while (jsontree_next(map, &state, &name, &value)) {
		const struct safetensors *shard;

		file = jsontree_text(value, NULL);
		if (!file)
			die("%s: tensor '%s' has no file name", index, name);
		shard = shard_of(&x, file);
		if (!safetensors_find(shard, name))
			die("%s: tensor '%s' is missing, which the index has "
				"there", shard->name, name);
	}
	map_free(&x.files);
	map_free(&x.names);
	jsontree_close(f);
	return x.s;
}
