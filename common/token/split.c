/* split.c - patterns by name or spelling, and splitting a text in windows that
 * fit in the cache: see split.h
 */
#include "common/token/split.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/oniguruma.h"
#include "common/format/regex.h"
#include "common/token/split_scan.h"

/* Bytes classified at a time: text, masks (the same size) and ends fit in the
 * L2 cache, the masks mostly in L1. */
#define WINDOW ((size_t)16 << 10)

struct known {
	const char *name;
	size_t (*words)(struct split_job *job);
	const char *spelling[5];	/* we write the first */
	const char *tiktoken;	/* a spelling that means something else to Oniguruma */
};

struct splitter {
	const struct known *known;	/* NULL: regex */
	struct regex *regex;
	struct regex *recent;	/* the same for texts with characters new in
				 * recent Unicode; NULL: not needed */
	char *pattern;
};

struct split_scratch {
	uint64_t *masks;
	size_t *ends;
	unsigned char *kinds;	/* user's pattern only */
	size_t cap;		/* capacity in bytes of text */
	size_t start, end;	/* user's pattern: the stretch of valid UTF-8
				 * being matched */
	bool bad;		/* or an invalid byte or subpart */
	bool recent;		/* it contains a recent character */
	size_t matched;		/* end of the last match; -1: none */
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

/* The other spellings are those of tiktoken's releases. Their \s++$ in cl100k
 * differs from ours only for newlines and spaces at the end of a text, which no
 * token of that vocabulary joins; in Oniguruma, {1,3}+ is a repetition. */
static const struct known known[] = {
	{ "gpt2", split_words_gpt2, { GPT2,
		"'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
		"|\\s+(?!\\S)|\\s+",
		"'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++"
		"| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s" }, NULL },
	{ "smollm", split_words_smollm, { "\\p{N}|" GPT2 }, NULL },
	{ "cl100k", split_words_cl100k, { CL100K,
		"'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+"
		"|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]"
		"|\\s+(?!\\S)|\\s+" },
		"'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++"
		"|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$"
		"|\\s*[\\r\\n]|\\s+(?!\\S)|\\s" },
	{ "o200k", split_words_o200k, { O200K }, NULL },
};

static const struct known *find_known(const char *pattern, bool in_file)
{
	size_t i, k;

	for (i = 0; i < sizeof known / sizeof *known; i++) {
		if (!in_file && (!strcmp(pattern, known[i].name) ||
				(known[i].tiktoken &&
				!strcmp(pattern, known[i].tiktoken))))
			return &known[i];
		for (k = 0; k < 5 && known[i].spelling[k]; k++)
			if (!strcmp(pattern, known[i].spelling[k]))
				return &known[i];
	}
	return NULL;
}

static struct splitter *make(const char *pattern, const char *what,
	bool in_file)
{
	int flags = REGEX_LONG | (in_file ? REGEX_IN_FILE : 0);
	struct splitter *s = xcalloc(1, sizeof *s);
	struct buf plain = { 0 }, recent = { 0 };
	struct onig_error e;

	s->known = find_known(pattern, in_file);
	if (s->known)
		return s;
	s->pattern = xstrdup(pattern);
	if (!onig_translate(pattern, false, &plain, &e))
		(in_file ? die : die_usage)("%s: the pattern '%s': at byte "
			"%zu: not supported: %s", what, pattern, e.at + 1,
			e.what);
	onig_translate(pattern, true, &recent, &e);
	s->regex = regex_new(plain.p, flags, what);
	if (strcmp(plain.p, recent.p))
		s->recent = regex_new(recent.p, flags, what);
	buf_free(&plain);
	buf_free(&recent);
	return s;
}

struct splitter *splitter_new(const char *pattern, const char *what)
{
	return make(pattern, what, false);
}

struct splitter *splitter_of_file(const char *pattern, const char *file)
{
	return make(pattern, file, true);
}

bool splitter_find(const char *pattern)
{
	return find_known(pattern, false) != NULL;
}

void splitter_free(struct splitter *s)
{
	if (!s)
		return;
	if (s->regex)
		regex_free(s->regex);
	if (s->recent)
		regex_free(s->recent);
	free(s->pattern);
	free(s);
}

const char *splitter_name(const struct splitter *s)
{
	return s->known ? s->known->name : s->pattern;
}

bool splitter_is_known(const struct splitter *s)
{
	return s->known != NULL;
}

const char *splitter_regex(const struct splitter *s)
{
	return s->known ? s->known->spelling[0] : s->pattern;
}

/* ---- splitting a text ---- */

static void make_room(struct split_scratch *c, size_t n)
{
	if (n <= c->cap)
		return;
	free(c->masks);
	free(c->ends);
	free(c->kinds);
	c->cap = n;
	c->masks = xaligned((n / 64 + 2) * NMASK * sizeof *c->masks);
	c->ends = xmalloc((n + 1) * sizeof *c->ends);
	c->kinds = xmalloc(n + 1);
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
		free(w->scratch->kinds);
	}
	free(w->scratch);
	*w = (struct split){ 0 };
}

