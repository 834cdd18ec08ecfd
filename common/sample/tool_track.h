/* tool_track.h - finds the calls of tools in an answer as it grows
 *
 * START, a text and END; the first END after a START ends the call, and what a
 * token has after a marker that is a text belongs to what follows. Markers count
 * in sampled tokens only.
 */
#ifndef PIPELM_TOOL_TRACK_H
#define PIPELM_TOOL_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/sample/answer.h"

/* A special token, or a text: text[0..n). */
struct tool_marker {
	int64_t id;		/* -1: a text */
	const char *text;
	size_t n;
};

struct tool {
	struct tool_marker start, end;
	const char *command;
	bool warned;		/* of its first error */
};

/* A call and where it is in the text of the answer: text[from..to) are markers,
 * input and result. A result that is missing, since the answer was cancelled or
 * cut, is empty. */
struct tool_call {
	const struct tool *tool;
	struct buf input, result;
	size_t from, to;
};

/* The state of an answer, at a->tools. */
struct tool_track {
	struct tool_call *calls;
	size_t n, cap;
	const struct tool *open;	/* whose START was seen, or NULL */
	size_t from;		/* of this START in the text */
	size_t begin;		/* of the input after it */
	size_t searched;	/* no marker begins in the text before this */
};

/* Takes the last token of an answer into account. Returns the call that it
 * completes, or NULL. */
struct tool_call *tool_track_token(struct answer *a, const struct tool *tools,
	size_t n);

/* How much of the text is known to be outside of a call that has begun, or that a
 * START at the end may begin. */
size_t tool_track_settled(const struct answer *a);

/* The calls whose results are known, of a->tools->calls. */
size_t tool_track_done(const struct answer *a);

/* NULL is none. */
void tool_track_free(struct tool_track *t);

#endif
