/* template.c - chat templates: see template.h */
#include "common/token/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/config.h"
#include "common/format/jsonwrite.h"

/* A message is open, ROLE, role_end, between, CONTENT, close, after: the
 * special tokens by name (NULL: none), the rest as text. */
struct template_form {
	const char *name;
	const char *begin;	/* before the first message */
	const char *open, *role_end, *close;
	const char *between, *after;
	bool trim;		/* white space around content is dropped */
};

static const struct template_form forms[] = {
	{ "chatml", NULL, "<|im_start|>", NULL, "<|im_end|>", "\n", "\n",
	  false },
	{ "llama3", "<|begin_of_text|>", "<|start_header_id|>",
	  "<|end_header_id|>", "<|eot_id|>", "\n\n", "", true },
};
#define NFORM (sizeof forms / sizeof *forms)

/* ---- ids and mask ---- */

void rendered_reset(struct rendered *r)
{
	r->ids.n = 0;
}

void rendered_free(struct rendered *r)
{
	ids_free(&r->ids);
	free(r->mask);
	*r = (struct rendered){ 0 };
}

/* Gives the ids from number `from` on the mask. */
static void set_mask(struct rendered *r, size_t from, bool learn)
{
	if (r->mask_cap < r->ids.n) {
		r->mask_cap = r->ids.cap;
		r->mask = xrealloc(r->mask, r->mask_cap, 1);
	}
	memset(r->mask + from, learn, r->ids.n - from);
}

static void add_special(struct rendered *r, int64_t id, bool learn)
{
	if (id < 0)
		return;
	ids_add(&r->ids, (uint32_t)id);
	set_mask(r, r->ids.n - 1, learn);
}

static void add_text(struct rendered *r, struct encoder *e, const char *s,
	size_t n, bool learn)
{
	size_t from = r->ids.n;

	if (!n)
		return;
	tok_encode(e, s, n, &r->ids);
	set_mask(r, from, learn);
}

/* ---- finding ---- */

static bool set_form(struct template *t, const struct template_form *form,
	const struct vocab *v)
{
	*t = (struct template){ .form = form, .vocab = v };
	t->begin = form->begin ? vocab_special(v, form->begin) : -1;
	t->open = vocab_special(v, form->open);
	t->role_end = form->role_end ? vocab_special(v, form->role_end) : -1;
	t->close = vocab_special(v, form->close);
	return t->open >= 0 && t->close >= 0 &&
		(!form->begin || t->begin >= 0) &&
		(!form->role_end || t->role_end >= 0);
}

/* The system message that a ChatML template puts where there is none: a
 * literal between its tokens; NULL when it holds anything but plain text. */
static char *own_system(const char *jinja)
{
	static const char *const starts[] = { "<|im_start|>system\n",
		"<|im_start|>system\\n" };
	size_t i;

	for (i = 0; i < 2; i++) {
		const char *s = strstr(jinja, starts[i]);
		const char *end = s ? strstr(s, "<|im_end|>") : NULL;

		if (!end)
			continue;
		s += strlen(starts[i]);
		if (s < end && s + strcspn(s, "'\"{}\\") >= end)
			return xstrndup(s, (size_t)(end - s));
	}
	return NULL;
}

/* The chat template of tokenizer_config.json: a string, or the one named
 * "default" of a list. NULL when there is none. */
static const char *find_jinja(const struct config *c)
{
	const struct config_value *v = config_get(config_root(c),
		"chat_template");
	size_t i;

	if (!v)
		return NULL;
	for (i = 0; config_type(v) == CONFIG_ARRAY && i < config_size(v); i++) {
		const struct config_value *e = config_at(v, i);
		const char *name = config_string(c, e, "name", "");

		if (!strcmp(name, "default"))
			return config_string(c, e, "template", NULL);
	}
	return config_text(v, NULL);
}

/* jinja NULL: not known. */
static bool find_form(struct template *t, const struct vocab *v,
	const char *jinja)
{
	size_t i;

	for (i = 0; i < NFORM; i++)
		if ((!jinja || strstr(jinja, forms[i].open)) &&
			set_form(t, &forms[i], v))
			return true;
	return false;
}

/* The template of a directory, to be freed, or NULL. transformers reads a
 * file of its own first, and writes one since 4.52. */
static char *read_jinja(const char *dir)
{
	char *own = path_join(dir, "chat_template.jinja");
	char *file = path_join(dir, "tokenizer_config.json"), *text = NULL;
	const char *jinja;
	struct config *c;
	size_t n;

	if (file_exists(own)) {
		text = file_read(own, &n);
	} else if (file_exists(file)) {
		c = config_open(file);
		jinja = find_jinja(c);
		text = jinja ? xstrdup(jinja) : NULL;
		config_close(c);
	}
	free(own);
	free(file);
	return text;
}

bool template_find(struct template *t, const struct vocab *v, const char *dir)
{
	char *jinja = dir ? read_jinja(dir) : NULL;
	bool found = find_form(t, v, jinja);

	if (found && jinja && t->form == &forms[0])
		t->system = own_system(jinja);
	free(jinja);
	return found;
}

void template_add(struct template *t, struct vocab *v)
{
	vocab_add_special(v, forms[0].open);
	vocab_add_special(v, forms[0].close);
	set_form(t, &forms[0], v);
}

void template_free(struct template *t)
{
	free(t->system);
	*t = (struct template){ 0 };
}

/* ---- rendering ---- */

void template_begin(const struct template *t, struct encoder *e,
	const char *role, struct rendered *out)
{
	add_special(out, t->begin, false);
	if (t->system && (!role || strcmp(role, "system")))
		template_message(t, e, "system", t->system, strlen(t->system),
			false, out);
}

