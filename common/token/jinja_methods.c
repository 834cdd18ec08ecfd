/* jinja_methods.c - methods of strings, lists and dicts, and the global
 * functions of templates: see jinja_eval.h
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/token/jinja_eval.h"

/* The date that strftime_now returns: with the current date, a template would
 * give a different text every day. */
#define DATE 1721952000		/* 2024-07-26 */

#define NONE (struct jv){ .type = JV_NONE }

/* ---- methods of strings ---- */

static struct jv str_strip(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jv_of(jinja_strip(&r->heap, self.s, args->v[0], true, true));
}

static struct jv str_lstrip(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jv_of(jinja_strip(&r->heap, self.s, args->v[0], true, false));
}

static struct jv str_rstrip(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jv_of(jinja_strip(&r->heap, self.s, args->v[0], false, true));
}

static struct jv str_upper(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, self.s, JINJA_UPPER));
}

static struct jv str_lower(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, self.s, JINJA_LOWER));
}

static struct jv str_title(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, self.s, JINJA_TITLE));
}

static struct jv str_capitalize(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jv_of(jinja_change_case(&r->heap, self.s, JINJA_CAPITALIZE));
}

static struct jv str_replace(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	int64_t most = args->v[2].type == JV_UNDEFINED ? -1 :
		jinja_want_int(r, args->v[2], "replace");

	return jv_of(jinja_replace(&r->heap, self.s,
		jinja_want_string(r, args->v[0], "replace"),
		jinja_want_string(r, args->v[1], "replace"), most));
}

static bool begins(struct jv_string s, struct jv_string with)
{
	return with.n <= s.n && (!with.n || !memcmp(s.p, with.p, with.n));
}

static bool ends(struct jv_string s, struct jv_string with)
{
	return with.n <= s.n && (!with.n ||
		!memcmp(s.p + s.n - with.n, with.p, with.n));
}

/* Whether the string has the affix, or any of a tuple of them. */
static struct jv is_at_side(struct jinja_run *r, struct jv_string s,
	struct jv x, bool (*fits)(struct jv_string, struct jv_string),
	const char *what)
{
	size_t i;

	if (x.type != JV_TUPLE)
		return jv_bool(fits(s, jinja_want_string(r, x, what)));
	for (i = 0; i < x.list->n; i++)
		if (fits(s, jinja_want_string(r, x.list->v[i], what)))
			return jv_bool(true);
	return jv_bool(false);
}

static struct jv str_startswith(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return is_at_side(r, self.s, args->v[0], begins, "startswith");
}

static struct jv str_endswith(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return is_at_side(r, self.s, args->v[0], ends, "endswith");
}

static struct jv str_removeprefix(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv_string x = jinja_want_string(r, args->v[0], "removeprefix");

	return begins(self.s, x) ? jv_of(jv_part(self.s, x.n, self.s.n)) :
		self;
}

static struct jv str_removesuffix(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv_string x = jinja_want_string(r, args->v[0], "removesuffix");

	return ends(self.s, x) ? jv_of(jv_part(self.s, 0, self.s.n - x.n)) :
		self;
}

static struct jv str_splitlines(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return jinja_lines(&r->heap, self.s, jv_true(args->v[0]));
}

/* Splits at white space, at most `most` times; negative: without limit. */
static struct jv split_words(struct jinja_run *r, struct jv_string s,
	int64_t most)
{
	struct jv list = jv_list(&r->heap), none = jv_none();
	size_t i, n;

	s = jinja_strip(&r->heap, s, none, true, most < 0);
	while (s.n) {
		for (i = 0; i < s.n && most; i += n) {
			uint32_t c;

			n = (size_t)utf8_decode(s.p + i, s.n - i, &c, NULL);
			if (unicode_class(c) & UNI_SPACE || (c >= 0x1c &&
					c <= 0x1f))
				break;
		}
		if (!most)
			i = s.n;
		jv_append(&r->heap, list.list, jv_of(jv_part(s, 0, i)));
		s = jinja_strip(&r->heap, jv_part(s, i, s.n), none, true,
			false);
		most--;
	}
	return list;
}

static struct jv_string separator(struct jinja_run *r, struct jv x,
	const char *what)
{
	struct jv_string s = jinja_want_string(r, x, what);

	if (!s.n)
		jinja_fail(&r->heap, "%s: empty separator", what);
	return s;
}

