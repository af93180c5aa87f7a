/*
 * A channel with people who are listed, opt in and out and are suppressed, as
 * arrays and ifs: what a sync of the real one has to come to.  Lists are files
 * of random people with times that mostly go up, beside a clock that mostly
 * goes on, and now and then is set back or forth.
 */
#ifndef RC_TEST_SYNC_MODEL_H
#define RC_TEST_SYNC_MODEL_H

#include "scratch_state.h"

#include "job/sync_priv.h"

#define PEOPLE 80
#define ROUNDS 40
#define READINGS 200

struct model {
	enum rc_ident_type type;
	struct rc_ident person[PEOPLE]; /* ascending by key */
	bool listed[PEOPLE];
	enum rc_consent_state event[PEOPLE];
	uint64_t received_ms[PEOPLE], seq[PEOPLE];
	bool suppressed[PEOPLE];
	/* of the list in force, and of the one that is to come */
	bool synced;
	uint64_t list_time_ms, list_seq;
	uint64_t next_time_s;
	uint64_t clock_ms;
};
static struct model model;
/* Every list that was ever synced: its time, and the journal when it was read;
 * not in the model, as no undo takes it back. */
static struct {
	uint64_t time_ms, seq;
} readings[READINGS];
static size_t nreadings;
static struct rc_channel channel;

static inline int
compare_people(const void *a, const void *b)
{
	const struct rc_ident *x = a, *y = b;

	return rc_slice_cmp((struct rc_slice){(char *)x->key, x->key_len},
	    (struct rc_slice){(char *)y->key, y->key_len});
}

static inline void
model_start(enum rc_ident_type type)
{
	char text[64];

	memset(&model, 0, sizeof(model));
	model.type = type;
	model.next_time_s = 1000;
	model.clock_ms = 1000 * 1000;
	nreadings = 0;
	channel = (struct rc_channel){
	    .number = 1, .name = (char *)"acme", .identifier = type};
	make_channel(channel.name, channel.number);
	for (int i = 0; i < PEOPLE; i++) {
		if (type == RC_IDENT_PHONE)
			snprintf(text, sizeof(text), "1555010%03d", i * 7);
		else if (type == RC_IDENT_EMAIL)
			snprintf(text, sizeof(text),
			    "Shop.customer.%d@example.com", i);
		else
			snprintf(text, sizeof(text), "Id-%d", i);
		assert_ok(rc_ident_parse(
		    type, rc_slice_str(text), &model.person[i], &err));
	}
	qsort(model.person, PEOPLE, sizeof(model.person[0]), compare_people);
}

static inline bool
is_in(int i)
{
	return model.event[i] == RC_CONSENT_NONE
		   ? model.listed[i]
		   : model.event[i] == RC_CONSENT_IN;
}

/* Mostly close to the time of the list that comes next. */
static inline void
move_clock(void)
{
	if (draw(8) == 0)
		model.clock_ms = (model.next_time_s + draw(80) - 40) * 1000;
	else if (draw(4) == 0)
		model.clock_ms = model.next_time_s * 1000 + draw(3) - 1;
	else
		model.clock_ms += draw(2000);
}

/* One person's opt-in, opt-out, or suppression. */
static inline enum rc_err
change_somebody(struct rc_txn *txn, struct rc_error *e)
{
	int i = (int)draw(PEOPLE);
	struct rc_consent_counts counts;
	struct rc_consent_change c = {.kind = draw(2) == 0 ? RC_J_IN : RC_J_OUT,
	    .channel = channel.number,
	    .type = model.type};
	enum rc_err r;

	move_clock();
	c.received_ms = model.clock_ms;
	if (draw(12) == 0)
		c.kind = RC_J_SUPPRESS;
	if (c.kind == RC_J_SUPPRESS) {
		model.suppressed[i] = true;
	} else {
		model.event[i] =
		    c.kind == RC_J_IN ? RC_CONSENT_IN : RC_CONSENT_OUT;
		model.received_ms[i] = c.received_ms;
	}
	r = rc_consent_change_in(txn, &c, &model.person[i], 1, &counts, e);
	if (c.kind != RC_J_SUPPRESS)
		model.seq[i] = counts.seq;
	return r;
}

static inline enum rc_err
change_n(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	enum rc_err r = RC_OK;

	for (uint64_t n = *(uint64_t *)arg; r == RC_OK && n > 0; n--)
		r = change_somebody(txn, e);
	return r;
}

/* In one transaction, since a commit takes long. */
static inline void
change_some(uint64_t most)
{
	uint64_t n = draw(most);

	assert_ok(rc_store_write(state->store, change_n, &n, &err));
}

static inline enum rc_err
read_head(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	unsigned char hash[RC_SHA256_LEN];

	return rc_journal_head(txn, arg, hash, e);
}

/* The newest entry of the journal. */
static inline uint64_t
head(void)
{
	uint64_t seq;

	assert_ok(rc_store_read(state->store, read_head, &seq, &err));
	return seq;
}

static inline struct rc_source *
open_source(void)
{
	static struct rc_source_config from;
	struct rc_source *source;

	from.where = scratch("list");
	assert_ok(rc_source_open(&source, &from, &err));
	return source;
}

