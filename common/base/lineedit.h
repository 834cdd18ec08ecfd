/* lineedit.h - reads lines typed on a terminal: editing, history, pastes
 *
 * Uses libedit if the program was built with it. A line may have any length: the
 * terminal's own editing, which would truncate it at 4,095 bytes, is off while
 * the editor is open, even between lines, so that typeahead is kept. A paste of
 * several lines is part of one line (bracketed paste: ESC [ ? 2004 h). When the
 * program ends, even by a signal, the terminal is restored.
 */
#ifndef PIPELM_LINEEDIT_H
#define PIPELM_LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct lineedit;

/* Reads standard input, and shows the prompt and the typed text on screen; both
 * must be terminals. prompt is kept by reference. Returns NULL when the program
 * was built without libedit, or the terminal is unsuitable. One at a time. */
struct lineedit *lineedit_open(FILE *screen, const char *prompt);

/* The next line without its end; it may contain pasted newlines. It is valid
 * until the next call. False at the end of input. */
bool lineedit_read(struct lineedit *e, const char **line, size_t *len);

void lineedit_close(struct lineedit *e);

/* Whether the program was built with libedit. */
bool lineedit_there(void);

#endif
