/* io.h - files and pipes: buffered input, output that is whole or not there
 *
 * EINTR, short reads and short writes are handled here and nowhere else.
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

/* Opens a file for reading; "-" is standard input. A directory or a name
 * that is not there is fatal. */
struct input *input_open(const char *name);

/* An input that takes its bytes from read(ctx, buf, n), which returns how
 * many it gave, 0 at the end, and dies on errors. close may be NULL. */
struct input *input_open_with(const char *name,
	size_t (*read)(void *ctx, void *buf, size_t n),
	void (*close)(void *ctx), void *ctx);

/* For programs that can use what stands before and behind damaged data: when
 * set, readers of compressed data and archives tell it what is wrong,
 * "NAME: byte N: ...", and the input ends there. Otherwise damage is fatal. */
extern void (*input_on_damage)(const char *message);

enum input_end {
	INPUT_WHOLE,		/* as it should end, or not ended yet */
	INPUT_CUT,		/* the data before the end is sound, but there
				 * should be more */
	INPUT_DAMAGED		/* the data before the end may be wrong too */
};

/* For such a reader, in read(): the input ends behind what this call returns,
 * and only its first `sound` bytes can be trusted. resume(ctx), which may be
 * NULL, finds the place where the data goes on; it returns false when there is
 * none. */
void input_break(struct input *in, enum input_end how, uint64_t sound,
	bool (*resume)(void *ctx));

/* How the input ends, once a call has given less than was asked for. */
enum input_end input_ended(const struct input *in);

/* Where INPUT_DAMAGED: bytes before this offset are sound all the same. */
uint64_t input_sound(const struct input *in);

/* Goes on behind the break that ended the input, when every byte before it was
 * taken. False: it did not end at one, or nothing follows. */
bool input_resume(struct input *in);

/* Reads up to n bytes; less than n only at the end. */
size_t input_read(struct input *in, void *buf, size_t n);

/* As input_read, but returns as soon as some bytes are there; 0 at the end. */
size_t input_read_some(struct input *in, void *buf, size_t n);

/* The next bytes without taking them: *p points at up to n of them (n at most
 * 64 KiB), the return value says how many; less than n only at the end. */
size_t input_peek(struct input *in, const void **p, size_t n);

/* Takes the byte order mark of UTF-8, if that is what comes next. */
void input_skip_mark(struct input *in);

/* The next line without its '\n': *line points into the input's own memory
 * until the next call. Returns false at the end. A line may hold NUL bytes.
 * A last line without '\n' is a line. A line longer than max bytes is fatal
 * when max is not 0. */
bool input_line(struct input *in, char **line, size_t *len, size_t max);

/* For messages: the name ("standard input" for "-"), lines taken so far,
 * bytes taken so far; ended_in_newline is false after a last line without. */
const char *input_name(const struct input *in);
uint64_t input_lineno(const struct input *in);
uint64_t input_offset(const struct input *in);
bool input_ended_in_newline(const struct input *in);

void input_close(struct input *in);

/* The whole of a file, read at once; the caller frees the result, which has a
 * NUL behind its *len bytes. "-" is standard input. */
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
 * and no longer counts as the process's. Reading it anyway reads the file. */
void file_release(const void *p, size_t n);

/* ---- names ---- */

/* DIR/NAME; the caller frees it. */
char *path_join(const char *dir, const char *name);
bool name_ends(const char *name, const char *end);

/* The operands of a command line; where there are none (or NULL), "-" alone. */
char **input_names(char **operands);

bool file_exists(const char *name);
bool file_is_dir(const char *name);
bool file_same(const char *a, const char *b);	/* names of one that exists */
void dir_make(const char *name);	/* an existing directory is fine */

/* dir_make, and no other program that claims the directory may write it until
 * this one ends; one that does so already is fatal. What killed runs left
 * there is removed. */
void dir_claim(const char *name);

/* ---- output ---- */

struct output;

/* Standard output, or a file that appears under its name only when it is
 * complete: bytes go to NAME.tmp.HOST.PID, output_close syncs and renames. When
 * the program ends otherwise (die, exit, SIGINT, SIGTERM, SIGHUP) the
 * temporary file is removed; what a killed run left of one of this name is
 * removed here. name NULL or "-" is standard output; opening it
 * fails when descriptor 1 is closed. Symbolic links stay: the file that they
 * lead to is written (target.h). A file that exists keeps its permissions, and
 * its owner where we may give it away; pipes and devices are written in
 * place. */
struct output *output_open(const char *name);

void output_write(struct output *out, const void *p, size_t n);
void output_str(struct output *out, const char *s);
void output_putc(struct output *out, int c);
void output_printf(struct output *out, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
void output_flush(struct output *out);
const char *output_name(const struct output *out);

/* Patches bytes already written, for headers known at the end; only on a
 * regular file. */
void output_patch(struct output *out, uint64_t offset, const void *p, size_t n);

/* Flushes, checks, syncs, renames, frees. Standard output is closed too, so
 * that a full disk shows. */
void output_close(struct output *out);

/* Refuses, with what to do instead, to write binary data to a terminal. */
void output_refuse_terminal(const struct output *out);

/* Asked before the work is done that is to be written: whether a file of that
 * name can be, else why in errno. Nothing is left behind. The second is fatal
 * where it cannot. */
bool output_possible(const char *name);
void output_try(const char *name);

/* The same for a second output, --option NAME, of a program that writes first
 * (NULL or "-": standard output): a usage error when that is standard output
 * too. Nothing when name is NULL. */
void output_try_second(const char *option, const char *name,
	const char *first);

/* Output is kept in name's directory but under a temporary name; the caller
 * ends with output_close. A whole string at once: */
void file_write(const char *name, const void *p, size_t n);

#endif
