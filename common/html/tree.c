/* tree.c - HTML tree construction: nodes, the stack of open elements and
 * the loop over a page; see tree.h and html.h
 */
#include "common/html/tree.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"

/* With this many open elements, only those that modes depend on are opened. */
#define MAX_OPEN 512

/* Longer pages are truncated, so that no text of a tree reaches 4 GiB. */
#define MAX_PAGE ((size_t)1 << 30)

/* ---- nodes ---- */

struct node *html_node(struct html_parser *p, enum node_type type)
{
	struct node *node = arena_alloc(&p->arena, sizeof *node);

	*node = (struct node){ .type = (uint8_t)type };
	p->dom.nnode++;
	return node;
}

void html_append(struct node *parent, struct node *node)
{
	node->parent = parent;
	node->prev = parent->last;
	node->next = NULL;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
}

void html_insert_before(struct node *parent, struct node *node,
	struct node *before)
{
	if (!before) {
		html_append(parent, node);
		return;
	}
	node->parent = parent;
	node->prev = before->prev;
	node->next = before;
	if (before->prev)
		before->prev->next = node;
	else
		parent->first = node;
	before->prev = node;
}

void html_detach(struct node *node)
{
	if (!node->parent)
		return;
	if (node->prev)
		node->prev->next = node->next;
	else
		node->parent->first = node->next;
	if (node->next)
		node->next->prev = node->prev;
	else
		node->parent->last = node->prev;
	node->parent = node->prev = node->next = NULL;
}

/* The node that takes the children of an element: a template's content. */
static struct node *inside(struct node *node)
{
	return node_is(node, TAG_TEMPLATE) ? node->first : node;
}

/* Foster parenting: the last table or template decides. */
static struct html_place foster_place(struct html_parser *p)
{
	size_t i = p->nopen;

	while (i-- > 1) {
		struct node *node = p->open[i];

		if (node_is(node, TAG_TEMPLATE))
			return (struct html_place){ inside(node), NULL };
		if (!node_is(node, TAG_TABLE))
			continue;
		if (node->parent)
			return (struct html_place){ node->parent, node };
		return (struct html_place){ inside(p->open[i - 1]), NULL };
	}
	return (struct html_place){ p->open[0], NULL };
}

struct html_place html_place(struct html_parser *p, struct node *target)
{
	if (p->foster && target->ns == NS_HTML)
		switch (target->tag) {
		case TAG_TABLE:
		case TAG_TBODY:
		case TAG_TFOOT:
		case TAG_THEAD:
		case TAG_TR:
			return foster_place(p);
		}
	return (struct html_place){ inside(target), NULL };
}

static struct node *new_element(struct html_parser *p, enum tag tag,
	enum node_ns ns)
{
	struct node *node = html_node(p, NODE_ELEMENT);

	node->tag = (uint16_t)tag;
	node->ns = (uint8_t)ns;
	node->name = html_tag_names[tag];
	if (tag == TAG_TEMPLATE && ns == NS_HTML)
		html_append(node, html_node(p, NODE_CONTENT));
	return node;
}

struct node *html_element(struct html_parser *p, const struct html_token *tok,
	enum node_ns ns)
{
	struct node *node = new_element(p, tok->tag, ns);

	if (!tok->tag)
		node->name = arena_strndup(&p->arena, tok->name, tok->nname);
	if (tok->nattr) {
		size_t size = tok->nattr * sizeof *tok->attrs;

		node->attrs = arena_alloc(&p->arena, size);
		memcpy(node->attrs, tok->attrs, size);
		node->n = tok->nattr;
	}
	return node;
}

static void put(struct html_parser *p, struct node *node)
{
	struct html_place at = html_place(p, html_current(p));

	html_insert_before(at.parent, node, at.before);
}

static struct node *put_and_push(struct html_parser *p, struct node *node)
{
	put(p, node);
	if (html_is_full(p) &&
	    !(html_tag_flags[node->tag] & TAG_IS_STRUCTURE)) {
		p->too_deep[node->tag]++;
		p->ntoo_deep++;
		p->dom.limits |= LIMIT_DEPTH;
	} else
		html_push(p, node);
	return node;
}

struct node *html_insert(struct html_parser *p, const struct html_token *tok)
{
	return put_and_push(p, html_element(p, tok, NS_HTML));
}

struct node *html_insert_foreign(struct html_parser *p,
	const struct html_token *tok, enum node_ns ns)
{
	return put_and_push(p, html_element(p, tok, ns));
}

struct node *html_insert_tag(struct html_parser *p, enum tag tag)
{
	return put_and_push(p, new_element(p, tag, NS_HTML));
}

void html_insert_void(struct html_parser *p, const struct html_token *tok)
{
	put(p, html_element(p, tok, NS_HTML));
}

