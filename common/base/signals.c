/* signals.c - ending in good order: see signals.h */
#include "common/base/signals.h"

#include <signal.h>
#include <string.h>

static void (*clean_up)(void);
static volatile sig_atomic_t catching, caught;

static void handle(int sig)
{
	if (catching && !caught && sig != SIGHUP) {
		caught = sig;
		return;
	}
	if (clean_up)
		clean_up();
	/* SA_RESETHAND was not used, so restore the default by hand and die
	 * of the signal, which is what the shell should see. */
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
	clean_up = clean;
	install(SIGHUP);
	install(SIGINT);
	install(SIGTERM);
}

void signals_catch(void)
{
	catching = 1;
	install(SIGINT);
	install(SIGTERM);
}

void signals_release(void)
{
	catching = 0;
	caught = 0;
}

int signals_caught(void)
{
	return caught;
}
