/* conversation - prints the conversations read from files, one per line: roles
 * and contents of the prompt, " => ", of the answer, " / ", of the rejected one
 */
#include <stdio.h>

#include "common/format/conversation.h"
#include "common/format/jsonwrite.h"

static void show(const struct message *v, size_t n)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		buf_printf(&b, "%s%s:", i ? " " : "", v[i].role);
		json_add_string(&b, v[i].content, v[i].len);
	}
	fputs(buf_end(&b), stdout);
	buf_free(&b);
}

int main(int argc, char **argv)
{
	struct conversations *in;
	struct conversation c;

	err_init(argv[0]);
	in = conversations_open(argv + 1, "conversation");
	while (conversations_next(in, &c)) {
		if (c.plain)
			fputs("plain ", stdout);
		show(c.v, c.nprompt);
		fputs(c.divided ? " => " : " -> ", stdout);
		show(c.v + c.nprompt, c.n - c.nprompt);
		if (c.rejected) {
			fputs(" / ", stdout);
			show(c.rejected, c.nrejected);
		}
		putchar('\n');
	}
	conversations_close(in);
	return 0;
}
