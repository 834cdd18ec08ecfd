/* doctype.c - the DOCTYPE token, and the quirks mode that follows from it
 *
 * The sections "DOCTYPE state" to "Bogus DOCTYPE state" and "The initial
 * insertion mode" of the standard.
 */
#include "common/html/tokenizer.h"

#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

static void skip_space(struct html_tokenizer *t)
{
	while (ascii_html_space(*t->p))
		t->p++;
}

/* s[0..n) as a C string with NUL as U+FFFD. */
static char *copy(struct html_tokenizer *t, const char *s, size_t n,
	bool lower)
{
	char *out = arena_alloc(t->arena, 3 * n + 1), *o = out;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!s[i])
			o += utf8_encode(o, 0xfffd);
		else if (lower && s[i] >= 'A' && s[i] <= 'Z')
			*o++ = (char)(s[i] | 32);
		else
			*o++ = s[i];
	}
	*o = 0;
	return out;
}

static void name(struct html_tokenizer *t, struct html_token *tok)
{
	char *s = t->p;

	while (t->p < t->end && *t->p != '>' && !ascii_html_space(*t->p))
		t->p++;
	tok->doctype.name = copy(t, s, (size_t)(t->p - s), true);
}

/* A quoted string, if there is one; a '>' ends it too. */
static const char *identifier(struct html_tokenizer *t, struct html_token *tok)
{
	char quote = *t->p, *s = t->p + 1, *p = s;

	if (quote != '"' && quote != '\'') {
		tok->force_quirks = true;
		return NULL;
	}
	while (p < t->end && *p != quote && *p != '>')
		p++;
	t->p = p;
	if (p < t->end && *p == quote)
		t->p++;
	else
		tok->force_quirks = true;
	return copy(t, s, (size_t)(p - s), false);
}

static bool keyword(struct html_tokenizer *t, const char *word)
{
	if (strncasecmp(t->p, word, 6) != 0)
		return false;
	t->p += 6;
	skip_space(t);
	return true;
}

/* PUBLIC "id" ["id"] or SYSTEM "id"; anything else means quirks mode. */
static void identifiers(struct html_tokenizer *t, struct html_token *tok)
{
	if (keyword(t, "public")) {
		tok->doctype.public_id = identifier(t, tok);
		skip_space(t);
		if (tok->force_quirks || *t->p == '>')
			return;
		tok->doctype.system_id = identifier(t, tok);
	} else if (keyword(t, "system"))
		tok->doctype.system_id = identifier(t, tok);
	else
		tok->force_quirks = true;
}

/* t->p is after "<!DOCTYPE". Anything between the identifiers and the '>' is
 * ignored; only there can the end of the page cut the token off. */
void html_doctype(struct html_tokenizer *t, struct html_token *tok)
{
	tok->type = TOKEN_DOCTYPE;
	tok->doctype = (struct doctype){ 0 };
	tok->force_quirks = false;
	skip_space(t);
	if (t->p == t->end || *t->p == '>')
		tok->force_quirks = true;
	else {
		name(t, tok);
		skip_space(t);
		if (t->p < t->end && *t->p != '>')
			identifiers(t, tok);
	}
	skip_space(t);
	if (t->p == t->end)
		tok->force_quirks = true;
	while (t->p < t->end && *t->p != '>')
		t->p++;
	if (t->p < t->end)
		t->p++;
}

