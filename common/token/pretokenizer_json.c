/* pretokenizer_json.c - parses the steps listed in a tokenizer.json: see
 * pretokenizer.h
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/token/pretokenizer_parts.h"

#define DEPTH 8		/* nested sequences */

/* The characters of the step Punctuation: those of Unicode 8, whose tables
 * Hugging Face's library uses here, and all ASCII symbols. The excluded
 * characters became punctuation later. */
#define PUNCTUATION "(?![\\x{61d}\\x{9fd}\\x{a76}\\x{c77}\\x{c84}" \
	"\\x{1b4e}\\x{1b4f}\\x{1b7d}-\\x{1b7f}\\x{2e43}-\\x{2e4f}" \
	"\\x{2e52}-\\x{2e5d}\\x{10d6e}\\x{10ead}\\x{10f55}-\\x{10f59}" \
	"\\x{10f86}-\\x{10f89}\\x{113d4}\\x{113d5}\\x{113d7}\\x{113d8}" \
	"\\x{1144b}-\\x{1144f}\\x{1145a}\\x{1145b}\\x{1145d}" \
	"\\x{11660}-\\x{1166c}\\x{116b9}\\x{1183b}\\x{11944}-\\x{11946}" \
	"\\x{119e2}\\x{11a3f}-\\x{11a46}\\x{11a9a}-\\x{11a9c}" \
	"\\x{11a9e}-\\x{11aa2}\\x{11b00}-\\x{11b09}\\x{11be1}" \
	"\\x{11c41}-\\x{11c45}\\x{11c70}\\x{11c71}\\x{11ef7}\\x{11ef8}" \
	"\\x{11f43}-\\x{11f4f}\\x{11fff}\\x{12ff1}\\x{12ff2}" \
	"\\x{16d6d}-\\x{16d6f}\\x{16e97}-\\x{16e9a}\\x{16fe2}\\x{1e5ff}" \
	"\\x{1e95e}\\x{1e95f}])[\\p{P}$+<=>\\^`|~\\x{166d}\\x{111c9}]"

struct reading {
	struct pretokenizer *p;
	const char *file;
	int depth;
	struct buf text;
};

static const char *const behaviors[] = { "Isolated", "Removed",
	"MergedWithPrevious", "MergedWithNext", "Contiguous" };

static _Noreturn void refuse(const struct reading *r, const char *what,
	const char *name, size_t n)
{
	die("%s: pre_tokenizer: %s '%.*s' is not supported", r->file, what,
		n > 80 ? 80 : (int)n, name);
}

/* Quotes are removed from a string. */
static _Noreturn void refuse_value(const struct reading *r, const char *what,
	const struct json *v)
{
	if (v->type == JSON_NONE)
		die("%s: pre_tokenizer: %s is missing", r->file, what);
	if (v->type == JSON_STRING)
		refuse(r, what, v->p + 1, v->n - 2);
	refuse(r, what, v->p, v->n);
}

static struct step *add_step(struct reading *r, const char *what)
{
	struct pretokenizer *p = r->p;

	buf_printf(&p->name, "%s%s", p->n ? "\n" : "", what);
	p->v = grow(p->v, p->n, &p->cap, sizeof *p->v);
	p->v[p->n] = (struct step){ .mapped = p->mapped };
	return &p->v[p->n++];
}

static void add_split(struct reading *r, struct splitter *s,
	enum split_behavior behavior, bool invert)
{
	struct step *step;

	buf_reset(&r->text);
	buf_printf(&r->text, "split %s%s%s %s", behaviors[behavior],
		invert ? " inverted" : "", r->p->mapped ? " mapped" : "",
		splitter_name(s));
	step = add_step(r, r->text.p);
	step->splitter = s;
	step->behavior = behavior;
	step->invert = invert;
}

