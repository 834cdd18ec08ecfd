/* jsontree.h - JSON files of configuration size, read into a tree
 *
 * For config.json, tokenizer.json and the like; streams of documents have their
 * own scanner. The only user of jansson. A tree is read-only; values live as
 * long as it. If a key has another type than requested, the program ends with
 * the file's name and the key.
 */
#ifndef PIPELM_JSONTREE_H
#define PIPELM_JSONTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jsontree;
struct jsontree_value;

/* Reads a file. An integer that does not fit in 64 bits becomes a real. Invalid
 * JSON, a duplicate key, or invalid UTF-8 is fatal, with line and column. */
struct jsontree *jsontree_open(const char *file);
void jsontree_close(struct jsontree *c);

const char *jsontree_name(const struct jsontree *c);
const struct jsontree_value *jsontree_root(const struct jsontree *c);

enum jsontree_type {
	JSONTREE_NULL,
	JSONTREE_BOOL,
	JSONTREE_INT,
	JSONTREE_REAL,
	JSONTREE_STRING,
	JSONTREE_ARRAY,
	JSONTREE_OBJECT
};
enum jsontree_type jsontree_type(const struct jsontree_value *v);

/* The key of an object, or NULL when v is not an object, lacks it or has null. */
const struct jsontree_value *jsontree_get(const struct jsontree_value *v,
	const char *key);

/* The number of elements of an array or keys of an object, 0 for other values;
 * element i of an array. */
size_t jsontree_size(const struct jsontree_value *v);
const struct jsontree_value *jsontree_at(const struct jsontree_value *v, size_t i);

/* Iterates over an object in file order: start with *state = NULL; false at the
 * end. */
bool jsontree_next(const struct jsontree_value *v, void **state, const char **key,
	const struct jsontree_value **value);

/* A string and its length in bytes (it may contain NUL), or NULL when v is NULL
 * or not a string. len may be NULL. */
const char *jsontree_text(const struct jsontree_value *v, size_t *len);

/* The number v, which is JSONTREE_INT or JSONTREE_REAL; 0 for other values. */
int64_t jsontree_integer(const struct jsontree_value *v);

/* A key of v or, if that is NULL, of the root; with the value for a key that is
 * missing or null. */
int64_t jsontree_int(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, int64_t otherwise);
double jsontree_real(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, double otherwise);
bool jsontree_bool(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, bool otherwise);
const char *jsontree_string(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, const char *otherwise);

#endif
