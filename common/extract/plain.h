/* plain.h - the characters of a page as its reader sees them
 *
 * White space collapses as in HTML, but for preformatted text. Characters
 * that nobody sees are left out: control characters, soft hyphens, word
 * joiners, byte order marks. U+200B, a place where a line may break within
 * writing without spaces, stays between two visible characters.
 */
#ifndef PIPELM_PLAIN_H
#define PIPELM_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

/* What stands between two visible characters; of several the largest. */
enum gap { GAP_NONE, GAP_ZERO_WIDTH, GAP_SPACE, GAP_LINE, GAP_PARAGRAPH };

/* The first visible character from s on, or end; *gap becomes at least what
 * was passed over. */
const char *plain_skip(const char *s, const char *end, enum gap *gap);

/* Appends s up to end, which begins with a visible character, after *gap;
 * *gap becomes what is behind its last visible character. */
void plain_add(struct buf *b, const char *s, const char *end, enum gap *gap);

/* Appends s[0..n) as one line, without white space at its ends. */
void plain_line(struct buf *b, const char *s, size_t n);

/* Appends preformatted text: white space stays, a no-break space becomes a
 * space. */
void plain_preformatted(struct buf *b, const char *s, size_t n);

/* Takes spaces at the ends of lines and empty lines at both ends out of
 * s[0..n). Returns what is left. */
size_t plain_trim_lines(char *s, size_t n);

#endif
