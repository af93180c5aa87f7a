/*
 * What a request must be before it may leave; private to http.
 */
#ifndef RC_SYS_HTTP_CHECK_H
#define RC_SYS_HTTP_CHECK_H

#include "sys/http.h"

#define RC_HTTP_QUERY_MAX 16384 /* bytes of a URL's query */

/*
 * RC_EDATA: no URL, a header with a line break or too many of them, no region;
 * RC_EPERM: secrets over plain http elsewhere than to loopback.
 */
enum rc_err rc_http_check(const struct rc_http_request *, bool *loopback,
    struct rc_error *) RC_MUST_USE;

#endif
