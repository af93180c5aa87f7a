#include "core/consent_record.h"

#include "base/num.h"
#include "core/review.h"
#include "text/phone.h"

#include <stdlib.h>
#include <string.h>

/* A change being made within one transaction. */
struct change {
	struct rc_txn *txn;
	const struct rc_consent_change *asked;
	const struct rc_ident **person; /* ascending, each once */
	size_t n;
	struct rc_ident *twin; /* of those named: see add_twins */
	size_t ntwins;
	struct rc_consent *before; /* of person[i] */
	uint32_t generation;
	struct rc_journal_set *set[3];
	struct rc_consent_counts *counts;
};

static bool
is_for_all(enum rc_journal_kind kind)
{
	return kind == RC_J_SUPPRESS || kind == RC_J_LIFT;
}

static int
compare_people(const void *a, const void *b)
{
	const struct rc_ident *x = *(const struct rc_ident *const *)a;
	const struct rc_ident *y = *(const struct rc_ident *const *)b;

	return rc_slice_cmp(rc_ident_key(x), rc_ident_key(y));
}

/*
 * A number that may be written in another way, which is how a reply may come,
 * is out in both, and so let in again.  Only an opt-in is for the one named.
 */
static enum rc_err
add_twins(struct change *c, const struct rc_ident *people, size_t n,
    struct rc_error *e)
{
	char text[RC_PHONE_LEN];
	enum rc_err err = RC_OK;
	size_t twins = 0;

	if (c->asked->type != RC_IDENT_PHONE || c->asked->kind == RC_J_IN)
		return RC_OK;
	for (size_t i = 0; i < n; i++)
		twins += rc_phone_twin(people[i].phone) != 0;
	if (twins == 0)
		return RC_OK;
	c->twin = calloc(twins, sizeof(*c->twin));
	if (c->twin == NULL)
		return rc_err_nomem(e);
	for (size_t i = 0; i < n && err == RC_OK; i++) {
		uint64_t twin = rc_phone_twin(people[i].phone);

		if (twin == 0)
			continue;
		rc_phone_format(twin, text);
		err = rc_ident_parse(RC_IDENT_PHONE, rc_slice_str(text),
		    &c->twin[c->ntwins++], e);
	}
	return err;
}

static bool
is_twin(const struct change *c, const struct rc_ident *person)
{
	return c->ntwins > 0 && person >= c->twin &&
	       person < c->twin + c->ntwins;
}

/* Each once, and as who was named when that is somebody's twin as well. */
static void
drop_duplicates(struct change *c, size_t n)
{
	c->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (c->n == 0 ||
		    compare_people(&c->person[c->n - 1], &c->person[i]) != 0)
			c->person[c->n++] = c->person[i];
		else if (is_twin(c, c->person[c->n - 1]))
			c->person[c->n - 1] = c->person[i];
	}
}

static enum rc_err
sort_people(struct change *c, const struct rc_ident *people, size_t n,
    struct rc_error *e)
{
	size_t all = n + c->ntwins;

	c->person = calloc(all + 1, sizeof(*c->person));
	c->before = calloc(all + 1, sizeof(*c->before));
	if (c->person == NULL || c->before == NULL)
		return rc_err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		if (people[i].type != c->asked->type)
			return rc_err_set(e, RC_EINTERNAL,
			    "'%s' is of another type than the change",
			    people[i].text);
		c->person[i] = &people[i];
	}
	for (size_t i = 0; i < c->ntwins; i++)
		c->person[n + i] = &c->twin[i];
	qsort(c->person, all, sizeof(*c->person), compare_people);
	drop_duplicates(c, all);
	return RC_OK;
}

/* What everybody's consent was before the change. */
static enum rc_err
ask_before(struct change *c, struct rc_error *e)
{
	bool one = !is_for_all(c->asked->kind) || c->asked->lift;
	uint32_t channel = one ? c->asked->channel : 0;
	struct rc_consent_view v;
	enum rc_err err =
	    rc_consent_open(&v, c->txn, channel, c->asked->type, e);

	for (size_t i = 0; err == RC_OK && i < c->n; i++)
		err = rc_consent_of(&v, c->person[i], &c->before[i], NULL, e);
	c->generation = v.info.generation;
	rc_consent_close(&v);
	return err;
}

