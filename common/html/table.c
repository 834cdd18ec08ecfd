/* table.c - the insertion modes of tables: see tree.h */
#include "common/html/tree.h"

#include "common/base/mem.h"

static bool go(struct html_parser *p, enum html_mode mode)
{
	p->mode = mode;
	return false;
}

static bool current_is(const struct html_parser *p, const enum tag *tags)
{
	const struct node *node = html_current(p);

	if (node->ns != NS_HTML)
		return false;
	for (; *tags; tags++)
		if (node->tag == *tags)
			return true;
	return false;
}

/* Pops down to one of the tags, a template or html: "clear the stack back". */
static void clear_back(struct html_parser *p, const enum tag *tags)
{
	while (!current_is(p, tags))
		html_pop(p);
}

static const enum tag table_context[] = {
	TAG_TABLE, TAG_TEMPLATE, TAG_HTML, TAG_UNKNOWN
};
static const enum tag body_context[] = {
	TAG_TBODY, TAG_TFOOT, TAG_THEAD, TAG_TEMPLATE, TAG_HTML, TAG_UNKNOWN
};
static const enum tag row_context[] = {
	TAG_TR, TAG_TEMPLATE, TAG_HTML, TAG_UNKNOWN
};
static const enum tag text_parents[] = {
	TAG_TABLE, TAG_TBODY, TAG_TEMPLATE, TAG_TFOOT, TAG_THEAD, TAG_TR,
	TAG_UNKNOWN
};

static bool foster(struct html_parser *p, struct html_token *tok)
{
	bool done;

	p->foster = true;
	done = html_in_body(p, tok);
	p->foster = false;
	return done;
}

/* ---- text ---- */

static bool begin_text(struct html_parser *p, struct html_token *tok)
{
	if (!current_is(p, text_parents))
		return foster(p, tok);
	p->npending = 0;
	p->original_mode = p->mode;
	return go(p, MODE_IN_TABLE_TEXT);
}

/* White space stays in the table; anything else is foster-parented. */
static void flush_text(struct html_parser *p)
{
	bool space = true;
	size_t i;

	for (i = 0; i < p->npending; i++)
		if (html_space(p->pending[i].text, p->pending[i].n) <
		    p->pending[i].n)
			space = false;
	for (i = 0; i < p->npending; i++) {
		struct html_token tok = {
			.type = TOKEN_TEXT,
			.text = p->pending[i].text, .n = p->pending[i].n
		};

		if (space)
			html_insert_text(p, tok.text, tok.n);
		else
			foster(p, &tok);
	}
	p->npending = 0;
}

bool html_in_table_text(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_NUL)
		return true;
	if (tok->type == TOKEN_TEXT) {
		p->pending = grow(p->pending, p->npending, &p->pending_cap,
			sizeof *p->pending);
		p->pending[p->npending].text = tok->text;
		p->pending[p->npending++].n = tok->n;
		return true;
	}
	flush_text(p);
	return go(p, p->original_mode);
}

/* ---- in table ---- */

static bool close_table(struct html_parser *p)
{
	if (!html_in_scope(p, TAG_TABLE, SCOPE_TABLE))
		return false;
	html_pop_until(p, TAG_TABLE);
	html_reset_mode(p);
	return true;
}

/* Opens an element that the page omits, and reprocesses the token in it. */
static bool imply(struct html_parser *p, enum tag tag, enum html_mode mode)
{
	html_insert_tag(p, tag);
	return go(p, mode);
}

static bool hidden_input(struct html_parser *p, struct html_token *tok)
{
	if (!html_attr_is(tok->attrs, tok->nattr, ATTR_TYPE, "hidden"))
		return foster(p, tok);
	html_insert_void(p, tok);
	return true;
}

static bool table_form(struct html_parser *p, struct html_token *tok)
{
	if (!p->ntemplate && !p->form) {
		p->form = html_element(p, tok, NS_HTML);
		html_append(html_place(p, html_current(p)).parent, p->form);
	}
	return true;
}

static bool start_part(struct html_parser *p, struct html_token *tok,
	enum html_mode mode)
{
	clear_back(p, table_context);
	html_insert(p, tok);
	p->mode = mode;
	return true;
}

