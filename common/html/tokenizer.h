/* tokenizer.h - the tokenization stage of HTML parsing, for html_*.c and
 * its tests
 *
 * The standard's state machine as a scanner over a whole page: each state
 * that spans characters is a loop, each other state a branch.
 */
#ifndef PIPELM_HTML_TOKENIZER_H
#define PIPELM_HTML_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/html/dom.h"

/* Bytes of value 0 that must follow the page in memory: scans stop there. */
#define HTML_PADDING 32

enum html_state {
	HTML_DATA, HTML_RCDATA, HTML_RAWTEXT, HTML_SCRIPT, HTML_PLAINTEXT,
	HTML_CDATA
};

enum token_type {
	TOKEN_TEXT,	/* text[0..n), n > 0, without NUL */
	TOKEN_NUL,	/* n NUL characters in the states data and CDATA */
	TOKEN_START,
	TOKEN_END,
	TOKEN_COMMENT,	/* text[0..n) */
	TOKEN_DOCTYPE,
	TOKEN_EOF
};

/* Slices live as long as the page and the arena, but for name and attrs, which
 * are good until the next token. */
struct token {
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
	char *p, *end;		/* what is not read yet; *end is 0 */
	struct arena *arena;	/* for what had to be decoded */
	enum html_state state;	/* set by the tree builder too */
	enum tag last_start;	/* which end tag ends RCDATA and its like */
	bool foreign;		/* a CDATA section may begin */
	struct attr *attrs;	/* room for the attributes of a tag */
	size_t nattr, cap;
	struct map seen;	/* names, when a tag has very many */
	struct buf tag_name, attr_name;	/* those with capitals */
};

/* Reads the next token into tok; TOKEN_EOF again and again at the end. */
void html_next(struct html_tokenizer *t, struct token *tok);

void html_tokenizer_free(struct html_tokenizer *t);

/* ---- DOCTYPE (doctype.c) ---- */

/* Reads the rest of a token, the tokenizer being behind "<!DOCTYPE". */
void html_doctype(struct html_tokenizer *t, struct token *tok);

/* What the token, the first of a page, makes of the document. */
enum html_quirks { HTML_NO_QUIRKS, HTML_LIMITED_QUIRKS, HTML_QUIRKS };
enum html_quirks html_doctype_quirks(const struct token *tok);

/* ---- names (tags.c) ---- */

/* The number of a name in lower case; eight bytes from name on must be
 * readable. */
enum tag html_tag_find(const char *name, size_t n);
enum attr_id html_attr_find(const char *name, size_t n);

/* ---- character references (entities.c) ---- */

/* Reads the reference whose '&' stands before s[0..n). Writes what it stands
 * for to out[8] as UTF-8, its length to *len, and returns the number of bytes
 * of s that belong to it; 0: there is none. in_attr: the rules of attribute
 * values. */
size_t html_reference(const char *s, size_t n, bool in_attr, char out[8],
	size_t *len);

#endif