static struct jv str_split(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	int64_t most = args->v[1].type == JV_UNDEFINED ? -1 :
		jinja_want_int(r, args->v[1], "split");
	struct jv list = jv_list(&r->heap);
	struct jv_string by;
	size_t from = 0, at;

	if (args->v[0].type == JV_UNDEFINED || args->v[0].type == JV_NONE)
		return split_words(r, self.s, most);
	by = separator(r, args->v[0], "split");
	for (; most; most--, from = at + by.n) {
		at = jv_find(self.s, by, from);
		if (at == SIZE_MAX)
			break;
		jv_append(&r->heap, list.list, jv_of(jv_part(self.s, from,
			at)));
	}
	jv_append(&r->heap, list.list, jv_of(jv_part(self.s, from,
		self.s.n)));
	return list;
}

/* The last position of s in t that ends no later than `end`; SIZE_MAX: none. */
static size_t find_last(struct jv_string t, struct jv_string s, size_t end)
{
	size_t i;

	for (i = end >= s.n ? end - s.n + 1 : 0; i-- > 0;)
		if (!s.n || !memcmp(t.p + i, s.p, s.n))
			return i;
	return SIZE_MAX;
}

static struct jv str_rsplit(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	int64_t most = args->v[1].type == JV_UNDEFINED ? -1 :
		jinja_want_int(r, args->v[1], "rsplit");
	struct jv list = jv_list(&r->heap), x;
	struct jv_string by = separator(r, args->v[0], "rsplit");
	size_t end = self.s.n, at, i;

	for (; most; most--, end = at) {
		at = find_last(self.s, by, end);
		if (at == SIZE_MAX)
			break;
		jv_append(&r->heap, list.list, jv_of(jv_part(self.s, at + by.n,
			end)));
	}
	jv_append(&r->heap, list.list, jv_of(jv_part(self.s, 0, end)));
	for (i = 0; i < list.list->n / 2; i++) {
		x = list.list->v[i];
		list.list->v[i] = list.list->v[list.list->n - 1 - i];
		list.list->v[list.list->n - 1 - i] = x;
	}
	return list;
}

/* (before, sep, after), split at the first occurrence or the last. */
static struct jv cut_at(struct jinja_run *r, struct jv self, struct jv by,
	bool last)
{
	struct jv_string s = self.s, sep = separator(r, by, "partition");
	size_t at = last ? find_last(s, sep, s.n) : jv_find(s, sep, 0);
	struct jv list = jv_list(&r->heap), empty = jv_literal("");
	bool found = at != SIZE_MAX;

	list.type = JV_TUPLE;
	jv_append(&r->heap, list.list, found ? jv_of(jv_part(s, 0, at)) :
		last ? empty : self);
	jv_append(&r->heap, list.list, found ? by : empty);
	jv_append(&r->heap, list.list, found ? jv_of(jv_part(s, at + sep.n,
		s.n)) : last ? self : empty);
	return list;
}

static struct jv str_partition(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return cut_at(r, self, args->v[0], false);
}

static struct jv str_rpartition(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return cut_at(r, self, args->v[0], true);
}

/* The index of the character at byte `at`; -1 for SIZE_MAX. */
static struct jv place(struct jv_string s, size_t at)
{
	return jv_int(at == SIZE_MAX ? -1 : (int64_t)utf8_length(s.p, at));
}

static struct jv str_find(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return place(self.s, jv_find(self.s, jinja_want_string(r, args->v[0],
		"find"), 0));
}

static struct jv str_rfind(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return place(self.s, find_last(self.s, jinja_want_string(r,
		args->v[0], "rfind"), self.s.n));
}

static struct jv str_index(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv x = str_find(r, self, args);

	if (x.i < 0)
		jinja_fail(&r->heap, "index: substring not found");
	return x;
}

static struct jv str_count(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv_string x = separator(r, args->v[0], "count");
	size_t at = 0;
	int64_t n;

	for (n = 0; (at = jv_find(self.s, x, at)) != SIZE_MAX; n++)
		at += x.n;
	return jv_int(n);
}

static struct jv str_join(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	const struct jv_list *l = jv_items(&r->heap, args->v[0]);
	struct jv_buf b = { .heap = &r->heap };
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (i)
			jv_put_string(&b, self.s);
		jv_put_string(&b, jinja_want_string(r, l->v[i], "join"));
	}
	return jv_of(jv_taken(&b));
}

/* Whether s is not empty and all characters are in these classes. */
static struct jv all_of(struct jv_string s, unsigned classes)
{
	uint32_t c;
	size_t i;

	for (i = 0; i < s.n;) {
		i += (size_t)utf8_decode(s.p + i, s.n - i, &c, NULL);
		if (!(unicode_class(c) & classes))
			return jv_bool(false);
	}
	return jv_bool(s.n > 0);
}

