/* json_match.c - a JSON text that grows under a schema: see json_match.h */
#include "common/format/json_match.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"

#define MAX_WHITE 64		/* after a newline */
#define MAX_DIGITS 18
#define MAX_EXPONENT 2		/* digits */
#define MAX_WAYS 64		/* to read a text; more are forgotten */
#define MAX_CHOICES 32		/* alternatives within each other */

enum phase {
	VALUE,			/* expected */
	OBJECT_OPEN, NAME_NEXT, NAME, COLON, MEMBER_END,
	ARRAY_OPEN, ITEM_END,
	STRING, TEXT, NUMBER
};

/* What part of a string comes next. The last ones are within a character in
 * UTF-8: MORE_3 continuation bytes, or a second byte from a smaller range. */
enum part {
	PLAIN, ESCAPE, HEX_4, HEX_3, HEX_3_LOW, HEX_2, HEX_1,
	MORE_1, MORE_2, MORE_3, AFTER_E0, AFTER_ED, AFTER_F0, AFTER_F4
};

/* What part of a number was read last. */
enum digits {
	MINUS, ZERO, WHOLE, POINT, FRACTION, LETTER_E, SIGN, EXPONENT
};

/* No padding, so that frames can be compared byte by byte. */
struct frame {
	uint64_t set;		/* properties seen; entries that still fit */
	uint32_t node;
	uint32_t count;		/* items, characters, bytes of a name or text;
				 * object: the node of the next value */
	uint8_t phase, white;
	uint8_t part;		/* enum part, enum digits */
	uint8_t n;		/* digits; name: whether others are possible */
	uint32_t zero;
};

struct way {
	size_t depth;		/* 0: the value is complete */
	struct frame stack[JSON_MATCH_DEPTH];
};

struct ways {
	struct way *v;
	size_t n, cap;
};

struct json_match {
	const struct schema *schema;
	struct ways ways;
};

/* What a step reads, and where its results go. */
struct step {
	const struct schema *schema;
	struct ways *out;
	unsigned char byte;
};

/* ---- ways ---- */

static void copy_way(struct way *to, const struct way *from)
{
	to->depth = from->depth;
	memcpy(to->stack, from->stack, from->depth * sizeof *from->stack);
}

static bool same_way(const struct way *a, const struct way *b)
{
	return a->depth == b->depth &&
		!memcmp(a->stack, b->stack, a->depth * sizeof *a->stack);
}

static void add_way(struct ways *w, const struct way *x)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (same_way(&w->v[i], x))
			return;
	if (w->n == MAX_WAYS)
		return;
	w->v = grow(w->v, w->n, &w->cap, sizeof *w->v);
	copy_way(&w->v[w->n++], x);
}

static struct frame *top(struct way *w)
{
	return &w->stack[w->depth - 1];
}

/* False if it would be too deep. */
static bool push(struct way *w, uint32_t node, enum phase phase)
{
	if (w->depth == JSON_MATCH_DEPTH)
		return false;
	w->stack[w->depth++] = (struct frame){ .node = node,
		.phase = (uint8_t)phase };
	return true;
}

/* A value is complete: what holds it continues. */
static void pop(struct way *w)
{
	struct frame *f;

	if (!--w->depth)
		return;
	f = top(w);
	f->phase = f->phase == COLON ? MEMBER_END : ITEM_END;
	f->white = 0;
}

/* ---- white space ---- */

static bool take_white(struct frame *f, unsigned char b)
{
	if (b == ' ' && !f->white)
		f->white = UINT8_MAX;
	else if (b == '\n' && !f->white)
		f->white = 1;
	else if ((b == ' ' || b == '\t') && f->white &&
		f->white <= MAX_WHITE)
		f->white++;
	else
		return false;
	return true;
}

/* ---- strings ---- */

/* The part after the first byte of a character, or -1 if it cannot begin one. */
static int begin_character(unsigned char b)
{
	if (b < 0x20)
		return -1;
	if (b < 0x80)
		return b == '\\' ? ESCAPE : PLAIN;
	if (b < 0xc2 || b > 0xf4)
		return -1;
	if (b < 0xe0)
		return MORE_1;
	if (b < 0xf0)
		return b == 0xe0 ? AFTER_E0 : b == 0xed ? AFTER_ED : MORE_2;
	return b == 0xf0 ? AFTER_F0 : b == 0xf4 ? AFTER_F4 : MORE_3;
}

