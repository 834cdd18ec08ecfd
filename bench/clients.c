/* clients - many clients that stream from a server with OpenAI's interface at
 * once. usage: clients ADDRESS:PORT CLIENTS TOKENS [FIRST [WORDS]]
 *
 * Each asks for TOKENS tokens at /v1/completions, ignoring the end-of-text token,
 * after a prompt that begins with a number of its own, from FIRST on (0), and has
 * some WORDS more (0): a server that keeps prompts has not seen it. Prints,
 * separated by tabs: clients, tokens in all, seconds until the last one, tokens/s,
 * and the median and the largest of the milliseconds until the first text.
 * Servers of other projects may be measured alike.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/progress.h"

struct client {
	struct buf line;	/* of the answer, not complete yet */
	double first, last;	/* seconds of its events; 0: none yet */
	size_t events;
};

static int open_socket(const char *address)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *found;
	const char *colon = strrchr(address, ':');
	char *host;
	int fd;

	if (!colon)
		die_usage("'%s' is not ADDRESS:PORT", address);
	host = xstrndup(address, (size_t)(colon - address));
	if (getaddrinfo(host, colon + 1, &want, &found))
		die("%s: there is no such address", address);
	fd = socket(found->ai_family, found->ai_socktype, 0);
	if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen))
		die_errno("%s", address);
	freeaddrinfo(found);
	free(host);
	return fd;
}

static void send_request(int fd, size_t number, size_t words, size_t tokens)
{
	static const char *const some[] = { "waves", "ships", "salt", "wind",
		"an island", "the captain", "a map" };
	struct buf body = { 0 }, all = { 0 };
	size_t i;

	buf_printf(&body, "{\"prompt\":\"%zu is the number of a story of the "
		"sea", number);
	for (i = 0; i < words; i++)
		buf_printf(&body, ", %s", some[(i * i + number) % 7]);
	buf_printf(&body, ". It begins like this:\",\"max_tokens\":%zu,"
		"\"stream\":true,\"ignore_eos\":true,\"seed\":%zu}", tokens,
		number);
	buf_printf(&all, "POST /v1/completions HTTP/1.1\r\n"
		"Host: localhost\r\n"
		"Content-Type: application/json\r\nConnection: close\r\n"
		"Content-Length: %zu\r\n\r\n%s", body.n, body.p);
	if (write(fd, all.p, all.n) != (ssize_t)all.n)
		die_errno("a request");
	buf_free(&body);
	buf_free(&all);
}

/* A line of the answer; sizes of chunks and headers do not matter. */
static void take_line(struct client *c, double now)
{
	const char *s = buf_end(&c->line);

	if (!strncmp(s, "HTTP/", 5) && !strstr(s, " 200 "))
		die("the server refuses: %s", s);
	if (!strncmp(s, "data: {", 7)) {
		c->first = c->first ? c->first : now;
		c->last = now;
		c->events++;
	}
	buf_reset(&c->line);
}

static void take(struct client *c, const char *p, size_t n, double now)
{
	for (; n; p++, n--)
		if (*p == '\n')
			take_line(c, now);
		else
			buf_putc(&c->line, *p);
}

static void read_all(struct client *v, struct pollfd *fds, size_t n)
{
	char bytes[65536];
	size_t left = n, i;

	while (left) {
		if (poll(fds, n, -1) < 0 && errno != EINTR)
			die_errno("poll");
		for (i = 0; i < n; i++) {
			ssize_t got = 0;

			if (!fds[i].revents)
				continue;
			got = read(fds[i].fd, bytes, sizeof bytes);
			if (got > 0) {
				take(&v[i], bytes, (size_t)got,
					clock_seconds());
				continue;
			}
			close(fds[i].fd);
			fds[i].fd = -1;
			left--;
		}
	}
}

static int ascending(const void *a, const void *b)
{
	const struct client *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* A token that is no whole character has no event; a server may have some more at
 * the end. */
static void report(struct client *v, size_t n, size_t tokens, double begin)
{
	double last = begin;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].events < tokens * 3 / 4)
			die("client %zu got %zu events for %zu tokens", i,
				v[i].events, tokens);
		last = v[i].last > last ? v[i].last : last;
	}
	qsort(v, n, sizeof *v, ascending);
	printf("%zu\t%zu\t%.3f\t%.1f\t%.1f\t%.1f\n", n, n * tokens,
		last - begin, (double)(n * tokens) / (last - begin),
		1e3 * (v[n / 2].first - begin), 1e3 * (v[n - 1].first - begin));
}

static size_t number(const char *s)
{
	return s ? strtoul(s, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
	struct client *v;
	struct pollfd *fds;
	double begin;
	size_t n, tokens, i;

	err_init(argv[0]);
	if (argc < 4)
		die_usage("usage: clients ADDRESS:PORT CLIENTS TOKENS "
			"[FIRST [WORDS]]");
	n = number(argv[2]);
	tokens = number(argv[3]);
	v = xcalloc(n, sizeof *v);
	fds = xcalloc(n, sizeof *fds);
	for (i = 0; i < n; i++)
		fds[i] = (struct pollfd){ open_socket(argv[1]), POLLIN, 0 };
	begin = clock_seconds();
	for (i = 0; i < n; i++)
		send_request(fds[i].fd, number(argv[4]) + i,
			argc > 5 ? number(argv[5]) : 0, tokens);
	read_all(v, fds, n);
	report(v, n, tokens, begin);
	return 0;
}
