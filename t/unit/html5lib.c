/* html5lib - runs the conformance tests of html5lib-tests on the HTML parser
 *
 *	html5lib tree FILE.dat ...		tree construction
 *	html5lib tokens FILE.test ...		tokenizer
 *	html5lib encoding FILE.dat ...		encoding sniffing
 *	html5lib dump [CONTEXT] <PAGE		the tree of a page or fragment
 *	html5lib count <PAGE			its number of nodes
 *	html5lib decode [CONTENT-TYPE] <PAGE	its encoding, newline, UTF-8
 *
 * Each failure is printed on standard error, `PASSED of CASES` on standard
 * output. The exit status is 1 if a case failed.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/html/charset.h"
#include "common/html/html.h"
#include "common/html/tokenizer.h"

static int passed, cases;

static void result(bool ok, const char *file, int number, const char *input,
	size_t n, const char *got, const char *want)
{
	cases++;
	passed += ok;
	if (!ok)
		fprintf(stderr, "%s: case %d: %.*s\ngot:\n%s\nwant:\n%s\n\n",
			file, number, n < 500 ? (int)n : 500, input, got, want);
}

/* ---- tree construction ---- */

struct tree_case {
	char *data, *context, *want;
	size_t ndata;
	bool off, on;		/* the scripting flag, if the case states it */
};

static void run_tree(const struct tree_case *c, bool scripting,
	const char *file, int number)
{
	struct html_parser *p = html_parser_new(scripting);
	struct buf got = { 0 };
	char *context = c->context;
	enum node_ns ns = NS_HTML;

	if (!context)
		dom_dump(html_parse(p, c->data, c->ndata)->document, &got);
	else {
		if (strncmp(context, "svg ", 4) == 0) {
			ns = NS_SVG;
			context += 4;
		} else if (strncmp(context, "math ", 5) == 0) {
			ns = NS_MATHML;
			context += 5;
		}
		dom_dump(html_parse_fragment(p, ns, context, c->data,
			c->ndata)->html, &got);
	}
	buf_end(&got);
	while (got.n && got.p[got.n - 1] == '\n')
		got.p[--got.n] = 0;
	result(strcmp(got.p, c->want) == 0, file, number, c->data, c->ndata,
		got.p, c->want);
	buf_free(&got);
	html_parser_free(p);
}

/* The line at *s, which is advanced past it; NUL replaces the newline. */
static char *take_line(char **s)
{
	char *line = *s, *end = strchr(line, '\n');

	if (!end)
		*s = line + strlen(line);
	else {
		*end = 0;
		*s = end + 1;
	}
	return line;
}

/* Reads the case whose "#data" line ends before s; end is its end. Input may
 * hold NUL bytes, the rest not. */
static void tree_case(char *s, char *end, const char *file, int number)
{
	struct tree_case c = { .data = s };
	char *errors = s - 1, *line;

	while (strncmp(errors, "\n#errors\n", 9) != 0)
		errors++;
	c.ndata = errors < s ? 0 : (size_t)(errors - s);
	*end = 0;
	s = errors + 1;
	while (*s && strcmp(line = take_line(&s), "#document") != 0) {
		if (strcmp(line, "#document-fragment") == 0)
			c.context = take_line(&s);
		c.off |= strcmp(line, "#script-off") == 0;
		c.on |= strcmp(line, "#script-on") == 0;
	}
	c.want = s;
	while (end > s && end[-1] == '\n')
		*--end = 0;
	if (!c.on)
		run_tree(&c, false, file, number);
	if (!c.off)
		run_tree(&c, true, file, number);
}

/* Like strstr, for text with NUL bytes. */
static char *find(char *s, const char *end, const char *what)
{
	size_t n = strlen(what);

	for (; (size_t)(end - s) >= n; s++)
		if (memcmp(s, what, n) == 0)
			return s;
	return NULL;
}

static void tree_file(const char *name)
{
	size_t len;
	char *text = file_read(name, &len), *s = text, *next;
	int number = 0;

	if (strncmp(s, "#data\n", 6) != 0)
		die("%s: not a file of tree tests", name);
	for (s += 6; s; s = next) {
		char *end = find(s, text + len, "\n\n#data\n");

		next = end ? end + 8 : NULL;
		tree_case(s, end ? end : text + len, name, ++number);
	}
	free(text);
}

/* ---- tokenizer ---- */

/* Decodes \uHHHH if the case is escaped twice. Lone surrogates become three bytes,
 * as if they were characters. */
static void add_string(struct buf *b, const char *s, size_t n, bool twice)
{
	size_t i = 0;

	while (i < n) {
		char hex[5] = "", out[4];

		if (!twice || s[i] != '\\' || i + 6 > n) {
			buf_putc(b, s[i++]);
			continue;
		}
		memcpy(hex, s + i + 2, 4);
		buf_add(b, out, (size_t)utf8_encode(out,
			(uint32_t)strtoul(hex, NULL, 16)));
		i += 6;
	}
}

