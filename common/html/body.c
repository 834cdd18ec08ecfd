/* body.c - the "in body" insertion mode: a function for each kind of start
 * or end tag; see tree.h
 */
#include "common/html/tree.h"

#include <string.h>

/* ---- text ---- */

static bool add_text(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	html_insert_text(p, tok->text, tok->n);
	if (p->frameset_ok && html_space(tok->text, tok->n) < tok->n)
		p->frameset_ok = false;
	return true;
}

/* ---- start tags: the page, blocks ---- */

static bool start_html(struct html_parser *p, struct html_token *tok)
{
	if (!p->ntemplate)
		html_add_attrs(p, p->open[0], tok);
	return true;
}

static bool start_head_element(struct html_parser *p, struct html_token *tok)
{
	return html_use(p, tok, MODE_IN_HEAD);
}

static struct node *open_body(const struct html_parser *p)
{
	return p->nopen > 1 && node_is(p->open[1], TAG_BODY) ? p->open[1] :
		NULL;
}

static bool start_body(struct html_parser *p, struct html_token *tok)
{
	if (open_body(p) && !p->ntemplate) {
		p->frameset_ok = false;
		html_add_attrs(p, open_body(p), tok);
	}
	return true;
}

static bool start_frameset(struct html_parser *p, struct html_token *tok)
{
	struct node *body = open_body(p);

	if (!body || !p->frameset_ok)
		return true;
	html_detach(body);
	while (p->nopen > 1)
		html_pop(p);
	p->dom.body = html_insert(p, tok);
	p->mode = MODE_IN_FRAMESET;
	return true;
}

static bool start_ignored(struct html_parser *p, struct html_token *tok)
{
	return true;
}

static bool start_block(struct html_parser *p, struct html_token *tok)
{
	html_close_p(p);
	html_insert(p, tok);
	return true;
}

static bool start_heading(struct html_parser *p, struct html_token *tok)
{
	const struct node *node;

	html_close_p(p);
	node = html_current(p);
	if (node->ns == NS_HTML &&
	    html_tag_flags[node->tag] & TAG_IS_HEADING)
		html_pop(p);
	html_insert(p, tok);
	return true;
}

static bool start_pre(struct html_parser *p, struct html_token *tok)
{
	start_block(p, tok);
	p->skip_lf = true;
	p->frameset_ok = false;
	return true;
}

static bool start_form(struct html_parser *p, struct html_token *tok)
{
	struct node *node;

	if (p->form && !p->ntemplate)
		return true;
	html_close_p(p);
	node = html_insert(p, tok);
	if (!p->ntemplate && html_current(p) == node)
		p->form = node;
	return true;
}

/* Closes the nearest open item, a or b, unless a special element is nearer. */
static void close_item(struct html_parser *p, enum tag a, enum tag b)
{
	size_t i;

	for (i = p->nopen; i-- > 0;) {
		const struct node *node = p->open[i];

		if (node_is(node, a) || node_is(node, b)) {
			html_implied_end_tags(p, (enum tag)node->tag);
			html_pop_until(p, (enum tag)node->tag);
			return;
		}
		if (html_is_special(node) && !node_is(node, TAG_ADDRESS) &&
		    !node_is(node, TAG_DIV) && !node_is(node, TAG_P))
			return;
	}
}

static bool start_li(struct html_parser *p, struct html_token *tok)
{
	p->frameset_ok = false;
	close_item(p, TAG_LI, TAG_LI);
	return start_block(p, tok);
}

static bool start_dd(struct html_parser *p, struct html_token *tok)
{
	p->frameset_ok = false;
	close_item(p, TAG_DD, TAG_DT);
	return start_block(p, tok);
}

static bool start_plaintext(struct html_parser *p, struct html_token *tok)
{
	start_block(p, tok);
	p->t.state = HTML_PLAINTEXT;
	return true;
}

/* ---- start tags: inline ---- */

static bool start_other(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	html_insert(p, tok);
	return true;
}

