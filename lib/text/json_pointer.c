#include "text/json.h"

#include "base/num.h"

#include <string.h>

/* A token names a key when it is it with ~1 for / and ~0 for ~. */
static bool
names_key(struct rc_slice token, struct rc_slice key)
{
	size_t k = 0;

	for (size_t i = 0; i < token.len; i++, k++) {
		char c = token.p[i];

		if (c == '~') {
			if (++i == token.len ||
			    (token.p[i] != '0' && token.p[i] != '1'))
				return false;
			c = token.p[i] == '0' ? '~' : '/';
		}
		if (k == key.len || key.p[k] != c)
			return false;
	}
	return k == key.len;
}

static const struct rc_json_value *
step(const struct rc_json_value *v, struct rc_slice token)
{
	uint64_t i;

	if (rc_json_type(v) == RC_JSON_ARRAY) {
		if (!rc_num_u64(token, RC_JSON_MAX, &i) ||
		    (token.len > 1 && token.p[0] == '0'))
			return NULL;
		return rc_json_at(v, (size_t)i);
	}
	if (rc_json_type(v) != RC_JSON_OBJECT)
		return NULL;
	v = rc_json_first(v);
	while (v != NULL && !names_key(token, rc_json_key(v)))
		v = rc_json_next(v);
	return v;
}

const struct rc_json_value *
rc_json_pointer(const struct rc_json_value *v, const char *pointer)
{
	while (v != NULL && *pointer != '\0') {
		size_t len;

		if (*pointer != '/')
			return NULL;
		len = strcspn(++pointer, "/");
		v = step(v, (struct rc_slice){pointer, len});
		pointer += len;
	}
	return v;
}
