/* grade_choice.c - the letter of the option that a text settles on: see grader.h.
 *
 * A letter counts where it is named as the answer: in a box, after "answer",
 * "option" or "####", or as "B is correct". Two different ones there are no
 * answer, unless the text goes back on the first. Without any, a label at the
 * beginning counts, then a conclusion, then the only letter of the text.
 */
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/grade/grade_text.h"
#include "common/grade/grader.h"
#include "common/grade/words.h"

/* Several letters, where one should be. */
#define SEVERAL 1

struct choice {
	const char *letters;
	const char *text, *end;
	char found;		/* 0: none yet; SEVERAL */
	const char *after;	/* found was named before here */
	bool no_box;		/* from here on */
};

/* ---- letters that stand alone ---- */

/* Whether s is at a character that would form a word with a letter next to it.
 * Characters of scripts without case, such as Chinese or Arabic, do not. */
static bool is_word(const char *s, const char *end)
{
	uint32_t c;

	if (!(*s & 0x80))
		return ascii_alnum(*s) || *s == '_';
	utf8_decode(s, (size_t)(end - s), &c, NULL);
	return unicode_class(c) &
		(UNI_UPPER | UNI_LOWER | UNI_NUMBER | UNI_MARK);
}

/* The same for the character before s. */
static bool is_word_before(const char *text, const char *s)
{
	const char *p = s - 1;

	while (p > text && s - p < 4 && (*p & 0xc0) == 0x80)
		p--;
	return is_word(p, s);
}

/* The word that ends before s, past spaces and markup. */
static const char *previous(const struct choice *c, const char *s, size_t *n)
{
	while (s > c->text && !(s[-1] & 0x80) && s[-1] != '\n' &&
			!ascii_alnum(s[-1]) && s[-1] != '.' && s[-1] != ',')
		s--;
	*n = word_before(c->text, s);
	return s - *n;
}

/* "A plant", "I think": not letters of options. */
static bool is_article(const struct choice *c, const char *s)
{
	const char *next = s + 2, *word;
	size_t n;

	if ((*s != 'A' && *s != 'I') || c->end - s < 3 || s[1] != ' ' ||
			*next < 'a' || *next > 'z')
		return false;
	if (*s == 'A' && word_in(next, word_after(next, c->end), "is or and "
			"because since as was but are looks seems would cannot "
			"can has says does fits over rather not instead"))
		return false;
	word = previous(c, s, &n);
	return !word_in(word, n, "option choice answer only");
}

/* The letter at s if it stands alone as a word, else 0. */
static char lone_letter(const struct choice *c, const char *s)
{
	if (!*s || !strchr(c->letters, *s))
		return 0;
	if ((s > c->text && is_word_before(c->text, s)) ||
		(s + 1 < c->end && is_word(s + 1, c->end)))
		return 0;
	return is_article(c, s) ? 0 : *s;
}

/* A letter in lower case at the beginning of an answer: "b", "b)", "b.". */
static char small_letter(const struct choice *c, const char *s,
	const char *stop)
{
	const char *next = s + 1;

	if (s >= stop || *s < 'a' || *s > 'z' ||
			!strchr(c->letters, *s - 32) ||
			strchr(c->letters, *s) ||
			(s > c->text && is_word_before(c->text, s)))
		return 0;
	while (next < stop && *next == '*')
		next++;
	if (next == stop || strchr(")]}:\n", *next) ||
		(*next == '.' && (next + 1 >= stop || ascii_space(next[1]))))
		return (char)(*s - 32);
	return 0;
}

/* Whether the letter at s is denied: "not A", "A is wrong". */
static bool denied(const struct choice *c, const char *s)
{
	size_t n;
	const char *word = previous(c, s, &n);

	if (word_in(word, n, "not cannot neither nor eliminate exclude reject "
			"discard") ||
		(n == 1 && *word == 't' && word > c->text && word[-1] == '\''))
		return true;
	for (s++; s < c->end && strchr(")]*", *s); s++)
		;
	return word_at(s, c->end, " is wrong") ||
		word_at(s, c->end, " is not") ||
		word_at(s, c->end, " isn't") ||
		word_at(s, c->end, " is incorrect") ||
		word_at(s, c->end, " is false") || word_at(s, c->end, ": no");
}

/* Whether the letter at s labels an option: "B)", "B:", "**B**.". */
static bool is_marker(const struct choice *c, const char *s)
{
	for (s++; s < c->end && *s == '*'; s++)
		;
	return s < c->end && (*s == ')' || *s == ']' || *s == ':' ||
		(*s == '.' && s + 1 < c->end && ascii_space(s[1])));
}

