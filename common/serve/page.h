/* page.h - the page to chat in: data/chatd.html
 *
 * Its script and style are in it, marked by a nonce that is new in each answer;
 * the Content-Security-Policy allows those, requests to this server, and nothing
 * else.
 */
#ifndef PIPELM_SERVE_PAGE_H
#define PIPELM_SERVE_PAGE_H

#include "common/serve/http.h"

void page_answer(struct http_call *c);

#endif
