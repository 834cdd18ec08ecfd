/* spelled.c - numbers in English words: see settle.h */
#include <string.h>

#include "common/base/ascii.h"
#include "common/grade/settle.h"
#include "common/grade/words.h"

static const char *const units[] = { "zero", "one", "two", "three", "four",
	"five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
	"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
	"nineteen" };
static const char *const tens[] = { "twenty", "thirty", "forty", "fifty",
	"sixty", "seventy", "eighty", "ninety" };

/* A number under way: total of thousands and above, and the rest. */
struct spelling {
	uint64_t total, part;
	int words;
	bool one;		/* the only word is "one" */
};

/* Adds a word; false when it is none of a number. */
static bool add(struct spelling *x, const char *s, size_t n)
{
	static const struct { const char *word; uint64_t value; } large[] = {
		{ "thousand", 1000 }, { "million", 1000000 },
		{ "billion", 1000000000 } };
	size_t i;

	for (i = 0; i < 20; i++)
		if (word_in(s, n, units[i])) {
			x->one = !x->words && i == 1;
			x->part += i;
			return true;
		}
	for (i = 0; i < 8; i++)
		if (word_in(s, n, tens[i])) {
			x->part += 20 + 10 * i;
			return true;
		}
	if (word_in(s, n, "hundred")) {
		x->part = (x->part ? x->part : 1) * 100;
		return x->part < 1000000;
	}
	for (i = 0; i < 3; i++)
		if (word_in(s, n, large[i].word)) {
			x->total += (x->part ? x->part : 1) * large[i].value;
			x->part = 0;
			return x->total < 1000000000000000;
		}
	return false;
}

/* "one" is a number when nothing else can be meant: "is one." */
static bool counts(const struct spelling *x, const char *text, const char *at,
	const char *after, const char *end)
{
	size_t n;

	if (!x->words)
		return false;
	if (!x->one || x->words > 1)
		return true;
	while (at > text && at[-1] == ' ')
		at--;
	n = word_before(text, at);
	return (at == text || word_in(at - n, n, "is only just") || at[-1] == ':') &&
		(after == end || !ascii_blank(*after) || after + 1 == end);
}

bool spelled_number(const char *s, size_t n, struct number *x)
{
	const char *text = s, *end = s + n, *begin = s, *after = s;
	struct spelling now = { 0 };
	bool any = false;

	while (s <= end) {
		size_t len = word_after(s, end);
		struct spelling more = now;

		if (len && now.words && word_in(s, len, "and")) {
			s += len;
			continue;
		}
		if (len && add(&more, s, len)) {
			if (!now.words)
				begin = s;
			more.words++;
			more.one &= more.words == 1;
			now = more;
			after = s += len;
			continue;
		}
		if (!len && s < end && (*s == '-' || *s == ' ')) {
			s++;
			continue;
		}
		if (counts(&now, text, begin, after, end)) {
			*x = (struct number){ .percent = false };
			rational_set(&x->value, now.total + now.part);
			any = true;
		}
		now = (struct spelling){ 0 };
		s += len ? len : 1;
	}
	return any;
}
