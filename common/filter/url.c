/* url.c - lists of unwanted URLs: see url.h */
#include "common/filter/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/format/archive.h"

enum { LETTERS = 36 };

/* A state of the automaton; 0 is the root. While subwords are being added, 0 in
 * next means that there is no such state yet. */
struct state {
	uint32_t next[LETTERS];
	uint32_t fail;
	bool found;
};

struct urls {
	struct map list[URL_LISTS];
	struct state *state;
	size_t nstate, cap;
};

/* Few words, so that no page about medicine or law is lost because of one. */
static const char *const words[] = {
	"porn", "porno", "xxx", "hentai", "milf", "milfs", "blowjob",
	"blowjobs", "gangbang", "creampie", "cumshot", "cumshots", "bukkake",
	"deepthroat", "handjob", "camgirl", "camgirls", "sexcam", "sexcams",
	"onlyfans", "escorts", "xvideos", "xnxx", "redtube", "pornhub", NULL
};
static const char *const soft_words[] = {
	"sex", "sexy", "nude", "nudes", "naked", "adult", "erotic", "erotica",
	"escort", "fetish", "bdsm", "anal", "lesbian", "teen", "teens", "babe",
	"babes", "girls", "tits", "boobs", "pussy", "dick", "cock", "casino",
	"poker", "slots", "betting", "gambling", "viagra", "cialis", "webcam",
	"webcams", "hot", "amateur", "voyeur", "swinger", "swingers", NULL
};
static const char *const subwords[] = {
	"pornhub", "xvideos", "xhamster", "freeporn", "pornvideo", "pornstar",
	"sexvideo", "sexchat", "livesex", "hotsex", "adultvideo", "onlinecasino",
	"casinoonline", "slotgacor", "camgirls", "milfporn", NULL
};

/* ---- building ---- */

static int letter(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : -1;
}

static void normalise(struct buf *b, const char *s, size_t n)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < n; i++)
		if (letter(s[i]) >= 0)
			buf_putc(b, ascii_lower(s[i]));
}

static uint32_t new_state(struct urls *u)
{
	u->state = grow(u->state, u->nstate, &u->cap, sizeof *u->state);
	memset(&u->state[u->nstate], 0, sizeof *u->state);
	return (uint32_t)u->nstate++;
}

static void add_subword(struct urls *u, const char *s, size_t n)
{
	uint32_t at = 0, to;
	size_t i;

	for (i = 0; i < n; i++, at = to) {
		int c = letter(s[i]);

		to = u->state[at].next[c];
		if (!to) {
			to = new_state(u);
			u->state[at].next[c] = to;
		}
	}
	u->state[at].found = true;
}

static void add(struct urls *u, enum url_list list, const char *s, size_t n)
{
	struct buf b = { 0 };
	size_t i;

	if (list == URL_DOMAIN || list == URL_ADDRESS) {
		buf_add(&b, s, n);
		for (i = 0; i < b.n && list == URL_DOMAIN; i++)
			if (b.p[i] >= 'A' && b.p[i] <= 'Z')
				b.p[i] |= 32;
	} else {
		normalise(&b, s, n);
	}
	if (b.n && list == URL_SUBWORD)
		add_subword(u, b.p, b.n);
	else if (b.n)
		*map_put(&u->list[list], b.p, b.n, NULL) = 1;
	buf_free(&b);
}

static void add_all(struct urls *u, enum url_list list,
	const char *const *built_in)
{
	for (; *built_in; built_in++)
		add(u, list, *built_in, strlen(*built_in));
}

struct urls *urls_new(bool built_in)
{
	struct urls *u = xcalloc(1, sizeof *u);

	new_state(u);
	if (built_in) {
		add_all(u, URL_WORD, words);
		add_all(u, URL_SOFT_WORD, soft_words);
		add_all(u, URL_SUBWORD, subwords);
	}
	return u;
}

