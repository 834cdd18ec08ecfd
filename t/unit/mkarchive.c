/* mkarchive FORMAT FILE... >ARCHIVE - an archive of the files, by libarchive's
 * own writer of that name: 7zip, cpio, iso9660, pax, xar, zip ...
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/io.h"

static void add(struct archive *a, const char *name)
{
	struct archive_entry *e = archive_entry_new();
	size_t n;
	char *data = file_read(name, &n);

	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)n);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_mtime(e, 1700000000, 0);
	if (archive_write_header(a, e) != ARCHIVE_OK ||
		archive_write_data(a, data, n) != (la_ssize_t)n)
		die("%s: %s", name, archive_error_string(a));
	archive_entry_free(e);
	free(data);
}

int main(int argc, char **argv)
{
	struct archive *a = archive_write_new();
	int i;

	err_init(argv[0]);
	if (argc < 3 || archive_write_set_format_by_name(a, argv[1]) ||
		archive_write_open_fd(a, 1))
		die("%s", argc < 3 ? "no file" : archive_error_string(a));
	for (i = 2; i < argc; i++)
		add(a, argv[i]);
	if (archive_write_close(a) != ARCHIVE_OK)
		die("%s", archive_error_string(a));
	archive_write_free(a);
	return 0;
}
