/* err.h - diagnostics and exit: the bottom layer
 *
 * A message reads `prog: subject: what went wrong: reason`. It is written by a
 * single write(2), so the parallel stages of a pipe never interleave, and
 * control characters in it are shown as '?', since subjects come from untrusted
 * data. Exit status 1: the run failed or the data is invalid; 2: the command
 * line is wrong. Any thread may call any of these; if several die, only the
 * first prints its message and ends the program.
 */
#ifndef PIPELM_ERR_H
#define PIPELM_ERR_H

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, arg) __attribute__((format(printf, fmt, arg)))
#else
#define PRINTF_LIKE(fmt, arg)
#endif

/* Sets the name that starts every message: the base name of argv0. */
void err_init(const char *argv0);
const char *err_program(void);

/* Records that the terminal's current line is in use, by the ^C of an interrupt
 * or a live progress line: the next message starts a new line. Safe to call from
 * a signal handler. */
void err_line_taken(void);

/* What a message must start with: "\n" after err_line_taken on a terminal, else
 * "". The line is free afterwards. */
const char *err_line_begin(void);

/* Prints one line on standard error; fmt has no newline. */
void warn(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The same, then exit(1); atexit handlers run, so temporary files are removed. */
_Noreturn void die(const char *fmt, ...) PRINTF_LIKE(1, 2);
_Noreturn void die_errno(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The status with which a die function ends the program now; 0: none does. */
int err_status(void);

/* This process is number n, not 0, of several that do the same. It does not warn, and
 * before it dies with a message, which names it, it leaves process 0 the time to die
 * of the same and to end it: one message is enough. */
void err_be_copy(int n);

/* Call it when exit() has returned, which happens only in fuzz targets: the next
 * failure counts as the first again. */
void err_go_on(void);

/* Reports a wrong command line: the message, a hint at -h, exit(2). */
_Noreturn void die_usage(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
