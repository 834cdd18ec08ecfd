/* tokstream.c - writes token streams, and what both sides share: see tokstream.h
 */
#include "common/format/tokstream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/format/tokbytes.h"

/* Maximum tokens per chunk: few, so that pipes keep flowing. */
#define CHUNK ((size_t)16 << 10)

struct tokstream_writer {
	struct output *out;
	struct tok_info info;
	unsigned char *p;	/* count, then the tokens of a chunk */
	size_t n;
	uint64_t total;
	uint32_t crc;
};

int tok_width(uint32_t vocab)
{
	return vocab <= 65536 ? 2 : 4;
}

static bool has_line(const struct buf *b, const char *line, size_t n)
{
	size_t at, len;

	for (at = 0; at < b->n; at += len + 1) {
		len = (size_t)((char *)memchr(b->p + at, '\n', b->n - at) -
			(b->p + at));
		if (len == n && !memcmp(b->p + at, line, n))
			return true;
	}
	return false;
}

void tok_chain_add(struct buf *to, const char *lines)
{
	size_t n;

	for (; *lines; lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		if (has_line(to, lines, n))
			continue;
		buf_add(to, lines, n);
		buf_putc(to, '\n');
	}
	buf_end(to);
}

void tok_info_match(const struct tok_info *a, const char *a_name,
	const struct tok_info *b, const char *b_name)
{
	if (a->tokenizer && b->tokenizer && a->tokenizer != b->tokenizer)
		die("%s: made with another tokenizer than %s", b_name, a_name);
	if (a->vocab && b->vocab && a->vocab != b->vocab)
		die("%s: vocabulary of %" PRIu32 " ids, but %s has %" PRIu32,
			b_name, b->vocab, a_name, a->vocab);
	if (a->vocab && b->vocab && a->eot != b->eot)
		die("%s: documents end with token %" PRId64
			", but in %s with %" PRId64,
			b_name, b->eot, a_name, a->eot);
}

void tok_unpack(uint32_t *ids, const unsigned char *p, size_t n, int width)
{
	size_t i;

	if (width == 2)
		for (i = 0; i < n; i++)
			ids[i] = get_le16(p + 2 * i);
	else
		for (i = 0; i < n; i++)
			ids[i] = get_le32(p + 4 * i);
}

void tok_pack(unsigned char *p, const uint32_t *ids, size_t n,
	const struct tok_info *info, const char *name)
{
	uint32_t most = info->vocab ? info->vocab - 1 : UINT32_MAX, top = 0;
	size_t i;

	if (info->width == 2 && most > UINT16_MAX)
		most = UINT16_MAX;
	for (i = 0; i < n; i++)
		top = ids[i] > top ? ids[i] : top;
	if (n && top > most)
		die("%s: token %" PRIu32 " is above %" PRIu32
			", the last of the vocabulary", name, top, most);
	if (info->width == 2) {
		for (i = 0; i < n; i++)
			put_le16(p + 2 * i, ids[i]);
	} else {
		for (i = 0; i < n; i++)
			put_le32(p + 4 * i, ids[i]);
	}
}

struct tokstream_writer *tokstream_begin(struct output *out,
	const struct tok_info *info)
{
	struct tokstream_writer *w = xcalloc(1, sizeof *w);

	w->out = out;
	w->info = *info;
	w->info.by = NULL;
	w->p = xmalloc(4 + 4 * CHUNK);
	output_write(out, "\x89TOK\r\n\x1a\n", 8);
	output_printf(out, "version 1\nwidth %d\nvocab %" PRIu32
		"\ntokenizer %016" PRIx64 "\neot %" PRId64 "\n", info->width,
		info->vocab, info->tokenizer, info->eot);
	if (info->by) {
		const char *s = info->by;

		while (*s) {
			size_t n = strcspn(s, "\n");

			output_str(out, "by ");
			output_write(out, s, n);
			output_putc(out, '\n');
			s += n + (s[n] == '\n');
		}
	}
	output_printf(out, "by %s\n\n", option_command());
	return w;
}

static void write_chunk(struct tokstream_writer *w)
{
	size_t bytes = w->n * (size_t)w->info.width;

	if (!w->n)
		return;
	put_le32(w->p, (uint32_t)w->n);
	w->crc = crc32_add(w->crc, w->p + 4, bytes);
	w->total += w->n;
	output_write(w->out, w->p, 4 + bytes);
	w->n = 0;
}

void tokstream_write(struct tokstream_writer *w, const uint32_t *ids, size_t n)
{
	while (n) {
		size_t some = n < CHUNK - w->n ? n : CHUNK - w->n;

		tok_pack(w->p + 4 + w->n * (size_t)w->info.width, ids, some,
			&w->info, output_name(w->out));
		w->n += some;
		ids += some;
		n -= some;
		if (w->n == CHUNK)
			write_chunk(w);
	}
}

void tokstream_end(struct tokstream_writer *w)
{
	unsigned char trailer[20];

	write_chunk(w);
	put_le32(trailer, 0);
	put_le64(trailer + 4, w->total);
	put_le32(trailer + 12, w->crc);
	memcpy(trailer + 16, "END\n", 4);
	output_write(w->out, trailer, sizeof trailer);
	free(w->p);
	free(w);
}
