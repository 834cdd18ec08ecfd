/* regex.h - regular expressions in Perl's syntax, safe on hostile text
 *
 * The only file that knows PCRE2. Patterns work on characters of valid UTF-8
 * with Unicode properties (\w, \p{L}, case). A match that takes too many steps
 * is given up, so that no text makes a program hang.
 */
#ifndef PIPELM_REGEX_H
#define PIPELM_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct regex;

enum regex_flag {
	REGEX_DOTALL = 1,	/* a dot matches a newline too */
	REGEX_IN_FILE = 2,	/* the pattern stands in a file, named by what:
				 * a mistake in it is no usage error (exit 1) */
	REGEX_LONG = 4		/* steps in proportion to the text, for walks
				 * that cannot go on without the match */
};

enum regex_result {
	REGEX_NONE,
	REGEX_MATCH,
	REGEX_LIMIT		/* too many steps */
};

struct span {
	size_t at, len;
};

/* what names the pattern in messages ("--pattern"); a pattern that does not
 * compile is a usage error (exit 2) with the place of the mistake, but see
 * REGEX_IN_FILE. Compiled to machine code where the library can. */
struct regex *regex_new(const char *pattern, int flags, const char *what);
void regex_free(struct regex *re);

/* Number of capturing groups. */
int regex_groups(const struct regex *re);

/* The first match in text[0..n) that begins at from or later; what stands
 * before from is seen by lookbehind and \b. groups[0] gets the whole match,
 * groups[i] group i for i < ngroup (at = SIZE_MAX where it took no part).
 * Several threads may use one regex. The text must be valid UTF-8
 * (utf8_valid): it is not checked again, so that a walk over all matches is
 * linear. from must be at a character. */
enum regex_result regex_match(const struct regex *re, const char *text,
	size_t n, size_t from, struct span *groups, int ngroup);

#endif
