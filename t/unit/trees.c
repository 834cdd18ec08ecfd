/* trees.c - random ensembles of trees: trees_sum against a walk from the root
 *
 * usage: trees ; prints the number of leaves compared.
 */
#include "common/extract/trees.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/base/hash.h"

#define FEATURES 6
#define COLUMNS 4		/* that differ from row to row */
#define TREES 64
#define ROWS 37
#define STRIDE 48

/* The test of a node that parts the leaves first .. end-1. */
struct node {
	float value;
	unsigned feature, middle;
};

struct tree {
	unsigned leaves;
	struct node node[TREE_LEAVES][TREE_LEAVES + 1];	/* by first, end */
	float leaf[TREE_LEAVES];
};

static struct tree forest[TREES];
static uint64_t drawn;

static unsigned draw(unsigned n)
{
	return (unsigned)(hash_mix(++drawn) >> 33) % n;
}

static void put_float(struct buf *b, float x)
{
	buf_add(b, (const char *)&x, sizeof x);
}

/* Draws a node and those below; appends a split of the file for each. */
static void grow_tree(struct tree *t, unsigned first, unsigned end,
	struct buf *splits)
{
	struct node *n = &t->node[first][end];

	if (end - first < 2)
		return;
	n->value = (float)draw(100) / 100;
	n->feature = draw(FEATURES);
	n->middle = first + 1 + draw(end - first - 1);
	put_float(splits, n->value);
	buf_putc(splits, (char)n->feature);
	buf_putc(splits, 0);
	buf_putc(splits, (char)first);
	buf_putc(splits, (char)n->middle);
	grow_tree(t, first, n->middle, splits);
	grow_tree(t, n->middle, end, splits);
}

static void put_number(struct buf *b, uint32_t x)
{
	int i;

	for (i = 0; i < 4; i++)
		buf_putc(b, (char)(x >> 8 * i));
}

/* A tree of 1 to 32 leaves, each number of leaves twice. */
static void make_file(struct buf *file)
{
	static const char names[] = "a\0b\0c\0d\0e\0f";
	struct buf sizes = { 0 }, splits = { 0 }, leaves = { 0 };
	unsigned i, j;

	for (i = 0; i < TREES; i++) {
		struct tree *t = &forest[i];

		t->leaves = i % TREE_LEAVES + 1;
		grow_tree(t, 0, t->leaves, &splits);
		buf_putc(&sizes, (char)(t->leaves - 1));
		buf_putc(&sizes, 0);
		for (j = 0; j < t->leaves; j++)
			put_float(&leaves, t->leaf[j] =
				(float)draw(1000) / 8);
	}
	buf_add(file, "plmtrees", 8);
	put_number(file, 1);
	put_number(file, 1);
	buf_add(file, "random\0", 8);
	put_number(file, FEATURES);
	put_number(file, TREES);
	put_number(file, (uint32_t)(splits.n / 8));
	put_number(file, sizeof names);
	buf_add(file, names, sizeof names);
	buf_add(file, sizes.p, sizes.n);
	buf_add(file, splits.p, splits.n);
	buf_add(file, leaves.p, leaves.n);
	buf_free(&sizes);
	buf_free(&splits);
	buf_free(&leaves);
}

/* The leaf that a row reaches. */
static float walk(const struct tree *t, const float *row)
{
	unsigned first = 0, end = t->leaves;

	while (end - first > 1) {
		const struct node *n = &t->node[first][end];

		if (row[n->feature] > n->value)
			first = n->middle;
		else
			end = n->middle;
	}
	return t->leaf[first];
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	static float x[COLUMNS * STRIDE], sum[STRIDE], row[FEATURES];
	struct buf file = { 0 };
	struct trees *t;
	int i, j;

	err_init(argv[0]);
	make_file(&file);
	t = trees_load(file.p, file.n, "random", names, FEATURES, COLUMNS);
	buf_free(&file);
	for (i = 0; i < COLUMNS * STRIDE; i++)
		x[i] = (float)draw(100) / 100;
	for (j = COLUMNS; j < FEATURES; j++)
		row[j] = .5f;
	trees_sum(t, x, STRIDE, row + COLUMNS, ROWS, sum);
	for (i = 0; i < ROWS; i++) {
		float want = 0;

		for (j = 0; j < COLUMNS; j++)
			row[j] = x[j * STRIDE + i];
		for (j = 0; j < TREES; j++)
			want += walk(&forest[j], row);
		if (sum[i] != want)
			die("row %d: %g, expected %g", i, (double)sum[i],
				(double)want);
	}
	trees_free(t);
	printf("%d\n", ROWS * TREES);
	return 0;
}
