/* tokenizer.h - the tokenization stage of HTML parsing, for common/html and
 * its tests
 *
 * The standard's state machine as a scanner over a whole page: a state that
 * spans several characters is a loop, any other state a branch.
 */
#ifndef PIPELM_HTML_TOKENIZER_H
#define PIPELM_HTML_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/html/dom.h"

/* The page must be followed by this many zero bytes, where scans stop. */
#define HTML_PADDING 32

enum html_state {
	HTML_DATA, HTML_RCDATA, HTML_RAWTEXT, HTML_SCRIPT, HTML_PLAINTEXT,
	HTML_CDATA
};

enum token_type {
	TOKEN_TEXT,	/* text[0..n), n > 0, without NUL */
	TOKEN_NUL,	/* n NUL characters, in the data and CDATA states */
	TOKEN_START,
	TOKEN_END,
	TOKEN_COMMENT,	/* text[0..n) */
	TOKEN_DOCTYPE,
	TOKEN_EOF
};

/* Slices live as long as the page and the arena; name and attrs are valid only
 * until the next token. */
struct html_token {
	enum token_type type;
	enum tag tag;
	const char *name;	/* tag: name[0..nname), lower case */
	uint32_t nname;
	struct attr *attrs;	/* start tag: attrs[0..nattr) */
	uint32_t nattr;
	bool self_closing;
	bool force_quirks;
	char *text;
	uint32_t n;
	struct doctype doctype;	/* NULL: missing */
};

struct html_tokenizer {
	char *p, *end;		/* the unread part; *end is 0 */
	struct arena *arena;	/* for decoded text */
	enum html_state state;	/* set by the tree builder too */
	enum tag last_start;	/* whose end tag ends RCDATA and the like */
	bool foreign;		/* CDATA sections are allowed */
	struct attr *attrs;	/* room for the attributes of a tag */
	size_t nattr, cap;
	struct map seen;	/* names, when a tag has a great many */
	struct buf tag_name, attr_name;	/* names with capitals */
};

/* Reads the next token into tok; TOKEN_EOF forever at the end. */
void html_next(struct html_tokenizer *t, struct html_token *tok);

void html_tokenizer_free(struct html_tokenizer *t);

/* ---- DOCTYPE (doctype.c) ---- */

/* Reads the rest of a token; the tokenizer is after "<!DOCTYPE". */
void html_doctype(struct html_tokenizer *t, struct html_token *tok);

/* The quirks mode that this token, the first of a page, selects. */
enum html_quirks { HTML_NO_QUIRKS, HTML_LIMITED_QUIRKS, HTML_QUIRKS };
enum html_quirks html_doctype_quirks(const struct html_token *tok);

/* ---- names (tags.c) ---- */

/* The number of a lower-case name; eight bytes starting at name must be
 * readable. */
enum tag html_tag_find(const char *name, size_t n);
enum attr_id html_attr_find(const char *name, size_t n);

/* ---- character references (entities.c) ---- */

/* Reads the character reference whose '&' is just before s[0..n). Writes its
 * expansion to out[8] as UTF-8 and the length of that to *len. Returns the
 * number of bytes of s that it takes; 0 when there is no reference. in_attr
 * selects the rules for attribute values. */
size_t html_reference(const char *s, size_t n, bool in_attr, char out[8],
	size_t *len);

#endif
