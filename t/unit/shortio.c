/* shortio [-l] [FILE] - copies standard input to FILE or standard output through
 * base/io, with read() and write() that transfer a few bytes at a time and are
 * sometimes interrupted by signals, as POSIX allows. -l: by lines.
 */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/err.h"
#include "common/base/io.h"

static unsigned calls;

/* How many of n bytes this call transfers; 0: it is interrupted. */
static size_t some(size_t n)
{
	size_t most = 1 + calls % 4099;

	if (++calls % 5 == 0)
		return 0;
	return n < most ? n : most;
}

ssize_t read(int fd, void *p, size_t n)
{
	size_t k = some(n);

	if (n && !k) {
		errno = EINTR;
		return -1;
	}
	return syscall(SYS_read, fd, p, k);
}

ssize_t write(int fd, const void *p, size_t n)
{
	size_t k = some(n);

	if (n && !k) {
		errno = EINTR;
		return -1;
	}
	return syscall(SYS_write, fd, p, k);
}

int main(int argc, char **argv)
{
	bool lines = argc > 1 && !strcmp(argv[1], "-l");
	struct input *in;
	struct output *out;
	char buf[10007], *line;
	size_t n;

	err_init(argv[0]);
	in = input_open("-");
	out = output_open(argv[1 + lines]);
	if (lines)
		while (input_line(in, &line, &n, 0)) {
			output_write(out, line, n);
			if (input_ended_in_newline(in))
				output_putc(out, '\n');
		}
	else
		while ((n = input_read(in, buf, sizeof buf)) > 0)
			output_write(out, buf, n);
	input_close(in);
	output_close(out);
	return 0;
}
