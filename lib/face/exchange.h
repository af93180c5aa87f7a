/*
 * One request and its answer, shown to people: secrets masked, control
 * characters replaced, long bodies cut.
 */
#ifndef RC_FACE_EXCHANGE_H
#define RC_FACE_EXCHANGE_H

#include "core/provider.h"
#include "face/out.h"

#define RC_EXCHANGE_BODY_MAX 4096 /* bytes of a body that are shown */

struct rc_exchange {
	const struct rc_http_request *request;
	const struct rc_http_response *response; /* NULL: not sent */
	const struct rc_result *result;
};

/* Lines that begin with > and <, and one with the verdict; or one object. */
enum rc_err rc_exchange_show(
    struct rc_out *, const struct rc_exchange *, struct rc_error *) RC_MUST_USE;
/*
 * What a result means to whoever tries a channel: RC_OK when accepted, else
 * an error that says what to do.
 */
enum rc_err rc_exchange_outcome(
    const struct rc_exchange *, struct rc_error *) RC_MUST_USE;

#endif
