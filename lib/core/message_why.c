#include "core/message_priv.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define EVIDENCE_SHOWN 200 /* bytes */

struct telling {
	struct rc_txn *txn;
	const struct rc_claim_batch *batch;
	struct rc_cap cap;
	bool cap_open;
	struct rc_journal_last *last; /* of each absent one, in order */
	size_t told;		      /* of these */
	struct rc_buf *out;
};

static void
put_time(struct rc_buf *out, uint64_t ms)
{
	char text[RC_TIME_LEN];

	rc_time_format(ms, text);
	rc_buf_adds(out, text);
}

/* At most n bytes, none of them NUL. */
static void
put_text(struct rc_buf *out, struct rc_slice s, size_t n)
{
	const char *end = s.len == 0 ? NULL : memchr(s.p, '\0', s.len);

	if (end != NULL)
		s.len = (size_t)(end - s.p);
	rc_buf_addv(out, (struct rc_slice){s.p, s.len < n ? s.len : n});
}

/* --- consent -------------------------------------------------------------- */

static void
put_opt_out(struct rc_buf *out, uint64_t ms, struct rc_slice source)
{
	rc_buf_adds(out, "opted out ");
	put_time(out, ms);
	if (source.len == 0)
		return;
	rc_buf_adds(out, " by ");
	put_text(out, source, RC_JOURNAL_TEXT_MAX);
}

/* Neither an event nor the list says a word. */
static enum rc_err
tell_absence(
    struct telling *t, const struct rc_journal_last *last, struct rc_error *e)
{
	struct rc_journal_entry j;
	enum rc_err err;

	if (last->seq == 0 || last->set != RC_J_REMOVED) {
		rc_buf_adds(t->out, "never opted in");
		return RC_OK;
	}
	err = rc_journal_peek(t->txn, last->seq, &j, e);
	if (err != RC_OK)
		return err;
	if (j.kind == RC_J_OUT) {
		put_opt_out(t->out, j.received_ms, j.source);
		return RC_OK;
	}
	rc_buf_adds(t->out, j.kind == RC_J_UNDO
				? "removed when a sync was taken back "
				: "removed by the sync of ");
	put_time(t->out, j.received_ms);
	return RC_OK;
}

static bool
is_absent(const struct rc_claim *claim)
{
	return claim->answer == RC_CLAIM_NOT_IN &&
	       claim->consent.reason != RC_BY_EVENT;
}

/* When those who are absent were last on the list; in their order. */
static enum rc_err
find_absent(struct telling *t, const struct rc_claim *claim, size_t n,
    struct rc_error *e)
{
	size_t absent = 0;

	t->last = calloc(n + 1, sizeof(*t->last));
	if (t->last == NULL)
		return rc_err_nomem(e);
	for (size_t i = 0; i < n; i++)
		if (is_absent(&claim[i]))
			t->last[absent++].who = &claim[i].to;
	return rc_journal_last(
	    t->txn, t->batch->channel->number, t->last, absent, e);
}

static enum rc_err
tell_not_in(struct telling *t, const struct rc_claim *claim, struct rc_error *e)
{
	struct rc_journal_entry j;
	enum rc_err err;

	if (is_absent(claim))
		return tell_absence(t, &t->last[t->told++], e);
	err = rc_journal_peek(t->txn, claim->consent.seq, &j, e);
	if (err == RC_OK)
		put_opt_out(t->out, claim->consent.since_ms, j.source);
	return err;
}

static enum rc_err
tell_suppression(
    struct telling *t, const struct rc_claim *claim, struct rc_error *e)
{
	struct rc_journal_entry j;
	enum rc_err err = rc_journal_read(t->txn, claim->consent.seq, &j, e);
	const char *reason;

	if (err != RC_OK)
		return err;
	reason = rc_suppression_reason(j.source);
	rc_buf_adds(t->out, "since ");
	put_time(t->out, claim->consent.since_ms);
	rc_buf_addf(t->out, ": %s (", reason);
	put_text(t->out, j.source, RC_JOURNAL_TEXT_MAX);
	/* Which campaign and code; other evidence is somebody's words. */
	if (strcmp(reason, "refused") == 0 && j.evidence.len > 0) {
		rc_buf_adds(t->out, ": ");
		put_text(t->out, j.evidence, EVIDENCE_SHOWN);
	}
	rc_buf_addc(t->out, ')');
	return RC_OK;
}

/* --- limits --------------------------------------------------------------- */