bool html_raw_element(struct html_parser *p, struct html_token *tok,
	enum html_state state)
{
	struct node *node = html_element(p, tok, NS_HTML);

	put(p, node);
	html_push(p, node);
	p->t.state = state;
	p->original_mode = p->mode;
	p->mode = MODE_TEXT;
	return true;
}

/* Appends text to the text before it: by extending the slice where they are
 * adjacent in memory, else by copying into a buffer that doubles. */
static void join_text(struct html_parser *p, struct node *node, char *text,
	uint32_t n)
{
	size_t need = (size_t)node->n + n;

	if (!node->cap && node->text + node->n == text) {
		node->n += n;
		return;
	}
	if (need > node->cap) {
		size_t cap = need < 64 ? 128 : 2 * need;
		char *room;

		if (cap > UINT32_MAX)
			cap = UINT32_MAX;
		room = arena_alloc(&p->arena, cap);
		memcpy(room, node->text, node->n);
		node->text = room;
		node->cap = (uint32_t)cap;
	}
	memcpy(node->text + node->n, text, n);
	node->n += n;
}

void html_insert_text(struct html_parser *p, char *text, uint32_t n)
{
	struct html_place at = html_place(p, html_current(p));
	struct node *prev = at.before ? at.before->prev : at.parent->last;
	struct node *node;

	if (prev && prev->type == NODE_TEXT) {
		join_text(p, prev, text, n);
		return;
	}
	node = html_node(p, NODE_TEXT);
	node->text = text;
	node->n = n;
	html_insert_before(at.parent, node, at.before);
}

/* Inserts n times U+FFFD, for NUL characters in foreign content. */
void html_insert_replacement(struct html_parser *p, uint32_t n)
{
	char *text = arena_alloc(&p->arena, 3 * (size_t)n);
	uint32_t i;

	for (i = 0; i < n; i++)
		memcpy(text + 3 * i, "\xef\xbf\xbd", 3);
	html_insert_text(p, text, 3 * n);
}

void html_insert_comment(struct html_parser *p, const struct html_token *tok,
	struct node *parent)
{
	struct node *node = html_node(p, NODE_COMMENT);

	node->text = tok->text;
	node->n = tok->n;
	if (parent)
		html_append(parent, node);
	else
		put(p, node);
}

void html_add_attrs(struct html_parser *p, struct node *node,
	const struct html_token *tok)
{
	struct attr *attrs = arena_alloc(&p->arena,
		(node->n + (size_t)tok->nattr) * sizeof *attrs);
	uint32_t n = node->n, i, k;

	if (n)
		memcpy(attrs, node->attrs, n * sizeof *attrs);
	for (i = 0; i < tok->nattr; i++) {
		for (k = 0; k < node->n; k++)
			if (strcmp(attrs[k].name, tok->attrs[i].name) == 0)
				break;
		if (k == node->n)
			attrs[n++] = tok->attrs[i];
	}
	node->attrs = attrs;
	node->n = n;
}

bool html_attr_is(const struct attr *attrs, size_t n, enum attr_id id,
	const char *value)
{
	size_t len = strlen(value), i, k;

	for (i = 0; i < n; i++) {
		if (attrs[i].id != id)
			continue;
		if (attrs[i].n != len)
			return false;
		for (k = 0; k < len; k++)
			if (ascii_lower(attrs[i].value[k]) != value[k])
				return false;
		return true;
	}
	return false;
}

/* ---- the stack of open elements; node->cap is 1 while a node is in it ---- */

bool html_is_full(const struct html_parser *p)
{
	return p->nopen >= MAX_OPEN;
}

void html_push(struct html_parser *p, struct node *node)
{
	p->open = grow(p->open, p->nopen, &p->open_cap, sizeof *p->open);
	p->open[p->nopen++] = node;
	node->cap = 1;
	p->ntemplate += node_is(node, TAG_TEMPLATE);
}

static void closed(struct html_parser *p, struct node *node)
{
	node->cap = 0;
	p->ntemplate -= node_is(node, TAG_TEMPLATE);
	if (p->ntoo_deep) {
		memset(p->too_deep, 0, sizeof p->too_deep);
		p->ntoo_deep = 0;
	}
	if (node_is(node, TAG_OPTION))
		html_option_done(p, node);
}

void html_pop(struct html_parser *p)
{
	closed(p, p->open[--p->nopen]);
}

void html_pop_until(struct html_parser *p, enum tag tag)
{
	bool found = false;

	while (!found && p->nopen > 1) {
		found = html_current_is(p, tag);
		html_pop(p);
	}
}

void html_pop_through(struct html_parser *p, const struct node *node)
{
	bool found = false;

	while (!found && p->nopen > 1) {
		found = html_current(p) == node;
		html_pop(p);
	}
}

