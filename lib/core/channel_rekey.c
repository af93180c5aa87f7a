#include "core/channel_rekey.h"

#include "core/channel_priv.h"
#include "core/provider.h"

#include <string.h>

struct rekeying {
	struct rc_state *state;
	struct rc_seal *next;
	bool trial;
	size_t channels;
};

static enum rc_err
reseal(struct rc_txn *txn, const struct rekeying *r, const char *name,
    struct rc_error *e)
{
	struct rc_channel *c = NULL;
	struct rc_slice record;
	enum rc_err err;

	err = rc_get(txn, RC_T_CHANNEL, rc_slice_str(name), &record, e);
	if (err == RC_OK)
		err = rc_channel_decode(
		    rc_slice_str(name), record, r->state->seal, &c, e);
	if (err == RC_OK && !r->trial)
		err = rc_channel_put(txn, c, r->next, e);
	if (err == RC_OK && !r->trial)
		err = rc_token_reseal(txn, r->state, c, r->next, e);
	rc_channel_free(c);
	return err;
}

static enum rc_err
reseal_all(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rekeying *r = arg;
	struct rc_channels all = {0};
	enum rc_err err = rc_channels_collect(txn, &all, e);

	for (size_t i = 0; i < all.n && err == RC_OK; i++)
		err = reseal(txn, r, all.v[i]->name, e);
	r->channels = all.n;
	rc_channels_free(&all);
	if (err == RC_OK && !r->trial)
		err = rc_state_put_check(txn, r->next, e);
	return err;
}

/* What lies at the key's place may be another state's: it is kept as well. */
static enum rc_err
keep_present(const char *path, struct rc_error *e)
{
	struct rc_seal *present = NULL;
	enum rc_err err = rc_seal_open(&present, path, false, e);

	if (err == RC_OK)
		err = rc_seal_keep(present, path, e);
	rc_seal_close(present);
	return err == RC_ENOINPUT ? RC_OK : err;
}

static enum rc_err
keep_all(struct rekeying *r, struct rc_error *e)
{
	const char *path = r->state->key_path;
	enum rc_err err = rc_seal_draw(&r->next, e);

	if (err == RC_OK)
		err = keep_present(path, e);
	if (err == RC_OK)
		err = rc_seal_keep(r->state->seal, path, e);
	if (err == RC_OK)
		err = rc_seal_keep(r->next, path, e);
	return err;
}

/* The state has changed: an error can only tell where its key is. */
static enum rc_err
place(struct rekeying *r, struct rc_error *e)
{
	struct rc_buf kept = RC_BUF_INIT(RC_ERROR_MAX);
	const char *path = r->state->key_path;
	enum rc_err err = rc_seal_place(r->next, path, e);

	if (err == RC_OK)
		return RC_OK;
	rc_seal_kept_name(r->next, path, &kept);
	err = rc_err_prefix(e,
	    "the new seal key lies in '%s' and is used from there",
	    rc_buf_str(&kept));
	rc_buf_free(&kept);
	return err;
}

enum rc_err
rc_state_rekey(struct rc_state *state, bool trial, struct rc_rekey *done,
    struct rc_error *e)
{
	struct rekeying r = {.state = state, .trial = trial};
	enum rc_err err = rc_state_unseal(state, false, e);

	*done = (struct rc_rekey){.kept = RC_BUF_INIT(RC_ERROR_MAX)};
	if (err != RC_OK)
		return err;
	if (trial) {
		err = rc_state_read_sealed(state, reseal_all, &r, e);
		done->channels = r.channels;
		return err;
	}
	err = keep_all(&r, e);
	if (err == RC_OK)
		err = rc_state_write_sealed(state, reseal_all, &r, e);
	if (err == RC_OK) {
		rc_seal_kept_name(state->seal, state->key_path, &done->kept);
		done->channels = r.channels;
		err = place(&r, e);
		rc_state_take_seal(state, r.next);
		return err;
	}
	/* Who cannot say whether the disk took it keeps the key. */
	if (r.next != NULL && err != RC_EIO)
		rc_seal_drop(r.next, state->key_path);
	rc_seal_close(r.next);
	return err;
}
