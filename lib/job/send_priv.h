/*
 * The inside of a sending run, shared by send*.c alone.
 *
 * An item is one recipient under way.  There is a fixed number of them, each
 * in one queue, so memory does not grow with the audience and a slow provider
 * holds back the reading:
 *
 *	idle -> ready -> (writer) -> claimed -> (wire) -> settling -> (writer)
 *	                                                    -> idle, or waiting
 *	waiting -> again -> (writer) -> claimed ...       another attempt
 *
 * The main thread owns everything; the writer thread owns a job from
 * rc_send_writer_give until rc_send_writer_take.
 */
#ifndef RC_JOB_SEND_PRIV_H
#define RC_JOB_SEND_PRIV_H

#include "core/user_data.h"
#include "job/send.h"
#include "job/send_seen.h"
#include "job/send_since.h"
#include "text/gsm.h"
#include "text/gsm_smart.h"

#define RC_SEND_BATCH 256 /* recipients a claiming transaction looks at */
#define RC_SEND_LINKS 100 /* different URLs of all texts together */
#define RC_SEND_ATTEMPTS 4
/* A source silent for this long is not counted to its end. */
#define RC_SEND_COUNT_US 1000000ULL
#define RC_SEND_TEXT_MAX (1u << 20) /* bytes of a rendered message */
#define RC_SEND_WHY_MAX 4096	    /* bytes of a detail of a dry run */
#define RC_SEND_UNREACHED "not sent: the run was stopped"

struct send;

struct send_item {
	struct send_item *next;
	struct send *send;
	const struct send_content *content; /* that it is rendered from */
	struct rc_claim claim;
	uint64_t line, due_us;
	uint64_t start_us; /* on the wire from then on, once claimed */
	uint64_t claimed_ms, claimed_us; /* by both clocks */
	struct rc_buf text;		 /* rendered, what goes on the wire */
	struct rc_buf urls; /* u8 number and str of each expanded URL */
	/* Of the SMS text; nothing when only the provider knows the text. */
	struct rc_gsm size;
	struct rc_gsm_odd odd; /* with smart: what it could not change */
	unsigned attempts, token_serial;
	uint64_t answers_before; /* the wire's when this first went out */
	bool has_ordinal, open;	 /* open: claimed and not settled */
	bool token_tried, never_sent;
	bool counted; /* claimed once at least, in this run */
	struct rc_result result;
	enum rc_send_outcome outcome; /* once settled */
	const char *why; /* dry run: in place of the detail; or NULL */
	bool again;	 /* another attempt after settling */
	bool busy;	 /* not idle */
};

struct send_queue {
	struct send_item *first, *last;
	size_t n;
};
/* At the end; from the front. */
void rc_send_push(struct send_queue *, struct send_item *);
struct send_item *rc_send_pop(struct send_queue *); /* NULL: empty */

/* --- contents (send_content.c) ------------------------------------------- */

struct send_link {
	struct rc_slice url; /* the templates' */
	bool fixed;	     /* no variable in it */
};

/* What some of the recipients get. */
struct send_content {
	struct rc_template *message, *payload; /* either may be NULL */
	/* Where the URLs of each are among those of the whole run. */
	uint8_t message_link[RC_TEMPLATE_LINKS];
	uint8_t payload_link[RC_TEMPLATE_LINKS];
};

struct send_range {
	uint32_t first, count;
};

struct send_render {
	struct send_content *content; /* one, or one a variant */
	size_t ncontents;
	struct send_link link[RC_SEND_LINKS]; /* of all contents, each once */
	size_t nlinks;
	struct rc_buf ranges; /* struct send_range, ascending */
	struct rc_buf ids;    /* uint64_t first link ids, nlinks a range */
	struct rc_buf spare;  /* uint32_t ordinals that were given back */
	struct rc_buf text;   /* the message text of one recipient */
	struct rc_buf plain;  /* a text while it is made GSM-7 */
	uint32_t next, left;  /* of the newest range */
	uint32_t ask;	      /* size of the next reservation */
};

/* Compiles all texts; RC_EUSAGE: they do not suit the channel; RC_EDATA. */
enum rc_err rc_send_content_open(struct send *, struct rc_error *) RC_MUST_USE;
void rc_send_content_close(struct send_render *);
/* What the channel takes: JSON unless it says that it sends something else. */
enum rc_template_kind rc_send_template_kind(const struct rc_channel *);

/* --- rendering (send_render.c) ------------------------------------------- */

/* RC_EDATA: this recipient cannot be rendered; says which variable. */
enum rc_err rc_send_render(struct send *, const struct rc_json_value *vars,
    struct send_item *, struct rc_error *) RC_MUST_USE;

