/* URLs in any text: what is found is a URL, and what is escaped comes back. */
#include "text/url.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
demand(bool holds)
{
	if (!holds)
		abort();
}

static void
find_all(struct rc_slice text)
{
	struct rc_error e;
	struct rc_slice url;
	struct rc_url parts;
	size_t pos = 0, before = 0;

	while (rc_url_find(text, &pos, &url)) {
		demand(pos > before && pos <= text.len);
		demand(url.p + url.len == text.p + pos);
		demand(rc_url_parse(url, &parts, &e) == RC_OK);
		demand(parts.host.len > 0 && parts.port > 0);
		before = pos;
	}
}

static void
escape_and_back(struct rc_slice text)
{
	struct rc_buf there = RC_BUF_INIT(3 * text.len);
	struct rc_buf back = RC_BUF_INIT(text.len);

	rc_url_escape(&there, text);
	demand(rc_url_unescape(&back, rc_buf_slice(&there), true));
	demand(rc_slice_eq(rc_buf_slice(&back), text));
	rc_buf_free(&there);
	rc_buf_free(&back);
}

static void
read_form(struct rc_slice rest)
{
	struct rc_buf name = RC_BUF_INIT(1000), value = RC_BUF_INIT(1000);
	struct rc_error e;

	while (rc_form_next(&rest, &name, &value, &e) == RC_OK)
		continue;
	rc_buf_free(&name);
	rc_buf_free(&value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rc_slice text = {(const char *)data, len};
	struct rc_error e;
	struct rc_url url;

	if (rc_url_parse(text, &url, &e) == RC_OK)
		(void)rc_url_is_loopback(&url);
	find_all(text);
	escape_and_back(text);
	read_form(text);
	return 0;
}
