/* json_schema.c - compiles JSON Schemas: see json_schema.h */
#include "common/format/json_schema.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"

#define MAX_NODES 10000

/* Where each node comes from in the text: a place that is referred to twice, or
 * by itself, has one node. */
struct compiler {
	struct schema *schema;
	struct json root;
	const char **from;
	size_t cap;
	struct buf *why;
};

static const char *const types[] = {
	"object", "array", "string", "number", "integer", "boolean", "null"
};
enum { OBJECT, ARRAY, STRING, NUMBER, INTEGER, BOOLEAN, NULL_, NTYPE };

/* ---- errors ---- */

static uint32_t fail(struct compiler *c, const char *what, const struct json *v)
{
	if (c->why->n)
		return 0;
	buf_str(c->why, what);
	if (v)
		buf_printf(c->why, ": %.*s", v->n < 60 ? (int)v->n : 60, v->p);
	return 0;
}

static bool failed(const struct compiler *c)
{
	return c->why->n != 0;
}

/* ---- nodes ---- */

static uint32_t add_node(struct compiler *c, enum schema_kind kind,
	const char *from)
{
	struct schema *s = c->schema;

	if (s->n == MAX_NODES)
		return fail(c, "the schema is too large", NULL);
	c->from = grow(c->from, s->n, &c->cap, sizeof *c->from);
	c->from[s->n] = from;
	s->v = grow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n] = (struct schema_node){ .kind = kind, .other = -1,
		.max = UINT32_MAX };
	return (uint32_t)s->n++;
}

static struct schema_entry *add_entry(struct schema_node *n, const char *text,
	size_t len, uint32_t node)
{
	n->entries = grow(n->entries, n->n, &n->cap, sizeof *n->entries);
	n->entries[n->n] = (struct schema_entry){ text ? xstrndup(text, len) :
		NULL, len, node };
	return &n->entries[n->n++];
}

void schema_free(struct schema *s)
{
	size_t i, j;

	if (!s)
		return;
	for (i = 0; i < s->n; i++) {
		for (j = 0; j < s->v[i].n; j++)
			free(s->v[i].entries[j].text);
		free(s->v[i].entries);
	}
	free(s->v);
	free(s);
}

static uint32_t compile(struct compiler *c, const struct json *v);

/* ---- keywords ---- */

enum about {
	ABOUT_ALL,		/* goes with any other */
	ABOUT_NOTHING,		/* an annotation */
	ABOUT_VALUES,		/* decides alone, beside type */
	ABOUT_OBJECTS, ABOUT_ARRAYS, ABOUT_STRINGS
};

static const struct keyword {
	const char *name;
	enum about about;
} keywords[] = {
	{ "type", ABOUT_ALL }, { "enum", ABOUT_VALUES },
	{ "const", ABOUT_VALUES }, { "anyOf", ABOUT_VALUES },
	{ "$ref", ABOUT_VALUES }, { "properties", ABOUT_OBJECTS },
	{ "required", ABOUT_OBJECTS },
	{ "additionalProperties", ABOUT_OBJECTS }, { "items", ABOUT_ARRAYS },
	{ "minItems", ABOUT_ARRAYS }, { "maxItems", ABOUT_ARRAYS },
	{ "minLength", ABOUT_STRINGS }, { "maxLength", ABOUT_STRINGS },
	{ "$defs", ABOUT_NOTHING }, { "definitions", ABOUT_NOTHING },
	{ "title", ABOUT_NOTHING }, { "description", ABOUT_NOTHING },
	{ "default", ABOUT_NOTHING }, { "examples", ABOUT_NOTHING },
	{ "deprecated", ABOUT_NOTHING }, { "readOnly", ABOUT_NOTHING },
	{ "writeOnly", ABOUT_NOTHING }, { "$schema", ABOUT_NOTHING },
	{ "$id", ABOUT_NOTHING }, { "$comment", ABOUT_NOTHING }
};

