/* io.h - files and pipes: buffered input, output that is complete or absent
 *
 * EINTR, short reads and short writes are handled only here.
 * All functions end the program with a message on an I/O error.
 */
#ifndef PIPELM_IO_H
#define PIPELM_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

/* ---- input ---- */

struct input;

/* Opens a file for reading; "-" is standard input. A directory or a missing file
 * is fatal. */
struct input *input_open(const char *name);

/* An input that gets its bytes from read(ctx, buf, n), which returns how many it
 * gave, 0 at the end, and dies on errors. close may be NULL. */
struct input *input_open_with(const char *name,
	size_t (*read)(void *ctx, void *buf, size_t n),
	void (*close)(void *ctx), void *ctx);

/* For programs that can use data before and after damage. When set, readers of
 * compressed data and archives pass it the message, "NAME: byte N: ...", and the
 * input ends there. Otherwise damage is fatal. */
extern void (*input_on_damage)(const char *message);

enum input_end {
	INPUT_WHOLE,		/* complete, or not at its end yet */
	INPUT_CUT,		/* truncated: the data before the end is intact,
				 * but there should be more */
	INPUT_DAMAGED		/* even the data before the end may be wrong */
};

/* For such a reader, called in read(): the input ends after what this call
 * returns, and only its first `sound` bytes can be trusted. resume(ctx), which
 * may be NULL, finds the position where the data continues; it returns false
 * when there is none. */
void input_break(struct input *in, enum input_end how, uint64_t sound,
	bool (*resume)(void *ctx));

/* How the input ends; valid once a call has returned less than requested. */
enum input_end input_ended(const struct input *in);

/* For INPUT_DAMAGED: bytes before this offset are intact nevertheless. */
uint64_t input_sound(const struct input *in);

/* Continues after the break that ended the input, when every byte before it was
 * taken. False: it did not end at a break, or nothing follows. */
bool input_resume(struct input *in);

/* Reads up to n bytes; fewer than n only at the end. */
size_t input_read(struct input *in, void *buf, size_t n);

/* Like input_read, but returns as soon as some bytes are available; 0 at the
 * end. */
size_t input_read_some(struct input *in, void *buf, size_t n);

/* Peeks at the next bytes: *p points at up to n of them (n at most 64 KiB), and
 * the number is returned; fewer than n only at the end. */
size_t input_peek(struct input *in, const void **p, size_t n);

/* Skips a UTF-8 byte order mark, if it is next. */
void input_skip_mark(struct input *in);

/* The next line without its '\n': *line points into the input's memory until the
 * next call. Returns false at the end. A line may contain NUL bytes. A last line
 * without '\n' is a line. A line longer than max bytes is fatal, unless max is
 * 0. */
bool input_line(struct input *in, char **line, size_t *len, size_t max);

/* For messages: the name ("standard input" for "-"), lines and bytes taken so
 * far; ended_in_newline is false after a last line without one. */
const char *input_name(const struct input *in);
uint64_t input_lineno(const struct input *in);
uint64_t input_offset(const struct input *in);
bool input_ended_in_newline(const struct input *in);

void input_close(struct input *in);

/* Reads a whole file; the caller frees the result, whose *len bytes are followed
 * by a NUL. "-" is standard input. */
char *file_read(const char *name, size_t *len);

/* ---- mapped files ---- */

struct mapped {
	const unsigned char *p;
	size_t n;
};

/* Maps a regular file read-only. An empty file gives p = NULL, n = 0. */
void file_map(const char *name, struct mapped *m);
void file_unmap(struct mapped *m);

/* The memory of n bytes of a map will not be read again soon: it is given back
 * and no longer counts as the process's, unless it is less than the system maps
 * at once. Reading it anyway reads the file. */
void file_release(const void *p, size_t n);

/* The same for many small pieces: each call interrupts all processors of the process,
 * so what lies close together in one map, which `map` identifies, is released together,
 * with all that is between. Zero-initialise it; file_release_rest must precede
 * file_unmap. */
struct release {
	const void *map;
	uintptr_t begin, end;
};
void file_release_some(struct release *r, const void *map, const void *p,
	size_t n);
void file_release_rest(struct release *r);

/* ---- names ---- */

/* DIR/NAME; the caller frees it. */
char *path_join(const char *dir, const char *name);
bool name_ends(const char *name, const char *end);

/* The operands of a command line; if there are none (or NULL), just "-". */
char **input_names(char **operands);

bool file_exists(const char *name);
bool file_is_dir(const char *name);
bool file_is_stream(const char *name);	/* a FIFO or device, read once */
bool file_same(const char *a, const char *b);	/* names of one that exists */
void dir_make(const char *name);	/* an existing directory is fine */

/* Removes files of a directory, ended by NULL, the last first, what killed runs left of
 * them, and then itself unless others are in it. Whatever is missing is fine. */
void dir_remove(const char *name, const char *const *files);

/* Like dir_make, and locks the directory against other programs that claim it
 * until this one ends; dies if it is already claimed. Removes what killed runs
 * left there. */
void dir_claim(const char *name);

/* ---- output ---- */

struct output;

/* Standard output, or a file that appears under its name only when it is
 * complete: bytes go to NAME.tmp.HOST.PID, output_close syncs and renames it.
 * When the program ends otherwise (die, exit, SIGINT, SIGTERM, SIGHUP), the
 * temporary file is removed; one left by a killed run is removed here. name NULL
 * or "-" is standard output; opening it fails when descriptor 1 is closed.
 * Symbolic links are kept: the file they lead to is written (target.h). An
 * existing file keeps its permissions, and its owner if we may set it; pipes
 * and devices are written in place. */
struct output *output_open(const char *name);

void output_write(struct output *out, const void *p, size_t n);
void output_str(struct output *out, const char *s);
void output_putc(struct output *out, int c);
void output_printf(struct output *out, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
void output_flush(struct output *out);
const char *output_name(const struct output *out);

/* Overwrites bytes already written, for headers that are known at the end; only
 * for a regular file. */
void output_patch(struct output *out, uint64_t offset, const void *p, size_t n);

/* Flushes, checks, syncs, renames, frees. Standard output is closed too, so that
 * a full disk is noticed. */
void output_close(struct output *out);

/* Refuses to write binary data to a terminal, and says what to do instead. */
void output_refuse_terminal(const struct output *out);

/* Call it before doing the work: whether a file of that name can be written; if
 * not, errno says why. Leaves nothing behind. The second dies if it cannot. */
bool output_possible(const char *name);
void output_try(const char *name);

/* The same for a second output, --option NAME, of a program that writes first
 * (NULL or "-": standard output): a usage error when both are standard output.
 * Does nothing when name is NULL. */
void output_try_second(const char *option, const char *name,
	const char *first);

/* Writes a whole string to a file, with a temporary name as in output_open. */
void file_write(const char *name, const void *p, size_t n);

#endif
