/* formula.h - converts MathML to TeX
 *
 * https://www.w3.org/TR/mathml-core/ and MathML 3. TeX that the page contains
 * (an annotation, alttext) takes precedence over the tree.
 */
#ifndef PIPELM_FORMULA_H
#define PIPELM_FORMULA_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/html/dom.h"

/* Appends the formula of a math element to b: its TeX annotation, else its
 * alttext, else TeX made from its tree, with symbols as characters. */
void formula_tex(const struct node *math, struct buf *b);

/* Whether it is a script element with a formula in TeX or AsciiMath, as used by
 * MathJax 2. */
bool formula_is_script(const struct node *script);

/* Whether n is followed, with no text between, by the script with the formula
 * that n shows: MathJax 2 has inserted n. */
bool formula_follows(const struct node *n);

/* The first math element or formula script below n, or NULL. Takes time linear
 * in the subtree of n. */
const struct node *formula_inside(const struct node *n);

/* Whether it is displayed on a line of its own. */
bool formula_is_display(const struct node *n);

#endif
