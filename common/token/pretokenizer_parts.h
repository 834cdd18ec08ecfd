/* pretokenizer_parts.h - inside of struct pretokenizer, for the file that
 * reads one
 */
#ifndef PIPELM_PRETOKENIZER_PARTS_H
#define PIPELM_PRETOKENIZER_PARTS_H

#include "common/token/pretokenizer.h"

/* A step puts a space before each piece that has none, or, where it has a
 * splitter, cuts. */
struct step {
	struct splitter *splitter;
	enum split_behavior behavior;
	bool invert;		/* gaps are taken for matches */
	bool mapped;		/* bytes are seen as the characters of
				 * vocab_byte_char */
};

struct pretokenizer {
	struct step *v;
	size_t n, cap;
	bool mapped;		/* ByteLevel has been there */
	struct buf name;
};

#endif
