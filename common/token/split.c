/* split.c - patterns by name or spelling, and the walk over a text in windows
 * that fit in a cache: see split.h
 */
#include "common/token/split.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/regex.h"
#include "common/token/split_scan.h"

/* Bytes classified at once: text, masks (as many bytes again) and ends stay
 * in the second-level cache, the masks mostly in the first. */
#define WINDOW ((size_t)16 << 10)

struct known {
	const char *name;
	size_t (*words)(struct split_job *job);
	const char *spelling[5];	/* the first is the one we write */
};

struct splitter {
	const struct known *known;	/* NULL: regex */
	struct regex *regex;
	char *pattern;
};

struct split_scratch {
	uint64_t *masks;
	size_t *ends;
	size_t cap;		/* bytes of text they have room for */
	size_t start, end;	/* user's pattern: the stretch it is matched
				 * in, valid UTF-8 */
	bool bad;		/* or a bad byte or subpart */
};

#define SUFFIX "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define BLANKS "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

#define GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+" \
	"|\\s+(?!\\S)|\\s+"
#define CL100K SUFFIX "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" \
	"| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" BLANKS
#define O200K "[^\\r\\n\\p{L}\\p{N}]?" UPPER "*" LOWER "+" SUFFIX "?|" \
	"[^\\r\\n\\p{L}\\p{N}]?" UPPER "+" LOWER "*" SUFFIX "?|" \
	"\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" BLANKS

/* The other spellings are those of tiktoken's releases. Its \s++$ of cl100k
 * differs from ours only in newlines and spaces that end a text, which no
 * token of that vocabulary joins. */
static const struct known known[] = {
	{ "gpt2", split_words_gpt2, { GPT2,
		"'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
		"|\\s+(?!\\S)|\\s+",
		"'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++"
		"| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s" } },
	{ "smollm", split_words_smollm, { "\\p{N}|" GPT2 } },
	{ "cl100k", split_words_cl100k, { CL100K,
		"'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+"
		"|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]"
		"|\\s+(?!\\S)|\\s+",
		"'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++"
		"|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$"
		"|\\s*[\\r\\n]|\\s+(?!\\S)|\\s" } },
	{ "o200k", split_words_o200k, { O200K } },
};

static const struct known *find_known(const char *pattern)
{
	size_t i, k;

	for (i = 0; i < sizeof known / sizeof *known; i++) {
		if (!strcmp(pattern, known[i].name))
			return &known[i];
		for (k = 0; k < 5 && known[i].spelling[k]; k++)
			if (!strcmp(pattern, known[i].spelling[k]))
				return &known[i];
	}
	return NULL;
}

struct splitter *splitter_new(const char *pattern, const char *what)
{
	struct splitter *s = xcalloc(1, sizeof *s);

	s->known = find_known(pattern);
	if (!s->known) {
		s->pattern = xstrdup(pattern);
		s->regex = regex_new(pattern, 0, what);
	}
	return s;
}

void splitter_free(struct splitter *s)
{
	if (!s)
		return;
	if (s->regex)
		regex_free(s->regex);
	free(s->pattern);
	free(s);
}

const char *splitter_name(const struct splitter *s)
{
	return s->known ? s->known->name : s->pattern;
}

const char *splitter_regex(const struct splitter *s)
{
	return s->known ? s->known->spelling[0] : s->pattern;
}

/* ---- the walk ---- */

static void make_room(struct split_scratch *c, size_t n)
{
	if (n <= c->cap)
		return;
	free(c->masks);
	free(c->ends);
	c->cap = n;
	c->masks = xaligned((n / 64 + 2) * NMASK * sizeof *c->masks);
	c->ends = xmalloc((n + 1) * sizeof *c->ends);
}

void split_start(struct split *w, const struct splitter *s, const char *text,
	size_t len)
{
	if (!w->scratch)
		w->scratch = xcalloc(1, sizeof *w->scratch);
	w->splitter = s;
	w->text = text;
	w->len = len;
	w->at = 0;
	w->scratch->start = w->scratch->end = 0;
}