/* ---- naming ---- */

/* Whether the writer takes back, in s..end, what was said before. */
static bool goes_back(const char *s, const char *end)
{
	bool back = false;

	while (s < end) {
		size_t n = word_after(s, end);

		if (word_in(s, n, "could might maybe possibly perhaps or does"))
			return false;
		back |= word_in(s, n, "wait no actually correction oops "
			"mistake sorry wrong recheck incorrect but nope");
		s += n ? n : 1;
	}
	return back;
}

/* The letter, or SEVERAL, named at s. */
static void name(struct choice *c, char letter, const char *s)
{
	if (!letter)
		return;
	if (c->found && letter != c->found && c->found != SEVERAL &&
			!goes_back(c->after, s))
		letter = SEVERAL;
	if (c->found != SEVERAL)
		c->found = letter;
	c->after = s;
}

/* The only letter in s..stop, or the last one if those before are taken back. */
static char only_letter(const struct choice *c, const char *s, const char *stop)
{
	struct choice part = *c;
	char letter;

	part.found = 0;
	for (; s < stop; s++) {
		letter = lone_letter(c, s);
		if (letter && !denied(c, s))
			name(&part, letter, s);
	}
	return part.found;
}

/* Skips what may come between "answer" and the letter. */
static const char *skip_words(const char *s, const char *stop)
{
	while (s < stop) {
		size_t n = word_after(s, stop);

		if (!is_word(s, stop)) {
			s++;
			continue;
		}
		if (!word_in(s, n, "is was option choice should be would it s"))
			break;
		s += n;
	}
	return s;
}

/* "B) Vitamin C" names B: the label at the start of s..stop, if no other option
 * is labelled there; else the result of only_letter. */
static char named_letter(const struct choice *c, const char *s,
	const char *stop)
{
	const char *p = skip_words(s, stop);
	char first = p < stop ? lone_letter(c, p) : 0, other;

	if (!first && (first = small_letter(c, p, stop)))
		return first;
	if (!first || !is_marker(c, p) || denied(c, p))
		return only_letter(c, s, stop);
	for (p++; p < stop; p++) {
		other = lone_letter(c, p);
		if (other && other != first && is_marker(c, p))
			return SEVERAL;
	}
	return first;
}

/* ---- where answers are named ---- */

/* The length of a cue at s, 0 when there is none. */
static size_t cue_at(const struct choice *c, const char *s)
{
	static const char *const words = "answer ans option choice choose pick "
		"with";
	static const char *const others[] = { "答案", "答え", "正解", "选",
		"정답", "####" };
	size_t i, n;

	if (ascii_letter(*s)) {
		if ((s > c->text && word_byte(s[-1])) ||
				!strchr("aAcCoOpPwW", *s))
			return 0;
		n = word_after(s, c->end);
		if (!word_in(s, n, words))
			return 0;
		if (n == 4 && word_at(s, c->end, "with"))
			return s - c->text > 3 && word_at(s - 3, c->end, "go ")
				? n : 0;
		return n;
	}
	if (*s != '#' && !(*s & 0x80))
		return 0;
	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (word_at(s, c->end, others[i]))
			return strlen(others[i]);
	return 0;
}

/* The end of what a cue says, at s: the clause or statement, or the next cue. */
static const char *statement_end(const struct choice *c, const char *s)
{
	static const char *const stops[] = { ", not ", " rather than ",
		" instead of ", ", because ", " because ", ", since ",
		" since ", ", as ", " over ", NULL };
	int i;

	for (; s < c->end && *s != '\n'; s++) {
		if (*s == '.' && (s + 1 == c->end || ascii_space(s[1])))
			break;
		for (i = 0; (*s == ',' || *s == ' ') && stops[i]; i++)
			if (word_at(s, c->end, stops[i]))
				return s;
		if (cue_at(c, s) && !ascii_letter(*s))
			break;
		if ((*s | 32) == 'a' && word_at(s, c->end, "answer"))
			break;
	}
	return s;
}

/* The end of a statement with nothing before its newline: after the next line
 * that is not blank, if that is a letter alone; else s. A '#' starts another
 * statement. */
static const char *letter_line(const struct choice *c, const char *s)
{
	const char *p = s, *letter;

	while (p < c->end && !is_word(p, c->end) && *p != '#')
		p++;
	letter = p;
	if (p == c->end || *p == '#' || !memchr(s, '\n', (size_t)(p - s)) ||
		!strchr(c->letters, *p))
		return s;
	for (p++; p < c->end && *p != '\n'; p++)
		if (is_word(p, c->end))
			return s;
	return letter + 1;
}