static bool table_start(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_CAPTION:
		clear_back(p, table_context);
		html_marker(p);
		return start_part(p, tok, MODE_IN_CAPTION);
	case TAG_COLGROUP:
		return start_part(p, tok, MODE_IN_COLUMN_GROUP);
	case TAG_COL:
		clear_back(p, table_context);
		return imply(p, TAG_COLGROUP, MODE_IN_COLUMN_GROUP);
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_THEAD:
		return start_part(p, tok, MODE_IN_TABLE_BODY);
	case TAG_TD:
	case TAG_TH:
	case TAG_TR:
		clear_back(p, table_context);
		return imply(p, TAG_TBODY, MODE_IN_TABLE_BODY);
	case TAG_TABLE:
		return !close_table(p);
	case TAG_STYLE:
	case TAG_SCRIPT:
	case TAG_TEMPLATE:
		return html_use(p, tok, MODE_IN_HEAD);
	case TAG_INPUT:
		return hidden_input(p, tok);
	case TAG_FORM:
		return table_form(p, tok);
	default:
		return foster(p, tok);
	}
}

static bool table_end(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_TABLE:
		close_table(p);
		return true;
	case TAG_BODY:
	case TAG_CAPTION:
	case TAG_COL:
	case TAG_COLGROUP:
	case TAG_HTML:
	case TAG_TBODY:
	case TAG_TD:
	case TAG_TFOOT:
	case TAG_TH:
	case TAG_THEAD:
	case TAG_TR:
		return true;
	case TAG_TEMPLATE:
		return html_use(p, tok, MODE_IN_HEAD);
	default:
		return foster(p, tok);
	}
}

bool html_in_table(struct html_parser *p, struct html_token *tok)
{
	switch (tok->type) {
	case TOKEN_TEXT:
	case TOKEN_NUL:
		return begin_text(p, tok);
	case TOKEN_COMMENT:
		html_insert_comment(p, tok, NULL);
		return true;
	case TOKEN_START:
		return table_start(p, tok);
	case TOKEN_END:
		return table_end(p, tok);
	case TOKEN_EOF:
		return html_in_body(p, tok);
	default:
		return true;
	}
}

/* ---- caption, column group ---- */

/* Start tags of the parts of a table. */
static bool is_part(enum tag tag)
{
	switch (tag) {
	case TAG_CAPTION:
	case TAG_COL:
	case TAG_COLGROUP:
	case TAG_TBODY:
	case TAG_TD:
	case TAG_TFOOT:
	case TAG_TH:
	case TAG_THEAD:
	case TAG_TR:
		return true;
	default:
		return false;
	}
}

static bool close_caption(struct html_parser *p)
{
	if (!html_in_scope(p, TAG_CAPTION, SCOPE_TABLE))
		return false;
	html_implied_end_tags(p, TAG_UNKNOWN);
	html_pop_until(p, TAG_CAPTION);
	html_clear_active(p);
	p->mode = MODE_IN_TABLE;
	return true;
}

bool html_in_caption(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_END)
		switch (tok->tag) {
		case TAG_CAPTION:
			close_caption(p);
			return true;
		case TAG_TABLE:
			return !close_caption(p);
		case TAG_BODY:
		case TAG_COL:
		case TAG_COLGROUP:
		case TAG_HTML:
		case TAG_TBODY:
		case TAG_TD:
		case TAG_TFOOT:
		case TAG_TH:
		case TAG_THEAD:
		case TAG_TR:
			return true;
		default:
			break;
		}
	if (tok->type == TOKEN_START && is_part(tok->tag))
		return !close_caption(p);
	return html_in_body(p, tok);
}

static bool close_column_group(struct html_parser *p)
{
	if (!html_current_is(p, TAG_COLGROUP))
		return false;
	html_pop(p);
	p->mode = MODE_IN_TABLE;
	return true;
}

/* White space stays in the group; any other text ends it. */
static bool column_text(struct html_parser *p, struct html_token *tok)
{
	uint32_t n = (uint32_t)html_space(tok->text, tok->n);

	if (n)
		html_insert_text(p, tok->text, n);
	tok->text += n;
	tok->n -= n;
	return tok->n == 0;
}

static bool column_start(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_HTML:
		return html_in_body(p, tok);
	case TAG_COL:
		html_insert_void(p, tok);
		return true;
	case TAG_TEMPLATE:
		return html_use(p, tok, MODE_IN_HEAD);
	default:
		return !close_column_group(p);
	}
}

bool html_in_column_group(struct html_parser *p, struct html_token *tok)
{
	switch (tok->type) {
	case TOKEN_COMMENT:
		html_insert_comment(p, tok, NULL);
		return true;
	case TOKEN_DOCTYPE:
		return true;
	case TOKEN_EOF:
		return html_in_body(p, tok);
	case TOKEN_START:
		return column_start(p, tok);
	case TOKEN_TEXT:
		return column_text(p, tok) || !close_column_group(p);
	case TOKEN_END:
		if (tok->tag == TAG_TEMPLATE)
			return html_use(p, tok, MODE_IN_HEAD);
		if (tok->tag == TAG_COL)
			return true;
		if (tok->tag == TAG_COLGROUP) {
			close_column_group(p);
			return true;
		}
		break;
	default:
		break;
	}
	return !close_column_group(p);
}

