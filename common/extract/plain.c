/* plain.c - normalises white space and drops invisible characters: see plain.h */
#include "common/extract/plain.h"

#include <stdint.h>
#include <string.h>

/* The kind of character that a byte starts; WIDE: the next bytes decide. */
enum { VISIBLE, BLANK, INVISIBLE, WIDE };

static const unsigned char kind[256] = {
	INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE,
	INVISIBLE, INVISIBLE, INVISIBLE, BLANK, BLANK, INVISIBLE, BLANK, BLANK,
	INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE,
	INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE,
	INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE, INVISIBLE,
	[' '] = BLANK, [0x7f] = INVISIBLE,
	[0xc2] = WIDE, [0xe2] = WIDE, [0xe3] = WIDE, [0xef] = WIDE,
};

/* The kind of a non-ASCII character: *gap is its gap, GAP_NONE when it has no
 * width. Returns its length in bytes, 0 when it is visible. */
static int wide_len(const unsigned char *s, const unsigned char *end,
	enum gap *gap)
{
	*gap = GAP_SPACE;
	if (end - s >= 2 && s[0] == 0xc2) {
		if (s[1] == 0xa0)	/* no-break space */
			return 2;
		*gap = GAP_NONE;	/* C1 controls, soft hyphen */
		return (s[1] >= 0x80 && s[1] <= 0x9f) || s[1] == 0xad ? 2 : 0;
	}
	if (end - s < 3)
		return 0;
	switch (s[0] << 8 | s[1]) {
	case 0xe280:		/* en quad to hair space, separators */
		if (s[2] == 0x8b)
			*gap = GAP_ZERO_WIDTH;
		return (s[2] >= 0x80 && s[2] <= 0x8b) || s[2] == 0xa8 ||
			s[2] == 0xa9 || s[2] == 0xaf ? 3 : 0;
	case 0xe281:		/* mathematical space, word joiner */
		if (s[2] == 0xa0)
			*gap = GAP_NONE;
		return s[2] == 0x9f || s[2] == 0xa0 ? 3 : 0;
	case 0xe380:		/* ideographic space */
		return s[2] == 0x80 ? 3 : 0;
	case 0xefbb:		/* byte order mark */
		*gap = GAP_NONE;
		return s[2] == 0xbf ? 3 : 0;
	}
	return 0;
}

/* Indentation is long, so spaces are skipped eight at a time. */
static const unsigned char *skip_blanks(const unsigned char *s,
	const unsigned char *end)
{
	while (s < end && kind[*s] == BLANK) {
		s++;
		while (end - s >= 8 && !memcmp(s, "        ", 8))
			s += 8;
	}
	return s;
}

const char *plain_skip(const char *text, const char *text_end, enum gap *gap)
{
	const unsigned char *s = (const unsigned char *)text;
	const unsigned char *end = (const unsigned char *)text_end;

	while (s < end && kind[*s] != VISIBLE) {
		enum gap g = GAP_SPACE;
		int n = 1;

		if (kind[*s] == BLANK) {
			s = skip_blanks(s, end);
			n = 0;
		} else if (kind[*s] == INVISIBLE) {
			g = GAP_NONE;
		} else if (!(n = wide_len(s, end, &g))) {
			break;
		}
		s += n;
		if (g > *gap)
			*gap = g;
	}
	return (const char *)s;
}

static char *put_gap(char *out, enum gap gap)
{
	static const char *const gaps[] = { "", "\u200b", " ", "\n", "\n\n" };
	const char *g;

	for (g = gaps[gap]; *g; g++)
		*out++ = *g;
	return out;
}

/* A single space between two words is copied along with them. */
void plain_add(struct buf *b, const char *s, const char *end, enum gap *gap)
{
	char *out = buf_room(b, (size_t)(end - s) + 3);

	while (s < end) {
		const char *run = s;

		if (*gap)
			out = put_gap(out, *gap);
		for (s++; s < end; s++)
			if (kind[(unsigned char)*s] != VISIBLE &&
				!(*s == ' ' && end - s > 1 &&
				kind[(unsigned char)s[1]] == VISIBLE))
				break;
		memcpy(out, run, (size_t)(s - run));
		out += s - run;
		*gap = GAP_NONE;
		s = plain_skip(s, end, gap);
	}
	b->n = (size_t)(out - b->p);
}

void plain_line(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n;
	enum gap gap = GAP_NONE;

	s = plain_skip(s, end, &gap);
	gap = GAP_NONE;
	plain_add(b, s, end, &gap);
}

void plain_preformatted(struct buf *b, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + n;
	char *out = buf_room(b, n);

	while (s < end) {
		enum gap g = GAP_NONE;
		int len = kind[*s] == WIDE ? wide_len(s, end, &g) : 1;

		if (*s == 0xc2 && len && g == GAP_SPACE) {
			*out++ = ' ';
			s += 2;
		} else if (kind[*s] == INVISIBLE || (len && kind[*s] == WIDE &&
			g == GAP_NONE)) {
			s += len;
		} else {
			*out++ = (char)*s++;
		}
	}
	b->n = (size_t)(out - b->p);
}

size_t plain_trim_lines(char *s, size_t n)
{
	size_t from, to = 0;

	for (from = 0; from < n; from++) {
		char c = s[from] == '\r' ? '\n' : s[from];

		if (c == '\n')
			while (to && (s[to - 1] == ' ' || s[to - 1] == '\t'))
				to--;
		if (c != '\n' || to)
			s[to++] = c;
	}
	while (to && (s[to - 1] == ' ' || s[to - 1] == '\t' ||
		s[to - 1] == '\n' || s[to - 1] == '\f'))
		to--;
	return to;
}
