/* seen.h - sets of 64-bit keys in bounded memory
 *
 * A key is a hash, stored in 8 bytes, plus 4 for a number where wanted. A table
 * starts small and doubles. When it is full at its maximum size, it becomes the
 * old table, a new one is started, and the previous old table is forgotten. So
 * at least the most recent half of what fits is always known. The probability
 * that a new key is mistaken for one of n others is n / 2^64.
 */
#ifndef PIPELM_SEEN_H
#define PIPELM_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_NEVER UINT32_MAX

struct seen;

/* bytes: maximum memory of both tables together, at least
 * seen_least(numbers). numbers: store with each key the number given when it
 * was first put. */
size_t seen_least(bool numbers);

struct seen *seen_new(size_t bytes, bool numbers);
void seen_free(struct seen *s);

/* Prefetches the slot of key for a seen_put that follows soon. */
void seen_prefetch(const struct seen *s, uint64_t key);

/* If key is known, returns its number (0 without numbers); otherwise adds it
 * with this number and returns SEEN_NEVER. */
uint32_t seen_put(struct seen *s, uint64_t key, uint32_t number);

/* The number of keys known now, how often a full table was replaced, and how
 * many keys fit before the first time. */
uint64_t seen_count(const struct seen *s);
unsigned seen_turns(const struct seen *s);
uint64_t seen_room(const struct seen *s);

#endif
