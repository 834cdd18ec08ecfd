/* http.h - an HTTP/1.1 server for a few untrusted clients
 *
 * The only user of libmicrohttpd. One thread, http_run, serves all clients. A
 * request becomes a call when it is complete; whoever gets the call answers it,
 * at once or later, from any thread, as a whole or piece by piece:
 *
 *	http_answer(c, 200, "text/plain", "ok\n", 3);
 *
 *	http_stream(c, 200, "text/event-stream");
 *	while (http_write(c, p, n)) ...
 *	http_end(c);
 *
 * A client has `timeout` seconds to send a complete request, counted from its
 * connection or the end of the previous answer, and as long to take the rest of
 * a complete answer. One that takes no more of a stream is disconnected when
 * `backlog` bytes wait for it. A client that closes its connection, or just its
 * sending side, has gone: http_gone says so at once, also between two pieces.
 *
 * On a loopback address the Host header must name this machine, so that no other
 * site can reach the server under a name of its own (DNS rebinding). Requests
 * of a page from another origin are refused, unless `origins` has it.
 */
#ifndef PIPELM_SERVE_HTTP_H
#define PIPELM_SERVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/options.h"

struct http_server;
struct http_call;

/* Bodies of max_body bytes held at a time, and bytes of whole answers that
 * clients have yet to take: what is beyond is refused with status 503. One answer
 * may have any length. */
enum { HTTP_BODIES = 8, HTTP_ANSWERS = 64 << 20 };

enum { HTTP_CLIENTS_MAX = 900 };	/* libmicrohttpd uses fd_set */

struct http_options {
	const char *listen;	/* "ADDRESS:PORT"; "[::1]:8080"; port 0: any */
	size_t clients;		/* connections; more have to wait */
	size_t max_head;	/* bytes of request line and headers */
	size_t max_body;
	size_t backlog;
	double timeout;		/* seconds */
	struct option_list hosts;	/* further names in Host */
	struct option_list origins;	/* of pages that may use it; "*": all */
};

/* Callbacks, in the thread of http_run. */
struct http_calls {
	void *ctx;

	/* The headers of a request have arrived; may refuse it by an answer,
	 * before its body is kept. */
	void (*head)(void *ctx, struct http_call *c);

	/* The request is complete, and the callee must answer it. */
	void (*request)(void *ctx, struct http_call *c);

	/* Answers a request that the server refuses itself. */
	void (*refuse)(void *ctx, struct http_call *c, int status,
		const char *why);

	/* SIGINT or SIGTERM has arrived: no further client is accepted. */
	void (*stopping)(void *ctx);

	/* Called at least once a second after that. */
	void (*tick)(void *ctx);
};

/* Listens. An address that cannot be used is fatal. o and calls must outlive the
 * server. */
struct http_server *http_open(const struct http_options *o,
	const struct http_calls *calls);

/* ADDRESS:PORT as it is; and whether only this machine reaches it. */
const char *http_address(const struct http_server *s);
bool http_is_loopback(const struct http_server *s);

/* Serves, until http_close; for thread_start. Catches SIGINT and SIGTERM. */
void http_run(void *server);

/* Ends http_run once clients have taken the ends of their answers, or have been
 * given a second. http_free frees the server when http_run has returned and all
 * calls are answered. */
void http_close(struct http_server *s);
void http_free(struct http_server *s);

/* ---- a request; valid until it is answered ---- */

const char *http_method(const struct http_call *c);
const char *http_path(const struct http_call *c);	/* without a query */
const char *http_header(const struct http_call *c, const char *name);
const char *http_body(const struct http_call *c, size_t *n);

/* ---- answers; from any thread ---- */

/* A header of the answer, to be added before it; value is copied. */
void http_add_header(struct http_call *c, const char *name, const char *value);

/* What the log says of the request besides method, path, status and seconds. */
void http_note(struct http_call *c, const char *note);

/* Answers as a whole; c must not be used any more. */
void http_answer(struct http_call *c, int status, const char *type,
	const void *body, size_t n);

/* Begins an answer in pieces; appends one, false: the client has gone; ends it,
 * and c must not be used any more. */
void http_stream(struct http_call *c, int status, const char *type);
bool http_write(struct http_call *c, const void *p, size_t n);
void http_end(struct http_call *c);

/* Whether nobody waits for the answer any more; it must still be ended. */
bool http_gone(struct http_call *c);

#endif
