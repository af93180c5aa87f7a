/* What is read can be written, and what was written reads as the same. */
#include "text/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static enum rc_err
rewrite(struct rc_slice text, struct rc_buf *out)
{
	struct rc_json *doc;
	struct rc_json_writer w = rc_json_writer_start(out);
	struct rc_error e;
	enum rc_err r = rc_json_parse(&doc, text, &e);

	/* Memory is not short here: then cJSON refused what is sound. */
	if (r == RC_EAGAIN)
		abort();
	if (r != RC_OK)
		return r;
	rc_jw_value(&w, rc_json_root(doc));
	(void)rc_json_pointer(rc_json_root(doc), "/a/0/~01");
	if (rc_jw_finish(&w, &e) != RC_OK)
		abort();
	rc_json_free(doc);
	return RC_OK;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct rc_slice text = {(const char *)data, len};
	struct rc_buf once = RC_BUF_INIT(RC_JSON_MAX);
	struct rc_buf twice = RC_BUF_INIT(RC_JSON_MAX);

	if (rewrite(text, &once) == RC_OK) {
		if (!rc_utf8_valid(rc_buf_slice(&once)) ||
		    rewrite(rc_buf_slice(&once), &twice) != RC_OK ||
		    !rc_slice_eq(rc_buf_slice(&once), rc_buf_slice(&twice)))
			abort();
	}
	rc_buf_free(&once);
	rc_buf_free(&twice);
	return 0;
}
