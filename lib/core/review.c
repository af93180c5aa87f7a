#include "core/review.h"

#include "base/num.h"
#include "text/utf8.h"

#include <string.h>

#define NUMBER_LEN 8
#define SEEN_LEN (1 + RC_SHA256_LEN)
#define OF_LEN (1 + RC_SHA256_LEN + NUMBER_LEN)
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

/* These two sort behind every number there will ever be. */
static struct rc_slice
of_key(unsigned char key[OF_LEN], const struct rc_ident *who, uint64_t number)
{
	unsigned char text[1 + RC_IDENT_KEY_MAX];

	text[0] = (unsigned char)who->type;
	memcpy(text + 1, who->key, who->key_len);
	key[0] = 0xfe;
	rc_sha256(rc_slice_of(text, 1 + who->key_len), key + 1);
	rc_put64(key + OF_LEN - NUMBER_LEN, number);
	return rc_slice_of(key, OF_LEN);
}

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
	rc_buf_add64(out, r->seq);
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
	r->seq = rc_unpack64(&u);
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

static enum rc_err
put(struct rc_txn *txn, const struct rc_review *r, struct rc_error *e)
{
	struct rc_buf record = RC_BUF_INIT(RECORD_MAX);
	unsigned char key[NUMBER_LEN], of[OF_LEN];
	enum rc_err err = pack(&record, r, e);

	if (err == RC_OK)
		err = rc_put(txn, RC_T_REVIEW, number_key(key, r->number),
		    rc_buf_slice(&record), e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_REVIEW, of_key(of, &r->who, r->number),
		    RC_SLICE_LIT(""), e);
	rc_buf_free(&record);
	return err;
}

enum rc_err
rc_review_add(
    struct rc_txn *txn, const struct rc_review *given, struct rc_error *e)
{
	unsigned char seen[SEEN_LEN], number[NUMBER_LEN], hash[RC_SHA256_LEN];
	struct rc_slice known, id = {(char *)seen, SEEN_LEN};
	struct rc_review r = *given;
	enum rc_err err = RC_NOTFOUND;

	if (r.message_id.len > RC_REVIEW_ID_MAX)
		return rc_err_set(e, RC_EDATA,
		    "a message id is longer than %d bytes", RC_REVIEW_ID_MAX);
	if (r.message_id.len > 0)
		err = rc_get(txn, RC_T_REVIEW, seen_key(seen, &r), &known, e);
	if (err != RC_NOTFOUND)
		return err;
	err = rc_state_take64(txn, "next_review", 1, &r.number, e);
	if (err == RC_OK)
		err = rc_journal_head(txn, &r.seq, hash, e);
	if (err == RC_OK)
		err = put(txn, &r, e);
	if (err == RC_OK && r.message_id.len > 0)
		err = rc_put(
		    txn, RC_T_REVIEW, id, number_key(number, r.number), e);
	return err;
}

/* --- taking out ---------------------------------------------------------- */

/* The message id stays known. */
static enum rc_err
take_out(struct rc_txn *txn, const struct rc_ident *who, uint64_t number,
    struct rc_error *e)
{
	unsigned char key[NUMBER_LEN], of[OF_LEN];
	enum rc_err err = rc_del(txn, RC_T_REVIEW, number_key(key, number), e);

	return err == RC_OK
		   ? rc_del(txn, RC_T_REVIEW, of_key(of, who, number), e)
		   : err;
}

static enum rc_err
clear_person(struct rc_txn *txn, const struct rc_ident *who, struct rc_error *e)
{
	unsigned char of[OF_LEN];
	struct rc_slice from = of_key(of, who, 0), key, value;
	enum rc_err err;

	for (;;) {
		err = rc_get_ge(txn, RC_T_REVIEW, from, &key, &value, e);
		if (err != RC_OK || key.len != OF_LEN ||
		    memcmp(key.p, of, OF_LEN - NUMBER_LEN) != 0)
			break;
		err = take_out(
		    txn, who, rc_get64(key.p + OF_LEN - NUMBER_LEN), e);
		if (err != RC_OK)
			break;
	}
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_review_clear(struct rc_txn *txn, const struct rc_ident *people, size_t n,
    struct rc_error *e)
{
	struct rc_slice key, value;
	enum rc_err err =
	    rc_get_ge(txn, RC_T_REVIEW, RC_SLICE_LIT(""), &key, &value, e);

	/* Mostly nobody's waits. */
	if (err == RC_NOTFOUND || (err == RC_OK && key.len != NUMBER_LEN))
		return RC_OK;
	for (size_t i = 0; err == RC_OK && i < n; i++)
		err = clear_person(txn, &people[i], e);
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

struct finding {
	const struct rc_review *reply;
	struct rc_review_again *again;
};

static enum rc_err
note_entry(void *arg, const struct rc_journal_entry *j,
    enum rc_journal_set_kind set, struct rc_error *e)
{
	const struct finding *f = arg;

	(void)set;
	(void)e;
	if (j->kind == RC_J_OUT || j->kind == RC_J_SUPPRESS)
		*f->again = (struct rc_review_again){0};
	if (j->kind == RC_J_IN &&
	    (j->claimed_ms == 0 || j->claimed_ms >= f->reply->received_ms))
		*f->again = (struct rc_review_again){j->seq, j->received_ms};
	return RC_OK;
}

enum rc_err
rc_review_again(struct rc_txn *txn, const struct rc_review *r,
    struct rc_review_again *again, struct rc_error *e)
{
	struct finding f = {r, again};
	enum rc_err err;

	*again = (struct rc_review_again){0};
	err = rc_journal_of(txn, &r->who, r->seq + 1, note_entry, &f, e);
	return err == RC_OK && again->seq == 0 ? RC_NOTFOUND : err;
}

struct deciding {
	uint64_t number;
	const struct rc_review_decision *decision;
	struct rc_buf *record;
	struct rc_review *reply;
	struct rc_review_again *again;
	struct rc_consent_counts *counts;
};

static enum rc_err
suppress(struct rc_txn *txn, struct deciding *d, struct rc_error *e)
{
	const struct rc_review *r = d->reply;
	enum rc_err err = rc_review_again(txn, r, d->again, e);
	struct rc_consent_change change = {
	    .kind = RC_J_SUPPRESS,
	    .type = r->who.type,
	    .received_ms = d->decision->now_ms,
	    .claimed_ms = r->received_ms,
	    .source = RC_SLICE_LIT(RC_SOURCE_REVIEW),
	    .evidence = r->text,
	};

	if (err != RC_NOTFOUND)
		return err == RC_OK ? RC_END : err;
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
	*d->again = (struct rc_review_again){0};
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
		err = take_out(txn, &d->reply->who, d->number, e);
	/* RC_END makes the store forget what was done. */
	return err == RC_OK && d->decision->dry_run ? RC_END : err;
}

enum rc_err
rc_review_decide(struct rc_store *store, uint64_t number,
    const struct rc_review_decision *decision, struct rc_buf *record,
    struct rc_review *reply, struct rc_review_again *again,
    struct rc_consent_counts *counts, struct rc_error *e)
{
	struct deciding d = {number, decision, record, reply, again, counts};
	enum rc_err err = rc_store_write(store, decide, &d, e);

	return err == RC_END && again->seq == 0 ? RC_OK : err;
}