static bool is_hex(unsigned char b)
{
	return ascii_hex((char)b) >= 0;
}

/* The part after another byte of a character, or -1. */
static int continue_character(int part, unsigned char b)
{
	static const struct {
		unsigned char least, most;
		int next;
	} bytes[] = {
		[MORE_1] = { 0x80, 0xbf, PLAIN },
		[MORE_2] = { 0x80, 0xbf, MORE_1 },
		[MORE_3] = { 0x80, 0xbf, MORE_2 },
		[AFTER_E0] = { 0xa0, 0xbf, MORE_1 },
		[AFTER_ED] = { 0x80, 0x9f, MORE_1 },
		[AFTER_F0] = { 0x90, 0xbf, MORE_2 },
		[AFTER_F4] = { 0x80, 0x8f, MORE_2 }
	};

	switch (part) {
	case ESCAPE:
		return b == 'u' ? HEX_4 : b && strchr("\"\\/bfnrt", b) ?
			PLAIN : -1;
	case HEX_4:		/* D800 to DFFF are surrogates */
		return !is_hex(b) ? -1 : (b | 0x20) == 'd' ? HEX_3_LOW : HEX_3;
	case HEX_3_LOW:
		return b >= '0' && b <= '7' ? HEX_2 : -1;
	case HEX_3:
	case HEX_2:
		return is_hex(b) ? (part == HEX_3 ? HEX_2 : HEX_1) : -1;
	case HEX_1:
		return is_hex(b) ? PLAIN : -1;
	default:
		return b >= bytes[part].least && b <= bytes[part].most ?
			bytes[part].next : -1;
	}
}

/* A byte within a string of at most `most` characters, except the quote that ends
 * it. False if it is not allowed. */
static bool take_character(struct frame *f, unsigned char b, uint32_t most)
{
	int part = f->part == PLAIN ? begin_character(b) :
		continue_character(f->part, b);

	if (part < 0)
		return false;
	if (f->part == PLAIN) {
		if (f->count == most)
			return false;
		f->count += f->count < UINT32_MAX;
	}
	f->part = (uint8_t)part;
	return true;
}

static bool ends_string(const struct frame *f, unsigned char b)
{
	return b == '"' && f->part == PLAIN;
}

/* ---- texts and names: sets of entries ---- */

static uint64_t all_entries(const struct schema_node *n)
{
	return n->n == SCHEMA_ENTRIES ? UINT64_MAX : ((uint64_t)1 << n->n) - 1;
}

/* Of the entries in set, those that have byte b at position `at`. */
static uint64_t narrow(const struct schema_node *n, uint64_t set, size_t at,
	unsigned char b)
{
	uint64_t fit = 0;
	size_t i;

	for (i = 0; i < n->n; i++)
		if (set >> i & 1 && at < n->entries[i].len &&
			(unsigned char)n->entries[i].text[at] == b)
			fit |= (uint64_t)1 << i;
	return fit;
}

/* The entry in set that has this length, or n->n. */
static size_t ended(const struct schema_node *n, uint64_t set, size_t len)
{
	size_t i;

	for (i = 0; i < n->n; i++)
		if (set >> i & 1 && n->entries[i].len == len)
			break;
	return i;
}

/* ---- numbers ---- */

/* The part that a byte begins or continues, or -1. */
static int next_digits(const struct frame *f, bool whole, unsigned char b)
{
	bool digit = b >= '0' && b <= '9';
	bool fraction = !whole && b == '.';
	bool exponent = !whole && (b == 'e' || b == 'E');

	switch (f->part) {
	case MINUS:
		return !digit ? -1 : b == '0' ? ZERO : WHOLE;
	case ZERO:
	case WHOLE:
		return digit && f->part == WHOLE && f->n < MAX_DIGITS ? WHOLE :
			fraction ? POINT : exponent ? LETTER_E : -1;
	case POINT:
		return digit ? FRACTION : -1;
	case FRACTION:
		return digit && f->n < MAX_DIGITS ? FRACTION :
			exponent ? LETTER_E : -1;
	case LETTER_E:
		return digit ? EXPONENT : b == '+' || b == '-' ? SIGN : -1;
	case SIGN:
		return digit ? EXPONENT : -1;
	default:
		return digit && f->n < MAX_EXPONENT ? EXPONENT : -1;
	}
}