static void add_json(struct buf *b, const json_t *value, bool twice)
{
	if (json_is_string(value))
		add_string(b, json_string_value(value),
			json_string_length(value), twice);
	else
		buf_str(b, json_is_true(value) ? "true" :
			json_is_null(value) ? "null" : "false");
	buf_putc(b, '|');
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Attributes sorted by their text, since a JSON object is unordered. */
static void add_sorted(struct buf *b, char **v, size_t n)
{
	size_t i;

	qsort(v, n, sizeof *v, by_text);
	for (i = 0; i < n; i++) {
		buf_str(b, v[i]);
		free(v[i]);
	}
	free(v);
}

static void add_json_attrs(struct buf *b, json_t *attrs, bool twice)
{
	char **v = xcalloc(json_object_size(attrs) + 1, sizeof *v);
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(attrs, name, value) {
		struct buf one = { 0 };

		add_string(&one, name, strlen(name), twice);
		buf_putc(&one, '=');
		add_json(&one, value, twice);
		v[n++] = buf_end(&one);
	}
	add_sorted(b, v, n);
}

/* The tokens that a case expects, one per line, adjacent text merged. */
static void wanted(struct buf *b, json_t *output, bool twice)
{
	bool text = false;
	json_t *token;
	size_t i, k;

	json_array_foreach(output, i, token) {
		const char *type = json_string_value(json_array_get(token, 0));

		if (strcmp(type, "Character") == 0) {
			if (text)
				b->n--;
			else
				buf_str(b, "\nCharacter|");
			text = true;
			add_json(b, json_array_get(token, 1), twice);
			continue;
		}
		text = false;
		buf_printf(b, "\n%s|", type);
		for (k = 1; k < json_array_size(token); k++) {
			json_t *v = json_array_get(token, k);

			if (json_is_object(v))
				add_json_attrs(b, v, twice);
			else
				add_json(b, v, twice);
		}
	}
}

static void add_attrs(struct buf *b, const struct html_token *tok)
{
	char **v = xcalloc(tok->nattr + 1, sizeof *v);
	uint32_t i;

	for (i = 0; i < tok->nattr; i++) {
		struct buf one = { 0 };

		buf_printf(&one, "%s=", tok->attrs[i].name);
		buf_add(&one, tok->attrs[i].value, tok->attrs[i].n);
		buf_putc(&one, '|');
		v[i] = buf_end(&one);
	}
	add_sorted(b, v, tok->nattr);
}

static void add_token(struct buf *b, const struct html_token *tok)
{
	const struct doctype *d = &tok->doctype;

	if (tok->type == TOKEN_START) {
		buf_printf(b, "\nStartTag|%.*s|", (int)tok->nname, tok->name);
		add_attrs(b, tok);
		if (tok->self_closing)
			buf_str(b, "true|");
	} else if (tok->type == TOKEN_END)
		buf_printf(b, "\nEndTag|%.*s|", (int)tok->nname, tok->name);
	else if (tok->type == TOKEN_COMMENT) {
		buf_str(b, "\nComment|");
		buf_add(b, tok->text, tok->n);
		buf_putc(b, '|');
	} else
		buf_printf(b, "\nDOCTYPE|%s|%s|%s|%s|",
			d->name ? d->name : "null",
			d->public_id ? d->public_id : "null",
			d->system_id ? d->system_id : "null",
			tok->force_quirks ? "false" : "true");
}

/* The output of the tokenizer in the same notation. */
static void tokens(struct buf *b, struct html_tokenizer *t)
{
	struct html_token tok = { 0 };
	bool text = false;

	for (html_next(t, &tok); tok.type != TOKEN_EOF; html_next(t, &tok)) {
		if (tok.type != TOKEN_TEXT && tok.type != TOKEN_NUL) {
			text = false;
			add_token(b, &tok);
			continue;
		}
		if (text)
			b->n--;
		else
			buf_str(b, "\nCharacter|");
		text = true;
		if (tok.type == TOKEN_TEXT)
			buf_add(b, tok.text, tok.n);
		else
			memset(buf_room(b, tok.n), 0, tok.n), b->n += tok.n;
		buf_putc(b, '|');
	}
}

static enum html_state state_named(const char *name)
{
	static const char *const names[] = {
		"Data state", "RCDATA state", "RAWTEXT state",
		"Script data state", "PLAINTEXT state", "CDATA section state"
	};
	int i;

	for (i = 0; strcmp(names[i], name) != 0; i++)
		;
	return (enum html_state)i;
}

/* The page as the parser passes it to the tokenizer: newlines as "\n", NUL bytes
 * after it. */
static char *page(const struct buf *in, size_t *n)
{
	char *s = xcalloc(in->n + HTML_PADDING, 1);
	size_t i;

	for (*n = i = 0; i < in->n; i++)
		if (in->p[i] == '\r') {
			s[(*n)++] = '\n';
			i += i + 1 < in->n && in->p[i + 1] == '\n';
		} else
			s[(*n)++] = in->p[i];
	memset(s + *n, 0, HTML_PADDING);
	return s;
}

static void token_case(json_t *c, const char *state, const char *file,
	int number)
{
	bool twice = json_is_true(json_object_get(c, "doubleEscaped"));
	const char *last = json_string_value(json_object_get(c,
		"lastStartTag"));
	struct html_tokenizer t = { .state = state_named(state) };
	struct buf in = { 0 }, want = { 0 }, got = { 0 };
	struct arena arena = { 0 };
	char name[16] = "";
	size_t n;

	add_json(&in, json_object_get(c, "input"), twice);
	in.n--;
	wanted(&want, json_object_get(c, "output"), twice);
	if (last)
		t.last_start = html_tag_find(strncpy(name, last, 15),
			strlen(last));
	t.p = page(&in, &n);
	t.end = t.p + n;
	t.arena = &arena;
	buf_end(&in);
	in.p = (free(in.p), t.p);
	tokens(&got, &t);
	result(got.n == want.n && (got.n == 0 ||
			memcmp(got.p, want.p, got.n) == 0), file, number,
		in.p, n, buf_end(&got), buf_end(&want));
	html_tokenizer_free(&t);
	arena_free(&arena);
	free(in.p);
	buf_free(&got);
	buf_free(&want);
}

static void token_file(const char *name)
{
	json_error_t error;
	json_t *root = json_load_file(name, JSON_ALLOW_NUL, &error);
	json_t *tests = json_object_get(root, "tests"), *c;
	size_t i, k;

	if (!tests)
		die("%s: no tests of tokens: %s", name, error.text);
	json_array_foreach(tests, i, c) {
		json_t *states = json_object_get(c, "initialStates"), *state;

		if (!states)
			token_case(c, "Data state", name, (int)i + 1);
		json_array_foreach(states, k, state)
			token_case(c, json_string_value(state), name,
				(int)i + 1);
	}
	json_decref(root);
}

/* ---- encodings ---- */

static void encoding_file(const char *name)
{
	size_t len;
	char *text = file_read(name, &len), *s = text, *next;
	int number = 0;

	while ((s = find(s, text + len, "#data\n"))) {
		char *end = find(s += 6, text + len, "\n#encoding\n");
		const char *got, *found, *want;

		if (!end)
			die("%s: case %d has no encoding", name, number + 1);
		next = end + strlen("\n#encoding\n");
		got = charset_declared(s, (size_t)(end - s), NULL);
		want = take_line(&next);
		/* The file itself is UTF-8, whatever its pages declare. */
		found = charset_sniff(s, (size_t)(end - s), NULL);
		if (strcasecmp(found, want) && (strcmp(found, "UTF-8") ||
		    !utf8_valid(s, (size_t)(end - s))))
			got = found;
		result(strcasecmp(got, want) == 0, name, ++number, s,
			(size_t)(end - s), got, want);
		s = next;
	}
	free(text);
}

static void decode(const char *content_type)
{
	struct buf out = { 0 };
	size_t n;
	char *in = file_read("-", &n);
	const char *name = charset_sniff(in, n, content_type);

	printf("%s\n", name);
	charset_decode(&out, in, n, name);
	fwrite(out.p, 1, out.n, stdout);
	buf_free(&out);
	free(in);
}

static void dump(const char *context)
{
	struct html_parser *p = html_parser_new(false);
	struct buf out = { 0 };
	size_t n;
	char *in = file_read("-", &n);

	if (context)
		dom_dump(html_parse_fragment(p, NS_HTML, context, in,
			n)->html, &out);
	else
		dom_dump(html_parse(p, in, n)->document, &out);
	fwrite(buf_end(&out), 1, out.n, stdout);
	buf_free(&out);
	html_parser_free(p);
	free(in);
}

static void count(void)
{
	struct html_parser *p = html_parser_new(false);
	size_t n;
	char *in = file_read("-", &n);

	printf("%zu\n", html_parse(p, in, n)->nnode);
	html_parser_free(p);
	free(in);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int i;

	err_init(argv[0]);
	if (strcmp(what, "dump") == 0) {
		dump(argv[2]);
		return 0;
	}
	if (strcmp(what, "count") == 0) {
		count();
		return 0;
	}
	if (strcmp(what, "decode") == 0) {
		decode(argv[2]);
		return 0;
	}
	for (i = 2; i < argc; i++)
		if (strcmp(what, "tree") == 0)
			tree_file(argv[i]);
		else if (strcmp(what, "encoding") == 0)
			encoding_file(argv[i]);
		else
			token_file(argv[i]);
	printf("%d of %d\n", passed, cases);
	return passed != cases;
}
