/* charset - detects the encodings of many pages and decodes them
 *
 * Standard input is pages, each after a line "BYTES CONTENT-TYPE" (the type may
 * be missing) or "BYTES =ENCODING", which forces the encoding. For each page it
 * prints a line "BYTES ENCODING", then the page in UTF-8. t/charset.py writes the
 * input and reads the output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/html/charset.h"

int main(int argc, char **argv)
{
	struct input *in;
	struct buf text = { 0 };
	char *line, *page, *type;
	const char *name;
	size_t len, n;

	err_init(argv[0]);
	in = input_open("-");
	while (input_line(in, &line, &len, 0)) {
		line = strndup(line, len);
		n = strtoul(line, &type, 10);
		page = xmalloc(n + 1);
		if (input_read(in, page, n) < n)
			die("a page is cut off");
		if (!strncmp(type, " =", 2))
			name = type + 2;
		else
			name = charset_sniff(page, n, strlen(type) > 1 ?
				type + 1 : NULL);
		buf_reset(&text);
		charset_decode(&text, page, n, name);
		printf("%zu %s\n", text.n, name);
		fwrite(text.p, 1, text.n, stdout);
		free(page);
		free(line);
	}
	buf_free(&text);
	input_close(in);
	return 0;
}