static bool take_digit(struct frame *f, bool whole, unsigned char b)
{
	int part = next_digits(f, whole, b);

	if (part < 0)
		return false;
	f->n = part == f->part ? (uint8_t)(f->n + 1) : 1;
	f->part = (uint8_t)part;
	return true;
}

static bool number_may_end(const struct frame *f)
{
	return f->part == ZERO || f->part == WHOLE || f->part == FRACTION ||
		f->part == EXPONENT;
}

/* ---- values ---- */

static void run_step(const struct step *s, struct way *w, int choices);

static void begin_text(const struct step *s, struct way *w, uint32_t node)
{
	struct frame *f = top(w);

	f->node = node;
	f->phase = TEXT;
	f->set = all_entries(&s->schema->v[node]);
	f->count = 0;
	run_step(s, w, 0);
}

static void begin_number(const struct step *s, struct way *w)
{
	struct frame *f = top(w);

	f->phase = NUMBER;
	f->part = MINUS;
	f->n = 0;
	if (s->byte == '-' || take_digit(f, true, s->byte))
		add_way(s->out, w);
}

/* The first byte of a value that is not an alternative. */
static void begin_value(const struct step *s, struct way *w)
{
	struct frame *f = top(w);
	uint32_t node = f->node;
	enum schema_kind kind = s->schema->v[node].kind;
	bool any = kind == SCHEMA_ANY;
	unsigned char b = s->byte;

	*f = (struct frame){ .node = node };
	if (kind == SCHEMA_TEXTS) {
		begin_text(s, w, node);
	} else if (any && b && strchr("tfn", b)) {
		begin_text(s, w, SCHEMA_NODE_LITERALS);
	} else if (b == '{' && (any || kind == SCHEMA_OBJECT)) {
		f->phase = OBJECT_OPEN;
		add_way(s->out, w);
	} else if (b == '[' && (any || kind == SCHEMA_ARRAY)) {
		f->phase = ARRAY_OPEN;
		add_way(s->out, w);
	} else if (b == '"' && (any || kind == SCHEMA_STRING)) {
		f->phase = STRING;
		add_way(s->out, w);
	} else if (any || kind == SCHEMA_NUMBER || kind == SCHEMA_INTEGER) {
		begin_number(s, w);
	}
}

static void step_value(const struct step *s, struct way *w, int choices)
{
	const struct schema_node *n = &s->schema->v[top(w)->node];
	struct way other;
	size_t i;

	if (take_white(top(w), s->byte)) {
		add_way(s->out, w);
	} else if (n->kind != SCHEMA_EITHER) {
		begin_value(s, w);
	} else {
		for (i = 0; i < n->n && choices < MAX_CHOICES; i++) {
			copy_way(&other, w);
			top(&other)->node = n->entries[i].node;
			step_value(s, &other, choices + 1);
		}
	}
}

/* A value within an array or an object, of which `byte` is the first. */
static void step_inner(const struct step *s, struct way *w, uint32_t node)
{
	if (push(w, node, VALUE))
		step_value(s, w, 0);
}

static void step_text(const struct step *s, struct way *w)
{
	struct frame *f = top(w);
	const struct schema_node *n = &s->schema->v[f->node];
	uint64_t fit = narrow(n, f->set, f->count, s->byte);
	size_t i;

	if (!fit) {		/* 1 is a text, and 12 may be one too */
		if (ended(n, f->set, f->count) < n->n) {
			pop(w);
			run_step(s, w, 0);
		}
		return;
	}
	f->set = fit;
	f->count++;
	for (i = 0; i < n->n; i++)
		if (fit >> i & 1 && n->entries[i].len > f->count)
			break;
	if (i == n->n)
		pop(w);
	add_way(s->out, w);
}

static void step_number(const struct step *s, struct way *w)
{
	struct frame *f = top(w);
	bool whole = s->schema->v[f->node].kind == SCHEMA_INTEGER;

	if (take_digit(f, whole, s->byte)) {
		add_way(s->out, w);
	} else if (number_may_end(f)) {
		pop(w);
		run_step(s, w, 0);
	}
}

