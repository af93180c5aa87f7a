#include "job/data_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct loading {
	struct rc_state *state;
	const struct rc_data_config *config;
	struct rc_data_counts *counts;
	struct rc_data_load load;
	struct rc_data_run run;
	struct rc_data_rows rows;
	struct rc_data_feed feed;
};

static enum rc_err
look(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct loading *l = arg;
	struct rc_data_feed old;
	enum rc_err err =
	    rc_data_feed_get(txn, rc_slice_str(l->config->feed), &old, e);

	l->counts->before = err == RC_OK ? old.rows : 0;
	return err == RC_NOTFOUND ? RC_OK : err;
}

/* A feed that lost most of its people is more often a broken export. */
static enum rc_err
check(const struct loading *l, struct rc_error *e)
{
	const struct rc_data_config *config = l->config;
	const struct rc_data_counts *c = l->counts;

	if (c->rows == 0)
		return rc_err_set(e, RC_EDATA, "there is no row in it");
	if (c->loaded == 0 ||
	    (c->rejected > 0 &&
		(double)c->rejected * 100 >= config->max_bad * (double)c->rows))
		return rc_err_set(e, RC_EDATA,
		    "%" PRIu64 " of %" PRIu64
		    " %s %s bad, which is too many (--max-bad %g); the "
		    "first is %s",
		    c->rejected, c->rows, rc_plural(c->rows, "row", "rows"),
		    rc_plural(c->rejected, "is", "are"), config->max_bad,
		    l->rows.first_bad);
	if ((double)c->loaded * 100 <
	    (double)c->before * (100 - config->max_shrink))
		return rc_err_set(e, RC_EDATA,
		    "it has %" PRIu64 " %s, the feed %" PRIu64
		    ": it would shrink by more than %g %%; if that is right, "
		    "say --max-shrink 100",
		    c->loaded, rc_plural(c->loaded, "person", "people"),
		    c->before, config->max_shrink);
	return RC_OK;
}

static void
count(struct loading *l)
{
	l->counts->rows = l->rows.rows;
	l->counts->rejected = l->rows.rejected;
	l->counts->loaded = l->run.loaded;
	l->counts->duplicates = l->run.duplicates;
	l->counts->properties = l->rows.nproperties;
	memcpy(l->counts->by, l->rows.by.p, l->rows.by.len);
}

static enum rc_err
commit(struct loading *l, struct rc_error *e)
{
	struct rc_data_feed *f = &l->feed;

	f->loaded_ms = rc_clock_now_ms();
	f->rows = l->counts->loaded;
	f->nproperties = l->rows.nproperties;
	f->properties = rc_buf_slice(&l->rows.names);
	memcpy(f->name, l->config->feed, strlen(l->config->feed));
	memcpy(f->by, l->rows.by.p, l->rows.by.len);
	return rc_data_load_commit(&l->load, f, e);
}

static enum rc_err
read_and_write(struct loading *l, struct rc_error *e)
{
	const struct rc_data_config *config = l->config;
	enum rc_err err = RC_OK;

	if (!config->dry_run)
		err = rc_data_load_open(&l->load, l->state, e);
	if (err == RC_OK)
		err = rc_data_read(
		    &l->rows, &l->counts->bytes, l->feed.digest, e);
	if (err == RC_EDATA)
		return rc_err_prefix(e, "'%s'", rc_source_name(config->source));
	if (err == RC_OK)
		err = rc_data_run_flush(&l->run, e);
	if (err != RC_OK)
		return err;
	count(l);
	err = rc_store_read(l->state->store, look, l, e);
	if (err == RC_OK && check(l, e) != RC_OK)
		return rc_err_prefix(e, "'%s'", rc_source_name(config->source));
	return err == RC_OK && !config->dry_run ? commit(l, e) : err;
}

/* What remains of it does nobody harm, and the next load sweeps it. */
static void
sweep(const struct loading *l)
{
	struct rc_error e;

	if (!l->config->dry_run && rc_data_sweep(l->state, &e) != RC_OK)
		rc_log(l->config->log, RC_LOG_WARN,
		    "replaced user data is still there: %s", e.msg);
}

static enum rc_err
check_names(const struct rc_data_config *config, struct rc_error *e)
{
	enum rc_err err = rc_data_name_check(
	    rc_slice_str(config->feed), RC_DATA_NAME_MAX, "the feed's name", e);

	if (err == RC_OK && config->by != NULL &&
	    strlen(config->by) > RC_PERSON_NAME_MAX)
		return rc_err_set(e, RC_EDATA,
		    "an identifier's name has at most %d bytes",
		    RC_PERSON_NAME_MAX);
	return err;
}

enum rc_err
rc_data_load(struct rc_state *state, const struct rc_data_config *config,
    struct rc_data_counts *counts, struct rc_error *e)
{
	struct loading *l = calloc(1, sizeof(*l));
	enum rc_err err;

	*counts = (struct rc_data_counts){0};
	if (l == NULL)
		return rc_err_nomem(e);
	*l = (struct loading){
	    .state = state, .config = config, .counts = counts};
	l->load.lock_fd = -1;
	rc_data_run_init(&l->run, config->dry_run ? NULL : &l->load);
	rc_data_rows_init(&l->rows, config, &l->run);
	err = check_names(config, e);
	if (err == RC_OK) {
		err = read_and_write(l, e);
		rc_data_load_close(&l->load);
		sweep(l);
	}
	rc_data_rows_free(&l->rows);
	rc_data_run_free(&l->run);
	free(l);
	return err;
}
