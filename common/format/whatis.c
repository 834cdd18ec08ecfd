/* whatis.c - recognises a file that was given to the wrong program: see whatis.h
 *
 * Checks marks at fixed offsets first, then inside compression, then JSON by its
 * keys, then text.
 */
#include "common/format/whatis.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/buf.h"
#include "common/base/io.h"
#include "common/base/utf16.h"
#include "common/base/utf8.h"
#include "common/format/gzip.h"
#include "common/format/shard.h"
#include "common/format/tokstream.h"

#define ARCHIVE "an archive, whose pages crawlclean reads"
#define NOWHERE ", which no program here reads"
#define DOCUMENTS "JSON lines of documents, which tokenize, dedup and " \
	"bpe-train read"

/* Bytes at a fixed offset, and the format that starts with them. */
static const struct {
	size_t at;
	const char *bytes;
	size_t n;
	const char *is;
} marks[] = {
#define MARK(at, bytes, is) { at, bytes, sizeof bytes - 1, is }
	MARK(0, "WARC/", "a web archive, which crawlclean reads"),
	MARK(0, "filedesc://", "a web archive, which crawlclean reads"),
	MARK(0, "!<arch>\ndebian", "a Debian package, which crawlclean reads"),
	MARK(0, "!<arch>\n", ARCHIVE),
	MARK(0, "PK\3\4", ARCHIVE),
	MARK(0, "7z\xbc\xaf\x27\x1c", ARCHIVE),
	MARK(257, "ustar", ARCHIVE),
	MARK(0, "\x28\xb5\x2f\xfd", "data compressed by zstd"),
	MARK(0, "\xfd" "7zXZ", "data compressed by xz"),
	MARK(0, "BZh", "data compressed by bzip2"),
	MARK(0, "GGUF", "a GGUF model, which -m takes"),
	MARK(0, "%PDF", "a PDF file" NOWHERE),
	MARK(0, "\x89PNG\r\n", "a PNG image" NOWHERE),
	MARK(0, "\xff\xd8\xff", "a JPEG image" NOWHERE),
	MARK(0, "GIF8", "a GIF image" NOWHERE),
	MARK(0, "\x7f" "ELF", "an executable"),
	MARK(0, "step\tloss\t", "a training log"),
	MARK(0, "#words 1\t", "counts of words, which bpe-train "
		"--merge-counts reads"),
#undef MARK
};

static const char *by_mark(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof marks / sizeof *marks; i++)
		if (n >= marks[i].at + marks[i].n && !memcmp(p + marks[i].at,
				marks[i].bytes, marks[i].n))
			return marks[i].is;
	if (n >= 8 && tokstream_is(p, n))
		return "a token stream, which pretrain reads from standard "
			"input and shard split turns into shards";
	if (n >= 4 && shard_is(p, n))
		return "a shard of tokens, which pretrain reads";
	/* safetensors: the length of a JSON header, far below 2^32. */
	if (n >= 10 && !memcmp(p + 4, "\0\0\0\0{\"", 6))
		return "the parameters of a model, whose directory -m takes";
	return NULL;
}

/* ---- JSON ---- */

/* Whether key is a key of the outermost object, as far as p[0..n) goes. */
static bool has_key(const char *p, size_t n, const char *key)
{
	size_t i, from, len = strlen(key);
	int depth = 0;

	for (i = 0; i < n; i++) {
		if (p[i] == '{' || p[i] == '[')
			depth++;
		if (p[i] == '}' || p[i] == ']')
			depth--;
		if (p[i] != '"')
			continue;
		for (from = ++i; i < n && p[i] != '"'; i++)
			i += p[i] == '\\';
		if (depth == 1 && i < n && i - from == len &&
			!memcmp(p + from, key, len) &&
			p[i + 1 + strspn(p + i + 1, " \t\r\n")] == ':')
			return true;
	}
	return false;
}

/* p[0..n) must be followed by a NUL. */
static const char *by_keys(const char *p, size_t n)
{
	static const struct {
		const char *key, *is;
	} keys[] = {
		{ "added_tokens", "a tokenizer, which -t takes" },
		{ "model_type", "the configuration of a model, whose "
		  "directory -m takes" },
		{ "architectures", "the configuration of a model, whose "
		  "directory -m takes" },
		{ "added_tokens_decoder", "the configuration of a tokenizer" },
		{ "prompt_ids", "rollouts, which grade, rltrain and rmtrain "
		  "read, or prompts" },
		{ "reward", "rollouts, which grade, rltrain and rmtrain read" },
		{ "answers", "ranked answers, which rmtrain reads" },
		{ "messages", "conversations, which sft reads, or prompts" },
		{ "conversations", "conversations, which sft reads" },
		{ "chosen", "preference pairs, which rmtrain and rltrain "
		  "--loss dpo read" },
		{ "instruction", "conversations, which sft reads" },
		{ "completion", "conversations, which sft reads" },
		{ "replies", "conversations, which sft reads" },
		{ "endings", "questions, which score --choices reads" },
		{ "answerKey", "questions, which score --choices reads" },
		{ "choices", "questions, which score --choices reads" },
		{ "prompt", "prompts, which rlsample and generate --jsonl "
		  "read" },
		{ "text", DOCUMENTS },
		{ "merges", "a tokenizer, which -t takes" },
	};
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (has_key(p, n, keys[i].key))
			return keys[i].is;
	return "JSON";
}

