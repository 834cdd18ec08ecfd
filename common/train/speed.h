/* speed.h - what this machine computes at most, to compare a run with */
#ifndef PIPELM_SPEED_H
#define PIPELM_SPEED_H

#include "common/kernel/kernel.h"

/* Floating-point operations a second of one large product on all threads, in fp32 or
 * bf16: the fastest of several, in a tenth of a second. */
double speed_of_products(enum compute compute);

#endif
