#include "job/send_since.h"

#include "core/journal.h"
#include "core/list_rank.h"

#include <stdlib.h>

/* People in an added set, or in a removed one. */
struct changed {
	struct rc_list_blocks people;
	struct rc_list_rank *rank;
};

struct send_since {
	struct rc_journal_added asked;
	struct changed began, ended;
};

static enum rc_err
find_entries(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_journal_added *asked = arg;
	unsigned char hash[RC_SHA256_LEN];
	enum rc_err err =
	    rc_journal_first_since(txn, asked->since_ms, &asked->from, e);

	return err == RC_OK ? rc_journal_head(txn, &asked->until, hash, e)
			    : err;
}

static enum rc_err
gather(struct send_since *s, struct rc_store *store, bool removed,
    struct changed *c, struct rc_error *e)
{
	enum rc_err err;

	s->asked.removed = removed;
	err = rc_journal_added(store, &s->asked, &c->people, e);
	return err == RC_OK
		   ? rc_list_rank_open(&c->rank, s->asked.type, &c->people, e)
		   : err;
}

enum rc_err
rc_send_since_open(struct send_since **out, struct rc_state *state,
    const struct rc_channel *channel, uint64_t since_ms, struct rc_error *e)
{
	struct send_since *s = calloc(1, sizeof(*s));
	enum rc_err err;

	*out = NULL;
	if (s == NULL)
		return rc_err_nomem(e);
	s->asked.channel = channel->number;
	s->asked.type = channel->identifier;
	s->asked.since_ms = since_ms;
	rc_list_blocks_init(&s->began.people);
	rc_list_blocks_init(&s->ended.people);
	err = rc_store_read(state->store, find_entries, &s->asked, e);
	if (err == RC_OK)
		err = gather(s, state->store, false, &s->began, e);
	if (err == RC_OK)
		err = gather(s, state->store, true, &s->ended, e);
	if (err == RC_OK)
		*out = s;
	else
		rc_send_since_close(s);
	return err;
}

void
rc_send_since_close(struct send_since *s)
{
	if (s == NULL)
		return;
	rc_list_rank_close(s->began.rank);
	rc_list_rank_close(s->ended.rank);
	rc_list_blocks_free(&s->began.people);
	rc_list_blocks_free(&s->ended.people);
	free(s);
}

static enum rc_err
is_among(struct changed *c, const struct rc_ident *who, bool *yes,
    struct rc_error *e)
{
	uint64_t rank;
	enum rc_err err = rc_list_rank_of(c->rank, who, &rank, e);

	*yes = err == RC_OK;
	return err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_send_since_began(struct send_since *s, const struct rc_ident *who, bool *yes,
    struct rc_error *e)
{
	return is_among(&s->began, who, yes, e);
}

enum rc_err
rc_send_since_ended(struct send_since *s, const struct rc_ident *who, bool *yes,
    struct rc_error *e)
{
	return is_among(&s->ended, who, yes, e);
}
