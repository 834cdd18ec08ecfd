/* oniguruma.h - translates patterns of tokenizer.json files to PCRE2 syntax
 *
 * Hugging Face's tokenizers match with Oniguruma and its Ruby syntax (doc/RE of
 * that library), in which some constructs differ from Perl: \h is a hexadecimal
 * digit, && in a class is an intersection, [a[bc]] is one class, ^ and $ match at
 * lines, x{1,3}+ is a repetition. What PCRE2 cannot express, or is not known to
 * be the same, is refused by name.
 */
#ifndef PIPELM_ONIGURUMA_H
#define PIPELM_ONIGURUMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

struct onig_error {
	size_t at;		/* byte offset in the pattern */
	const char *what;	/* the construct, without a full stop */
};

/* Appends the translation of a pattern, which must be valid UTF-8, to out.
 * Returns false, with *e set and out undefined, when it is refused. The result
 * has no capturing groups. With recent, characters added by Unicode 15 and 16
 * are listed in addition to their properties, for a PCRE2 with older tables;
 * this makes matching slower. */
bool onig_translate(const char *pattern, bool recent, struct buf *out,
	struct onig_error *e);

/* Whether recent matters to a text that contains the character c. */
bool onig_is_recent(uint32_t c);

#endif
