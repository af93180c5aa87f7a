/*
 * Providers: how a message becomes a request, and what an answer means.  The
 * request is built here for real runs, tests of a channel and dry runs alike;
 * nothing is sent here but token requests.
 */
#ifndef RC_CORE_PROVIDER_H
#define RC_CORE_PROVIDER_H

#include "core/channel.h"
#include "sys/http.h"

/* A request and the memory it points into; reused from message to message. */
struct rc_provider_request {
	struct rc_http_request http;
	struct rc_http_header header[RC_CHANNEL_HEADERS + 4];
	struct rc_buf url, body, authorization;
};
/* Empty; to be freed in any case. */
void rc_provider_request_init(struct rc_provider_request *);
void rc_provider_request_free(struct rc_provider_request *); /* wipes */

/*
 * The request for one message.  rendered: for twilio the text, for http the
 * JSON document (or text).  callback: StatusCallback URL or NULL.  token:
 * OAuth2 access token or NULL.
 */
enum rc_err rc_provider_build(const struct rc_channel *, const char *to,
    struct rc_slice rendered, const char *callback, const char *token,
    struct rc_provider_request *, struct rc_error *) RC_MUST_USE;

/*
 * A request that sends nothing to anybody and shows whether credentials are
 * right; RC_NOTFOUND when the provider has none (http).
 */
enum rc_err rc_provider_build_check(const struct rc_channel *,
    struct rc_provider_request *, struct rc_error *) RC_MUST_USE;

enum rc_verdict {
	RC_V_ACCEPTED,
	RC_V_REJECTED, /* this message, for good */
	RC_V_SUPPRESS, /* rejected: the recipient opted out, as 21610 says */
	RC_V_RETRY,    /* certainly not processed: 429, never sent */
	RC_V_TOKEN,    /* 401 under OAuth2: a new token may help */
	RC_V_UNKNOWN,  /* may have been processed */
	RC_V_STOP      /* the account or sender: stop the run */
};

/* "accepted". */
const char *rc_verdict_name(enum rc_verdict);

struct rc_result {
	enum rc_verdict verdict;
	enum rc_err stop;	 /* with STOP: RC_EPERM, else RC_ECONFIG */
	uint32_t error_code;	 /* provider's or HTTP status; 0: none */
	uint64_t retry_after_ms; /* 0: not said */
	unsigned segments;	 /* as the provider counted; 0: not said */
	char provider_id[128];	 /* "" when it gave none */
	char detail[200];	 /* for people; control characters replaced */
};

/*
 * What an answer means.  Never fails: nonsense after 2xx is "unknown", as is
 * every 5xx, since the message may be on its way.
 */
void rc_provider_judge(const struct rc_channel *,
    const struct rc_http_response *, struct rc_result *);

/*
 * Providers quote what they refuse: puts stars, in place, over every secret of
 * the channel, what its URLs hold as rc_channel_url_credential tells, and over
 * the access token (or NULL), also where it is escaped as
 * in a form, in JSON or in HTML, or stands behind "Basic".  rc_provider_judge
 * and rc_token_read have done so for the channel's own.
 */
void rc_provider_mask(
    const struct rc_channel *, const char *token, char *text, size_t len);

/* --- OAuth2 client credentials (RFC 6749, 4.4) --------------------------- */

/*
 * An access token.  Zeroed at first; each call that fills it replaces it.  It
 * is to be refreshed a minute before it expires, or after 90 % of its life
 * when that is earlier; after half of it when it lives under two minutes.
 */
struct rc_token {
	struct rc_buf value; /* wiped by rc_token_free */
	uint64_t expires_ms; /* refresh from here on */
};
/* A zeroed one is fine; it is zeroed after. */
void rc_token_free(struct rc_token *);
/* The token request of a channel; its body and headers hold the secret. */
enum rc_err rc_token_build(const struct rc_channel *,
    struct rc_provider_request *, struct rc_error *) RC_MUST_USE;
/* Reads the answer; RC_EPERM: refused; RC_EPROTO: nonsense; RC_EUNAVAIL. */
enum rc_err rc_token_read(const struct rc_channel *,
    const struct rc_http_response *, uint64_t now_ms, struct rc_token *,
    struct rc_error *) RC_MUST_USE;
/*
 * The kept token of a channel, whose secrets are loaded; RC_NOTFOUND when none
 * is valid at now_ms, or the one there was had with other credentials.
 */
enum rc_err rc_token_load(struct rc_state *, const struct rc_channel *,
    uint64_t now_ms, struct rc_token *, struct rc_error *) RC_MUST_USE;
/* Keeps a token, sealed; the state must be unsealed. */
enum rc_err rc_token_store(struct rc_state *, const struct rc_channel *,
    const struct rc_token *, struct rc_error *) RC_MUST_USE;
/*
 * Within a write, seals the kept token anew with another seal; one that does
 * not open is removed.
 */
enum rc_err rc_token_reseal(struct rc_txn *, struct rc_state *,
    const struct rc_channel *, const struct rc_seal *,
    struct rc_error *) RC_MUST_USE;
/* Asks the token URL, waiting; keeps nothing.  Errors of rc_token_read. */
enum rc_err rc_token_fetch(struct rc_http *, const struct rc_channel *,
    struct rc_token *, struct rc_error *) RC_MUST_USE;
/* Kept one, or fetched and kept; fresh: do not use the kept one. */
enum rc_err rc_token_get(struct rc_state *, struct rc_http *,
    const struct rc_channel *, bool fresh, struct rc_token *,
    struct rc_error *) RC_MUST_USE;

/* --- Twilio's webhooks ("Validating Signatures from Twilio") ------------- */

/*
 * X-Twilio-Signature over the public URL and the form body, with and without
 * the port; RC_EPERM when it does not match.
 */
enum rc_err rc_twilio_verify(const struct rc_channel *, const char *url,
    struct rc_slice body, struct rc_slice signature,
    struct rc_error *) RC_MUST_USE;
/* What Twilio itself would send; for the sandbox. */
enum rc_err rc_twilio_sign(const char *auth_token, const char *url,
    struct rc_slice body, struct rc_buf *signature,
    struct rc_error *) RC_MUST_USE;

#endif
