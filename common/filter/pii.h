/* pii.h - replaces e-mail addresses and public IPv4 addresses
 *
 * The patterns and replacements are those of FineWeb's formatter: addresses by
 * RFC 5321 without quoted local parts, and four decimal octets if the address
 * is globally reachable (IANA's special-purpose registry). Replacements
 * alternate; every text starts with the first again, so that the result does
 * not depend on what else is cleaned.
 */
#ifndef PIPELM_PII_H
#define PIPELM_PII_H

#include <stddef.h>

#include "common/base/buf.h"

/* Replaces all matches in text; returns their number. scratch is working
 * memory. */
size_t pii_replace(struct buf *text, struct buf *scratch);

#endif
