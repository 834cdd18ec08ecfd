/* classes.c - words in class and id names: see classes.h
 *
 * Values repeat within a page and across the pages of a site, so a
 * direct-mapped cache of their meanings saves most of the splitting.
 */
#include "common/extract/classes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/hash.h"
#include "common/base/mem.h"

enum { WORD_SLOTS = 1024, CACHE_SLOTS = 4096,
	ROLE_NAMES = 64 };	/* at most */

static const char *const words[CAT_COUNT + 1] = {
	[CAT_NAV] = "nav navbar navigation menu menus submenu megamenu dropdown "
		"topbar topnav subnav sidenav leftnav tabs tab toc breadcrumb "
		"breadcrumbs crumbs crumb sitemap hamburger drawer offcanvas "
		"navlist menuitem",
	[CAT_HEAD] = "header masthead logo branding brand site topheader",
	[CAT_FOOT] = "footer foot bottom copyright colophon legal",
	[CAT_SIDE] = "sidebar side aside rail rightrail left right secondary "
		"complementary widget widgets module sidecol",
	[CAT_AD] = "ad ads adv advert advertisement sponsor sponsored promo "
		"promotion promotions banner banners cta dfp adsense "
		"leaderboard",
	[CAT_COM] = "comment comments commentlist disqus respond reply replies "
		"discussion responses",
	[CAT_FORM] = "form login signin signup register subscribe subscription "
		"newsletter search searchbox cart checkout input filter "
		"filters facet facets refine sort sorting toolbar controls "
		"actions button buttons btn",
	[CAT_POP] = "ot onetrust truste didomi cookiebot cmp cky cookie cookies "
		"consent gdpr modal popup overlay lightbox dialog notice alert "
		"toast notification announcement tooltip",
	[CAT_ART] = "article post posts entry story blog news articlebody "
		"storybody postbody single hentry text txt richtext rte prose "
		"markdown wysiwyg copy paragraph bodytext lead intro summary "
		"excerpt abstract deck dek",
	[CAT_PROD] = "product products price pdp sku description desc specs "
		"spec specification specifications features feature variant "
		"gallery item",
	[CAT_THREAD] = "message messages thread topic forum reply post posts "
		"postcontent messagecontent bbwrapper question answer answers "
		"qa",
	[CAT_DOC] = "doc docs documentation docsearch api reference guide "
		"section document readme",
	[CAT_CAP] = "caption captions photo photos image images img figure "
		"media thumb thumbnail gallery video credit credits",
	[CAT_DISC] = "disclaimer disclaimers disclosure disclosures legal "
		"footnote footnotes terms notice signature sig copyright",
	[CAT_COUNT] = "accordion collapse collapsible collapsed tab tabs pane "
		"tabpanel panel faq answer toggle expand expandable expander "
		"spoiler slide slides slider carousel",
};

/* Class names used by Pygments and Sphinx, Rouge, Chroma, CodeRay, GeSHi,
 * SyntaxHighlighter, Prism, highlightjs-line-numbers, Crayon, htmlize, Doxygen,
 * cgit, Gitea and GitHub; by KaTeX, MathJax 2 and 3 and MediaWiki; by phpBB,
 * XenForo, MyBB, SMF, vBulletin, Invision and Stack Exchange. */
static const struct {
	enum role role;
	const char *names;
} role_names[] = {
	{ ROLE_NUMBERS, "linenos linenodiv lineno linenumber linenumbers "
		"linenum line-number line-numbers line-num line_number "
		"line_numbers line-numbers-rows lines-num lineNumber "
		"lineNumbers lnt rouge-gutter gutter blob-num js-line-number "
		"hljs-ln-numbers hljs-ln-n crayon-nums crayon-num "
		"crayon-nums-content linenr diff-line-num "
		"react-line-number code-line-number "
		"react-syntax-highlighter-line-number" },
	{ ROLE_NUMBERS_IN_PRE, "ln gl" },
	{ ROLE_FORMULA, "katex MathJax MathJax_Display MathJax_Preview "
		"MathJax_SVG MathJax_SVG_Display MathJax_CHTML "
		"MJXc-display mwe-math-element mwe-math-mathml-a11y" },
	{ ROLE_POSTER, "postprofile signature message-user message-signature "
		"post_author author_information author_statistics poster "
		"userinfo postuser cAuthorPane ipsComment_author user-info "
		"post-signature" },
};

struct name {
	const char *s;
	size_t n;
};

struct classes {
	struct {
		struct name name;
		uint32_t role;
	} role[ROLE_NAMES];
	size_t nrole;
	uint64_t role_lengths[256];	/* of names, by first byte */
	struct {
		uint64_t hash;
		uint32_t categories;	/* 0: free */
	} word[WORD_SLOTS];
	struct class_value cache[CACHE_SLOTS];
};

static const uint64_t HASH_START = 0x9e3779b97f4a7c15u;

