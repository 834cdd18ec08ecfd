/* tools.h - tools that a model calls while it answers
 *
 * A tool has two markers and a command. When a model has sampled START, a text
 * and END, the text goes to the command's standard input (tool_pool.h) and the
 * answer waits; the result is then appended as forced tokens (answer.h), encoded
 * as ordinary text whatever it spells. A marker is the special token of that
 * name if the vocabulary has one, otherwise a text, which the model may spell
 * with any tokens. Only sampled tokens call tools, never results.
 *
 * An answer depends on its own calls only: not on the time they take, nor on
 * other answers.
 */
#ifndef PIPELM_TOOLS_H
#define PIPELM_TOOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/options.h"
#include "common/sample/answer.h"
#include "common/sample/tool_track.h"
#include "common/token/encode.h"

struct tool_options {
	struct option_list tools;	/* "START,END,COMMAND" */
	const char *output;		/* "START,END" around results; or NULL */
	double timeout;			/* seconds of a call */
	size_t bytes;			/* of a result */
	int64_t calls;			/* in an answer */
	bool patient;			/* as in struct tool_limits */
};
#define TOOL_DEFAULTS { .timeout = 10, .bytes = 4096, .calls = 16 }

/* For option tables: o is a struct tool_options, set to TOOL_DEFAULTS. */
#define OPT_TOOLS(o) \
	{ 0, "tool", OPT_LIST, &(o).tools, "START,END,CMD", \
	  "+give the text between START and END to CMD; may be repeated" }, \
	{ 0, "tool-output", OPT_STR, &(o).output, "START,END", \
	  "+what to put around the results of tools" }, \
	{ 0, "tool-timeout", OPT_FLOAT, &(o).timeout, "SECONDS", \
	  "+time of a call (10)" }, \
	{ 0, "tool-bytes", OPT_BYTES, &(o).bytes, "SIZE", \
	  "+maximum size of a result (4K)" }, \
	{ 0, "tool-calls", OPT_INT, &(o).calls, "N", \
	  "+calls in an answer; more are refused (16)" }

/* An invalid value is a usage error. Call it after options_parse. */
void tool_options_check(const struct tool_options *o);

struct tools;

/* v must stay valid. NULL without any --tool. */
struct tools *tools_new(const struct tool_options *o, const struct vocab *v);
void tools_free(struct tools *t);

/* For the engine's callback token, when a token was added to an answer that can
 * have `most`: makes it wait if that is a call. An answer that ended with its
 * last token goes on if this is an END. */
void tools_token(struct tools *t, struct answer *a, size_t most);

/* The answer is cancelled: drops the call it waits for, if any. */
void tools_cancel(struct tools *t, struct answer *a);

/* Cancels the answers that wait and are unwanted(ctx, a). */
void tools_cancel_if(struct tools *t,
	bool (*unwanted)(void *ctx, struct answer *a), void *ctx);

/* For the engine's callback resume, after cancelling. */
void tools_resume(struct tools *t, bool idle);

/* Bytes that the calls of an answer of at most `most` tokens may take. NULL: 0. */
size_t tools_bytes(const struct tools *t, size_t most);

/* Prints how many calls there were, and how many gave errors. */
void tools_summary(const struct tools *t);

#endif