static bool is_tiktoken(const char *p, size_t n)
{
	size_t i = 0, digits;

	while (i < n && p[i] && (ascii_alnum(p[i]) || strchr("+/=", p[i])))
		i++;
	if (i < 4 || i % 4 || i >= n || p[i++] != ' ')
		return false;
	for (digits = i; i < n && ascii_digit(p[i]); i++)
		;
	return i > digits && i < n && (p[i] == '\n' || p[i] == '\r');
}

/* ---- text ---- */

static bool begins_with_word(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word);

	return n >= len && !strncasecmp(p, word, len);
}

/* p[0..n) must be followed by a NUL, and not start with white space. */
static const char *by_text(const char *p, size_t n)
{
	size_t i, digits = 0;

	if (begins_with_word(p, n, "<!doctype") ||
		begins_with_word(p, n, "<html") ||
		begins_with_word(p, n, "<head") ||
		begins_with_word(p, n, "<?xml") ||
		begins_with_word(p, n, "<!--"))
		return "an HTML page, which crawlclean reads";
	if (*p == '{')
		return by_keys(p, n);
	if (*p == '[' && p[1 + strspn(p + 1, " \t\r\n")] == '{')
		return strstr(p, "\"role\"") ?
			"conversations, which sft reads" : "JSON";
	if (is_tiktoken(p, n))
		return "tiktoken ranks, which -t takes";
	for (i = 0; i < n; i++) {
		if (ascii_digit(p[i]))
			digits++;
		else if (!ascii_space(p[i]) && ((unsigned char)p[i] < 0x20 ||
				p[i] == 0x7f))
			return NULL;
		else if (!ascii_space(p[i]))
			digits = n + 1;
	}
	if (digits <= n)
		return "ids as text, which tokenize -d reads";
	return "plain text, which docs turns into documents";
}

static const char *plain(const char *p, size_t n)
{
	const char *is = by_mark(p, n), *from = p;

	if (is)
		return is;
	if (utf16_mark(p, n, NULL) || utf16_guess(p, n))
		return "text in UTF-16 or UTF-32, which 'crawlclean -x' turns "
			"into documents";
	p += utf8_mark(p, n);
	n -= (size_t)(p - from);
	while (n && ascii_space(*p)) {
		p++;
		n--;
	}
	return n && utf8_valid(p, n - utf8_partial(p, n)) ? by_text(p, n) :
		NULL;
}

const char *whatis(const void *head, size_t n)
{
	static char text[256];
	struct buf b = { 0 };
	const char *is;

	if (!n)
		return "an empty file";
	if (gzip_begins(head, n)) {
		gzip_inflate(&b, head, n, WHATIS_HEAD);
		buf_end(&b);
		is = b.n ? plain(b.p, b.n) : NULL;
		snprintf(text, sizeof text, is ? "%s, compressed by gzip" :
			"data compressed by gzip", is);
		buf_free(&b);
		return text;
	}
	buf_add(&b, head, n < WHATIS_HEAD ? n : WHATIS_HEAD);
	buf_end(&b);
	is = plain(b.p, b.n);
	buf_free(&b);
	return is;
}

/* ---- notes ---- */

static const char *note(const char *is)
{
	static char text[300];

	snprintf(text, sizeof text, is ? ": it looks like %s" : "%s", is ? is : "");
	return text;
}

const char *whatis_note_bytes(const void *head, size_t n)
{
	return note(whatis(head, n));
}

static const char *directory(const char *name)
{
	char *config = path_join(name, "config.json");
	bool model = file_exists(config);

	free(config);
	return model ? "a model directory, which -m takes" : "a directory";
}

const char *whatis_note(const char *name)
{
	char head[WHATIS_HEAD];
	struct stat st;
	ssize_t n;
	int fd;

	if (stat(name, &st) || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return "";
	if (S_ISDIR(st.st_mode))
		return note(directory(name));
	fd = open(name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, head, sizeof head);
	if (fd >= 0)
		close(fd);
	return n < 0 ? "" : whatis_note_bytes(head, (size_t)n);
}
