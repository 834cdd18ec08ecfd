/* plain.h - the characters of a page as a reader sees them
 *
 * White space collapses as in HTML, except in preformatted text. Invisible
 * characters are dropped: control characters, soft hyphens, word joiners, byte
 * order marks. U+200B, which allows a line break in scripts without spaces,
 * is kept between two visible characters.
 */
#ifndef PIPELM_PLAIN_H
#define PIPELM_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

/* The gap between two visible characters; the largest of several counts. */
enum gap { GAP_NONE, GAP_ZERO_WIDTH, GAP_SPACE, GAP_LINE, GAP_PARAGRAPH };

/* The first visible character at or after s, or end; *gap is raised to what was
 * skipped. */
const char *plain_skip(const char *s, const char *end, enum gap *gap);

/* Appends *gap and then s up to end, which starts with a visible character;
 * *gap becomes the gap after its last visible character. */
void plain_add(struct buf *b, const char *s, const char *end, enum gap *gap);

/* Appends s[0..n) as one line, trimmed. */
void plain_line(struct buf *b, const char *s, size_t n);

/* Appends preformatted text: white space is kept, a no-break space becomes a
 * space. */
void plain_preformatted(struct buf *b, const char *s, size_t n);

/* Removes trailing spaces of lines, and leading and trailing empty lines, from
 * s[0..n). Returns the new length. */
size_t plain_trim_lines(char *s, size_t n);

#endif
