/* log_table.h - reads the tab-separated numbers that trainers leave: trainlog(5)
 *
 * A header line with the names of the columns, then numbers, a line for each step or
 * for several things at a step: the first column is the step, which never decreases.
 */
#ifndef PIPELM_LOG_TABLE_H
#define PIPELM_LOG_TABLE_H

#include <stddef.h>

struct log_table {
	char *file;
	size_t columns, rows;
	char **name;		/* (columns) */
	double *value;		/* (columns, rows); NaN: not measured */
};

/* Reads a file whose header begins with these columns; what: "a trainlog", for
 * messages. A last line without its newline, of a run that is still writing or was
 * killed, is left out with a warning. Everything else that is not as above is fatal,
 * with file and line. A run that has just begun has no rows. "-" is standard input. */
struct log_table *log_table_read(const char *file, const char *begin,
	const char *what);
void log_table_free(struct log_table *t);

/* The values (rows) of a column, or NULL if there is none of that name. */
const double *log_table_column(const struct log_table *t, const char *name);

#endif
