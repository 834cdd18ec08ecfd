/* seen.h - sets of 64-bit keys that remember what was seen, in bounded memory
 *
 * A key is a hash; 8 bytes are kept of it, and 4 more for a number where one
 * is asked for. A table begins small and doubles. At its greatest size, when
 * it is full, it becomes the old one and a new one is begun; the one that was
 * old is forgotten. So at least the last half of what fits is always known.
 * Chance that a key is taken for one of n others: n / 2^64.
 */
#ifndef PIPELM_SEEN_H
#define PIPELM_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_NEVER UINT32_MAX

struct seen;

/* bytes: greatest memory of both tables together, seen_least(numbers) at
 * least. numbers: each key has the number that was given when it was first
 * put. */
size_t seen_least(bool numbers);
struct seen *seen_new(size_t bytes, bool numbers);
void seen_free(struct seen *s);

/* Brings the place of key near, for a seen_put that follows soon. */
void seen_prefetch(const struct seen *s, uint64_t key);

/* If key is known, returns its number (0 without numbers), else remembers it
 * with this one and returns SEEN_NEVER. */
uint32_t seen_put(struct seen *s, uint64_t key, uint32_t number);

/* Keys that are known now, how often a full table became old, and keys that
 * fit before the first time. */
uint64_t seen_count(const struct seen *s);
unsigned seen_turns(const struct seen *s);
uint64_t seen_room(const struct seen *s);

#endif
