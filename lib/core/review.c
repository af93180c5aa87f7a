#include "core/review.h"

#include "base/num.h"
#include "text/utf8.h"

#include <string.h>

#define NUMBER_LEN 8
#define SEEN_LEN (1 + RC_SHA256_LEN)
#define RECORD_MAX                                                             \
	(1000 + RC_IDENT_KEY_MAX + RC_REVIEW_ID_MAX + 4 * RC_REVIEW_TEXT_MAX)
#define COPY_MAX (1ULL << 30) /* bytes of replies copied out */
#define DAY_MS 86400000

/* 1970-01-01 was a Thursday. */
static bool
is_business_day(uint64_t ms)
{
	uint64_t weekday = (ms / DAY_MS + 4) % 7; /* 0: Sunday */

	return weekday != 0 && weekday != 6;
}

uint64_t
rc_review_due_ms(uint64_t received_ms)
{
	uint64_t due = received_ms;

	for (int days = 0; days < RC_REVIEW_BUSINESS_DAYS;) {
		due += DAY_MS;
		days += is_business_day(due);
	}
	return due;
}

/* --- records ------------------------------------------------------------- */

static struct rc_slice
number_key(unsigned char key[NUMBER_LEN], uint64_t number)
{
	rc_put64(key, number);
	return rc_slice_of(key, NUMBER_LEN);
}

/* Sorts behind every number there will ever be. */
static struct rc_slice
seen_key(unsigned char key[SEEN_LEN], const struct rc_review *r)
{
	unsigned char text[4 + RC_REVIEW_ID_MAX];

	rc_put32(text, r->channel);
	memcpy(text + 4, r->message_id.p, r->message_id.len);
	key[0] = 0xff;
	rc_sha256(rc_slice_of(text, 4 + r->message_id.len), key + 1);
	return rc_slice_of(key, SEEN_LEN);
}

/* The text as it is kept. */
static void
add_text(struct rc_buf *out, struct rc_slice text)
{
	size_t bad = 1, len;

	for (int n = 0; n < RC_REVIEW_TEXT_MAX && text.len > 0; n++) {
		len = rc_utf8_step(text, &bad);
		if (len > 0)
			rc_buf_add(out, text.p, len);
		else
			rc_buf_adds(out, "\ufffd");
		len = len > 0 ? len : bad;
		text.p += len;
		text.len -= len;
	}
}

static enum rc_err
pack(struct rc_buf *out, const struct rc_review *r, struct rc_error *e)
{
	struct rc_buf text = RC_BUF_INIT(4 * RC_REVIEW_TEXT_MAX);

	add_text(&text, r->text);
	rc_buf_add32(out, r->channel);
	rc_buf_add64(out, r->received_ms);
	rc_buf_add8(out, (uint8_t)r->who.type);
	rc_buf_add_str(out, rc_ident_key(&r->who));
	rc_buf_add_str(out, r->message_id);
	rc_buf_add_str(out, rc_buf_slice(&text));
	if (text.state != RC_BUF_FINE)
		out->state = text.state;
	rc_buf_free(&text);
	return rc_buf_check(out, "a reply", e);
}

static enum rc_err
unpack(struct rc_slice key, struct rc_slice value, struct rc_review *r,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(value);
	enum rc_ident_type type;
	struct rc_slice who;

	if (key.len != NUMBER_LEN)
		return rc_state_damaged(e, "the list of replies");
	r->number = rc_get64(key.p);
	r->channel = rc_unpack32(&u);
	r->received_ms = rc_unpack64(&u);
	type = (enum rc_ident_type)rc_unpack8(&u);
	who = rc_unpack_str(&u);
	r->message_id = rc_unpack_str(&u);
	r->text = rc_unpack_str(&u);
	if (u.short_read || u.p != u.end ||
	    rc_ident_from_key(type, who, &r->who, e) != RC_OK)
		return rc_state_damaged(
		    e, "reply %llu", (unsigned long long)r->number);
	return RC_OK;
}

/* --- adding -------------------------------------------------------------- */

enum rc_err
rc_review_add(struct rc_txn *txn, const struct rc_review *r, struct rc_error *e)
{
	struct rc_buf record = RC_BUF_INIT(RECORD_MAX);
	unsigned char seen[SEEN_LEN], key[NUMBER_LEN];
	struct rc_slice known, id = {(char *)seen, SEEN_LEN};
	uint64_t number;
	enum rc_err err = RC_NOTFOUND;

	if (r->message_id.len > RC_REVIEW_ID_MAX)
		return rc_err_set(e, RC_EDATA,
		    "a message id is longer than %d bytes", RC_REVIEW_ID_MAX);
	if (r->message_id.len > 0)
		err = rc_get(txn, RC_T_REVIEW, seen_key(seen, r), &known, e);
	if (err != RC_NOTFOUND)
		return err;
	err = rc_state_take64(txn, "next_review", 1, &number, e);
	if (err == RC_OK)
		err = pack(&record, r, e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_REVIEW, number_key(key, number),
		    rc_buf_slice(&record), e);
	if (err == RC_OK && r->message_id.len > 0)
		err = rc_put(
		    txn, RC_T_REVIEW, id, rc_slice_of(key, NUMBER_LEN), e);
	rc_buf_free(&record);
	return err;
}

