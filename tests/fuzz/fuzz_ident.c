/*
 * The first byte is the type.  What a list takes, the command line takes as
 * the same key, and a key comes back as an identifier of that key.
 */
#include "text/ident.h"
#include "text/phone.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void
check_same_key(const struct rc_ident *a, const unsigned char *key, size_t len)
{
	if (a->key_len != len || memcmp(a->key, key, len) != 0)
		abort();
}

static void
check_back(const struct rc_ident *id)
{
	struct rc_slice key = {(const char *)id->key, id->key_len};
	struct rc_ident back, again;
	struct rc_error e;

	if (rc_ident_from_key(id->type, key, &back, &e) != RC_OK ||
	    rc_ident_parse(id->type, rc_slice_str(back.text), &again, &e) !=
		RC_OK)
		abort();
	check_same_key(&back, id->key, id->key_len);
	check_same_key(&again, id->key, id->key_len);
	if (id->type == RC_IDENT_PHONE && rc_phone_code(id->phone) == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct rc_slice s = {(const char *)data + 1, len - 1};
	unsigned char key[RC_IDENT_KEY_MAX];
	enum rc_ident_type type;
	struct rc_ident id;
	struct rc_error e;
	size_t key_len;
	bool repaired, taken;

	if (len == 0)
		return 0;
	type = (enum rc_ident_type)(data[0] % 3 + 1);
	taken = rc_ident_list_value(
		    type, rc_slice_trim(s), key, &key_len, &repaired) == NULL;
	if (rc_ident_parse(type, s, &id, &e) == RC_OK)
		check_back(&id);
	else if (taken)
		abort();
	if (taken)
		check_same_key(&id, key, key_len);
	return 0;
}
