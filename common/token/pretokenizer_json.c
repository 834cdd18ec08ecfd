/* pretokenizer_json.c - the steps that a tokenizer.json lists: see
 * pretokenizer.h
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/token/pretokenizer_parts.h"

#define DEPTH 8		/* sequences inside one another */

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

static bool flag(const struct json *object, const char *key, bool otherwise)
{
	struct json v;
	bool value = otherwise;

	if (json_get(object, key, &v))
		json_bool(&v, &value);
	return value;
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
	refuse(r, "the behavior", b.p, b.n);
}

/* Characters that mean something in a pattern get a backslash. */
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
		die("%s: pre_tokenizer: a Split without a pattern", r->file);
	if (memchr(s, '\0', n))
		die("%s: pre_tokenizer: a Split with a NUL in its pattern",
			r->file);
	if (regex.type)
		buf_add(&pattern, s, n);
	else
		escape(&pattern, s, n);
	add_split(r, splitter_of_file(buf_end(&pattern), r->file), behavior,
		flag(v, "invert", false));
	buf_free(&pattern);
}

static void read_byte_level(struct reading *r, const struct json *v)
{
	if (r->p->mapped)
		refuse(r, "a second", "ByteLevel", 9);
	if (flag(v, "add_prefix_space", true))
		add_step(r, "space");
	if (flag(v, "use_regex", true))
		add_split(r, splitter_new("gpt2", ""), SPLIT_ISOLATED, false);
	r->p->mapped = true;
}

static void read_any(struct reading *r, const struct json *v);

static void read_sequence(struct reading *r, const struct json *v)
{
	struct json_iter it;
	struct json list, e;

	if (++r->depth > DEPTH)
		refuse(r, "this depth of a", "Sequence", 8);
	if (!json_get(v, "pretokenizers", &list) || list.type != JSON_ARRAY)
		die("%s: pre_tokenizer: a Sequence without an array "
			"'pretokenizers'", r->file);
	json_begin(&it, &list);
	while (json_next(&it, NULL, &e))
		read_any(r, &e);
	r->depth--;
}

/* Punctuation is of Unicode or one of the other signs of ASCII. */
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
			flag(v, "individual_digits", false) ?
			SPLIT_ISOLATED : SPLIT_CONTIGUOUS, false);
	else if (json_is_cstring(&type, "Punctuation"))
		add_split(r, splitter_of_file("[[:punct:]]", r->file),
			find_behavior(r, v, "Isolated"), false);
	else if (type.type == JSON_NONE)
		die("%s: pre_tokenizer: a part without a type", r->file);
	else
		refuse(r, "the type", type.p, type.n);
}

struct pretokenizer *pretokenizer_parse(const struct json *v,
	const char *file)
{
	struct reading r = { xcalloc(1, sizeof *r.p), file, 0, { 0 } };

	if (v->type == JSON_NONE || v->type == JSON_NULL)
		die("%s: it has no pre_tokenizer: one with a ByteLevel was "
			"expected", file);
	buf_str(&r.p->name, "");
	read_any(&r, v);
	if (!r.p->mapped)
		die("%s: its pre_tokenizer has no ByteLevel: only byte-level "
			"BPE is supported", file);
	buf_free(&r.text);
	return r.p;
}
