/* charset_encodings.h - the encodings and their labels, for charset*.c only
 */
#ifndef PIPELM_CHARSET_ENCODINGS_H
#define PIPELM_CHARSET_ENCODINGS_H

#include <stddef.h>
#include <stdint.h>

enum charset_kind {
	UTF8, UTF16LE, UTF16BE, UTF32LE, UTF32BE, SINGLE, GB18030, BIG5, EUC_JP,
	ISO_2022_JP, SHIFT_JIS, EUC_KR, USER, REPLACEMENT
};

struct encoding {
	const char *name;
	enum charset_kind kind;
	const uint16_t *table;	/* SINGLE: for bytes 0x80..0xff; 0: unused */
};

/* The encoding to which the standard assigns this label, or NULL. Surrounding
 * white space and case are ignored. */
const struct encoding *charset_label(const char *s, size_t n);

/* Also accepts common misspellings of labels: cp-1251, utf_8, iso8859_2. */
const struct encoding *charset_near_label(const char *s, size_t n);

/* By canonical name; includes UTF-32LE and UTF-32BE, which have no label. */
const struct encoding *charset_named(const char *name);

#endif