static struct jv str_isdigit(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return all_of(self.s, UNI_DIGIT);
}

static struct jv str_isalpha(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return all_of(self.s, UNI_LETTER);
}

static struct jv str_isalnum(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return all_of(self.s, UNI_ALNUM);
}

static struct jv str_isspace(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return all_of(self.s, UNI_SPACE);
}

/* ---- methods of lists and dicts ---- */

static struct jv list_index(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	size_t i;

	for (i = 0; i < self.list->n; i++)
		if (jv_equal(&r->heap, self.list->v[i], args->v[0]))
			return jv_int((int64_t)i);
	jinja_fail(&r->heap, "index: the value is not in the list");
}

static struct jv list_count(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < self.list->n; i++)
		n += jv_equal(&r->heap, self.list->v[i], args->v[0]);
	return jv_int(n);
}

static struct jv no_change(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	jinja_fail(&r->heap, "lists and dicts cannot be changed in a template");
}

static struct jv dict_keys(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return (struct jv){ .type = JV_LIST, .list = jv_items(&r->heap,
		self) };
}

static struct jv dict_values(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv list = jv_list(&r->heap);
	size_t i;

	for (i = 0; i < self.dict->n; i++)
		jv_append(&r->heap, list.list, self.dict->v[i].value);
	return list;
}

static struct jv dict_items(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv list = jv_list(&r->heap), pair;
	size_t i;

	for (i = 0; i < self.dict->n; i++) {
		pair = jv_list(&r->heap);
		pair.type = JV_TUPLE;
		jv_append(&r->heap, pair.list, self.dict->v[i].key);
		jv_append(&r->heap, pair.list, self.dict->v[i].value);
		jv_append(&r->heap, list.list, pair);
	}
	return list;
}

static struct jv dict_get(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	const struct jv *x = jv_get(&r->heap, self.dict, args->v[0]);

	return x ? *x : args->v[1].type == JV_UNDEFINED ? NONE : args->v[1];
}

static struct jv dict_copy(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv copy = jv_dict(&r->heap);
	size_t i;

	copy.dict->mark = self.dict->mark;
	for (i = 0; i < self.dict->n; i++)
		jv_set(&r->heap, copy.dict, self.dict->v[i].key,
			self.dict->v[i].value);
	return copy;
}

/* ---- methods of loops ---- */

static struct jv loop_cycle(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	if (!args->n)
		jinja_fail(&r->heap, "cycle without values");
	return args->v[self.loop->i % args->n];
}

static struct jv loop_changed(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv now = jv_list(&r->heap);
	size_t i;

	for (i = 0; i < args->n; i++)
		jv_append(&r->heap, now.list, args->v[i]);
	if (self.loop->last.type == JV_LIST &&
		jv_equal(&r->heap, self.loop->last, now))
		return jv_bool(false);
	self.loop->last = now;
	return jv_bool(true);
}

/* ---- global functions ---- */

static struct jv make_dict(struct jinja_run *r, const struct jinja_args *args)
{
	struct jv dict = jv_dict(&r->heap);
	size_t i, k;

	for (i = 0; i < args->n; i++) {
		if (args->names[i]) {
			jv_set_name(&r->heap, dict.dict, args->names[i],
				args->v[i]);
			continue;
		}
		if (args->v[i].type != JV_DICT)
			jinja_fail(&r->heap, "dict() takes a dict and "
				"keyword arguments, not %s", jv_type_name(args->v[i]));
		for (k = 0; k < args->v[i].dict->n; k++)
			jv_set(&r->heap, dict.dict,
				args->v[i].dict->v[k].key,
				args->v[i].dict->v[k].value);
	}
	return dict;
}

static struct jv global_dict(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	return make_dict(r, args);
}

static struct jv global_namespace(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv x = make_dict(r, args);

	x.type = JV_NAMESPACE;
	return x;
}

/* At most 100,000 numbers, as in Jinja's sandbox. */
static struct jv global_range(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	bool one = args->v[1].type == JV_UNDEFINED;
	int64_t from = one ? 0 : jinja_want_int(r, args->v[0], "range");
	int64_t to = jinja_want_int(r, args->v[one ? 0 : 1], "range");
	int64_t by = args->v[2].type == JV_UNDEFINED ? 1 :
		jinja_want_int(r, args->v[2], "range");
	struct jv list = jv_list(&r->heap);

	if (!by)
		jinja_fail(&r->heap, "range: the step is 0");
	while (by > 0 ? from < to : from > to) {
		jv_append(&r->heap, list.list, jv_int(from));
		if (list.list->n > 100000)
			jinja_fail(&r->heap, "range: more than 100000 numbers");
		if (__builtin_add_overflow(from, by, &from))
			break;
	}
	return list;
}

