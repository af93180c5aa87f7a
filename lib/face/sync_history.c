#include "face/syncs.h"

#include "base/clock.h"
#include "base/num.h"
#include "core/sync_log.h"
#include "text/tsv.h"

#include <inttypes.h>
#include <string.h>

#define HASH_TEXT (2 * RC_SHA256_LEN + 1)
#define WORDS_MAX 16384 /* bytes: source and reason, each byte escaped */

struct history {
	struct rc_cli *cli;
	const char *channel;
	uint64_t n; /* records printed */
};

/* Seconds it took, so far while it runs; false: it was killed, none knows. */
static bool
duration(const struct rc_sync_record *r, double *seconds)
{
	uint64_t end = r->ended_ms;

	if (r->outcome == RC_SYNC_RUNNING)
		end = rc_clock_now_ms();
	*seconds =
	    end < r->started_ms ? 0 : (double)(end - r->started_ms) / 1000;
	return end != 0;
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
print_record(struct rc_out *out, const char *channel,
    const struct rc_sync_record *r, struct rc_error *e)
{
	double seconds;

	rc_out_begin(out);
	rc_out_cstr(out, "channel", channel);
	rc_out_cstr(out, "state", rc_sync_outcome_name(r->outcome));
	rc_out_str(out, "reason", r->reason);
	rc_out_cstr(out, "action", rc_sync_action_name(r->action));
	rc_out_time(out, "started", r->started_ms);
	rc_out_time(out, "ended", r->ended_ms);
	if (duration(r, &seconds))
		rc_out_double(out, "duration", seconds);
	else
		rc_out_null(out, "duration");
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

/* --- in words ------------------------------------------------------------ */

static void
add_head(
    struct rc_buf *words, const char *channel, const struct rc_sync_record *r)
{
	char at[RC_TIME_LEN];
	double seconds;

	rc_buf_addf(words, "%s: %s", channel, rc_sync_outcome_name(r->outcome));
	if (r->started_ms == 0)
		return;
	rc_time_format(r->started_ms, at);
	rc_buf_addf(words, ", %s, ", at);
	if (duration(r, &seconds))
		rc_buf_addf(words, "%.3g s, ", seconds);
	rc_buf_adds(words, r->action == RC_SYNC_UNDO ? "undo of '" : "'");
	rc_tsv_field(words, r->source, true);
	rc_buf_addc(words, '\'');
	if (r->seq > 0)
		rc_buf_addf(words, ", journal entry %" PRIu64, r->seq);
}

/* What there is none of is left out. */
static void
add_counts(struct rc_buf *words, const struct rc_sync_record *r)
{
	const struct {
		uint64_t n;
		const char *of;
	} counts[] = {{r->rows, "rows"}, {r->duplicates, "duplicates"},
	    {r->rejected, "rejected"}, {r->added, "added"}, {r->kept, "kept"},
	    {r->opted_out, "opted out"}, {r->removed, "removed"},
	    {r->reversed_optouts, "opt-outs reversed"},
	    {r->suppressed, "suppressed"}};
	const char *between = "\n    ";

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (counts[i].n == 0)
			continue;
		rc_buf_addf(words, "%s%" PRIu64 " %s", between, counts[i].n,
		    counts[i].of);
		between = ", ";
	}
}

static enum rc_err
print_words(struct rc_out *out, const char *channel,
    const struct rc_sync_record *r, struct rc_error *e)
{
	struct rc_buf words = RC_BUF_INIT(WORDS_MAX);
	enum rc_err err;

	add_head(&words, channel, r);
	if (r->reason.len > 0) {
		rc_buf_adds(&words, "\n    ");
		rc_tsv_field(&words, r->reason, true);
	}
	add_counts(&words, r);
	err = rc_buf_check(&words, "a record", e);
	if (err == RC_OK)
		err = rc_out_line(out, rc_buf_slice(&words), e);
	rc_buf_free(&words);
	return err;
}

/* --- which --------------------------------------------------------------- */

static enum rc_err
print_sync(void *arg, const struct rc_sync_record *r, struct rc_error *e)
{
	struct history *h = arg;

	h->n++;
	return rc_sync_wants_record(h->cli)
		   ? print_record(&h->cli->out, h->channel, r, e)
		   : print_words(&h->cli->out, h->channel, r, e);
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
