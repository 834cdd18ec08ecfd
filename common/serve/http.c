/* http.c - an HTTP/1.1 server: see http.h; the only user of libmicrohttpd
 *
 * libmicrohttpd (MHD) runs inside our own loop, in one thread. A connection whose
 * answer is not there yet is suspended; the loop then watches its socket for the
 * client's leaving, and resumes it when another thread has left part of the
 * answer and written a byte to the pipe `wake`. What threads share is guarded by
 * the monitor `lock`. MHD's mode with epoll is not used: it misses the end of what
 * a client sends if that arrives along with data.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* POLLRDHUP */
#endif
#include "common/serve/http.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/base/signals.h"
#include "common/base/size.h"
#include "common/serve/listen.h"

#define SHOWN_PATH 100	/* bytes of a path in the log */

/* A connection. */
struct client {
	struct client *next, **link;
	int fd;
	double deadline;	/* of what it has to do; INFINITY: nothing */
};

struct http_call {
	struct http_call *next, **link;
	struct http_server *server;
	struct client *client;
	struct MHD_Connection *connection;
	char *method, *path, *peer;
	double begun;
	struct buf body, note;
	size_t reserved;	/* of the server's memory for bodies */
	struct option_list headers;	/* of the answer: name, value, ... */
	bool refused;		/* before its body, which is dropped */
	bool handled, queued;	/* callback request, answer to MHD */
	bool suspended;

	/* Shared: */
	int status;		/* of the answer; 0: none yet */
	const char *type;
	struct buf out;		/* of which `taken` bytes are sent */
	size_t taken;
	size_t whole;		/* bytes of a whole answer */
	bool streams, ended;	/* ended: out is complete, the caller done */
	bool gone;		/* the client */
	bool late;		/* it took too long for the stream */
	bool over;		/* MHD is done with the connection's request */
};

struct http_server {
	const struct http_options *o;
	const struct http_calls *calls;
	struct MHD_Daemon *daemon;
	int fd;
	int wake[2];		/* a pipe: the read end first */
	char *address;
	bool loopback, stopping;
	size_t reserved;	/* by calls, for their bodies */
	struct client *clients;
	size_t nclient;
	struct http_call *list;
	struct pollfd *polled;
	struct http_call **watched;	/* that those belong to */
	size_t npolled, cap;
	size_t own;		/* polled before those of MHD */

	struct monitor *lock;
	bool closing;		/* shared, as is: */
	bool woken;		/* a byte is in the pipe */
	size_t untaken;		/* bytes of whole answers */
};

/* ---- lists ---- */

static void link_call(struct http_call *c, struct http_call **first)
{
	c->next = *first;
	c->link = first;
	if (c->next)
		c->next->link = &c->next;
	*first = c;
}

static void unlink_call(struct http_call *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
}

static void free_call(struct http_call *c)
{
	size_t i;

	for (i = 0; i < c->headers.n; i++)
		free((char *)c->headers.v[i]);
	free(c->headers.v);
	buf_free(&c->body);
	buf_free(&c->out);
	buf_free(&c->note);
	free(c->method);
	free(c->path);
	free(c->peer);
	free(c);
}

/* ---- connections ---- */

static void set_deadline(struct http_call *c)
{
	c->client->deadline = clock_seconds() + c->server->o->timeout;
}

static void notify_connection(void *ctx, struct MHD_Connection *connection,
	void **socket_ctx, enum MHD_ConnectionNotificationCode what)
{
	struct http_server *s = ctx;
	struct client *k = *socket_ctx;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		k = xcalloc(1, sizeof *k);
		k->fd = MHD_get_connection_info(connection,
			MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		k->deadline = clock_seconds() + s->o->timeout;
		k->next = s->clients;
		k->link = &s->clients;
		if (k->next)
			k->next->link = &k->next;
		s->clients = k;
		s->nclient++;
		*socket_ctx = k;
	} else if (k) {
		*k->link = k->next;
		if (k->next)
			k->next->link = k->link;
		free(k);
		s->nclient--;
		*socket_ctx = NULL;
	}
}

