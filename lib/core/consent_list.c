#include "core/consent_record.h"

#include "base/num.h"
#include "text/phone.h"

#include <string.h>

#define COPY_MAX (4ULL << 30) /* bytes of events or suppressions copied out */

/* People copied out of the event or suppression table, in key order. */
struct people {
	struct rc_buf bytes; /* records of PERSON_LEN and the key */
	enum rc_pack_format format;
	size_t at;
	bool valid; /* who and state are somebody */
	struct rc_member who;
	struct rc_consent consent; /* reason is the table's from the start */
};

/* u8 state, u64 received, u64 sequence, u16 key length */
#define PERSON_LEN 19

/* A record as the table has it; suppressions are all "out". */
static enum rc_err
copy_person(struct people *p, bool event, struct rc_slice key,
    struct rc_slice value, uint64_t since_ms, struct rc_error *e)
{
	unsigned char head[PERSON_LEN] = {RC_CONSENT_OUT};

	if (value.len != (event ? RC_EVENT_LEN : RC_SUPPRESSION_LEN) ||
	    key.len == 0 || key.len > RC_IDENT_KEY_MAX ||
	    (p->format == RC_PACK_NUMBERS && key.len != 8))
		return rc_state_damaged(e, "a consent record");
	memcpy(head + !event, value.p, value.len);
	if (head[0] > RC_CONSENT_OUT)
		return rc_state_damaged(e, "a consent record");
	if (rc_get64(head + 1) < since_ms)
		return RC_OK;
	rc_put16(head + 17, (uint16_t)key.len);
	rc_buf_add(&p->bytes, head, sizeof(head));
	rc_buf_addv(&p->bytes, key);
	return rc_buf_check(&p->bytes, "a copy of the consent records", e);
}

/* Copies the table's records under a prefix received since then. */
static enum rc_err
copy_people(struct people *p, struct rc_txn *txn, enum rc_table table,
    struct rc_slice prefix, uint64_t since_ms, struct rc_error *e)
{
	struct rc_slice key, value, member;
	struct rc_cursor *c;
	enum rc_err err = rc_cursor_open(txn, table, &c, e);

