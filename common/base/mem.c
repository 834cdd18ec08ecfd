/* mem.c - allocation that ends the program on failure: see mem.h */
#include "common/base/mem.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "common/base/err.h"

#define HUGE_PAGE ((size_t)2 << 20)

const char *mem_hint;

/* Counts down to the allocation that will fail; negative: none will. */
static _Atomic long fail_after = -2;

static bool told_to_fail(void)
{
	long n = atomic_load_explicit(&fail_after, memory_order_relaxed);

	if (n == -1)
		return false;
	if (n == -2) {
		const char *s = getenv("PIPELM_FAIL_ALLOC");

		n = s && *s ? strtol(s, NULL, 10) : -1;
		atomic_store(&fail_after, n);
		if (n < 0)
			return false;
	}
	return atomic_fetch_sub(&fail_after, 1) == 1;
}

/* The hint as the end of a message. */
#define HINT mem_hint ? ": less is needed with " : "", mem_hint ? mem_hint : ""

static void *checked(void *p, size_t n)
{
	if (!p)
		die("out of memory: %zu bytes%s%s", n, HINT);
	return p;
}

static size_t times(size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		die("out of memory: %zu times %zu bytes%s%s", n, size, HINT);
	return n * size;
}

double mem_physical(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (double)pages * (double)size : 0;
}

double mem_resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*s %lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

double mem_peak(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	double kb = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "VmHWM: %lf kB", &kb) == 1)
			break;
	fclose(f);
	return kb * 1024;
}

/* glibc otherwise keeps freed blocks that are as large as one freed before. */
void mem_give_back(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

void mem_need(const char *what, double bytes)
{
	double has = mem_physical();

	if (has > 0 && bytes > has)
		die("%s needs %.1fG of memory, but the machine has %.1fG%s%s",
			what, ldexp(bytes, -30), ldexp(has, -30), HINT);
}

void *xmalloc(size_t n)
{
	return checked(told_to_fail() ? NULL : malloc(n ? n : 1), n);
}

void *xcalloc(size_t n, size_t size)
{
	size_t all = times(n, size);

	return checked(told_to_fail() ? NULL : calloc(all ? all : 1, 1), all);
}

void *xrealloc(void *p, size_t n, size_t size)
{
	size_t all = times(n, size);

	return checked(
		told_to_fail() ? NULL : realloc(p, all ? all : 1), all);
}

void *xaligned_raw(size_t n)
{
	size_t align = n >= HUGE_PAGE ? HUGE_PAGE : 64;
	void *p = NULL;

	if (n > SIZE_MAX - align)
		checked(NULL, n);
	n = (n + align - 1) & ~(align - 1);
	if (told_to_fail() || posix_memalign(&p, align, n ? n : align))
		p = NULL;
	checked(p, n);
#ifdef MADV_HUGEPAGE
	if (align == HUGE_PAGE)
		madvise(p, n, MADV_HUGEPAGE);
#endif
	return p;
}

void *xaligned(size_t n)
{
	return memset(xaligned_raw(n), 0, n);
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);

	memcpy(p, s, n);
	p[n] = 0;
	return p;
}

void *grow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	*cap = *cap ? 2 * *cap : 16;
	return xrealloc(p, *cap, size);
}
