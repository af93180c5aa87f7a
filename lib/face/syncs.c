#include "face/syncs.h"

#include "base/clock.h"
#include "base/num.h"
#include "core/sync_log.h"
#include "job/undo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HASH_TEXT (2 * RC_SHA256_LEN + 1)

/* --- the sync that was made ---------------------------------------------- */

void
rc_sync_summary(struct rc_cli *cli, const struct rc_sync_config *config,
    const struct rc_sync_counts *c)
{
	const char *name = cli->tool->name;
	char hex[HASH_TEXT];

	if (cli->quiet)
		return;
	fprintf(stderr,
	    "%s: channel '%s'%s: %" PRIu64 " rows = %" PRIu64
	    " accepted + %" PRIu64 " duplicates + %" PRIu64
	    " rejected; accepted = %" PRIu64 " added + %" PRIu64
	    " kept + %" PRIu64 " opted out; %" PRIu64 " removed\n",
	    name, config->channel->name, config->dry_run ? " (dry run)" : "",
	    c->rows, c->accepted, c->duplicates, c->rejected, c->added, c->kept,
	    c->opted_out, c->removed);
	if (config->dry_run)
		fprintf(stderr,
		    "%s: it would reverse %" PRIu64 " opt-outs; %" PRIu64
		    " people on the list are suppressed\n",
		    name, c->reversed_optouts, c->suppressed);
	if (c->seq == 0)
		return;
	rc_hex(c->head, sizeof(c->head), hex);
	fprintf(stderr, "%s: journal entry %" PRIu64 ", head %s\n", name,
	    c->seq, hex);
}

/* Whoever sits there has read the summary, which says the same. */
static bool
wants_record(const struct rc_cli *cli)
{
	return cli->json || cli->quiet || !isatty(STDOUT_FILENO);
}

enum rc_err
rc_sync_print(struct rc_cli *cli, const struct rc_sync_counts *c)
{
	struct rc_out *out = &cli->out;
	char hex[HASH_TEXT];

	if (!wants_record(cli))
		return RC_OK;
	rc_out_begin(out);
	rc_out_u64(out, "rows", c->rows);
	rc_out_u64(out, "accepted", c->accepted);
	rc_out_u64(out, "duplicates", c->duplicates);
	rc_out_u64(out, "rejected", c->rejected);
	rc_out_u64(out, "added", c->added);
	rc_out_u64(out, "kept", c->kept);
	rc_out_u64(out, "opted_out", c->opted_out);
	rc_out_u64(out, "removed", c->removed);
	rc_out_u64(out, "repaired", c->repaired);
	rc_out_u64(out, "kept_events", c->kept_events);
	rc_out_u64(out, "reversed_optouts", c->reversed_optouts);
	rc_out_u64(out, "suppressed", c->suppressed);
	rc_out_time(out, "list_time", c->list_time_ms);
	rc_hex(c->digest, sizeof(c->digest), hex);
	rc_out_cstr(out, "digest", hex);
	rc_out_u64(out, "seq", c->seq);
	rc_hex(c->head, sizeof(c->head), hex);
	rc_out_cstr(out, "head", c->seq == 0 ? "" : hex);
	return rc_out_end(out, &cli->error);
}

/* --- the history --------------------------------------------------------- */

struct history {
	struct rc_cli *cli;
	const char *channel;
	uint64_t n; /* records printed */
};

/* Seconds it took, so far while it runs; a sync that was killed has no end. */
static void
print_duration(struct rc_out *out, const struct rc_sync_record *r)
{
	uint64_t end = r->ended_ms;

	if (r->outcome == RC_SYNC_RUNNING)
		end = rc_clock_now_ms();
	if (end == 0)
		rc_out_null(out, "duration");
	else
		rc_out_double(out, "duration",
		    end < r->started_ms ? 0
					: (double)(end - r->started_ms) / 1000);
}

static void
print_digest(struct rc_out *out, const struct rc_sync_record *r)
{
	static const unsigned char none[RC_SHA256_LEN];
	char hex[HASH_TEXT];

	rc_hex(r->digest, RC_SHA256_LEN, hex);
	if (memcmp(r->digest, none, RC_SHA256_LEN) == 0)
		rc_out_null(out, "digest");
	else
		rc_out_cstr(out, "digest", hex);
}