static bool start_button(struct html_parser *p, struct html_token *tok)
{
	if (html_in_scope(p, TAG_BUTTON, SCOPE_PLAIN)) {
		html_implied_end_tags(p, TAG_UNKNOWN);
		html_pop_until(p, TAG_BUTTON);
	}
	p->frameset_ok = false;
	return start_other(p, tok);
}

static bool start_formatting(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	html_activate(p, html_insert(p, tok));
	return true;
}

static bool start_a(struct html_parser *p, struct html_token *tok)
{
	struct node *open = html_find_active(p, TAG_A);

	if (open) {
		html_adopt(p, tok);
		html_remove_active(p, open);
		html_remove_open(p, open);
	}
	return start_formatting(p, tok);
}

static bool start_nobr(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	if (html_in_scope(p, TAG_NOBR, SCOPE_PLAIN))
		html_adopt(p, tok);
	return start_formatting(p, tok);
}

static bool start_object(struct html_parser *p, struct html_token *tok)
{
	struct node *node;

	html_reconstruct(p);
	node = html_insert(p, tok);
	if (html_current(p) == node)
		html_marker(p);
	p->frameset_ok = false;
	return true;
}

static bool start_table(struct html_parser *p, struct html_token *tok)
{
	struct node *node;

	if (!p->dom.quirks)
		html_close_p(p);
	node = html_insert(p, tok);
	p->frameset_ok = false;
	if (html_current(p) == node)
		p->mode = MODE_IN_TABLE;
	return true;
}

static bool start_void(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	html_insert_void(p, tok);
	p->frameset_ok = false;
	return true;
}

static bool start_param(struct html_parser *p, struct html_token *tok)
{
	html_insert_void(p, tok);
	return true;
}

static bool start_image(struct html_parser *p, struct html_token *tok)
{
	tok->tag = TAG_IMG;
	return start_void(p, tok);
}

static bool start_textarea(struct html_parser *p, struct html_token *tok)
{
	p->skip_lf = true;
	p->frameset_ok = false;
	return html_raw_element(p, tok, HTML_RCDATA);
}

static bool start_xmp(struct html_parser *p, struct html_token *tok)
{
	html_close_p(p);
	html_reconstruct(p);
	p->frameset_ok = false;
	return html_raw_element(p, tok, HTML_RAWTEXT);
}

static bool start_iframe(struct html_parser *p, struct html_token *tok)
{
	p->frameset_ok = false;
	return html_raw_element(p, tok, HTML_RAWTEXT);
}

static bool start_noembed(struct html_parser *p, struct html_token *tok)
{
	return html_raw_element(p, tok, HTML_RAWTEXT);
}

static bool start_noscript(struct html_parser *p, struct html_token *tok)
{
	return p->scripting ? html_raw_element(p, tok, HTML_RAWTEXT) :
		start_other(p, tok);
}

/* ---- start tags: forms, ruby ---- */

static bool in_select(const struct html_parser *p)
{
	return html_in_scope(p, TAG_SELECT, SCOPE_PLAIN);
}

static bool context_is_select(const struct html_parser *p)
{
	return p->context && node_is(p->context, TAG_SELECT);
}

static bool start_input(struct html_parser *p, struct html_token *tok)
{
	if (context_is_select(p))
		return true;
	if (in_select(p))
		html_pop_until(p, TAG_SELECT);
	html_reconstruct(p);
	html_insert_void(p, tok);
	if (!html_attr_is(tok->attrs, tok->nattr, ATTR_TYPE, "hidden"))
		p->frameset_ok = false;
	return true;
}

static bool start_hr(struct html_parser *p, struct html_token *tok)
{
	html_close_p(p);
	if (in_select(p))
		html_implied_end_tags(p, TAG_UNKNOWN);
	html_insert_void(p, tok);
	p->frameset_ok = false;
	return true;
}

static bool start_select(struct html_parser *p, struct html_token *tok)
{
	if (context_is_select(p))
		return true;
	if (in_select(p)) {
		html_pop_until(p, TAG_SELECT);
		return true;
	}
	p->frameset_ok = false;
	return start_other(p, tok);
}

