/* data.h - the bytes of a fuzz target as an input or as a file */
#ifndef FUZZ_DATA_H
#define FUZZ_DATA_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/io.h"

static const uint8_t *data_left;
static size_t size_left, data_piece;

static inline size_t give_data(void *ctx, void *buf, size_t n)
{
	if (n > data_piece)
		n = data_piece;
	if (n > size_left)
		n = size_left;
	if (n)
		memcpy(buf, data_left, n);
	data_left += n;
	size_left -= n;
	return n;
}

/* An input that returns at most piece bytes per read; one input at a time. */
static inline struct input *data_input(const uint8_t *data, size_t size,
	size_t piece)
{
	data_left = data;
	size_left = size;
	data_piece = piece;
	return input_open_with("fuzz", give_data, NULL, NULL);
}

/* The name of a file that holds the data until the next call. */
static inline const char *data_file(const uint8_t *data, size_t size)
{
	static char name[256];
	const char *dir = getenv("TMPDIR");
	FILE *f;

	if (!name[0])
		snprintf(name, sizeof name, "%s/fuzz.%ld", dir ? dir : "/tmp",
			(long)getpid());
	f = fopen(name, "wb");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
	return name;
}

#endif
