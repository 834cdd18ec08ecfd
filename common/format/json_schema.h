/* json_schema.h - JSON Schemas, compiled for json_match.h
 *
 * A useful part of JSON Schema 2020-12: type (a name or a list), properties,
 * required, additionalProperties, items, minItems, maxItems, minLength, maxLength,
 * enum, const, anyOf, and $ref to places in the same document ("#",
 * "#/$defs/NAME"). Titles, descriptions, defaults and the like are ignored; any
 * other keyword is refused by name.
 *
 * A compiled schema may allow fewer texts than the schema, never more: keys that
 * properties does not list are allowed only if additionalProperties says so (or
 * there are no properties), and keywords without type imply the type that they
 * are about.
 */
#ifndef PIPELM_JSON_SCHEMA_H
#define PIPELM_JSON_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/format/jsonscan.h"

enum schema_kind {
	SCHEMA_ANY,
	SCHEMA_OBJECT,
	SCHEMA_ARRAY,
	SCHEMA_STRING,
	SCHEMA_NUMBER,
	SCHEMA_INTEGER,
	SCHEMA_TEXTS,		/* one of some JSON texts */
	SCHEMA_EITHER		/* one of some nodes */
};

/* Properties and texts of a node are sets of 64 bits. */
#define SCHEMA_ENTRIES 64

struct schema_entry {
	char *text;		/* of a key, escaped, without quotes; or JSON */
	size_t len;
	uint32_t node;		/* of the value, or an alternative */
};

/* Nodes refer to each other by index. */
struct schema_node {
	enum schema_kind kind;
	struct schema_entry *entries;	/* properties, texts, alternatives */
	size_t n, cap;
	uint64_t required;	/* a bit for each property */
	int64_t other;		/* object: node of other values, or -1 */
	uint32_t items;		/* array */
	uint32_t min, max;	/* items, or characters */
};

/* These two nodes are part of every schema. */
enum { SCHEMA_NODE_ANY, SCHEMA_NODE_LITERALS };	/* true, false, null */

struct schema {
	struct schema_node *v;
	size_t n, cap;
	uint32_t root;
};

/* Compiles a schema; NULL, and the reason in *why, if it cannot. */
struct schema *schema_compile(const struct json *source, struct buf *why);
void schema_free(struct schema *s);

#endif
