/* regex.h - regular expressions in Perl syntax, safe for hostile text
 *
 * The only file that uses PCRE2. Patterns work on characters of valid UTF-8 with
 * Unicode properties (\w, \p{L}, case). A match that needs too many steps is
 * abandoned, so that no text can hang a program.
 */
#ifndef PIPELM_REGEX_H
#define PIPELM_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct regex;

enum regex_flag {
	REGEX_DOTALL = 1,	/* a dot matches a newline too */
	REGEX_IN_FILE = 2,	/* the pattern is from a file, named by what: an
				 * error in it is not a usage error (exit 1) */
	REGEX_LONG = 4,		/* steps in proportion to the text, for loops
				 * that cannot continue without the match */
	REGEX_GROWING = 8	/* for regex_growing only */
};

enum regex_result {
	REGEX_NONE,
	REGEX_MATCH,
	REGEX_PARTIAL,		/* from regex_growing */
	REGEX_LIMIT		/* too many steps */
};

struct span {
	size_t at, len;
};

/* what names the pattern in messages ("--pattern"). A pattern that does not
 * compile is a usage error (exit 2) with the position, except for REGEX_IN_FILE.
 * Compiled to machine code if the library can. */
struct regex *regex_new(const char *pattern, int flags, const char *what);
void regex_free(struct regex *re);

/* The number of capturing groups. */
int regex_groups(const struct regex *re);

/* The first match in text[0..n) that starts at or after from; lookbehind and \b
 * see the text before from. groups[0] gets the whole match, groups[i] group i for
 * i < ngroup (at = SIZE_MAX if it did not participate). Threads may share a
 * regex. The text must be valid UTF-8 (utf8_valid): it is not checked again, so
 * that finding all matches is linear. from must be at a character. */
enum regex_result regex_match(const struct regex *re, const char *text,
	size_t n, size_t from, struct span *groups, int ngroup);

/* For a text that grows, and a regex with REGEX_GROWING: REGEX_MATCH if the text
 * matches as a whole; REGEX_PARTIAL if it does not, but a longer one that begins
 * with it may. That is PCRE2's partial matching: if the pattern looks ahead or
 * refers back, a promised match may turn out to be impossible. */
enum regex_result regex_growing(const struct regex *re, const char *text,
	size_t n);

#endif
