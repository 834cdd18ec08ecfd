/* modes.c - the insertion modes of HTML tree construction except for the body
 * and tables: see tree.h
 */
#include "common/html/tree.h"

#include "common/base/mem.h"

static bool is_start(const struct html_token *tok, enum tag tag)
{
	return tok->type == TOKEN_START && tok->tag == tag;
}

static bool is_end(const struct html_token *tok, enum tag tag)
{
	return tok->type == TOKEN_END && tok->tag == tag;
}

size_t html_space(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && (text[i] == ' ' || text[i] == '\n' ||
			text[i] == '\t' || text[i] == '\r' || text[i] == '\f'))
		i++;
	return i;
}

static bool go(struct html_parser *p, enum html_mode mode)
{
	p->mode = mode;
	return false;
}

/* Removes leading white space from a text token, and inserts it into the tree
 * if insert is set. Returns true when nothing else was in the token. */
static bool take_space(struct html_parser *p, struct html_token *tok, bool insert)
{
	uint32_t n = (uint32_t)html_space(tok->text, tok->n);

	if (n && insert)
		html_insert_text(p, tok->text, n);
	tok->text += n;
	tok->n -= n;
	return tok->n == 0;
}

/* Handles what most modes before the body ignore or insert without further
 * checks: comments, DOCTYPEs, NUL and white space. */
static bool trivial(struct html_parser *p, struct html_token *tok, bool insert)
{
	switch (tok->type) {
	case TOKEN_COMMENT:
		html_insert_comment(p, tok, NULL);
		return true;
	case TOKEN_DOCTYPE:
		return true;
	case TOKEN_TEXT:
		return take_space(p, tok, insert);
	default:
		return false;
	}
}

/* ---- before and in the head ---- */

static bool initial(struct html_parser *p, struct html_token *tok)
{
	enum html_quirks quirks = HTML_QUIRKS;
	struct node *node;

	if (tok->type == TOKEN_COMMENT) {
		html_insert_comment(p, tok, p->dom.document);
		return true;
	}
	if (tok->type == TOKEN_TEXT && take_space(p, tok, false))
		return true;
	p->mode = MODE_BEFORE_HTML;
	if (tok->type == TOKEN_DOCTYPE) {
		node = html_node(p, NODE_DOCTYPE);
		node->doctype = arena_alloc(&p->arena, sizeof *node->doctype);
		*node->doctype = tok->doctype;
		html_append(p->dom.document, node);
		quirks = html_doctype_quirks(tok);
	}
	p->dom.quirks = quirks == HTML_QUIRKS;
	p->dom.limited_quirks = quirks == HTML_LIMITED_QUIRKS;
	return tok->type == TOKEN_DOCTYPE;
}

/* An end tag that has an effect before the body. */
static bool opens_body(const struct html_token *tok)
{
	return tok->tag == TAG_BODY || tok->tag == TAG_HTML ||
		tok->tag == TAG_BR;
}

static void set_html(struct html_parser *p, const struct html_token *tok)
{
	struct node *node = html_element(p, tok, NS_HTML);

	html_append(p->dom.document, node);
	html_push(p, node);
	p->dom.html = node;
	p->mode = MODE_BEFORE_HEAD;
}

static bool before_html(struct html_parser *p, struct html_token *tok)
{
	struct html_token html = { .type = TOKEN_START, .tag = TAG_HTML };

	if (tok->type == TOKEN_COMMENT) {
		html_insert_comment(p, tok, p->dom.document);
		return true;
	}
	if (tok->type == TOKEN_DOCTYPE ||
	    (tok->type == TOKEN_TEXT && take_space(p, tok, false)))
		return true;
	if (tok->type == TOKEN_END && !opens_body(tok) && tok->tag != TAG_HEAD)
		return true;
	if (is_start(tok, TAG_HTML)) {
		set_html(p, tok);
		return true;
	}
	set_html(p, &html);
	return false;
}

static bool before_head(struct html_parser *p, struct html_token *tok)
{
	if (trivial(p, tok, false))
		return true;
	if (is_start(tok, TAG_HTML))
		return html_in_body(p, tok);
	if (tok->type == TOKEN_END && !opens_body(tok) && tok->tag != TAG_HEAD)
		return true;
	p->mode = MODE_IN_HEAD;
	if (is_start(tok, TAG_HEAD)) {
		p->dom.head = html_insert(p, tok);
		return true;
	}
	p->dom.head = html_insert_tag(p, TAG_HEAD);
	return false;
}

