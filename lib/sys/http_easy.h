/*
 * What every transfer sets up in libcurl, whether it is one of many or
 * streamed; private to http.
 */
#ifndef RC_SYS_HTTP_EASY_H
#define RC_SYS_HTTP_EASY_H

#include "sys/http_check.h"

#include <curl/curl.h>

#define RC_HTTP_SET(code, easy, option, value)                                 \
	do {                                                                   \
		if ((code) == CURLE_OK)                                        \
			(code) = curl_easy_setopt(easy, option, value);        \
	} while (0)

struct rc_http_easy {
	CURL *curl;
	/*
	 * Where the last request went, which the next is likely to: parsed by
	 * libcurl and checked only when it changes.
	 */
	struct rc_buf url; /* the text; empty: none yet */
	CURLU *parsed;
	struct rc_http_target target;
	struct rc_buf headers; /* their text, which the nodes point into */
	/* Ours: no Expect, User-Agent, and two that a signature needs. */
	struct curl_slist node[RC_HTTP_HEADERS + 4];
	char error[CURL_ERROR_SIZE]; /* libcurl's words, or "" */
};

/*
 * A handle with all options that never change; on failure too it is to be
 * closed.  RC_ECONFIG: libcurl is too old.
 */
enum rc_err rc_http_easy_open(
    struct rc_http_easy *, const char *cacert, struct rc_error *) RC_MUST_USE;
void rc_http_easy_close(struct rc_http_easy *);
/*
 * Checks a request and sets its address, headers and credentials, none of
 * which may stay from the one before; not its method, body and time limit.
 */
enum rc_err rc_http_easy_prepare(struct rc_http_easy *,
    const struct rc_http_request *, const char *proxy,
    struct rc_error *) RC_MUST_USE;
/*
 * Why the last transfer failed, valid until the next: libcurl's words, except
 * where they quote a proxy, whose password may be anywhere in them.
 */
const char *rc_http_easy_why(const struct rc_http_easy *, CURLcode);

/* What a stream takes from its handle, valid as long as that. */
struct rc_http_lent {
	CURLM *multi; /* of streams alone; a transfer's PRIVATE is its stream */
	const char *cacert, *proxy;
};
enum rc_err rc_http_lend(
    struct rc_http *, struct rc_http_lent *, struct rc_error *) RC_MUST_USE;

enum rc_err rc_http_check_multi(CURLMcode, struct rc_error *) RC_MUST_USE;

#endif