static bool start_option(struct html_parser *p, struct html_token *tok)
{
	if (in_select(p))
		html_implied_end_tags(p, tok->tag == TAG_OPTION ?
			TAG_OPTGROUP : TAG_UNKNOWN);
	else if (html_current_is(p, TAG_OPTION))
		html_pop(p);
	return start_other(p, tok);
}

static bool start_selectedcontent(struct html_parser *p, struct html_token *tok)
{
	html_reconstruct(p);
	html_selectedcontent(p, html_insert(p, tok));
	return true;
}

static bool start_ruby_part(struct html_parser *p, struct html_token *tok)
{
	bool inner = tok->tag == TAG_RP || tok->tag == TAG_RT;

	if (html_in_scope(p, TAG_RUBY, SCOPE_PLAIN))
		html_implied_end_tags(p, inner ? TAG_RTC : TAG_UNKNOWN);
	html_insert(p, tok);
	return true;
}

static html_handler *const on_start[TAG_COUNT] = {
	[TAG_HTML] = start_html,
	[TAG_BASE] = start_head_element, [TAG_BASEFONT] = start_head_element,
	[TAG_BGSOUND] = start_head_element, [TAG_LINK] = start_head_element,
	[TAG_META] = start_head_element, [TAG_NOFRAMES] = start_head_element,
	[TAG_SCRIPT] = start_head_element, [TAG_STYLE] = start_head_element,
	[TAG_TEMPLATE] = start_head_element, [TAG_TITLE] = start_head_element,
	[TAG_BODY] = start_body,
	[TAG_FRAMESET] = start_frameset,
	[TAG_ADDRESS] = start_block, [TAG_ARTICLE] = start_block,
	[TAG_ASIDE] = start_block, [TAG_BLOCKQUOTE] = start_block,
	[TAG_CENTER] = start_block, [TAG_DETAILS] = start_block,
	[TAG_DIALOG] = start_block, [TAG_DIR] = start_block,
	[TAG_DIV] = start_block, [TAG_DL] = start_block,
	[TAG_FIELDSET] = start_block, [TAG_FIGCAPTION] = start_block,
	[TAG_FIGURE] = start_block, [TAG_FOOTER] = start_block,
	[TAG_HEADER] = start_block, [TAG_HGROUP] = start_block,
	[TAG_MAIN] = start_block, [TAG_MENU] = start_block,
	[TAG_NAV] = start_block, [TAG_OL] = start_block, [TAG_P] = start_block,
	[TAG_SEARCH] = start_block, [TAG_SECTION] = start_block,
	[TAG_SUMMARY] = start_block, [TAG_UL] = start_block,
	[TAG_H1] = start_heading, [TAG_H2] = start_heading,
	[TAG_H3] = start_heading, [TAG_H4] = start_heading,
	[TAG_H5] = start_heading, [TAG_H6] = start_heading,
	[TAG_PRE] = start_pre, [TAG_LISTING] = start_pre,
	[TAG_FORM] = start_form,
	[TAG_LI] = start_li,
	[TAG_DD] = start_dd, [TAG_DT] = start_dd,
	[TAG_PLAINTEXT] = start_plaintext,
	[TAG_BUTTON] = start_button,
	[TAG_A] = start_a,
	[TAG_B] = start_formatting, [TAG_BIG] = start_formatting,
	[TAG_CODE] = start_formatting, [TAG_EM] = start_formatting,
	[TAG_FONT] = start_formatting, [TAG_I] = start_formatting,
	[TAG_S] = start_formatting, [TAG_SMALL] = start_formatting,
	[TAG_STRIKE] = start_formatting, [TAG_STRONG] = start_formatting,
	[TAG_TT] = start_formatting, [TAG_U] = start_formatting,
	[TAG_NOBR] = start_nobr,
	[TAG_APPLET] = start_object, [TAG_MARQUEE] = start_object,
	[TAG_OBJECT] = start_object,
	[TAG_TABLE] = start_table,
	[TAG_AREA] = start_void, [TAG_BR] = start_void,
	[TAG_EMBED] = start_void, [TAG_IMG] = start_void,
	[TAG_KEYGEN] = start_void, [TAG_WBR] = start_void,
	[TAG_INPUT] = start_input,
	[TAG_PARAM] = start_param, [TAG_SOURCE] = start_param,
	[TAG_TRACK] = start_param,
	[TAG_HR] = start_hr,
	[TAG_IMAGE] = start_image,
	[TAG_TEXTAREA] = start_textarea,
	[TAG_XMP] = start_xmp,
	[TAG_IFRAME] = start_iframe,
	[TAG_NOEMBED] = start_noembed,
	[TAG_NOSCRIPT] = start_noscript,
	[TAG_SELECT] = start_select,
	[TAG_OPTGROUP] = start_option, [TAG_OPTION] = start_option,
	[TAG_SELECTEDCONTENT] = start_selectedcontent,
	[TAG_RB] = start_ruby_part, [TAG_RTC] = start_ruby_part,
	[TAG_RP] = start_ruby_part, [TAG_RT] = start_ruby_part,
	[TAG_MATH] = html_start_math,
	[TAG_SVG] = html_start_svg,
	[TAG_CAPTION] = start_ignored, [TAG_COL] = start_ignored,
	[TAG_COLGROUP] = start_ignored, [TAG_FRAME] = start_ignored,
	[TAG_HEAD] = start_ignored, [TAG_TBODY] = start_ignored,
	[TAG_TD] = start_ignored, [TAG_TFOOT] = start_ignored,
	[TAG_TH] = start_ignored, [TAG_THEAD] = start_ignored,
	[TAG_TR] = start_ignored,
};