void html_push_template_mode(struct html_parser *p, enum html_mode mode)
{
	p->template_modes = grow(p->template_modes, p->ntemplate_mode,
		&p->template_mode_cap, sizeof *p->template_modes);
	p->template_modes[p->ntemplate_mode++] = mode;
}

static bool start_template(struct html_parser *p, struct html_token *tok)
{
	const struct node *node = html_insert(p, tok);

	p->frameset_ok = false;
	if (html_current(p) != node)
		return true;
	html_marker(p);
	p->mode = MODE_IN_TEMPLATE;
	html_push_template_mode(p, MODE_IN_TEMPLATE);
	return true;
}

static void close_template(struct html_parser *p)
{
	html_pop_until(p, TAG_TEMPLATE);
	html_clear_active(p);
	if (p->ntemplate_mode > 0)
		p->ntemplate_mode--;
	html_reset_mode(p);
}

static bool end_template(struct html_parser *p)
{
	if (p->ntemplate) {
		html_implied_end_tags_thoroughly(p);
		close_template(p);
	}
	return true;
}

static bool leave_head(struct html_parser *p)
{
	html_pop(p);
	return go(p, MODE_AFTER_HEAD);
}

static bool head_start(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_HTML:
		return html_in_body(p, tok);
	case TAG_BASE:
	case TAG_BASEFONT:
	case TAG_BGSOUND:
	case TAG_LINK:
	case TAG_META:
		html_insert_void(p, tok);
		return true;
	case TAG_TITLE:
		return html_raw_element(p, tok, HTML_RCDATA);
	case TAG_NOSCRIPT:
		if (p->scripting)
			return html_raw_element(p, tok, HTML_RAWTEXT);
		html_insert(p, tok);
		p->mode = MODE_IN_HEAD_NOSCRIPT;
		return true;
	case TAG_NOFRAMES:
	case TAG_STYLE:
		return html_raw_element(p, tok, HTML_RAWTEXT);
	case TAG_SCRIPT:
		return html_raw_element(p, tok, HTML_SCRIPT);
	case TAG_TEMPLATE:
		return start_template(p, tok);
	case TAG_HEAD:
		return true;
	default:
		return leave_head(p);
	}
}

static bool in_head(struct html_parser *p, struct html_token *tok)
{
	if (trivial(p, tok, true))
		return true;
	if (tok->type == TOKEN_START)
		return head_start(p, tok);
	if (tok->type != TOKEN_END)
		return leave_head(p);
	if (tok->tag == TAG_TEMPLATE)
		return end_template(p);
	if (tok->tag == TAG_HEAD) {
		leave_head(p);
		return true;
	}
	return opens_body(tok) ? leave_head(p) : true;
}

static bool in_head_noscript(struct html_parser *p, struct html_token *tok)
{
	if (trivial(p, tok, true))
		return true;
	if (tok->type == TOKEN_START)
		switch (tok->tag) {
		case TAG_HTML:
			return html_in_body(p, tok);
		case TAG_BASEFONT:
		case TAG_BGSOUND:
		case TAG_LINK:
		case TAG_META:
		case TAG_NOFRAMES:
		case TAG_STYLE:
			return in_head(p, tok);
		case TAG_HEAD:
		case TAG_NOSCRIPT:
			return true;
		default:
			break;
		}
	if (tok->type == TOKEN_END && tok->tag != TAG_NOSCRIPT &&
	    tok->tag != TAG_BR)
		return true;
	html_pop(p);
	p->mode = MODE_IN_HEAD;
	return is_end(tok, TAG_NOSCRIPT);
}

static bool start_body(struct html_parser *p, const struct html_token *tok)
{
	p->dom.body = tok ? html_insert(p, tok) : html_insert_tag(p, TAG_BODY);
	p->mode = MODE_IN_BODY;
	return tok;
}

/* A start tag that belongs in the head, which is closed already. */
static bool late_head(struct html_parser *p, struct html_token *tok)
{
	bool done;

	html_push(p, p->dom.head);
	done = in_head(p, tok);
	html_remove_open(p, p->dom.head);
	return done;
}

