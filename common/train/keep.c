/* keep.c - checkpoints beside the latest: see keep.h */
#include "common/train/keep.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/mem.h"

/* All that a checkpoint can have, the weights last. */
static const char *const names[] = { "config.json", "adapter_config.json",
	"generation_config.json", "provenance.txt", "tokenizer.json",
	"tokenizer_config.json", "run.txt", "trainlog.tsv", "speed.tsv",
	"layers.tsv", "samples.jsonl", "training.safetensors",
	"adapter_model.safetensors", "model.safetensors", NULL };

/* ---- one checkpoint ---- */

static char *step_dir(const char *dir, long step)
{
	char name[32];

	snprintf(name, sizeof name, "step-%ld", step);
	return path_join(dir, name);
}

static void copy(const char *from, const char *to)
{
	struct mapped m;

	file_map(from, &m);
	file_write(to, m.p, m.n);
	file_unmap(&m);
}

static void keep_file(const char *dir, const char *kept, const char *name)
{
	char *from = path_join(dir, name), *to = path_join(kept, name);

	/* The log grows in place. */
	if (file_exists(from) && (!strcmp(name, "trainlog.tsv") ||
			((unlink(to) && errno != ENOENT) || link(from, to))))
		copy(from, to);
	free(from);
	free(to);
}

static void remove_step(const char *dir, long step)
{
	char *kept = step_dir(dir, step);

	dir_remove(kept, names);
	free(kept);
}

/* ---- all of them ---- */

static int descending(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x < y) - (x > y);
}

/* The step of a directory with this name, or -1. */
static long step_of(const char *name)
{
	char *end;
	long step;

	if (strncmp(name, "step-", 5) || name[5] < '0' || name[5] > '9')
		return -1;
	step = strtol(name + 5, &end, 10);
	return *end ? -1 : step;
}

/* The steps that are kept, the highest first; the caller frees them. */
static long *kept_steps(const char *dir, size_t *n)
{
	DIR *d = opendir(dir);
	long *steps = NULL;
	struct dirent *e;
	size_t cap = 0;

	*n = 0;
	if (!d)
		die_errno("%s: cannot open", dir);
	while ((e = readdir(d))) {
		if (step_of(e->d_name) < 0)
			continue;
		steps = grow(steps, *n, &cap, sizeof *steps);
		steps[(*n)++] = step_of(e->d_name);
	}
	closedir(d);
	if (*n)
		qsort(steps, *n, sizeof *steps, descending);
	return steps;
}

/* Removes all but the `most` highest up to this step. */
static void remove_others(const char *dir, long step, size_t most)
{
	size_t n, i;
	long *steps = kept_steps(dir, &n);

	for (i = 0; i < n; i++)
		if (steps[i] <= step && most)
			most--;
		else
			remove_step(dir, steps[i]);
	free(steps);
}

void keep_checkpoint(const char *dir, long step, size_t most)
{
	char *kept = step_dir(dir, step);
	size_t i;

	dir_make(kept);
	for (i = 0; names[i]; i++)
		keep_file(dir, kept, names[i]);
	free(kept);
	remove_others(dir, step, most);
}

void keep_none(const char *dir)
{
	if (file_is_dir(dir))
		remove_others(dir, 0, 0);
}