static enum split_behavior find_behavior(struct reading *r,
	const struct json *v, const char *otherwise)
{
	struct json b;
	size_t i;

	json_get(v, "behavior", &b);
	for (i = 0; i < sizeof behaviors / sizeof *behaviors; i++)
		if (b.type == JSON_NONE ? !strcmp(behaviors[i], otherwise) :
			json_is_cstring(&b, behaviors[i]))
			return (enum split_behavior)i;
	refuse_value(r, "the behavior", &b);
}

/* Characters with a meaning in patterns get a backslash. */
static void escape(struct buf *out, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] > ' ' && !ascii_alnum(s[i]))
			buf_putc(out, '\\');
		buf_putc(out, s[i]);
	}
}

static void read_split(struct reading *r, const struct json *v)
{
	enum split_behavior behavior = find_behavior(r, v, "");
	struct json regex, string;
	struct buf pattern = { 0 };
	const char *s;
	size_t n;

	json_path(v, "pattern.Regex", &regex);
	json_path(v, "pattern.String", &string);
	if (!json_view(regex.type ? &regex : &string, &r->text, &s, &n))
		die("%s: pre_tokenizer: a Split has no pattern", r->file);
	if (memchr(s, '\0', n))
		die("%s: pre_tokenizer: the pattern of a Split contains NUL",
			r->file);
	if (regex.type)
		buf_add(&pattern, s, n);
	else
		escape(&pattern, s, n);
	add_split(r, splitter_of_file(buf_end(&pattern), r->file), behavior,
		json_flag(v, "invert", false));
	buf_free(&pattern);
}

static void read_byte_level(struct reading *r, const struct json *v)
{
	if (r->p->mapped)
		refuse(r, "a second", "ByteLevel", 9);
	if (json_flag(v, "add_prefix_space", true))
		add_step(r, "space");
	if (json_flag(v, "use_regex", true))
		add_split(r, splitter_new("gpt2", ""), SPLIT_ISOLATED, false);
	r->p->mapped = true;
}

static void read_any(struct reading *r, const struct json *v);

static void read_sequence(struct reading *r, const struct json *v)
{
	struct json_iter it;
	struct json list, e;

	if (++r->depth > DEPTH)
		refuse(r, "this nesting of a", "Sequence", 8);
	if (!json_get(v, "pretokenizers", &list) || list.type != JSON_ARRAY)
		die("%s: pre_tokenizer: a Sequence has no array "
			"'pretokenizers'", r->file);
	json_begin(&it, &list);
	while (json_next(&it, NULL, &e))
		read_any(r, &e);
	r->depth--;
}

/* Unicode punctuation and the other ASCII symbols. */
static void read_any(struct reading *r, const struct json *v)
{
	struct json type;

	json_get(v, "type", &type);
	if (json_is_cstring(&type, "Sequence"))
		read_sequence(r, v);
	else if (json_is_cstring(&type, "ByteLevel"))
		read_byte_level(r, v);
	else if (json_is_cstring(&type, "Split"))
		read_split(r, v);
	else if (json_is_cstring(&type, "Digits"))
		add_split(r, splitter_of_file("\\p{N}", r->file),
			json_flag(v, "individual_digits", false) ?
			SPLIT_ISOLATED : SPLIT_CONTIGUOUS, false);
	else if (json_is_cstring(&type, "Punctuation"))
		add_split(r, splitter_of_file(PUNCTUATION, r->file),
			find_behavior(r, v, "Isolated"), false);
	else
		refuse_value(r, "the type", &type);
}

struct pretokenizer *pretokenizer_parse(const struct json *v,
	const char *file)
{
	struct reading r = { xcalloc(1, sizeof *r.p), file, 0, { 0 } };

	if (v->type == JSON_NONE || v->type == JSON_NULL)
		die("%s: no pre_tokenizer: one with a ByteLevel was "
			"expected", file);
	buf_str(&r.p->name, "");
	read_any(&r, v);
	if (!r.p->mapped)
		die("%s: its pre_tokenizer has no ByteLevel: only byte-level "
			"BPE is supported", file);
	buf_free(&r.text);
	return r.p;
}
