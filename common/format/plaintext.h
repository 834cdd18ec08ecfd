/* plaintext.h - splits plain text into documents
 *
 * Reads files in UTF-8, compressed or not, one after another; a directory stands
 * for the files below it. A text is a whole file, a paragraph (lines up to a
 * blank one) or a line. CR before LF and a byte order mark are dropped; invalid
 * bytes become U+FFFD; blank texts are skipped.
 */
#ifndef PIPELM_PLAINTEXT_H
#define PIPELM_PLAINTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum plaintext_by { PLAINTEXT_FILE, PLAINTEXT_PARAGRAPH, PLAINTEXT_LINE };

struct plaintext;

/* files: NULL-terminated names; none stands for standard input, which is also
 * "-". A file that contains a NUL byte is not text: it is skipped, with a
 * message. */
struct plaintext *plaintext_open(char **files, enum plaintext_by by);
void plaintext_close(struct plaintext *p);

/* Replaces the content of text by the next text, without a newline at its end.
 * *name is its file, *line the number of its first line; they are valid until
 * the next call. False at the end. */
bool plaintext_next(struct plaintext *p, struct buf *text, const char **name,
	uint64_t *line);

/* The number of files skipped, and of texts with invalid bytes. */
uint64_t plaintext_left_out(const struct plaintext *p);
uint64_t plaintext_repaired(const struct plaintext *p);

#endif
