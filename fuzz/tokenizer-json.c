/* tokenizer-json.c - fuzz target: tokenizer.json
 *
 * An accepted file encodes and decodes a text with every byte and with characters
 * relevant to added tokens, NFC and splitting, and is written and read back with
 * the same hash and ids. The first byte of the input tells whether it is a whole
 * file or only a pre_tokenizer (1), a pattern (2), a normalizer or added tokens
 * (3) inside a complete one, or fields of one with byte_fallback (4).
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/token/encode.h"
#include "common/token/vocab_parts.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static const char odd[] = "The cat's 12 e\314\201 \353\213\271\341\206\250 <x> a<x>b "
	"\344\270\255\346\226\207\n\n  x\r\n<|end|> 'LL \303\237 \302\240 aaaaaaaaab";

static void add_model(struct buf *b)
{
	struct buf key = { 0 };
	int i;

	buf_str(b, "\"model\":{\"type\":\"BPE\",\"vocab\":{");
	for (i = 0; i < 256; i++) {
		char byte = (char)i;

		buf_reset(&key);
		vocab_add_mapped(&key, &byte, 1);
		json_add_string(b, key.p, key.n);
		buf_printf(b, ":%d,", i);
	}
	buf_str(b, "\"aa\":256,\"ca\":257},\"merges\":[\"a a\",\"c a\"]}");
	buf_free(&key);
}

static void add_fallback_model(struct buf *b)
{
	int i;

	buf_str(b, "\"model\":{\"type\":\"BPE\",\"byte_fallback\":true,"
		"\"unk_token\":\"<unk>\",\"vocab\":{\"<unk>\":256,");
	for (i = 0; i < 256; i++)
		buf_printf(b, "\"<0x%02X>\":%d,", (unsigned)i, i);
	buf_str(b, "\"a\":257,\"aa\":258,\"▁\":259,\"▁a\":260,\"c\":261,"
		"\"▁▁\":262,\"é\":263,\"a▁\":264},\"merges\":[\"a a\","
		"\"▁ ▁\",\"▁ a\",\"a ▁\"]}");
}

static void add_pattern(struct buf *b, const char *data, size_t size)
{
	static const char *const behaviors[] = { "Isolated", "Removed",
		"MergedWithPrevious", "MergedWithNext", "Contiguous" };
	unsigned how = size ? (unsigned char)data[0] : 0;

	buf_str(b, "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":"
		"\"Split\",\"pattern\":{\"Regex\":");
	json_add_string(b, size ? data + 1 : data, size ? size - 1 : 0);
	buf_printf(b, "},\"behavior\":\"%s\",\"invert\":%s},{\"type\":"
		"\"ByteLevel\",\"use_regex\":%s}]}", behaviors[how % 5],
		how & 32 ? "true" : "false", how & 64 ? "true" : "false");
}

/* The file that the input describes. */
static void make_file(struct buf *b, const char *data, size_t size)
{
	int part = size ? data[0] : 0;

	if (part < 1 || part > 4) {
		buf_add(b, data, size);
		return;
	}
	if (part == 4) {
		buf_putc(b, '{');
		buf_add(b, data + 1, size - 1);
		buf_putc(b, ',');
		add_fallback_model(b);
		buf_putc(b, '}');
		return;
	}
	buf_str(b, "{\"pre_tokenizer\":");
	if (part == 1)
		buf_add(b, data + 1, size - 1);
	else if (part == 2)
		add_pattern(b, data + 1, size - 1);
	else
		buf_str(b, "{\"type\":\"ByteLevel\"}");
	buf_putc(b, ',');
	if (part == 3) {
		buf_add(b, data + 1, size - 1);
		buf_putc(b, ',');
	}
	add_model(b);
	buf_putc(b, '}');
}

static void encode(const struct vocab *v, struct ids *ids)
{
	struct encoder *e = encoder_new(v);
	struct buf b = { 0 };
	char text[512];
	int i;

	for (i = 0; i < 512; i++)
		text[i] = (char)(i * 7 + i / 256);
	tok_encode(e, text, sizeof text, ids);
	tok_encode(e, odd, sizeof odd - 1, ids);
	if (tok_decode(v, ids->v, ids->n, &b))
		abort();
	if (tok_safe_cut(v, odd, sizeof odd - 1, 3) > sizeof odd - 1)
		abort();
	buf_free(&b);
	encoder_free(e);
}

static void target(const uint8_t *data, size_t size)
{
	struct ids ids = { 0 }, again = { 0 };
	struct buf file = { 0 };
	struct vocab *v, *w;
	const char *name;

	make_file(&file, (const char *)data, size);
	v = vocab_parse(file.n ? file.p : "", file.n, "fuzz", NULL);
	encode(v, &ids);
	name = data_file((const uint8_t *)"", 0);
	vocab_write_json(v, name);
	w = vocab_open(name, NULL);
	encode(w, &again);
	if (vocab_hash(v) != vocab_hash(w) || ids.n != again.n ||
		(ids.n && memcmp(ids.v, again.v, ids.n * sizeof *ids.v)))
		abort();
	ids_free(&ids);
	ids_free(&again);
	buf_free(&file);
	vocab_free(v);
	vocab_free(w);
}