/* --- user data (send_data.c) ---------------------------------------------- */

struct send_data {
	struct rc_buf feeds, variables; /* that the templates name */
	struct rc_buf values, ref;	/* of one recipient */
};
/*
 * Which feeds the contents, which must be open, want.  RC_ECONFIG: there is no
 * such feed, or no such property and no fallback; RC_EDATA: no such name can
 * be.
 */
enum rc_err rc_send_data_open(struct send *, struct rc_error *) RC_MUST_USE;
void rc_send_data_close(struct send_data *);
/*
 * Copies what the feeds have of a recipient, whose line is the unrendered one,
 * from a snapshot of its own: a longer one would be held while lines are read
 * and records written.
 */
enum rc_err rc_send_data_fetch(
    struct send *, const struct send_item *, struct rc_error *) RC_MUST_USE;
/* A value that was fetched, valid until the next fetch; false: none. */
bool rc_send_data_get(
    const struct send_data *, struct rc_slice name, struct rc_slice *value);

/* --- the text's size (send_size.c) --------------------------------------- */

#define RC_SEND_ODD_MAX 20 /* characters that are named */

struct send_odd { /* that keep texts out of GSM-7 */
	uint32_t c[RC_SEND_ODD_MAX];
	uint64_t texts[RC_SEND_ODD_MAX]; /* of messages, each counted once */
	size_t n;
	bool further;
};

/* RC_EUSAGE when an option needs a text that only the provider will know. */
enum rc_err rc_send_size_check(struct send *, struct rc_error *) RC_MUST_USE;
/* Substitutes in a message text before it goes into a template. */
enum rc_err rc_send_message_plain(
    struct send *, struct send_item *, struct rc_error *) RC_MUST_USE;
/*
 * Substitutes and measures the text of a rendered item.  RC_EDATA: it is
 * empty, or longer than the run, the provider or an SMS takes.
 */
enum rc_err rc_send_size(
    struct send *, struct send_item *, struct rc_error *) RC_MUST_USE;
/* Counts what stands in the way in a text that is sent; and says it all. */
void rc_send_odd_count(struct send *, const struct send_item *);
void rc_send_odd_tell(const struct send *);

/* --- limits of a run (send_cost.c) ---------------------------------------- */

/* RC_ECONFIG when cost is limited and the channel has no price for it. */
enum rc_err rc_send_price_open(struct send *, struct rc_error *) RC_MUST_USE;
/* Estimated; a text that only the provider knows is one segment. */
uint64_t rc_send_cost(const struct send *, const struct send_item *);
/* Whether a message may be begun besides those that cost what is ahead. */
bool rc_send_fits(
    const struct send *, const struct send_item *, uint64_t ahead);
/* A message was begun: its first claim was made, or would be. */
void rc_send_started(struct send *, const struct send_item *);
/* No further message may be begun; says so when it is for the cost. */
bool rc_send_limit_reached(struct send *);

/* --- variants and holdout (send_variant.c) -------------------------------- */

struct send_split {
	struct rc_variants variants;
	char name[RC_VARIANT_NUMBERS][RC_VARIANT_NAME_MAX]; /* of them */
	struct rc_split split;
	uint8_t content[RC_VARIANT_NUMBERS]; /* of each variant in use */
	bool look; /* some have a message, which keeps its variant */
};
/*
 * Within the transaction that opens the campaign (NULL: there is none yet).
 * Nothing to do for a campaign without variants and holdout.
 */
enum rc_err rc_send_split_open(struct send *, struct rc_txn *,
    const struct rc_campaign *, struct rc_error *) RC_MUST_USE;
/* What an item's recipient gets: variant, content, and whether to hold. */
enum rc_err rc_send_assign(
    struct send *, struct send_item *, struct rc_error *) RC_MUST_USE;
/* The name of a variant; empty: none. */
struct rc_slice rc_send_variant_name(const struct send *, uint8_t number);

/* --- ordinals (send_ordinal.c) ------------------------------------------- */

void rc_send_ordinals_init(struct send_render *);
void rc_send_ordinals_free(struct send_render *);
/* False when a range must be reserved first. */
bool rc_send_ordinal_take(struct send *, struct send_item *);
/* Back, for the next recipient; its message was never claimed. */
void rc_send_ordinal_give(struct send *, struct send_item *);
/* Whether this run reserved it. */
bool rc_send_ordinal_own(const struct send_render *, uint32_t ordinal);
/* How many ordinals to reserve now; 0: enough are left. */
uint32_t rc_send_ordinals_wanted(const struct send *);
/* A reserved range, with the first id of each link. */
enum rc_err rc_send_ordinals_add(struct send *, uint32_t first, uint32_t n,
    const uint64_t *ids, struct rc_error *) RC_MUST_USE;
