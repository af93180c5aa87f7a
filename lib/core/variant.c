#include "core/variant.h"

#include "base/num.h"

#include <string.h>

bool
rc_variant_name_ok(struct rc_slice name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	for (size_t i = 0; i < name.len; i++)
		if (memchr(allowed, name.p[i], sizeof(allowed) - 1) == NULL)
			return false;
	return name.len > 0 && name.len <= RC_VARIANT_NAME_MAX;
}

static struct rc_variant *
find(struct rc_variants *v, struct rc_slice name)
{
	for (size_t i = 0; i < v->n; i++)
		if (rc_slice_eq(v->list[i].name, name))
			return &v->list[i];
	return NULL;
}

enum rc_err
rc_variants_use(struct rc_variants *v, const struct rc_variant *set, size_t n,
    struct rc_error *e)
{
	for (size_t i = 0; i < v->n; i++) {
		v->list[i].weight = 0;
		v->list[i].text = RC_SLICE_LIT("");
	}
	for (size_t i = 0; i < n; i++) {
		struct rc_variant *at = find(v, set[i].name);

		if (at == NULL && v->n == RC_VARIANT_NUMBERS)
			return rc_err_set(e, RC_ECONFIG,
			    "the campaign has had %d variants: begin another "
			    "with -k",
			    RC_VARIANT_NUMBERS);
		if (at == NULL)
			at = &v->list[v->n++];
		*at = set[i];
	}
	return RC_OK;
}

/* --- the record ----------------------------------------------------------- */

void
rc_split_write(
    const struct rc_variants *v, unsigned holdout, struct rc_buf *out)
{
	if (v->n == 0 && holdout == 0)
		return;
	rc_buf_add32(out, holdout);
	rc_buf_add8(out, (uint8_t)v->n);
	for (size_t i = 0; i < v->n; i++) {
		rc_buf_add_str(out, v->list[i].name);
		rc_buf_add32(out, v->list[i].weight);
		rc_buf_add_str(out, v->list[i].text);
	}
}

enum rc_err
rc_split_read(struct rc_slice record, struct rc_variants *v, unsigned *holdout,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(record);

	v->n = 0;
	*holdout = 0;
	if (record.len == 0)
		return RC_OK;
	*holdout = rc_unpack32(&u);
	v->n = rc_unpack8(&u);
	for (size_t i = 0; i < v->n; i++) {
		v->list[i].name = rc_unpack_str(&u);
		v->list[i].weight = rc_unpack32(&u);
		v->list[i].text = rc_unpack_str(&u);
		if (!rc_variant_name_ok(v->list[i].name))
			return rc_state_damaged(e, "a campaign record");
	}
	if (u.short_read || u.p != u.end)
		return rc_state_damaged(e, "a campaign record");
	return RC_OK;
}

/* --- who gets which ------------------------------------------------------- */

static void
derive(const struct rc_state_keys *keys, char what, const char *campaign,
    unsigned char key[RC_SHA256_LEN])
{
	char all[sizeof(keys->variant) + 1 + RC_CAMPAIGN_NAME_MAX];
	size_t len = strnlen(campaign, RC_CAMPAIGN_NAME_MAX);

	memcpy(all, keys->variant, sizeof(keys->variant));
	all[sizeof(keys->variant)] = what;
	memcpy(all + sizeof(keys->variant) + 1, campaign, len);
	rc_sha256((struct rc_slice){all, sizeof(keys->variant) + 1 + len}, key);
}

void
rc_split_open(struct rc_split *s, const struct rc_state_keys *keys,
    const char *campaign, const struct rc_variants *v, unsigned holdout)
{
	derive(keys, 'v', campaign, s->variant_key);
	derive(keys, 'h', campaign, s->holdout_key);
	s->holdout = holdout;
	s->n = v->n;
	s->total = 0;
	for (size_t i = 0; i < v->n; i++) {
		s->weight[i] = v->list[i].weight;
		s->total += s->weight[i];
	}
}

/* A number below most (at most 2^32), as likely as any other. */
static uint64_t
draw(const unsigned char key[RC_SHA256_LEN], const struct rc_ident *to,
    uint64_t most)
{
	return ((rc_siphash(key, to->key, to->key_len) >> 32) * most) >> 32;
}

uint8_t
rc_split_variant(const struct rc_split *s, const struct rc_ident *to)
{
	uint64_t at = draw(s->variant_key, to, s->total);

	for (size_t i = 0; i < s->n; i++) {
		if (at < s->weight[i])
			return (uint8_t)(i + 1);
		at -= s->weight[i];
	}
	return 0;
}

bool
rc_split_holds(const struct rc_split *s, const struct rc_ident *to)
{
	return draw(s->holdout_key, to, RC_HOLDOUT_ALL) < s->holdout;
}