static inline uint64_t add_letter(uint64_t h, unsigned c)
{
	return (h ^ c) * 0x100000001b3u;
}

/* The word's slot: the one that holds it, or the free one where it belongs. */
static size_t word_slot(const struct classes *c, uint64_t hash)
{
	size_t i = (hash ^ hash >> 29) % WORD_SLOTS;

	while (c->word[i].categories && c->word[i].hash != hash)
		i = (i + 1) % WORD_SLOTS;
	return i;
}

static void add_roles(struct classes *c, const char *names, uint32_t role)
{
	while (*names) {
		struct name a = { names, strcspn(names, " ") };

		c->role[c->nrole].name = a;
		c->role[c->nrole++].role = role;
		c->role_lengths[(unsigned char)*a.s] |= (uint64_t)1 << a.n;
		names += a.n + (names[a.n] == ' ');
	}
}

struct classes *classes_new(void)
{
	struct classes *c = xcalloc(1, sizeof *c);
	int k;

	for (k = 0; k <= CAT_COUNT; k++) {
		const char *s = words[k];

		while (*s) {
			uint64_t h = HASH_START;
			size_t i;

			for (; *s && *s != ' '; s++)
				h = add_letter(h, (unsigned char)*s);
			i = word_slot(c, h);
			c->word[i].hash = h;
			c->word[i].categories |= 1u << k;
			s += *s == ' ';
		}
	}
	for (k = 0; k < (int)(sizeof role_names / sizeof *role_names); k++)
		add_roles(c, role_names[k].names, role_names[k].role);
	return c;
}

void classes_free(struct classes *c)
{
	free(c);
}

static inline int is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline int is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* A word is a run of lower-case letters, optionally with a capital before it, or
 * a run of two or more capitals that is not the start of such a word. */
static uint32_t categories_of(const struct classes *c, const char *s, size_t n)
{
	uint32_t found = 0;
	size_t i = 0;

	while (i < n) {
		uint64_t h = HASH_START;
		size_t start = i;

		if (is_capital(s[i]) && i + 1 < n && is_capital(s[i + 1])) {
			while (i < n && is_capital(s[i]) &&
				!(i + 1 < n && is_small(s[i + 1]) && i > start))
				h = add_letter(h, (unsigned char)s[i++] | 32);
		} else if (is_capital(s[i]) || is_small(s[i])) {
			do
				h = add_letter(h, (unsigned char)s[i++] | 32);
			while (i < n && is_small(s[i]));
		} else {
			i++;
			continue;
		}
		if (i - start >= 2)
			found |= c->word[word_slot(c, h)].categories;
	}
	return found;
}

static int name_cmp(struct name a, struct name b)
{
	int d = memcmp(a.s, b.s, a.n < b.n ? a.n : b.n);

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

static uint64_t add_name(uint64_t h, struct name a)
{
	size_t i;

	for (i = 0; i < a.n; i++)
		if (a.s[i] < '0' || a.s[i] > '9')
			h = add_letter(h, (unsigned char)a.s[i]);
	return add_letter(h, ' ');
}

static uint32_t role_of(const struct classes *c, struct name a)
{
	size_t i;

	if (a.n >= 64 || !(c->role_lengths[(unsigned char)*a.s] >> a.n & 1))
		return 0;
	for (i = 0; i < c->nrole; i++)
		if (c->role[i].name.n == a.n &&
			!memcmp(c->role[i].name.s, a.s, a.n))
			return c->role[i].role;
	return 0;
}

/* The hash of the two names that come first in byte order; adds the roles of
 * all names to *roles. */
static uint64_t style_of(const struct classes *c, const char *s, size_t n,
	uint32_t *roles)
{
	struct name a = { NULL, 0 }, b = { NULL, 0 }, w;
	size_t i = 0;
	uint64_t h = HASH_START;

	for (;;) {
		while (i < n && ascii_html_space(s[i]))
			i++;
		if (i == n)
			break;
		w.s = s + i;
		while (i < n && !ascii_html_space(s[i]))
			i++;
		w.n = (size_t)(s + i - w.s);
		*roles |= role_of(c, w);
		if (!a.s || name_cmp(w, a) < 0) {
			b = a;
			a = w;
		} else if (!b.s || name_cmp(w, b) < 0) {
			b = w;
		}
	}
	if (a.s)
		h = add_name(h, a);
	if (b.s)
		h = add_name(h, b);
	return hash_mix(h);
}

const struct class_value *classes_of(struct classes *c, const char *s, size_t n)
{
	uint64_t hash = hash64(s, n) | 1;
	struct class_value *v = &c->cache[(hash >> 8) % CACHE_SLOTS];

	if (v->hash != hash) {
		v->hash = hash;
		v->roles = 0;
		v->style = style_of(c, s, n, &v->roles);
		v->categories = categories_of(c, s, n);
	}
	return v;
}
