/* trees.h - ensembles of decision trees (gradient boosting), loaded from a file
 *
 * A tree has up to 32 leaves and is evaluated without branches, after
 * QuickScorer (Lucchese et al., 2015). Leaves are numbered from left to right,
 * and a 32-bit set holds those that are still reachable. Each split whose test
 * fails removes the leaves of its left side, in any order; the lowest bit left
 * is the leaf. Many rows are evaluated at once.
 *
 * The file, little-endian; sizes in bytes:
 *	0	8	"plmtrees"
 *	8	4	version, 1
 *	12	4	number of ensembles; then for each of them:
 *	0	8	name, padded with NUL
 *	8	4	number of features
 *	12	4	number of trees
 *	16	4	total number of splits
 *	20	4	bytes of the names that follow, a multiple of 4
 *	24	..	names of the features, each NUL-terminated; NUL padding
 *	..	2 each	number of splits of each tree; padded to 4
 *	..	8 each	splits: f32 t, u16 feature, u8 first, u8 end: a row with
 *			value > t does not reach the leaves first..end-1
 *	..	4 each	f32 leaves of all trees, one more per tree than splits
 */
#ifndef PIPELM_TREES_H
#define PIPELM_TREES_H

#include <stddef.h>
#include <stdint.h>

enum { TREE_LEAVES = 32 };

struct trees;

/* The ensemble with that name in file[0..n), which may be freed afterwards. Its
 * features are looked up in names[0..nname); the first ncolumn of those vary
 * from row to row, the others are the same for all rows. Dies when the file is
 * invalid or has an unknown feature. */
struct trees *trees_load(const void *file, size_t n, const char *ensemble,
	const char *const *names, size_t nname, size_t ncolumn);
void trees_free(struct trees *t);

/* sum[i] = the sum of the leaves that row i reaches, for rows 0..n-1. Column k
 * of the features is at x + k * stride; stride is at least n rounded up to 16
 * (elements after row n are read but not used, and sum[] too is written up to
 * n rounded up). constants[k - ncolumn] are the values of the other features.
 * Leaves are added in tree order on every machine, so results are identical to
 * the bit. */
void trees_sum(const struct trees *t, const float *x, size_t stride,
	const float *constants, size_t n, float *sum);

#endif