static struct jv global_raise(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv_string s = jv_str(&r->heap, args->v[0]);

	r->heap.line = 0;	/* the message is for the conversation's author */
	jinja_fail(&r->heap, "%.*s", (int)(s.n < 500 ? s.n : 500), s.p);
}

static struct jv global_strftime(struct jinja_run *r, struct jv self,
	const struct jinja_args *args)
{
	struct jv_string f = jinja_want_string(r, args->v[0], "strftime_now");
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t t = epoch ? (time_t)strtoll(epoch, NULL, 10) : DATE;
	char format[128], text[512];
	struct tm date;

	if (f.n >= sizeof format)
		jinja_fail(&r->heap, "strftime_now: the format is longer than 127 bytes");
	if (f.n)
		memcpy(format, f.p, f.n);
	format[f.n] = 0;
	if (!gmtime_r(&t, &date))
		jinja_fail(&r->heap, "SOURCE_DATE_EPOCH is not a valid time");
	return jv_text(&r->heap, text, strftime(text, sizeof text, format,
		&date), 0);
}

/* ---- tables ---- */

static const struct jinja_function strings[] = {
	{ "capitalize", str_capitalize, "" },
	{ "count", str_count, "sub" },
	{ "endswith", str_endswith, "suffix" },
	{ "find", str_find, "sub" },
	{ "index", str_index, "sub" },
	{ "isalnum", str_isalnum, "" },
	{ "isalpha", str_isalpha, "" },
	{ "isdigit", str_isdigit, "" },
	{ "isspace", str_isspace, "" },
	{ "join", str_join, "iterable" },
	{ "lower", str_lower, "" },
	{ "lstrip", str_lstrip, "chars" },
	{ "partition", str_partition, "sep" },
	{ "removeprefix", str_removeprefix, "prefix" },
	{ "removesuffix", str_removesuffix, "suffix" },
	{ "replace", str_replace, "old new count" },
	{ "rfind", str_rfind, "sub" },
	{ "rpartition", str_rpartition, "sep" },
	{ "rsplit", str_rsplit, "sep maxsplit" },
	{ "rstrip", str_rstrip, "chars" },
	{ "split", str_split, "sep maxsplit" },
	{ "splitlines", str_splitlines, "keepends" },
	{ "startswith", str_startswith, "prefix" },
	{ "strip", str_strip, "chars" },
	{ "title", str_title, "" },
	{ "upper", str_upper, "" },
};

static const struct jinja_function lists[] = {
	{ "append", no_change, NULL },
	{ "clear", no_change, NULL },
	{ "count", list_count, "value" },
	{ "extend", no_change, NULL },
	{ "index", list_index, "value" },
	{ "insert", no_change, NULL },
	{ "pop", no_change, NULL },
	{ "remove", no_change, NULL },
	{ "reverse", no_change, NULL },
	{ "sort", no_change, NULL },
};

static const struct jinja_function dicts[] = {
	{ "clear", no_change, NULL },
	{ "copy", dict_copy, "" },
	{ "get", dict_get, "key default" },
	{ "items", dict_items, "" },
	{ "keys", dict_keys, "" },
	{ "pop", no_change, NULL },
	{ "popitem", no_change, NULL },
	{ "setdefault", no_change, NULL },
	{ "update", no_change, NULL },
	{ "values", dict_values, "" },
};

static const struct jinja_function loops[] = {
	{ "changed", loop_changed, NULL },
	{ "cycle", loop_cycle, NULL },
};

static const struct jinja_function globals[] = {
	{ "dict", global_dict, NULL },
	{ "namespace", global_namespace, NULL },
	{ "raise_exception", global_raise, "message" },
	{ "range", global_range, "start stop step" },
	{ "strftime_now", global_strftime, "format" },
};

#define FIND(table, name) \
	jinja_find(table, sizeof table / sizeof *table, name)

const struct jinja_function *jinja_method(enum jv_type type,
	const char *name)
{
	switch (type) {
	case JV_STRING:
		return FIND(strings, name);
	case JV_LIST:
	case JV_TUPLE:
		return FIND(lists, name);
	case JV_DICT:
		return FIND(dicts, name);
	case JV_LOOP:
		return FIND(loops, name);
	default:
		return NULL;
	}
}

const struct jinja_function *jinja_global(const char *name)
{
	return FIND(globals, name);
}

const struct jinja_function *jinja_find(const struct jinja_function *table,
	size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}
