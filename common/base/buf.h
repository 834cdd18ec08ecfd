/* buf.h - a byte string that grows
 *
 * Zero-initialise it ({0}); buf_free frees the memory. Once something was
 * added, p is followed by a NUL, so it is a C string if the content has no NUL
 * of its own. Any call may move the content.
 */
#ifndef PIPELM_BUF_H
#define PIPELM_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "common/base/err.h"

struct buf {
	char *p;
	size_t n;	/* bytes in use */
	size_t cap;
};

void buf_free(struct buf *b);

/* Empties b but keeps its memory. */
void buf_reset(struct buf *b);

/* Makes room for n more bytes and returns where they go; the caller writes them
 * and adds to b->n (and calls buf_end if it needs the NUL). */
char *buf_room(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_putc(struct buf *b, int c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Writes the NUL after the content and returns b->p. */
char *buf_end(struct buf *b);

/* The number of bytes at the end of b, at most n - 1, that s[0..n) begins with:
 * more to come could complete it. */
size_t buf_begins(const struct buf *b, const char *s, size_t n);

#endif
