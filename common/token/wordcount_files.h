/* wordcount_files.h - the words of whole files, counted by all threads */
#ifndef PIPELM_WORDCOUNT_FILES_H
#define PIPELM_WORDCOUNT_FILES_H

#include <stdbool.h>

#include "common/token/wordcount.h"

/* Counts the words of the documents in the files (NULL-terminated; none:
 * standard input), or with raw of each file as one document of plain text,
 * which may be larger than memory as long as it can be cut between words. Long
 * texts are divided among threads; the counts do not depend on it. Bad lines
 * are reported as docs_open has it. The caller frees the result. */
struct wordcount *wordcount_files(char **files, bool raw,
	const struct splitter *s);

#endif
