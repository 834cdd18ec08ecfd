/* buf.c - a byte string that grows: see buf.h */
#include "common/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = 0;
}

char *buf_room(struct buf *b, size_t n)
{
	if (n >= SIZE_MAX - b->n)
		die("out of memory: %zu bytes", n);
	if (b->cap - b->n < n + 1 || !b->p) {
		size_t cap = b->cap ? b->cap : 64;

		while (cap - b->n < n + 1)
			cap = cap > SIZE_MAX / 2 ? SIZE_MAX : 2 * cap;
		b->p = xrealloc(b->p, cap, 1);
		b->cap = cap;
	}
	return b->p + b->n;
}

char *buf_end(struct buf *b)
{
	*buf_room(b, 0) = 0;
	return b->p;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_room(b, n);

	if (n)
		memcpy(to, p, n);
	to[n] = 0;
	b->n += n;
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, int c)
{
	char *to = buf_room(b, 1);

	to[0] = (char)c;
	to[1] = 0;
	b->n++;
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	buf_room(b, (size_t)n);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

size_t buf_begins(const struct buf *b, const char *s, size_t n)
{
	size_t k = n ? n - 1 : 0;

	if (k > b->n)
		k = b->n;
	while (k && memcmp(b->p + b->n - k, s, k))
		k--;
	return k;
}
