/* mem.h - allocation that never fails: it ends the program with a message
 *
 * Every allocation of the project goes through these functions. For tests, the
 * environment variable PIPELM_FAIL_ALLOC=N makes the N-th allocation fail.
 */
#ifndef PIPELM_MEM_H
#define PIPELM_MEM_H

#include <stddef.h>

/* What would make the program need less, "a smaller --batch or -M"; appended to
 * "out of memory". NULL: nothing. */
extern const char *mem_hint;

/* Bytes of physical memory, or 0 when unknown. */
double mem_physical(void);

/* Bytes of it that this process occupies now, and the most that it has occupied;
 * or 0 when unknown. */
double mem_resident(void);
double mem_peak(void);

/* From now on, large blocks of memory return to the system as they are freed, where
 * the C library can do that. */
void mem_give_back(void);

/* Dies, with the hint, when a program is about to need more memory than the
 * machine has: the kernel would kill it later without a reason. what: "the
 * run". */
void mem_need(const char *what, double bytes);

/* n uninitialised bytes; never NULL, even for n = 0. Free them with free(). */
void *xmalloc(size_t n);

/* n elements of size bytes, zeroed; dies when n * size overflows. */
void *xcalloc(size_t n, size_t size);

/* p, resized to n elements of size bytes. */
void *xrealloc(void *p, size_t n, size_t size);

/* n zeroed bytes, aligned to 64 (a cache line, an AVX-512 vector). Large blocks
 * request huge pages. Free them with free(). */
void *xaligned(size_t n);

/* The same, uninitialised, for memory that will be overwritten. */
void *xaligned_raw(size_t n);

char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* Makes room for at least one more element in p, which has n of *cap elements;
 * *cap is doubled when the two are equal. For growing arrays:
 *   v = grow(v, n, &cap, sizeof *v); v[n++] = x; */
void *grow(void *p, size_t n, size_t *cap, size_t size);

#endif
