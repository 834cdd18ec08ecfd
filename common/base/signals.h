/* signals.h - ends the program cleanly on signals
 *
 * Filters end at once, after removing their temporary files; trainers finish
 * the current step and write a checkpoint.
 */
#ifndef PIPELM_SIGNALS_H
#define PIPELM_SIGNALS_H

/* Registers clean to be called when SIGHUP, SIGINT or SIGTERM ends the program,
 * after those registered earlier; it must be async-signal-safe. */
void signals_on_end(void (*clean)(void));

/* From now on the first SIGINT or SIGTERM only sets a flag; the second ends the
 * program at once. */
void signals_catch(void);

/* The same, and SIGUSR1 counts as one of them: a launcher of several processes passes it
 * on, but kills them soon after another. */
void signals_catch_passed_on(void);

/* Like signals_catch for SIGINT alone: it stops an answer, and the program continues. */
void signals_catch_interrupt(void);

/* Each signal caught from now on also writes a byte to fd, a pipe that does not
 * block, to wake a thread that waits for input. -1: none. */
void signals_wake(int fd);

/* Undoes signals_catch: signals end the program again. */
void signals_release(void);

/* The signal received since signals_catch, or 0. */
int signals_caught(void);

#endif