/* The id of a link of a message of this run. */
uint64_t rc_send_link_id(
    const struct send_render *, uint32_t ordinal, size_t link);

/* --- recipients (send_input.c) ------------------------------------------- */

/*
 * Reads one line into to; *doc, which the caller frees, holds *vars.
 * RC_EDATA: not a recipient, says why; RC_NOTFOUND: nobody known by that id.
 */
enum rc_err rc_send_parse(struct rc_store *, enum rc_ident_type,
    struct rc_slice line, struct rc_ident *to, struct rc_json **doc,
    const struct rc_json_value **vars, struct rc_error *) RC_MUST_USE;
/* Reads what there is, as far as there is room; true when there may be more. */
bool rc_send_read(struct send *);

/* --- the writer (send_writer.c) ------------------------------------------ */

/* One transaction: settlements first, then claims, then a reservation. */
struct send_job {
	struct send_queue settled;
	struct send_item *claimed[RC_SEND_BATCH];
	struct rc_claim claim[RC_SEND_BATCH];
	size_t nclaims, limit; /* limit: of claims that may succeed */
	size_t decided;	       /* out: of nclaims, from the front */
	uint32_t reserve, low;
	uint32_t first;		     /* out: of the reserved ordinals */
	uint64_t ids[RC_SEND_LINKS]; /* out: first link ids */
	uint64_t now_ms, now_us;     /* out: of the transaction, both clocks */
	/* Out, since 1970: when each claim may start, and another be made. */
	uint64_t start_us[RC_SEND_BATCH], ready_us;
	enum rc_err err; /* out: nothing has changed unless RC_OK */
	struct rc_error error;
};

struct send_writer;
/* wake_fd (an eventfd) becomes readable when a job is done. */
enum rc_err rc_send_writer_open(struct send_writer **, struct send *,
    int wake_fd, struct rc_error *) RC_MUST_USE;
void rc_send_writer_stop(struct send_writer *); /* after the open job */
void rc_send_writer_close(struct send_writer *);
/* The job to fill and give; NULL while one is being written. */
struct send_job *rc_send_writer_job(struct send_writer *);
/* Hands over the job of rc_send_writer_job, which is the writer's then. */
void rc_send_writer_give(struct send_writer *);
/* The finished job, once; NULL when there is none. */
struct send_job *rc_send_writer_take(struct send_writer *);

/* --- its jobs (send_jobs.c) ----------------------------------------------- */

/* Hands over what there is to write, if the writer is idle. */
void rc_send_job_give(struct send *);
/* Acts on a finished job, if there is one. */
void rc_send_job_take(struct send *);

/* --- the wire (send_wire.c) ---------------------------------------------- */

struct send_wire {
	struct rc_http *http;
	struct rc_provider_request request, token_request;
	struct rc_token token;
	unsigned token_serial;
	bool refreshing, token_refused; /* hold until there is another one */
	unsigned token_failures;	/* since one was refused */
	uint64_t token_due_us;		/* when to ask again after a failure */
	double rate;			/* messages a second; 0: no limit */
	uint64_t answers;		/* requests that were answered */
	unsigned char seed[16];
	uint64_t draws;
	size_t on_wire, limit;
	size_t ended;		/* requests, ever, whatever came of them */
	struct rc_buf callback; /* StatusCallback URL up to the message id */
	size_t callback_len;
};

/* Opens the engine, and gets a token where the channel needs one. */
enum rc_err rc_send_wire_open(struct send *, struct rc_error *) RC_MUST_USE;
void rc_send_wire_close(struct send_wire *);
/*
 * Starts claimed items as far as concurrency, rate and token allow; one that
 * was claimed a minute ago or more is put back.
 */
void rc_send_wire_start(struct send *, uint64_t now_us);
/* Does not start a claimed item: another attempt decides anew. */
void rc_send_put_back(struct send *, struct send_item *);
/* How long until a claimed item may start; UINT64_MAX: not a matter of time. */
uint64_t rc_send_wire_wait_us(const struct send *, uint64_t now_us);
/* When an item that was deferred is to be tried again. */
uint64_t rc_send_wire_due_us(
    struct send *, const struct send_item *, uint64_t now_us);

/* The next random number. */
uint64_t rc_send_wire_draw(struct send *);

/* --- the breaker (send_breaker.c) ---------------------------------------- */