/* "B is correct", "B is the best answer". */
static bool said_right(const struct choice *c, const char *s)
{
	for (s++; s < c->end && strchr(")]*\"", *s); s++)
		;
	if (!word_at(s, c->end, " is "))
		return false;
	s += 4;
	while (s < c->end) {
		size_t n = word_after(s, c->end);

		if (word_in(s, n, "correct right best answer"))
			return true;
		if (!word_in(s, n, "the my our clearly only"))
			return false;
		s += n;
		s += s < c->end && *s == ' ';
	}
	return false;
}

/* Whether the cue at s belongs to "B is the correct answer". */
static bool ends_praise(const struct choice *c, const char *s)
{
	size_t n, i;

	for (i = 0; i < 3; i++) {
		s = previous(c, s, &n);
		if (!word_in(s, n, "the my our correct right best final"))
			break;
	}
	return i && word_in(s, n, "is");
}

/* Names what is said at s; returns where to go on. */
static const char *look(struct choice *c, const char *s)
{
	const char *content, *stop, *line;
	size_t at = (size_t)(s - c->text), len;
	char letter;

	if (*s == '\\' && !c->no_box && word_at(s, c->end, "\\boxed")) {
		c->no_box = !grade_next_boxed(c->text, (size_t)(c->end -
			c->text), &at, &content, &len);
		if (c->no_box)
			return s + 1;
		letter = only_letter(c, content, content + len);
		name(c, letter ? letter : small_letter(c, content, content +
			len), content);
		return content + len;
	}
	if (lone_letter(c, s) && said_right(c, s) && !denied(c, s)) {
		name(c, *s, s);
		return s + 1;
	}
	len = cue_at(c, s);
	if (!len)
		return s + 1;
	if (ends_praise(c, s))
		return s + len;
	s += len;
	stop = statement_end(c, s);
	line = letter_line(c, s);
	if (line > stop)
		stop = line;
	name(c, named_letter(c, s, stop), s);
	return stop > s ? stop : s;
}

/* ---- without any ---- */

/* A label at the beginning: "B. Paris", "B" on a line of its own. */
static char leading_letter(const struct choice *c)
{
	const char *s = c->text, *p, *stop;
	char letter, other;

	while (s < c->end && (ascii_space(*s) || strchr("*([\"", *s)))
		s++;
	if (s == c->end)
		return 0;
	letter = lone_letter(c, s);
	if (!letter)
		return small_letter(c, s, c->end);
	for (p = s + 1; p < c->end && strchr(")]*\".", *p); p++)
		;
	if (!is_marker(c, s) && !(p < c->end && *p == '\n'))
		return 0;
	for (stop = c->end; p < stop; p++) {
		other = lone_letter(c, p);
		if (other && other != letter && !denied(c, p) &&
			(is_marker(c, p) || p[-1] == '\n'))
			return only_letter(c, s, stop);
	}
	return letter;
}

/* What follows the last "so", "therefore", "hence" of the text. */
static char concluded(const struct choice *c)
{
	const char *s = c->text, *after = NULL;

	while (s < c->end) {
		size_t n = word_after(s, c->end);

		if ((word_in(s, n, "so therefore thus hence leaves") &&
				!word_at(s, c->end, "so do") &&
				!word_at(s, c->end, "so is")) ||
			(word_in(s, n, "it") && (word_at(s, c->end, "it's ") ||
				word_at(s, c->end, "it is "))))
			after = s + n;
		s += n ? n : 1;
	}
	return after ? only_letter(c, after, c->end) : 0;
}

/* The only letter of all statements, without the reasons in them. */
static char stated(const struct choice *c)
{
	struct choice all = *c;
	const char *s = c->text, *stop;
	char letter;

	for (; s < c->end; s = stop + (stop == s)) {
		stop = statement_end(c, s);
		letter = only_letter(c, s, stop);
		name(&all, letter, stop);
		if (letter && stop < c->end && *stop != '\n' && *stop != '.')
			stop = sentence_end(stop, c->end);
	}
	return all.found;
}

char grade_choice(const char *letters, const char *text, size_t n)
{
	struct choice c = { .letters = letters };
	const char *s;

	grade_trim(&text, &n);
	c.text = c.after = text;
	c.end = text + n;
	for (s = text; s < c.end && c.found != SEVERAL; )
		s = look(&c, s);
	if (!c.found)
		c.found = leading_letter(&c);
	if (!c.found)
		c.found = concluded(&c);
	if (!c.found)
		c.found = stated(&c);
	return c.found == SEVERAL ? 0 : c.found;
}
