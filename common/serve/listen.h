/* listen.h - a listening TCP socket */
#ifndef PIPELM_SERVE_LISTEN_H
#define PIPELM_SERVE_LISTEN_H

#include <stdbool.h>

/* Listens on "ADDRESS:PORT", numeric or a name; "[ADDRESS]:PORT" for IPv6. Port
 * 0: a free one. A spec of another form is a usage error, an address that cannot
 * be used is fatal. *address: numeric, with the port as it is; the caller frees
 * it. *loopback: only this machine reaches it. Returns the socket. */
int listen_on(const char *spec, char **address, bool *loopback);

#endif
