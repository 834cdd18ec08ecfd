/* signals.h - ending in good order when a signal comes
 *
 * Filters end at once, after removing their temporary files; trainers finish
 * the step they are in and write the checkpoint.
 */
#ifndef PIPELM_SIGNALS_H
#define PIPELM_SIGNALS_H

/* When SIGHUP, SIGINT or SIGTERM ends the program, clean is called first, after
 * those that were given before; it may only do what a signal handler may. */
void signals_on_end(void (*clean)(void));

/* From now on a first SIGINT or SIGTERM only sets a flag; a second one ends
 * the program at once. */
void signals_catch(void);

/* The same for SIGINT alone: an answer is stopped, the program goes on. */
void signals_catch_interrupt(void);

/* Ends what signals_catch began: signals end the program again. */
void signals_release(void);

/* The signal that came since signals_catch, or 0. */
int signals_caught(void);

#endif
