/* url.h - lists of web addresses that are not wanted, as FineWeb's URL filter
 * has them
 *
 * A domain list drops a host and everything below it; an address list drops
 * exactly that address; words are looked for among the runs of ASCII letters
 * and digits of an address, as they are; subwords in the address without
 * everything else, in lower case (Aho and Corasick 1975).
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

/* Lists with nothing in them, or with the short built-in ones (words, soft
 * words and subwords; they are about pornography and gambling). */
struct urls *urls_new(bool built_in);
void urls_free(struct urls *u);

/* Adds the lines of a file to a list; those that begin with '#' and empty ones
 * are left out. A compressed file is fine. */
void urls_add_file(struct urls *u, enum url_list list, const char *file);

/* Call it after the last urls_add_file and before the functions below, which may
 * then be called by several threads at once. */
void urls_finish(struct urls *u);

bool urls_domain(const struct urls *u, const char *url);
bool urls_address(const struct urls *u, const char *url);
size_t urls_words(const struct urls *u, enum url_list list, const char *url);
bool urls_subword(const struct urls *u, const char *url);

#endif
