#include "job/send_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- the campaign -------------------------------------------------------- */

struct opening {
	struct send *s;
	uint64_t now_ms;
};

/* What nobody got, such as a text with a misspelt variable, binds nobody. */
static enum rc_err
may_change(struct rc_txn *txn, const struct rc_send_config *cfg, bool *amend,
    struct rc_error *e)
{
	struct rc_campaign c;
	enum rc_err err;

	*amend = cfg->amend;
	if (*amend)
		return RC_OK;
	err = rc_campaign_get(txn, cfg->campaign, &c, e);
	if (err == RC_OK)
		err = rc_message_none(txn, c.number, amend, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

/* What nobody was ever sent is not sent again. */
static enum rc_err
check_retry(
    struct rc_txn *txn, const struct rc_send_config *cfg, struct rc_error *e)
{
	struct rc_campaign c;
	enum rc_err err = RC_OK;

	if (cfg->retry != RC_M_NONE)
		err = rc_campaign_get(txn, cfg->campaign, &c, e);
	return err == RC_NOTFOUND
		   ? rc_err_set(e, RC_ENOINPUT,
			 "no campaign '%s': rc-stats lists them", cfg->campaign)
		   : err;
}

static struct rc_content
make_content(const struct rc_send_config *cfg)
{
	return (struct rc_content){
	    .template_text = cfg->template_text,
	    .message_text = cfg->message_text,
	    .variants = cfg->variants,
	    .nvariants = cfg->nvariants,
	    .holdout = cfg->holdout,
	};
}

static enum rc_err
open_campaign(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct opening *o = arg;
	const struct rc_send_config *cfg = o->s->cfg;
	const struct rc_content content = make_content(cfg);
	struct rc_campaign c;
	bool amend;
	enum rc_err err = check_retry(txn, cfg, e);

	if (err == RC_OK)
		err = may_change(txn, cfg, &amend, e);
	if (err == RC_OK)
		err = rc_campaign_open(txn, cfg->campaign, cfg->channel->number,
		    &content, amend, o->now_ms, &c, e);
	if (err == RC_OK)
		err = rc_send_split_open(o->s, txn, &c, e);
	if (err != RC_OK)
		return err;
	o->s->campaign = c.number;
	o->s->retry.own = c.next_ordinal;
	if (cfg->amend)
		err = rc_campaign_note_amended(txn, c.number, e);
	if (err == RC_OK)
		err = rc_campaign_note_route(
		    txn, c.number, cfg->channel, o->s->state->seal, e);
	return err;
}

/* A dry run writes nothing, so the campaign may not exist. */
static enum rc_err
look_at_campaign(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct opening *o = arg;
	const struct rc_send_config *cfg = o->s->cfg;
	const struct rc_content content = make_content(cfg);
	struct rc_campaign c;
	bool amend;
	enum rc_err err = check_retry(txn, cfg, e);

	if (err == RC_OK)
		err = rc_campaign_get(txn, cfg->campaign, &c, e);
	if (err == RC_NOTFOUND)
		return rc_send_split_open(o->s, txn, NULL, e);
	if (err == RC_OK)
		err = may_change(txn, cfg, &amend, e);
	if (err == RC_OK)
		err = rc_campaign_check(
		    &c, cfg->channel->number, &content, amend, e);
	if (err == RC_OK)
		err = rc_send_split_open(o->s, txn, &c, e);
	if (err != RC_OK)
		return err;
	o->s->campaign = o->s->run.campaign = c.number;
	o->s->render.next = o->s->retry.own = c.next_ordinal;
	if (cfg->forecast == NULL)
		return RC_OK;
	cfg->forecast->last_run_ms = c.last_run_ms;
	cfg->forecast->amended = rc_campaign_check(&c, cfg->channel->number,
				     &content, false, e) != RC_OK;
	return RC_OK;
}

/*
 * Only what was claimed in a second that is over is sent again, and a run
 * begins to claim in the next one: then nothing that it sends again can be
 * among it.  What another one beside it sends again is told by when it came
 * into its state.
 */
static void
begin_retry(struct send *s, uint64_t now_ms)
{
	s->retry.state = s->cfg->retry;
	s->retry.before_s = (uint32_t)(now_ms / 1000 + 1);
	if (s->cfg->retry != RC_M_NONE)
		s->claim_from_us =
		    rc_clock_mono_us() + (1001 - now_ms % 1000) * 1000;
}

/*
 * Once this run is registered nobody else changes what is sent; one that began
 * at the same time may have, before.
 */
static enum rc_err
check_content(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct send *s = arg;
	const struct rc_send_config *cfg = s->cfg;
	const struct rc_content content = make_content(cfg);
	struct rc_campaign c;
	enum rc_err err = rc_campaign_get(txn, cfg->campaign, &c, e);

	return err == RC_OK ? rc_campaign_check(&c, cfg->channel->number,
				  &content, cfg->amend, e)
			    : err;
}

static enum rc_err
begin_campaign(struct send *s, struct rc_error *e)
{
	struct opening o = {.s = s, .now_ms = rc_clock_now_ms()};
	struct rc_store *store = s->state->store;
	enum rc_err err;

	begin_retry(s, o.now_ms);
	if (s->cfg->dry_run)
		return rc_store_read(store, look_at_campaign, &o, e);
	err = rc_store_write(store, open_campaign, &o, e);
	if (err == RC_OK)
		err = rc_run_recover(
		    s->state, s->campaign, &s->counts->recovered, e);
	if (err == RC_OK && s->counts->recovered > 0)
		rc_log(s->cfg->log, RC_LOG_WARN, "%llu %s",
		    (unsigned long long)s->counts->recovered,
		    rc_plural(s->counts->recovered,
			"message of a run that died is unknown: it may have "
			"been sent and is not sent again",
			"messages of a run that died are unknown: they may "
			"have been sent and are not sent again"));
	return err;
}

/* --- the run ------------------------------------------------------------- */

static enum rc_err
open_items(struct send *s, struct rc_error *e)
{
	/* On the wire, claimed ahead of it, being settled, and to be claimed.
	 */
	s->nitems = 6 * (size_t)s->cfg->channel->concurrency + RC_SEND_BATCH;
	s->items = calloc(s->nitems, sizeof(*s->items));
	if (s->items == NULL) {
		s->nitems = 0;
		return rc_err_nomem(e);
	}
	for (size_t i = 0; i < s->nitems; i++) {
		s->items[i].send = s;
		s->items[i].text = RC_BUF_INIT(RC_SEND_TEXT_MAX);
		s->items[i].urls = RC_BUF_INIT(RC_SEND_TEXT_MAX);
		rc_send_push(&s->idle, &s->items[i]);
	}
	return RC_OK;
}

static enum rc_err
open_wake(struct send *s, struct rc_error *e)
{
	struct epoll_event ev = {.events = EPOLLIN};

	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->wake_fd < 0 || s->epoll_fd < 0)
		return rc_err_errno(e, RC_EAGAIN, "cannot wait for events");
	ev.data.fd = s->wake_fd;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->wake_fd, &ev) != 0)
		return rc_err_errno(e, RC_EAGAIN, "cannot wait for events");
	return RC_OK;
}