static const char *const quirky_prefixes[] = {
	"+//Silmaril//dtd html Pro v0r11 19970101//",
	"-//AS//DTD HTML 3.0 asWedit + extensions//",
	"-//AdvaSoft Ltd//DTD HTML 3.0 asWedit + extensions//",
	"-//IETF//DTD HTML 2.0 Level 1//", "-//IETF//DTD HTML 2.0 Level 2//",
	"-//IETF//DTD HTML 2.0 Strict Level 1//",
	"-//IETF//DTD HTML 2.0 Strict Level 2//",
	"-//IETF//DTD HTML 2.0 Strict//", "-//IETF//DTD HTML 2.0//",
	"-//IETF//DTD HTML 2.1E//", "-//IETF//DTD HTML 3.0//",
	"-//IETF//DTD HTML 3.2 Final//", "-//IETF//DTD HTML 3.2//",
	"-//IETF//DTD HTML 3//", "-//IETF//DTD HTML Level 0//",
	"-//IETF//DTD HTML Level 1//", "-//IETF//DTD HTML Level 2//",
	"-//IETF//DTD HTML Level 3//", "-//IETF//DTD HTML Strict Level 0//",
	"-//IETF//DTD HTML Strict Level 1//",
	"-//IETF//DTD HTML Strict Level 2//",
	"-//IETF//DTD HTML Strict Level 3//", "-//IETF//DTD HTML Strict//",
	"-//IETF//DTD HTML//",
	"-//Metrius//DTD Metrius Presentational//",
	"-//Microsoft//DTD Internet Explorer 2.0 HTML Strict//",
	"-//Microsoft//DTD Internet Explorer 2.0 HTML//",
	"-//Microsoft//DTD Internet Explorer 2.0 Tables//",
	"-//Microsoft//DTD Internet Explorer 3.0 HTML Strict//",
	"-//Microsoft//DTD Internet Explorer 3.0 HTML//",
	"-//Microsoft//DTD Internet Explorer 3.0 Tables//",
	"-//Netscape Comm. Corp.//DTD HTML//",
	"-//Netscape Comm. Corp.//DTD Strict HTML//",
	"-//O'Reilly and Associates//DTD HTML 2.0//",
	"-//O'Reilly and Associates//DTD HTML Extended 1.0//",
	"-//O'Reilly and Associates//DTD HTML Extended Relaxed 1.0//",
	"-//SQ//DTD HTML 2.0 HoTMetaL + extensions//",
	"-//SoftQuad Software//DTD HoTMetaL PRO 6.0::19990601::extensions to "
	"HTML 4.0//",
	"-//SoftQuad//DTD HoTMetaL PRO 4.0::19971010::extensions to HTML "
	"4.0//",
	"-//Spyglass//DTD HTML 2.0 Extended//",
	"-//Sun Microsystems Corp.//DTD HotJava HTML//",
	"-//Sun Microsystems Corp.//DTD HotJava Strict HTML//",
	"-//W3C//DTD HTML 3 1995-03-24//", "-//W3C//DTD HTML 3.2 Draft//",
	"-//W3C//DTD HTML 3.2 Final//", "-//W3C//DTD HTML 3.2//",
	"-//W3C//DTD HTML 3.2S Draft//",
	"-//W3C//DTD HTML 4.0 Frameset//",
	"-//W3C//DTD HTML 4.0 Transitional//",
	"-//W3C//DTD HTML Experimental 19960712//",
	"-//W3C//DTD HTML Experimental 970421//", "-//W3C//DTD W3 HTML//",
	"-//W3O//DTD W3 HTML 3.0//",
	"-//WebTechs//DTD Mozilla HTML 2.0//",
	"-//WebTechs//DTD Mozilla HTML//",
};

static bool starts(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

enum html_quirks html_doctype_quirks(const struct html_token *tok)
{
	const char *pub = tok->doctype.public_id, *sys = tok->doctype.system_id;
	const char *name = tok->doctype.name;
	bool html401;
	size_t i;

	if (tok->force_quirks || !name || strcmp(name, "html") != 0)
		return HTML_QUIRKS;
	if (sys && strcasecmp(sys, "http://www.ibm.com/data/dtd/v11/"
			"ibmxhtml1-transitional.dtd") == 0)
		return HTML_QUIRKS;
	if (!pub)
		return HTML_NO_QUIRKS;
	if (strcasecmp(pub, "-//W3O//DTD W3 HTML Strict 3.0//EN//") == 0 ||
	    strcasecmp(pub, "-/W3C/DTD HTML 4.0 Transitional/EN") == 0 ||
	    strcasecmp(pub, "HTML") == 0)
		return HTML_QUIRKS;
	for (i = 0; i < sizeof quirky_prefixes / sizeof *quirky_prefixes; i++)
		if (starts(pub, quirky_prefixes[i]))
			return HTML_QUIRKS;
	html401 = starts(pub, "-//W3C//DTD HTML 4.01 Frameset//") ||
		starts(pub, "-//W3C//DTD HTML 4.01 Transitional//");
	if (html401)
		return sys ? HTML_LIMITED_QUIRKS : HTML_QUIRKS;
	if (starts(pub, "-//W3C//DTD XHTML 1.0 Frameset//") ||
	    starts(pub, "-//W3C//DTD XHTML 1.0 Transitional//"))
		return HTML_LIMITED_QUIRKS;
	return HTML_NO_QUIRKS;
}