/* ---- end tags ---- */

static bool end_template(struct html_parser *p, struct html_token *tok)
{
	return html_use(p, tok, MODE_IN_HEAD);
}

static bool end_body(struct html_parser *p, struct html_token *tok)
{
	if (!html_in_scope(p, TAG_BODY, SCOPE_PLAIN))
		return true;
	p->mode = MODE_AFTER_BODY;
	return tok->tag == TAG_BODY;
}

static bool end_block(struct html_parser *p, struct html_token *tok)
{
	if (!html_in_scope(p, tok->tag, SCOPE_PLAIN))
		return true;
	html_implied_end_tags(p, TAG_UNKNOWN);
	html_pop_until(p, tok->tag);
	return true;
}

static bool end_form(struct html_parser *p, struct html_token *tok)
{
	struct node *form = p->form;

	if (p->ntemplate)
		return end_block(p, tok);
	p->form = NULL;
	if (!form || !html_node_in_scope(p, form))
		return true;
	html_implied_end_tags(p, TAG_UNKNOWN);
	html_remove_open(p, form);
	return true;
}

static bool end_p(struct html_parser *p, struct html_token *tok)
{
	if (!html_in_scope(p, TAG_P, SCOPE_BUTTON)) {
		html_insert_tag(p, TAG_P);
		if (!html_current_is(p, TAG_P))
			return true;	/* too deep */
	}
	html_close_p(p);
	return true;
}

static bool end_item(struct html_parser *p, struct html_token *tok)
{
	if (!html_in_scope(p, tok->tag, tok->tag == TAG_LI ?
			SCOPE_LIST_ITEM : SCOPE_PLAIN))
		return true;
	html_implied_end_tags(p, tok->tag);
	html_pop_until(p, tok->tag);
	return true;
}

static bool end_heading(struct html_parser *p, struct html_token *tok)
{
	bool found = false;

	if (!html_heading_in_scope(p))
		return true;
	html_implied_end_tags(p, TAG_UNKNOWN);
	while (!found && p->nopen > 1) {
		const struct node *node = html_current(p);

		found = node->ns == NS_HTML &&
			html_tag_flags[node->tag] & TAG_IS_HEADING;
		html_pop(p);
	}
	return true;
}

static bool end_object(struct html_parser *p, struct html_token *tok)
{
	if (html_in_scope(p, tok->tag, SCOPE_PLAIN)) {
		end_block(p, tok);
		html_clear_active(p);
	}
	return true;
}

/* `</br>` counts as `<br>`. */
static bool end_br(struct html_parser *p, struct html_token *tok)
{
	struct html_token br = { .type = TOKEN_START, .tag = TAG_BR };

	return start_void(p, &br);
}

