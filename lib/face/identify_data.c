#include "face/identify_data.h"

#include "base/num.h"
#include "face/progress.h"
#include "job/data_load.h"
#include "job/tsv_file.h"
#include "text/template.h"

#include <inttypes.h>
#include <stdio.h>

#define WARNINGS_MAX 20 /* bad rows that are named one by one */
#define SHOWN_MAX (16u << 20)

bool
rc_identify_data_take(struct rc_identify_data *o, int id, const char *value)
{
	switch (id) {
	case RC_IDENTIFY_COLUMN:
		o->column = value;
		return true;
	case RC_IDENTIFY_BY:
		o->by = value;
		return true;
	case RC_IDENTIFY_REJECTS:
		o->rejects = value;
		return true;
	case RC_IDENTIFY_MAX_BAD:
		o->max_bad = value;
		return true;
	case RC_IDENTIFY_MAX_SHRINK:
		o->max_shrink = value;
		return true;
	case RC_IDENTIFY_LIST:
		return o->list = true;
	case RC_IDENTIFY_REMOVE:
		return o->remove = true;
	default:
		return false;
	}
}

/* --- loading -------------------------------------------------------------- */

struct loading {
	struct rc_cli *cli;
	struct rc_data_config config;
	struct rc_data_counts counts;
	struct rc_progress progress;
	struct rc_tsv_file *rejects;
	uint64_t warnings;
};

static enum rc_err
reject(void *arg, uint64_t line, const char *reason, struct rc_slice value,
    struct rc_error *e)
{
	struct loading *l = arg;

	if (l->warnings++ < WARNINGS_MAX)
		rc_log(&l->cli->log, RC_LOG_WARN, "line %" PRIu64 ": %s", line,
		    reason);
	else if (l->warnings == WARNINGS_MAX + 1)
		rc_log(&l->cli->log, RC_LOG_WARN,
		    "further bad rows are only counted%s",
		    l->rejects == NULL ? ": --rejects FILE has them all" : "");
	return l->rejects == NULL
		   ? RC_OK
		   : rc_tsv_file_reject(l->rejects, line, reason, value, e);
}

static void
progress(void *arg, uint64_t bytes, uint64_t total)
{
	struct loading *l = arg;

	if (rc_progress_due(&l->progress))
		rc_progress_show(&l->progress, bytes, total, "");
}

static void
summarize(const struct loading *l)
{
	const struct rc_data_counts *c = &l->counts;

	if (!l->cli->quiet)
		fprintf(stderr,
		    "rc-identify: feed '%s': %" PRIu64 " %s = %" PRIu64
		    " loaded + %" PRIu64 " %s + %" PRIu64
		    " rejected; %zu %s by %s%s\n",
		    l->config.feed, c->rows, rc_plural(c->rows, "row", "rows"),
		    c->loaded, c->duplicates,
		    rc_plural(c->duplicates, "duplicate", "duplicates"),
		    c->rejected, c->properties,
		    rc_plural(c->properties, "property", "properties"), c->by,
		    l->cli->dry_run ? " (dry run)" : "");
}

static enum rc_err
print_counts(struct loading *l)
{
	const struct rc_data_counts *c = &l->counts;
	struct rc_out *out = &l->cli->out;

	if (!l->cli->json)
		return RC_OK;
	rc_out_begin(out);
	rc_out_cstr(out, "feed", l->config.feed);
	rc_out_cstr(out, "by", c->by);
	rc_out_u64(out, "properties", c->properties);
	rc_out_u64(out, "rows", c->rows);
	rc_out_u64(out, "loaded", c->loaded);
	rc_out_u64(out, "duplicates", c->duplicates);
	rc_out_u64(out, "rejected", c->rejected);
	rc_out_u64(out, "before", c->before);
	return rc_out_end(out, &l->cli->error);
}

static enum rc_err
run(struct loading *l, const char *rejects)
{
	struct rc_cli *cli = l->cli;
	struct rc_error second;
	enum rc_err err = RC_OK, kept;

	if (rejects != NULL)
		err = rc_tsv_file_open(&l->rejects, "rejected rows", rejects,
		    rc_source_fd(l->config.source), &cli->error);
	if (err != RC_OK)
		return err;
	rc_progress_start(&l->progress, cli, "load", "B");
	err = rc_data_load(cli->state, &l->config, &l->counts, &cli->error);
	rc_progress_end(&l->progress);
	if (err == RC_OK)
		summarize(l);
	/* A refused feed is the one whose bad rows are wanted most. */
	if (l->rejects != NULL && (err == RC_OK || err == RC_EDATA)) {
		kept = rc_tsv_file_finish(
		    l->rejects, err == RC_OK ? &cli->error : &second);
		err = err == RC_OK ? kept : err;
	}
	rc_tsv_file_close(l->rejects);
	return err == RC_OK ? print_counts(l) : err;
}

