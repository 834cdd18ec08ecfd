/* doc_chain.h - the commands that made documents, in the first of them
 *
 * metadata.provenance of the first document of a stream is an array of command
 * lines (documents(5)), to which each stage that makes or passes documents adds
 * its own: the program and those of its options that change what it writes.
 * Operands are left out, since each document names its source. tokenize takes
 * the array into the header of its stream, and so into the model's
 * provenance.txt.
 */
#ifndef PIPELM_DOC_CHAIN_H
#define PIPELM_DOC_CHAIN_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/format/doc.h"

/* Adds this program to the array of a document that was parsed; with begin
 * also where there is none yet. */
void doc_chain_add(struct doc *doc, bool begin);

/* The same for a document in one line, which ends in a newline. */
void doc_chain_add_line(struct buf *line, bool begin);

/* Adds the commands of the document's array that lines does not have yet, each
 * with its newline. */
void doc_chain_collect(const struct doc *doc, struct buf *lines);

#endif
