/* routes.c - the resources of the server: see routes.h */
#include "common/serve/routes.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/format/jsonwrite.h"
#include "common/serve/page.h"

#define JSON "application/json"

/* ---- errors ---- */

static void answer_error(struct http_call *c, const struct api_error *e)
{
	struct buf b = { 0 };

	api_error_add(&b, e);
	buf_putc(&b, '\n');
	http_answer(c, e->status, JSON, b.p, b.n);
	buf_free(&b);
}

static void refuse(void *ctx, struct http_call *c, int status, const char *why)
{
	struct api_error e = { .status = status };

	buf_str(&e.message, why);
	answer_error(c, &e);
	buf_free(&e.message);
}

/* ---- the key ---- */

/* In a time that tells nothing of where they differ. */
static bool same_key(const char *key, const char *given)
{
	size_t n = strlen(key), m = strlen(given), i;
	volatile unsigned char different = n != m;

	for (i = 0; i < m; i++)
		different |= (unsigned char)(given[i] ^ key[n ? i % n : 0]);
	return !different;
}

static bool has_key(const struct routes *r, const struct http_call *c)
{
	const char *given = http_header(c, "Authorization");

	if (!r->key)
		return true;
	return given && !strncmp(given, "Bearer ", 7) &&
		same_key(r->key, given + 7);
}

/* ---- resources ---- */

static void health(struct routes *r, struct http_call *c)
{
	static const char up[] = "{\"status\":\"ok\"}\n";

	http_answer(c, 200, JSON, up, sizeof up - 1);
}

static void add_model(struct buf *b, const struct routes *r)
{
	static time_t since;

	if (!since)
		since = time(NULL);
	buf_putc(b, '{');
	json_add_key(b, "id");
	json_add_cstring(b, r->api.model);
	json_add_key(b, "object");
	json_add_cstring(b, "model");
	json_add_key(b, "created");
	json_add_int(b, since);
	json_add_key(b, "owned_by");
	json_add_cstring(b, "pipelm");
	json_add_key(b, "max_model_len");	/* as vLLM has it */
	json_add_int(b, (int64_t)r->api.context);
	buf_putc(b, '}');
}

static void models(struct routes *r, struct http_call *c)
{
	struct buf b = { 0 };

	buf_str(&b, "{\"object\":\"list\",\"data\":[");
	add_model(&b, r);
	buf_str(&b, "]}\n");
	http_answer(c, 200, JSON, b.p, b.n);
	buf_free(&b);
}

static void page(struct routes *r, struct http_call *c)
{
	page_answer(c);
}

/* Queues the request, or says why not. */
static void complete(struct routes *r, struct http_call *c, bool chat)
{
	struct api_request q;
	struct api_error e;
	struct job *j;
	size_t n;
	const char *body = http_body(c, &n);

	if (!api_read(&r->api, chat, body, n, &q, &e)) {
		api_request_free(&q);
		answer_error(c, &e);
		buf_free(&e.message);
		return;
	}
	http_add_header(c, "Cache-Control", "no-store");
	j = job_new(&r->api, c, &q);
	if (jobs_submit(r->jobs, j))
		return;
	job_free(j);
	http_add_header(c, "Retry-After", "2");
	refuse(r, c, 503, r->stopped ? "the server is shutting down" :
		"too many requests are waiting");
}

static void chat_completions(struct routes *r, struct http_call *c)
{
	complete(r, c, true);
}

static void completions(struct routes *r, struct http_call *c)
{
	complete(r, c, false);
}

/* ---- the table ---- */

static const struct route {
	const char *method, *path;
	bool open;		/* needs no key */
	void (*answer)(struct routes *r, struct http_call *c);
} table[] = {
	{ "GET", "/", true, page },
	{ "GET", "/health", true, health },
	{ "GET", "/v1/models", false, models },
	{ "POST", "/v1/chat/completions", false, chat_completions },
	{ "POST", "/v1/completions", false, completions }
};

/* By path; NULL: none. */
static const struct route *find(const struct http_call *c)
{
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(table[i].path, http_path(c)))
			return &table[i];
	return NULL;
}

static void head(void *ctx, struct http_call *c)
{
	struct routes *r = ctx;
	const struct route *route = find(c);

	if (!route) {
		refuse(r, c, 404, "there is nothing at this path");
	} else if (strcmp(http_method(c), route->method)) {
		http_add_header(c, "Allow", route->method);
		refuse(r, c, 405, "this path has another method");
	} else if (!route->open && !has_key(r, c)) {
		http_add_header(c, "WWW-Authenticate", "Bearer");
		refuse(r, c, 401, "the API key is missing or wrong: "
			"Authorization: Bearer KEY");
	}
}

static void request(void *ctx, struct http_call *c)
{
	find(c)->answer(ctx, c);
}

/* ---- the end ---- */

static void stopping(void *ctx)
{
	struct routes *r = ctx;

	r->stopped = clock_seconds();
	jobs_close(r->jobs);
}

static void tick(void *ctx)
{
	struct routes *r = ctx;

	if (clock_seconds() > r->stopped + r->grace)
		jobs_abort(r->jobs);
}

struct http_calls routes_calls(struct routes *r)
{
	return (struct http_calls){ .ctx = r, .head = head, .request = request,
		.refuse = refuse, .stopping = stopping, .tick = tick };
}