/* Disconnects clients that take too long; MHD notices that they are closed. */
static void disconnect_late(struct http_server *s)
{
	double now = clock_seconds();
	struct client *k;

	for (k = s->clients; k; k = k->next)
		if (now > k->deadline) {
			shutdown(k->fd, SHUT_RDWR);
			k->deadline = INFINITY;
		}
}

static void refuse(struct http_call *c, int status, const char *why)
{
	c->server->calls->refuse(c->server->calls->ctx, c, status, why);
}

/* ---- bodies ---- */

/* The length of the body that the headers announce; if they do not, the maximum
 * if there is one at all. */
static unsigned long long announced(const struct http_call *c)
{
	const char *length = http_header(c, "Content-Length");

	if (length)
		return strtoull(length, NULL, 10);
	return http_header(c, "Transfer-Encoding") ? c->server->o->max_body : 0;
}

/* Sets memory aside for the body, or refuses it. */
static bool reserve_body(struct http_call *c)
{
	struct http_server *s = c->server;
	unsigned long long n = announced(c);

	if (n > s->o->max_body) {
		refuse(c, 413, "the body is too long (--max-body)");
	} else if (s->reserved + n > HTTP_BODIES * s->o->max_body) {
		http_add_header(c, "Retry-After", "2");
		refuse(c, 503, "too many long requests at a time");
	} else {
		c->reserved = (size_t)n;
		s->reserved += c->reserved;
	}
	return !c->status;
}

static void release_body(struct http_call *c)
{
	c->server->reserved -= c->reserved;
	c->reserved = 0;
	buf_free(&c->body);
}

/* ---- the end of a request ---- */

static void log_call(const struct http_call *c)
{
	if (option_quiet)
		return;
	warn("%s %.16s %.*s %d %.3fs%s%s%s", c->peer, c->method, SHOWN_PATH,
		c->path, c->status, clock_seconds() - c->begun,
		c->note.n ? " " : "", c->note.n ? c->note.p : "",
		c->late ? " (the client stalled)" :
		c->gone ? " (the client has gone)" : "");
}

static void completed(void *ctx, struct MHD_Connection *connection,
	void **request_ctx, enum MHD_RequestTerminationCode code)
{
	struct http_server *s = ctx;
	struct http_call *c = *request_ctx;
	bool idle;

	if (!c)
		return;
	*request_ctx = NULL;
	set_deadline(c);
	release_body(c);
	monitor_enter(s->lock);
	c->gone |= code != MHD_REQUEST_TERMINATED_COMPLETED_OK;
	c->over = true;
	unlink_call(c);
	s->untaken -= c->whole;
	c->whole = 0;
	idle = c->ended || !c->handled;
	log_call(c);
	monitor_leave(s->lock);
	if (idle)
		free_call(c);
}

/* ---- what a request may not be ---- */

static bool in_list(const struct option_list *l, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strlen(l->v[i]) == n && !strncasecmp(l->v[i], s, n))
			return true;
	return false;
}

/* The length of the name in a Host header or an authority: without the port. */
static size_t host_length(const char *s)
{
	const char *end = s[0] == '[' ? strchr(s, ']') : NULL;

	return end ? (size_t)(end + 1 - s) : strcspn(s, ":");
}

static bool host_allowed(const struct http_server *s, const char *host)
{
	static const char *names[] = { "localhost", "127.0.0.1", "[::1]" };
	static const struct option_list own = { names, 3 };
	size_t n = host_length(host);

	if (!s->loopback && !s->o->hosts.n)
		return true;
	return in_list(&own, host, n) || in_list(&s->o->hosts, host, n);
}

/* Browsers name the origin of the page that asks; that of the server's own page
 * is the Host. */
static bool is_own_origin(const char *origin, const char *host)
{
	return !strncasecmp(origin, "http://", 7) &&
		!strcasecmp(origin + 7, host);
}

static bool origin_allowed(const struct http_server *s, const char *origin)
{
	return in_list(&s->o->origins, "*", 1) ||
		in_list(&s->o->origins, origin, strlen(origin));
}