static void open_message(const struct template *t, struct encoder *e,
	const char *role, struct rendered *out)
{
	const char *between = t->form->between;
	struct buf b = { 0 };

	add_special(out, t->open, false);
	buf_str(&b, role);
	if (t->role_end >= 0) {
		add_text(out, e, b.p, b.n, false);
		add_special(out, t->role_end, false);
		buf_reset(&b);
	}
	buf_str(&b, between);
	add_text(out, e, b.p, b.n, false);
	buf_free(&b);
}

void template_message(const struct template *t, struct encoder *e,
	const char *role, const char *content, size_t len, bool learn,
	struct rendered *out)
{
	open_message(t, e, role, out);
	while (t->form->trim && len && ascii_space(content[len - 1]))
		len--;
	while (t->form->trim && len && ascii_space(*content)) {
		content++;
		len--;
	}
	add_text(out, e, content, len, learn);
	add_special(out, t->close, learn);
	add_text(out, e, t->form->after, strlen(t->form->after), false);
}

void template_prompt(const struct template *t, struct encoder *e,
	struct rendered *out)
{
	open_message(t, e, "assistant", out);
}

uint32_t template_stop(const struct template *t)
{
	return (uint32_t)t->close;
}

/* ---- writing ---- */

/* s as a string of Jinja. */
static void add_literal(struct buf *b, const char *s)
{
	buf_putc(b, '\'');
	for (; *s; s++) {
		if (*s == '\n') {
			buf_str(b, "\\n");
			continue;
		}
		if (*s == '\'' || *s == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
	buf_putc(b, '\'');
}

/* open ROLE role_end between, with the role as Jinja sees it. */
static void add_opening(struct buf *b, const struct template_form *f,
	const char *role)
{
	struct buf text = { 0 };

	buf_str(b, "{{ ");
	add_literal(b, f->open);
	buf_printf(b, " + %s + ", role);
	if (f->role_end)
		buf_str(&text, f->role_end);
	buf_str(&text, f->between);
	add_literal(b, text.p);
	buf_str(b, " }}");
	buf_free(&text);
}

static void add_closing(struct buf *b, const struct template_form *f)
{
	struct buf text = { 0 };

	buf_str(&text, f->close);
	buf_str(&text, f->after);
	buf_str(b, "{{ ");
	add_literal(b, text.p);
	buf_str(b, " }}");
	buf_free(&text);
}

static void add_jinja(const struct template *t, struct buf *b)
{
	const struct template_form *f = t->form;

	if (f->begin) {
		buf_str(b, "{{ ");
		add_literal(b, f->begin);
		buf_str(b, " }}");
	}
	if (t->system) {
		buf_str(b, "{% if messages[0]['role'] != 'system' %}");
		add_opening(b, f, "'system'");
		buf_str(b, "{{ ");
		add_literal(b, t->system);
		buf_str(b, " }}");
		add_closing(b, f);
		buf_str(b, "{% endif %}");
	}
	buf_str(b, "{% for message in messages %}");
	add_opening(b, f, "message['role']");
	buf_printf(b, "{{ message['content']%s }}", f->trim ? " | trim" : "");
	add_closing(b, f);
	buf_str(b, "{% endfor %}{% if add_generation_prompt %}");
	add_opening(b, f, "'assistant'");
	buf_str(b, "{% endif %}");
}

static void add_name(struct buf *b, const char *key, const struct vocab *v,
	int64_t id)
{
	size_t n = 0;
	const char *name = id < 0 ? NULL : vocab_bytes(v, (uint32_t)id, &n);

	json_add_key(b, key);
	if (name)
		json_add_string(b, name, n);
	else
		buf_str(b, "null");
}

static void add_decoder(struct buf *b, const struct vocab *v)
{
	const char *sep = "";
	uint32_t id;
	size_t n;

	json_add_key(b, "added_tokens_decoder");
	buf_putc(b, '{');
	for (id = 0; id < vocab_size(v); id++) {
		const char *name;

		if (!vocab_is_special(v, id))
			continue;
		name = vocab_bytes(v, id, &n);
		buf_printf(b, "%s\"%" PRIu32 "\":{\"content\":", sep, id);
		json_add_string(b, name, n);
		buf_str(b, ",\"lstrip\":false,\"normalized\":false,"
			"\"rstrip\":false,\"single_word\":false,"
			"\"special\":true}");
		sep = ",";
	}
	buf_putc(b, '}');
}

void template_write_tokenizer(const struct template *t, const struct vocab *v,
	const char *dir, int context)
{
	struct buf b = { 0 }, jinja = { 0 };
	char *vocab_path = path_join(dir, "tokenizer.json");
	char *path = path_join(dir, "tokenizer_config.json");
	char *jinja_path = path_join(dir, "chat_template.jinja");

	buf_str(&b, "{\"tokenizer_class\":\"PreTrainedTokenizerFast\"");
	add_decoder(&b, v);
	add_name(&b, "bos_token", v, t && t->begin >= 0 ? t->begin : -1);
	add_name(&b, "eos_token", v, t ? t->close : vocab_eot(v));
	add_name(&b, "pad_token", v, vocab_eot(v));
	json_add_key(&b, "clean_up_tokenization_spaces");
	buf_str(&b, "false");
	json_add_key(&b, "model_max_length");
	json_add_int(&b, context);
	if (t) {
		add_jinja(t, &jinja);
		json_add_key(&b, "chat_template");
		json_add_string(&b, jinja.p, jinja.n);
	}
	buf_str(&b, "}\n");
	vocab_write_json(v, vocab_path);
	file_write(path, b.p, b.n);
	unlink(jinja_path);	/* of a model that was here; it would win */
	buf_free(&b);
	buf_free(&jinja);
	free(vocab_path);
	free(path);
	free(jinja_path);
}
