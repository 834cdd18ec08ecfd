/* formula.c - converts MathML to TeX: see formula.h
 *
 * The parser limits how deep elements nest, and so the recursion here.
 */
#include "common/extract/formula.h"

#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/extract/plain.h"

/* ---- leaves ---- */

struct tex {
	struct buf *out;
	struct buf leaf;	/* the text of the current leaf */
	bool word;		/* the last thing was a name of several letters */
};

static bool has_class(uint32_t c, unsigned class)
{
	return unicode_class(c) & class;
}

/* Invisible operators: function application, times, comma, plus. */
static bool is_silent(uint32_t c)
{
	return c >= 0x2061 && c <= 0x2064;
}

/* Reads the text of a leaf into t->leaf; *first is its first character, 0 when
 * it has none. Returns the number of characters. */
static size_t read_leaf(struct tex *t, const struct node *n, uint32_t *first)
{
	struct buf text = { 0 };

	*first = 0;
	buf_reset(&t->leaf);
	dom_text(n, &text);
	if (text.n)
		plain_line(&t->leaf, text.p, text.n);
	buf_free(&text);
	if (!t->leaf.n)
		return 0;
	utf8_decode(t->leaf.p, t->leaf.n, first, NULL);
	return utf8_length(t->leaf.p, t->leaf.n);
}

static bool ends_in_letter(const struct buf *b)
{
	size_t k = b->n;
	uint32_t c;

	while (k && ((unsigned char)b->p[k - 1] & 0xc0) == 0x80)
		k--;
	if (!k)
		return false;
	utf8_decode(b->p + k - 1, b->n - k + 1, &c, NULL);
	return has_class(c, UNI_ALNUM);
}

/* Identifiers, numbers, operators. Keeps a name from running into the next. */
static void add_leaf(struct tex *t, const struct node *n)
{
	uint32_t c;
	size_t chars = read_leaf(t, n, &c), i;
	bool word = chars > 1 && has_class(c, UNI_LETTER);

	if (!chars || is_silent(c))
		return;
	if (has_class(c, UNI_ALNUM) &&
		(t->word || (word && ends_in_letter(t->out))))
		buf_putc(t->out, ' ');
	for (i = 0; i < t->leaf.n; i++) {
		if (strchr("{}%#&", t->leaf.p[i]))
			buf_putc(t->out, '\\');
		buf_putc(t->out, t->leaf.p[i]);
	}
	t->word = word;
}

/* Words keep the spaces between them and the symbols next to them. */
static void add_words(struct tex *t, const struct node *n)
{
	const struct node *a = n->first, *b = n->last;
	uint32_t c;

	if (!read_leaf(t, n, &c))
		return;
	buf_str(t->out, "\\text{");
	if (a->type == NODE_TEXT && a->n && ascii_space(a->text[0]))
		buf_putc(t->out, ' ');
	buf_add(t->out, t->leaf.p, t->leaf.n);
	if (b->type == NODE_TEXT && b->n && ascii_space(b->text[b->n - 1]))
		buf_putc(t->out, ' ');
	buf_putc(t->out, '}');
	t->word = false;
}

/* ---- the tree ---- */

static void add_node(struct tex *t, const struct node *n);

static const struct node *element_from(const struct node *n)
{
	while (n && n->type != NODE_ELEMENT)
		n = n->next;
	return n;
}

static const struct node *element_after(const struct node *n)
{
	return n ? element_from(n->next) : NULL;
}

static void put(struct tex *t, const char *s)
{
	buf_str(t->out, s);
	t->word = false;
}

static bool is_leaf(const struct node *n)
{
	return n->tag == TAG_MI || n->tag == TAG_MN || n->tag == TAG_MO;
}

static void add_group(struct tex *t, const struct node *n)
{
	put(t, "{");
	if (n)
		add_node(t, n);
	put(t, "}");
}

/* An argument of ^ or _, in braces unless it is a single character. */
static void add_script(struct tex *t, const char *mark, const struct node *n)
{
	uint32_t c;

	put(t, mark);
	if (n && is_leaf(n) && read_leaf(t, n, &c) == 1)
		add_node(t, n);
	else
		add_group(t, n);
}

/* base_under^over; NULL for a missing part. */
static void add_scripts(struct tex *t, const struct node *base,
	const struct node *under, const struct node *over)
{
	if (base && is_leaf(base))
		add_node(t, base);
	else
		add_group(t, base);
	if (under)
		add_script(t, "_", under);
	if (over)
		add_script(t, "^", over);
}