static enum rc_err
tell_cap(struct telling *t, const struct rc_claim *claim, struct rc_error *e)
{
	uint64_t n, next_ms;
	enum rc_err err = RC_OK;

	if (!t->cap_open) {
		t->cap_open = true;
		err = rc_cap_open(&t->cap, t->txn, t->batch, false, e);
	}
	if (err == RC_OK)
		err =
		    rc_cap_count(&t->cap, t->txn, &claim->to, &n, &next_ms, e);
	if (err != RC_OK)
		return err;
	rc_buf_addf(t->out, "%llu since ", (unsigned long long)n);
	put_time(t->out, t->cap.since_ms);
	rc_buf_adds(t->out, ", the next from ");
	put_time(t->out, next_ms);
	return RC_OK;
}

static void
tell_hour(struct telling *t, const struct rc_claim *claim)
{
	const struct rc_quiet *quiet = t->batch->quiet;
	uint64_t now_ms = t->batch->now_ms;
	int minute = rc_quiet_minute(quiet, claim->quiet_in, now_ms);
	uint64_t opens_ms = rc_quiet_opens(quiet, &claim->to, now_ms);

	rc_buf_adds(t->out, claim->quiet_in);
	if (minute >= 0)
		rc_buf_addf(t->out, " %02d:%02d", minute / 60, minute % 60);
	if (opens_ms == 0) {
		rc_buf_adds(t->out, ", never opens");
		return;
	}
	rc_buf_adds(t->out, ", opens ");
	put_time(t->out, opens_ms);
}

/* --- the message there was ------------------------------------------------ */

/* The state of one whose run died is not in its record yet. */
static enum rc_err
tell_before(struct telling *t, const struct rc_claim *claim, struct rc_error *e)
{
	struct rc_message m;
	enum rc_err err = rc_message_get(
	    t->txn, t->batch->run->campaign, claim->before_ordinal, &m, e);

	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	if (claim->answer == RC_CLAIM_ALREADY) {
		rc_buf_adds(t->out, rc_message_state_name(claim->before));
		if (claim->before == RC_M_UNKNOWN && claim->clicked)
			rc_buf_adds(t->out, ", but clicked,");
		rc_buf_addc(t->out, ' ');
		put_time(t->out, m.changed_s * 1000ULL);
		rc_buf_adds(t->out, ", ");
	}
	rc_buf_adds(t->out, "claimed ");
	put_time(t->out, m.claimed_s * 1000ULL);
	if (m.state == RC_M_CLAIMED)
		rc_buf_addf(t->out, " by run %u", m.detail);
	if (m.provider_id[0] != '\0')
		rc_buf_addf(t->out, ", provider id %s", m.provider_id);
	return RC_OK;
}

/* Who is held back only now is so by chance: there is nothing to tell. */
static enum rc_err
tell_held(struct telling *t, const struct rc_claim *claim, struct rc_error *e)
{
	struct rc_message m;
	enum rc_err err;

	if (claim->before != RC_M_HELD)
		return RC_OK;
	err = rc_message_get(
	    t->txn, t->batch->run->campaign, claim->before_ordinal, &m, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	rc_buf_adds(t->out, "since ");
	put_time(t->out, m.claimed_s * 1000ULL);
	return RC_OK;
}

static enum rc_err
tell(struct telling *t, const struct rc_claim *claim, struct rc_error *e)
{
	switch (claim->answer) {
	case RC_CLAIM_ALREADY:
	case RC_CLAIM_BUSY:
		return tell_before(t, claim, e);
	case RC_CLAIM_NOT_IN:
		return tell_not_in(t, claim, e);
	case RC_CLAIM_SUPPRESSED:
		return tell_suppression(t, claim, e);
	case RC_CLAIM_CAPPED:
		return tell_cap(t, claim, e);
	case RC_CLAIM_HELD:
		return tell_held(t, claim, e);
	case RC_CLAIM_QUIET:
		tell_hour(t, claim);
		return RC_OK;
	default:
		return RC_OK;
	}
}

enum rc_err
rc_message_why(struct rc_txn *txn, const struct rc_claim_batch *batch,
    const struct rc_claim *claim, size_t n, struct rc_buf *out,
    struct rc_error *e)
{
	struct telling t = {.txn = txn, .batch = batch, .out = out};
	enum rc_err err = find_absent(&t, claim, n, e);

	for (size_t i = 0; i < n && err == RC_OK; i++) {
		err = tell(&t, &claim[i], e);
		rc_buf_addc(out, '\0');
	}
	free(t.last);
	if (t.cap_open)
		rc_cap_close(&t.cap);
	return err == RC_OK ? rc_buf_check(out, "reasons", e) : err;
}