static bool after_head(struct html_parser *p, struct html_token *tok)
{
	if (trivial(p, tok, true))
		return true;
	if (tok->type == TOKEN_START)
		switch (tok->tag) {
		case TAG_HTML:
			return html_in_body(p, tok);
		case TAG_BODY:
			p->frameset_ok = false;
			return start_body(p, tok);
		case TAG_FRAMESET:
			p->dom.body = html_insert(p, tok);
			p->mode = MODE_IN_FRAMESET;
			return true;
		case TAG_BASE:
		case TAG_BASEFONT:
		case TAG_BGSOUND:
		case TAG_LINK:
		case TAG_META:
		case TAG_NOFRAMES:
		case TAG_SCRIPT:
		case TAG_STYLE:
		case TAG_TEMPLATE:
		case TAG_TITLE:
			return late_head(p, tok);
		case TAG_HEAD:
			return true;
		default:
			break;
		}
	if (is_end(tok, TAG_TEMPLATE))
		return end_template(p);
	if (tok->type == TOKEN_END && !opens_body(tok))
		return true;
	return start_body(p, NULL);
}

/* ---- text, templates ---- */

static bool in_text(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_TEXT) {
		html_insert_text(p, tok->text, tok->n);
		return true;
	}
	html_pop(p);
	p->mode = p->original_mode;
	return tok->type == TOKEN_END;
}

static bool template_start(struct html_parser *p, struct html_token *tok)
{
	enum html_mode mode = MODE_IN_BODY;

	switch (tok->tag) {
	case TAG_BASE:
	case TAG_BASEFONT:
	case TAG_BGSOUND:
	case TAG_LINK:
	case TAG_META:
	case TAG_NOFRAMES:
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_TEMPLATE:
	case TAG_TITLE:
		return in_head(p, tok);
	case TAG_CAPTION:
	case TAG_COLGROUP:
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_THEAD:
		mode = MODE_IN_TABLE;
		break;
	case TAG_COL:
		mode = MODE_IN_COLUMN_GROUP;
		break;
	case TAG_TR:
		mode = MODE_IN_TABLE_BODY;
		break;
	case TAG_TD:
	case TAG_TH:
		mode = MODE_IN_ROW;
		break;
	default:
		break;
	}
	p->template_modes[p->ntemplate_mode - 1] = mode;
	return go(p, mode);
}

static bool in_template(struct html_parser *p, struct html_token *tok)
{
	switch (tok->type) {
	case TOKEN_START:
		return template_start(p, tok);
	case TOKEN_END:
		return tok->tag == TAG_TEMPLATE ? end_template(p) : true;
	case TOKEN_EOF:
		if (!p->ntemplate)
			return true;
		close_template(p);
		return false;
	default:
		return html_in_body(p, tok);
	}
}

/* ---- after the body, framesets ---- */

static bool after_body(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_COMMENT) {
		html_insert_comment(p, tok, p->open[0]);
		return true;
	}
	if (tok->type == TOKEN_DOCTYPE || tok->type == TOKEN_EOF)
		return true;
	if (is_start(tok, TAG_HTML) || (tok->type == TOKEN_TEXT &&
			html_space(tok->text, tok->n) == tok->n))
		return html_in_body(p, tok);
	if (is_end(tok, TAG_HTML)) {
		if (!p->context)
			p->mode = MODE_AFTER_AFTER_BODY;
		return true;
	}
	return go(p, MODE_IN_BODY);
}

static bool after_after_body(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_COMMENT) {
		html_insert_comment(p, tok, p->dom.document);
		return true;
	}
	if (tok->type == TOKEN_EOF)
		return true;
	if (tok->type == TOKEN_DOCTYPE || is_start(tok, TAG_HTML) ||
	    (tok->type == TOKEN_TEXT &&
			html_space(tok->text, tok->n) == tok->n))
		return html_in_body(p, tok);
	return go(p, MODE_IN_BODY);
}

/* Keeps only the white space of text. */
static void frameset_text(struct html_parser *p, struct html_token *tok)
{
	uint32_t i, n;

	for (i = 0; i < tok->n; i += n + 1) {
		n = (uint32_t)html_space(tok->text + i, tok->n - i);
		if (n)
			html_insert_text(p, tok->text + i, n);
	}
}

static bool frameset_start(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_HTML:
		return html_in_body(p, tok);
	case TAG_FRAMESET:
		html_insert(p, tok);
		break;
	case TAG_FRAME:
		html_insert_void(p, tok);
		break;
	case TAG_NOFRAMES:
		return in_head(p, tok);
	default:
		break;
	}
	return true;
}

