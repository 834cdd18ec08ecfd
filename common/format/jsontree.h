/* jsontree.h - JSON of the size of a configuration, read whole into a tree
 *
 * For config.json, tokenizer.json and the like; streams of documents have a
 * scanner of their own. The only user of jansson. A tree is read-only; values
 * live as long as it. Where a key has another type than was asked for, the
 * program ends with the file's name and the key.
 */
#ifndef PIPELM_JSONTREE_H
#define PIPELM_JSONTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jsontree;
struct jsontree_value;

/* Reads a file. A whole number beyond 64 bits is a real. Invalid JSON, a key
 * that is there twice, or invalid UTF-8 is fatal, with line and column. */
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

/* A key of an object, or NULL when v is no object, lacks it or has null. */
const struct jsontree_value *jsontree_get(const struct jsontree_value *v,
	const char *key);

/* Elements of an array or keys of an object, 0 for others; element i of an
 * array. */
size_t jsontree_size(const struct jsontree_value *v);
const struct jsontree_value *jsontree_at(const struct jsontree_value *v, size_t i);

/* Walks an object in the order of the file: start with *state = NULL; false
 * at the end. */
bool jsontree_next(const struct jsontree_value *v, void **state, const char **key,
	const struct jsontree_value **value);

/* A string and its length in bytes (it may hold NUL), or NULL when v is NULL
 * or no string. len may be NULL. */
const char *jsontree_text(const struct jsontree_value *v, size_t *len);

/* The number of v, which is JSONTREE_INT or JSONTREE_REAL; 0 for others. */
int64_t jsontree_integer(const struct jsontree_value *v);

/* A key of the root or of a value under it, with what it is when the key is
 * not there or null. v NULL is the root. */
int64_t jsontree_int(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, int64_t otherwise);
double jsontree_real(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, double otherwise);
bool jsontree_bool(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, bool otherwise);
const char *jsontree_string(const struct jsontree *c, const struct jsontree_value *v,
	const char *key, const char *otherwise);

#endif
