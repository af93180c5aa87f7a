/*
 * The inside of a reconciliation, shared by send_reconcile*.c alone.
 *
 * One thread.  There is a fixed number of items, one a request under way or an
 * answer to be written, so memory does not grow with what is unknown:
 *
 *	idle -> ready -> wire -> ready (next page, another try) or done -> idle
 */
#ifndef RC_JOB_SEND_RECONCILE_PRIV_H
#define RC_JOB_SEND_RECONCILE_PRIV_H

#include "core/provider_lookup.h"
#include "job/send_reconcile.h"
#include "text/code.h"
#include "text/phone.h"
#include "text/template.h"

struct reconcile;

enum reconcile_place {
	RECONCILE_IDLE,
	RECONCILE_READY, /* from due_us on */
	RECONCILE_WIRE,
	RECONCILE_DONE
};

struct reconcile_item {
	struct reconcile *r;
	enum reconcile_place place;
	uint64_t due_us;
	unsigned attempts, pages, token_serial;
	uint64_t answers_before; /* r->answers when this was first asked */
	bool token_tried;
	bool probe; /* known to have been accepted: is it found? */
	/* It is not listed: is what was found of the probes, still? */
	bool denied;
	bool twin;	   /* asks for the number as it may also be written */
	uint64_t asked_ms; /* when its list was, from the first page on */

	struct rc_message message;
	char id[RC_MESSAGE_ID_LEN + 1];
	char page[RC_LOOKUP_PAGE_MAX]; /* to ask for; "" : the first */

	/* What is known so far. */
	bool found;
	const char *doubt;	   /* what else may be it; or NULL */
	uint64_t distance_ms;	   /* of the one found from the claim */
	struct rc_settlement says; /* what is to be written, when settles */
	char provider_id[128];
	bool settles;
	enum rc_message_state now; /* once written */
	char detail[200];
};

/* What a variant's messages may have been rendered from. */
struct reconcile_text {
	struct rc_template *message, *payload; /* either may be NULL */
	bool shows; /* of an http channel: what lookup_url asks by */
};

/*
 * Messages that the provider had, of this campaign or, if it has none, of
 * another one of the channel: as long as it tells of none of them, that it has
 * no other one means nothing.
 */
#define RECONCILE_PROBES 5

struct reconcile_texts {
	struct reconcile_text *of; /* by the variant's number, 0: none */
	size_t n;
};

struct reconcile {
	struct rc_state *state;
	const struct rc_reconcile_config *cfg;
	struct rc_reconcile_counts *counts;
	uint32_t campaign;
	uint64_t unknown; /* messages, at the start */
	struct reconcile_texts texts;

	struct rc_message probe[RECONCILE_PROBES], known; /* known: found */
	size_t nprobes, probed;				  /* probed: taken */
	char probes_of[RC_CAMPAIGN_NAME_MAX + 1];	  /* their campaign */
	bool proven;					  /* one was found */
	bool disbelieved; /* something was not there, and nothing proven */
	bool same_route;  /* all its runs sent by the channel as it is */
	bool amended;	  /* a run was told to */

	struct reconcile_item *items;
	size_t nitems, limit, on_wire, done; /* limit: of on_wire */
	struct rc_scan scan;
	size_t scanned; /* of scan.message, taken */
	bool scan_end;

	struct rc_http *http;
	struct rc_provider_request request;
	struct rc_token token;
	unsigned token_serial;
	bool token_refused;
	uint64_t interval_us, next_start_us; /* the rate */
	uint64_t pause_until_us;	     /* the provider limits */
	unsigned limited;		     /* times since an answer */
	uint64_t settle_us; /* what is done is written from then on */
	uint64_t answers;
	unsigned char seed[16];
	uint64_t draws;

	bool stopping, mute;
	struct rc_error fate;
};

/* What an item asks about at the moment. */
static inline const struct rc_message *
rc_reconcile_subject(const struct reconcile_item *item)
{
	return item->denied ? &item->r->known : &item->message;
}

/*
 * When an unknown message left at the latest: it became unknown when its
 * attempt ended, or when its run was found dead.
 */
static inline uint64_t
rc_reconcile_left_ms(const struct rc_message *m)
{
	return 1000ULL *
	       (m->changed_s > m->claimed_s ? m->changed_s : m->claimed_s);
}

/* --- send_reconcile_probe.c ------------------------------------------------
 */

/* Chooses the probes of a struct reconcile within a snapshot. */
enum rc_err rc_reconcile_probes(
    struct rc_txn *, void *reconcile, struct rc_error *) RC_MUST_USE;

/* --- send_reconcile_ask.c ------------------------------------------------- */

/* Starts what may be started; true when it started something. */
void rc_reconcile_ask(struct reconcile *, uint64_t now_us);
/* How long until something may start; UINT64_MAX: not a matter of time. */
uint64_t rc_reconcile_wait_us(const struct reconcile *, uint64_t now_us);
/* An item is unknown as before, and why. */
void rc_reconcile_leave(struct reconcile_item *, const char *why);
/* Nothing more is asked; the first reason stays. */
void rc_reconcile_stop(struct reconcile *, const struct rc_error *);

/* --- send_reconcile_match.c ----------------------------------------------- */

/* Compiles the campaign's texts; they are borrowed for the call. */
enum rc_err rc_reconcile_texts_open(struct reconcile_texts *,
    const struct rc_channel *, const struct rc_campaign *,
    struct rc_error *) RC_MUST_USE;
void rc_reconcile_texts_close(struct reconcile_texts *);
/*
 * Whether a message of an http channel had what lookup_url asks by, if it was
 * rendered from what the campaign has now.
 */
bool rc_reconcile_had_what_is_asked(const struct reconcile_item *);
/*
 * Takes in an answer within a snapshot: *item's found and doubt, answer, and
 * whether the list goes on with what may still be it (*more).
 */
enum rc_err rc_reconcile_read(struct rc_txn *, struct reconcile_item *,
    const struct rc_http_response *, struct rc_lookup_answer *, bool *more,
    struct rc_error *) RC_MUST_USE;

#endif