static enum rc_err
open_run(struct send *s, struct rc_error *e)
{
	enum rc_err err = rc_send_content_open(s, e);

	if (err == RC_OK)
		err = rc_send_data_open(s, e);
	if (err == RC_OK)
		err = rc_quiet_open(
		    &s->quiet, s->cfg->channel, s->cfg->zone_dir, e);
	if (err == RC_OK)
		err = open_items(s, e);
	if (err == RC_OK)
		err = rc_send_size_check(s, e);
	if (err == RC_OK)
		err = rc_send_price_open(s, e);
	if (err == RC_OK)
		err = open_wake(s, e);
	if (err == RC_OK)
		err = begin_campaign(s, e);
	if (err == RC_OK && s->cfg->dry_run)
		return rc_send_dry_open(s, e);
	if (err != RC_OK)
		return err;
	err = rc_send_wire_open(s, e);
	if (err == RC_OK)
		err = rc_send_writer_open(&s->writer, s, s->wake_fd, e);
	if (err == RC_OK)
		err = rc_run_open(s->state, s->campaign, &s->run, e);
	if (err == RC_OK)
		err = rc_store_read(s->state->store, check_content, s, e);
	return err;
}

/* Claims without an answer are left to whoever recovers them. */
static enum rc_err
close_ledger_run(struct send *s, struct rc_error *e)
{
	if (s->run.number == 0)
		return RC_OK;
	for (size_t i = 0; i < s->nitems; i++) {
		if (!s->items[i].open)
			continue;
		rc_run_abandon(&s->run);
		return RC_OK;
	}
	return rc_run_close(s->state, &s->run, e);
}

