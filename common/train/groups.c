/* groups.c - groups of rollouts: see groups.h */
#include "common/train/groups.h"

#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

bool groups_find(struct groups *g, const struct rollout *x, size_t *number)
{
	uint64_t prompt = hash64(x->prompt_ids,
		x->nprompt * sizeof *x->prompt_ids), *at;
	bool is_new;

	buf_reset(&g->key);
	if (g->by_prompt || !rollout_id_key(&x->id, &g->key)) {
		buf_putc(&g->key, 'p');
		buf_add(&g->key, x->prompt_ids,
			x->nprompt * sizeof *x->prompt_ids);
	}
	at = map_put(&g->numbers, g->key.p, g->key.n, &is_new);
	if (is_new) {
		*at = g->n;
		g->v = grow(g->v, g->n, &g->cap, sizeof *g->v);
		g->v[g->n++] = (struct group) { prompt, x->rec.file,
			x->rec.line };
	}
	*number = (size_t)*at;
	return g->v[*number].prompt == prompt;
}

void groups_free(struct groups *g)
{
	map_free(&g->numbers);
	buf_free(&g->key);
	free(g->v);
	*g = (struct groups) { 0 };
}

void groups_sort(size_t n, struct examples *e, struct sampled **s)
{
	size_t *next = xcalloc(n + 1, sizeof *next), i;
	struct example *v = xcalloc(e->n, sizeof *v);
	struct sampled *sorted = xcalloc(e->n, sizeof *sorted);

	for (i = 0; i < e->n; i++)
		next[(*s)[i].group + 1]++;
	for (i = 0; i < n; i++)
		next[i + 1] += next[i];
	for (i = 0; i < e->n; i++) {
		size_t to = next[(*s)[i].group]++;

		v[to] = e->v[i];
		sorted[to] = (*s)[i];
	}
	free(next);
	free(e->v);
	free(*s);
	e->v = v;
	e->cap = e->n;
	*s = sorted;
}
