/* config_keys.h - keys of config.json, for the files of architectures
 *
 * When reading, a value of the wrong type or out of range is fatal; the message
 * names the file and the key.
 */
#ifndef PIPELM_CONFIG_KEYS_H
#define PIPELM_CONFIG_KEYS_H

#include "common/format/jsontree.h"
#include "common/model/config.h"

/* Reads a size; returns `otherwise` if the key is missing, which is fatal if
 * otherwise is -1. */
size_t config_size(const struct jsontree *f, const char *key,
	int64_t otherwise);

/* The key, if present, must have this value. */
void config_only(const struct jsontree *f, const char *key, const char *value);
void config_only_bool(const struct jsontree *f, const char *key, bool value);

/* keys, NULL-terminated: fatal if one has a value other than null or false,
 * since it then enables a feature that changes the computation. */
void config_refuse(const struct jsontree *f, const char *const *keys);

/* Each appends a line "  \"key\": value,\n". */
void config_put_size(struct buf *out, const char *key, size_t n);
void config_put_id(struct buf *out, const char *key, int32_t id);	/* -1: null */
void config_put_bool(struct buf *out, const char *key, bool is);
void config_put_float(struct buf *out, const char *key, float x);

/* ---- rope.c ---- */

/* The keys of rotary positions: rope_theta, rope_parameters, rope_scaling. */
void rope_read(struct model_config *c, const struct jsontree *f);
void rope_write(struct buf *out, const struct model_config *c);

#endif
