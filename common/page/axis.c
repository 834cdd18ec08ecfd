/* axis.c - axes of charts: their ranges, places and ticks; see page.h, page_parts.h */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/page/page_parts.h"

/* Beyond these the ends of an axis would overflow. */
#define LARGEST 1e250
#define SMALLEST 1e-250

bool axis_shows(const struct axis *a, double x)
{
	return fabs(x) <= LARGEST && (!a->log || x >= SMALLEST);
}

double axis_place(const struct axis *a, double x)
{
	double low = a->low, high = a->high;

	if (a->log) {
		x = log10(x);
		low = log10(low);
		high = log10(high);
	}
	return a->begin + (x - low) / (high - low) * (a->end - a->begin);
}

/* ---- ticks ---- */

static size_t linear_ticks(double *tick, double low, double high, size_t most)
{
	double step = pow(10, floor(log10((high - low) / (double)most)));
	static const double factor[] = { 1, 2, 5, 10, 20 };
	double first;
	size_t n = 0, i = 0;

	while (i < 4 && floor(high / (step * factor[i])) -
		ceil(low / (step * factor[i])) + 1 > (double)most)
		i++;
	step *= factor[i];
	first = ceil(low / step - 1e-9);
	while (n < most && (first + (double)n) * step <= high + 1e-9 * step) {
		tick[n] = (first + (double)n) * step;
		n++;
	}
	return n;
}

/* The first `fine` of 1, 2 and 5 times every how many-th power of ten. Returns how
 * many there are; stores at most TICKS_MAX. */
static size_t powers(double *tick, double low, double high, size_t fine,
	double every)
{
	static const double factor[] = { 1, 2, 5 };
	double e = ceil(log10(low) - 1e-9) - (fine > 1), x;
	size_t n = 0, i;

	for (; e <= floor(log10(high) + 1e-9); e += every)
		for (i = 0; i < fine; i++) {
			x = factor[i] * pow(10, e);
			if (x < low * (1 - 1e-9) || x > high * (1 + 1e-9))
				continue;
			if (n < TICKS_MAX)
				tick[n] = x;
			n++;
		}
	return n;
}

static size_t log_ticks(double *tick, double low, double high, size_t most)
{
	size_t n = powers(tick, low, high, 3, 1);
	double every;

	for (every = 1; n > most; every++)
		n = powers(tick, low, high, 1, every);
	return n;
}

size_t page_ticks(double *tick, double low, double high, bool log, size_t most)
{
	size_t n = 0;

	if (most > TICKS_MAX)
		most = TICKS_MAX;
	if (!(high > low) || !most)
		return 0;
	if (log)
		n = log_ticks(tick, low, high, most);
	return n > 1 ? n : linear_ticks(tick, low, high, most);
}

/* 1e+06 as 1e6. */
void page_tick_text(char text[32], double x)
{
	char *e;

	snprintf(text, 32, "%.6g", fabs(x) < 1e-12 ? 0 : x);
	e = strchr(text, 'e');
	if (!e)
		return;
	e += e[1] == '-' ? 2 : 1;
	while (*e == '+' || (*e == '0' && e[1]))
		memmove(e, e + 1, strlen(e));
}

static void widen(struct axis *a, double x)
{
	a->low = fmin(a->low, x);
	a->high = fmax(a->high, x);
}

/* Leaves room around the values, and around a single one. */
static void pad(struct axis *a, double share)
{
	double room = share * (a->log ? log10(a->high) - log10(a->low) :
		a->high - a->low);

	if (!(a->high > a->low))
		room = a->log ? .3 : fabs(a->low) > 0 ? fabs(a->low) / 10 : 1;
	if (a->log) {
		a->low /= pow(10, room);
		a->high *= pow(10, room);
	} else {
		a->low -= room;
		a->high += room;
	}
}

bool chart_ranges(const struct chart *c, double room, struct axis *x,
	struct axis *y)
{
	size_t i, k;

	x->low = y->low = INFINITY;
	x->high = y->high = -INFINITY;
	for (k = 0; k < c->n; k++)
		for (i = 0; i < c->v[k].n; i++)
			if (axis_shows(x, c->v[k].x[i]) && axis_shows(y, c->v[k].y[i])) {
				widen(x, c->v[k].x[i]);
				widen(y, c->v[k].y[i]);
			}
	if (!(x->high >= x->low))
		return false;
	pad(x, 0);
	pad(y, room);
	return true;
}