/* The set a person goes into: has the change an effect on who is texted? */
static enum rc_journal_set_kind
classify(enum rc_journal_kind kind, const struct rc_consent *before)
{
	bool suppressed = before->reason == RC_BY_SUPPRESSION;
	bool in = before->state == RC_CONSENT_IN;

	switch (kind) {
	case RC_J_IN:
		return in || suppressed ? RC_J_CONFIRMED : RC_J_ADDED;
	case RC_J_LIFT:
		return suppressed ? RC_J_ADDED : RC_J_CONFIRMED;
	case RC_J_SUPPRESS:
		return suppressed ? RC_J_CONFIRMED : RC_J_REMOVED;
	default:
		return in ? RC_J_REMOVED : RC_J_CONFIRMED;
	}
}

static void
count(struct change *c, enum rc_journal_set_kind set,
    const struct rc_consent *before)
{
	if (set != RC_J_CONFIRMED)
		c->counts->changed++;
	else if (c->asked->kind == RC_J_IN &&
		 before->reason == RC_BY_SUPPRESSION)
		c->counts->suppressed++;
	else
		c->counts->unchanged++;
}

static enum rc_err
make_sets(struct change *c, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (int s = 0; err == RC_OK && s < 3; s++)
		err = rc_journal_set_open(&c->set[s], c->asked->type, e);
	for (size_t i = 0; err == RC_OK && i < c->n; i++) {
		struct rc_member m = rc_list_member(c->person[i]);
		enum rc_journal_set_kind set =
		    classify(c->asked->kind, &c->before[i]);

		if (!is_twin(c, c->person[i]))
			count(c, set, &c->before[i]);
		err = rc_journal_set_add(c->set[set - 1], &m, e);
	}
	for (int s = 0; err == RC_OK && s < 3; s++)
		err = rc_journal_set_finish(c->set[s], e);
	return err;
}

static enum rc_err
append(struct change *c, struct rc_error *e)
{
	const struct rc_consent_change *asked = c->asked;
	struct rc_journal_entry j = {.kind = asked->kind,
	    .type = asked->type,
	    .received_ms = asked->received_ms,
	    .claimed_ms = asked->claimed_ms,
	    .source = asked->source,
	    .evidence = asked->evidence};
	enum rc_err err;

	if (!is_for_all(asked->kind)) {
		j.channel = asked->channel;
		j.generation = c->generation;
	}
	err = rc_journal_append(c->txn, &j, c->set, e);
	c->counts->seq = j.seq;
	memcpy(c->counts->head, j.hash, RC_SHA256_LEN);
	return err;
}

static enum rc_err
put_event(struct change *c, const struct rc_ident *id, struct rc_error *e)
{
	return rc_event_put(c->txn, c->asked->channel, c->generation,
	    rc_ident_key(id), c->asked->kind == RC_J_IN, c->asked->received_ms,
	    c->counts->seq, e);
}

/* A suppression that is there already keeps its time and entry. */
static enum rc_err
put_suppression(
    struct change *c, const struct rc_ident *id, bool was, struct rc_error *e)
{
	unsigned char key[1 + RC_IDENT_KEY_MAX], value[RC_SUPPRESSION_LEN];
	struct rc_slice k = {(char *)key, 1 + id->key_len};

	key[0] = (unsigned char)c->asked->type;
	memcpy(key + 1, id->key, id->key_len);
	if (c->asked->kind == RC_J_LIFT)
		return was ? rc_del(c->txn, RC_T_SUPPRESSION, k, e) : RC_OK;
	if (was)
		return RC_OK;
	rc_put64(value, c->asked->received_ms);
	rc_put64(value + 8, c->counts->seq);
	return rc_put(
	    c->txn, RC_T_SUPPRESSION, k, rc_slice_of(value, sizeof(value)), e);
}

static enum rc_err
write_records(struct change *c, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < c->n; i++)
		err = is_for_all(c->asked->kind)
			  ? put_suppression(c, c->person[i],
				c->before[i].reason == RC_BY_SUPPRESSION, e)
			  : put_event(c, c->person[i], e);
	return err;
}