static enum rc_err
load(struct rc_cli *cli, const struct rc_identify_data *o)
{
	struct loading l = {.cli = cli};
	const struct rc_source_config from = {
	    .where = cli->argc > 1 ? cli->argv[1] : "-",
	    .log = &cli->log,
	};
	enum rc_err err;

	rc_cli_operands(cli, 1, 2);
	l.config = (struct rc_data_config){.feed = cli->argv[0],
	    .column = o->column,
	    .by = o->by,
	    .max_bad = RC_DATA_MAX_BAD,
	    .max_shrink = RC_DATA_MAX_SHRINK,
	    .dry_run = cli->dry_run,
	    .reject = reject,
	    .progress = progress,
	    .arg = &l,
	    .log = &cli->log};
	if (o->max_bad != NULL)
		l.config.max_bad = rc_cli_percent(cli, "max-bad", o->max_bad);
	if (o->max_shrink != NULL)
		l.config.max_shrink =
		    rc_cli_percent(cli, "max-shrink", o->max_shrink);
	rc_cli_open_state(cli, false);
	err = rc_source_open(&l.config.source, &from, &cli->error);
	if (err == RC_OK)
		err = run(&l, o->rejects);
	rc_source_close(l.config.source);
	return err;
}

/* --- listing and removing ------------------------------------------------- */

/* Records are laid out in a snapshot, and printed after it. */
struct listing {
	struct rc_buf feeds; /* struct rc_data_feed */
	struct rc_buf names; /* their properties */
};

static enum rc_err
note_feed(void *arg, const struct rc_data_feed *f, struct rc_error *e)
{
	struct listing *l = arg;
	enum rc_err err;

	rc_buf_add(&l->feeds, f, sizeof(*f));
	rc_buf_addv(&l->names, f->properties);
	err = rc_buf_check(&l->feeds, "the list of feeds", e);
	return err == RC_OK ? rc_buf_check(&l->names, "the list of feeds", e)
			    : err;
}

static enum rc_err
note_feeds(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	return rc_data_feed_each(txn, note_feed, arg, e);
}

static enum rc_err
print_feed(struct rc_cli *cli, const struct rc_data_feed *f,
    struct rc_slice properties)
{
	struct rc_unpack u = rc_unpack_start(properties);
	struct rc_buf names = RC_BUF_INIT(SHOWN_MAX);
	char hex[2 * RC_SHA256_LEN + 1];
	struct rc_out *out = &cli->out;

	for (size_t i = 0; i < f->nproperties; i++) {
		if (i > 0)
			rc_buf_addc(&names, '|'); /* in no name */
		rc_buf_addv(&names, rc_unpack_str(&u));
	}
	rc_hex(f->digest, RC_SHA256_LEN, hex);
	rc_out_begin(out);
	rc_out_cstr(out, "feed", f->name);
	rc_out_cstr(out, "by", f->by);
	rc_out_u64(out, "rows", f->rows);
	rc_out_time(out, "loaded", f->loaded_ms);
	rc_out_cstr(out, "digest", hex);
	rc_out_str(out, "properties", rc_buf_slice(&names));
	rc_buf_free(&names);
	return rc_out_end(out, &cli->error);
}

static enum rc_err
list(struct rc_cli *cli)
{
	struct listing l = {
	    RC_BUF_INIT(RC_DATA_FEEDS * sizeof(struct rc_data_feed)),
	    RC_BUF_INIT(SHOWN_MAX)};
	const struct rc_data_feed *f;
	size_t n, at = 0;
	enum rc_err err;

	rc_cli_operands(cli, 0, 0);
	rc_cli_open_state(cli, false);
	err = rc_store_read(cli->state->store, note_feeds, &l, &cli->error);
	f = (const void *)l.feeds.data;
	n = l.feeds.len / sizeof(*f);
	for (size_t i = 0; i < n && err == RC_OK; i++) {
		err = print_feed(cli, &f[i],
		    rc_slice_of(l.names.data + at, f[i].properties.len));
		at += f[i].properties.len;
	}
	rc_buf_free(&l.feeds);
	rc_buf_free(&l.names);
	return err;
}

