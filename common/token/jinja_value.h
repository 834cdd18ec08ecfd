/* jinja_value.h - values of chat templates; private to the interpreter
 *
 * Values live in a heap and are freed with it, all at once. An error ends the
 * computation by jinja_fail, a longjmp to heap.stop, which the caller has set;
 * so do the limits of the heap, so that no template or conversation can exhaust
 * the machine.
 *
 * Every byte of a string has a mark that records its origin; see jinja.h.
 * Operations keep the marks of the bytes they keep.
 */
#ifndef PIPELM_JINJA_VALUE_H
#define PIPELM_JINJA_VALUE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/format/jsonscan.h"
#include "common/token/jinja.h"

/* ---- the heap ---- */

#define JINJA_MAX_MEMORY ((size_t)512 << 20)
#define JINJA_MAX_STEPS 20000000
#define JINJA_MAX_DEPTH 300

struct jinja_heap {
	struct arena arena;
	size_t bytes;		/* allocated */
	uint64_t steps;		/* taken */
	int depth;		/* nested calls */
	const char *name;	/* of the template, for messages */
	int line;		/* in the template; 0: not in it */
	jmp_buf stop;
	char why[512];
};

/* n uninitialised bytes. */
void *jinja_alloc(struct jinja_heap *h, size_t n);

/* Formats "NAME:LINE: ..." into h->why and jumps to h->stop. */
_Noreturn void jinja_fail(struct jinja_heap *h, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/* Counts n steps; fails over the limit. */
void jinja_steps(struct jinja_heap *h, size_t n);

/* Brackets a recursive call; fails when it is too deep. */
void jinja_enter(struct jinja_heap *h);
void jinja_leave(struct jinja_heap *h);

/* ---- values ---- */

enum jv_type {
	JV_UNDEFINED,
	JV_NONE,
	JV_BOOL,
	JV_INT,
	JV_FLOAT,
	JV_STRING,
	JV_LIST,
	JV_TUPLE,
	JV_DICT,
	JV_NAMESPACE,		/* a dict whose keys `set` may change */
	JV_LOOP,
	JV_MACRO,
	JV_FUNCTION
};

struct jv_string {
	const char *p;
	const unsigned char *mark;	/* (n), or NULL: all 0 */
	size_t n;			/* bytes */
};

struct jv {
	enum jv_type type;
	union {
		bool b;
		int64_t i;
		double d;
		struct jv_string s;
		struct jv_list *list;	/* and tuple */
		struct jv_dict *dict;	/* and namespace */
		struct jinja_loop *loop;
		const struct jinja_macro *macro;
		const struct jinja_function *function;
		const char *name;	/* of the undefined value */
	};
};

struct jv_list {
	struct jv *v;
	size_t n, cap;
	unsigned char mark;	/* of the brackets, when printed */
};

struct jv_pair {
	struct jv key, value;
};

struct jv_dict {
	struct jv_pair *v;	/* in insertion order */
	size_t n, cap;
	unsigned char mark;
};

static inline struct jv jv_undefined(const char *name)
{
	return (struct jv){ .type = JV_UNDEFINED, .name = name };
}
static inline struct jv jv_none(void)
{
	return (struct jv){ .type = JV_NONE };
}
static inline struct jv jv_bool(bool b)
{
	return (struct jv){ .type = JV_BOOL, .b = b };
}
static inline struct jv jv_int(int64_t i)
{
	return (struct jv){ .type = JV_INT, .i = i };
}
static inline struct jv jv_float(double d)
{
	return (struct jv){ .type = JV_FLOAT, .d = d };
}
static inline struct jv jv_of(struct jv_string s)
{
	return (struct jv){ .type = JV_STRING, .s = s };
}

/* A C string that lives as long as the heap, as the template's own text. */
struct jv jv_literal(const char *s);

/* A copy of p[0..n), with that mark on every byte. */
struct jv jv_text(struct jinja_heap *h, const char *p, size_t n,
	unsigned char mark);

struct jv jv_list(struct jinja_heap *h);
void jv_append(struct jinja_heap *h, struct jv_list *l, struct jv x);
struct jv jv_dict(struct jinja_heap *h);

/* Sets a key, which must be hashable in Python: not a list or dict. */
void jv_set(struct jinja_heap *h, struct jv_dict *d, struct jv key,
	struct jv value);
void jv_set_name(struct jinja_heap *h, struct jv_dict *d, const char *key,
	struct jv value);

/* The value for a key, or NULL. */
struct jv *jv_get(struct jinja_heap *h, const struct jv_dict *d,
	struct jv key);
struct jv *jv_get_name(struct jinja_heap *h, const struct jv_dict *d,
	const char *key);

/* ---- Python's view of them ---- */

const char *jv_type_name(struct jv x);	/* "list" */
bool jv_is_number(struct jv x);		/* includes bool */
bool jv_is_sequence(struct jv x);	/* list or tuple */
bool jv_is(struct jv x, const char *s);	/* the string s */
double jv_double(struct jv x);		/* of a number */
bool jv_true(struct jv x);
bool jv_equal(struct jinja_heap *h, struct jv a, struct jv b);

/* Negative, 0 or positive; fails for values without an order. */
int jv_order(struct jinja_heap *h, struct jv a, struct jv b);

/* a in b. */
bool jv_in(struct jinja_heap *h, struct jv a, struct jv b);

/* len(x): for a string, characters. */
size_t jv_length(struct jinja_heap *h, struct jv x);

/* What `for` iterates over: items, keys, characters; nothing for undefined. */
struct jv_list *jv_items(struct jinja_heap *h, struct jv x);

/* str(x) and repr(x). */
struct jv_string jv_str(struct jinja_heap *h, struct jv x);

/* ---- building strings ---- */

/* Set heap; zero-initialise the rest. */
struct jv_buf {
	struct jinja_heap *heap;
	char *p;
	unsigned char *mark;
	size_t n, cap;
};

void jv_put(struct jv_buf *b, const char *p, size_t n, unsigned char mark);
void jv_puts(struct jv_buf *b, const char *s, unsigned char mark);
void jv_put_string(struct jv_buf *b, struct jv_string s);
struct jv_string jv_taken(const struct jv_buf *b);

static inline unsigned char jv_mark(struct jv_string s, size_t i)
{
	return s.mark ? s.mark[i] : 0;
}

/* s[from..to), sharing the bytes of s. */
struct jv_string jv_part(struct jv_string s, size_t from, size_t to);

/* The position of s in t at or after `from`; SIZE_MAX: none. */
size_t jv_find(struct jv_string t, struct jv_string s, size_t from);

/* The number as Python prints it; text[32]. */
void jv_number(char *text, double d);

/* ---- JSON ---- */

/* Converts a value from JSON, with that mark on its strings and brackets. */
struct jv jv_from_json(struct jinja_heap *h, const struct json *v,
	unsigned char mark);

/* json.dumps(x, ensure_ascii=False, indent=indent); indent < 0: on one line;
 * separators, or NULL for Python's defaults; sorted: sort the keys. */
struct jv_string jv_to_json(struct jinja_heap *h, struct jv x, int indent,
	const char *comma, const char *colon, bool sorted);

#endif
