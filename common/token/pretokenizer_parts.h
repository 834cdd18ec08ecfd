/* pretokenizer_parts.h - the contents of struct pretokenizer, for the file that
 * parses one
 */
#ifndef PIPELM_PRETOKENIZER_PARTS_H
#define PIPELM_PRETOKENIZER_PARTS_H

#include "common/token/pretokenizer.h"

/* A step splits if it has a splitter; otherwise it inserts a space before each
 * piece that does not start with one. */
struct step {
	struct splitter *splitter;
	enum split_behavior behavior;
	bool invert;		/* gaps are treated as matches */
	bool mapped;		/* it sees bytes as the characters of
				 * vocab_byte_char */
};

struct pretokenizer {
	struct step *v;
	size_t n, cap;
	bool mapped;		/* after ByteLevel */
	struct buf name;
};

#endif
