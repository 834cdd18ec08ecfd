/* archive - lists the members of files with their lengths and hashes:
 * archive FILE...; with -s each FILE is one stream, copied to standard output
 */
#include <stdio.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/format/archive.h"

static void list(const char *name)
{
	struct archive_walk *w = archive_walk_open(name);
	struct archive_member m;
	char buf[4096];
	size_t n;

	while (archive_walk_next(w, &m)) {
		uint32_t crc = 0;
		unsigned long long total = 0;

		while ((n = input_read(m.in, buf, sizeof buf)) > 0) {
			crc = crc32_add(crc, buf, n);
			total += n;
		}
		printf("%s\t%llu\t%08x\t%d\n", m.path, total, crc, m.is_file);
	}
	archive_walk_close(w);
}

static void copy(const char *name)
{
	struct input *in = archive_open_stream(name);
	char buf[4096];
	size_t n;

	while ((n = input_read(in, buf, sizeof buf)) > 0)
		fwrite(buf, 1, n, stdout);
	input_close(in);
}

int main(int argc, char **argv)
{
	bool stream = argc > 1 && !strcmp(argv[1], "-s");
	int i;

	err_init(argv[0]);
	for (i = 1 + stream; i < argc; i++)
		(stream ? copy : list)(argv[i]);
	return 0;
}
