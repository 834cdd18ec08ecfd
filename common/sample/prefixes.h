/* prefixes.h - keys and values of prompts, for later prompts that begin alike
 *
 * The run of a prompt is in use while its samples are drawn, and idle afterwards,
 * until its memory is needed: the least recently used goes first. Of runs that are
 * nearly equal, as those of the turns of a conversation, or of questions after the
 * same examples, one remains. A prompt begins with the longest prefix that it has
 * in common with any run, in use or idle: it shares the memory of that one, which
 * is then kept, up to a few tokens, or it takes over an idle run itself. A run may
 * still be being read: it then has the tokens that its segment holds, and
 * prefixes_soon says whether a prompt should wait for the others. Only tokens that
 * were read as a prompt are in a run, so that results have the same bits as without
 * sharing.
 */
#ifndef PIPELM_PREFIXES_H
#define PIPELM_PREFIXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sample/kvcache.h"

struct prefixes;
struct prefix;		/* a run */

/* Idle runs are freed when the tokens of all runs, with those of the next prompt,
 * each in whole blocks of kv.c, are more than `tokens`; prefixes_limit changes that
 * number. */
struct prefixes *prefixes_new(size_t tokens);
void prefixes_limit(struct prefixes *s, size_t tokens);
void prefixes_free(struct prefixes *s);

/* Both make room for a prompt of n tokens. prefixes_begin, with n > 0, returns what
 * it has in common with a run, less than n tokens, as a segment that the caller
 * owns until prefixes_add; or NULL. */
struct kv_segment *prefixes_begin(struct prefixes *s, const uint32_t *ids,
	size_t n);
void prefixes_room(struct prefixes *s, size_t n);

/* How many of the tokens of a prompt of n > 0 tokens need no memory, at least, if it
 * begins now: they are those of runs that are in use, or kept for some in use. */
size_t prefixes_shared(const struct prefixes *s, const uint32_t *ids, size_t n);

/* The number of such runs, and their tokens in memory, in whole blocks. */
struct prefixes_size {
	size_t runs, tokens;
};
struct prefixes_size prefixes_pinned(const struct prefixes *s);

/* Whether runs that are still being read will have distinctly more in common with
 * a prompt of n > 0 tokens than any has now. */
bool prefixes_soon(const struct prefixes *s, const uint32_t *ids, size_t n);

/* Takes over the run of a prompt, which is in use until prefixes_idle; the caller
 * appends those of the n tokens that are still to be read, and changes no other. */
struct prefix *prefixes_add(struct prefixes *s, const uint32_t *ids, size_t n,
	struct kv_segment *run);
void prefixes_idle(struct prefixes *s, struct prefix *p);

#endif