static void step_string(const struct step *s, struct way *w)
{
	struct frame *f = top(w);
	const struct schema_node *n = &s->schema->v[f->node];

	if (ends_string(f, s->byte)) {
		if (f->count < n->min)
			return;
		pop(w);
		add_way(s->out, w);
	} else if (take_character(f, s->byte, n->max)) {
		add_way(s->out, w);
	}
}

/* ---- arrays ---- */

static void step_array(const struct step *s, struct way *w)
{
	struct frame *f = top(w);
	const struct schema_node *n = &s->schema->v[f->node];
	bool open = f->phase == ARRAY_OPEN;

	if (s->byte == ']' && f->count >= n->min) {
		pop(w);
		add_way(s->out, w);
	} else if (open && n->max) {
		/* Its white space is that of the first value. */
		f->phase = ITEM_END;
		f->count = 1;
		step_inner(s, w, n->items);
	} else if (!open && s->byte == ',' && f->count < n->max) {
		f->white = 0;
		f->count += f->count < UINT32_MAX;
		if (push(w, n->items, VALUE))
			add_way(s->out, w);
	} else if (!open && take_white(f, s->byte)) {
		add_way(s->out, w);
	}
}

/* ---- objects ---- */

static uint64_t unseen(const struct schema_node *n, const struct frame *f)
{
	return all_entries(n) & ~f->set;
}

static bool has_required(const struct schema_node *n, const struct frame *f)
{
	return !(n->required & ~f->set);
}

static bool may_have_more(const struct schema_node *n, const struct frame *f)
{
	return n->other >= 0 || unseen(n, f);
}

/* The quote that begins a name, in the frame of its object. */
static void begin_name(const struct step *s, struct way *w)
{
	struct frame *object = top(w), *f;
	const struct schema_node *n = &s->schema->v[object->node];

	object->phase = COLON;
	object->white = 0;
	if (!push(w, object->node, NAME))
		return;
	f = top(w);
	/* A name that is seen may begin another one, if others are allowed. */
	f->set = n->other >= 0 ? all_entries(n) : unseen(n, object);
	f->n = n->other >= 0;
	add_way(s->out, w);
}

static void step_object(const struct step *s, struct way *w)
{
	struct frame *f = top(w);
	const struct schema_node *n = &s->schema->v[f->node];

	if (s->byte == '}' && f->phase != NAME_NEXT && has_required(n, f)) {
		pop(w);
		add_way(s->out, w);
	} else if (f->phase == MEMBER_END ? s->byte == ',' :
		s->byte == '"') {
		if (!may_have_more(n, f))
			return;
		if (f->phase != MEMBER_END) {
			begin_name(s, w);
			return;
		}
		f->phase = NAME_NEXT;
		f->white = 0;
		add_way(s->out, w);
	} else if (take_white(f, s->byte)) {
		add_way(s->out, w);
	}
}

/* The name is complete: a listed property, or one of the others. */
static void end_name(const struct step *s, struct way *w)
{
	struct frame name = *top(w), *object;
	const struct schema_node *n = &s->schema->v[name.node];
	size_t i = ended(n, name.set, name.count);

	w->depth--;
	object = top(w);
	if (i < n->n && object->set >> i & 1)
		return;		/* twice */
	if (i == n->n && !name.n)
		return;
	if (i < n->n)
		object->set |= (uint64_t)1 << i;
	object->count = i < n->n ? n->entries[i].node : (uint32_t)n->other;
	add_way(s->out, w);
}

/* Names with entries are compared byte by byte, escaped; count is the position,
 * and part follows the characters of others. */
static void step_listed_name(const struct step *s, struct way *w)
{
	struct frame *f = top(w);
	const struct schema_node *n = &s->schema->v[f->node];
	uint64_t fit = narrow(n, f->set, f->count, s->byte);
	uint32_t count = f->count;

	if (!fit && ends_string(f, s->byte)) {
		end_name(s, w);
		return;
	}
	/* Others have no escapes: they could spell a listed name. */
	if (!take_character(f, s->byte, UINT32_MAX) || f->part == ESCAPE)
		f->n = 0;
	if (!f->n)
		f->part = PLAIN;
	f->set = fit;
	f->count = count + 1;
	if (fit || f->n)
		add_way(s->out, w);
}