static enum rc_err
print_sync(void *arg, const struct rc_sync_record *r, struct rc_error *e)
{
	struct history *h = arg;
	struct rc_out *out = &h->cli->out;

	h->n++;
	rc_out_begin(out);
	rc_out_cstr(out, "channel", h->channel);
	rc_out_cstr(out, "state", rc_sync_outcome_name(r->outcome));
	rc_out_str(out, "reason", r->reason);
	rc_out_cstr(out, "action", rc_sync_action_name(r->action));
	rc_out_time(out, "started", r->started_ms);
	rc_out_time(out, "ended", r->ended_ms);
	print_duration(out, r);
	rc_out_str(out, "source", r->source);
	print_digest(out, r);
	rc_out_u64(out, "bytes", r->bytes);
	rc_out_u64(out, "rows", r->rows);
	rc_out_u64(out, "accepted", r->accepted);
	rc_out_u64(out, "duplicates", r->duplicates);
	rc_out_u64(out, "rejected", r->rejected);
	rc_out_u64(out, "added", r->added);
	rc_out_u64(out, "kept", r->kept);
	rc_out_u64(out, "opted_out", r->opted_out);
	rc_out_u64(out, "removed", r->removed);
	rc_out_u64(out, "repaired", r->repaired);
	rc_out_u64(out, "kept_events", r->kept_events);
	rc_out_u64(out, "reversed_optouts", r->reversed_optouts);
	rc_out_u64(out, "suppressed", r->suppressed);
	rc_out_time(out, "list_time", r->list_time_ms);
	rc_out_u64(out, "seq", r->seq);
	return rc_out_end(out, e);
}

static enum rc_err
print_newest(void *arg, const struct rc_channel *channel, struct rc_error *e)
{
	static const struct rc_sync_record never;
	struct history h = {.cli = arg, .channel = channel->name};
	enum rc_err err;

	err = rc_sync_log_each(
	    h.cli->state, channel->number, 1, print_sync, &h, e);
	return err == RC_OK && h.n == 0 ? print_sync(&h, &never, e) : err;
}

enum rc_err
rc_syncs_status(struct rc_cli *cli)
{
	struct rc_channel *channel;
	enum rc_err err;

	if (cli->channel == NULL)
		return rc_channel_each(
		    cli->state, print_newest, cli, &cli->error);
	channel = rc_cli_open_channel(cli, false);
	err = print_newest(cli, channel, &cli->error);
	rc_channel_free(channel);
	return err;
}

enum rc_err
rc_syncs_history(struct rc_cli *cli)
{
	struct rc_channel *channel = rc_cli_open_channel(cli, false);
	struct history h = {.cli = cli, .channel = channel->name};
	enum rc_err err = rc_sync_log_each(cli->state, channel->number,
	    RC_SYNC_LOG_MAX, print_sync, &h, &cli->error);

	rc_channel_free(channel);
	return err == RC_OK && h.n == 0 ? RC_NOTFOUND : err;
}

/* --- taking one back ----------------------------------------------------- */

static void
say_undone(const struct rc_cli *cli, const char *channel,
    const struct rc_undo_counts *c)
{
	const char *name = cli->tool->name;
	char hex[HASH_TEXT], at[RC_TIME_LEN];

	if (cli->quiet)
		return;
	rc_time_format(c->synced_ms, at);
	fprintf(stderr,
	    "%s: channel '%s'%s: the sync of %s from '%s' (journal entry "
	    "%" PRIu64 ") %s taken back: %" PRIu64 " added, %" PRIu64
	    " removed, %" PRIu64 " opt-ins and opt-outs in force again; "
	    "%" PRIu64 " people are on the list\n",
	    name, channel, cli->dry_run ? " (dry run)" : "", at, c->source,
	    c->undone_seq, cli->dry_run ? "would be" : "is", c->added,
	    c->removed, c->restored_events, c->members);
	if (c->seq == 0)
		return;
	rc_hex(c->head, sizeof(c->head), hex);
	fprintf(stderr, "%s: journal entry %" PRIu64 ", head %s\n", name,
	    c->seq, hex);
}

static enum rc_err
print_undone(struct rc_cli *cli, const struct rc_undo_counts *c)
{
	struct rc_out *out = &cli->out;
	char hex[HASH_TEXT];

	if (!wants_record(cli))
		return RC_OK;
	rc_out_begin(out);
	rc_out_u64(out, "undone", c->undone_seq);
	rc_out_time(out, "synced", c->synced_ms);
	rc_out_cstr(out, "source", c->source);
	rc_out_u64(out, "added", c->added);
	rc_out_u64(out, "removed", c->removed);
	rc_out_u64(out, "restored_events", c->restored_events);
	rc_out_u64(out, "listed", c->members);
	rc_out_time(out, "list_time", c->list_time_ms);
	rc_out_u64(out, "seq", c->seq);
	rc_hex(c->head, sizeof(c->head), hex);
	rc_out_cstr(out, "head", c->seq == 0 ? "" : hex);
	return rc_out_end(out, &cli->error);
}

enum rc_err
rc_syncs_undo(struct rc_cli *cli)
{
	struct rc_channel *channel = rc_cli_open_channel(cli, false);
	struct rc_undo_config config = {
	    .channel = channel, .dry_run = cli->dry_run, .log = &cli->log};
	struct rc_undo_counts counts;
	enum rc_err err = rc_undo(cli->state, &config, &counts, &cli->error);

	if (err == RC_NOTFOUND)
		fprintf(stderr,
		    "%s: channel '%s' has no sync that could be taken back\n",
		    cli->tool->name, channel->name);
	if (err == RC_OK) {
		say_undone(cli, channel->name, &counts);
		err = print_undone(cli, &counts);
	}
	rc_channel_free(channel);
	return err;
}
