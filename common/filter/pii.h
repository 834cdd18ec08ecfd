/* pii.h - e-mail addresses and public IPv4 addresses are replaced
 *
 * The patterns and replacements are those of FineWeb's formatter: an address
 * as RFC 5321 has it without quoted local parts; four decimal octets, when
 * the address can be reached from everywhere (IANA's special-purpose registry).
 * Replacements take turns; the turn begins anew with every text, so that the
 * result does not depend on what else is cleaned.
 */
#ifndef PIPELM_PII_H
#define PIPELM_PII_H

#include <stddef.h>

#include "common/base/buf.h"

/* Replaces what is found in text; returns how many replacements were made.
 * scratch is memory to work in. */
size_t pii_replace(struct buf *text, struct buf *scratch);

#endif
