/*
 * URLs: splitting one (RFC 3986), escaping, and finding them in running text.
 * Only http and https are URLs here.
 */
#ifndef RC_TEXT_URL_H
#define RC_TEXT_URL_H

#include "base/buf.h"

#define RC_URL_MAX 2048 /* bytes of a URL that is accepted anywhere */

struct rc_url { /* slices of the text that was parsed */
	bool https;
	struct rc_slice userinfo, host, path, query; /* host without [] */
	uint16_t port; /* 80 or 443 when not given */
	bool port_given;
};

/*
 * RC_EDATA for anything but an absolute http(s) URL of at most RC_URL_MAX
 * bytes, without white space, controls, quotes, angle brackets and backslashes
 * (which would end a header line or an HTML attribute).  The message shows
 * neither a password nor a query.
 */
enum rc_err rc_url_parse(
    struct rc_slice, struct rc_url *, struct rc_error *) RC_MUST_USE;
/* Bytes of "http://" or "https://", in any case, in front; 0: neither. */
size_t rc_url_scheme_len(struct rc_slice);
/*
 * 127.0.0.0/8, ::1, localhost or a name under it: where plain http may carry
 * credentials.
 */
bool rc_url_is_loopback(const struct rc_url *);
/*
 * The next URL in text at or after *pos; *pos moves behind it.  Punctuation
 * that ends a sentence, and a closing bracket without its opening one, is not
 * part of it; neither are ideographs, emoji and typographic marks, but letters
 * of other alphabets are.  False when there is none.
 */
bool rc_url_find(struct rc_slice text, size_t *pos, struct rc_slice *url);
/* Percent-encoding of all but RFC 3986 unreserved characters. */
void rc_url_escape(struct rc_buf *, struct rc_slice);
/* Decodes %HH, and '+' as a space if plus; false for a broken escape. */
bool rc_url_unescape(struct rc_buf *, struct rc_slice, bool plus) RC_MUST_USE;

/*
 * application/x-www-form-urlencoded: adds "&"name=value, escaped; and the next
 * decoded pair of a text, into buffers that are reset first.
 */
void rc_form_add(struct rc_buf *, const char *name, struct rc_slice value);
/* *rest moves behind the pair.  RC_EDATA: a broken escape, a full buffer. */
enum rc_err rc_form_next(struct rc_slice *rest, struct rc_buf *name,
    struct rc_buf *value, struct rc_error *) RC_MUST_USE; /* or RC_END */

#endif
