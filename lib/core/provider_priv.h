/*
 * What the files of the provider module share.
 */
#ifndef RC_CORE_PROVIDER_PRIV_H
#define RC_CORE_PROVIDER_PRIV_H

#include "core/provider_lookup.h"

#define RC_TWILIO_ACCOUNTS "/2010-04-01/Accounts/"

/* Empties a request and begins it anew. */
void rc_provider_begin(struct rc_provider_request *, const char *method);
/* name and value are borrowed until the request is sent. */
void rc_provider_header(struct rc_provider_request *, const char *name,
    const char *value, bool secret);
/* All headers of a channel, secrets masked when it was loaded without. */
void rc_provider_headers(
    struct rc_provider_request *, const struct rc_channel_header *, size_t n);
/* Lets the request point at its buffers; RC_EDATA when one is too large. */
enum rc_err rc_provider_finish(
    struct rc_provider_request *, struct rc_error *) RC_MUST_USE;

/* rc_provider_build of each provider. */
enum rc_err rc_twilio_build(const struct rc_channel *, const char *to,
    struct rc_slice text, const char *callback, struct rc_provider_request *,
    struct rc_error *) RC_MUST_USE;
enum rc_err rc_provider_http_build(const struct rc_channel *,
    struct rc_slice document, const char *token, struct rc_provider_request *,
    struct rc_error *) RC_MUST_USE;

/* The Authorization of a channel's auth; token: see rc_provider_build. */
void rc_provider_authorize(
    const struct rc_channel *, const char *token, struct rc_provider_request *);

/* base_url without slashes at its end. */
void rc_twilio_base(const struct rc_channel *, struct rc_buf *url);
/* A request of the account's messages, with its credentials. */
void rc_twilio_begin(const struct rc_channel *, const char *method,
    struct rc_provider_request *);
/* Whether a sender is a messaging service: "MG" and 32 digits. */
bool rc_twilio_is_service(const char *from);
/* A number, also one written as a string, as num_segments is; 0: none. */
uint32_t rc_twilio_number(
    const struct rc_json_value *object, const char *key, uint32_t max);
/* rc_lookup_build and rc_lookup_read of Twilio's list. */
enum rc_err rc_twilio_build_list(const struct rc_channel *, const char *to,
    const char *page, struct rc_provider_request *,
    struct rc_error *) RC_MUST_USE;
enum rc_err rc_twilio_read_list(const struct rc_channel *, const char *to,
    const struct rc_json_value *root, rc_lookup_fn *, void *arg,
    struct rc_lookup_answer *, struct rc_error *) RC_MUST_USE;

/* Verdicts on an answer that has a status; detail is cleaned afterwards. */
void rc_twilio_judge(const struct rc_http_response *, struct rc_result *);
void rc_provider_http_judge(const struct rc_channel *,
    const struct rc_http_response *, struct rc_result *);
/* What a status means where nothing else is said about it. */
enum rc_verdict rc_verdict_of_status(int status, bool oauth2);
/* Keeps an id unless it is empty or too long to be kept whole. */
void rc_result_id(struct rc_result *, struct rc_slice);
/* rc_provider_mask of what every message has, quickly: secrets as they are. */
void rc_provider_mask_id(const struct rc_channel *, char *id);
/* The answer's JSON; NULL when it is none, or not all of it is here. */
struct rc_json *rc_response_json(const struct rc_http_response *);

#endif