static void allow_origin(struct http_call *c, const char *origin)
{
	http_add_header(c, "Access-Control-Allow-Origin", origin);
	http_add_header(c, "Vary", "Origin");
	if (strcmp(c->method, "OPTIONS"))
		return;
	http_add_header(c, "Access-Control-Allow-Methods", "GET, POST");
	http_add_header(c, "Access-Control-Allow-Headers",
		"Authorization, Content-Type");
	http_add_header(c, "Access-Control-Max-Age", "600");
}

/* Answers a request whose headers already forbid it. */
static void check_head(struct http_call *c)
{
	const struct http_server *s = c->server;
	const char *host = http_header(c, "Host");
	const char *origin = http_header(c, "Origin");

	if (origin && host && is_own_origin(origin, host))
		origin = NULL;
	if (!host)
		refuse(c, 400, "there is no Host header");
	else if (!host_allowed(s, host))
		refuse(c, 403, "the Host header names another machine "
			"(--host allows it)");
	else if (origin && !origin_allowed(s, origin))
		refuse(c, 403, "the page that asks is of another origin "
			"(--origin allows it)");
	else if (origin)
		allow_origin(c, origin);
	if (c->status)
		return;
	if (origin && !strcmp(c->method, "OPTIONS"))
		http_answer(c, 204, NULL, NULL, 0);
	else
		s->calls->head(s->calls->ctx, c);
}

/* ---- answers to libmicrohttpd ---- */

/* No function of MHD is called with the lock held: it has locks of its own. If
 * the answer goes on in the meantime, resume_calls sees it. */
static void suspend(struct http_call *c)
{
	c->suspended = true;
	MHD_suspend_connection(c->connection);
}

/* What the client still has to take is complete: it has a deadline again. */
static ssize_t read_out(void *ctx, uint64_t at, char *to, size_t max)
{
	struct http_call *c = ctx;
	bool ended;
	ssize_t n;

	monitor_enter(c->server->lock);
	ended = c->ended;
	n = (ssize_t)size_min(max, c->out.n - c->taken);
	if (c->late || c->gone) {
		n = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (n) {
		memcpy(to, c->out.p + c->taken, (size_t)n);
		c->taken += (size_t)n;
	} else if (ended) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		buf_reset(&c->out);
		c->taken = 0;
	}
	monitor_leave(c->server->lock);
	if (!n)
		suspend(c);
	if (ended && isinf(c->client->deadline))
		set_deadline(c);
	return n;
}

/* A whole answer is read from c->out too, so that its length is known and
 * nothing is copied. */
static enum MHD_Result queue_answer(struct http_call *c)
{
	struct MHD_Response *r;
	enum MHD_Result done;
	uint64_t size;
	bool ended;
	size_t i;

	monitor_enter(c->server->lock);
	size = c->streams ? MHD_SIZE_UNKNOWN : c->out.n;
	ended = c->ended;
	monitor_leave(c->server->lock);
	r = MHD_create_response_from_callback(size, 16384, read_out, c, NULL);
	if (!r)
		return MHD_NO;
	if (c->type)
		MHD_add_response_header(r, "Content-Type", c->type);
	for (i = 0; i < c->headers.n; i += 2)
		MHD_add_response_header(r, c->headers.v[i],
			c->headers.v[i + 1]);
	if (c->server->stopping)
		MHD_add_response_header(r, "Connection", "close");
	c->queued = true;
	if (ended)
		set_deadline(c);
	done = MHD_queue_response(c->connection, (unsigned)c->status, r);
	MHD_destroy_response(r);
	return done;
}

/* Answers, or waits for the answer. */
static enum MHD_Result go_on(struct http_call *c)
{
	bool gone, answered;

	monitor_enter(c->server->lock);
	gone = c->gone;
	answered = c->status != 0;
	monitor_leave(c->server->lock);
	if (gone)
		return MHD_NO;
	if (answered)
		return queue_answer(c);
	c->client->deadline = INFINITY;
	suspend(c);
	return MHD_YES;
}

