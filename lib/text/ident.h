/*
 * Identifiers as the state keys them (reconnect-state(5), CONVENTIONS): phone
 * numbers, e-mail addresses and custom ids, from text to key and back.
 */
#ifndef RC_TEXT_IDENT_H
#define RC_TEXT_IDENT_H

#include "base/buf.h"

#define RC_IDENT_KEY_MAX 254

enum rc_ident_type {
	RC_IDENT_PHONE = 1,
	RC_IDENT_EMAIL = 2,
	RC_IDENT_CUSTOM = 3
};

struct rc_ident {
	enum rc_ident_type type;
	uint64_t phone; /* of a phone */
	unsigned char key[RC_IDENT_KEY_MAX];
	size_t key_len;
	char text[RC_IDENT_KEY_MAX + 1]; /* canonical, as it is shown */
};

/* The identifier's key; borrowed from it. */
static inline struct rc_slice
rc_ident_key(const struct rc_ident *id)
{
	return rc_slice_of(id->key, id->key_len);
}

/* <0, 0, >0: where the identifier stands to a key of its type. */
int rc_ident_cmp_key(const struct rc_ident *, const void *key, size_t len);

/* "phoneNumber", "email", "custom", as in DY's API; RC_EUSAGE otherwise. */
enum rc_err rc_ident_type_parse(
    struct rc_slice, enum rc_ident_type *, struct rc_error *) RC_MUST_USE;
const char *rc_ident_type_name(enum rc_ident_type);

/*
 * The command line's rules, white space around the text aside; RC_EDATA quotes
 * it and says why.
 */
enum rc_err rc_ident_parse(enum rc_ident_type, struct rc_slice,
    struct rc_ident *, struct rc_error *) RC_MUST_USE;
/* From a key of the state; RC_EINTERNAL when it is none. */
enum rc_err rc_ident_from_key(enum rc_ident_type, struct rc_slice key,
    struct rc_ident *, struct rc_error *) RC_MUST_USE;
/*
 * A subscriber list's rule for one trimmed value, for millions of rows: NULL
 * when it is fine, else the reason for the rejects file.  key takes
 * RC_IDENT_KEY_MAX bytes.
 */
const char *rc_ident_list_value(enum rc_ident_type, struct rc_slice,
    unsigned char *key, size_t *key_len, bool *repaired);

#endif
