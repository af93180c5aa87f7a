/*
 * Messages without a wire: claims and settles whoever stands on stdin, one
 * number a line, in transactions as rc-send makes them.
 *
 *	ledger STATE KEY CHANNEL CAMPAIGN BATCH <PEOPLE
 *
 * Each transaction settles the claims of the one before and makes BATCH new
 * ones, durably.  Prints messages, seconds and messages a second, parted by
 * tabs.
 */
#include "base/clock.h"
#include "core/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX 1024
#define RESERVE 8192
#define LINE_MAX_LEN 64

struct bench {
	struct rc_state *state;
	struct rc_channel *channel;
	struct rc_run run;
	const char *campaign;
	size_t batch, nclaims, nsettle;
	struct rc_claim claim[BATCH_MAX];
	struct rc_settlement settle[BATCH_MAX];
	uint32_t next, left; /* ordinals */
	uint64_t claimed;
	struct rc_error e;
};

static enum rc_err
open_campaign(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rc_content content = {.template_text = RC_SLICE_LIT("{}")};
	struct bench *b = arg;
	struct rc_campaign c;
	enum rc_err err = rc_campaign_open(txn, b->campaign, b->channel->number,
	    &content, false, rc_clock_now_ms(), &c, e);

	b->run.campaign = c.number;
	return err;
}

static enum rc_err
reserve(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct bench *b = arg;

	return rc_campaign_reserve(txn, b->campaign, RESERVE, &b->next, e);
}

static enum rc_err
write_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct bench *b = arg;
	struct rc_claim_batch batch = {.channel = b->channel,
	    .run = &b->run,
	    .now_ms = rc_clock_now_ms(),
	    .low = b->nclaims > 0 ? b->claim[0].ordinal : 0};
	enum rc_err err = RC_OK;

	if (b->nsettle > 0)
		err = rc_message_settle(txn, b->run.campaign, b->settle,
		    b->nsettle, batch.now_ms, e);
	return err == RC_OK && b->nclaims > 0
		   ? rc_message_claim(txn, &batch, b->claim, b->nclaims, e)
		   : err;
}

static enum rc_err
write_out(struct bench *b)
{
	enum rc_err err =
	    rc_store_write_bulk(b->state->store, write_batch, b, &b->e);

	b->nsettle = 0;
	for (size_t i = 0; i < b->nclaims && err == RC_OK; i++)
		if (b->claim[i].answer == RC_CLAIMED)
			b->settle[b->nsettle++] = (struct rc_settlement){
			    .ordinal = b->claim[i].ordinal,
			    .state = RC_M_ACCEPTED,
			    .segments = 1};
	b->claimed += b->nsettle;
	b->nclaims = 0;
	return err;
}

static enum rc_err
add(struct bench *b, const char *line)
{
	struct rc_claim *claim = &b->claim[b->nclaims];
	struct rc_slice text = {line, strcspn(line, "\r\n")};
	enum rc_err err =
	    rc_ident_parse(b->channel->identifier, text, &claim->to, &b->e);

	if (err == RC_OK && b->left == 0) {
		err = rc_store_write(b->state->store, reserve, b, &b->e);
		b->left = RESERVE;
	}
	if (err != RC_OK)
		return err;
	claim->ordinal = b->next++;
	b->left--;
	return ++b->nclaims == b->batch ? write_out(b) : RC_OK;
}

static enum rc_err
run(struct bench *b)
{
	char line[LINE_MAX_LEN];
	enum rc_err err =
	    rc_store_write(b->state->store, open_campaign, b, &b->e);

	if (err == RC_OK)
		err = rc_run_open(b->state, b->run.campaign, &b->run, &b->e);
	while (err == RC_OK && fgets(line, sizeof(line), stdin) != NULL)
		err = add(b, line);
	if (err == RC_OK)
		err = write_out(b); /* the last claims */
	if (err == RC_OK)
		err = write_out(b); /* ... and their results */
	if (err == RC_OK)
		err = rc_run_close(b->state, &b->run, &b->e);
	return err;
}

int
main(int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	uint64_t began_us;
	double seconds;
	enum rc_err err;

	if (argc != 6 || b == NULL) {
		fprintf(
		    stderr, "usage: ledger STATE KEY CHANNEL CAMPAIGN BATCH\n");
		return 64;
	}
	b->campaign = argv[4];
	b->batch = strtoul(argv[5], NULL, 10);
	if (b->batch < 1 || b->batch > BATCH_MAX)
		return 64;
	err = rc_state_open(&b->state, argv[1], argv[2], false, &b->e);
	if (err == RC_OK)
		err = rc_channel_load(
		    b->state, argv[3], false, &b->channel, &b->e);
	began_us = rc_clock_mono_us();
	if (err == RC_OK)
		err = run(b);
	seconds = (double)(rc_clock_mono_us() - began_us) / 1e6;
	if (err == RC_OK)
		printf("%llu\t%.3f\t%.0f\n", (unsigned long long)b->claimed,
		    seconds, (double)b->claimed / seconds);
	else
		fprintf(stderr, "ledger: %s\n", b->e.msg);
	rc_channel_free(b->channel);
	rc_state_close(b->state);
	free(b);
	return err != RC_OK;
}