/* ---- table body, row ---- */

static bool close_body(struct html_parser *p)
{
	if (!html_in_scope(p, TAG_TBODY, SCOPE_TABLE) &&
	    !html_in_scope(p, TAG_THEAD, SCOPE_TABLE) &&
	    !html_in_scope(p, TAG_TFOOT, SCOPE_TABLE))
		return false;
	clear_back(p, body_context);
	html_pop(p);
	p->mode = MODE_IN_TABLE;
	return true;
}

static bool body_start(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_TR:
		clear_back(p, body_context);
		html_insert(p, tok);
		p->mode = MODE_IN_ROW;
		return true;
	case TAG_TH:
	case TAG_TD:
		clear_back(p, body_context);
		return imply(p, TAG_TR, MODE_IN_ROW);
	case TAG_CAPTION:
	case TAG_COL:
	case TAG_COLGROUP:
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_THEAD:
		return !close_body(p);
	default:
		return html_in_table(p, tok);
	}
}

static bool body_end(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_THEAD:
		if (html_in_scope(p, tok->tag, SCOPE_TABLE))
			close_body(p);
		return true;
	case TAG_TABLE:
		return !close_body(p);
	case TAG_BODY:
	case TAG_CAPTION:
	case TAG_COL:
	case TAG_COLGROUP:
	case TAG_HTML:
	case TAG_TD:
	case TAG_TH:
	case TAG_TR:
		return true;
	default:
		return html_in_table(p, tok);
	}
}

bool html_in_table_body(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_START)
		return body_start(p, tok);
	if (tok->type == TOKEN_END)
		return body_end(p, tok);
	return html_in_table(p, tok);
}

static bool close_row(struct html_parser *p)
{
	if (!html_in_scope(p, TAG_TR, SCOPE_TABLE))
		return false;
	clear_back(p, row_context);
	html_pop(p);
	p->mode = MODE_IN_TABLE_BODY;
	return true;
}

static bool row_end(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_TR:
		close_row(p);
		return true;
	case TAG_TABLE:
		return !close_row(p);
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_THEAD:
		if (!html_in_scope(p, tok->tag, SCOPE_TABLE))
			return true;
		return !close_row(p);
	case TAG_BODY:
	case TAG_CAPTION:
	case TAG_COL:
	case TAG_COLGROUP:
	case TAG_HTML:
	case TAG_TD:
	case TAG_TH:
		return true;
	default:
		return html_in_table(p, tok);
	}
}

bool html_in_row(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_END)
		return row_end(p, tok);
	if (tok->type != TOKEN_START || !is_part(tok->tag))
		return html_in_table(p, tok);
	if (tok->tag != TAG_TD && tok->tag != TAG_TH)
		return !close_row(p);
	clear_back(p, row_context);
	html_insert(p, tok);
	html_marker(p);
	p->mode = MODE_IN_CELL;
	return true;
}

/* ---- cell ---- */

static void close_cell(struct html_parser *p)
{
	html_implied_end_tags(p, TAG_UNKNOWN);
	while (p->nopen > 1 && !html_current_is(p, TAG_TD) &&
	    !html_current_is(p, TAG_TH))
		html_pop(p);
	html_pop(p);
	html_clear_active(p);
	p->mode = MODE_IN_ROW;
}

static bool cell_end(struct html_parser *p, struct html_token *tok)
{
	switch (tok->tag) {
	case TAG_TD:
	case TAG_TH:
		if (html_in_scope(p, tok->tag, SCOPE_TABLE)) {
			html_implied_end_tags(p, TAG_UNKNOWN);
			html_pop_until(p, tok->tag);
			html_clear_active(p);
			p->mode = MODE_IN_ROW;
		}
		return true;
	case TAG_BODY:
	case TAG_CAPTION:
	case TAG_COL:
	case TAG_COLGROUP:
	case TAG_HTML:
		return true;
	case TAG_TABLE:
	case TAG_TBODY:
	case TAG_TFOOT:
	case TAG_THEAD:
	case TAG_TR:
		if (!html_in_scope(p, tok->tag, SCOPE_TABLE))
			return true;
		close_cell(p);
		return false;
	default:
		return html_in_body(p, tok);
	}
}

bool html_in_cell(struct html_parser *p, struct html_token *tok)
{
	if (tok->type == TOKEN_END)
		return cell_end(p, tok);
	if (tok->type != TOKEN_START || !is_part(tok->tag))
		return html_in_body(p, tok);
	if (!html_in_scope(p, TAG_TD, SCOPE_TABLE) &&
	    !html_in_scope(p, TAG_TH, SCOPE_TABLE))
		return true;
	close_cell(p);
	return false;
}
