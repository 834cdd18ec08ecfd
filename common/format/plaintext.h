/* plaintext.h - plain text, cut into documents
 *
 * Files in UTF-8, compressed or not, one behind the other; a directory stands
 * for the files below it. A text is a whole file, a paragraph (lines up to a
 * blank one) or a line. CR before LF is dropped, as is a byte order mark;
 * invalid bytes become U+FFFD; texts of nothing but blanks are left out.
 */
#ifndef PIPELM_PLAINTEXT_H
#define PIPELM_PLAINTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum plaintext_by { PLAINTEXT_FILE, PLAINTEXT_PARAGRAPH, PLAINTEXT_LINE };

struct plaintext;

/* files: names ended by NULL; none stand for standard input, which is also
 * "-". A file that holds a NUL byte is not text: it is left out, with a
 * message. */
struct plaintext *plaintext_open(char **files, enum plaintext_by by);
void plaintext_close(struct plaintext *p);

/* The next text replaces what text held, without a newline at its end. *name is
 * its file, *line the number of its first line; they live until the next
 * call. False at the end. */
bool plaintext_next(struct plaintext *p, struct buf *text, const char **name,
	uint64_t *line);

/* Files that were left out, texts in which invalid bytes were replaced. */
uint64_t plaintext_left_out(const struct plaintext *p);
uint64_t plaintext_repaired(const struct plaintext *p);

#endif
