/* doc_chain.h - the commands that made documents, in the first document
 *
 * metadata.provenance of the first document of a stream is an array of command
 * lines (documents(5)). Each stage that makes or passes on documents appends its
 * own: the program, and those of its options that affect the output. Operands
 * are omitted, since each document names its source. tokenize copies the array
 * into the header of its stream, from where it reaches the model's
 * provenance.txt.
 */
#ifndef PIPELM_DOC_CHAIN_H
#define PIPELM_DOC_CHAIN_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/format/doc.h"

/* Appends this program to the array of a parsed document; with begin, also if
 * there is no array yet. */
void doc_chain_add(struct doc *doc, bool begin);

/* The same for a document as one line that ends in a newline. */
void doc_chain_add_line(struct buf *line, bool begin);

/* Appends the commands in the document's array that lines does not have yet,
 * each with a newline. */
void doc_chain_collect(const struct doc *doc, struct buf *lines);

#endif