/* ---- requests from libmicrohttpd ---- */

static char *peer_name(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(connection,
		MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char name[64] = "?";
	socklen_t n = i->client_addr->sa_family == AF_INET6 ?
		sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	getnameinfo(i->client_addr, n, name, sizeof name, NULL, 0,
		NI_NUMERICHOST);
	return xstrdup(name);
}

static enum MHD_Result begin(struct http_server *s,
	struct MHD_Connection *connection, const char *url, const char *method,
	void **request_ctx)
{
	struct http_call *c = xcalloc(1, sizeof *c);

	c->server = s;
	c->connection = connection;
	c->client = MHD_get_connection_info(connection,
		MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	c->method = xstrdup(method);
	c->path = xstrdup(url);
	c->peer = peer_name(connection);
	c->begun = clock_seconds();
	link_call(c, &s->list);
	*request_ctx = c;
	if (!reserve_body(c))
		return go_on(c);	/* without reading it */
	check_head(c);
	c->refused = c->status != 0;
	return MHD_YES;
}

static enum MHD_Result take_body(struct http_call *c, const char *data,
	size_t *n)
{
	if (c->body.n + *n > c->server->o->max_body) {
		c->status = 413;	/* too late to answer: disconnect */
		return MHD_NO;
	}
	if (c->refused)
		c->body.n += *n;	/* counted only */
	else
		buf_add(&c->body, data, *n);
	*n = 0;
	return MHD_YES;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection,
	const char *url, const char *method, const char *version,
	const char *data, size_t *n, void **request_ctx)
{
	struct http_server *s = ctx;
	struct http_call *c = *request_ctx;

	if (!c)
		return begin(s, connection, url, method, request_ctx);
	if (*n)
		return take_body(c, data, n);
	if (!c->refused && !c->handled) {
		c->handled = true;
		s->calls->request(s->calls->ctx, c);
		release_body(c);
	}
	return go_on(c);
}

static void log_library(void *ctx, const char *format, va_list args)
{
	/* What it has to say of bad requests is in its answers. */
}

/* ---- the server ---- */

static void open_pipe(struct http_server *s)
{
	int i;

	if (pipe(s->wake))
		die_errno("a pipe");
	for (i = 0; i < 2; i++)
		if (fcntl(s->wake[i], F_SETFL, O_NONBLOCK) ||
			fcntl(s->wake[i], F_SETFD, FD_CLOEXEC))
			die_errno("a pipe");
}

struct http_server *http_open(const struct http_options *o,
	const struct http_calls *calls)
{
	struct http_server *s = xcalloc(1, sizeof *s);

	s->o = o;
	s->calls = calls;
	s->lock = monitor_new();
	s->fd = listen_on(o->listen, &s->address, &s->loopback);
	open_pipe(s);
	s->daemon = MHD_start_daemon(MHD_USE_SUSPEND_RESUME |
		MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, s,
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
		MHD_OPTION_LISTEN_SOCKET, s->fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->clients,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->max_head,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)ceil(o->timeout),
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_CONNECTION, notify_connection, s,
		MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_END);
	if (!s->daemon)
		die("%s: the HTTP server cannot be started", s->address);
	return s;
}

const char *http_address(const struct http_server *s)
{
	return s->address;
}

bool http_is_loopback(const struct http_server *s)
{
	return s->loopback;
}

void http_free(struct http_server *s)
{
	MHD_stop_daemon(s->daemon);
	close(s->wake[0]);
	close(s->wake[1]);
	monitor_free(s->lock);
	free(s->address);
	free(s->polled);
	free(s->watched);
	free(s);
}

/* ---- the loop ---- */

/* Call it with the lock held. */
static void wake_up(struct http_server *s)
{
	if (s->woken)
		return;
	s->woken = true;
	if (write(s->wake[1], "", 1) < 0)
		s->woken = false;	/* full: it wakes anyway */
}

/* The sockets of MHD that wait for events. */
struct interest {
	fd_set read, write, error;
	int max;
};

static void poll_fd(struct http_server *s, struct http_call *c, int fd,
	short events)
{
	if (s->npolled == s->cap) {
		s->cap = 2 * s->cap + 64;
		s->polled = xrealloc(s->polled, s->cap, sizeof *s->polled);
		s->watched = xrealloc(s->watched, s->cap, sizeof *s->watched);
	}
	s->polled[s->npolled] = (struct pollfd){ fd, events, 0 };
	s->watched[s->npolled++] = c;
}

/* Lists what to poll: the pipe, the sockets of suspended calls, those of MHD. */
static void list_polled(struct http_server *s, struct interest *i)
{
	struct http_call *c;
	int fd;

	s->npolled = 0;
	poll_fd(s, NULL, s->wake[0], POLLIN);
	for (c = s->list; c; c = c->next)
		if (c->suspended)
			poll_fd(s, c, c->client->fd, POLLRDHUP);
	s->own = s->npolled;
	*i = (struct interest){ .max = -1 };
	MHD_get_fdset(s->daemon, &i->read, &i->write, &i->error, &i->max);
	for (fd = 0; fd <= i->max; fd++) {
		short events = (short)((FD_ISSET(fd, &i->read) ? POLLIN : 0) |
			(FD_ISSET(fd, &i->write) ? POLLOUT : 0));

		if (fd == s->fd && s->nclient >= s->o->clients)
			continue;	/* the next has to wait */
		if (events || FD_ISSET(fd, &i->error))
			poll_fd(s, NULL, fd, events);
	}
}

/* Keeps in i the sockets where something has happened. */
static void take_events(const struct http_server *s, struct interest *i)
{
	size_t k;

	FD_ZERO(&i->read);
	FD_ZERO(&i->write);
	FD_ZERO(&i->error);
	for (k = s->own; k < s->npolled; k++) {
		const struct pollfd *p = &s->polled[k];

		if (p->revents & POLLIN)
			FD_SET(p->fd, &i->read);
		if (p->revents & POLLOUT)
			FD_SET(p->fd, &i->write);
		if (p->revents & (POLLERR | POLLHUP | POLLNVAL))
			FD_SET(p->fd, &i->error);
	}
}

/* Milliseconds until something has to be done without an event. */
static int patience(struct http_server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;
	int most = s->clients || s->stopping ? 250 : -1;

	if (MHD_get_timeout(s->daemon, &ms) == MHD_YES &&
		(most < 0 || ms < (MHD_UNSIGNED_LONG_LONG)most))
		return (int)ms;
	return most;
}

static void wait_for_events(struct http_server *s, struct interest *ready)
{
	char bytes[64];
	size_t i;

	list_polled(s, ready);
	if (poll(s->polled, s->npolled, patience(s)) < 0 && errno != EINTR)
		die_errno("poll");
	take_events(s, ready);
	monitor_enter(s->lock);
	while (read(s->wake[0], bytes, sizeof bytes) > 0)
		;
	s->woken = false;
	for (i = 1; i < s->own; i++)
		if (s->polled[i].revents)
			s->watched[i]->gone = true;
	monitor_leave(s->lock);
}

/* Whether a suspended call can continue. */
static bool can_continue(const struct http_call *c)
{
	if (c->gone || c->late)
		return true;
	return c->queued ? c->ended || c->out.n > c->taken : c->status != 0;
}

static void resume_calls(struct http_server *s)
{
	struct http_call *c;
	bool ready;

	for (c = s->list; c; c = c->next) {
		monitor_enter(s->lock);
		ready = c->suspended && can_continue(c);
		monitor_leave(s->lock);
		if (!ready)
			continue;
		c->suspended = false;
		MHD_resume_connection(c->connection);
	}
}

static void begin_stopping(struct http_server *s)
{
	int fd = MHD_quiesce_daemon(s->daemon);

	if (fd >= 0)
		close(fd);
	s->fd = -1;
	s->stopping = true;
	s->calls->stopping(s->calls->ctx);
}

/* Whether no call waits for its end, or closing has taken too long. */
static bool finished(struct http_server *s, double *closed)
{
	bool closing;

	monitor_enter(s->lock);
	closing = s->closing;
	monitor_leave(s->lock);
	if (!closing)
		return false;
	if (!*closed)
		*closed = clock_seconds();
	return !s->list || clock_seconds() > *closed + 1;
}

void http_run(void *server)
{
	struct http_server *s = server;
	struct interest ready;
	double closed = 0;

	signals_wake(s->wake[1]);
	signals_catch();
	while (!finished(s, &closed)) {
		wait_for_events(s, &ready);
		if (signals_caught() && !s->stopping)
			begin_stopping(s);
		if (s->stopping)
			s->calls->tick(s->calls->ctx);
		resume_calls(s);
		MHD_run_from_select(s->daemon, &ready.read, &ready.write,
			&ready.error);
		disconnect_late(s);
	}
}

void http_close(struct http_server *s)
{
	monitor_enter(s->lock);
	s->closing = true;
	wake_up(s);
	monitor_leave(s->lock);
}

/* ---- calls ---- */

const char *http_method(const struct http_call *c)
{
	return c->method;
}

const char *http_path(const struct http_call *c)
{
	return c->path;
}

const char *http_header(const struct http_call *c, const char *name)
{
	return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND,
		name);
}

