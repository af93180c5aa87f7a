/*
 * Any bytes as a reply.  Case and the white space around a text say nothing,
 * and whatever stands before it, a plain demand at the end is seen.
 */
#include "text/reply.h"

#include <ctype.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void
check_spaces(struct rc_slice text, enum rc_reply want)
{
	struct rc_buf b = RC_BUF_INIT(text.len + 10);

	rc_buf_adds(&b, " \r\n");
	rc_buf_addv(&b, text);
	rc_buf_adds(&b, "\t ");
	if (rc_reply_classify(rc_buf_slice(&b)) != want)
		abort();
	rc_buf_free(&b);
}

static void
check_case(struct rc_slice text, enum rc_reply want)
{
	struct rc_buf b = RC_BUF_INIT(text.len + 1);
	enum rc_reply got;

	for (size_t i = 0; i < text.len; i++)
		rc_buf_addc(&b, (char)toupper((unsigned char)text.p[i]));
	got = rc_reply_classify(rc_buf_slice(&b));
	/* But what a phone makes of a reaction is known by its case. */
	if (got != want && want != RC_REPLY_OTHER)
		abort();
	rc_buf_free(&b);
}

static void
check_demand(struct rc_slice text)
{
	struct rc_buf b = RC_BUF_INIT(text.len + 30);

	rc_buf_addv(&b, text);
	rc_buf_adds(&b, ". Unsubscribe me");
	if (rc_reply_classify(rc_buf_slice(&b)) != RC_REPLY_REVIEW)
		abort();
	rc_buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct rc_slice text = rc_slice_of(data, len);
	enum rc_reply reply = rc_reply_classify(text);

	check_spaces(text, reply);
	check_case(text, reply);
	check_demand(text);
	return 0;
}
