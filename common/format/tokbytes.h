/* tokbytes.h - tokens as little-endian bytes of width 2 or 4 */
#ifndef PIPELM_TOKBYTES_H
#define PIPELM_TOKBYTES_H

#include <stddef.h>
#include <stdint.h>

struct tok_info;

/* Reads n tokens of width bytes each from p into ids. */
void tok_unpack(uint32_t *ids, const unsigned char *p, size_t n, int width);

/* The reverse. Dies, with name in the message, when an id is not below the
 * vocabulary size of info, or does not fit. */
void tok_pack(unsigned char *p, const uint32_t *ids, size_t n,
	const struct tok_info *info, const char *name);

#endif
