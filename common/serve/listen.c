/* listen.c - a listening TCP socket: see listen.h */
#include "common/serve/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/mem.h"

#define BACKLOG 128	/* connections that the kernel keeps for us */
#define SEND_BUFFER 65536	/* of each connection: the kernel would take some
				 * megabytes for a client that reads nothing */

/* Splits spec into host and port, both to be freed. */
static void split(const char *spec, char **host, char **port)
{
	const char *colon = strrchr(spec, ':');
	size_t n = colon ? (size_t)(colon - spec) : 0;
	bool brackets = n > 1 && spec[0] == '[' && spec[n - 1] == ']';

	if (!n || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")] ||
		atol(colon + 1) > 65535 || (!brackets && memchr(spec, ':', n)))
		die_usage("--listen: '%s' is not ADDRESS:PORT, "
			"as in 127.0.0.1:8080 or [::1]:8080", spec);
	*host = xstrndup(spec + brackets, n - 2 * brackets);
	*port = xstrdup(colon + 1);
}

static bool is_loopback(const struct sockaddr *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)a;

	if (a->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* The address that fd has. */
static char *name_of(int fd, bool *loopback)
{
	struct sockaddr_storage at;
	struct sockaddr *a = (struct sockaddr *)&at;
	socklen_t n = sizeof at;
	char host[64], port[16];
	struct buf name = { 0 };

	if (getsockname(fd, a, &n) || getnameinfo(a, n, host, sizeof host, port,
			sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
		die_errno("the address of a socket");
	*loopback = is_loopback(a);
	buf_printf(&name, a->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		port);
	return name.p;
}

static int open_socket(const char *spec, const struct addrinfo *a)
{
	int on = 1, size = SEND_BUFFER, fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC |
		SOCK_NONBLOCK, a->ai_protocol);

	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) ||
		bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, BACKLOG))
		die_errno("--listen: %s", spec);
	return fd;
}

int listen_on(const char *spec, char **address, bool *loopback)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found;
	char *host, *port;
	int error, fd;

	split(spec, &host, &port);
	error = getaddrinfo(host, port, &want, &found);
	if (error)
		die("--listen: %s: %s", spec, gai_strerror(error));
	fd = open_socket(spec, found);
	*address = name_of(fd, loopback);
	freeaddrinfo(found);
	free(host);
	free(port);
	return fd;
}