static const struct keyword *find_keyword(const struct json *key)
{
	size_t i;

	for (i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (json_is_cstring(key, keywords[i].name))
			return &keywords[i];
	return NULL;
}

/* Checks the keywords of a schema. Returns the set of what they are about, as
 * bits 1 << about. */
static unsigned look_at_keywords(struct compiler *c, const struct json *v)
{
	struct json_iter it;
	struct json key, value;
	unsigned about = 0, values = 0;

	for (json_begin(&it, v); json_next(&it, &key, &value);) {
		const struct keyword *k = find_keyword(&key);

		if (!k) {
			fail(c, "the keyword is not supported", &key);
			continue;
		}
		about |= 1u << k->about;
		values += k->about == ABOUT_VALUES;
	}
	if (values > 1 || (values && about >> ABOUT_OBJECTS))
		fail(c, "keywords that are not supported together in", v);
	return about;
}

/* ---- types ---- */

static unsigned type_bit(struct compiler *c, const struct json *name)
{
	int i;

	for (i = 0; i < NTYPE; i++)
		if (json_is_cstring(name, types[i]))
			return 1u << i;
	fail(c, "not the name of a type", name);
	return 0;
}

/* The types that a schema allows, as bits. Without "type", those that its
 * keywords are about; 0 if that is nothing. */
static unsigned types_of(struct compiler *c, const struct json *v,
	unsigned about)
{
	struct json type, element;
	struct json_iter it;
	unsigned set = 0;

	if (!json_get(v, "type", &type))
		return (about >> ABOUT_OBJECTS & 1) << OBJECT |
			(about >> ABOUT_ARRAYS & 1) << ARRAY |
			(about >> ABOUT_STRINGS & 1) << STRING;
	if (type.type != JSON_ARRAY)
		return type_bit(c, &type);
	for (json_begin(&it, &type); json_next(&it, NULL, &element);)
		set |= type_bit(c, &element);
	if (!set)
		fail(c, "a list of types that is empty", NULL);
	return set;
}

static bool is_of_type(const struct json *v, unsigned set)
{
	int64_t whole;

	switch (v->type) {
	case JSON_OBJECT:
		return set >> OBJECT & 1;
	case JSON_ARRAY:
		return set >> ARRAY & 1;
	case JSON_STRING:
		return set >> STRING & 1;
	case JSON_NUMBER:
		return set >> NUMBER & 1 ||
			(set >> INTEGER & 1 && json_int(v, &whole));
	case JSON_NULL:
		return set >> NULL_ & 1;
	default:
		return set >> BOOLEAN & 1;
	}
}

/* ---- texts ---- */

/* Appends a value as compact JSON, its strings escaped no more than needed. */
static void write_value(struct buf *b, const struct json *v)
{
	struct buf text = { 0 };
	struct json_iter it;
	struct json key, value;
	size_t n = 0;

	if (json_string(v, &text)) {
		json_add_string(b, text.p, text.n);
	} else if (v->type == JSON_ARRAY || v->type == JSON_OBJECT) {
		buf_putc(b, *v->p);
		for (json_begin(&it, v); json_next(&it, &key, &value); n++) {
			if (n)
				buf_putc(b, ',');
			if (v->type == JSON_OBJECT) {
				write_value(b, &key);
				buf_putc(b, ':');
			}
			write_value(b, &value);
		}
		buf_putc(b, v->type == JSON_OBJECT ? '}' : ']');
	} else {
		buf_add(b, v->p, v->n);
	}
	buf_free(&text);
}

/* Adds a value if it is of one of the types; 0: of any. */
static void add_text(struct compiler *c, uint32_t node, const struct json *v,
	unsigned set)
{
	struct schema_node *n = &c->schema->v[node];
	struct buf text = { 0 };

	if (set && !is_of_type(v, set))
		return;
	if (n->n == SCHEMA_ENTRIES)
		fail(c, "an enum has more than 64 values", NULL);
	else
		write_value(&text, v);
	if (text.n)
		add_entry(n, text.p, text.n, 0);
	buf_free(&text);
}

static void fill_texts(struct compiler *c, uint32_t node, const struct json *v,
	unsigned set)
{
	struct json list, value;
	struct json_iter it;

	c->schema->v[node].kind = SCHEMA_TEXTS;
	if (json_get(v, "const", &value))
		add_text(c, node, &value, set);
	else if (!json_get(v, "enum", &list) || list.type != JSON_ARRAY)
		fail(c, "an enum is a list", v);
	else
		for (json_begin(&it, &list); json_next(&it, NULL, &value);)
			add_text(c, node, &value, set);
	if (!c->schema->v[node].n)
		fail(c, "no value is allowed by", v);
}

/* ---- alternatives ---- */

static void add_alternative(struct compiler *c, uint32_t node, uint32_t to)
{
	add_entry(&c->schema->v[node], NULL, 0, to);
}

static void fill_any_of(struct compiler *c, uint32_t node, const struct json *list)
{
	struct json_iter it;
	struct json v;

	c->schema->v[node].kind = SCHEMA_EITHER;
	if (list->type != JSON_ARRAY || !json_count(list))
		fail(c, "anyOf is a list of schemas", list);
	for (json_begin(&it, list); json_next(&it, NULL, &v);)
		add_alternative(c, node, compile(c, &v));
}

/* Follows a reference such as #/$defs/NAME; ~1 and ~0 in it are / and ~. */
static bool follow(const struct compiler *c, const char *at, struct json *v)
{
	struct buf name = { 0 };
	bool found = *at++ == '#';

	*v = c->root;
	while (found && *at == '/') {
		buf_reset(&name);
		for (at++; *at && *at != '/'; at++) {
			bool coded = *at == '~' && (at[1] == '0' || at[1] == '1');

			buf_putc(&name, !coded ? *at : at[1] == '1' ? '/' : '~');
			at += coded;
		}
		found = json_get(v, buf_end(&name), v);
	}
	buf_free(&name);
	return found && !*at;
}

static void fill_reference(struct compiler *c, uint32_t node,
	const struct json *ref)
{
	char *text = json_strdup(ref);
	struct json v;

	c->schema->v[node].kind = SCHEMA_EITHER;
	if (text && follow(c, text, &v))
		add_alternative(c, node, compile(c, &v));
	else
		fail(c, "a reference that is not to a place in the schema", ref);
	free(text);
}

/* ---- values of a type ---- */

static uint32_t limit(struct compiler *c, const struct json *v, const char *key,
	uint32_t otherwise)
{
	struct json number;
	int64_t n;

	if (!json_get(v, key, &number))
		return otherwise;
	if (!json_int(&number, &n) || n < 0 || n > UINT32_MAX)
		return fail(c, "not a number of items or characters", &number);
	return (uint32_t)n;
}

static void fill_limits(struct compiler *c, uint32_t node, const struct json *v,
	const char *least, const char *most)
{
	struct schema_node *n = &c->schema->v[node];

	n->min = limit(c, v, least, 0);
	n->max = limit(c, v, most, UINT32_MAX);
	if (n->min > n->max)
		fail(c, "no value is allowed by", v);
}

static void add_property(struct compiler *c, uint32_t node,
	const struct json *key, uint32_t value)
{
	struct buf text = { 0 };

	write_value(&text, key);
	add_entry(&c->schema->v[node], text.p + 1, text.n - 2, value);
	buf_free(&text);
	if (c->schema->v[node].n > SCHEMA_ENTRIES)
		fail(c, "an object has more than 64 properties", NULL);
}

/* The property with that name, or n->n. */
static size_t find_property(const struct schema_node *n, const struct json *key)
{
	struct buf text = { 0 };
	size_t i;

	write_value(&text, key);
	for (i = 0; i < n->n; i++)
		if (n->entries[i].len == text.n - 2 && !memcmp(
			n->entries[i].text, text.p + 1, text.n - 2))
			break;
	buf_free(&text);
	return i;
}

static void fill_required(struct compiler *c, uint32_t node,
	const struct json *list)
{
	struct json_iter it;
	struct json key;

	if (list->type != JSON_ARRAY)
		fail(c, "required is a list of names", list);
	for (json_begin(&it, list); !failed(c) && json_next(&it, NULL, &key);) {
		struct schema_node *n = &c->schema->v[node];
		size_t i;

		if (key.type != JSON_STRING) {
			fail(c, "required is a list of names", list);
			return;
		}
		i = find_property(n, &key);
		if (i == n->n && n->other < 0)
			fail(c, "a required property is missing in properties",
				&key);
		else if (i == n->n)
			add_property(c, node, &key, (uint32_t)n->other);
		if (i < SCHEMA_ENTRIES)
			c->schema->v[node].required |= (uint64_t)1 << i;
	}
}

static void fill_object(struct compiler *c, uint32_t node, const struct json *v)
{
	struct json list, key, value;
	struct json_iter it;
	bool listed = json_get(v, "properties", &list);
	int64_t other = listed ? -1 : SCHEMA_NODE_ANY;

	if (listed && list.type != JSON_OBJECT)
		fail(c, "properties is an object", &list);
	if (json_get(v, "additionalProperties", &value))
		other = value.type == JSON_FALSE ? -1 :
			(int64_t)compile(c, &value);
	c->schema->v[node].other = other;
	json_begin(&it, &list);
	while (!failed(c) && json_next(&it, &key, &value)) {
		uint32_t to = compile(c, &value);

		add_property(c, node, &key, to);
	}
	if (json_get(v, "required", &list))
		fill_required(c, node, &list);
}

static void fill_array(struct compiler *c, uint32_t node, const struct json *v)
{
	struct json items;
	uint32_t to = SCHEMA_NODE_ANY;

	if (json_get(v, "items", &items))
		to = compile(c, &items);
	c->schema->v[node].items = to;
	fill_limits(c, node, v, "minItems", "maxItems");
}

static void fill_literals(struct compiler *c, uint32_t node, bool null)
{
	struct schema_node *n = &c->schema->v[node];

	n->kind = SCHEMA_TEXTS;
	if (null) {
		add_entry(n, "null", 4, 0);
		return;
	}
	add_entry(n, "true", 4, 0);
	add_entry(n, "false", 5, 0);
}

static void fill_type(struct compiler *c, uint32_t node, const struct json *v,
	int type)
{
	static const enum schema_kind kinds[NTYPE] = {
		SCHEMA_OBJECT, SCHEMA_ARRAY, SCHEMA_STRING, SCHEMA_NUMBER,
		SCHEMA_INTEGER, SCHEMA_TEXTS, SCHEMA_TEXTS
	};

	c->schema->v[node].kind = kinds[type];
	if (type == OBJECT)
		fill_object(c, node, v);
	else if (type == ARRAY)
		fill_array(c, node, v);
	else if (type == STRING)
		fill_limits(c, node, v, "minLength", "maxLength");
	else if (type >= BOOLEAN)
		fill_literals(c, node, type == NULL_);
}

static void fill_types(struct compiler *c, uint32_t node, const struct json *v,
	unsigned set)
{
	int i;

	for (i = 0; i < NTYPE && !failed(c); i++) {
		uint32_t to;

		if (set == 1u << i) {
			fill_type(c, node, v, i);
			return;
		}
		if (!(set >> i & 1))
			continue;
		to = add_node(c, SCHEMA_ANY, NULL);
		fill_type(c, to, v, i);
		c->schema->v[node].kind = SCHEMA_EITHER;
		add_alternative(c, node, to);
	}
}

/* ---- schemas ---- */

static void fill(struct compiler *c, uint32_t node, const struct json *v)
{
	unsigned about = look_at_keywords(c, v), set;
	struct json value;

	set = failed(c) ? 0 : types_of(c, v, about);
	if (failed(c))
		return;
	if (json_get(v, "$ref", &value) || json_get(v, "anyOf", &value)) {
		if (set)
			fail(c, "keywords that are not supported together in",
				v);
		else if (value.type == JSON_STRING)
			fill_reference(c, node, &value);
		else
			fill_any_of(c, node, &value);
	} else if (about >> ABOUT_VALUES & 1) {
		fill_texts(c, node, v, set);
	} else {
		fill_types(c, node, v, set);
	}
}

static uint32_t compile(struct compiler *c, const struct json *v)
{
	uint32_t node;
	size_t i;

	if (v->type == JSON_TRUE)
		return SCHEMA_NODE_ANY;
	if (v->type == JSON_FALSE)
		return fail(c, "no value is allowed by a schema that is false",
			NULL);
	if (v->type != JSON_OBJECT)
		return fail(c, "not a schema", v);
	for (i = 0; i < c->schema->n; i++)
		if (c->from[i] == v->p)
			return (uint32_t)i;
	node = failed(c) ? 0 : add_node(c, SCHEMA_ANY, v->p);
	if (!failed(c))
		fill(c, node, v);
	return node;
}

struct schema *schema_compile(const struct json *source, struct buf *why)
{
	struct compiler c = { .schema = xcalloc(1, sizeof *c.schema),
		.root = *source, .why = why };
	uint32_t literals;

	buf_reset(why);
	add_node(&c, SCHEMA_ANY, NULL);
	literals = add_node(&c, SCHEMA_TEXTS, NULL);
	fill_literals(&c, literals, false);
	fill_literals(&c, literals, true);
	c.schema->v[SCHEMA_NODE_ANY].other = SCHEMA_NODE_ANY;
	c.schema->root = compile(&c, source);
	free(c.from);
	buf_end(why);
	if (!why->n)
		return c.schema;
	schema_free(c.schema);
	return NULL;
}
