/* whatis.h - what a file is that was given to the wrong program
 *
 * A guess from the first bytes, for messages only: nothing is read
 * differently because of it. It names the kind of data and the programs that
 * take it: "a web archive, which crawlclean reads".
 *
 *	die("%s: not a shard%s", name, whatis_note(name));
 */
#ifndef PIPELM_WHATIS_H
#define PIPELM_WHATIS_H

#include <stddef.h>

#define WHATIS_HEAD 4096	/* bytes that tell what they can */

/* The kind of data that begins with head[0..n), or NULL when it is not
 * recognised. The string is static until the next call. */
const char *whatis(const void *head, size_t n);

/* ": it looks like " and the kind, or "" when it is not recognised: the end of a
 * message. Static until the next call. */
const char *whatis_note_bytes(const void *head, size_t n);

/* The same of a file or directory by its name; "" where it cannot be read, or
 * is no regular file ("-", a pipe). */
const char *whatis_note(const char *name);

#endif
