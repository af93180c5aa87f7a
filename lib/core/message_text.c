#include "core/message_priv.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

#define TEXT_KEY_LEN 9 /* u32 campaign, u32 ordinal, u8 what */
#define ID_LEN 16      /* bytes of an id kept in a record */
#define TWILIO_LEN 34  /* "SM" and 32 hexadecimal digits */
#define UUID_LEN 36

enum { /* RC_FLAG_PROVIDER */
	ID_NONE,
	ID_SM,
	ID_MM,
	ID_UUID,
	ID_TEXT
};

static struct rc_slice
text_key(unsigned char key[TEXT_KEY_LEN], uint32_t campaign, uint32_t ordinal,
    unsigned what)
{
	rc_put32(key, campaign);
	rc_put32(key + 4, ordinal);
	key[8] = (unsigned char)what;
	return rc_slice_of(key, TEXT_KEY_LEN);
}

enum rc_err
rc_message_text_put(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    unsigned what, struct rc_slice text, struct rc_error *e)
{
	unsigned char key[TEXT_KEY_LEN];

	return rc_put(txn, RC_T_MESSAGE_TEXT,
	    text_key(key, campaign, ordinal, what), text, e);
}

enum rc_err
rc_message_text_get(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    unsigned what, struct rc_slice *text, struct rc_error *e)
{
	unsigned char key[TEXT_KEY_LEN];

	return rc_get(txn, RC_T_MESSAGE_TEXT,
	    text_key(key, campaign, ordinal, what), text, e);
}

enum rc_err
rc_message_text_clear(
    struct rc_txn *txn, uint32_t campaign, uint32_t ordinal, struct rc_error *e)
{
	unsigned char key[TEXT_KEY_LEN];
	struct rc_slice prefix = text_key(key, campaign, ordinal, 0);
	size_t done;

	prefix.len--;
	return rc_del_prefix(
	    txn, RC_T_MESSAGE_TEXT, prefix, UINT8_MAX + 1, &done, e);
}

static enum rc_err
check_url_number(unsigned n, struct rc_error *e)
{
	if (n >= 1 && n + RC_TEXT_URL <= UINT8_MAX)
		return RC_OK;
	return rc_err_set(
	    e, RC_EINTERNAL, "a message has no expanded URL %u", n);
}

enum rc_err
rc_message_url_put(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    unsigned n, struct rc_slice url, struct rc_error *e)
{
	enum rc_err err = check_url_number(n, e);

	if (err != RC_OK)
		return err;
	return rc_message_text_put(
	    txn, campaign, ordinal, RC_TEXT_URL + n, url, e);
}

enum rc_err
rc_message_url_get(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    unsigned n, struct rc_slice *url, struct rc_error *e)
{
	enum rc_err err = check_url_number(n, e);

	if (err != RC_OK)
		return err;
	return rc_message_text_get(
	    txn, campaign, ordinal, RC_TEXT_URL + n, url, e);
}

/* --- provider ids -------------------------------------------------------- */

/* The text of an id kept in a record. */
static void
write_id(unsigned kind, const unsigned char id[ID_LEN], char *out, size_t size)
{
	char h[2 * ID_LEN + 1];

	rc_hex(id, ID_LEN, h);
	if (kind == ID_UUID)
		snprintf(out, size, "%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8,
		    h + 12, h + 16, h + 20);
	else
		snprintf(out, size, "%s%s", kind == ID_SM ? "SM" : "MM", h);
}

/* ID_TEXT unless the id comes back from 16 bytes as it was. */
static unsigned
pack_id(struct rc_slice text, unsigned char id[ID_LEN])
{
	char hex[2 * ID_LEN], back[UUID_LEN + 1];
	unsigned kind = ID_UUID;
	size_t n = 0;

	if (text.len == TWILIO_LEN) {
		kind = text.p[0] == 'S' ? ID_SM : ID_MM;
		n = sizeof(hex);
		memcpy(hex, text.p + 2, n);
	} else if (text.len == UUID_LEN) {
		for (size_t i = 0; i < text.len && n < sizeof(hex); i++)
			if (text.p[i] != '-')
				hex[n++] = text.p[i];
	}
	if (!rc_unhex((struct rc_slice){hex, n}, id, ID_LEN))
		return ID_TEXT;
	write_id(kind, id, back, sizeof(back));
	return rc_slice_is(text, back) ? kind : ID_TEXT;
}

enum rc_err
rc_provider_id_put(struct rc_ledger *l, unsigned char *record, uint32_t ordinal,
    const char *text, struct rc_error *e)
{
	unsigned char id[ID_LEN] = {0};
	struct rc_slice s = {text,
	    strnlen(text, sizeof(((struct rc_message *)0)->provider_id) - 1)};
	unsigned kind = pack_id(s, id);

	if (s.len == 0)
		return RC_OK;
	record[RC_AT_FLAGS] =
	    (unsigned char)((record[RC_AT_FLAGS] & ~RC_FLAG_PROVIDER) | kind);
	rc_ledger_mark(l, record);
	if (kind == ID_TEXT)
		return rc_message_text_put(
		    l->txn, l->campaign, ordinal, RC_TEXT_PROVIDER, s, e);
	memcpy(record + RC_AT_PROVIDER, id, sizeof(id));
	return RC_OK;
}

enum rc_err
rc_provider_id_get(struct rc_txn *txn, uint32_t campaign, uint32_t ordinal,
    const unsigned char *record, char *id, size_t size, struct rc_error *e)
{
	unsigned kind = record[RC_AT_FLAGS] & RC_FLAG_PROVIDER;
	struct rc_slice text;
	enum rc_err err;

	id[0] = '\0';
	if (kind == ID_NONE)
		return RC_OK;
	if (kind != ID_TEXT) {
		write_id(kind, record + RC_AT_PROVIDER, id, size);
		return RC_OK;
	}
	err = rc_message_text_get(
	    txn, campaign, ordinal, RC_TEXT_PROVIDER, &text, e);
	if (err == RC_OK)
		snprintf(id, size, "%.*s", (int)text.len, text.p);
	return err == RC_NOTFOUND ? RC_OK : err;
}
