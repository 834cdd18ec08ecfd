/* jobs.h - requests from clients to the engine, answers back
 *
 * Requests are submitted by the thread that serves HTTP and answered by the one
 * that runs the engine. Each prompt takes rows of the batch as they become free;
 * a request with several prompts takes turns with the other requests. A client
 * that goes frees its rows with the next token.
 */
#ifndef PIPELM_SERVE_JOBS_H
#define PIPELM_SERVE_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/serve/job.h"

struct jobs;

/* Bytes that prompts and answers of all requests may take; a single request may
 * take any number. */
enum { JOBS_BYTES = 64 << 20 };

/* At most `limit` requests wait for their first row. */
struct jobs *jobs_new(struct generator *g, size_t limit);
void jobs_free(struct jobs *s);

/* Queues j, which is then owned by s. False: as many wait as may, they could take
 * too much memory, or jobs_close was called; the caller still owns it. */
bool jobs_submit(struct jobs *s, struct job *j);

/* Answers requests; returns after jobs_close when none is left. */
void jobs_run(struct jobs *s);

/* Accept no more; also give up all that are not answered yet. */
void jobs_close(struct jobs *s);
void jobs_abort(struct jobs *s);

#endif
