/* chatd - serve a model over HTTP: chatd(1) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/sample/sampling_options.h"
#include "common/serve/routes.h"

#define MiB ((size_t)1 << 20)

static struct {
	const char *model, *name, *key_file;
	bool no_key;
	int64_t rows, context, length, queue, clients;
	size_t memory;
	double grace;
	struct http_options http;
	struct sampling sampling;
	struct tool_options tools;
} o = {
	.rows = 16, .queue = 64, .clients = 64, .grace = 5,
	.http = { .listen = "127.0.0.1:8080", .max_head = 32768,
		.max_body = 4 * MiB, .backlog = MiB / 4, .timeout = 30 },
	.sampling = { .temperature = 1, .top_p = 1, .repeat_penalty = 1,
		.repeat_last = 64 },
	.tools = TOOL_DEFAULTS
};

static const struct program program = {
	"chatd", "-m DIR", "serve a model over HTTP, with OpenAI's interfaces"
};

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.model, "DIR", "the model: directory or GGUF file" },
	{ 'l', "listen", OPT_STR, &o.http.listen, "ADDRESS:PORT",
	  "where to listen, port 0 for a free one (127.0.0.1:8080)" },
	{ 0, "name", OPT_STR, &o.name, "NAME",
	  "what clients call the model (the last part of DIR)" },
	{ 0, "key-file", OPT_STR, &o.key_file, "FILE",
	  "the first line of FILE is the key that clients must present" },
	{ 0, "no-key", OPT_FLAG, &o.no_key, NULL,
	  "+serve other machines without a key" },
	{ 0, "host", OPT_LIST, &o.http.hosts, "NAME",
	  "+accept NAME in the Host header; may be repeated" },
	{ 0, "origin", OPT_LIST, &o.http.origins, "ORIGIN",
	  "+let pages of ORIGIN use the server, '*': all; may be repeated" },
	{ 0, "parallel", OPT_INT, &o.rows, "N", "answers decoded at once (16)" },
	{ 0, "context", OPT_INT, &o.context, "N",
	  "maximum tokens of a prompt with its answer (the model's)" },
	{ 'n', "length", OPT_INT, &o.length, "N",
	  "maximum tokens of an answer (the context)" },
	OPT_MEMORY(o.memory),
	OPT_KV,
	OPT_COMPUTE("auto"),
	{ 0, "queue", OPT_INT, &o.queue, "N",
	  "+requests that may wait; more get status 503 (64)" },
	{ 0, "clients", OPT_INT, &o.clients, "N", "+connections at once (64)" },
	{ 0, "max-body", OPT_BYTES, &o.http.max_body, "SIZE",
	  "+a longer request is refused (4M)" },
	{ 0, "max-header", OPT_BYTES, &o.http.max_head, "SIZE",
	  "+memory for the headers of a request (32K)" },
	{ 0, "backlog", OPT_BYTES, &o.http.backlog, "SIZE",
	  "+bytes of a stream that a client may leave untaken (256K)" },
	{ 0, "timeout", OPT_FLOAT, &o.http.timeout, "SECONDS",
	  "+for a client to send a request or take an answer (30)" },
	{ 0, "grace", OPT_FLOAT, &o.grace, "SECONDS",
	  "+for running answers when the server is to end (5)" },
	OPT_SAMPLING(o.sampling, "1", "1"),
	OPT_TOOLS(o.tools),
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

static struct generator generator;

static void check_options(char **operands)
{
	if (*operands)
		die_usage("'%s' is one operand too many", *operands);
	option_range("parallel", o.rows, 1, BATCH_MAX);
	option_range("queue", o.queue, 1, 1000000);
	option_range("clients", o.clients, 1, HTTP_CLIENTS_MAX);
	option_range("max-header", (int64_t)o.http.max_head, 4096, INT32_MAX);
	option_range("max-body", (int64_t)o.http.max_body, 1024, INT32_MAX);
	option_range("backlog", (int64_t)o.http.backlog, 65536, INT32_MAX);
	option_range_real("timeout", o.http.timeout, 0.1, 86400);
	option_range_real("grace", o.grace, 0, 86400);
	if (option_given("context"))
		option_range("context", o.context, 2, INT32_MAX);
	if (option_given("length"))
		option_range("length", o.length, 1, INT32_MAX);
	sampling_options_check(&o.sampling);
	tool_options_check(&o.tools);
	o.http.clients = (size_t)o.clients;
}

/* The key: the first line of the file; the caller frees it. */
static char *read_key(const char *file)
{
	size_t n;
	char *key = file_read(file, &n);

	n = strcspn(key, "\r\n");
	key[n] = 0;
	if (n < 16 || strlen(key) != n)
		die("%s: the first line is not a key of at least 16 characters",
			file);
	return key;
}

/* The last component of the model's path. */
static char *base_name(const char *path)
{
	size_t n = strlen(path), from;

	while (n > 1 && path[n - 1] == '/')
		n--;
	for (from = n; from && path[from - 1] != '/'; from--)
		;
	return xstrndup(path + from, n - from);
}

static void open_generator(struct routes *r)
{
	static const struct option_list none;
	struct generator_limits l = { .rows = (size_t)o.rows,
		.context = (size_t)o.context, .memory = o.memory,
		.other = HTTP_BODIES * o.http.max_body + HTTP_ANSWERS +
			JOBS_BYTES +
			o.http.clients * (o.http.max_head + o.http.backlog) };

	mem_give_back();	/* between requests, a server needs little */
	generator_open(&generator, o.model, &l, &none, false);
	o.tools.patient = true;
	generator_use_tools(&generator, &o.tools);
	if (l.memory && l.tokens < (size_t)o.rows * l.context)
		warn("-M: up to %zu answers at once, and %zu tokens of prompts "
			"and answers", l.rows, l.tokens);
	r->api.context = l.context;
	r->api.length = o.length ? o.length : (int64_t)l.context;
}

static void check_exposed(const struct http_server *http, const char *key)
{
	if (!http_is_loopback(http) && !key && !o.no_key)
		die_usage("--listen %s: other machines could use the model: "
			"--key-file FILE, or --no-key if they may",
			o.http.listen);
}

static void serve(struct routes *r, struct http_server *http)
{
	struct thread *t = thread_start(http_run, http);

	warn("listening on http://%s/", http_address(http));
	jobs_run(r->jobs);
	http_close(http);
	thread_join(t);
}

int main(int argc, char **argv)
{
	struct routes r = { 0 };
	struct http_calls calls = routes_calls(&r);
	struct http_server *http;
	char *key = NULL, *name;

	argv += options_parse(&program, rows, argc, argv);
	mem_hint = "a smaller --parallel, --context or -M";
	check_options(argv);
	if (o.key_file)
		key = read_key(o.key_file);
	if (!o.model)
		die_usage("no model: -m DIR");
	http = http_open(&o.http, &calls);
	check_exposed(http, key);
	open_generator(&r);
	name = o.name ? xstrdup(o.name) : base_name(o.model);
	r.api.generator = &generator;
	r.api.model = name;
	r.api.how = o.sampling;
	r.api.seed = (uint64_t)option_seed;
	r.key = key;
	r.grace = o.grace;
	r.jobs = jobs_new(&generator, (size_t)o.queue);
	serve(&r, http);
	http_free(http);
	jobs_free(r.jobs);
	if (generator.tools)
		tools_summary(generator.tools);
	generator_close(&generator);
	free(name);
	free(key);
	return 0;
}
