#include "face/optin.h"

#include "base/clock.h"
#include "base/num.h"
#include "core/review.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECORD_MAX 65536

struct review {
	struct rc_optin *o;
	uint64_t replies; /* that wait, or were decided */
	uint64_t left;	  /* whose senders opted in again */
	uint64_t unknown, bad, lines;
	struct rc_consent_counts counts; /* of the newest decision */
	/* The record to be printed, and what the state tells of it. */
	const struct rc_review *reply;
	struct rc_journal_channel name;
	struct rc_review_again again;
};

/* --- listing ------------------------------------------------------------- */

static enum rc_err
look_up(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct review *v = arg;
	enum rc_err err =
	    rc_journal_channel_name(txn, &v->name, v->reply->channel, e);

	if (err == RC_OK)
		err = rc_review_again(txn, v->reply, &v->again, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
print_reply(void *arg, const struct rc_review *r, struct rc_error *e)
{
	struct review *v = arg;
	struct rc_out *out = &v->o->cli.out;
	enum rc_err err;

	v->replies++;
	if (v->o->cli.quiet && !v->o->review_out && !v->o->review_keep)
		return RC_OK;
	v->reply = r;
	err = rc_store_read(v->o->cli.state->store, look_up, v, e);
	if (err != RC_OK)
		return err;
	rc_out_begin(out);
	rc_out_u64(out, "number", r->number);
	rc_out_cstr(out, "id", r->who.text);
	rc_out_cstr(out, "channel", v->name.name);
	rc_out_time(out, "received", r->received_ms);
	rc_out_time(out, "due", rc_review_due_ms(r->received_ms));
	rc_out_str(out, "text", r->text);
	rc_out_time(out, "again", v->again.received_ms);
	return rc_out_end(out, e);
}

static enum rc_err
list(struct review *v)
{
	struct rc_cli *cli = &v->o->cli;
	enum rc_err err;

	if (cli->argc > 0)
		rc_cli_usage(cli, "say --out or --keep for '%s'", cli->argv[0]);
	err = rc_review_each(cli->state->store, print_reply, v, &cli->error);
	return err == RC_OK && cli->quiet && v->replies > 0 ? RC_NOTFOUND : err;
}

/* --- deciding ------------------------------------------------------------ */

/* A number, or a record as it is listed, as TSV or as an object. */
static enum rc_err
read_number(struct rc_slice line, uint64_t *number, struct rc_error *e)
{
	struct rc_buf text = RC_BUF_INIT(RC_LINE_MAX);
	struct rc_slice digits = rc_slice_trim(line);
	struct rc_json *json = NULL;
	const char *tab = memchr(digits.p, '\t', digits.len);
	enum rc_err err = RC_OK;

	if (tab != NULL)
		digits.len = (size_t)(tab - digits.p);
	if (digits.len > 0 && digits.p[0] == '{') {
		err = rc_json_parse(&json, line, e);
		if (err == RC_OK)
			rc_json_to_text(
			    rc_json_get(rc_json_root(json), "number"), &text);
		digits = rc_buf_slice(&text);
	}
	if (err == RC_OK && !rc_num_u64(digits, UINT64_MAX, number))
		err = rc_err_set(e, RC_EDATA, "'%.*s' is no number of a reply",
		    (int)(digits.len > 100 ? 100 : digits.len), digits.p);
	rc_json_free(json);
	rc_buf_free(&text);
	return err;
}

static void
tell_again(const struct review *v, const char *where, const struct rc_review *r,
    const struct rc_review_again *again)
{
	char time[RC_TIME_LEN];

	rc_time_format(again->received_ms, time);
	fprintf(stderr,
	    "%s: %s: reply %" PRIu64 " is left: %s opted in again, %s, journal "
	    "entry %" PRIu64 "; dismiss it with --keep, or have them out with "
	    "rc-optin out first\n",
	    v->o->cli.tool->name, where, r->number, r->who.text, time,
	    again->seq);
}

static enum rc_err
decide(struct review *v, uint64_t number, const char *where, struct rc_error *e)
{
	struct rc_cli *cli = &v->o->cli;
	const struct rc_review_decision decision = {.out = v->o->review_out,
	    .dry_run = cli->dry_run,
	    .now_ms = rc_clock_now_ms()};
	struct rc_buf record = RC_BUF_INIT(RECORD_MAX);
	struct rc_consent_counts counts = {0};
	struct rc_review reply = {0};
	struct rc_review_again again;
	enum rc_err err = rc_review_decide(cli->state->store, number, &decision,
	    &record, &reply, &again, &counts, e);

	if (err == RC_NOTFOUND) {
		fprintf(stderr, "%s: %s: no reply %" PRIu64 " waits\n",
		    cli->tool->name, where, number);
		v->unknown++;
		err = RC_OK;
	} else if (err == RC_END) {
		tell_again(v, where, &reply, &again);
		v->left++;
		err = RC_OK;
	} else if (err == RC_OK) {
		v->counts = counts;
		err = print_reply(v, &reply, e);
	}
	rc_buf_free(&record);
	return err;
}

static enum rc_err
take_line(struct review *v, struct rc_input *in, struct rc_slice line,
    struct rc_error *e)
{
	uint64_t number;
	enum rc_err err = read_number(line, &number, e);

	v->lines++;
	if (err == RC_OK)
		return decide(v, number, rc_input_where(in), e);
	if (err != RC_EDATA)
		return err;
	fprintf(stderr, "%s: %s: %s\n", v->o->cli.tool->name,
	    rc_input_where(in), e->msg);
	v->bad++;
	return RC_OK;
}

static void
tell(const struct review *v)
{
	const struct rc_cli *cli = &v->o->cli;
	char head[2 * RC_SHA256_LEN + 1];

	if (cli->quiet)
		return;
	fprintf(stderr, "%s: %s%" PRIu64 " %s", cli->tool->name,
	    cli->dry_run ? "dry run: " : "", v->replies,
	    !v->o->review_out ? "dismissed"
			      : rc_plural(v->replies, "taken as a revocation",
				    "taken as revocations"));
	rc_hex(v->counts.head, RC_SHA256_LEN, head);
	if (v->counts.seq > 0 && !cli->dry_run)
		fprintf(stderr, "; journal head %" PRIu64 " %s", v->counts.seq,
		    head);
	fputc('\n', stderr);
}

static enum rc_err
decide_all(struct review *v)
{
	struct rc_cli *cli = &v->o->cli;
	struct rc_input in;
	struct rc_slice line;
	enum rc_err err;

	rc_input_values(&in, cli);
	while ((err = rc_input_next(&in, &line, &cli->error)) == RC_OK) {
		err = take_line(v, &in, line, &cli->error);
		if (err != RC_OK)
			break;
	}
	rc_input_close(&in);
	if (v->replies > 0 || err == RC_END)
		tell(v);
	if (err != RC_END)
		return err;
	if (v->bad > 0)
		return rc_err_set(&cli->error, RC_EDATA,
		    "%" PRIu64 " of %" PRIu64 " %s %s left out", v->bad,
		    v->lines, rc_plural(v->lines, "line", "lines"),
		    rc_plural(v->bad, "names no reply and was",
			"name no reply and were"));
	return v->unknown + v->left > 0 ? RC_NOTFOUND : RC_OK;
}

enum rc_err
rc_optin_review(struct rc_optin *o)
{
	struct review v = {.o = o};

	if (o->review_out && o->review_keep)
		rc_cli_usage(&o->cli, "--out and --keep exclude each other");
	return o->review_out || o->review_keep ? decide_all(&v) : list(&v);
}
