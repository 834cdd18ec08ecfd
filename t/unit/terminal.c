/* terminal - standard input escaped by terminal_escape() for a terminal */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/io.h"
#include "common/base/terminal.h"

int main(int argc, char **argv)
{
	struct buf out = { 0 };
	size_t n;
	char *text;

	err_init(argv[0]);
	text = file_read("-", &n);
	terminal_escape(&out, text, n);
	fwrite(out.p, 1, out.n, stdout);
	free(text);
	buf_free(&out);
	return fflush(stdout) != 0;
}
