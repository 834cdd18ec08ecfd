/* whatis.h - recognises a file that was given to the wrong program
 *
 * A guess from the first bytes, only for messages: nothing is read differently
 * because of it. It names the kind of data and the programs that read it: "a web
 * archive, which crawlclean reads".
 *
 *	die("%s: not a shard%s", name, whatis_note(name));
 */
#ifndef PIPELM_WHATIS_H
#define PIPELM_WHATIS_H

#include <stddef.h>

#define WHATIS_HEAD 4096	/* bytes that are examined */

/* The kind of data that starts with head[0..n), or NULL when it is not
 * recognised. The string is static, valid until the next call. */
const char *whatis(const void *head, size_t n);

/* ": it looks like " and the kind, or "" when it is not recognised, as the end of
 * a message. Static, valid until the next call. */
const char *whatis_note_bytes(const void *head, size_t n);

/* The same for a file or directory by name; "" if it cannot be read, or is not a
 * regular file ("-", a pipe). */
const char *whatis_note(const char *name);

#endif
