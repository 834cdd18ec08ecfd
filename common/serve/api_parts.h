/* api_parts.h - shared by api.c and api_*.c: reading one request */
#ifndef PIPELM_SERVE_API_PARTS_H
#define PIPELM_SERVE_API_PARTS_H

#include "common/format/jsonscan.h"
#include "common/serve/api.h"

struct api_reader {
	struct api *api;
	struct api_request *q;
	struct api_error *e;
	struct json_fields fields;	/* of the body */
	struct json input;		/* prompt or messages */
	struct buf text;		/* scratch */
	bool given[64];			/* the rows of the parameters read */
};

/* Records an error 400 of a parameter ("": of none); returns false. */
bool api_fail(struct api_reader *r, const char *param, const char *why, ...)
	PRINTF_LIKE(3, 4);

/* Reads a parameter. */
bool api_parameter(struct api_reader *r, const struct json *key,
	const struct json *value);

/* api_prompt.c: the prompts of the request. */
bool api_read_prompt(struct api_reader *r, const struct json *v);
bool api_read_messages(struct api_reader *r, const struct json *v);

#endif