/* An accent over a base; false when it is not one. */
static bool add_accent(struct tex *t, const struct node *base,
	const struct node *over)
{
	static const struct {
		const char *mark, *tex;
	} accents[] = {
		{ "^", "\\hat" }, { "\u02c6", "\\hat" }, { "~", "\\tilde" },
		{ "\u02dc", "\\tilde" }, { "\u00af", "\\overline" },
		{ "\u203e", "\\overline" }, { "_", "\\overline" },
		{ "\u2192", "\\vec" }, { "\u20d7", "\\vec" },
		{ "\u02d9", "\\dot" }, { ".", "\\dot" }, { "\u00a8", "\\ddot" },
	};
	uint32_t c;
	size_t i;

	if (!over || over->tag != TAG_MO || read_leaf(t, over, &c) != 1)
		return false;
	for (i = 0; i < sizeof accents / sizeof *accents; i++)
		if (!strcmp(buf_end(&t->leaf), accents[i].mark)) {
			put(t, accents[i].tex);
			add_group(t, base);
			return true;
		}
	return false;
}

/* An element with scripts: its base and the first of its scripts. */
static void add_scripted(struct tex *t, enum tag tag, const struct node *base,
	const struct node *first)
{
	if (tag == TAG_MSUBSUP || tag == TAG_MUNDEROVER)
		add_scripts(t, base, first, element_after(first));
	else if (tag == TAG_MSUB || tag == TAG_MUNDER)
		add_scripts(t, base, first, NULL);
	else if (tag == TAG_MSUP || !add_accent(t, base, first))
		add_scripts(t, base, NULL, first);
}

/* Children with a separator between them. */
static void add_children(struct tex *t, const struct node *n,
	const char *between)
{
	const struct node *c = element_from(n->first);

	for (; c; c = element_after(c)) {
		add_node(t, c);
		if (*between && element_after(c))
			put(t, between);
	}
}

static void add_table(struct tex *t, const struct node *n)
{
	put(t, "\\begin{matrix}");
	add_children(t, n, " \\\\ ");
	put(t, "\\end{matrix}");
}

static const char *attr_of(const struct node *n, const char *name, size_t *len)
{
	uint32_t i;

	for (i = 0; i < n->n; i++)
		if (!strcmp(n->attrs[i].name, name)) {
			*len = n->attrs[i].n;
			return n->attrs[i].value;
		}
	return NULL;
}

static void add_attr(struct tex *t, const struct node *n, const char *name,
	const char *absent)
{
	size_t len;
	const char *s = attr_of(n, name, &len);

	if (s)
		buf_add(t->out, s, len);
	else
		buf_str(t->out, absent);
	t->word = false;
}

/* mfenced, which has a separator for each gap, or repeats the last one. */
static void add_fenced(struct tex *t, const struct node *n)
{
	size_t len = 1, i = 0;
	const char *mark = attr_of(n, "separators", &len);
	const struct node *c = element_from(n->first);

	if (!mark) {
		mark = ",";
		len = 1;
	}
	add_attr(t, n, "open", "(");
	for (; c; c = element_after(c)) {
		add_node(t, c);
		if (len && element_after(c)) {
			buf_putc(t->out, mark[i < len ? i : len - 1]);
			t->word = false;
			i++;
		}
	}
	add_attr(t, n, "close", ")");
}

static void add_root(struct tex *t, const struct node *n)
{
	const struct node *base = element_from(n->first);

	put(t, "\\sqrt[");
	if (element_after(base))
		add_node(t, element_after(base));
	put(t, "]");
	add_group(t, base);
}

