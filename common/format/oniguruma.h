/* oniguruma.h - patterns of tokenizer.json files in PCRE2's syntax
 *
 * Hugging Face's tokenizers match with Oniguruma in its Ruby syntax (doc/RE of
 * that library), where some spellings mean something else than in Perl: \h is
 * a hexadecimal digit, && in a class an intersection, [a[bc]] one class, ^ and
 * $ are of lines, x{1,3}+ repeats. What cannot be said in PCRE2, or is not
 * known to be the same, is refused by name.
 */
#ifndef PIPELM_ONIGURUMA_H
#define PIPELM_ONIGURUMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

struct onig_error {
	size_t at;		/* byte of the pattern */
	const char *what;	/* the construct, without a full stop */
};

/* Appends the translation of a pattern, which is valid UTF-8, to out. False,
 * with *e set and out undefined, when it is refused. The result has no
 * capturing groups. With recent, the characters that Unicode 15 and 16 added
 * are listed beside the properties they have, for a PCRE2 whose tables are
 * older, which makes a match slower. */
bool onig_translate(const char *pattern, bool recent, struct buf *out,
	struct onig_error *e);

/* Whether that matters to a text with the character c. */
bool onig_is_recent(uint32_t c);

#endif
