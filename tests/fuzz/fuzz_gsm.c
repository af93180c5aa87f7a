/*
 * Any text made plain: it stays UTF-8, is GSM-7 unless characters are named
 * that stand in the way, keeps its URLs, and is not changed again.
 */
#include "text/gsm.h"
#include "text/gsm_smart.h"
#include "text/url.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* In the same order, and no longer than they were. */
static void
check_urls(struct rc_slice before, struct rc_slice after)
{
	struct rc_slice url, rest = after;
	size_t pos = 0;
	const char *at;

	while (rc_url_find(before, &pos, &url)) {
		at = memmem(rest.p, rest.len, url.p, url.len);
		if (at == NULL)
			abort();
		rest.len -= (size_t)(at - rest.p) + url.len;
		rest.p = at + url.len;
	}
}

static void
check_again(struct rc_slice text)
{
	struct rc_buf again = RC_BUF_INIT(1u << 20);
	struct rc_gsm_odd odd;

	rc_gsm_smart(text, &again, &odd);
	if (!rc_slice_eq(text, rc_buf_slice(&again)))
		abort();
	rc_buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct rc_slice text = rc_slice_of(data, len), plain;
	struct rc_buf out = RC_BUF_INIT(1u << 20);
	struct rc_gsm_odd odd;

	if (!rc_utf8_valid(text))
		return 0;
	rc_gsm_smart(text, &out, &odd);
	plain = rc_buf_slice(&out);
	if (!rc_utf8_valid(plain) ||
	    rc_gsm_measure(plain).ucs2 != (odd.n > 0) ||
	    (odd.n > 0 && !rc_slice_eq(text, plain)))
		abort();
	check_urls(text, plain);
	check_again(plain);
	rc_buf_free(&out);
	return 0;
}