static bool in_frameset(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_COMMENT)
		html_insert_comment(p, tok, NULL);
	else if (tok->type == TOKEN_TEXT)
		frameset_text(p, tok);
	else if (tok->type == TOKEN_START)
		return frameset_start(p, tok);
	else if (is_end(tok, TAG_FRAMESET) && p->nopen > 1) {
		html_pop(p);
		if (!p->context && !html_current_is(p, TAG_FRAMESET))
			p->mode = MODE_AFTER_FRAMESET;
	}
	return true;
}

static bool after_frameset(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_COMMENT)
		html_insert_comment(p, tok, NULL);
	else if (tok->type == TOKEN_TEXT)
		frameset_text(p, tok);
	else if (is_start(tok, TAG_HTML))
		return html_in_body(p, tok);
	else if (is_start(tok, TAG_NOFRAMES))
		return in_head(p, tok);
	else if (is_end(tok, TAG_HTML))
		p->mode = MODE_AFTER_AFTER_FRAMESET;
	return true;
}

static bool after_after_frameset(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_COMMENT)
		html_insert_comment(p, tok, p->dom.document);
	else if (tok->type == TOKEN_TEXT)
		frameset_text(p, tok);
	else if (is_start(tok, TAG_HTML))
		return html_in_body(p, tok);
	else if (is_start(tok, TAG_NOFRAMES))
		return in_head(p, tok);
	return true;
}

/* ---- which mode ---- */

static html_handler *const modes[MODE_COUNT] = {
	[MODE_INITIAL] = initial,
	[MODE_BEFORE_HTML] = before_html,
	[MODE_BEFORE_HEAD] = before_head,
	[MODE_IN_HEAD] = in_head,
	[MODE_IN_HEAD_NOSCRIPT] = in_head_noscript,
	[MODE_AFTER_HEAD] = after_head,
	[MODE_IN_BODY] = html_in_body,
	[MODE_TEXT] = in_text,
	[MODE_IN_TABLE] = html_in_table,
	[MODE_IN_TABLE_TEXT] = html_in_table_text,
	[MODE_IN_CAPTION] = html_in_caption,
	[MODE_IN_COLUMN_GROUP] = html_in_column_group,
	[MODE_IN_TABLE_BODY] = html_in_table_body,
	[MODE_IN_ROW] = html_in_row,
	[MODE_IN_CELL] = html_in_cell,
	[MODE_IN_TEMPLATE] = in_template,
	[MODE_AFTER_BODY] = after_body,
	[MODE_IN_FRAMESET] = in_frameset,
	[MODE_AFTER_FRAMESET] = after_frameset,
	[MODE_AFTER_AFTER_BODY] = after_after_body,
	[MODE_AFTER_AFTER_FRAMESET] = after_after_frameset,
};

bool html_use(struct html_parser *p, struct html_token *tok, enum html_mode mode)
{
	return modes[mode](p, tok);
}

/* The mode for an open element, or MODE_COUNT: look at the one above it. last:
 * it is the bottom of the stack. */
static enum html_mode mode_for(const struct html_parser *p, enum tag tag,
	bool last)
{
	switch (tag) {
	case TAG_TD:
	case TAG_TH:
		return last ? MODE_COUNT : MODE_IN_CELL;
	case TAG_TR:
		return MODE_IN_ROW;
	case TAG_TBODY:
	case TAG_THEAD:
	case TAG_TFOOT:
		return MODE_IN_TABLE_BODY;
	case TAG_CAPTION:
		return MODE_IN_CAPTION;
	case TAG_COLGROUP:
		return MODE_IN_COLUMN_GROUP;
	case TAG_TABLE:
		return MODE_IN_TABLE;
	case TAG_TEMPLATE:
		return p->template_modes[p->ntemplate_mode - 1];
	case TAG_HEAD:
		return last ? MODE_COUNT : MODE_IN_HEAD;
	case TAG_BODY:
		return MODE_IN_BODY;
	case TAG_FRAMESET:
		return MODE_IN_FRAMESET;
	case TAG_HTML:
		return p->dom.head ? MODE_AFTER_HEAD : MODE_BEFORE_HEAD;
	default:
		return MODE_COUNT;
	}
}

void html_reset_mode(struct html_parser *p)
{
	size_t i = p->nopen;

	p->mode = MODE_COUNT;
	while (p->mode == MODE_COUNT && i-- > 0) {
		const struct node *node = p->open[i];

		if (i == 0 && p->context)
			node = p->context;
		if (node->ns == NS_HTML)
			p->mode = mode_for(p, (enum tag)node->tag, i == 0);
	}
	if (p->mode == MODE_COUNT)
		p->mode = MODE_IN_BODY;
}