const char *http_body(const struct http_call *c, size_t *n)
{
	*n = c->body.n;
	return c->body.n ? c->body.p : "";
}

void http_add_header(struct http_call *c, const char *name, const char *value)
{
	c->headers.v = xrealloc(c->headers.v, c->headers.n + 2,
		sizeof *c->headers.v);
	c->headers.v[c->headers.n++] = xstrdup(name);
	c->headers.v[c->headers.n++] = xstrdup(value);
}

void http_note(struct http_call *c, const char *note)
{
	monitor_enter(c->server->lock);
	buf_reset(&c->note);
	buf_str(&c->note, note);
	monitor_leave(c->server->lock);
}

/* The caller is done: frees the call if the connection is, too. */
static void leave_call(struct http_call *c)
{
	struct http_server *s = c->server;
	bool over = c->over;

	c->ended = true;
	wake_up(s);
	monitor_leave(s->lock);
	if (over)
		free_call(c);
}

/* Whether clients have taken enough for n more bytes; if so, counts them. */
static bool take_room(struct http_call *c, size_t n)
{
	struct http_server *s = c->server;
	bool room;

	monitor_enter(s->lock);
	room = !s->untaken || s->untaken + n <= HTTP_ANSWERS || n < 4096;
	if (room && !c->over) {
		s->untaken += n;
		c->whole = n;
	}
	monitor_leave(s->lock);
	return room;
}

