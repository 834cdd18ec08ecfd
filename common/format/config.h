/* config.h - JSON of the size of a configuration, read whole into a tree
 *
 * For config.json, tokenizer.json and the like; streams of documents have a
 * scanner of their own. The only user of jansson. A tree is read-only; values
 * live as long as it. Where a key has another type than was asked for, the
 * program ends with the file's name and the key.
 */
#ifndef PIPELM_CONFIG_H
#define PIPELM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct config_value;

/* Reads a file. A whole number beyond 64 bits is a real. Invalid JSON, a key
 * that is there twice, or invalid UTF-8 is fatal, with line and column. */
struct config *config_open(const char *file);
void config_close(struct config *c);

const char *config_name(const struct config *c);
const struct config_value *config_root(const struct config *c);

enum config_type {
	CONFIG_NULL,
	CONFIG_BOOL,
	CONFIG_INT,
	CONFIG_REAL,
	CONFIG_STRING,
	CONFIG_ARRAY,
	CONFIG_OBJECT
};
enum config_type config_type(const struct config_value *v);

/* A key of an object, or NULL when v is no object, lacks it or has null. */
const struct config_value *config_get(const struct config_value *v,
	const char *key);

/* Elements of an array or keys of an object, 0 for others; element i of an
 * array. */
size_t config_size(const struct config_value *v);
const struct config_value *config_at(const struct config_value *v, size_t i);

/* Walks an object in the order of the file: start with *state = NULL; false
 * at the end. */
bool config_next(const struct config_value *v, void **state, const char **key,
	const struct config_value **value);

/* A string and its length in bytes (it may hold NUL), or NULL when v is NULL
 * or no string. len may be NULL. */
const char *config_text(const struct config_value *v, size_t *len);

/* The number of v, which is CONFIG_INT or CONFIG_REAL; 0 for others. */
int64_t config_integer(const struct config_value *v);

/* A key of the root or of a value under it, with what it is when the key is
 * not there or null. v NULL is the root. */
int64_t config_int(const struct config *c, const struct config_value *v,
	const char *key, int64_t otherwise);
double config_real(const struct config *c, const struct config_value *v,
	const char *key, double otherwise);
bool config_bool(const struct config *c, const struct config_value *v,
	const char *key, bool otherwise);
const char *config_string(const struct config *c, const struct config_value *v,
	const char *key, const char *otherwise);

#endif
