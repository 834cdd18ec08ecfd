/* compare.c - the differences of two models, tensor by tensor: see ckpt.h */
#include <math.h>
#include <stdlib.h>

#include "cmd/ckpt/ckpt.h"
#include "common/base/io.h"
#include "common/kernel/kernel.h"
#include "common/model/model_dir.h"

/* Prints the largest absolute difference of a tensor and ||a-b|| / ||a||, which
 * it returns. */
static double compare_tensor(struct output *out, const struct tensor *a,
	const struct tensor *b)
{
	struct vec_difference d = vec_compare(a->data, b->data, a->n);

	output_printf(out, "%s\t%.6g\t%.6g\n", a->name, d.largest,
		d.relative);
	return d.relative;
}

void compare(char **argv, double tolerance)
{
	struct output *out = output_open(NULL);
	struct model *a = model_load(argv[0]), *b = model_load(argv[1]);
	double worst = 0;
	char *differ;
	size_t i;

	fit_shape(a, argv[0], b, argv[1]);
	differ = fit_config(a, b, false);
	output_str(out, "tensor\tmax_difference\trelative\n");
	for (i = 0; i < a->ntensor; i++)
		worst = fmax(worst, compare_tensor(out, &a->tensors[i],
			&b->tensors[i]));
	output_close(out);
	model_free(a);
	model_free(b);
	if (differ && isfinite(tolerance))
		die("%s and %s differ in config.json: %s", argv[0], argv[1],
			differ);
	if (differ)
		warn("%s and %s differ in config.json: %s", argv[0], argv[1],
			differ);
	free(differ);
	if (worst > tolerance)
		die("%s and %s differ by %g, more than %g", argv[0], argv[1],
			worst, tolerance);
}