size_t html_open_index(const struct html_parser *p, const struct node *node)
{
	size_t i;

	if (!node->cap)
		return HTML_NONE;
	for (i = p->nopen; i-- > 0;)
		if (p->open[i] == node)
			return i;
	return HTML_NONE;
}

void html_remove_open(struct html_parser *p, const struct node *node)
{
	size_t i = html_open_index(p, node);

	if (i == HTML_NONE)
		return;
	closed(p, p->open[i]);
	p->nopen--;
	memmove(p->open + i, p->open + i + 1,
		(p->nopen - i) * sizeof *p->open);
}

/* The MathML and SVG elements that are special and bound every scope except
 * table scope. */
static bool foreign_special(const struct node *node)
{
	if (node->ns == NS_SVG)
		return node->tag == TAG_FOREIGNOBJECT ||
			node->tag == TAG_DESC || node->tag == TAG_TITLE;
	return node->tag == TAG_MI || node->tag == TAG_MO ||
		node->tag == TAG_MN || node->tag == TAG_MS ||
		node->tag == TAG_MTEXT || node->tag == TAG_ANNOTATION_XML;
}

bool html_is_special(const struct node *node)
{
	if (node->ns != NS_HTML)
		return foreign_special(node);
	return html_tag_flags[node->tag] & TAG_IS_SPECIAL;
}

static bool ends_scope(const struct node *node, enum html_scope scope)
{
	enum tag tag = (enum tag)node->tag;

	if (scope == SCOPE_TABLE)
		return node->ns == NS_HTML && (tag == TAG_HTML ||
			tag == TAG_TABLE || tag == TAG_TEMPLATE);
	if (node->ns != NS_HTML)
		return foreign_special(node);
	if (scope == SCOPE_LIST_ITEM && (tag == TAG_OL || tag == TAG_UL))
		return true;
	if (scope == SCOPE_BUTTON && tag == TAG_BUTTON)
		return true;
	return html_tag_flags[tag] & TAG_IS_SCOPE;
}

bool html_in_scope(const struct html_parser *p, enum tag tag,
	enum html_scope scope)
{
	size_t i;

	for (i = p->nopen; i-- > 0;) {
		if (node_is(p->open[i], tag))
			return true;
		if (ends_scope(p->open[i], scope))
			return false;
	}
	return false;
}

bool html_node_in_scope(const struct html_parser *p, const struct node *node)
{
	size_t i;

	for (i = p->nopen; i-- > 0;) {
		if (p->open[i] == node)
			return true;
		if (ends_scope(p->open[i], SCOPE_PLAIN))
			return false;
	}
	return false;
}

bool html_heading_in_scope(const struct html_parser *p)
{
	size_t i;

	for (i = p->nopen; i-- > 0;) {
		const struct node *node = p->open[i];

		if (node->ns == NS_HTML &&
		    html_tag_flags[node->tag] & TAG_IS_HEADING)
			return true;
		if (ends_scope(node, SCOPE_PLAIN))
			return false;
	}
	return false;
}

static bool implied(const struct html_parser *p, unsigned flag)
{
	const struct node *node = html_current(p);

	return node->ns == NS_HTML && html_tag_flags[node->tag] & flag;
}

void html_implied_end_tags(struct html_parser *p, enum tag except)
{
	while (implied(p, TAG_IS_IMPLIED) && html_current(p)->tag != except)
		html_pop(p);
}

void html_implied_end_tags_thoroughly(struct html_parser *p)
{
	while (implied(p, TAG_IS_THOROUGH))
		html_pop(p);
}

void html_close_p(struct html_parser *p)
{
	if (!html_in_scope(p, TAG_P, SCOPE_BUTTON))
		return;
	html_implied_end_tags(p, TAG_P);
	html_pop_until(p, TAG_P);
}

/* ---- pages ---- */

/* A newline right after the start tag of pre is dropped. */
static bool lost_newline(struct html_parser *p, struct html_token *tok)
{
	if (!p->skip_lf)
		return false;
	p->skip_lf = false;
	if (tok->type != TOKEN_TEXT || tok->text[0] != '\n')
		return false;
	tok->text++;
	return --tok->n == 0;
}

/* The end tag of an element that was too deep to be opened. */
static bool end_too_deep(struct html_parser *p, const struct html_token *tok)
{
	if (tok->type != TOKEN_END || !p->too_deep[tok->tag])
		return false;
	p->too_deep[tok->tag]--;
	p->ntoo_deep--;
	return true;
}

static void process(struct html_parser *p, struct html_token *tok)
{
	bool done = false;

	if (p->ntoo_deep && end_too_deep(p, tok))
		return;
	while (!done)
		done = html_uses_foreign(p, tok) ? html_foreign(p, tok) :
			html_use(p, tok, p->mode);
}