void urls_free(struct urls *u)
{
	int i;

	if (!u)
		return;
	for (i = 0; i < URL_LISTS; i++)
		map_free(&u->list[i]);
	free(u->state);
	free(u);
}

void urls_add_file(struct urls *u, enum url_list list, const char *file)
{
	struct input *in = archive_open_stream(file);
	char *line;
	size_t n;

	input_skip_mark(in);
	while (input_line(in, &line, &n, 1 << 20)) {
		while (n && (unsigned char)line[n - 1] <= ' ')
			n--;
		if (n && *line != '#')
			add(u, list, line, n);
	}
	input_close(in);
}

/* Breadth-first: where a word cannot be continued, its longest suffix that is a
 * prefix of another word is. */
void urls_finish(struct urls *u)
{
	uint32_t *queue = xcalloc(u->nstate, sizeof *queue), s, to;
	size_t head = 0, tail = 0;
	int c;

	for (c = 0; c < LETTERS; c++)
		if ((to = u->state[0].next[c]))
			queue[tail++] = to;
	while (head < tail) {
		s = queue[head++];
		u->state[s].found |= u->state[u->state[s].fail].found;
		for (c = 0; c < LETTERS; c++) {
			uint32_t fail = u->state[u->state[s].fail].next[c];

			to = u->state[s].next[c];
			if (to) {
				u->state[to].fail = fail;
				queue[tail++] = to;
			} else {
				u->state[s].next[c] = fail;
			}
		}
	}
	free(queue);
}

/* ---- matching ---- */

static bool listed(const struct map *m, const char *s, size_t n)
{
	return m->n && n && map_get(m, s, n);
}

/* Writes the host of a URL to host, in lower case and without a final '.'. */
static void find_host(struct buf *host, const char *url)
{
	const char *s = strstr(url, "://"), *p;
	size_t n, i;

	s = s ? s + 3 : url;
	n = strcspn(s, "/?#");
	for (p = s; p < s + n; p++)
		if (*p == '@') {
			n -= (size_t)(p + 1 - s);
			s = p + 1;
		}
	for (i = 0; i < n && s[i] != ':'; i++)
		buf_putc(host, ascii_lower(s[i]));
	if (host->n && host->p[host->n - 1] == '.')
		host->n--;
}

bool urls_domain(const struct urls *u, const char *url)
{
	const struct map *m = &u->list[URL_DOMAIN];
	struct buf host = { 0 };
	bool found = false;
	size_t at = 0;

	if (!m->n)
		return false;
	find_host(&host, url);
	while (at < host.n && !found) {
		const char *dot = memchr(host.p + at, '.', host.n - at);

		found = listed(m, host.p + at, host.n - at);
		at = dot ? (size_t)(dot - host.p) + 1 : host.n;
	}
	buf_free(&host);
	return found;
}

bool urls_address(const struct urls *u, const char *url)
{
	return listed(&u->list[URL_ADDRESS], url, strlen(url));
}

/* Whether the word url[at..at+n) also occurs before at. */
static bool seen_before(const char *url, size_t at, size_t n)
{
	size_t i, len;

	for (i = 0; i < at; i += len ? len : 1) {
		for (len = 0; i + len < at && letter(url[i + len]) >= 0; len++)
			;
		if (len == n && !memcmp(url + i, url + at, n))
			return true;
	}
	return false;
}

size_t urls_words(const struct urls *u, enum url_list list, const char *url)
{
	size_t at, n, count = 0;

	for (at = 0; url[at]; at += n ? n : 1) {
		for (n = 0; letter(url[at + n]) >= 0; n++)
			;
		if (listed(&u->list[list], url + at, n) &&
			!seen_before(url, at, n))
			count++;
	}
	return count;
}

bool urls_subword(const struct urls *u, const char *url)
{
	uint32_t s = 0;

	for (; *url; url++) {
		int c = letter(*url);

		if (c < 0)
			continue;
		s = u->state[s].next[c];
		if (u->state[s].found)
			return true;
	}
	return false;
}
