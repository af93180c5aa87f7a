#include "face/send.h"

#include "job/send_reconcile.h"

#include <stdio.h>
#include <stdlib.h>

static atomic_int stop;

/* By name if it was named; else the one the campaign has. */
struct search {
	const char *campaign;
	char *channel;
};

static enum rc_err
find_channel(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct search *s = arg;
	struct rc_channel *channel = NULL;
	struct rc_campaign c;
	enum rc_err err = rc_campaign_get(txn, s->campaign, &c, e);

	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_ENOINPUT,
		    "no campaign '%s': rc-stats lists them", s->campaign);
	if (err == RC_OK)
		err = rc_channel_by_number(txn, c.channel, &channel, e);
	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_ECONFIG,
		    "the channel of campaign '%s' was removed", s->campaign);
	if (err == RC_OK) {
		s->channel = channel->name;
		channel->name = NULL;
	}
	rc_channel_free(channel);
	return err;
}

static enum rc_err
print_record(void *arg, const struct rc_reconcile_record *r, struct rc_error *e)
{
	struct rc_send_tool *t = arg;
	struct rc_out *out = &t->cli.out;

	rc_out_begin(out);
	rc_out_cstr(out, "to", r->to);
	rc_out_cstr(out, "outcome", r->outcome);
	rc_out_cstr(out, "message_id", r->message_id);
	rc_out_cstr(out, "provider_id", r->provider_id);
	rc_out_cstr(out, "detail", r->detail);
	t->done++;
	if (rc_progress_due(&t->progress))
		rc_progress_show(&t->progress, t->done, 0, "");
	return rc_out_end(out, e);
}

/* One line that adds up; what is left unknown stands at its end. */
static void
print_balance(const struct rc_send_tool *t, const struct rc_reconcile_counts *n)
{
	const char *sign = "=";

	if (t->cli.quiet)
		return;
	fprintf(stderr, "rc-send: %llu unknown", (unsigned long long)n->asked);
	for (int s = 0; s < RC_M_STATES; s++) {
		if (n->outcome[s] == 0 || s == RC_M_UNKNOWN)
			continue;
		fprintf(stderr, " %s %llu %s", sign,
		    (unsigned long long)n->outcome[s],
		    rc_reconcile_outcome((enum rc_message_state)s));
		sign = "+";
	}
	if (n->outcome[RC_M_UNKNOWN] > 0)
		fprintf(stderr, " %s %llu still unknown", sign,
		    (unsigned long long)n->outcome[RC_M_UNKNOWN]);
	fputc('\n', stderr);
}

enum rc_err
rc_send_reconcile(struct rc_send_tool *t)
{
	struct rc_cli *cli = &t->cli;
	struct search s = {.campaign = t->config.campaign};
	struct rc_reconcile_counts counts = {0};
	struct rc_reconcile_config c = {.campaign = t->config.campaign,
	    .rate = t->config.rate,
	    .record = print_record,
	    .arg = t,
	    .stop = &stop,
	    .log = &cli->log};
	enum rc_err err =
	    rc_store_read(cli->state->store, find_channel, &s, &cli->error);

	if (err != RC_OK)
		return err;
	if (!rc_send_given(t, 'c'))
		cli->channel = s.channel;
	c.channel = t->config.channel = rc_cli_open_channel(cli, true);
	rc_progress_start(&t->progress, cli, "ask", " messages");
	rc_cli_count_signals(&stop);
	err = rc_reconcile(cli->state, &c, &counts, &cli->error);
	rc_progress_end(&t->progress);
	if (err == RC_OK || counts.asked > 0)
		print_balance(t, &counts);
	cli->channel = NULL;
	free(s.channel);
	return err;
}
