/*
 * What the files of the provider module share.
 */
#ifndef RC_CORE_PROVIDER_PRIV_H
#define RC_CORE_PROVIDER_PRIV_H

#include "core/provider.h"

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
