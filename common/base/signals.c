/* signals.c - ends the program cleanly on signals: see signals.h */
#include "common/base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "common/base/err.h"

#define CLEANERS 4

enum { NONE, INTERRUPTS, ENDS };	/* which signals are caught */

static void (*clean_up[CLEANERS])(void);
/* Atomic: the handler may run on one thread while others read. */
static atomic_int catching, caught;
static atomic_int wake = -1;

static void wake_up(void)
{
	int saved = errno;

	if (wake >= 0 && write(wake, "", 1) < 0)
		errno = saved;	/* full: it wakes anyway */
}

static void handle(int sig)
{
	int i;

	if (sig == SIGINT)	/* the terminal has shown ^C */
		err_line_taken();
	if (!caught && ((sig == SIGINT && catching) ||
			(sig != SIGHUP && catching == ENDS))) {
		caught = sig;
		wake_up();
		return;
	}
	for (i = 0; i < CLEANERS && clean_up[i]; i++)
		clean_up[i]();
	/* SA_RESETHAND was not used, so restore the default by hand and die
	 * from the signal, as the shell expects. */
	signal(sig, SIG_DFL);
	raise(sig);
}

static void install(int sig)
{
	struct sigaction sa, old;

	if (!sigaction(sig, NULL, &old) && old.sa_handler == SIG_IGN)
		return;	/* nohup, or a shell's background job */
	memset(&sa, 0, sizeof sa);
	sa.sa_handler = handle;
	sigaction(sig, &sa, NULL);
}

void signals_on_end(void (*clean)(void))
{
	int i = 0;

	while (i < CLEANERS && clean_up[i])
		i++;
	if (i == CLEANERS)
		die("more than %d parts clean up", CLEANERS);
	clean_up[i] = clean;
	install(SIGHUP);
	install(SIGINT);
	install(SIGTERM);
}

void signals_catch(void)
{
	catching = ENDS;
	install(SIGINT);
	install(SIGTERM);
}

void signals_catch_passed_on(void)
{
	signals_catch();
	install(SIGUSR1);
}

void signals_catch_interrupt(void)
{
	catching = INTERRUPTS;
	install(SIGINT);
}

void signals_wake(int fd)
{
	wake = fd;
}

void signals_release(void)
{
	catching = NONE;
	caught = 0;
}

int signals_caught(void)
{
	return caught;
}
