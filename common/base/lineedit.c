/* lineedit.c - reads lines typed on a terminal: see lineedit.h; the only file
 * that uses libedit
 */
#include "common/base/lineedit.h"

#ifdef HAVE_LIBEDIT

#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/signals.h"

#define HISTORY 1000		/* lines */
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define PASTE_BEGIN "\033[200~"
#define PASTE_END L"\033[201~"

struct lineedit {
	EditLine *el;
	History *history;
	const char *prompt;
	wchar_t *paste;
	size_t cap;
};

/* For the signal handlers: */
static struct termios before, open_mode;	/* open_mode: between lines */
static volatile sig_atomic_t changed, editing;
static int screen_fd;

/* ---- the terminal ---- */

static void tell_terminal(const char *s)
{
	if (write(screen_fd, s, strlen(s)) < 0)
		return;		/* a signal handler has nobody to tell */
}

static void leave(void)
{
	tell_terminal(editing ? PASTE_OFF "\r\n" : PASTE_OFF);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

/* Also called by a signal handler. */
static void restore(void)
{
	if (!changed)
		return;
	changed = 0;
	leave();
}

/* Ctrl-Z: gives the shell the terminal in its old state, and takes it back. It
 * stops by the signal itself, which has no effect without job control. */
static void stop(int sig)
{
	struct sigaction sa;
	struct termios now;
	sigset_t set;

	tcgetattr(STDIN_FILENO, &now);
	leave();
	sigaction(sig, NULL, &sa);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);	/* stops here */
	sigaction(sig, &sa, NULL);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
	tell_terminal(PASTE_ON);
}

static void catch_stop(void)
{
	struct sigaction sa = { .sa_handler = stop, .sa_flags = SA_RESTART };
	struct sigaction old;

	if (!sigaction(SIGTSTP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(SIGTSTP, &sa, NULL);
}

/* Disables the terminal's own line editing, even between lines, since it would
 * truncate lines at 4,095 bytes; and its echo, which would mix with an answer. */
static bool change_terminal(void)
{
	static bool registered;

	if (tcgetattr(STDIN_FILENO, &before))
		return false;
	open_mode = before;
	open_mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	open_mode.c_iflag &= ~(tcflag_t)(ICRNL | INLCR);
	open_mode.c_cc[VMIN] = 1;
	open_mode.c_cc[VTIME] = 0;
	if (!registered) {
		atexit(restore);
		signals_on_end(restore);
	}
	registered = true;
	changed = 1;
	catch_stop();
	tell_terminal(PASTE_ON);
	return true;
}

/* libedit assumes its own terminal mode between lines until it is told
 * otherwise. */
static void set_open_mode(void)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, &open_mode);
}

/* libedit reads and writes characters of the locale. */
static void set_locale(void)
{
	static const char *const names[] = { "", "C.UTF-8", "en_US.UTF-8" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (setlocale(LC_CTYPE, names[i]) &&
			!strcmp(nl_langinfo(CODESET), "UTF-8"))
			return;
}

/* ---- pastes ---- */

static void add_char(struct lineedit *e, size_t *n, wchar_t c)
{
	if (*n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 1024;
		e->paste = xrealloc(e->paste, e->cap, sizeof *e->paste);
	}
	e->paste[(*n)++] = c;
}

static bool ends_paste(const struct lineedit *e, size_t n)
{
	size_t k = wcslen(PASTE_END);

	return n >= k && !wmemcmp(e->paste + n - k, PASTE_END, k);
}

/* Lines of a paste end in CR, LF or both; control characters other than tab are
 * dropped, since they would drive the terminal when shown again. */
static size_t clean(wchar_t *s, size_t n)
{
	size_t i, m = 0;
	wchar_t c, last = 0;

	for (i = 0; i < n; i++, last = c) {
		c = s[i];
		if (c == L'\r' || (c == L'\n' && last != L'\r'))
			s[m++] = L'\n';
		else if (c == L'\t' || (c >= 0x20 && c != 0x7f))
			s[m++] = c;
	}
	return m;
}

/* Inserts what is between the paste marks into the line at once. */
static unsigned char take_paste(EditLine *el, int ch)
{
	struct lineedit *e;
	size_t n = 0;
	wchar_t c;

	el_get(el, EL_CLIENTDATA, &e);
	while (!ends_paste(e, n) && el_wgetc(el, &c) == 1)
		add_char(e, &n, c);
	if (ends_paste(e, n))
		n -= wcslen(PASTE_END);
	n = clean(e->paste, n);
	add_char(e, &n, 0);
	if (n > 1 && el_winsertstr(el, e->paste))
		return CC_ERROR;
	return CC_REFRESH;
}

/* ---- the editor ---- */

static char *prompt_of(EditLine *el)
{
	struct lineedit *e;

	el_get(el, EL_CLIENTDATA, &e);
	return (char *)e->prompt;
}

static void set_up(struct lineedit *e)
{
	HistEvent ev;

	e->history = history_init();
	if (!e->history)
		die("out of memory");
	history(e->history, &ev, H_SETSIZE, HISTORY);
	el_set(e->el, EL_CLIENTDATA, e);
	el_set(e->el, EL_PROMPT, prompt_of);
	el_set(e->el, EL_EDITOR, "emacs");
	el_set(e->el, EL_HIST, history, e->history);
	el_set(e->el, EL_ADDFN, "take-paste", "take what is pasted",
		take_paste);
	/* CR LF in a paste is a single line end. */
	el_set(e->el, EL_SETTY, "-d", "-icrnl", "-inlcr", NULL);
	el_set(e->el, EL_BIND, PASTE_BEGIN, "take-paste", NULL);
	el_set(e->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(e->el, EL_BIND, "^W", "ed-delete-prev-word", NULL);
	el_source(e->el, NULL);		/* the user's editrc(5) */
}

struct lineedit *lineedit_open(FILE *screen, const char *prompt)
{
	struct lineedit *e;

	screen_fd = fileno(screen);
	if (!change_terminal())
		return NULL;
	set_locale();
	setenv("TERM", "dumb", 0);	/* else libedit complains */
	e = xcalloc(1, sizeof *e);
	e->prompt = prompt;
	e->el = el_init(err_program(), stdin, screen, stderr);
	if (!e->el) {
		restore();
		free(e);
		return NULL;
	}
	set_up(e);
	set_open_mode();
	return e;
}

bool lineedit_read(struct lineedit *e, const char **line, size_t *len)
{
	HistEvent ev;
	int n = 0;

	editing = 1;
	*line = el_gets(e->el, &n);
	editing = 0;
	set_open_mode();
	if (!*line || n <= 0)
		return false;
	*len = strlen(*line);
	if (*len > 1)
		history(e->history, &ev, H_ENTER, *line);
	*len -= *len && (*line)[*len - 1] == '\n';
	return true;
}

void lineedit_close(struct lineedit *e)
{
	if (!e)
		return;
	history_end(e->history);
	el_end(e->el);
	restore();
	free(e->paste);
	free(e);
}

bool lineedit_there(void)
{
	return true;
}

#else

struct lineedit *lineedit_open(FILE *screen, const char *prompt)
{
	return NULL;
}

bool lineedit_read(struct lineedit *e, const char **line, size_t *len)
{
	return false;
}

void lineedit_close(struct lineedit *e)
{
}

bool lineedit_there(void)
{
	return false;
}

#endif
