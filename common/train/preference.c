/* preference.c - losses of pairs of answers: see preference.h */
#include "common/train/preference.h"

#include <math.h>
#include <string.h>

/* Log-probabilities per token stay below this, so that odds are finite. */
#define SURE (-1e-6)

/* DPO: Rafailov et al. 2023; with smoothing, cDPO: Mitchell 2023. IPO: Azar et
 * al. 2023, with means over tokens, as in the experiments of the paper. Hinge:
 * SLiC, Zhao et al. 2023, as in Liu et al. 2023. Robust: Ray Chowdhury et al.
 * 2024. dpo-norm: DPO with means over tokens, and beta as in Lambert et al. 2024.
 * SimPO: Meng et al. 2024. APO-zero: D'Oosterlinck et al. 2024. ORPO: Hong et al.
 * 2024. */
static const struct preference table[] = {
	{ "dpo", PREFERENCE_LOGISTIC, true, false, false, .1, 0, 0, 0 },
	{ "ipo", PREFERENCE_SQUARE, true, true, false, .1, 0, 0, 0 },
	{ "hinge", PREFERENCE_HINGE, true, false, false, .1, 0, 0, 0 },
	{ "robust", PREFERENCE_LOGISTIC, true, false, true, .1, 0, .1, 0 },
	{ "dpo-norm", PREFERENCE_LOGISTIC, true, true, false, 5, 0, 0, 0 },
	{ "simpo", PREFERENCE_LOGISTIC, false, true, false, 2.5, 1.375, 0, 0 },
	{ "apo-zero", PREFERENCE_SEPARATE, true, false, false, .1, 0, 0, 0 },
	{ "orpo", PREFERENCE_ODDS, false, true, false, .1, 0, 0, 1 },
};

const struct preference *preference_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

static double log_sigmoid(double x)
{
	return x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}

static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

/* A loss as a function of the two scores, with its derivatives. */
struct scored {
	double loss, chosen, rejected;
};

static struct scored of_difference(double loss, double slope)
{
	return (struct scored) { loss, slope, -slope };
}

static struct scored logistic(const struct preference *p, double x)
{
	double swapped = p->unbiased ? -p->smoothing : p->smoothing;
	double scale = p->unbiased ? 1 / (1 - 2 * p->smoothing) : 1;
	double kept = 1 - p->smoothing;

	return of_difference(scale * (-kept * log_sigmoid(x) -
		swapped * log_sigmoid(-x)), p->beta * scale *
		(-kept * sigmoid(-x) + swapped * sigmoid(x)));
}

static struct scored separate(double beta, double chosen, double rejected)
{
	double up = sigmoid(beta * chosen), down = sigmoid(beta * rejected);

	return (struct scored) { 1 - up + down, -beta * up * (1 - up),
		beta * down * (1 - down) };
}

/* The logarithm of e^x / (1 - e^x). */
static double log_odds(double x, double *slope)
{
	x = fmin(x, SURE);
	*slope = -1 / expm1(x);
	return x - log(-expm1(x));
}

static struct scored odds(double beta, double chosen, double rejected)
{
	double up, down, x = log_odds(chosen, &up) - log_odds(rejected, &down);
	double slope = -beta * sigmoid(-x);

	return (struct scored) { -beta * log_sigmoid(x), slope * up,
		-slope * down };
}

static struct scored loss_of(const struct preference *p, double chosen,
	double rejected)
{
	double d = chosen - rejected, x = p->beta * d - p->margin;
	double off = d - 1 / (2 * p->beta);

	switch (p->kind) {
	case PREFERENCE_SQUARE:
		return of_difference(off * off, 2 * off);
	case PREFERENCE_HINGE:
		return of_difference(fmax(0, 1 - x), x < 1 ? -p->beta : 0);
	case PREFERENCE_SEPARATE:
		return separate(p->beta, chosen, rejected);
	case PREFERENCE_ODDS:
		return odds(p->beta, chosen, rejected);
	default:
		return logistic(p, x);
	}
}

struct preferred preference_loss(const struct preference *p,
	const struct answered *chosen, const struct answered *rejected)
{
	double nc = (double)chosen->tokens, nr = (double)rejected->tokens;
	double per_chosen = p->per_token ? nc : 1;
	double per_rejected = p->per_token ? nr : 1;
	double c = (chosen->logprob - (p->reference ? chosen->ref : 0)) /
		per_chosen;
	double r = (rejected->logprob - (p->reference ? rejected->ref : 0)) /
		per_rejected;
	struct scored s = loss_of(p, c, r);

	return (struct preferred) {
		.loss = s.loss - p->nll * chosen->logprob / nc,
		.chosen = s.chosen / per_chosen - p->nll / nc,
		.rejected = s.rejected / per_rejected,
		.margin = p->beta * (c - r),
		.right = c > r
	};
}
