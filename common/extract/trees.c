/* trees.c - loads and evaluates ensembles of trees: see trees.h
 *
 * Splits on features that are constant across rows are decided once for all of
 * them; the others are left to the kernel of the machine's instruction set.
 */
#include "common/extract/trees.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/cpu.h"
#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/extract/trees_kernel.h"

struct tree {
	uint32_t leaves;	/* the set of all leaves */
	uint32_t nconstant;	/* splits on constant features, which ... */
	uint32_t nsplit;	/* ... are the first of these */
	const struct tree_split *split;
	float leaf[TREE_LEAVES];
};

struct trees {
	struct tree *tree;
	size_t n;
	struct tree_split *splits;	/* of all trees */
	size_t ncolumn;
};

/* ---- loading ---- */

struct reader {
	const unsigned char *p;
	size_t left;
};

static const unsigned char *take(struct reader *r, size_t n)
{
	const unsigned char *p = r->p;

	if (n > r->left)
		die("trees: the file ends early");
	r->p += n;
	r->left -= n;
	return p;
}

static float get_float(const unsigned char *p)
{
	uint32_t u = get_le32(p);
	float x;

	memcpy(&x, &u, sizeof x);
	if (!isfinite(x))
		die("trees: a value is not finite");
	return x;
}

/* The parts of one ensemble in the file. */
struct parts {
	char name[9];
	uint32_t nfeature, ntree, nsplit, nname;
	const unsigned char *names, *sizes, *splits, *leaves;
};

static void read_parts(struct reader *r, struct parts *e)
{
	const unsigned char *head = take(r, 24);

	memcpy(e->name, head, 8);
	e->name[8] = 0;
	e->nfeature = get_le32(head + 8);
	e->ntree = get_le32(head + 12);
	e->nsplit = get_le32(head + 16);
	e->nname = get_le32(head + 20);
	e->names = take(r, e->nname);
	e->sizes = take(r, ((size_t)e->ntree * 2 + 3) & ~(size_t)3);
	e->splits = take(r, (size_t)e->nsplit * 8);
	e->leaves = take(r, ((size_t)e->nsplit + e->ntree) * 4);
}

static uint32_t find_name(const char *const *names, size_t n, const char *s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(names[i], s))
			return (uint32_t)i;
	die("trees: '%s': no such feature", s);
}

/* The index in names of each of the file's features; the caller frees it. */
static uint32_t *read_names(const struct parts *e, const char *const *names,
	size_t n)
{
	const char *s = (const char *)e->names;
	size_t left = e->nname;
	uint32_t *map, i;

	if (e->nfeature > e->nname)
		die("trees: more features than names");
	map = xcalloc(e->nfeature, sizeof *map);
	for (i = 0; i < e->nfeature; i++) {
		const char *end = left ? memchr(s, 0, left) : NULL;

		if (!end)
			die("trees: more features than names");
		map[i] = find_name(names, n, s);
		left -= (size_t)(end + 1 - s);
		s = end + 1;
	}
	return map;
}

/* The set of leaves first..end-1. */
static uint32_t leaf_range(unsigned first, unsigned end)
{
	return (uint32_t)(((uint64_t)1 << end) - ((uint64_t)1 << first));
}

static void read_split(struct tree_split *s, const unsigned char *p,
	const struct parts *e, const uint32_t *map, unsigned leaves)
{
	unsigned first = p[6], end = p[7];

	if (get_le16(p + 4) >= e->nfeature || first >= end || end >= leaves)
		die("trees: invalid split");
	s->value = get_float(p);
	s->feature = map[get_le16(p + 4)];
	s->keep = ~leaf_range(first, end);
}

/* Reads n splits at p into s, constant ones first; returns their number. */
static uint32_t read_splits(struct tree_split *s, const unsigned char *p, uint32_t n,
	const struct parts *e, const uint32_t *map, size_t ncolumn)
{
	uint32_t constant = 0, i;

	for (i = 0; i < n; i++) {
		read_split(&s[i], p + 8 * (size_t)i, e, map, n + 1);
		if (s[i].feature >= ncolumn) {
			struct tree_split swap = s[constant];

			s[constant++] = s[i];
			s[i] = swap;
		}
	}
	return constant;
}

