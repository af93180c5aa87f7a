#include "core/channel_edit.h"

#include "base/num.h"
#include "core/campaign.h"
#include "core/channel_priv.h"

#include <string.h>

#define RECORD_MAX (1u << 20) /* bytes of a kept channel */

struct reading {
	struct rc_channel_edit *edit;
	struct rc_state *state;
	const char *name;
};

static enum rc_err
read_twice(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct reading *r = arg;
	struct rc_slice name = rc_slice_str(r->name), record;
	struct rc_channel_edit *edit = r->edit;
	enum rc_err err;

	err = rc_get(txn, RC_T_CHANNEL, name, &record, e);
	if (err != RC_OK)
		return err;
	rc_buf_addv(&edit->record, record);
	err = rc_buf_check(&edit->record, "a kept channel", e);
	if (err == RC_OK)
		err = rc_channel_decode(
		    name, record, r->state->seal, &edit->before, e);
	if (err == RC_OK)
		err = rc_channel_decode(
		    name, record, r->state->seal, &edit->after, e);
	return err;
}

enum rc_err
rc_channel_edit_open(struct rc_channel_edit *edit, struct rc_state *state,
    const char *name, struct rc_error *e)
{
	struct reading r = {edit, state, name};
	enum rc_err err = rc_channel_name_check(name, e);

	*edit = (struct rc_channel_edit){.record = RC_BUF_INIT(RECORD_MAX)};
	if (err != RC_OK)
		return err;
	err = rc_state_read_sealed(state, read_twice, &r, e);
	if (err == RC_NOTFOUND)
		err = rc_channel_unknown(state, name, e);
	if (err != RC_OK)
		rc_channel_edit_free(edit);
	return err;
}

void
rc_channel_edit_free(struct rc_channel_edit *edit)
{
	rc_channel_free(edit->before);
	rc_channel_free(edit->after);
	rc_buf_free(&edit->record);
	*edit = (struct rc_channel_edit){0};
}

enum rc_err
rc_channel_edit_apply(struct rc_channel_edit *edit,
    const struct rc_json_value *object, bool merge, struct rc_error *e)
{
	struct rc_channel_change change = {.merge = merge};
	enum rc_err err = rc_channel_apply(edit->after, object, &change, e);

	edit->named |= change.named;
	return err;
}

static uint64_t
bit_of(const struct rc_channel_key *k)
{
	return 1ULL << (k - rc_channel_keys);
}

/* Credentials of another auth type; those that were asked for are refused. */
static void
drop_unfit(struct rc_channel_edit *edit)
{
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		const struct rc_channel_key *k = &rc_channel_keys[i];

		if (!rc_channel_key_fits(k, edit->after) &&
		    (edit->named & bit_of(k)) == 0)
			rc_channel_reset(edit->after, k);
	}
}

enum rc_err
rc_channel_edit_check(struct rc_channel_edit *edit, struct rc_error *e)
{
	struct rc_channel *before = edit->before, *after = edit->after;
	enum rc_err err;

	/* Before anything is said to go with another provider. */
	if (rc_channel_has(after, "provider") &&
	    after->provider != before->provider)
		return rc_err_set(e, RC_EUSAGE,
		    "'provider' cannot change: add another channel");
	after->provider = before->provider;
	drop_unfit(edit);
	err = rc_channel_check(after, e);
	if (err == RC_OK)
		err = rc_channel_check_given(after, e);
	if (err == RC_OK)
		err = rc_channel_check_list(after, e);
	if (err != RC_OK)
		return err;
	edit->changed = 0;
	for (size_t i = 0; i < rc_channel_nkeys; i++)
		if (!rc_channel_same(before, after, &rc_channel_keys[i]))
			edit->changed |= bit_of(&rc_channel_keys[i]);
	return RC_OK;
}

bool
rc_channel_edit_changes(const struct rc_channel_edit *edit, const char *key)
{
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		const struct rc_channel_key *k = &rc_channel_keys[i];

		if ((edit->changed & bit_of(k)) != 0 &&
		    strncmp(k->name, key, strlen(key)) == 0)
			return true;
	}
	return false;
}

/* --- saving -------------------------------------------------------------- */

/* Lists, events and messages hold identifiers of the type there was. */
static enum rc_err
type_is_used(const struct rc_channel *c, const char *by, struct rc_error *e)
{
	return rc_err_set(e, RC_ECONFIG,
	    "'identifier' cannot change: channel '%s' has %s; add another "
	    "channel",
	    c->name, by);
}

static enum rc_err
refuse_campaign(
    void *arg, const struct rc_campaign *campaign, struct rc_error *e)
{
	const struct rc_channel *c = arg;

	if (campaign->channel != c->number)
		return RC_OK;
	return type_is_used(c, "campaigns", e);
}