void http_answer(struct http_call *c, int status, const char *type,
	const void *body, size_t n)
{
	if (!take_room(c, n)) {
		refuse(c, 503, "too many long answers have not been taken");
		return;
	}
	monitor_enter(c->server->lock);
	c->status = status;
	c->type = type;
	if (n && !c->gone)
		buf_add(&c->out, body, n);
	leave_call(c);
}

void http_stream(struct http_call *c, int status, const char *type)
{
	monitor_enter(c->server->lock);
	c->status = status;
	c->type = type;
	c->streams = true;
	wake_up(c->server);
	monitor_leave(c->server->lock);
}

bool http_write(struct http_call *c, const void *p, size_t n)
{
	bool there;

	monitor_enter(c->server->lock);
	if (!c->gone && !c->late)
		buf_add(&c->out, p, n);
	c->late |= c->out.n - c->taken > c->server->o->backlog;
	there = !c->gone && !c->late;
	wake_up(c->server);
	monitor_leave(c->server->lock);
	return there;
}

void http_end(struct http_call *c)
{
	monitor_enter(c->server->lock);
	leave_call(c);
}

bool http_gone(struct http_call *c)
{
	bool gone;

	monitor_enter(c->server->lock);
	gone = c->gone || c->late;
	monitor_leave(c->server->lock);
	return gone;
}
