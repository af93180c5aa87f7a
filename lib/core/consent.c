#include "core/consent_record.h"

#include "base/num.h"

#include <string.h>

const char *
rc_consent_state_name(enum rc_consent_state s)
{
	static const char *const names[] = {"none", "in", "out"};

	return names[s];
}

const char *
rc_consent_reason_name(enum rc_consent_reason r)
{
	static const char *const names[] = {
	    "nothing", "list", "event", "suppression"};

	return names[r];
}

const char *
rc_suppression_reason(struct rc_slice source)
{
	static const struct {
		const char *source, *reason;
	} known[] = {
	    {RC_SOURCE_REPLY, "stop"},
	    {RC_SOURCE_PROVIDER, "refused"},
	    {RC_SOURCE_RECEIPT, "refused"},
	    {RC_SOURCE_REVIEW, "review"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (rc_slice_is(source, known[i].source))
			return known[i].reason;
	return "other";
}

/* --- records ------------------------------------------------------------- */

static struct rc_slice
event_key(unsigned char key[RC_LIST_PREFIX + RC_IDENT_KEY_MAX],
    uint32_t channel, uint32_t generation, struct rc_slice member_key)
{
	rc_list_prefix(key, channel, generation);
	memcpy(key + RC_LIST_PREFIX, member_key.p, member_key.len);
	return rc_slice_of(key, RC_LIST_PREFIX + member_key.len);
}

enum rc_err
rc_event_put(struct rc_txn *txn, uint32_t channel, uint32_t generation,
    struct rc_slice member_key, bool in, uint64_t received_ms, uint64_t seq,
    struct rc_error *e)
{
	unsigned char key[RC_LIST_PREFIX + RC_IDENT_KEY_MAX];
	unsigned char value[RC_EVENT_LEN];

	value[0] = in ? RC_CONSENT_IN : RC_CONSENT_OUT;
	rc_put64(value + 1, received_ms);
	rc_put64(value + 9, seq);
	return rc_put(txn, RC_T_EVENT,
	    event_key(key, channel, generation, member_key),
	    rc_slice_of(value, sizeof(value)), e);
}

enum rc_err
rc_event_del(struct rc_txn *txn, uint32_t channel, uint32_t generation,
    struct rc_slice member_key, struct rc_error *e)
{
	unsigned char key[RC_LIST_PREFIX + RC_IDENT_KEY_MAX];
	enum rc_err err = rc_del(txn, RC_T_EVENT,
	    event_key(key, channel, generation, member_key), e);

	return err == RC_NOTFOUND ? RC_OK : err;
}

/* --- seeking ------------------------------------------------------------- */

static enum rc_err
seek_open(struct rc_consent_seek *s, struct rc_txn *txn, enum rc_table table,
    const void *prefix, size_t prefix_len, struct rc_error *e)
{
	memcpy(s->prefix, prefix, prefix_len);
	s->prefix_len = prefix_len;
	s->asked_len = 0;
	return rc_cursor_open(txn, table, &s->cursor, e);
}

/* Puts the seek on the first record at or above the person. */
static enum rc_err
seek_to(struct rc_consent_seek *s, const struct rc_ident *id, size_t value_len,
    struct rc_error *e)
{
	unsigned char want[sizeof(s->prefix) + RC_IDENT_KEY_MAX];
	struct rc_slice key, value;
	enum rc_err err;

	memcpy(want, s->prefix, s->prefix_len);
	memcpy(want + s->prefix_len, id->key, id->key_len);
	err = rc_cursor_ge(s->cursor,
	    rc_slice_of(want, s->prefix_len + id->key_len), &key, &value, e);
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	memcpy(s->asked, id->key, id->key_len);
	s->asked_len = id->key_len;
	s->at_end = err == RC_NOTFOUND || key.len < s->prefix_len ||
		    memcmp(key.p, s->prefix, s->prefix_len) != 0;
	if (s->at_end)
		return RC_OK;
	s->found_len = key.len - s->prefix_len;
	if (s->found_len > sizeof(s->found) || value.len != value_len)
		return rc_state_damaged(e, "a consent record");
	memcpy(s->found, key.p + s->prefix_len, s->found_len);
	memcpy(s->value, value.p, value.len);
	return RC_OK;
}

/* RC_OK with the person's record in s->value, or RC_NOTFOUND. */
static enum rc_err
seek(struct rc_consent_seek *s, const struct rc_ident *id, size_t value_len,
    struct rc_error *e)
{
	enum rc_err err;

	if (s->asked_len == 0 ||
	    rc_ident_cmp_key(id, s->asked, s->asked_len) < 0 ||
	    (!s->at_end && rc_ident_cmp_key(id, s->found, s->found_len) > 0)) {
		err = seek_to(s, id, value_len, e);
		if (err != RC_OK)
			return err;
	}
	if (s->at_end || rc_ident_cmp_key(id, s->found, s->found_len) != 0)
		return RC_NOTFOUND;
	return RC_OK;
}

/* --- deciding ------------------------------------------------------------ */

enum rc_err
rc_consent_open(struct rc_consent_view *v, struct rc_txn *txn, uint32_t channel,
    enum rc_ident_type type, struct rc_error *e)
{
	unsigned char prefix[RC_LIST_PREFIX], kind = (unsigned char)type;
	enum rc_err err;

	v->txn = txn;
	v->channel = channel;
	v->type = type;
	v->suppression.cursor = v->event.cursor = v->probe.cursor = NULL;
	err = rc_list_info_get(txn, channel, &v->info, e);
	rc_list_prefix(prefix, channel, v->info.generation);
	if (err == RC_OK)
		err = seek_open(
		    &v->suppression, txn, RC_T_SUPPRESSION, &kind, 1, e);
	if (err == RC_OK)
		err = seek_open(
		    &v->event, txn, RC_T_EVENT, prefix, sizeof(prefix), e);
	if (err == RC_OK)
		err = rc_list_probe_open(&v->probe, txn, channel,
		    v->info.generation, rc_list_format(type), e);
	return err;
}

void
rc_consent_close(struct rc_consent_view *v)
{
	rc_cursor_close(v->suppression.cursor);
	rc_cursor_close(v->event.cursor);
	rc_list_probe_close(&v->probe);
	v->suppression.cursor = v->event.cursor = NULL;
}

/* The newest event of a person; RC_NOTFOUND. */
static enum rc_err
ask_event(struct rc_consent_view *v, const struct rc_ident *id,
    struct rc_consent *c, struct rc_error *e)
{
	enum rc_err err = seek(&v->event, id, RC_EVENT_LEN, e);
	uint8_t kind = v->event.value[0];

	if (err != RC_OK)
		return err;
	if (kind != RC_CONSENT_IN && kind != RC_CONSENT_OUT)
		return rc_state_damaged(e, "the event of '%s'", id->text);
	c->state = (enum rc_consent_state)kind;
	c->reason = RC_BY_EVENT;
	c->since_ms = rc_get64(v->event.value + 1);
	c->seq = rc_get64(v->event.value + 9);
	return RC_OK;
}

static enum rc_err
ask_suppression(struct rc_consent_view *v, const struct rc_ident *id,
    struct rc_consent *c, struct rc_error *e)
{
	enum rc_err err = seek(&v->suppression, id, RC_SUPPRESSION_LEN, e);

	if (err != RC_OK)
		return err;
	c->state = RC_CONSENT_OUT;
	c->reason = RC_BY_SUPPRESSION;
	c->since_ms = rc_get64(v->suppression.value);
	c->seq = rc_get64(v->suppression.value + 8);
	return RC_OK;
}

static enum rc_err
ask_list(struct rc_consent_view *v, const struct rc_ident *id,
    struct rc_consent *c, struct rc_buf *text, struct rc_error *e)
{
	enum rc_err err = rc_list_probe_find(&v->probe, id, text, e);

	if (err != RC_OK)
		return err;
	c->state = RC_CONSENT_IN;
	c->reason = RC_BY_LIST;
	c->since_ms = v->info.synced_ms;
	c->seq = v->info.journal_seq;
	return RC_OK;
}

enum rc_err
rc_consent_of(struct rc_consent_view *v, const struct rc_ident *id,
    struct rc_consent *c, struct rc_buf *text, struct rc_error *e)
{
	struct rc_consent list = {0};
	enum rc_err err;

	*c = (struct rc_consent){0};
	if (text != NULL) {
		rc_buf_reset(text);
		rc_buf_adds(text, id->text);
	}
	err = ask_suppression(v, id, c, e);
	if (err == RC_NOTFOUND)
		err = ask_event(v, id, c, e);
	if (err == RC_NOTFOUND)
		err = ask_list(v, id, c, text, e);
	else if (err == RC_OK && c->state == RC_CONSENT_IN && text != NULL)
		/* In by an event, but the list may know the address better. */
		err = ask_list(v, id, &list, text, e);
	if (err == RC_NOTFOUND)
		err = RC_OK;
	if (err == RC_OK && text != NULL)
		err = rc_buf_check(text, "an address", e);
	return err;
}

struct question {
	uint32_t channel;
	enum rc_ident_type type;
	const struct rc_ident *people;
	size_t n;
	struct rc_consent *answer;
};

static enum rc_err
ask_all(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct question *q = arg;
	struct rc_consent_view v;
	enum rc_err err = rc_consent_open(&v, txn, q->channel, q->type, e);

	for (size_t i = 0; err == RC_OK && i < q->n; i++)
		err = rc_consent_of(&v, &q->people[i], &q->answer[i], NULL, e);
	rc_consent_close(&v);
	return err;
}

enum rc_err
rc_consent_ask(struct rc_store *store, uint32_t channel,
    enum rc_ident_type type, const struct rc_ident *people, size_t n,
    struct rc_consent *answer, struct rc_error *e)
{
	struct question q = {channel, type, people, n, answer};

	return rc_store_read(store, ask_all, &q, e);
}
