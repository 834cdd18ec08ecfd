/* formula.h - MathML as TeX
 *
 * https://www.w3.org/TR/mathml-core/ and MathML 3; what a page brings along as
 * TeX (an annotation, alttext) is taken before what the tree says.
 */
#ifndef PIPELM_FORMULA_H
#define PIPELM_FORMULA_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/html/dom.h"

/* Appends the formula of a math element to b: its TeX annotation, else its
 * alttext, else TeX made from its tree, where symbols stay characters. */
void formula_tex(const struct node *math, struct buf *b);

/* A script element that holds a formula as TeX or AsciiMath, as MathJax 2
 * wants it. */
bool formula_is_script(const struct node *script);

/* The script with the formula that n shows follows it, with no text between:
 * MathJax 2 has put n there. */
bool formula_follows(const struct node *n);

/* The first math element or script with a formula below n, or NULL. Takes time
 * linear in what is below n. */
const struct node *formula_inside(const struct node *n);

/* It stands in a line of its own. */
bool formula_is_display(const struct node *n);

#endif
