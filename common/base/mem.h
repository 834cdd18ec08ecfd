/* mem.h - allocation that does not fail, or ends the program with a message
 *
 * Every allocation of the project goes through these. PIPELM_FAIL_ALLOC=N in
 * the environment makes the N-th one fail, for tests.
 */
#ifndef PIPELM_MEM_H
#define PIPELM_MEM_H

#include <stddef.h>

/* What makes a program need less, "a smaller --batch or -M"; said with "out of
 * memory". NULL: nothing. */
extern const char *mem_hint;

/* Bytes of the machine's memory, or 0 when it does not say. */
double mem_physical(void);

/* Fatal, with the hint, when a program is about to take more than the machine
 * has: the kernel would kill it later and give no reason. what: "the run". */
void mem_need(const char *what, double bytes);

/* n bytes, not initialised; never NULL, n = 0 included. free() frees them. */
void *xmalloc(size_t n);

/* n elements of size bytes, zeroed; dies when n * size overflows. */
void *xcalloc(size_t n, size_t size);

/* p with room for n elements of size bytes. */
void *xrealloc(void *p, size_t n, size_t size);

/* n bytes, zeroed, aligned to 64 (one cache line, one AVX-512 vector).
 * Large blocks ask for huge pages. free() frees them. */
void *xaligned(size_t n);

/* The same, not initialised: for what is written anyway. */
void *xaligned_raw(size_t n);

char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);

/* Room for at least one element more in *p, which has n of *cap elements;
 * *cap is doubled when they are equal. For growing arrays:
 *   v = grow(v, n, &cap, sizeof *v); v[n++] = x; */
void *grow(void *p, size_t n, size_t *cap, size_t size);

#endif
