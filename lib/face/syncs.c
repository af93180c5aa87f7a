#include "face/syncs.h"

#include "base/clock.h"
#include "base/num.h"
#include "job/undo.h"

#include <inttypes.h>
#include <stdio.h>
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
	    "%s: channel '%s'%s: %" PRIu64 " %s = %" PRIu64
	    " accepted + %" PRIu64 " %s + %" PRIu64
	    " rejected; accepted = %" PRIu64 " added + %" PRIu64
	    " kept + %" PRIu64 " opted out; %" PRIu64 " removed\n",
	    name, config->channel->name, config->dry_run ? " (dry run)" : "",
	    c->rows, rc_plural(c->rows, "row", "rows"), c->accepted,
	    c->duplicates, rc_plural(c->duplicates, "duplicate", "duplicates"),
	    c->rejected, c->added, c->kept, c->opted_out, c->removed);
	if (config->dry_run)
		fprintf(stderr,
		    "%s: it would reverse %" PRIu64 " %s; %" PRIu64
		    " %s suppressed\n",
		    name, c->reversed_optouts,
		    rc_plural(c->reversed_optouts, "opt-out", "opt-outs"),
		    c->suppressed,
		    rc_plural(c->suppressed, "person on the list is",
			"people on the list are"));
	if (c->seq == 0)
		return;
	rc_hex(c->head, sizeof(c->head), hex);
	fprintf(stderr, "%s: journal entry %" PRIu64 ", head %s\n", name,
	    c->seq, hex);
}

bool
rc_sync_wants_record(const struct rc_cli *cli)
{
	return cli->json || cli->quiet || !isatty(STDOUT_FILENO);
}

enum rc_err
rc_sync_print(struct rc_cli *cli, const struct rc_sync_counts *c)
{
	struct rc_out *out = &cli->out;
	char hex[HASH_TEXT];

	if (!rc_sync_wants_record(cli))
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
	    " removed, %" PRIu64 " %s in force again; "
	    "%" PRIu64 " %s on the list\n",
	    name, channel, cli->dry_run ? " (dry run)" : "", at, c->source,
	    c->undone_seq, cli->dry_run ? "would be" : "is", c->added,
	    c->removed, c->restored_events,
	    rc_plural(c->restored_events, "opt-in or opt-out",
		"opt-ins and opt-outs"),
	    c->members, rc_plural(c->members, "person is", "people are"));
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

	if (!rc_sync_wants_record(cli))
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