static void
close_run(struct send *s)
{
	rc_send_writer_close(s->writer);
	rc_send_wire_close(&s->wire);
	rc_send_content_close(&s->render);
	rc_send_data_close(&s->data);
	for (size_t i = 0; i < s->nitems; i++) {
		rc_buf_free(&s->items[i].text);
		rc_buf_free(&s->items[i].urls);
	}
	free(s->items);
	rc_send_seen_close(s->seen);
	rc_send_since_close(s->since);
	rc_buf_free(&s->why);
	rc_quiet_close(s->quiet);
	rc_cap_window_free(&s->cap_window);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
}

/* What the balance leaves for another run. */
static enum rc_err
verdict(const struct send *s, struct rc_error *e)
{
	const uint64_t *n = s->counts->outcome;
	uint64_t again = n[RC_SEND_DEFERRED] + n[RC_SEND_BUSY] +
			 n[RC_SEND_NOT_REACHED] + n[RC_SEND_QUIET];

	if (s->fate.code != RC_OK) {
		*e = s->fate;
		return e->code;
	}
	if (again > 0)
		return rc_err_set(e, RC_EAGAIN,
		    "%llu %s left: run it again to go on",
		    (unsigned long long)again,
		    rc_plural(again, "recipient is", "recipients are"));
	if (n[RC_SEND_UNKNOWN] > 0)
		return rc_err_set(e, RC_EAGAIN,
		    "%llu %s not sent again: ask with --reconcile",
		    (unsigned long long)n[RC_SEND_UNKNOWN],
		    rc_plural(n[RC_SEND_UNKNOWN],
			"message may or may not have been sent, and is",
			"messages may or may not have been sent, and are"));
	return RC_OK;
}

enum rc_err
rc_send(struct rc_state *state, const struct rc_send_config *cfg,
    struct rc_send_counts *counts, struct rc_error *e)
{
	struct send *s = calloc(1, sizeof(*s));
	struct rc_error close_error;
	enum rc_err err;

	*counts = (struct rc_send_counts){0};
	if (s == NULL)
		return rc_err_nomem(e);
	s->state = state;
	s->cfg = cfg;
	s->counts = counts;
	s->run.lock_fd = s->wake_fd = s->epoll_fd = -1;
	s->next_due_us = s->give_us = UINT64_MAX;
	s->why = RC_BUF_INIT(RC_SEND_BATCH * RC_SEND_WHY_MAX);
	err = open_run(s, e);
	if (err == RC_OK) {
		rc_send_loop(s);
		rc_send_odd_tell(s);
		err = verdict(s, e);
	}
	if (close_ledger_run(s, &close_error) != RC_OK)
		rc_log(cfg->log, RC_LOG_WARN, "the run is not closed: %s",
		    close_error.msg);
	close_run(s);
	free(s);
	return err;
}
