/*
 * What a request must be before it may leave; private to http.
 */
#ifndef RC_SYS_HTTP_CHECK_H
#define RC_SYS_HTTP_CHECK_H

#include "sys/http.h"

#define RC_HTTP_QUERY_MAX 16384 /* bytes of a URL's query */

/* What a URL says of where a request goes. */
struct rc_http_target {
	bool loopback;
	bool plain;    /* anybody on the way can read it */
	bool userinfo; /* it has credentials in it */
};

/* RC_EDATA: no URL of http or https. */
enum rc_err rc_http_check_url(
    const char *, struct rc_http_target *, struct rc_error *) RC_MUST_USE;
/*
 * Of a request whose URL was checked.  RC_EDATA: a header with a line break or
 * too many of them, no region; RC_EPERM: secrets that others could read.
 */
enum rc_err rc_http_check(const struct rc_http_request *,
    const struct rc_http_target *, struct rc_error *) RC_MUST_USE;

#endif