static bool same_name(const struct node *node, const struct html_token *tok)
{
	if (node->ns != NS_HTML)
		return false;
	if (node->tag || tok->tag)
		return node->tag == tok->tag;
	return strncmp(node->name, tok->name, tok->nname) == 0 &&
		!node->name[tok->nname];
}

bool html_body_other_end(struct html_parser *p, struct html_token *tok)
{
	size_t i;

	for (i = p->nopen; i-- > 0;) {
		struct node *node = p->open[i];

		if (same_name(node, tok)) {
			html_implied_end_tags(p, tok->tag ? tok->tag :
				TAG_COUNT);
			html_pop_through(p, node);
			return true;
		}
		if (html_is_special(node))
			return true;
	}
	return true;
}

static html_handler *const on_end[TAG_COUNT] = {
	[TAG_TEMPLATE] = end_template,
	[TAG_BODY] = end_body, [TAG_HTML] = end_body,
	[TAG_ADDRESS] = end_block, [TAG_ARTICLE] = end_block,
	[TAG_ASIDE] = end_block, [TAG_BLOCKQUOTE] = end_block,
	[TAG_BUTTON] = end_block, [TAG_CENTER] = end_block,
	[TAG_DETAILS] = end_block, [TAG_DIALOG] = end_block,
	[TAG_DIR] = end_block, [TAG_DIV] = end_block, [TAG_DL] = end_block,
	[TAG_FIELDSET] = end_block, [TAG_FIGCAPTION] = end_block,
	[TAG_FIGURE] = end_block, [TAG_FOOTER] = end_block,
	[TAG_HEADER] = end_block, [TAG_HGROUP] = end_block,
	[TAG_LISTING] = end_block, [TAG_MAIN] = end_block,
	[TAG_MENU] = end_block, [TAG_NAV] = end_block, [TAG_OL] = end_block,
	[TAG_PRE] = end_block, [TAG_SEARCH] = end_block,
	[TAG_SECTION] = end_block, [TAG_SELECT] = end_block,
	[TAG_SUMMARY] = end_block, [TAG_UL] = end_block,
	[TAG_FORM] = end_form,
	[TAG_P] = end_p,
	[TAG_LI] = end_item, [TAG_DD] = end_item, [TAG_DT] = end_item,
	[TAG_H1] = end_heading, [TAG_H2] = end_heading,
	[TAG_H3] = end_heading, [TAG_H4] = end_heading,
	[TAG_H5] = end_heading, [TAG_H6] = end_heading,
	[TAG_A] = html_adopt, [TAG_B] = html_adopt, [TAG_BIG] = html_adopt,
	[TAG_CODE] = html_adopt, [TAG_EM] = html_adopt,
	[TAG_FONT] = html_adopt, [TAG_I] = html_adopt, [TAG_NOBR] = html_adopt,
	[TAG_S] = html_adopt, [TAG_SMALL] = html_adopt,
	[TAG_STRIKE] = html_adopt, [TAG_STRONG] = html_adopt,
	[TAG_TT] = html_adopt, [TAG_U] = html_adopt,
	[TAG_APPLET] = end_object, [TAG_MARQUEE] = end_object,
	[TAG_OBJECT] = end_object,
	[TAG_BR] = end_br,
};

/* ---- the mode ---- */

static bool end_of_page(struct html_parser *p, struct html_token *tok)
{
	return p->ntemplate_mode ? html_use(p, tok, MODE_IN_TEMPLATE) : true;
}

bool html_in_body(struct html_parser *p, struct html_token *tok)
{
	html_handler *handler;

	switch (tok->type) {
	case TOKEN_TEXT:
		return add_text(p, tok);
	case TOKEN_START:
		handler = on_start[tok->tag];
		return (handler ? handler : start_other)(p, tok);
	case TOKEN_END:
		handler = on_end[tok->tag];
		return (handler ? handler : html_body_other_end)(p, tok);
	case TOKEN_COMMENT:
		html_insert_comment(p, tok, NULL);
		return true;
	case TOKEN_EOF:
		return end_of_page(p, tok);
	default:
		return true;
	}
}
