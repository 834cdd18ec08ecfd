/* share.h - how far a share of a sample may be from that of all
 */
#ifndef PIPELM_SHARE_H
#define PIPELM_SHARE_H

/* The 95% confidence interval of a share p of n independent cases (Wilson
 * 1927). */
void share_interval(double p, double n, double *low, double *high);

#endif
