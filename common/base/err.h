/* err.h - diagnostics and exit: the bottom layer
 *
 * A message reads `prog: subject: what went wrong: reason`. It leaves the
 * process in one write(2), so parallel stages of a pipe never interleave,
 * and control characters in it are shown as '?', since subjects come from
 * untrusted data. Exit status 1: the run failed or the data is bad;
 * 2: the command line is wrong. Any thread may call any of these; of several
 * that die, the first alone is heard and ends the program.
 */
#ifndef PIPELM_ERR_H
#define PIPELM_ERR_H

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, arg) __attribute__((format(printf, fmt, arg)))
#else
#define PRINTF_LIKE(fmt, arg)
#endif

/* Sets the name that begins every message: the base name of argv0. */
void err_init(const char *argv0);
const char *err_program(void);

/* Says that something stands on the terminal's line, the ^C of an interrupt or
 * a live line of progress: the next message begins a line of its own. A signal
 * handler may call it. */
void err_line_taken(void);

/* What a message begins with: "\n" after err_line_taken on a terminal, else
 * "". The line is free then. */
const char *err_line_begin(void);

/* One line on standard error; no newline in fmt. */
void warn(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The same, then exit(1); what atexit holds is run, so that temporary
 * files are removed. */
_Noreturn void die(const char *fmt, ...) PRINTF_LIKE(1, 2);
_Noreturn void die_errno(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* After exit() came back, as it does in fuzz targets only: the next failure is
 * the first again. */
void err_go_on(void);

/* A wrong command line: the message, a hint at -h, exit(2). */
_Noreturn void die_usage(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
