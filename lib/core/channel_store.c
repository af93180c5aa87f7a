#include "core/channel_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_MAX (1u << 20)	     /* bytes of a kept channel */
#define FIRST_KEY RC_SLICE_LIT("\0") /* no key sorts before it */

/* Nobody's usage or data is wrong, but the state. */
static enum rc_err
as_kept(const char *name, struct rc_error *e)
{
	if (e->code == RC_EDATA || e->code == RC_EUSAGE)
		e->code = RC_ECONFIG;
	return rc_err_prefix(e, "channel '%s' as kept", name);
}

enum rc_err
rc_channel_decode(struct rc_slice name, struct rc_slice record,
    const struct rc_seal *seal, struct rc_channel **out, struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(record);
	struct rc_channel_kept kept = {rc_unpack32(&u), seal};
	uint64_t created_ms = rc_unpack64(&u);
	char text[RC_CHANNEL_NAME_MAX + 1];
	struct rc_json *json = NULL;
	struct rc_channel *c = NULL;
	enum rc_err err;

	if (u.short_read || name.len > RC_CHANNEL_NAME_MAX)
		return rc_state_damaged(e, "a channel record");
	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	err = rc_json_parse(&json,
	    (struct rc_slice){record.p + RC_CHANNEL_HEAD_LEN,
		record.len - RC_CHANNEL_HEAD_LEN},
	    e);
	if (err == RC_OK)
		err = rc_channel_new(&c, text, e);
	if (err == RC_OK)
		err = rc_channel_read(c, rc_json_root(json), &kept, e);
	rc_json_free(json);
	if (err != RC_OK) {
		rc_channel_free(c);
		return as_kept(text, e);
	}
	c->number = kept.number;
	c->created_ms = created_ms;
	*out = c;
	return RC_OK;
}

void
rc_channels_free(struct rc_channels *all)
{
	for (size_t i = 0; i < all->n; i++)
		rc_channel_free(all->v[i]);
	free(all->v);
	*all = (struct rc_channels){0};
}

static enum rc_err
append(struct rc_channels *all, struct rc_slice name, struct rc_slice record,
    struct rc_error *e)
{
	struct rc_channel **v = realloc(all->v, (all->n + 1) * sizeof(*v));
	enum rc_err err;

	if (v == NULL)
		return rc_err_nomem(e);
	all->v = v;
	err = rc_channel_decode(name, record, NULL, &v[all->n], e);
	all->n += err == RC_OK;
	return err;
}

enum rc_err
rc_channels_collect(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_channels *all = arg;
	struct rc_cursor *cursor = NULL;
	struct rc_slice name, record;
	enum rc_err err;

	rc_channels_free(all);
	err = rc_cursor_open(txn, RC_T_CHANNEL, &cursor, e);
	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(cursor, FIRST_KEY, &name, &record, e);
	while (err == RC_OK) {
		err = append(all, name, record, e);
		if (err == RC_OK)
			err = rc_cursor_next(cursor, &name, &record, e);
	}
	rc_cursor_close(cursor);
	return err == RC_END || err == RC_NOTFOUND ? RC_OK : err;
}

