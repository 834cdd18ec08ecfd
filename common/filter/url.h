/* url.h - lists of unwanted URLs, as in FineWeb's URL filter
 *
 * A domain list matches a host and everything below it; an address list matches
 * exact URLs; words are compared with the runs of ASCII letters and digits of a
 * URL, case-sensitively; subwords are searched for in those letters and digits,
 * joined and in lower case (Aho and Corasick 1975).
 */
#ifndef PIPELM_URL_H
#define PIPELM_URL_H

#include <stdbool.h>
#include <stddef.h>

enum url_list {
	URL_DOMAIN,
	URL_ADDRESS,
	URL_WORD,	/* one is enough */
	URL_SOFT_WORD,	/* several are needed */
	URL_SUBWORD,
	URL_LISTS
};

struct urls;

/* Empty lists, or the short built-in ones (words, soft words and subwords about
 * pornography and gambling). */
struct urls *urls_new(bool built_in);
void urls_free(struct urls *u);

/* Adds the lines of a file, which may be compressed, to a list, except empty
 * lines and lines that start with '#'. */
void urls_add_file(struct urls *u, enum url_list list, const char *file);

/* Call it after the last urls_add_file and before the functions below, which are
 * then safe to call from several threads. */
void urls_finish(struct urls *u);

bool urls_domain(const struct urls *u, const char *url);
bool urls_address(const struct urls *u, const char *url);
size_t urls_words(const struct urls *u, enum url_list list, const char *url);
bool urls_subword(const struct urls *u, const char *url);

#endif
