/* lineedit.h - lines typed on a terminal: editing, history, pastes
 *
 * Over libedit, where the program was built with it. A line may be of any
 * length: the terminal's own editing, which would cut it at 4,095 bytes, is
 * off as long as the editor is open, also between the lines, so that what is
 * typed ahead is kept. A paste of several lines is part of one line
 * (bracketed paste: ESC [ ? 2004 h). When the program ends, by a signal too,
 * the terminal is as it was.
 */
#ifndef PIPELM_LINEEDIT_H
#define PIPELM_LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct lineedit;

/* Reads standard input and shows the prompt and what is typed on screen; both
 * are terminals. prompt is kept by reference. NULL when the program was built
 * without libedit, or the terminal cannot be used. One at a time. */
struct lineedit *lineedit_open(FILE *screen, const char *prompt);

/* The next line without its end; newlines that were pasted are in it. It
 * lives until the next call. False at the end of input. */
bool lineedit_read(struct lineedit *e, const char **line, size_t *len);

void lineedit_close(struct lineedit *e);

/* Whether the program was built with it. */
bool lineedit_there(void);

#endif