enum rc_err
rc_channel_each(struct rc_state *state,
    enum rc_err (*fn)(void *, const struct rc_channel *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct rc_channels all = {0};
	enum rc_err err;

	/* Copied out first: fn may print, and no snapshot may wait for that. */
	err = rc_store_read(state->store, rc_channels_collect, &all, e);
	for (size_t i = 0; err == RC_OK && i < all.n; i++)
		err = fn(arg, all.v[i], e);
	rc_channels_free(&all);
	return err;
}

struct lookup {
	const char *name;
	const struct rc_state *state; /* NULL: without secrets */
	struct rc_channel *found;
};

static enum rc_err
find_by_name(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct lookup *l = arg;
	struct rc_slice key = rc_slice_str(l->name), record;
	enum rc_err err;

	if (key.len == 0 || key.len > RC_CHANNEL_NAME_MAX)
		return RC_NOTFOUND; /* no key of the store, so no channel's */
	err = rc_get(txn, RC_T_CHANNEL, key, &record, e);
	if (err != RC_OK)
		return err;
	err = rc_channel_decode(key, record,
	    l->state == NULL ? NULL : l->state->seal, &l->found, e);
	if (err != RC_OK || l->state == NULL)
		return err;
	err = rc_channel_check(l->found, e);
	return err == RC_OK ? RC_OK : as_kept(l->name, e);
}

/* The names there are, for a message; cut when there are many. */
static void
join_names(const struct rc_channels *all, struct rc_buf *out)
{
	for (size_t i = 0; i < all->n; i++)
		rc_buf_addf(out, "%s%s", i == 0 ? "" : ", ", all->v[i]->name);
}

static enum rc_err
no_such_channel(
    const char *name, const struct rc_channels *all, struct rc_error *e)
{
	struct rc_buf names = RC_BUF_INIT(RC_ERROR_MAX / 2);
	enum rc_err err;

	join_names(all, &names);
	if (all->n == 0)
		err = rc_err_set(e, RC_ENOINPUT,
		    "there is no channel yet: add one with rc-channel add");
	else if (name == NULL)
		err = rc_err_set(e, RC_EUSAGE,
		    "there are several channels: name one with -c (%s)",
		    rc_buf_str(&names));
	else
		err = rc_err_set(e, RC_ENOINPUT,
		    "there is no channel '%s' (there are: %s)", name,
		    rc_buf_str(&names));
	rc_buf_free(&names);
	return err;
}

enum rc_err
rc_channel_unknown(struct rc_state *state, const char *name, struct rc_error *e)
{
	struct rc_channels all = {0};
	enum rc_err err;

	err = rc_store_read(state->store, rc_channels_collect, &all, e);
	if (err == RC_OK)
		err = no_such_channel(name, &all, e);
	rc_channels_free(&all);
	return err;
}

enum rc_err
rc_channel_load(struct rc_state *state, const char *name, bool secrets,
    struct rc_channel **out, struct rc_error *e)
{
	struct lookup l = {.name = name};
	struct rc_channels all = {0};
	enum rc_err err;

	*out = NULL;
	l.state = secrets ? state : NULL;
	if (l.name == NULL) {
		err = rc_store_read(state->store, rc_channels_collect, &all, e);
		if (err == RC_OK && all.n == 1)
			l.name = all.v[0]->name;
		else if (err == RC_OK)
			err = no_such_channel(NULL, &all, e);
		if (err != RC_OK)
			goto out;
	}
	err = secrets ? rc_state_read_sealed(state, find_by_name, &l, e)
		      : rc_store_read(state->store, find_by_name, &l, e);
	if (err == RC_NOTFOUND)
		err = rc_channel_unknown(state, name, e);
	*out = l.found;
out:
	rc_channels_free(&all);
	return err;
}

/* Borrowed from the transaction; RC_NOTFOUND. */
static enum rc_err
find_by_number(struct rc_txn *txn, uint32_t number, struct rc_slice *name,
    struct rc_slice *record, struct rc_error *e)
{
	struct rc_cursor *cursor = NULL;
	enum rc_err err = rc_cursor_open(txn, RC_T_CHANNEL, &cursor, e);

	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(cursor, FIRST_KEY, name, record, e);
	while (err == RC_OK && (record->len < RC_CHANNEL_HEAD_LEN ||
				   rc_get32(record->p) != number))
		err = rc_cursor_next(cursor, name, record, e);
	rc_cursor_close(cursor);
	return err == RC_END ? RC_NOTFOUND : err;
}

enum rc_err
rc_channel_by_number(struct rc_txn *txn, uint32_t number,
    struct rc_channel **out, struct rc_error *e)
{
	struct rc_slice name, record;
	enum rc_err err = find_by_number(txn, number, &name, &record, e);

	*out = NULL;
	return err == RC_OK ? rc_channel_decode(name, record, NULL, out, e)
			    : err;
}

enum rc_err
rc_channel_check_there(
    struct rc_txn *txn, const struct rc_channel *c, struct rc_error *e)
{
	struct rc_slice name, record;
	enum rc_err err = find_by_number(txn, c->number, &name, &record, e);

	return err == RC_NOTFOUND
		   ? rc_err_set(e, RC_ENOINPUT,
			 "channel '%s' has been removed meanwhile", c->name)
		   : err;
}

enum rc_err
rc_channel_check_number(struct rc_txn *txn, uint32_t number, struct rc_error *e)
{
	struct rc_slice name, record;
	enum rc_err err = find_by_number(txn, number, &name, &record, e);

	return err == RC_NOTFOUND
		   ? rc_err_set(e, RC_ENOINPUT,
			 "the channel has been removed meanwhile")
		   : err;
}

enum rc_err
rc_channel_put(struct rc_txn *txn, const struct rc_channel *c,
    const struct rc_seal *seal, struct rc_error *e)
{
	struct rc_buf record = RC_BUF_INIT(RECORD_MAX);
	enum rc_err err;

	rc_buf_add32(&record, c->number);
	rc_buf_add64(&record, c->created_ms);
	err = rc_channel_write_sealed(&record, c, seal, e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_CHANNEL, rc_slice_str(c->name),
		    rc_buf_slice(&record), e);
	rc_buf_free(&record);
	return err;
}

struct saving {
	struct rc_state *state;
	struct rc_channel *channel;
};

static enum rc_err
save(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct saving *s = arg;
	struct rc_channel *c = s->channel;
	struct rc_slice key = rc_slice_str(c->name), old;
	enum rc_err err;

	err = rc_get(txn, RC_T_CHANNEL, key, &old, e);
	if (err == RC_OK)
		return rc_err_set(e, RC_ECREATE,
		    "there is a channel '%s' already: change it with "
		    "rc-channel set, or take another name",
		    c->name);
	if (err != RC_NOTFOUND)
		return err;
	err = rc_state_take32(txn, "next_channel", 1, &c->number, e);
	if (err != RC_OK)
		return err;
	return rc_channel_put(txn, c, s->state->seal, e);
}

enum rc_err
rc_channel_save(
    struct rc_state *state, struct rc_channel *channel, struct rc_error *e)
{
	struct saving s = {state, channel};

	channel->created_ms = rc_clock_now_ms();
	return rc_state_write_sealed(state, save, &s, e);
}
