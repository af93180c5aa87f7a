#include "job/send_priv.h"

#include "text/code.h"

static const char *const OUTCOME[RC_SEND_OUTCOMES] = {
    [RC_SEND_ACCEPTED] = "accepted",
    [RC_SEND_REJECTED] = "rejected",
    [RC_SEND_DEFERRED] = "deferred",
    [RC_SEND_UNKNOWN] = "unknown",
    [RC_SEND_HELD] = "held",
    [RC_SEND_ALREADY] = "already sent",
    [RC_SEND_NOT_IN] = "not opted in",
    [RC_SEND_SUPPRESSED] = "suppressed",
    [RC_SEND_CAPPED] = "capped",
    [RC_SEND_QUIET] = "quiet",
    [RC_SEND_DUPLICATE] = "duplicate",
    [RC_SEND_INVALID] = "invalid",
    [RC_SEND_UNRESOLVED] = "unresolved",
    [RC_SEND_BUSY] = "busy",
    [RC_SEND_NO_MESSAGE] = "no message",
    [RC_SEND_NOT_REACHED] = "not reached",
    [RC_SEND_WOULD] = "would send",
};

const char *
rc_send_outcome_name(enum rc_send_outcome o)
{
	return OUTCOME[o];
}

static void
emit(struct send *s, const struct rc_send_record *r)
{
	struct rc_error e;

	s->counts->outcome[r->outcome]++;
	if (s->mute)
		return;
	if (s->cfg->record(s->cfg->arg, r, &e) == RC_OK)
		return;
	s->mute = true;
	rc_send_stop(s, &e, false);
}

void
rc_send_line(struct send *s, struct rc_slice line, uint64_t number,
    enum rc_send_outcome outcome, const char *detail)
{
	struct rc_send_record r = {
	    .to = line,
	    .outcome = outcome,
	    .message_id = "",
	    .provider_id = "",
	    .detail = detail,
	    .line = number,
	    .variant = {"", 0},
	};

	emit(s, &r);
}

/* Which message a record speaks of; false when there is none. */
static bool
message_of(const struct send *s, const struct send_item *item,
    enum rc_send_outcome outcome, uint32_t *ordinal)
{
	switch (outcome) {
	case RC_SEND_HELD:
		if (item->claim.before == RC_M_HELD)
			*ordinal = item->claim.before_ordinal;
		else
			*ordinal = item->claim.ordinal;
		return item->claim.before == RC_M_HELD || !s->cfg->dry_run;
	case RC_SEND_ACCEPTED:
	case RC_SEND_REJECTED:
	case RC_SEND_DEFERRED:
	case RC_SEND_UNKNOWN:
		*ordinal = item->claim.ordinal;
		return true;
	case RC_SEND_ALREADY:
	case RC_SEND_DUPLICATE:
	case RC_SEND_BUSY:
		*ordinal = item->claim.before_ordinal;
		return item->claim.before != RC_M_NONE;
	default:
		return false;
	}
}

/* The variant of the message there is or, in a dry run, would be. */
static struct rc_slice
variant_of(const struct send *s, const struct send_item *item,
    enum rc_send_outcome outcome)
{
	switch (outcome) {
	case RC_SEND_ALREADY:
	case RC_SEND_BUSY:
		return rc_send_variant_name(s, item->claim.before_variant);
	case RC_SEND_HELD:
		if (item->claim.before == RC_M_HELD)
			return rc_send_variant_name(
			    s, item->claim.before_variant);
		break;
	case RC_SEND_ACCEPTED:
	case RC_SEND_REJECTED:
	case RC_SEND_DEFERRED:
	case RC_SEND_UNKNOWN:
	case RC_SEND_DUPLICATE:
	case RC_SEND_WOULD:
		break;
	default:
		return (struct rc_slice){"", 0};
	}
	return rc_send_variant_name(s, item->claim.variant);
}

void
rc_send_finish(struct send *s, struct send_item *item,
    enum rc_send_outcome outcome, const char *detail)
{
	struct rc_send_record r = {
	    .to = rc_slice_str(item->claim.to.text),
	    .outcome = outcome,
	    .provider_id =
		outcome == RC_SEND_ACCEPTED ? item->result.provider_id : "",
	    .detail = item->why != NULL ? item->why : detail,
	    .line = item->line,
	    .variant = variant_of(s, item, outcome),
	};
	char id[RC_MESSAGE_ID_LEN + 1] = "";
	uint32_t ordinal;

	if (message_of(s, item, outcome, &ordinal))
		rc_message_id_encode(
		    s->state->keys.message, s->campaign, ordinal, id);
	r.message_id = id;
	if (outcome == RC_SEND_WOULD) {
		r.rendered = rc_buf_slice(&item->text);
		r.size = item->size;
	}
	emit(s, &r);
	rc_send_ordinal_give(s, item);
	item->busy = false;
	item->why = NULL;
	rc_send_push(&s->idle, item);
}

/*
 * A message there was already: this line's own (a receipt came for it between
 * two attempts), another line's of this run, or an earlier run's.
 */
static void
finish_already(struct send *s, struct send_item *item)
{
	const char *state = rc_message_state_name(item->claim.before);

	if (item->claim.before == RC_M_UNKNOWN && item->claim.clicked)
		state = "unknown, but clicked";
	if (item->attempts > 0 &&
	    item->claim.before_ordinal == item->claim.ordinal)
		rc_send_finish(s, item, RC_SEND_ACCEPTED, state);
	else if (rc_send_ordinal_own(&s->render, item->claim.before_ordinal))
		rc_send_finish(s, item, RC_SEND_DUPLICATE, "");
	else
		rc_send_finish(s, item, RC_SEND_ALREADY, state);
}

/* Held back now, by another line of this run, or by an earlier run. */
static void
finish_held(struct send *s, struct send_item *item)
{
	enum rc_send_outcome outcome = RC_SEND_HELD;

	if (item->claim.before != RC_M_HELD)
		item->has_ordinal = false; /* it is the message's now */
	else if (rc_send_ordinal_own(&s->render, item->claim.before_ordinal))
		outcome = RC_SEND_DUPLICATE;
	rc_send_finish(s, item, outcome, "");
}

void
rc_send_claim_answered(struct send *s, struct send_item *item)
{
	switch (item->claim.answer) {
	case RC_CLAIMED:
		item->has_ordinal = false; /* it is the message's now */
		item->open = true;
		if (!item->counted)
			rc_send_started(s, item);
		item->counted = true;
		rc_send_push(&s->claimed, item);
		break;
	case RC_CLAIM_ALREADY:
		finish_already(s, item);
		break;
	case RC_CLAIM_BUSY:
		rc_send_finish(s, item, RC_SEND_BUSY, "");
		break;
	case RC_CLAIM_NO_MESSAGE:
		rc_send_finish(s, item, RC_SEND_NO_MESSAGE, "");
		break;
	case RC_CLAIM_NOT_IN:
		rc_send_finish(s, item, RC_SEND_NOT_IN, "");
		break;
	case RC_CLAIM_SUPPRESSED:
		rc_send_finish(s, item, RC_SEND_SUPPRESSED, "");
		break;
	case RC_CLAIM_CAPPED:
		rc_send_finish(s, item, RC_SEND_CAPPED, "");
		break;
	case RC_CLAIM_HELD:
		finish_held(s, item);
		break;
	case RC_CLAIM_QUIET:
		rc_send_finish(s, item, RC_SEND_QUIET, item->claim.quiet_in);
		break;
	}
}
