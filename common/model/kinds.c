/* kinds.c - files that have each kind of tensor over all layers: see kinds.h */
#include "common/model/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

const char *kind_name(const struct kind *k, size_t layer)
{
	static char name[sizeof ((struct tensor *)NULL)->name];

	snprintf(name, sizeof name, k->name, layer);
	return name;
}

size_t kind_layers(const struct model_config *c, const struct kind *k)
{
	return k->flags & KIND_LAYERED ? c->layers : 1;
}

static size_t index_of(const struct model_source *s, const char *name)
{
	size_t i = 0;

	while (strcmp(s->tensors[i].name, name))
		i++;
	return i;
}

static struct stored weight_of(const struct model_source *s,
	const struct tensor *t)
{
	const struct place *p = &s->places[index_of(s, t->name)];

	return (struct stored){
		.w = { .type = s->type,
			.rows = t->ndim == 2 ? t->shape[t->in_first] : 1,
			.cols = t->shape[t->ndim == 2 && !t->in_first],
			.data = p->data },
		.transposed = t->in_first,
		.pairs = p->pairs ? s->config.head_size : 0
	};
}

static void close_file(struct model_source *s)
{
	file_unmap(&s->map);
	free(s->places);
}

void kinds_place(struct model_source *s, const char *name,
	const struct kind *kinds, size_t n, size_t at,
	size_t (*elements)(const struct model_source *s, size_t kind,
		const struct tensor *t))
{
	size_t k, l;

	s->name = name;
	s->weight = weight_of;
	s->close = close_file;
	s->tensors = model_tensors(&s->config, &s->ntensor);
	s->places = xcalloc(s->ntensor, sizeof *s->places);
	for (k = 0; k < n; k++)
		for (l = 0; l < kind_layers(&s->config, &kinds[k]); l++) {
			size_t i = index_of(s, kind_name(&kinds[k], l));

			s->places[i] = (struct place){ s->map.p + at,
				kinds[k].flags & KIND_PAIRS };
			at += dtype_bytes(s->type, elements(s, k,
				&s->tensors[i]));
		}
}
