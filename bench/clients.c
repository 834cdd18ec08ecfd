/* clients - many clients that stream from a server with OpenAI's interface at
 * once. usage: clients ADDRESS:PORT CLIENTS TOKENS [PATH]
 *
 * Each asks for TOKENS tokens after a prompt of its own, at /v1/completions,
 * ignoring the end-of-text token. Prints, separated by tabs: clients, tokens in
 * all, seconds until the last one, tokens/s, and the median and the largest of
 * the milliseconds until the first. Servers of other projects may be measured
 * alike: an event with text counts as a token.
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

static void send_request(int fd, const char *path, size_t number, long tokens)
{
	struct buf body = { 0 }, all = { 0 };

	buf_printf(&body, "{\"prompt\":\"%zu is the number of a story of the "
		"sea. It begins like this:\",\"max_tokens\":%ld,\"stream\":true,"
		"\"ignore_eos\":true,\"seed\":%zu}", number, tokens, number);
	buf_printf(&all, "POST %s HTTP/1.1\r\nHost: localhost\r\n"
		"Content-Type: application/json\r\nConnection: close\r\n"
		"Content-Length: %zu\r\n\r\n%s", path, body.n, body.p);
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

static void report(struct client *v, size_t n, double begin)
{
	double last = begin;
	size_t i, events = 0;

	for (i = 0; i < n; i++) {
		if (!v[i].events)
			die("client %zu got nothing", i);
		events += v[i].events;
		last = v[i].last > last ? v[i].last : last;
	}
	qsort(v, n, sizeof *v, ascending);
	printf("%zu\t%zu\t%.3f\t%.1f\t%.1f\t%.1f\n", n, events, last - begin,
		(double)events / (last - begin),
		1e3 * (v[n / 2].first - begin), 1e3 * (v[n - 1].first - begin));
}

int main(int argc, char **argv)
{
	struct client *v;
	struct pollfd *fds;
	double begin;
	size_t n, i;

	err_init(argv[0]);
	if (argc < 4)
		die_usage("usage: clients ADDRESS:PORT CLIENTS TOKENS [PATH]");
	n = strtoul(argv[2], NULL, 10);
	v = xcalloc(n, sizeof *v);
	fds = xcalloc(n, sizeof *fds);
	for (i = 0; i < n; i++)
		fds[i] = (struct pollfd){ open_socket(argv[1]), POLLIN, 0 };
	begin = clock_seconds();
	for (i = 0; i < n; i++)
		send_request(fds[i].fd, argc > 4 ? argv[4] : "/v1/completions",
			i, atol(argv[3]));
	read_all(v, fds, n);
	report(v, n, begin);
	return 0;
}
