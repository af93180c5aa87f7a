#include "core/state.h"

#include <string.h>

#define ATTEMPTS 100 /* a key that changes at each of them is no accident */

static const struct rc_slice check_name = {"key_check", 9};

struct check {
	unsigned char value[RC_SHA256_LEN];
	bool there;
};

static enum rc_err
read_check(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct check *c = arg;
	struct rc_slice value;
	enum rc_err r = rc_get(t, RC_T_META, check_name, &value, e);

	c->there = r == RC_OK;
	if (r != RC_OK)
		return r == RC_NOTFOUND ? RC_OK : r;
	if (value.len != sizeof(c->value))
		return rc_state_damaged(e, "the state's 'key_check'");
	memcpy(c->value, value.p, sizeof(c->value));
	return RC_OK;
}

enum rc_err
rc_state_put_check(
    struct rc_txn *t, const struct rc_seal *seal, struct rc_error *e)
{
	unsigned char value[RC_SHA256_LEN];

	rc_seal_check_value(seal, value);
	return rc_put(
	    t, RC_T_META, check_name, rc_slice_of(value, sizeof(value)), e);
}

/* Unless another process was first. */
static enum rc_err
make_check(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct check there;
	enum rc_err r = read_check(t, &there, e);

	if (r != RC_OK || there.there)
		return r;
	return rc_state_put_check(t, arg, e);
}

static bool
fits(const struct rc_seal *seal, const struct check *c)
{
	unsigned char value[RC_SHA256_LEN];

	rc_seal_check_value(seal, value);
	return memcmp(value, c->value, sizeof(value)) == 0;
}

/* The key at its place, or the one that is kept beside it. */
static enum rc_err
open_fitting(struct rc_state *s, const struct check *c, struct rc_seal **seal,
    struct rc_error *e)
{
	struct rc_error why;
	enum rc_err r = rc_seal_open(seal, s->key_path, false, e), kept;

	if (r == RC_OK && fits(*seal, c))
		return RC_OK;
	rc_seal_close(*seal);
	kept = rc_seal_open_kept(seal, s->key_path, c->value, &why);
	if (kept == RC_OK && fits(*seal, c))
		return RC_OK;
	rc_seal_close(*seal);
	*seal = NULL;
	if (kept != RC_OK && kept != RC_ENOINPUT) {
		*e = why;
		return kept;
	}
	if (r != RC_OK)
		return r;
	return rc_err_set(e, RC_ECONFIG,
	    "'%s' is not the seal key of '%s': name the right one with "
	    "RC_KEY_FILE",
	    s->key_path, rc_store_path(s->store));
}

/* A state without a check value takes any key, and with create keeps it. */
static enum rc_err
open_first(struct rc_state *s, bool create, struct check *c,
    struct rc_seal **seal, struct rc_error *e)
{
	enum rc_err r = rc_seal_open(seal, s->key_path, create, e);

	if (r == RC_OK && create)
		r = rc_store_write(s->store, make_check, *seal, e);
	if (r == RC_OK)
		r = rc_store_read(s->store, read_check, c, e);
	if (r == RC_OK && (!c->there || fits(*seal, c)))
		return RC_OK;
	rc_seal_close(*seal);
	*seal = NULL;
	return r;
}

void
rc_state_take_seal(struct rc_state *s, struct rc_seal *seal)
{
	rc_seal_close(s->seal);
	s->seal = seal;
	rc_seal_check_value(seal, s->check);
}

/* Whether the state has been given another key since c was read; reads it. */
static bool
has_changed(struct rc_state *s, struct check *c)
{
	struct check now;
	struct rc_error unused;

	if (rc_store_read(s->store, read_check, &now, &unused) != RC_OK ||
	    memcmp(now.value, c->value, sizeof(now.value)) == 0)
		return false;
	*c = now;
	return true;
}

/* The seal there is stays when this fails. */
static enum rc_err
unseal_anew(struct rc_state *s, bool create, struct rc_error *e)
{
	struct rc_seal *seal = NULL;
	struct check c;
	enum rc_err r;

	r = rc_store_read(s->store, read_check, &c, e);
	if (r == RC_OK && !c.there)
		r = open_first(s, create, &c, &seal, e);
	for (int i = 0; r == RC_OK && seal == NULL; i++) {
		/* A state that knows its key must not get a new one. */
		r = open_fitting(s, &c, &seal, e);
		if (r != RC_OK && i < ATTEMPTS && has_changed(s, &c))
			r = RC_OK;
	}
	if (r == RC_OK)
		rc_state_take_seal(s, seal);
	return r;
}

enum rc_err
rc_state_unseal(struct rc_state *s, bool create, struct rc_error *e)
{
	return s->seal != NULL ? RC_OK : unseal_anew(s, create, e);
}

/* --- transactions that use the seal -------------------------------------- */

struct guarded {
	struct rc_state *state;
	rc_txn_fn *fn;
	void *arg;
	bool stale;
};

static enum rc_err
run_guarded(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct guarded *g = arg;
	struct check c;
	enum rc_err r = read_check(t, &c, e);

	if (r != RC_OK)
		return r;
	g->stale =
	    c.there && memcmp(c.value, g->state->check, sizeof(c.value)) != 0;
	if (g->stale)
		return rc_err_set(e, RC_EAGAIN,
		    "the seal key of '%s' is being changed",
		    rc_store_path(g->state->store));
	return g->fn(t, g->arg, e);
}

static enum rc_err
run(struct rc_state *s, bool write, rc_txn_fn *fn, void *arg,
    struct rc_error *e)
{
	struct guarded g = {s, fn, arg, false};
	enum rc_err r;

	if (s->seal == NULL)
		return rc_err_set(e, RC_EINTERNAL, "the state is sealed");
	for (int i = 0;; i++) {
		r = write ? rc_store_write(s->store, run_guarded, &g, e)
			  : rc_store_read(s->store, run_guarded, &g, e);
		if (!g.stale || i == ATTEMPTS)
			return r;
		r = unseal_anew(s, false, e);
		if (r != RC_OK)
			return r;
	}
}

enum rc_err
rc_state_read_sealed(
    struct rc_state *s, rc_txn_fn *fn, void *arg, struct rc_error *e)
{
	return run(s, false, fn, arg, e);
}

enum rc_err
rc_state_write_sealed(
    struct rc_state *s, rc_txn_fn *fn, void *arg, struct rc_error *e)
{
	return run(s, true, fn, arg, e);
}
