/* tree.h - what the files of HTML tree construction share
 *
 * Names follow the standard. A function that handles a token returns false
 * when the token must be reprocessed in the mode that p->mode then holds.
 */
#ifndef PIPELM_HTML_TREE_H
#define PIPELM_HTML_TREE_H

#include "common/html/html.h"
#include "common/html/tokenizer.h"

enum html_mode {
	MODE_INITIAL, MODE_BEFORE_HTML, MODE_BEFORE_HEAD, MODE_IN_HEAD,
	MODE_IN_HEAD_NOSCRIPT, MODE_AFTER_HEAD, MODE_IN_BODY, MODE_TEXT,
	MODE_IN_TABLE, MODE_IN_TABLE_TEXT, MODE_IN_CAPTION,
	MODE_IN_COLUMN_GROUP, MODE_IN_TABLE_BODY, MODE_IN_ROW, MODE_IN_CELL,
	MODE_IN_TEMPLATE, MODE_AFTER_BODY, MODE_IN_FRAMESET,
	MODE_AFTER_FRAMESET, MODE_AFTER_AFTER_BODY,
	MODE_AFTER_AFTER_FRAMESET, MODE_COUNT
};

struct html_slice {
	char *text;
	uint32_t n;
};

struct html_parser {
	struct html_tokenizer t;
	struct arena arena;
	struct dom dom;
	char *input;
	size_t input_cap;

	enum html_mode mode, original_mode;
	bool scripting, frameset_ok, foster;
	bool skip_lf;		/* drop a newline at the start of pre */
	struct node *form;	/* the form element pointer */
	struct node *context;	/* fragment case, or NULL */

	struct node **open;	/* the stack of open elements */
	size_t nopen, open_cap;
	size_t ntemplate;	/* HTML templates among them */

	/* Elements too deep to be opened since the current node was: their
	 * end tags are ignored. */
	uint32_t too_deep[TAG_COUNT];
	size_t ntoo_deep;

	struct node **active;	/* active formatting elements; NULL: marker */
	size_t nactive, active_cap;
	size_t clones_left;	/* formatting elements that may still be reopened */

	enum html_mode *template_modes;
	size_t ntemplate_mode, template_mode_cap;

	struct node *shown;	/* the last selectedcontent element */
	bool shown_any;		/* it already has an option's content */

	struct html_slice *pending;	/* pending table character tokens */
	size_t npending, pending_cap;
};

typedef bool html_handler(struct html_parser *p, struct html_token *tok);

/* ---- nodes and the stack (tree.c) ---- */

static inline struct node *html_current(const struct html_parser *p)
{
	return p->open[p->nopen - 1];
}

static inline bool html_current_is(const struct html_parser *p, enum tag tag)
{
	return node_is(html_current(p), tag);
}

struct node *html_node(struct html_parser *p, enum node_type type);
void html_append(struct node *parent, struct node *node);
void html_insert_before(struct node *parent, struct node *node,
	struct node *before);
void html_detach(struct node *node);

/* The standard's "appropriate place for inserting a node": in parent, just
 * before the node `before`, or at the end when that is NULL. target is the
 * current node or an override. */
struct html_place {
	struct node *parent, *before;
};
struct html_place html_place(struct html_parser *p, struct node *target);

/* Creates the element of a start tag in a namespace and inserts it.
 * html_insert pushes it unless it is too deep; html_insert_void does not. */
struct node *html_element(struct html_parser *p, const struct html_token *tok,
	enum node_ns ns);
struct node *html_insert(struct html_parser *p, const struct html_token *tok);
struct node *html_insert_foreign(struct html_parser *p,
	const struct html_token *tok, enum node_ns ns);
void html_insert_void(struct html_parser *p, const struct html_token *tok);

/* Inserts an element that has no tag in the page. */
struct node *html_insert_tag(struct html_parser *p, enum tag tag);

void html_insert_text(struct html_parser *p, char *text, uint32_t n);
void html_insert_comment(struct html_parser *p, const struct html_token *tok,
	struct node *parent);
void html_insert_replacement(struct html_parser *p, uint32_t n);

void html_push(struct html_parser *p, struct node *node);
bool html_is_full(const struct html_parser *p);
void html_pop(struct html_parser *p);
void html_pop_until(struct html_parser *p, enum tag tag);
void html_pop_through(struct html_parser *p, const struct node *node);
void html_remove_open(struct html_parser *p, const struct node *node);
size_t html_open_index(const struct html_parser *p, const struct node *node);

/* The index of a missing element. */
#define HTML_NONE ((size_t)-1)

enum html_scope { SCOPE_PLAIN, SCOPE_LIST_ITEM, SCOPE_BUTTON, SCOPE_TABLE };
bool html_in_scope(const struct html_parser *p, enum tag tag,
	enum html_scope scope);
bool html_node_in_scope(const struct html_parser *p, const struct node *node);
bool html_heading_in_scope(const struct html_parser *p);

bool html_is_special(const struct node *node);
void html_implied_end_tags(struct html_parser *p, enum tag except);
void html_implied_end_tags_thoroughly(struct html_parser *p);
void html_close_p(struct html_parser *p);

/* Copies to node those attributes that it lacks. */
void html_add_attrs(struct html_parser *p, struct node *node,
	const struct html_token *tok);
bool html_attr_is(const struct attr *attrs, size_t n, enum attr_id id,
	const char *value);

/* ---- modes (modes.c, body.c, table.c) ---- */

/* Processes the token using the rules of another mode. */
bool html_use(struct html_parser *p, struct html_token *tok, enum html_mode mode);

void html_reset_mode(struct html_parser *p);
void html_push_template_mode(struct html_parser *p, enum html_mode mode);

/* Inserts an element whose content is raw text or RCDATA. */
bool html_raw_element(struct html_parser *p, struct html_token *tok,
	enum html_state state);

/* The number of leading white space characters in text. */
size_t html_space(const char *text, size_t n);

html_handler html_in_body, html_body_other_end;
html_handler html_in_table, html_in_table_text, html_in_caption;
html_handler html_in_column_group, html_in_table_body, html_in_row;
html_handler html_in_cell;

/* ---- formatting (formatting.c) ---- */

void html_activate(struct html_parser *p, struct node *node);
void html_marker(struct html_parser *p);
void html_clear_active(struct html_parser *p);
void html_reconstruct(struct html_parser *p);
struct node *html_find_active(const struct html_parser *p, enum tag tag);
void html_remove_active(struct html_parser *p, const struct node *node);
bool html_adopt(struct html_parser *p, struct html_token *tok);

/* ---- foreign content (foreign.c) ---- */

/* Whether html_foreign handles the token rather than the current mode. */
bool html_uses_foreign(struct html_parser *p, const struct html_token *tok);
html_handler html_foreign;
bool html_start_svg(struct html_parser *p, struct html_token *tok);
bool html_start_math(struct html_parser *p, struct html_token *tok);

/* ---- select (select.c) ---- */

/* A selectedcontent element starts; an option that may have to be shown leaves
 * the stack. */
void html_selectedcontent(struct html_parser *p, struct node *node);
void html_option_done(struct html_parser *p, struct node *option);

#endif
