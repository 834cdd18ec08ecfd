/* trees.h - ensembles of decision trees (gradient boosting), read from a file
 *
 * A tree has up to 32 leaves and is evaluated without branches, after
 * QuickScorer (Lucchese et al., 2015): leaves are numbered from left to right,
 * a set of 32 bits holds those that can still be reached, each split whose
 * test fails takes the leaves of its left side out, whatever the order, and
 * the lowest bit that is left is the leaf. Many rows go side by side.
 *
 * The file, little-endian; sizes in bytes:
 *	0	8	"plmtrees"
 *	8	4	version, 1
 *	12	4	number of ensembles; then for each of them:
 *	0	8	name, filled up with NUL
 *	8	4	number of features
 *	12	4	number of trees
 *	16	4	number of splits of all trees
 *	20	4	bytes of the names that follow, a multiple of 4
 *	24	..	names of the features, each ended by NUL, then NULs
 *	..	2 each	number of splits of each tree; filled up to 4
 *	..	8 each	splits: f32 t, u16 feature, u8 first, u8 end: a row with
 *			value > t does not reach the leaves first..end-1
 *	..	4 each	f32 leaves of all trees, one more a tree than splits
 */
#ifndef PIPELM_TREES_H
#define PIPELM_TREES_H

#include <stddef.h>
#include <stdint.h>

enum { TREE_LEAVES = 32 };

struct trees;

/* The ensemble of that name in file[0..n), which may be gone afterwards. Its
 * features are looked up among names[0..nname), of which the first ncolumn
 * differ from row to row and the others are the same for all. Dies when the
 * file is not sound or has a feature that is not there. */
struct trees *trees_load(const void *file, size_t n, const char *ensemble,
	const char *const *names, size_t nname, size_t ncolumn);
void trees_free(struct trees *t);

/* sum[i] = the sum of the leaves that row i reaches, for rows 0..n-1. Column k
 * of the features is x + k * stride, stride at least n rounded up to 16 (what
 * is behind row n is read, not used, and so is sum[]: n rounded up too);
 * constants[k - ncolumn] are the values of the others. Additions are made in
 * the order of the trees on every machine, so results are the same bits. */
void trees_sum(const struct trees *t, const float *x, size_t stride,
	const float *constants, size_t n, float *sum);

#endif