/*
 * Opens when too many answers in a row were failures: then nothing is claimed
 * or started but one message after a pause, and another after a longer one.
 * The first answer that is none of the provider's own failures closes it; too
 * many such probes that failed end the run.
 */
struct send_breaker {
	unsigned bad; /* in a row */
	unsigned failed_probes;
	bool open, worked;
	bool asked;   /* a probe's claim is being written */
	bool probing; /* it is claimed or on the wire */
	const struct send_item *probe;
	uint64_t until_us; /* of the pause */
};

/* An item's answer, once it is judged. */
void rc_send_breaker_note(
    struct send *, const struct send_item *, const struct rc_http_response *);
/* How many of so many claims may be made now. */
size_t rc_send_breaker_allow(
    const struct send *, size_t claims, uint64_t now_us);
/* Claims are handed over, and are answered. */
void rc_send_breaker_claim(struct send *);
void rc_send_breaker_claimed(struct send *);
/* An item ends without having been sent; if it was the probe, the next is. */
void rc_send_breaker_missed(struct send *, const struct send_item *);
/* Puts off what is claimed and may not start. */
void rc_send_breaker_hold(struct send *);

/* --- the dry run (send_dry.c) -------------------------------------------- */

/* Looks for what changed since the last run; before the first recipient. */
enum rc_err rc_send_dry_open(struct send *, struct rc_error *) RC_MUST_USE;
/* Answers all ready items from one snapshot, and finishes them. */
void rc_send_dry(struct send *);

/* --- the loop (send_loop.c) ---------------------------------------------- */

struct send {
	struct rc_state *state;
	const struct rc_send_config *cfg;
	struct rc_send_counts *counts;
	struct rc_run run; /* dry run: number 0 */
	uint32_t campaign; /* 0: does not exist yet (dry run) */

	struct send_item *items;
	size_t nitems;
	struct send_queue idle, ready, again, claimed, settling, waiting;
	struct send_item *unrendered; /* read, waits for an ordinal */
	struct rc_json *unrendered_doc;
	const struct rc_json_value *unrendered_vars;
	uint64_t next_due_us;	   /* of waiting ones */
	uint64_t started;	   /* messages claimed, each once */
	uint64_t price;		   /* of a segment, as cfg->max_cost */
	uint64_t spent;		   /* on the messages started */
	uint64_t spent_ahead;	   /* if all that are being claimed are */
	uint64_t claim_from_us;	   /* the rate allows no claim before */
	size_t pace, ended_before; /* answers during a commit; see give */
	size_t look;		   /* recipients that a job looks at */
	bool fast;		   /* so many a second that commits cost */
	uint64_t given_us, committed_us; /* the last job, and when taken */
	uint64_t give_us;	/* the next waits until then; or never */
	uint32_t low, low_jobs; /* see job->low */
	unsigned write_failures;

	bool input_end, starved; /* starved: no line has come yet */
	bool stopping;		 /* no claim any more, drain */
	bool counting;		 /* what is left of the input is not reached */
	uint64_t count_until_us;
	bool mute; /* stdout is broken */
	struct rc_retry retry;
	struct rc_error fate;

	struct send_render render;
	struct send_split split;
	struct send_writer *writer; /* dry run: NULL */
	struct send_wire wire;
	struct send_breaker breaker;
	struct send_seen *seen;	  /* dry run alone */
	struct rc_buf why;	  /* dry run: of one batch */
	struct send_since *since; /* dry run: of an earlier one, or NULL */
	struct send_odd odd;
	struct send_data data;
	struct rc_quiet *quiet;		 /* NULL: no quiet hours */
	struct rc_cap_window cap_window; /* the writer's, if there is one */
	int wake_fd, epoll_fd;
};

/* Whether no claim may be made any more at this time. */
bool rc_send_is_over(const struct rc_send_config *, uint64_t now_ms);
/* Runs until every recipient is accounted for. */
void rc_send_loop(struct send *);
/* Ends an item: record, count, back to idle. */
void rc_send_finish(struct send *, struct send_item *, enum rc_send_outcome,
    const char *detail);
/*
 * Ends the run: no more claims, what is under way is drained.  The first
 * reason stays.  count: what is left of the input is still read, as "not
 * reached".
 */
void rc_send_stop(struct send *, const struct rc_error *, bool count);

/* --- accounting (send_account.c) ----------------------------------------- */

/* A recipient that never became an item. */
void rc_send_line(struct send *, struct rc_slice line, uint64_t number,
    enum rc_send_outcome, const char *detail);
/* What the writer answered for an item's claim. */
void rc_send_claim_answered(struct send *, struct send_item *);

#endif
