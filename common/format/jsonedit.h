/* jsonedit.h - changes some keys of a JSON object, and nothing else
 *
 * Changes are recorded against the unchanged text and applied when it is
 * written. Zero-initialise it; free it with json_edits_free. For one thread.
 */
#ifndef PIPELM_JSONEDIT_H
#define PIPELM_JSONEDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/format/jsonscan.h"

struct json_edit {
	const char *path;
	size_t at, n;		/* the text of the value in values */
};

struct json_edits {
	struct json_edit *v;
	size_t n, cap;
	struct buf values;
	struct buf scratch[3];
	struct json_splice *splices;
	size_t nsplice, splice_cap;
};

/* Records that path, "key" or "key.key", is to have the JSON value text[0..n).
 * path must stay valid until the edits are applied. A second value for a path
 * replaces the first. */
void json_edit(struct json_edits *e, const char *path, const char *text,
	size_t n);
void json_edit_string(struct json_edits *e, const char *path, const char *s,
	size_t n);
void json_edit_double(struct json_edits *e, const char *path, double v);

/* Appends line[0..n), the object whose fields are f (json_object), to out with
 * the changes. Existing keys are changed in place, new ones are added at the end
 * in the order of recording; "a.b", where a is missing or not an object, makes a
 * an object. Without edits it is a copy. */
void json_edits_apply(struct json_edits *e, const char *line, size_t n,
	const struct json_fields *f, struct buf *out);

void json_edits_reset(struct json_edits *e);
void json_edits_free(struct json_edits *e);

#endif
