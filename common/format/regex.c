/* regex.c - regular expressions: see regex.h; the only file that uses PCRE2.
 * Each thread has one block of working memory, kept for its life.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "common/format/regex.h"

#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/mem.h"

/* Steps before a match is abandoned: about 50 ms. */
#define MATCH_LIMIT 2000000u
#define GROWING_LIMIT 100000u	/* with REGEX_GROWING: about 2 ms */
#define JIT_STACK_MAX ((size_t)1 << 20)
#define HEAP_MAX (64u << 10)		/* KiB for the interpreter */
/* With REGEX_LONG: steps per byte of text, and total KiB. */
#define LONG_STEPS 64u
#define LONG_HEAP_MAX (2048u << 10)
#define MAX_GROUPS 32

struct regex {
	pcre2_code *code;
	pcre2_match_context *context;
	int ngroup;
	bool long_walks;
};

static _Thread_local pcre2_match_data *scratch;
static _Thread_local pcre2_jit_stack *stack;

static pcre2_jit_stack *stack_of_thread(void *unused)
{
	if (!stack)
		stack = pcre2_jit_stack_create(32 << 10, JIT_STACK_MAX, NULL);
	return stack;
}

static _Noreturn void die_pattern(const char *pattern, int flags,
	const char *what, int code, size_t at)
{
	char why[256];

	pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
	if (flags & REGEX_IN_FILE)
		die("%s: '%s': at character %zu: %s", what, pattern, at + 1,
			why);
	die_usage("%s: '%s': at character %zu: %s", what, pattern, at + 1, why);
}

static pcre2_code *compile(const char *pattern, int flags, const char *what)
{
	uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_UTF | PCRE2_UCP |
		(flags & REGEX_DOTALL ? PCRE2_DOTALL : 0);
	pcre2_code *compiled;
	PCRE2_SIZE at;
	int code;

	compiled = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		options, &code, &at, NULL);
	if (!compiled)
		die_pattern(pattern, flags, what, code, at);
	return compiled;
}

/* Compiles a pattern that must match a text from its start to its end. Partial
 * matching does not go with PCRE2_ENDANCHORED, so \z is part of it. */
static pcre2_code *compile_growing(const char *pattern, int flags,
	const char *what)
{
	struct buf whole = { 0 };
	pcre2_code *compiled;

	/* Alone it must be valid too: "a)(b" is not. */
	pcre2_code_free(compile(pattern, flags, what));
	buf_printf(&whole, "\\A(?:%s)\\z", pattern);
	compiled = compile(buf_end(&whole), flags, what);
	buf_free(&whole);
	return compiled;
}

struct regex *regex_new(const char *pattern, int flags, const char *what)
{
	struct regex *re = xcalloc(1, sizeof *re);
	uint32_t n = 0, limit;

	re->code = (flags & REGEX_GROWING ? compile_growing : compile)(pattern,
		flags, what);
	/* Without a JIT compiler for this machine, it is interpreted. */
	pcre2_jit_compile(re->code, flags & REGEX_GROWING ?
		PCRE2_JIT_PARTIAL_SOFT : PCRE2_JIT_COMPLETE);
	re->context = pcre2_match_context_create(NULL);
	if (!re->context)
		die("out of memory");
	re->long_walks = flags & REGEX_LONG;
	limit = flags & REGEX_GROWING ? GROWING_LIMIT : MATCH_LIMIT;
	pcre2_set_match_limit(re->context, limit);
	pcre2_set_depth_limit(re->context, limit);
	pcre2_set_heap_limit(re->context, HEAP_MAX);
	pcre2_jit_stack_assign(re->context, stack_of_thread, NULL);
	pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &n);
	re->ngroup = (int)n;
	return re;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	pcre2_match_context_free(re->context);
	pcre2_code_free(re->code);
	free(re);
}

int regex_groups(const struct regex *re)
{
	return re->ngroup;
}

/* JIT code has a fixed stack for backtracking; the interpreter uses the heap. */
static int match_slowly(const struct regex *re, const char *text, size_t n,
	size_t from)
{
	pcre2_match_context *context = re->context;
	int got;

	if (re->long_walks) {
		size_t more = n < UINT32_MAX / LONG_STEPS - MATCH_LIMIT ?
			n * LONG_STEPS : UINT32_MAX - MATCH_LIMIT;

		context = pcre2_match_context_copy(context);
		if (!context)
			die("out of memory");
		pcre2_set_match_limit(context, MATCH_LIMIT + (uint32_t)more);
		pcre2_set_depth_limit(context, MATCH_LIMIT + (uint32_t)more);
		pcre2_set_heap_limit(context, LONG_HEAP_MAX);
	}
	got = pcre2_match(re->code, (PCRE2_SPTR)text, n, from,
		PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch, context);
	if (re->long_walks)
		pcre2_match_context_free(context);
	return got;
}

static void need_scratch(void)
{
	if (!scratch)
		scratch = pcre2_match_data_create(MAX_GROUPS, NULL);
	if (!scratch)
		die("out of memory");
}

enum regex_result regex_growing(const struct regex *re, const char *text,
	size_t n)
{
	const uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_PARTIAL_SOFT;
	int got;

	need_scratch();
	got = pcre2_match(re->code, (PCRE2_SPTR)text, n, 0, options, scratch,
		re->context);
	if (got == PCRE2_ERROR_JIT_STACKLIMIT)
		got = pcre2_match(re->code, (PCRE2_SPTR)text, n, 0,
			options | PCRE2_NO_JIT, scratch, re->context);
	return got >= 0 ? REGEX_MATCH : got == PCRE2_ERROR_PARTIAL ?
		REGEX_PARTIAL : got == PCRE2_ERROR_NOMATCH ? REGEX_NONE :
		REGEX_LIMIT;
}

enum regex_result regex_match(const struct regex *re, const char *text,
	size_t n, size_t from, struct span *groups, int ngroup)
{
	const PCRE2_SIZE *ends;
	int got, i;

	need_scratch();
	got = pcre2_match(re->code, (PCRE2_SPTR)text, n, from,
		PCRE2_NO_UTF_CHECK, scratch, re->context);
	if (got == PCRE2_ERROR_JIT_STACKLIMIT ||
		(re->long_walks && got == PCRE2_ERROR_MATCHLIMIT))
		got = match_slowly(re, text, n, from);
	if (got == PCRE2_ERROR_NOMATCH)
		return REGEX_NONE;
	if (got < 0)
		return REGEX_LIMIT;
	if (got == 0)
		got = MAX_GROUPS;
	ends = pcre2_get_ovector_pointer(scratch);
	for (i = 0; i < ngroup; i++) {
		bool set = i < got && ends[2 * i] != PCRE2_UNSET &&
			ends[2 * i] <= ends[2 * i + 1];

		groups[i].at = set ? ends[2 * i] : SIZE_MAX;
		groups[i].len = set ? ends[2 * i + 1] - ends[2 * i] : 0;
	}
	return REGEX_MATCH;
}
