/* checkpoint.c - training state in a model directory: see checkpoint.h */
#include "common/train/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/model/model_dir.h"
#include "common/train/ranks.h"

#define STATE "training.safetensors"
#define NEXT STATE ".next"

static void set_real(struct st_writer *w, const char *key, double x)
{
	char text[32];

	snprintf(text, sizeof text, "%.17g", x);
	safetensors_set_meta(w, key, text);
}

static void write_state(const char *file, const struct optimizer *o,
	const struct checkpoint *c)
{
	struct st_writer *w = safetensors_create(file);
	char number[32];

	snprintf(number, sizeof number, "%ld", c->step);
	safetensors_set_meta(w, "step", number);
	snprintf(number, sizeof number, "%ld", c->first);
	if (c->first)
		safetensors_set_meta(w, "first", number);
	snprintf(number, sizeof number, "%ld", optimizer_steps(o));
	safetensors_set_meta(w, "updates", number);
	snprintf(number, sizeof number, "%" PRIu64, c->rows);
	safetensors_set_meta(w, "rows", number);
	snprintf(number, sizeof number, "%" PRIu64, c->tokens);
	safetensors_set_meta(w, "tokens", number);
	safetensors_set_meta(w, "settings", c->settings);
	if (c->seconds > 0)
		set_real(w, "seconds", c->seconds);
	if (isfinite(c->best) && c->best > 0)
		set_real(w, "best", c->best);
	optimizer_declare(o, w);
	optimizer_write(o, w);
	safetensors_finish(w);
}

void checkpoint_save(const char *dir, const struct model *m,
	const struct optimizer *o, const struct checkpoint *c,
	const char *provenance)
{
	char *state, *next, step[32];
	const char *meta[] = { "step", step, NULL };

	if (!ranks_writes()) {
		optimizer_write(o, NULL);
		return;
	}
	state = path_join(dir, STATE);
	next = path_join(dir, NEXT);
	dir_make(dir);
	snprintf(step, sizeof step, "%ld", c->step);
	write_state(next, o, c);
	model_save(m, dir, DTYPE_F32, provenance, meta);
	if (rename(next, state))
		die_errno("%s: cannot rename", next);
	free(state);
	free(next);
}

bool checkpoint_exists(const char *dir)
{
	char *state = path_join(dir, STATE), *next = path_join(dir, NEXT);
	bool exists = file_exists(state) || file_exists(next);

	free(state);
	free(next);
	return exists;
}

static uint64_t meta_number(const struct safetensors *s, const char *key)
{
	const char *text = safetensors_meta(s, key);
	char *end;
	uint64_t n;

	errno = 0;
	n = text ? strtoull(text, &end, 10) : 0;
	if (!text || errno || end == text || *end || n > INT64_MAX)
		die("%s: not a training state: its '%s' is no number", s->name,
			key);
	return n;
}

/* A number that may be missing. */
static double meta_real(const struct safetensors *s, const char *key,
	double missing)
{
	const char *text = safetensors_meta(s, key);
	double x = text ? strtod(text, NULL) : missing;

	return x > 0 ? x : missing;
}

/* The step in the header of the directory's model. A model without one, in shards
 * or in a file of another format was not written by a trainer: UINT64_MAX, which
 * fits no state. */
static uint64_t model_step(const char *dir)
{
	char *file = model_dir_weights(dir);
	struct safetensors *s = file_exists(file) ? safetensors_open(file) :
		NULL;
	uint64_t step = s && safetensors_meta(s, "step") ?
		meta_number(s, "step") : UINT64_MAX;

	if (s)
		safetensors_close(s);
	free(file);
	return step;
}

/* Opens the state if it exists and is of this step, else NULL. */
static struct safetensors *open_if(const char *dir, const char *name,
	uint64_t step)
{
	char *file = path_join(dir, name);
	struct safetensors *s = NULL;

	if (file_exists(file)) {
		s = safetensors_open(file);
		if (meta_number(s, "step") != step) {
			safetensors_close(s);
			s = NULL;
		}
	}
	free(file);
	return s;
}

/* The state that belongs to the model of DIR, which is of this step, or NULL
 * if there is none. */
static struct safetensors *open_state(const char *dir, uint64_t step)
{
	struct safetensors *s = open_if(dir, STATE, step);

	return s ? s : open_if(dir, NEXT, step);
}

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static _Noreturn void die_setting(const char *name, const char *then,
	const char *now)
{
	if (begins(then, "windows=") || begins(then, "conversations=") ||
		begins(then, "data="))
		die("%s: the run was trained on other data: it cannot resume with these",
			name);
	if (begins(then, "moments=") || begins(now, "moments="))
		die("%s: the run has other --moments: it cannot resume with these",
			name);
	if (begins(then, "compute=") || begins(now, "compute="))
		die("%s: the run has another --compute: it cannot resume with this one",
			name);
	die("%s: the run had '%.*s', this one has '%.*s': it cannot resume", name,
		(int)strcspn(then, " "), then, (int)strcspn(now, " "), now);
}

/* Names the first setting that differs; the batch, which sft derives from the
 * data, only if nothing else differs. */
static void compare_settings(const struct safetensors *s, const char *now)
{
	const char *then = safetensors_meta(s, "settings");
	const char *old_batch = NULL, *batch = NULL;
	size_t a, b;

	while (then && (*then || *now)) {
		a = strcspn(then, " ");
		b = strcspn(now, " ");
		if (a != b || memcmp(then, now, a)) {
			if (!begins(then, "batch="))
				die_setting(s->name, then, now);
			old_batch = then;
			batch = now;
		}
		then += a + (then[a] == ' ');
		now += b + (now[b] == ' ');
	}
	if (batch)
		die_setting(s->name, old_batch, batch);
}

static void load_state(const struct safetensors *s, uint64_t step,
	struct optimizer *o, struct checkpoint *c)
{
	c->step = (long)step;
	c->first = safetensors_meta(s, "first") ?
		(long)meta_number(s, "first") : 0;
	c->rows = meta_number(s, "rows");
	c->tokens = meta_number(s, "tokens");
	c->seconds = meta_real(s, "seconds", 0);
	c->best = meta_real(s, "best", INFINITY);
	optimizer_read(o, s, (long)meta_number(s, "updates"));
}

void checkpoint_load(const char *dir, struct optimizer *o,
	struct checkpoint *c)
{
	uint64_t step = model_step(dir);
	struct safetensors *s = open_state(dir, step);

	if (!s) {
		char *file = model_dir_weights(dir);

		die("%s: the training state does not belong to %s", dir,
			strrchr(file, '/') + 1);
	}
	compare_settings(s, c->settings);
	load_state(s, step, o, c);
	safetensors_close(s);
}

bool checkpoint_follow(const char *dir, const char *kind, struct optimizer *o,
	struct checkpoint *c)
{
	uint64_t step = model_step(dir);
	struct safetensors *s = open_state(dir, step);
	const char *has = s ? safetensors_meta(s, "settings") : NULL;
	bool follows = has && begins(has, kind) &&
		(!has[strlen(kind)] || has[strlen(kind)] == ' ');

	if (follows) {
		load_state(s, step, o, c);
		c->first = c->step;
		c->rows = 0;
		c->seconds = 0;
		c->best = INFINITY;
	}
	if (s)
		safetensors_close(s);
	return follows;
}
