/* tokenize - documents to tokens and back: tokenize(1) */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/tokenize/tokenize.h"
#include "common/base/io.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/format/doc.h"
#include "common/format/doc_chain.h"

#define BATCH_BYTES ((size_t)16 << 20)	/* of lines read at once */
#define BATCH_DOCS 65536

static struct {
	struct option_list tokenizers;
	const char *pattern;
	bool raw, ascii, decode, count, view, html, chat, specials;
	struct sink_options sink;
} o = { .sink = { .shard_size = 100000000, .val = 0.01 } };

static const struct program program = {
	"tokenize", "-t VOCAB [FILE ...]\n-t VOCAB -o PREFIX [FILE ...]\n"
	"-t VOCAB -d [FILE ...]\n"
	"-t VOCAB ... --html [FILE ...]", "convert documents to tokens, or tokens to text"
};

static const struct option_row rows[] = {
	{ 't', "tokenizer", OPT_LIST, &o.tokenizers, "VOCAB",
	  "tokenizer.json, tiktoken ranks, GGUF file or model directory" },
	{ 'p', "pattern", OPT_STR, &o.pattern, "PATTERN",
	  "gpt2, smollm, cl100k, o200k or a regular expression (the file's)" },
	{ 'o', "output", OPT_STR, &o.sink.output, "PREFIX",
	  "write PREFIX_train_000001.bin ... and PREFIX_val_000000.bin" },
	{ 'r', "raw", OPT_FLAG, &o.raw, NULL,
	  "each file is one document of plain text" },
	{ 'a', "ascii", OPT_FLAG, &o.ascii, NULL,
	  "write ids as decimal text, a document per line" },
	{ 'd', "decode", OPT_FLAG, &o.decode, NULL,
	  "read ids as text, streams or shards; write the bytes" },
	{ 'c', "count", OPT_FLAG, &o.count, NULL,
	  "write only total documents, bytes and tokens; -v: per file" },
	{ 0, "view", OPT_FLAG, &o.view, NULL,
	  "show the text with its tokens in colour" },
	{ 0, "html", OPT_FLAG, &o.html, NULL,
	  "the same, as a page; more -t: side by side" },
	{ 0, "chat", OPT_FLAG, &o.chat, NULL,
	  "+with --html: conversations, rendered by chat templates" },
	{ 0, "shard-size", OPT_INT, &o.sink.shard_size, "N",
	  "+maximum tokens per shard (100000000)" },
	{ 0, "val-share", OPT_FLOAT, &o.sink.val, "X",
	  "+share of documents held out for validation (0.01)" },
	{ 0, "no-eot", OPT_FLAG, &o.sink.no_eot, NULL,
	  "+write no end-of-document tokens" },
	{ 0, "specials", OPT_FLAG, &o.specials, NULL,
	  "+with -d, write the names of special tokens too" },
	OPT_RECORDS,
	OPT_THREADS,
	OPT_COMMON
};

static struct sink *sink;
static struct batch_encoder *encoder;

/* ---- input ---- */

static void encode_documents(char **files)
{
	struct docs *in = docs_open(files);
	struct doc_batch b = { 0 };
	struct buf made_by = { 0 };

	while (docs_batch_texts(in, &b, BATCH_BYTES, BATCH_DOCS)) {
		size_t i, n;

		for (i = 0; i < b.n; i++) {
			const char *text;

			if (!doc_batch_good(in, &b, i))
				continue;
			text = doc_text(&b.v[i], &n);
			doc_chain_collect(&b.v[i], &made_by);
			batch_encoder_add(encoder, text, n, (struct place){
				b.v[i].rec.file, b.v[i].rec.line });
		}
		sink_made_by(sink, buf_end(&made_by));
		batch_encoder_flush(encoder);
	}
	buf_free(&made_by);
	doc_batch_free(&b);
	docs_close(in);
}

static void encode_raw(char **files)
{
	for (files = input_names(files); *files; files++) {
		size_t len;
		char *text = file_read(*files, &len);

		batch_encoder_add(encoder, text, len, (struct place){
			strcmp(*files, "-") ? *files : "standard input", 0 });
		batch_encoder_flush(encoder);
		free(text);
	}
}

static void check_options(void)
{
	int modes = o.ascii + o.decode + o.count + o.view + o.html;

	if (!o.tokenizers.n)
		die_usage("no tokenizer: use -t");
	if (o.tokenizers.n > 1 && !o.html)
		die_usage("more than one -t goes with --html");
	if (o.chat && !o.html)
		die_usage("--chat goes with --html");
	if (o.chat && o.raw)
		die_usage("--chat reads conversations: not with -r");
	if (modes > 1)
		die_usage("only one of -a, -d, -c, --view and --html");
	if (o.sink.output && modes && !o.decode && !o.html)
		die_usage("-o does not go with -a, -c and --view");
	option_range("shard-size", o.sink.shard_size, 1, INT32_MAX);
	option_range_real("val-share", o.sink.val, 0, 1);
	o.sink.kind = o.ascii ? SINK_IDS : o.count ? SINK_COUNT :
		o.view ? SINK_VIEW : o.sink.output ? SINK_SHARDS : SINK_STREAM;
}

int main(int argc, char **argv)
{
	struct vocab *vocab;
	struct sink_totals t;

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	records_hint = "-r reads plain text";
	if (o.html) {
		page_files(&(struct page_options){ o.tokenizers, o.pattern,
			o.raw, o.chat, o.sink.output }, argv);
		return 0;
	}
	vocab = vocab_open(o.tokenizers.v[0], o.pattern);
	if (o.decode) {
		decode_files(vocab, argv, o.sink.output, o.specials);
		vocab_free(vocab);
		return 0;
	}
	o.sink.files = input_names(argv);
	o.sink.by_file = option_verbose;
	sink = sink_open(vocab, &o.sink);
	encoder = batch_encoder_new(vocab, sink);
	if (o.raw)
		encode_raw(argv);
	else
		encode_documents(argv);
	t = sink_totals(sink);
	sink_close(sink);
	progress_summary("documents=%" PRIu64 " bytes=%" PRIu64 " tokens=%"
		PRIu64, t.documents, t.bytes, t.tokens);
	batch_encoder_free(encoder);
	vocab_free(vocab);
	return 0;
}