/* Mostly later, but now and then as early or earlier, also by much. */
static inline void
next_list_time(void)
{
	if (draw(6) == 0)
		model.next_time_s += draw(60) - 40;
	else
		model.next_time_s += draw(3) == 0 ? draw(3) - 1 : 10;
}

/* Opens a list of some people, in no order, some named twice. */
static inline struct rc_source *
open_list(bool chosen[PEOPLE], uint64_t *rows)
{
	static const char *const header[] = {
	    "", "phone numbers", "email", "custom"};
	struct timespec times[2] = {0};
	FILE *f = fopen(scratch("list"), "w+");

	assert_non_null(f);
	next_list_time();
	times[1].tv_sec = (time_t)model.next_time_s;
	fprintf(f, "%s\n", header[model.type]);
	memset(chosen, 0, PEOPLE);
	*rows = 1 + draw(2 * PEOPLE);
	for (uint64_t k = 0; k < *rows; k++) {
		int i = (int)draw(PEOPLE);

		chosen[i] = true;
		fprintf(f, "%s\n", model.person[i].text);
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(utimensat(AT_FDCWD, scratch("list"), times, 0), 0);
	return open_source();
}

/* --- the model's sync ---------------------------------------------------- */

struct outcome {
	struct rc_sync_counts counts;
	bool added[PEOPLE], removed[PEOPLE];
	bool reversed[PEOPLE], opted_out[PEOPLE], suppressed[PEOPLE];
};

static inline bool
model_keeps(const struct rc_sync_config *config, int i)
{
	if (model.event[i] == RC_CONSENT_NONE || config->override_all)
		return false;
	return model.received_ms[i] > model.list_time_ms ||
	       model.seq[i] > model.list_seq ||
	       (config->keep_optouts && model.event[i] == RC_CONSENT_OUT);
}

/* A list was made before any list of its time or a later one was read. */
static inline void
model_list(uint64_t read_seq)
{
	model.list_time_ms = model.next_time_s * 1000;
	model.list_seq = read_seq;
	model.synced = true;
	assert_true(nreadings < READINGS);
	readings[nreadings].time_ms = model.list_time_ms;
	readings[nreadings++].seq = read_seq;
	for (size_t i = 0; i < nreadings; i++)
		if (readings[i].time_ms >= model.list_time_ms &&
		    readings[i].seq < model.list_seq)
			model.list_seq = readings[i].seq;
}

static inline void
model_sync(const struct rc_sync_config *config, const bool chosen[PEOPLE],
    uint64_t read_seq, struct outcome *o)
{
	model_list(read_seq);
	for (int i = 0; i < PEOPLE; i++) {
		bool before = is_in(i), kept = model_keeps(config, i);

		o->counts.kept_events += kept;
		o->reversed[i] =
		    !kept && chosen[i] && model.event[i] == RC_CONSENT_OUT;
		if (!kept)
			model.event[i] = RC_CONSENT_NONE;
		model.listed[i] = chosen[i];
		o->added[i] = is_in(i) && !before;
		o->removed[i] = before && !is_in(i);
		o->counts.accepted += chosen[i];
		o->counts.added += o->added[i];
		o->counts.removed += o->removed[i];
		o->opted_out[i] = chosen[i] && !is_in(i);
		o->suppressed[i] = chosen[i] && model.suppressed[i];
		o->counts.reversed_optouts += o->reversed[i];
		o->counts.opted_out += o->opted_out[i];
		o->counts.suppressed += o->suppressed[i];
	}
}

static inline void
compare_consent(void)
{
	static struct rc_consent answer[PEOPLE];

	assert_ok(rc_consent_ask(state->store, channel.number, model.type,
	    model.person, PEOPLE, answer, &err));
	for (int i = 0; i < PEOPLE; i++)
		assert_int_equal(answer[i].state == RC_CONSENT_IN,
		    is_in(i) && !model.suppressed[i]);
}

/* --- the sets of a journal entry ----------------------------------------- */

struct search {
	uint64_t seq;
	enum rc_journal_kind kind;
	bool added, removed;
};

static inline enum rc_err
note_entry(void *arg, const struct rc_journal_entry *j,
    enum rc_journal_set_kind set, struct rc_error *e)
{
	struct search *s = arg;

	(void)e;
	if (j->seq == s->seq) {
		assert_int_equal(j->kind, s->kind);
		s->added = set == RC_J_ADDED;
		s->removed = set == RC_J_REMOVED;
	}
	return RC_OK;
}

static inline void
compare_sets(struct rc_txn *txn, uint64_t seq, enum rc_journal_kind kind,
    const struct outcome *want, struct rc_error *e)
{
	for (int i = 0; i < PEOPLE; i++) {
		struct search s = {.seq = seq, .kind = kind};

		assert_ok(
		    rc_journal_of(txn, &model.person[i], 1, note_entry, &s, e));
		assert_int_equal(s.added, want->added[i]);
		assert_int_equal(s.removed, want->removed[i]);
	}
}

static inline struct rc_sync_config
random_config(struct rc_source *source)
{
	struct rc_sync_config config = {.channel = &channel,
	    .source = source,
	    .max_bad = 30,
	    .max_shrink = 100,
	    .max_rows = RC_SYNC_MAX_ROWS};

	config.keep_optouts = draw(4) == 0;
	config.override_all = !config.keep_optouts && draw(4) == 0;
	return config;
}

#endif
