/* decode.c - decodes ids: see encode.h */
#include "common/token/encode.h"
#include "common/token/vocab_parts.h"

/* Whether text that follows the token is at the start of a context. */
static bool starts_text(const struct vocab *v, int64_t before)
{
	return before < 0 || (vocab_is_special(v, (uint32_t)before) &&
		(before == v->first || before == vocab_eot(v)));
}

/* Whether a space is put before text that follows the added token: not if the
 * token was matched in text that had its spaces already. */
static bool parts_text(const struct vocab *v, int64_t id)
{
	size_t i;

	for (i = 0; i < v->nadded && !v->spaces->late; i++)
		if (v->added[i]->id == id)
			return !v->added[i]->normalized;
	return true;
}

/* A space without a token is that of its byte. */
static bool begins_with_space(const struct vocab *v, uint32_t id)
{
	uint32_t kind = v->tokens[id].kind;

	return (kind == TOKEN_ORDINARY || kind == TOKEN_BYTE) &&
		v->text.p[v->tokens[id].at] == ' ';
}

static bool space_added(const struct vocab *v, int64_t before, uint32_t id)
{
	const struct metaspace *m = v->spaces;
	uint32_t kind;

	if (!m || m->prefix == METASPACE_NEVER || id >= v->ntoken ||
		!begins_with_space(v, id))
		return false;
	if (m->prefix == METASPACE_FIRST || before < 0)
		return starts_text(v, before);
	kind = before < (int64_t)v->ntoken ? v->tokens[before].kind :
		TOKEN_NONE;
	return kind == TOKEN_SPECIAL ||
		(kind == TOKEN_ADDED && parts_text(v, before));
}

const char *tok_bytes(const struct vocab *v, int64_t before, uint32_t id,
	size_t *len)
{
	const char *bytes = vocab_bytes(v, id, len);

	if (!bytes || !space_added(v, before, id))
		return bytes;
	--*len;
	return bytes + 1;
}

size_t tok_decode(const struct vocab *v, const uint32_t *ids, size_t n,
	struct buf *out)
{
	size_t i, len, skipped = 0;

	for (i = 0; i < n; i++) {
		const char *bytes = vocab_bytes(v, ids[i], &len);

		if (bytes)
			buf_add(out, bytes, len);
		else
			skipped++;
	}
	return skipped;
}

size_t tok_decode_on(const struct vocab *v, int64_t *before,
	const uint32_t *ids, size_t n, bool specials, struct buf *out)
{
	size_t i, len, skipped = 0;

	for (i = 0; i < n; i++) {
		const char *bytes = tok_bytes(v, *before, ids[i], &len);

		if (!bytes)
			skipped++;
		else if (specials || !vocab_is_special(v, ids[i]))
			buf_add(out, bytes, len);
		*before = ids[i];
	}
	return skipped;
}