static struct trees *build(const struct parts *e, const uint32_t *map,
	size_t ncolumn)
{
	struct trees *t = xcalloc(1, sizeof *t);
	uint32_t i, k, at = 0;

	t->n = e->ntree;
	t->ncolumn = ncolumn;
	t->tree = xcalloc(t->n, sizeof *t->tree);
	t->splits = xcalloc(e->nsplit, sizeof *t->splits);
	for (i = 0; i < e->ntree; i++) {
		struct tree *tree = &t->tree[i];

		tree->nsplit = get_le16(e->sizes + 2 * (size_t)i);
		if (tree->nsplit >= TREE_LEAVES ||
			tree->nsplit > e->nsplit - at)
			die("trees: a tree is too large");
		tree->leaves = leaf_range(0, tree->nsplit + 1);
		tree->split = t->splits + at;
		tree->nconstant = read_splits(t->splits + at,
			e->splits + 8 * (size_t)at, tree->nsplit, e, map,
			ncolumn);
		for (k = 0; k <= tree->nsplit; k++)
			tree->leaf[k] = get_float(e->leaves +
				4 * ((size_t)at + i + k));
		at += tree->nsplit;
	}
	if (at != e->nsplit)
		die("trees: more splits than the trees have");
	return t;
}

struct trees *trees_load(const void *file, size_t n, const char *ensemble,
	const char *const *names, size_t nname, size_t ncolumn)
{
	struct reader r = { file, n };
	const unsigned char *head = take(&r, 16);
	uint32_t i, ensembles = get_le32(head + 12);

	if (memcmp(head, "plmtrees", 8) || get_le32(head + 8) != 1)
		die("trees: not a version 1 tree file");
	for (i = 0; i < ensembles; i++) {
		struct parts e;
		struct trees *t;
		uint32_t *map;

		read_parts(&r, &e);
		if (strcmp(e.name, ensemble))
			continue;
		map = read_names(&e, names, nname);
		t = build(&e, map, ncolumn);
		free(map);
		return t;
	}
	die("trees: no ensemble '%s'", ensemble);
}

void trees_free(struct trees *t)
{
	if (!t)
		return;
	free(t->tree);
	free(t->splits);
	free(t);
}

/* ---- evaluation ---- */

static trees_strip_fn *strip_fn(void)
{
	static trees_strip_fn *const forms[ISA_COUNT] = {
		[ISA_C] = trees_strip_plain,
#ifdef __x86_64__
		[ISA_AVX2] = trees_strip_avx2,
		[ISA_AVX512] = trees_strip_avx512,
#endif
	};
	trees_strip_fn *form;

	CPU_CHOOSE(form, forms);
	return form;
}

/* The leaves that the constant features leave reachable. */
static uint32_t reached(const struct trees *t, const struct tree *tree,
	const float *constants)
{
	uint32_t left = tree->leaves, i;

	for (i = 0; i < tree->nconstant; i++)
		if (constants[tree->split[i].feature - t->ncolumn] >
			tree->split[i].value)
			left &= tree->split[i].keep;
	return left;
}

void trees_sum(const struct trees *t, const float *x, size_t stride,
	const float *constants, size_t n, float *sum)
{
	trees_strip_fn *strip = strip_fn();
	size_t at, i;

	n = (n + 15) & ~(size_t)15;
	memset(sum, 0, n * sizeof *sum);
	for (at = 0; at < n; at += TREES_STRIP)
		for (i = 0; i < t->n; i++) {
			const struct tree *tree = &t->tree[i];

			strip(tree->split + tree->nconstant,
				tree->nsplit - tree->nconstant, tree->leaf,
				reached(t, tree, constants), x + at, stride,
				n - at < TREES_STRIP ? n - at : TREES_STRIP,
				sum + at);
		}
}
