/* terminal.h - what a terminal shows, and untrusted text on it
 *
 * What a model writes is untrusted: its control characters could drive the
 * terminal, its bidirectional controls could hide what was said.
 */
#ifndef PIPELM_TERMINAL_H
#define PIPELM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

/* Appends s[0..n) to out with every control character but newline and tab
 * spelt as \x1b or \u202e, and invalid UTF-8 as U+FFFD. */
void terminal_escape(struct buf *out, const char *s, size_t n);

/* The columns of the terminal that is standard output; 0 if it is none, or does not
 * say. */
size_t terminal_columns(void);

/* Whether it shows colours: it is a terminal, TERM is not "dumb", and NO_COLOR, which
 * users set for all programs, is unset. */
bool terminal_colours(void);

/* Whether text is UTF-8, by the variables of the locale: which need not be installed,
 * for the terminal may be elsewhere. */
bool terminal_utf8(void);

#endif
