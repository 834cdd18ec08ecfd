/* report.h - text with tables and charts, as report(1) describes it, to a page
 *
 * Files are read one after another into one page; a block ends in the file in which
 * it begins. Faults are fatal and named by file and line.
 */
#ifndef PIPELM_REPORT_H
#define PIPELM_REPORT_H

#include "common/base/io.h"

/* title: NULL takes the first line if it is "# TITLE", or else "Report". Both
 * arguments must outlive the report. */
struct report;
struct report *report_begin(struct output *out, const char *title);
void report_add(struct report *r, struct input *in);
void report_end(struct report *r);	/* ends the page and frees r */

#endif
