/* driver.c - a fuzzer for compilers without libFuzzer: random changes without
 * coverage feedback
 *
 *	fuzz-NAME SECONDS INPUT CORPUS
 *
 * Each input is a file of CORPUS with bytes changed, removed, doubled or
 * joined to those of another file. Before it is tried it is stored in the file
 * INPUT, which is mapped and so survives a crash.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common/base/err.h"

#define MOST 65536	/* bytes of an input */
#define FILES 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct { uint8_t *p; size_t n; } corpus[FILES];
static size_t files;
static uint64_t state = 88172645463325252u;

static size_t below(size_t n)	/* xorshift64 */
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? state % n : 0;
}

static void add_file(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = name[0] == '.' || files == FILES ? NULL : fopen(path, "rb");
	if (!f)
		return;
	corpus[files].p = malloc(MOST);
	corpus[files].n = fread(corpus[files].p, 1, MOST, f);
	files++;
	fclose(f);
}

static void read_corpus(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		add_file(dir, e->d_name);
	if (d)
		closedir(d);
	if (!files)
		die("%s: no files", dir);
}

/* Makes one change to p[0..n), which has room for MOST bytes; returns the new n. */
static size_t change(uint8_t *p, size_t n)
{
	size_t at = below(n), len = 1 + below(below(2) ? 4 : 64), other;

	if (!n)
		return 0;
	if (len > n - at)
		len = n - at;
	switch (below(5)) {
	case 0:
		p[at] = (uint8_t)below(256);
		return n;
	case 1:
		p[at] ^= (uint8_t)(1u << below(8));
		return n;
	case 2:
		memmove(p + at, p + at + len, n - at - len);
		return n - len;
	case 3:
		if (n + len > MOST)
			return n;
		memmove(p + at + len, p + at, n - at);
		return n + len;
	default:
		other = below(files);
		if (corpus[other].n < len)
			return n;
		memcpy(p + at, corpus[other].p + below(corpus[other].n - len),
			len);
		return n;
	}
}

/* Makes an input in p; returns its length. */
static size_t make_input(uint8_t *p)
{
	size_t from = below(files), n = corpus[from].n, i;

	memcpy(p, corpus[from].p, n);
	for (i = 1 + below(8); i; i--)
		n = change(p, n);
	return n;
}

int main(int argc, char **argv)
{
	long runs = 0, seconds;
	time_t start = time(NULL);
	uint8_t *shown, *input;
	size_t n;
	int fd;

	err_init(argv[0]);
	if (argc != 4)
		die("not SECONDS INPUT CORPUS");
	seconds = atol(argv[1]);
	read_corpus(argv[3]);
	fd = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || ftruncate(fd, MOST))
		die_errno("%s", argv[2]);
	shown = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shown == MAP_FAILED)
		die_errno("%s", argv[2]);
	for (; time(NULL) - start < seconds; runs++) {
		n = make_input(shown);
		/* An exact copy, so that reading past its end is detected. */
		input = malloc(n + !n);
		memcpy(input, shown, n);
		if (ftruncate(fd, (off_t)n))
			die_errno("%s", argv[2]);
		LLVMFuzzerTestOneInput(input, n);
		free(input);
		if (ftruncate(fd, MOST))
			die_errno("%s", argv[2]);
	}
	printf("Done %ld runs in %ld second(s)\n", runs, seconds);
	unlink(argv[2]);
	return 0;
}