/* RC_NOTFOUND when a table has nothing of the channel. */
static enum rc_err
find_any(
    struct rc_txn *txn, unsigned table, uint32_t number, struct rc_error *e)
{
	struct rc_cursor *cursor = NULL;
	struct rc_slice key, value;
	char prefix[4];
	enum rc_err err;

	rc_put32(prefix, number);
	err = rc_cursor_open(txn, table, &cursor, e);
	if (err != RC_OK)
		return err;
	err =
	    rc_cursor_ge(cursor, (struct rc_slice){prefix, 4}, &key, &value, e);
	if (err == RC_OK && (key.len < 4 || memcmp(key.p, prefix, 4) != 0))
		err = RC_NOTFOUND;
	rc_cursor_close(cursor);
	return err;
}

static enum rc_err
check_identifier(
    struct rc_txn *txn, const struct rc_channel_edit *edit, struct rc_error *e)
{
	struct rc_channel *c = edit->before;
	enum rc_err err;

	if (edit->after->identifier == c->identifier)
		return RC_OK;
	err = find_any(txn, RC_T_LIST_INFO, c->number, e);
	if (err == RC_OK)
		return type_is_used(c, "a subscriber list", e);
	if (err == RC_NOTFOUND)
		err = find_any(txn, RC_T_EVENT, c->number, e);
	if (err == RC_OK)
		return type_is_used(c, "opt-ins or opt-outs", e);
	if (err != RC_NOTFOUND)
		return err;
	return rc_campaign_each(txn, refuse_campaign, c, e);
}

struct saving {
	struct rc_channel_edit *edit;
	struct rc_state *state;
	bool trial;
};

static enum rc_err
drop_token(struct rc_txn *txn, uint32_t number, struct rc_error *e)
{
	char key[4];
	enum rc_err err;

	rc_put32(key, number);
	err = rc_del(txn, RC_T_TOKEN, (struct rc_slice){key, 4}, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
replace(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct saving *s = arg;
	struct rc_channel *after = s->edit->after;
	struct rc_slice record;
	enum rc_err err;

	err = rc_get(txn, RC_T_CHANNEL, rc_slice_str(after->name), &record, e);
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	/* An equal record holds what was read, whatever was in between. */
	if (err == RC_NOTFOUND ||
	    !rc_slice_eq(record, rc_buf_slice(&s->edit->record)))
		return rc_err_set(e, RC_EAGAIN,
		    "channel '%s' was changed by somebody else", after->name);
	err = check_identifier(txn, s->edit, e);
	if (err != RC_OK || s->trial)
		return err;
	err = rc_channel_put(txn, after, s->state->seal, e);
	if (err == RC_OK && rc_channel_edit_changes(s->edit, "auth."))
		err = drop_token(txn, after->number, e);
	return err;
}

enum rc_err
rc_channel_edit_save(struct rc_channel_edit *edit, struct rc_state *state,
    bool trial, struct rc_error *e)
{
	struct saving s = {.edit = edit, .state = state, .trial = trial};

	return trial ? rc_state_read_sealed(state, replace, &s, e)
		     : rc_state_write_sealed(state, replace, &s, e);
}

/* --- another name -------------------------------------------------------- */

struct renaming {
	const char *from, *to;
	bool trial;
};

static enum rc_err
move(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct renaming *r = arg;
	struct rc_slice from = rc_slice_str(r->from), to = rc_slice_str(r->to);
	struct rc_buf copy = RC_BUF_INIT(RECORD_MAX);
	struct rc_slice record, taken;
	enum rc_err err = rc_get(txn, RC_T_CHANNEL, from, &record, e);

	if (err != RC_OK)
		return err;
	err = rc_get(txn, RC_T_CHANNEL, to, &taken, e);
	if (err == RC_OK)
		return rc_err_set(
		    e, RC_ECREATE, "there is a channel '%s' already", r->to);
	if (err != RC_NOTFOUND || r->trial)
		return err == RC_NOTFOUND ? RC_OK : err;
	/* A value is not borrowed beyond the next write. */
	rc_buf_addv(&copy, record);
	err = rc_buf_check(&copy, "a kept channel", e);
	if (err == RC_OK)
		err = rc_del(txn, RC_T_CHANNEL, from, e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_CHANNEL, to, rc_buf_slice(&copy), e);
	rc_buf_free(&copy);
	return err;
}

enum rc_err
rc_channel_rename(struct rc_state *state, const char *from, const char *to,
    bool trial, struct rc_error *e)
{
	struct renaming r = {from, to, trial};
	enum rc_err err = rc_channel_name_check(from, e);

	if (err == RC_OK)
		err = rc_channel_name_check(to, e);
	if (err != RC_OK)
		return err;
	err = trial ? rc_store_read(state->store, move, &r, e)
		    : rc_store_write(state->store, move, &r, e);
	return err == RC_NOTFOUND ? rc_channel_unknown(state, from, e) : err;
}