	if (err != RC_OK)
		return err;
	rc_buf_reset(&p->bytes);
	err = rc_cursor_ge(c, prefix, &key, &value, e);
	while (err == RC_OK && rc_slice_starts(key, prefix, &member)) {
		err = copy_person(
		    p, table == RC_T_EVENT, member, value, since_ms, e);
		if (err == RC_OK)
			err = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

/* Moves on to the next person; the first call takes the first. */
static void
advance(struct people *p)
{
	const char *s = rc_buf_str(&p->bytes) + p->at;

	p->valid = p->at < p->bytes.len;
	if (!p->valid)
		return;
	p->consent.state = (enum rc_consent_state)s[0];
	p->consent.since_ms = rc_get64(s + 1);
	p->consent.seq = rc_get64(s + 9);
	p->who.str = (struct rc_slice){s + PERSON_LEN, rc_get16(s + 17)};
	p->who.num =
	    p->format == RC_PACK_NUMBERS ? rc_get64(s + PERSON_LEN) : 0;
	p->at += PERSON_LEN + p->who.str.len;
}

/* Everything that decides about a channel, copied out of one snapshot. */
struct copy {
	uint32_t channel;
	enum rc_ident_type type;
	enum rc_pack_format format;
	bool with_list; /* else suppressions alone */
	uint64_t since_ms, head;
	struct rc_list_blocks list, added; /* added: since then */
	struct rc_list_walk among;	   /* added */
	struct rc_member newcomer;	   /* where among stands */
	bool newcomers;			   /* whether there is one */
	struct rc_consent listed;	   /* of who is in the list alone */
	struct people events, suppressed;
	struct rc_country_choice *countries;
	rc_consent_fn *fn;
	void *arg;
};

static void
copy_init(struct copy *c, uint32_t channel, enum rc_ident_type type,
    const struct rc_consent_pick *pick, rc_consent_fn *fn, void *arg)
{
	*c = (struct copy){.channel = channel,
	    .type = type,
	    .format = rc_list_format(type),
	    .since_ms = pick->since_ms,
	    .countries = pick->countries,
	    .fn = fn,
	    .arg = arg,
	    .events.consent.reason = RC_BY_EVENT,
	    .suppressed.consent.reason = RC_BY_SUPPRESSION};
	rc_list_blocks_init(&c->list);
	rc_list_blocks_init(&c->added);
	c->events.format = c->suppressed.format = c->format;
	c->events.bytes = c->suppressed.bytes = RC_BUF_INIT(COPY_MAX);
}

static void
copy_free(struct copy *c)
{
	rc_list_blocks_free(&c->list);
	rc_list_blocks_free(&c->added);
	rc_buf_free(&c->events.bytes);
	rc_buf_free(&c->suppressed.bytes);
}

static enum rc_err
copy_out(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct copy *c = arg;
	unsigned char prefix[RC_LIST_PREFIX], kind = (unsigned char)c->type;
	unsigned char hash[RC_SHA256_LEN];
	struct rc_list_info info;
	enum rc_err err;

	err = copy_people(&c->suppressed, txn, RC_T_SUPPRESSION,
	    rc_slice_of(&kind, 1), c->with_list ? 0 : c->since_ms, e);
	if (err == RC_OK)
		err = rc_journal_head(txn, &c->head, hash, e);
	if (err != RC_OK || !c->with_list)
		return err;
	err = rc_list_info_get(txn, c->channel, &info, e);
	rc_list_prefix(prefix, c->channel, info.generation);
	c->listed = (struct rc_consent){
	    RC_CONSENT_IN, RC_BY_LIST, info.synced_ms, info.journal_seq};
	if (err == RC_OK)
		err = copy_people(&c->events, txn, RC_T_EVENT,
		    rc_slice_of(prefix, sizeof(prefix)), 0, e);
	if (err == RC_OK)
		err =
		    rc_list_copy(txn, c->channel, info.generation, &c->list, e);
	return err;
}

static bool
is_picked(struct copy *c, const struct rc_member *m)
{
	return c->countries == NULL || rc_country_chosen(c->countries, m->num);
}

static enum rc_err
hand_out(struct copy *c, const struct rc_member *m,
    const struct rc_consent *consent, struct rc_error *e)
{
	char text[RC_PHONE_LEN];
	struct rc_slice s = m->str;

	if (c->format == RC_PACK_NUMBERS)
		s = (struct rc_slice){text, rc_phone_format(m->num, text)};
	return c->fn(c->arg, s, consent, e);
}

/* Ascending questions. */
static bool
is_suppressed(struct copy *c, const struct rc_member *m)
{
	struct people *p = &c->suppressed;

	while (p->valid && rc_member_cmp(c->format, &p->who, m) < 0)
		advance(p);
	return p->valid && rc_member_cmp(c->format, &p->who, m) == 0;
}

/* Ascending questions: whether an entry since then added the person. */
static enum rc_err
is_newcomer(
    struct copy *c, const struct rc_member *m, bool *yes, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	*yes = c->since_ms == 0;
	while (!*yes && c->newcomers && err == RC_OK &&
	       rc_member_cmp(c->format, &c->newcomer, m) < 0) {
		err = rc_list_walk_next(&c->among, &c->newcomer, e);
		c->newcomers = err == RC_OK;
	}
	if (c->newcomers && rc_member_cmp(c->format, &c->newcomer, m) == 0)
		*yes = true;
	return err == RC_END ? RC_OK : err;
}

/* Copies out who came to be texted, as far as the snapshot knows. */
static enum rc_err
find_newcomers(struct copy *c, struct rc_store *store, struct rc_error *e)
{
	struct rc_journal_added asked = {.channel = c->channel,
	    .type = c->type,
	    .since_ms = c->since_ms,
	    .until = c->head};
	enum rc_err err;

	if (c->since_ms == 0)
		return RC_OK;
	err = rc_journal_added(store, &asked, &c->added, e);
	if (err != RC_OK)
		return err;
	rc_list_walk_start(&c->among, &c->added);
	err = rc_list_walk_next(&c->among, &c->newcomer, e);
	c->newcomers = err == RC_OK;
	return err == RC_END ? RC_OK : err;
}

/* Merges list and events; of a person in both, the event decides. */
static enum rc_err
merge(struct copy *c, struct rc_error *e)
{
	struct rc_list_walk walk;
	struct rc_member listed;
	enum rc_err more, err = RC_OK;

	advance(&c->events);
	advance(&c->suppressed);
	rc_list_walk_start(&walk, &c->list);
	more = rc_list_walk_next(&walk, &listed, e);
	while (err == RC_OK && (more == RC_OK || c->events.valid)) {
		int order = -1;
		const struct rc_member *who = &listed;
		const struct rc_consent *consent = &c->listed;
		bool due = false;

		if (more != RC_OK && more != RC_END)
			return more;
		if (more == RC_END)
			order = 1;
		else if (c->events.valid)
			order =
			    rc_member_cmp(c->format, &listed, &c->events.who);
		if (order >= 0)
			consent = &c->events.consent;
		if (order > 0)
			who = &c->events.who;
		if (consent->state == RC_CONSENT_IN && is_picked(c, who) &&
		    !is_suppressed(c, who))
			err = is_newcomer(c, who, &due, e);
		if (due && err == RC_OK)
			err = hand_out(c, who, consent, e);
		if (order >= 0)
			advance(&c->events);
		if (order <= 0)
			more = rc_list_walk_next(&walk, &listed, e);
	}
	if (err == RC_OK && more != RC_END)
		err = more;
	return err;
}

enum rc_err
rc_consent_list(struct rc_store *store, const struct rc_channel *channel,
    const struct rc_consent_pick *pick, rc_consent_fn *fn, void *arg,
    struct rc_error *e)
{
	struct copy c;
	enum rc_err err;

	copy_init(&c, channel->number, channel->identifier, pick, fn, arg);
	c.with_list = true;
	err = rc_store_read(store, copy_out, &c, e);
	if (err == RC_OK)
		err = find_newcomers(&c, store, e);
	if (err == RC_OK)
		err = merge(&c, e);
	copy_free(&c);
	return err;
}

enum rc_err
rc_consent_suppressed(struct rc_store *store, enum rc_ident_type type,
    const struct rc_consent_pick *pick, rc_consent_fn *fn, void *arg,
    struct rc_error *e)
{
	struct copy c;
	enum rc_err err;

	copy_init(&c, 0, type, pick, fn, arg);
	err = rc_store_read(store, copy_out, &c, e);
	advance(&c.suppressed);
	while (err == RC_OK && c.suppressed.valid) {
		const struct people *p = &c.suppressed;

		if (is_picked(&c, &p->who))
			err = hand_out(&c, &p->who, &p->consent, e);
		advance(&c.suppressed);
	}
	copy_free(&c);
	return err;
}
