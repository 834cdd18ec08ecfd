/* terminal.h - untrusted text on a terminal
 *
 * What a model writes is untrusted: its control characters could drive the
 * terminal, its bidirectional controls could hide what was said.
 */
#ifndef PIPELM_TERMINAL_H
#define PIPELM_TERMINAL_H

#include <stddef.h>

#include "common/base/buf.h"

/* Appends s[0..n) to out with every control character but newline and tab
 * spelt as \x1b or \u202e, and invalid UTF-8 as U+FFFD. */
void terminal_escape(struct buf *out, const char *s, size_t n);

#endif
