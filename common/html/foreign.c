/* foreign.c - SVG and MathML in HTML: "The rules for parsing tokens in foreign
 * content"; see tree.h
 */
#include "common/html/tree.h"

#include <string.h>

static bool is_text_point(const struct node *node)
{
	if (node->ns != NS_MATHML)
		return false;
	return node->tag == TAG_MI || node->tag == TAG_MO ||
		node->tag == TAG_MN || node->tag == TAG_MS ||
		node->tag == TAG_MTEXT;
}

static bool is_html_point(const struct node *node)
{
	if (node->ns == NS_SVG)
		return node->tag == TAG_FOREIGNOBJECT ||
			node->tag == TAG_DESC || node->tag == TAG_TITLE;
	if (node->ns != NS_MATHML || node->tag != TAG_ANNOTATION_XML)
		return false;
	return html_attr_is(node->attrs, node->n, ATTR_ENCODING,
			"text/html") ||
		html_attr_is(node->attrs, node->n, ATTR_ENCODING,
			"application/xhtml+xml");
}

static const struct node *adjusted_current(const struct html_parser *p)
{
	return p->nopen == 1 && p->context ? p->context : html_current(p);
}

bool html_uses_foreign(struct html_parser *p, const struct html_token *tok)
{
	const struct node *node;
	bool start = tok->type == TOKEN_START;
	bool text = tok->type == TOKEN_TEXT || tok->type == TOKEN_NUL;

	if (!p->nopen || tok->type == TOKEN_EOF)
		return false;
	node = adjusted_current(p);
	if (node->ns == NS_HTML)
		return false;
	if (is_text_point(node) && (text || (start &&
			tok->tag != TAG_MGLYPH && tok->tag != TAG_MALIGNMARK)))
		return false;
	if (node->ns == NS_MATHML && node->tag == TAG_ANNOTATION_XML && start &&
	    tok->tag == TAG_SVG)
		return false;
	return !(is_html_point(node) && (start || text));
}

/* ---- start tags ---- */

/* "xlink:href" becomes href in the XLink namespace, and so on. */
static void adjust_prefix(struct attr *a)
{
	static const struct {
		const char *prefix;
		enum node_ns ns;
	} known[] = {
		{ "xlink:", NS_XLINK }, { "xml:", NS_XML },
		{ "xmlns:", NS_XMLNS }
	};
	size_t i;

	if (a->id == ATTR_XMLNS)
		a->ns = NS_XMLNS;
	for (i = 0; i < sizeof known / sizeof *known; i++) {
		size_t n = strlen(known[i].prefix);

		if (strncmp(a->name, known[i].prefix, n) == 0) {
			a->ns = (uint8_t)known[i].ns;
			a->name += n;
			return;
		}
	}
}

static bool has_namespace(unsigned id)
{
	switch (id) {
	case ATTR_XLINK_ACTUATE:
	case ATTR_XLINK_ARCROLE:
	case ATTR_XLINK_HREF:
	case ATTR_XLINK_ROLE:
	case ATTR_XLINK_SHOW:
	case ATTR_XLINK_TITLE:
	case ATTR_XLINK_TYPE:
	case ATTR_XML_LANG:
	case ATTR_XML_SPACE:
	case ATTR_XMLNS:
	case ATTR_XMLNS_XLINK:
		return true;
	default:
		return false;
	}
}

static void insert(struct html_parser *p, struct html_token *tok, enum node_ns ns)
{
	struct node *node;
	uint32_t i;

	for (i = 0; i < tok->nattr; i++) {
		struct attr *a = &tok->attrs[i];

		if (ns == NS_SVG && html_svg_attr_names[a->id])
			a->name = html_svg_attr_names[a->id];
		if (ns == NS_MATHML && a->id == ATTR_DEFINITIONURL)
			a->name = "definitionURL";
		if (has_namespace(a->id))
			adjust_prefix(a);
	}
	node = html_insert_foreign(p, tok, ns);
	if (ns == NS_SVG && html_svg_tag_names[node->tag])
		node->name = html_svg_tag_names[node->tag];
	if (!tok->self_closing)
		return;
	if (html_current(p) == node)
		html_pop(p);
	else {		/* too deep to open */
		p->too_deep[node->tag]--;
		p->ntoo_deep--;
	}
}

bool html_start_svg(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	insert(p, tok, NS_SVG);
	return true;
}

bool html_start_math(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	insert(p, tok, NS_MATHML);
	return true;
}

/* A tag that is not allowed in foreign content and so ends it. */
static bool breaks_out(const struct html_token *tok)
{
	uint32_t i;

	if (tok->type == TOKEN_END)
		return tok->tag == TAG_BR || tok->tag == TAG_P;
	if (tok->tag != TAG_FONT)
		return html_tag_flags[tok->tag] & TAG_IS_BREAKOUT;
	for (i = 0; i < tok->nattr; i++)
		if (tok->attrs[i].id == ATTR_COLOR ||
		    tok->attrs[i].id == ATTR_FACE ||
		    tok->attrs[i].id == ATTR_SIZE)
			return true;
	return false;
}

static bool break_out(struct html_parser *p, struct html_token *tok)
{
	while (p->nopen > 1 && html_current(p)->ns != NS_HTML &&
	    !is_text_point(html_current(p)) && !is_html_point(html_current(p)))
		html_pop(p);
	return html_use(p, tok, p->mode);
}

/* ---- end tags, text ---- */

static bool same_name(const struct node *node, const struct html_token *tok)
{
	if (node->tag || tok->tag)
		return node->tag == tok->tag;
	return strncmp(node->name, tok->name, tok->nname) == 0 &&
		!node->name[tok->nname];
}

static bool end_tag(struct html_parser *p, struct html_token *tok)
{
	size_t i = p->nopen - 1;

	if (i > 0 && same_name(p->open[i], tok)) {
		html_pop(p);
		return true;
	}
	for (; i > 0; i--) {
		if (p->open[i]->ns == NS_HTML)
			return html_use(p, tok, p->mode);
		if (same_name(p->open[i], tok)) {
			html_pop_through(p, p->open[i]);
			return true;
		}
	}
	return true;
}

bool html_foreign(struct html_parser *p, struct html_token *tok)
{
	switch (tok->type) {
	case TOKEN_NUL:
		html_insert_replacement(p, tok->n);
		return true;
	case TOKEN_TEXT:
		html_insert_text(p, tok->text, tok->n);
		if (html_space(tok->text, tok->n) < tok->n)
			p->frameset_ok = false;
		return true;
	case TOKEN_COMMENT:
		html_insert_comment(p, tok, NULL);
		return true;
	case TOKEN_START:
		if (breaks_out(tok))
			return break_out(p, tok);
		insert(p, tok, (enum node_ns)adjusted_current(p)->ns);
		return true;
	case TOKEN_END:
		return breaks_out(tok) ? break_out(p, tok) : end_tag(p, tok);
	default:
		return true;
	}
}
