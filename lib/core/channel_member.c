#include "core/channel_priv.h"

#include <stdlib.h>
#include <string.h>

/* What a key fills, as it is before an object is read. */
static void
take_default(struct rc_channel *c, const struct rc_channel_key *k)
{
	const struct rc_channel *defaults = &rc_channel_defaults;
	const void *from = rc_channel_value(defaults, k);
	void *to = rc_channel_member(c, k);
	size_t *count;

	switch (k->type) {
	case RC_KEY_CHOICE:
	case RC_KEY_COUNT:
		memcpy(to, from, sizeof(unsigned));
		break;
	case RC_KEY_NUMBER:
		memcpy(to, from, sizeof(double));
		break;
	case RC_KEY_CAP:
		c->cap = defaults->cap;
		c->cap_window_ms = defaults->cap_window_ms;
		break;
	case RC_KEY_STATUS:
		c->status_min = defaults->status_min;
		c->status_max = defaults->status_max;
		break;
	case RC_KEY_HEADERS:
		rc_channel_headers(c, k, &count);
		rc_channel_headers_free(to, *count);
		memset(to, 0, *count * sizeof(struct rc_channel_header));
		*count = 0;
		break;
	case RC_KEY_TEXT:
	case RC_KEY_URL:
	case RC_KEY_POINTER:
	case RC_KEY_QUIET:
		rc_channel_wipe(to);
		break;
	}
}

void
rc_channel_reset(struct rc_channel *c, const struct rc_channel_key *k)
{
	take_default(c, k);
	c->given &= ~(1ULL << (k - rc_channel_keys));
}

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

/* In any order, which means nothing. */
static bool
same_headers(const struct rc_channel_header *a, size_t na,
    const struct rc_channel_header *b, size_t nb)
{
	for (size_t i = 0; i < na; i++) {
		const struct rc_channel_header *h =
		    rc_channel_header_find(b, nb, rc_slice_str(a[i].name));

		if (h == NULL || h->secret != a[i].secret ||
		    !same_text(h->value, a[i].value))
			return false;
	}
	return na == nb;
}

bool
rc_channel_same(const struct rc_channel *a, const struct rc_channel *b,
    const struct rc_channel_key *k)
{
	const void *of_a = rc_channel_value(a, k);
	const void *of_b = rc_channel_value(b, k);

	switch (k->type) {
	case RC_KEY_CHOICE:
	case RC_KEY_COUNT:
		return memcmp(of_a, of_b, sizeof(unsigned)) == 0;
	case RC_KEY_NUMBER:
		return memcmp(of_a, of_b, sizeof(double)) == 0 &&
		       rc_channel_given(a, k) == rc_channel_given(b, k);
	case RC_KEY_CAP:
		return a->cap == b->cap &&
		       (a->cap == 0 || a->cap_window_ms == b->cap_window_ms);
	case RC_KEY_STATUS:
		return a->status_min == b->status_min &&
		       a->status_max == b->status_max;
	case RC_KEY_HEADERS:
		return same_headers(of_a, rc_channel_header_count(a, k), of_b,
		    rc_channel_header_count(b, k));
	case RC_KEY_TEXT:
	case RC_KEY_URL:
	case RC_KEY_POINTER:
	case RC_KEY_QUIET:
		break;
	}
	return same_text(rc_channel_text(a, k), rc_channel_text(b, k));
}
