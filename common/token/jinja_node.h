/* jinja_node.h - tokens and syntax tree of a template; private to the interpreter
 *
 * Both are in the template's heap.
 */
#ifndef PIPELM_JINJA_NODE_H
#define PIPELM_JINJA_NODE_H

#include "common/token/jinja_value.h"

enum jinja_token_type {
	JT_END,
	JT_TEXT,		/* between tags, already trimmed */
	JT_PRINT, JT_PRINT_END,	/* {{ }} */
	JT_BLOCK, JT_BLOCK_END,	/* {% %} */
	JT_NAME,
	JT_STRING,		/* without quotes and escapes */
	JT_INT,
	JT_FLOAT,
	JT_OP
};

struct jinja_token {
	enum jinja_token_type type;
	int line;
	struct jv_string text;	/* TEXT, NAME, STRING, OP */
	int64_t i;
	double d;
};

struct jinja_tokens {
	struct jinja_token *v;
	size_t n, cap;
};

/* All tokens of text[0..n), the last one JT_END. */
void jinja_lex(struct jinja_heap *h, const char *text, size_t n,
	struct jinja_tokens *out);

enum jinja_kind {
	/* statements */
	JN_TEXT,	/* value */
	JN_PRINT,	/* a */
	JN_FOR,		/* a: target, b: iterable, c: condition; body, other */
	JN_IF,		/* a: condition; body, other */
	JN_SET,		/* a: target; b: value, or body with filters in c */
	JN_MACRO,	/* name; args: JN_ARG with default a or NULL; body */
	JN_GENERATION,	/* body */
	JN_BREAK,
	JN_CONTINUE,
	/* expressions */
	JN_CONST,	/* value */
	JN_NAME,	/* name */
	JN_LIST,	/* args */
	JN_TUPLE,	/* args */
	JN_DICT,	/* args: JN_PAIR */
	JN_PAIR,	/* a, b */
	JN_ATTRIBUTE,	/* a.name */
	JN_ITEM,	/* a[b] */
	JN_SLICE,	/* a[b:c:d], each of which may be NULL */
	JN_CALL,	/* a(args) */
	JN_FILTER,	/* a | function(args) */
	JN_TEST,	/* a is function(args) */
	JN_ARG,		/* a; name of a keyword argument */
	JN_NOT, JN_MINUS, JN_PLUS,	/* a */
	JN_AND, JN_OR,	/* a, b */
	JN_MATH,	/* a name b */
	JN_COMPARE,	/* a, then args: JN_ARG, name is the operator */
	JN_EITHER	/* b if a else c, which may be NULL */
};

struct jinja_node {
	enum jinja_kind kind;
	int line;
	const char *name;
	struct jv value;
	const struct jinja_function *function;
	struct jinja_node *a, *b, *c, *d;
	struct jinja_node *args, *body, *other;	/* lists linked by next */
	struct jinja_node *next;
};

struct jinja {
	struct jinja_heap heap;
	char *name;
	struct jinja_node *body;
	bool has_generation;
};

/* ---- shared by the two halves of the parser ---- */

struct jinja_parser {
	struct jinja_heap *h;
	const struct jinja_token *t;	/* the current token */
	struct jinja_node *made;	/* the last JN_GENERATION, or NULL */
	int loops;			/* around the current position */
};

struct jinja_node *jinja_node(struct jinja_parser *p, enum jinja_kind kind);

/* Whether the current token is that operator or name. _take advances if it is,
 * _want fails if it is not. */
bool jinja_at(const struct jinja_parser *p, enum jinja_token_type type,
	const char *text);
bool jinja_take(struct jinja_parser *p, enum jinja_token_type type,
	const char *text);
void jinja_want(struct jinja_parser *p, enum jinja_token_type type,
	const char *text);

/* Fails with a message about what was found and what was expected. */
_Noreturn void jinja_unexpected(struct jinja_parser *p, const char *expected);

/* Takes the name at the current token. */
const char *jinja_take_name(struct jinja_parser *p);

/* An expression; with commas, it is a tuple. */
struct jinja_node *jinja_expression(struct jinja_parser *p);
struct jinja_node *jinja_tuple(struct jinja_parser *p);

/* Without `a if b else c`, for `for x in y if z`. */
struct jinja_node *jinja_plain_expression(struct jinja_parser *p);

/* The filters after a, which may be NULL. */
struct jinja_node *jinja_filters(struct jinja_parser *p, struct jinja_node *a);

#endif