static void add_node(struct tex *t, const struct node *n)
{
	const struct node *a = element_from(n->first), *b = element_after(a);

	switch (n->tag) {
	case TAG_MI:
	case TAG_MN:
	case TAG_MO:
		add_leaf(t, n);
		break;
	case TAG_MTEXT:
	case TAG_MS:
		add_words(t, n);
		break;
	case TAG_MFRAC:
		put(t, "\\frac");
		add_group(t, a);
		add_group(t, b);
		break;
	case TAG_MSQRT:
		put(t, "\\sqrt{");
		add_children(t, n, "");
		put(t, "}");
		break;
	case TAG_MROOT:
		add_root(t, n);
		break;
	case TAG_MSUP:
	case TAG_MSUB:
	case TAG_MSUBSUP:
	case TAG_MOVER:
	case TAG_MUNDER:
	case TAG_MUNDEROVER:
		add_scripted(t, (enum tag)n->tag, a, b);
		break;
	case TAG_MTABLE:
		add_table(t, n);
		break;
	case TAG_MTR:
	case TAG_MLABELEDTR:
		add_children(t, n, " & ");
		break;
	case TAG_MFENCED:
		add_fenced(t, n);
		break;
	case TAG_SEMANTICS:	/* its annotations repeat the formula */
		if (a)
			add_node(t, a);
		break;
	case TAG_ANNOTATION:
	case TAG_ANNOTATION_XML:
	case TAG_MPHANTOM:
		break;
	default:
		add_children(t, n, "");
	}
}

/* ---- TeX that the page contains ---- */

static bool holds_nocase(const char *s, size_t n, const char *word)
{
	size_t len = strlen(word), i;

	for (i = 0; i + len <= n; i++)
		if (!strncasecmp(s + i, word, len))
			return true;
	return false;
}

static const struct node *tex_annotation(const struct node *math)
{
	const struct node *n;

	for (n = math->first; n; n = dom_next(n, math)) {
		const struct attr *a;

		if (n->type != NODE_ELEMENT || n->tag != TAG_ANNOTATION)
			continue;
		a = dom_attr(n, ATTR_ENCODING);
		if (a && holds_nocase(a->value, a->n, "tex") && n->first)
			return n;
	}
	return NULL;
}

/* Appends the TeX s[0..n) without the {\displaystyle ...} that MediaWiki wraps
 * around it. */
static void add_tex(struct buf *b, const char *s, size_t n)
{
	static const char *const styles[] = { "{\\displaystyle ",
		"{\\textstyle " };
	size_t i;

	while (n && ascii_space(*s))
		s++, n--;
	while (n && ascii_space(s[n - 1]))
		n--;
	for (i = 0; i < sizeof styles / sizeof *styles; i++) {
		size_t len = strlen(styles[i]);

		if (n > len && !memcmp(s, styles[i], len) && s[n - 1] == '}') {
			s += len;
			n -= len + 1;
		}
	}
	plain_line(b, s, n);
}

void formula_tex(const struct node *math, struct buf *b)
{
	const struct node *tex = tex_annotation(math);
	const struct attr *alt = dom_attr(math, ATTR_ALTTEXT);
	struct buf text = { 0 };
	struct tex t = { .out = &text };

	if (tex)
		dom_text(tex, &text);
	else if (alt && alt->n)
		buf_add(&text, alt->value, alt->n);
	else
		add_children(&t, math, "");
	if (text.n)
		add_tex(b, text.p, text.n);
	buf_free(&t.leaf);
	buf_free(&text);
}

bool formula_is_script(const struct node *n)
{
	const struct attr *type = dom_attr(n, ATTR_TYPE);

	return node_is(n, TAG_SCRIPT) && type && n->first && type->n >= 8 &&
		(!strncasecmp(type->value, "math/tex", 8) ||
		 (type->n >= 14 && !strncasecmp(type->value, "math/asciimath", 13)));
}

bool formula_follows(const struct node *n)
{
	int i;

	for (n = n->next, i = 0; n && i < 5; n = n->next, i++) {
		enum gap gap = GAP_NONE;

		if (formula_is_script(n))
			return true;
		if (n->type == NODE_TEXT && plain_skip(n->text,
			n->text + n->n, &gap) < n->text + n->n)
			return false;
	}
	return false;
}

const struct node *formula_inside(const struct node *n)
{
	const struct node *c;

	for (c = n->first; c; c = dom_next(c, n))
		if (c->type == NODE_ELEMENT && (formula_is_script(c) ||
			(c->ns == NS_MATHML && c->tag == TAG_MATH)))
			return c;
	return NULL;
}

bool formula_is_display(const struct node *n)
{
	size_t len;
	const char *s = attr_of(n, "display", &len);

	if (s && ((len == 5 && !memcmp(s, "block", 5)) ||
		(len == 4 && !memcmp(s, "true", 4))))
		return true;
	s = attr_of(n, "type", &len);
	return s && holds_nocase(s, len, "mode=display");
}