static void run(struct html_parser *p)
{
	struct html_token tok = { 0 };

	do {
		const struct node *at = p->nopen ? html_current(p) : NULL;

		if (p->nopen == 1 && p->context)
			at = p->context;
		p->t.foreign = at && at->ns != NS_HTML;
		html_next(&p->t, &tok);
		if (!lost_newline(p, &tok))
			process(p, &tok);
	} while (tok.type != TOKEN_EOF);
	while (p->nopen)
		html_pop(p);
}

/* Copies the page, normalising "\r\n" and "\r" to "\n". */
static void take_input(struct html_parser *p, const char *page, size_t n)
{
	const char *end = page + n, *cr;
	char *out;

	if (n + HTML_PADDING > p->input_cap) {
		p->input_cap = n + n / 2 + HTML_PADDING;
		free(p->input);
		p->input = xmalloc(p->input_cap);
	}
	out = p->input;
	while (page < end && (cr = memchr(page, '\r', (size_t)(end - page)))) {
		memcpy(out, page, (size_t)(cr - page));
		out += cr - page;
		*out++ = '\n';
		page = cr + 1;
		if (page < end && *page == '\n')
			page++;
	}
	if (page < end)
		memcpy(out, page, (size_t)(end - page));
	out += end - page;
	memset(out, 0, HTML_PADDING);
	p->t.p = p->input;
	p->t.end = out;
}

static void begin(struct html_parser *p, const char *page, size_t n)
{
	bool cut = n > MAX_PAGE;

	if (cut)
		n = MAX_PAGE;
	arena_reset(&p->arena);
	take_input(p, page, n);
	p->t.arena = &p->arena;
	p->t.state = HTML_DATA;
	p->t.last_start = TAG_UNKNOWN;
	p->mode = MODE_INITIAL;
	p->frameset_ok = true;
	p->foster = p->skip_lf = false;
	p->form = p->context = p->shown = NULL;
	p->nopen = p->nactive = p->ntemplate = p->ntemplate_mode = 0;
	p->npending = 0;
	p->ntoo_deep = 0;
	memset(p->too_deep, 0, sizeof p->too_deep);
	p->clones_left = 100000 + n / 8;
	p->dom = (struct dom){ .limits = cut ? LIMIT_BYTES : 0 };
	p->dom.document = html_node(p, NODE_DOCUMENT);
}

struct dom *html_parse(struct html_parser *p, const char *page, size_t n)
{
	begin(p, page, n);
	run(p);
	return &p->dom;
}

/* The state in which the tokenizer starts on the inner HTML of an element. */
static enum html_state context_state(const struct html_parser *p, enum tag tag)
{
	switch (tag) {
	case TAG_TITLE:
	case TAG_TEXTAREA:
		return HTML_RCDATA;
	case TAG_STYLE:
	case TAG_XMP:
	case TAG_IFRAME:
	case TAG_NOEMBED:
	case TAG_NOFRAMES:
		return HTML_RAWTEXT;
	case TAG_SCRIPT:
		return HTML_SCRIPT;
	case TAG_NOSCRIPT:
		return p->scripting ? HTML_RAWTEXT : HTML_DATA;
	case TAG_PLAINTEXT:
		return HTML_PLAINTEXT;
	default:
		return HTML_DATA;
	}
}

static enum tag context_tag(const char *context)
{
	char name[24] = "";
	size_t n;

	for (n = 0; context[n] && n < sizeof name - 8; n++)
		name[n] = ascii_lower(context[n]);
	return n && !context[n] ? html_tag_find(name, n) : TAG_UNKNOWN;
}

struct dom *html_parse_fragment(struct html_parser *p, enum node_ns ns,
	const char *context, const char *page, size_t n)
{
	enum tag tag = context_tag(context);

	begin(p, page, n);
	p->context = new_element(p, tag, ns);
	if (ns == NS_HTML)
		p->t.state = context_state(p, tag);
	p->dom.html = new_element(p, TAG_HTML, NS_HTML);
	html_append(p->dom.document, p->dom.html);
	html_push(p, p->dom.html);
	if (node_is(p->context, TAG_TEMPLATE))
		html_push_template_mode(p, MODE_IN_TEMPLATE);
	if (node_is(p->context, TAG_FORM))
		p->form = p->context;
	html_reset_mode(p);
	run(p);
	return &p->dom;
}

struct html_parser *html_parser_new(bool scripting)
{
	struct html_parser *p = xcalloc(1, sizeof *p);

	p->scripting = scripting;
	return p;
}

void html_parser_free(struct html_parser *p)
{
	html_tokenizer_free(&p->t);
	arena_free(&p->arena);
	free(p->input);
	free(p->open);
	free(p->active);
	free(p->template_modes);
	free(p->pending);
	free(p);
}
