/* bytes.h - numbers in a fixed byte order: little-endian, as in all our files and
 * most others, and big-endian
 */
#ifndef PIPELM_BYTES_H
#define PIPELM_BYTES_H

#include <stdint.h>

static inline uint32_t get_le16(const void *from)
{
	const unsigned char *p = from;

	return p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t get_le32(const void *from)
{
	const unsigned char *p = from;

	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		(uint32_t)p[3] << 24;
}

static inline uint64_t get_le64(const void *from)
{
	const unsigned char *p = from;

	return get_le32(p) | (uint64_t)get_le32(p + 4) << 32;
}

static inline uint32_t get_be16(const void *from)
{
	const unsigned char *p = from;

	return p[1] | (uint32_t)p[0] << 8;
}

static inline uint32_t get_be32(const void *from)
{
	const unsigned char *p = from;

	return get_be16(p) << 16 | get_be16(p + 2);
}

static inline void put_le16(void *to, uint32_t x)
{
	unsigned char *p = to;

	p[0] = (unsigned char)x;
	p[1] = (unsigned char)(x >> 8);
}

static inline void put_le32(void *to, uint32_t x)
{
	put_le16(to, x);
	put_le16((unsigned char *)to + 2, x >> 16);
}

static inline void put_le64(void *to, uint64_t x)
{
	put_le32(to, (uint32_t)x);
	put_le32((unsigned char *)to + 4, (uint32_t)(x >> 32));
}

#endif