void split_free(struct split *w)
{
	if (w->scratch) {
		free(w->scratch->masks);
		free(w->scratch->ends);
	}
	free(w->scratch);
	*w = (struct split){ 0 };
}

/* Length of a window of at most n bytes that does not end in a character. */
static size_t window_length(const struct split *w, size_t n)
{
	const unsigned char *s = (const unsigned char *)w->text + w->at;
	int back;

	if (n >= w->len - w->at)
		return w->len - w->at;
	for (back = 0; back < 3 && (s[n] & 0xc0) == 0x80; back++)
		n--;
	return n;
}

static size_t next_known(struct split *w)
{
	struct split_scratch *c = w->scratch;
	size_t count = 0, want;

	/* A word longer than the window needs a larger one. */
	for (want = WINDOW; !count && w->at < w->len; want *= 2) {
		size_t n = window_length(w, want);
		struct split_job job = {
			.text = (const unsigned char *)w->text + w->at,
			.n = n, .base = w->at, .last = w->at + n == w->len
		};

		make_room(c, n);
		split_classify(c->masks, job.text, n);
		job.masks = c->masks;
		job.ends = c->ends;
		count = w->splitter->known->words(&job);
		w->at += job.used;
	}
	return count;
}

/* The stretch of valid UTF-8 that begins where the last one ended; what is
 * not valid is a stretch, and a word, of its own. */
static void next_stretch(struct split *w)
{
	struct split_scratch *c = w->scratch;
	bool valid = true;

	c->start = c->end;
	while (c->end < w->len) {
		uint32_t ch;
		size_t n = (size_t)utf8_decode(w->text + c->end,
			w->len - c->end, &ch, &valid);

		if (!valid && c->end > c->start)
			break;
		c->end += n;
		if (!valid)
			break;
	}
	c->bad = !valid && !utf8_valid(w->text + c->start, c->end - c->start);
}

/* The next match that is not empty, as offsets into the text; false when there
 * is none, or PCRE2 gives up. */
static bool next_match(const struct split *w, size_t *from, size_t *to)
{
	const struct split_scratch *c = w->scratch;
	const char *text = w->text + c->start;
	size_t n = c->end - c->start, at = w->at - c->start;
	struct span m;
	uint32_t ch;

	while (at < n && regex_match(w->splitter->regex, text, n, at,
			&m, 1) == REGEX_MATCH) {
		*from = c->start + m.at;
		*to = *from + m.len;
		if (m.len)
			return true;
		if (m.at == n)
			break;
		at = m.at + (size_t)utf8_decode(text + m.at, n - m.at, &ch,
			NULL);
	}
	return false;
}

/* Matches of the user's pattern are words, and so is what is between. */
static size_t next_regex(struct split *w)
{
	struct split_scratch *c = w->scratch;
	size_t count = 0, from, to;

	make_room(c, WINDOW);
	if (w->at == c->end)
		next_stretch(w);
	while (w->at < c->end && count + 2 <= c->cap) {
		if (c->bad || !next_match(w, &from, &to))
			from = to = c->end;
		if (from > w->at)
			c->ends[count++] = from;
		if (to > from)
			c->ends[count++] = to;
		w->at = to;
	}
	return count;
}

size_t split_next(struct split *w)
{
	size_t n;

	if (w->at == w->len)
		return 0;
	n = w->splitter->known ? next_known(w) : next_regex(w);
	w->ends = w->scratch->ends;
	return n;
}

/* ---- cutting ---- */

/* Between a newline that follows a letter or digit and a letter: all four
 * patterns have the newline as a word, or at the end of one, whatever stands
 * around. */
size_t split_safe_cut(const struct splitter *s, const char *text, size_t len,
	size_t at)
{
	if (!s->known)
		return len;
	for (at = at < 2 ? 2 : at; at < len; at++) {
		const char *nl = memchr(text + at - 1, '\n', len - at);

		if (!nl)
			return len;
		at = (size_t)(nl - text) + 1;
		if (ascii_alnum(nl[-1]) &&
			((unsigned char)nl[1] | 32) >= 'a' &&
			((unsigned char)nl[1] | 32) <= 'z')
			return at;
	}
	return len;
}