static void step_name(const struct step *s, struct way *w)
{
	struct frame *f = top(w);

	if (s->schema->v[f->node].n)
		step_listed_name(s, w);
	else if (ends_string(f, s->byte))
		end_name(s, w);
	else if (take_character(f, s->byte, UINT32_MAX))
		add_way(s->out, w);
}

static void step_colon(const struct step *s, struct way *w)
{
	if (s->byte == ':' && push(w, top(w)->count, VALUE))
		add_way(s->out, w);
}

/* ---- steps ---- */

/* Reads a byte in one way; the ways that this leads to are added to s->out. */
static void run_step(const struct step *s, struct way *w, int choices)
{
	if (!w->depth)
		return;
	switch (top(w)->phase) {
	case VALUE:
		step_value(s, w, choices);
		break;
	case OBJECT_OPEN:
	case NAME_NEXT:
	case MEMBER_END:
		step_object(s, w);
		break;
	case NAME:
		step_name(s, w);
		break;
	case COLON:
		step_colon(s, w);
		break;
	case ARRAY_OPEN:
	case ITEM_END:
		step_array(s, w);
		break;
	case STRING:
		step_string(s, w);
		break;
	case TEXT:
		step_text(s, w);
		break;
	default:
		step_number(s, w);
	}
}

/* Reads bytes[0..n) from `from` on; the result is in one of two sets, which is
 * returned. */
static struct ways *run(const struct schema *schema, const struct ways *from,
	struct ways sets[2], const char *bytes, size_t n)
{
	const struct ways *in = from;
	struct ways *out = &sets[0];
	struct way w;
	size_t i, k;

	out->n = 0;
	for (i = 0; !n && i < from->n; i++)
		add_way(out, &from->v[i]);
	for (i = 0; i < n; i++) {
		struct step s = { schema, &sets[i & 1],
			(unsigned char)bytes[i] };

		out = s.out;
		out->n = 0;
		for (k = 0; k < in->n; k++) {
			copy_way(&w, &in->v[k]);
			run_step(&s, &w, 0);
		}
		if (!out->n)
			break;
		in = out;
	}
	return out;
}

/* ---- interface ---- */

struct json_match *json_match_new(const struct schema *s)
{
	struct json_match *m = xcalloc(1, sizeof *m);
	struct way w = { 0 };

	m->schema = s;
	push(&w, s->root, VALUE);
	add_way(&m->ways, &w);
	return m;
}

struct json_match *json_match_copy(const struct json_match *m)
{
	struct json_match *copy = xcalloc(1, sizeof *copy);
	size_t i;

	copy->schema = m->schema;
	for (i = 0; i < m->ways.n; i++)
		add_way(&copy->ways, &m->ways.v[i]);
	return copy;
}

void json_match_free(struct json_match *m)
{
	if (!m)
		return;
	free(m->ways.v);
	free(m);
}

static _Thread_local struct ways scratch[2];

bool json_match_allows(const struct json_match *m, const char *bytes, size_t n)
{
	return run(m->schema, &m->ways, scratch, bytes, n)->n > 0;
}

bool json_match_take(struct json_match *m, const char *bytes, size_t n)
{
	const struct ways *w = run(m->schema, &m->ways, scratch, bytes, n);
	size_t i;

	m->ways.n = 0;
	for (i = 0; i < w->n; i++)
		add_way(&m->ways, &w->v[i]);
	return w->n > 0;
}

/* Whether a way is at the end of a value: a number has no other end. */
static bool at_end(const struct schema *s, const struct way *w)
{
	const struct frame *f = &w->stack[0];

	if (w->depth != 1)
		return !w->depth;
	if (f->phase == NUMBER)
		return number_may_end(f);
	return f->phase == TEXT && ended(&s->v[f->node], f->set, f->count) <
		s->v[f->node].n;
}

bool json_match_complete(const struct json_match *m)
{
	size_t i;

	for (i = 0; i < m->ways.n; i++)
		if (at_end(m->schema, &m->ways.v[i]))
			return true;
	return false;
}

bool json_match_closed(const struct json_match *m)
{
	size_t i;

	for (i = 0; i < m->ways.n; i++)
		if (m->ways.v[i].depth)
			return false;
	return m->ways.n > 0;
}