static enum rc_err
make_change(struct change *c, struct rc_error *e)
{
	enum rc_err err = ask_before(c, e);

	if (err == RC_OK)
		err = make_sets(c, e);
	if (err != RC_OK)
		return err;
	if (c->n == 0 ||
	    (c->asked->kind == RC_J_LIFT && c->counts->changed == 0))
		return rc_journal_head(
		    c->txn, &c->counts->seq, c->counts->head, e);
	err = append(c, e);
	return err == RC_OK ? write_records(c, e) : err;
}

/* in: how many of the people could be texted before. */
static enum rc_err
change_once(struct rc_txn *txn, const struct rc_consent_change *asked,
    const struct rc_ident *people, size_t n, struct rc_consent_counts *counts,
    uint64_t *in, struct rc_error *e)
{
	struct change c = {.txn = txn, .asked = asked, .counts = counts};
	enum rc_err err;

	*in = 0;
	*counts = (struct rc_consent_counts){0};
	err = add_twins(&c, people, n, e);
	if (err == RC_OK)
		err = sort_people(&c, people, n, e);
	if (err == RC_OK)
		err = make_change(&c, e);
	for (size_t i = 0; err == RC_OK && i < c.n; i++)
		if (!is_twin(&c, c.person[i]))
			*in += c.before[i].state == RC_CONSENT_IN;
	for (int s = 0; s < 3; s++)
		rc_journal_set_close(c.set[s]);
	free(c.before);
	free(c.person);
	free(c.twin);
	return err;
}

enum rc_err
rc_consent_change_in(struct rc_txn *txn, const struct rc_consent_change *asked,
    const struct rc_ident *people, size_t n, struct rc_consent_counts *counts,
    struct rc_error *e)
{
	struct rc_consent_change lift = *asked;
	bool lifts = asked->lift && asked->kind == RC_J_IN;
	uint64_t in, in_before = 0;
	enum rc_err err = RC_OK;

	if (n > RC_CONSENT_BATCH)
		return rc_err_set(e, RC_EINTERNAL,
		    "%zu people in one change, %d are allowed", n,
		    RC_CONSENT_BATCH);
	if (!is_for_all(asked->kind))
		err = rc_channel_check_number(txn, asked->channel, e);
	lift.kind = RC_J_LIFT;
	if (err == RC_OK && (lifts || asked->kind == RC_J_LIFT))
		err = rc_review_clear(txn, people, n, e);
	if (err == RC_OK && lifts)
		err = change_once(txn, &lift, people, n, counts, &in_before, e);
	if (err == RC_OK)
		err = change_once(txn, asked, people, n, counts, &in, e);
	/* Both entries are one change to whoever asked for it. */
	if (err == RC_OK && lifts) {
		counts->changed += counts->unchanged - in_before;
		counts->unchanged = in_before;
	}
	return err;
}

struct job {
	const struct rc_consent_change *asked;
	const struct rc_ident *people;
	size_t n;
	struct rc_consent_counts *counts;
};

static enum rc_err
do_job(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct job *j = arg;

	return rc_consent_change_in(
	    txn, j->asked, j->people, j->n, j->counts, e);
}

enum rc_err
rc_consent_change(struct rc_store *store, const struct rc_consent_change *asked,
    const struct rc_ident *people, size_t n, struct rc_consent_counts *counts,
    struct rc_error *e)
{
	struct job j = {asked, people, n, counts};

	/* One of many batches: let others write in between. */
	return n > RC_JOURNAL_SMALL ? rc_store_write_bulk(store, do_job, &j, e)
				    : rc_store_write(store, do_job, &j, e);
}

/* RC_END makes the store forget what was done. */
static enum rc_err
try_job(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	enum rc_err err = do_job(txn, arg, e);

	return err == RC_OK ? RC_END : err;
}

enum rc_err
rc_consent_try(struct rc_store *store, const struct rc_consent_change *asked,
    const struct rc_ident *people, size_t n, struct rc_consent_counts *counts,
    struct rc_error *e)
{
	struct job j = {asked, people, n, counts};
	enum rc_err err = rc_store_write(store, try_job, &j, e);

	return err == RC_END ? RC_OK : err;
}
