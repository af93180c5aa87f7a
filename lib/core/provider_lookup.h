/*
 * Asking a provider whether it has a message: Twilio's list of what went to a
 * number, or the lookup_url of an http channel.  Nothing is sent to anybody, so
 * every request may be repeated.
 */
#ifndef RC_CORE_PROVIDER_LOOKUP_H
#define RC_CORE_PROVIDER_LOOKUP_H

#include "core/message.h"
#include "core/provider.h"

#define RC_LOOKUP_PAGE_MAX 1024 /* bytes of where a list goes on */

/* Whether the channel can be asked; RC_ECONFIG says what it lacks. */
enum rc_err rc_lookup_check(
    const struct rc_channel *, struct rc_error *) RC_MUST_USE;

/*
 * A request for one message.  page: where an answer said that the list goes
 * on, or "".  token: OAuth2 access token or NULL.
 */
enum rc_err rc_lookup_build(const struct rc_channel *,
    const struct rc_lookup_question *, const char *page, const char *token,
    struct rc_provider_request *, struct rc_error *) RC_MUST_USE;

/*
 * What a MessageStatus of Twilio's says: SENT, DELIVERED, UNDELIVERED or
 * FAILED; NONE when no more than that the message was accepted.
 */
enum rc_message_state rc_twilio_state(struct rc_slice status);

/* A message the provider has. */
struct rc_lookup_found {
	struct rc_slice id;   /* empty: not said */
	struct rc_slice body; /* empty for http: it was asked for by its id */
	enum rc_message_state state; /* ACCEPTED, SENT, DELIVERED, … */
	uint32_t error_code;
	unsigned segments;   /* 0: not said */
	uint64_t created_ms; /* 0: not said */
};
/* Slices are borrowed for the call. */
typedef enum rc_err rc_lookup_fn(
    void *arg, const struct rc_lookup_found *, struct rc_error *);

struct rc_lookup_answer {
	/*
	 * ACCEPTED: answered, found or not; RETRY: limited; TOKEN; STOP;
	 * REJECTED: this question, for good; UNKNOWN: no sense or no answer,
	 * also where the shape is not that of an answer (rc-channel(1)).
	 */
	enum rc_verdict verdict;
	enum rc_err stop;	 /* with STOP: RC_EPERM, else RC_ECONFIG */
	uint64_t retry_after_ms; /* 0: not said */
	char page[RC_LOOKUP_PAGE_MAX]; /* "" at the end of the list */
	char detail[200];	       /* for people; control characters gone */
};
/*
 * Reads an answer and hands over each message of this channel's sender to the
 * person asked for, in whichever way the number is written (rc_phone_twin), in
 * the provider's order.  Returns what fn returns.
 */
enum rc_err rc_lookup_read(const struct rc_channel *, const char *to,
    const struct rc_http_response *, const char *token, rc_lookup_fn *,
    void *arg, struct rc_lookup_answer *, struct rc_error *) RC_MUST_USE;

#endif