/* The length of a window of at most n bytes that ends between characters. */
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

/* Finds the stretch of valid UTF-8 that starts where the last one ended; an
 * invalid sequence is a stretch, and a word, of its own. */
static void next_stretch(struct split *w)
{
	struct split_scratch *c = w->scratch;
	bool valid = true;

	c->start = c->end;
	c->recent = false;
	c->matched = (size_t)-1;
	while (c->end < w->len) {
		uint32_t ch;
		size_t n = (size_t)utf8_decode(w->text + c->end,
			w->len - c->end, &ch, &valid);

		if (!valid && c->end > c->start)
			break;
		c->recent |= n > 2 && w->splitter->recent && onig_is_recent(ch);
		c->end += n;
		if (!valid)
			break;
	}
	c->bad = !valid && !utf8_valid(w->text + c->start, c->end - c->start);
}

static _Noreturn void die_steps(const struct split *w, size_t at)
{
	const char *name = w->name ? w->name : "text";

	if (w->line)
		die("%s:%" PRIu64 ": the pattern takes too many steps from "
			"byte %zu of the text on", name, w->line, at + 1);
	die("%s: the pattern takes too many steps from byte %zu on", name,
		at + 1);
}

/* The next match in the stretch, as offsets into the text. An empty match right
 * after the last match does not count: the search continues one character on,
 * as in the iterators of Oniguruma's and Rust's libraries. */
static bool next_match(const struct split *w, size_t from, size_t *at,
	size_t *end)
{
	const struct split_scratch *c = w->scratch;
	const char *text = w->text + c->start;
	size_t n = c->end - c->start;
	enum regex_result r;
	struct span m;
	uint32_t ch;

	for (from -= c->start; from <= n;) {
		r = regex_match(c->recent ? w->splitter->recent :
			w->splitter->regex, text, n, from, &m, 1);
		if (r == REGEX_LIMIT)
			die_steps(w, c->start + from);
		if (r == REGEX_NONE)
			return false;
		*at = c->start + m.at;
		*end = *at + m.len;
		if (m.len || *at != c->matched)
			return true;
		if (from == n)
			return false;
		from += (size_t)utf8_decode(text + from, n - from, &ch, NULL);
	}
	return false;
}

static void add_word(struct split_scratch *c, size_t *count, size_t end,
	enum split_kind kind)
{
	c->ends[*count] = end;
	c->kinds[(*count)++] = (unsigned char)kind;
}

/* Both matches of the pattern and the gaps between them are words. An empty
 * match separates what is around it. */
static size_t next_regex(struct split *w)
{
	struct split_scratch *c = w->scratch;
	size_t count = 0, from, to;

	make_room(c, WINDOW);
	if (w->at == c->end)
		next_stretch(w);
	while (w->at < c->end && count + 2 <= c->cap) {
		bool found = !c->bad && next_match(w, w->at, &from, &to);

		if (!found)
			from = to = c->end;
		if (from > w->at)
			add_word(c, &count, from, c->bad ? SPLIT_BAD :
				SPLIT_GAP);
		if (to > from)
			add_word(c, &count, to, SPLIT_MATCH);
		c->matched = w->at = to;
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
	w->kinds = w->splitter->known ? NULL : w->scratch->kinds;
	return n;
}

/* ---- cutting a text ---- */

/* A cut is safe between a newline that follows a letter or digit and a letter:
 * in all four patterns the newline is a word or ends one, whatever is around
 * it. */
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
