/* curves_parts.h - shared by the files of curves.h */
#ifndef PIPELM_CURVES_PARTS_H
#define PIPELM_CURVES_PARTS_H

#include "common/format/log_table.h"
#include "common/page/page.h"
#include "common/train/curves.h"

struct logged_run {
	const char *name;	/* as it was given */
	bool dir;		/* it is a directory; otherwise all there is is log */
	struct log_table *log;
	struct log_table *speed, *layers;	/* or NULL; see measures.h */
};

struct curves {
	const struct curve_options *options;
	struct logged_run *v;
	size_t n;
};

/* DIR/FILE of a run, or NULL if it has none. The caller frees it. */
char *logged_file(const struct logged_run *r, const char *file);

/* A column of a table with steps, over the x of the options, smoothed, without what
 * was not measured; of no points if t is NULL or has no such column. name is kept by
 * reference; series_free frees the points. */
struct series curve_of(const struct log_table *t, const char *column,
	const struct curve_options *options, const char *name);
void series_free(struct series *s);

/* curves_samples.c, curves_layers.c: sections of a page, if there is any of it. */
void curves_put_samples(struct page *p, const struct curves *c);
void curves_put_layers(struct page *p, const struct curves *c);

/* The name of the column of x. */
const char *curve_x(const struct curve_options *options);

#endif