/* --- reading ------------------------------------------------------------- */

struct reading {
	uint64_t n;
	struct rc_buf *copy; /* str key, str value …; NULL: only count */
};

static enum rc_err
read_all(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reading *r = arg;
	struct rc_slice key, value;
	struct rc_cursor *c;
	enum rc_err err = rc_cursor_open(txn, RC_T_REVIEW, &c, e);

	if (err != RC_OK)
		return err;
	r->n = 0;
	if (r->copy != NULL)
		rc_buf_reset(r->copy);
	err = rc_cursor_ge(c, RC_SLICE_LIT(""), &key, &value, e);
	for (; err == RC_OK && key.len == NUMBER_LEN; r->n++) {
		if (r->copy != NULL) {
			rc_buf_add_str(r->copy, key);
			rc_buf_add_str(r->copy, value);
		}
		err = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

enum rc_err
rc_review_count(struct rc_store *store, uint64_t *n, struct rc_error *e)
{
	struct reading r = {0};
	enum rc_err err = rc_store_read(store, read_all, &r, e);

	*n = r.n;
	return err;
}

enum rc_err
rc_review_each(
    struct rc_store *store, rc_review_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_buf copy = RC_BUF_INIT(COPY_MAX);
	struct reading r = {.copy = &copy};
	struct rc_unpack u;
	struct rc_review reply;
	enum rc_err err = rc_store_read(store, read_all, &r, e);

	if (err == RC_OK)
		err = rc_buf_check(&copy, "a copy of the replies", e);
	u = rc_unpack_start(rc_buf_slice(&copy));
	while (err == RC_OK && u.p < u.end) {
		struct rc_slice key = rc_unpack_str(&u);

		err = unpack(key, rc_unpack_str(&u), &reply, e);
		if (err == RC_OK)
			err = fn(arg, &reply, e);
	}
	rc_buf_free(&copy);
	return err;
}

/* --- deciding ------------------------------------------------------------ */

struct deciding {
	uint64_t number;
	const struct rc_review_decision *decision;
	struct rc_buf *record;
	struct rc_review *reply;
	struct rc_consent_counts *counts;
};

static enum rc_err
suppress(struct rc_txn *txn, struct deciding *d, struct rc_error *e)
{
	const struct rc_review *r = d->reply;
	struct rc_consent_change change = {
	    .kind = RC_J_SUPPRESS,
	    .type = r->who.type,
	    .received_ms = d->decision->now_ms,
	    .claimed_ms = r->received_ms,
	    .source = RC_SLICE_LIT(RC_SOURCE_REVIEW),
	    .evidence = r->text,
	};

	return rc_consent_change_in(txn, &change, &r->who, 1, d->counts, e);
}

static enum rc_err
decide(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct deciding *d = arg;
	unsigned char bytes[NUMBER_LEN];
	struct rc_slice value, key = number_key(bytes, d->number);
	enum rc_err err = rc_get(txn, RC_T_REVIEW, key, &value, e);

	*d->counts = (struct rc_consent_counts){0};
	if (err != RC_OK)
		return err;
	rc_buf_reset(d->record);
	rc_buf_addv(d->record, value);
	err = rc_buf_check(d->record, "a reply", e);
	if (err == RC_OK)
		err = unpack(key, rc_buf_slice(d->record), d->reply, e);
	if (err == RC_OK && d->decision->out)
		err = suppress(txn, d, e);
	if (err == RC_OK)
		err = rc_del(txn, RC_T_REVIEW, key, e);
	/* RC_END makes the store forget what was done. */
	return err == RC_OK && d->decision->dry_run ? RC_END : err;
}

enum rc_err
rc_review_decide(struct rc_store *store, uint64_t number,
    const struct rc_review_decision *decision, struct rc_buf *record,
    struct rc_review *reply, struct rc_consent_counts *counts,
    struct rc_error *e)
{
	struct deciding d = {number, decision, record, reply, counts};
	enum rc_err err = rc_store_write(store, decide, &d, e);

	return err == RC_END ? RC_OK : err;
}