struct lookup {
	struct rc_slice name;
	struct rc_data_feed feed;
};

static enum rc_err
look_up(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct lookup *l = arg;

	return rc_data_feed_get(txn, l->name, &l->feed, e);
}

static enum rc_err
remove_feed(struct rc_cli *cli)
{
	struct lookup l;
	enum rc_err err;

	rc_cli_operands(cli, 1, 1);
	l.name = rc_slice_str(cli->argv[0]);
	rc_cli_open_state(cli, false);
	err = rc_store_read(cli->state->store, look_up, &l, &cli->error);
	if (err == RC_OK && !cli->dry_run)
		err = rc_data_remove(cli->state, l.name, &cli->error);
	if (err == RC_NOTFOUND)
		return rc_err_set(&cli->error, RC_ENOINPUT,
		    "no feed '%s': rc-identify data --list shows which there "
		    "are",
		    cli->argv[0]);
	if (err == RC_OK && !cli->dry_run)
		err = rc_data_sweep(cli->state, &cli->error);
	if (err == RC_OK && !cli->quiet)
		fprintf(stderr,
		    "rc-identify: feed '%s' of %" PRIu64 " %s is removed%s\n",
		    l.feed.name, l.feed.rows,
		    rc_plural(l.feed.rows, "row", "rows"),
		    cli->dry_run ? " (dry run)" : "");
	return err;
}

enum rc_err
rc_identify_data(struct rc_cli *cli, const struct rc_identify_data *o)
{
	bool loads = o->column != NULL || o->by != NULL || o->rejects != NULL ||
		     o->max_bad != NULL || o->max_shrink != NULL;

	if ((o->list && o->remove) || ((o->list || o->remove) && loads))
		rc_cli_usage(
		    cli, "--list and --remove go with no other option of data");
	if (o->list)
		return list(cli);
	return o->remove ? remove_feed(cli) : load(cli, o);
}

/* --- what is known of a person -------------------------------------------- */

struct showing {
	struct rc_slice name, value;
	struct rc_txn *txn;
	struct rc_buf text; /* u64 loaded, str name and value of each */
};

static enum rc_err
note_row(void *arg, const struct rc_data_feed *f, struct rc_error *e)
{
	struct showing *s = arg;
	struct rc_slice row, value, property = {"", 0};
	struct rc_unpack values, names = rc_unpack_start(f->properties);
	char name[RC_DATA_NAME_MAX + RC_DATA_PROPERTY_MAX + 20];
	unsigned at, next = 0;
	enum rc_err err = rc_data_find(s->txn, f, s->name, s->value, &row, e);

	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	values = rc_unpack_start(row);
	while (rc_data_next(&values, &at, &value)) {
		for (; next <= at; next++)
			property = rc_unpack_str(&names);
		snprintf(name, sizeof(name), RC_TEMPLATE_DATA "%s|%.*s",
		    f->name, (int)property.len, property.p);
		rc_buf_add64(&s->text, f->loaded_ms);
		rc_buf_add_str(&s->text, rc_slice_str(name));
		rc_buf_add_str(&s->text, value);
	}
	return rc_buf_check(&s->text, "a person's data", e);
}

static enum rc_err
note_rows(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct showing *s = arg;

	s->txn = txn;
	rc_buf_reset(&s->text);
	return rc_data_feed_each(txn, note_row, s, e);
}

enum rc_err
rc_identify_show_data(
    struct rc_cli *cli, struct rc_slice name, struct rc_slice value)
{
	struct showing s = {
	    .name = name, .value = value, .text = RC_BUF_INIT(SHOWN_MAX)};
	struct rc_out *out = &cli->out;
	struct rc_unpack u;
	enum rc_err err =
	    rc_store_read(cli->state->store, note_rows, &s, &cli->error);

	if (err == RC_OK && s.text.len == 0)
		err = RC_NOTFOUND;
	u = rc_unpack_start(rc_buf_slice(&s.text));
	while (err == RC_OK && u.p < u.end) {
		uint64_t loaded_ms = rc_unpack64(&u);

		rc_out_begin(out);
		rc_out_str(out, "dyid",
		    rc_slice_is(name, "dyid") ? value : RC_SLICE_LIT(""));
		rc_out_str(out, "name", rc_unpack_str(&u));
		rc_out_str(out, "value", rc_unpack_str(&u));
		rc_out_time(out, "seen", loaded_ms);
		rc_out_cstr(out, "event", "data");
		err = rc_out_end(out, &cli->error);
	}
	rc_buf_free(&s.text);
	return err;
}
