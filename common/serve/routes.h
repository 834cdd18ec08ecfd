/* routes.h - the resources of the server
 *
 *	GET /			a page to chat in
 *	GET /health		whether it is up; needs no key
 *	GET /v1/models		the one model
 *	POST /v1/chat/completions, /v1/completions
 */
#ifndef PIPELM_SERVE_ROUTES_H
#define PIPELM_SERVE_ROUTES_H

#include "common/serve/api.h"
#include "common/serve/http.h"
#include "common/serve/jobs.h"

struct routes {
	struct api api;
	struct jobs *jobs;
	const char *key;	/* that clients must present, or NULL */
	double grace;		/* seconds for running answers at the end */
	double stopped;		/* since when; 0: not */
};

/* The callbacks for http_open, with r as their ctx. */
struct http_calls routes_calls(struct routes *r);

#endif
