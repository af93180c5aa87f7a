/* What a bucket's server answers: a page that is read has names and an end. */
#include "sys/s3_xml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
demand(bool holds)
{
	if (!holds)
		abort();
}

static enum rc_err
check_object(void *arg, const struct rc_s3_object *o, struct rc_error *e)
{
	size_t *entries = arg;

	(void)e;
	demand(o->key[0] != '\0' && strlen(o->key) <= RC_S3_TEXT_MAX);
	demand(strlen(o->etag) <= RC_S3_TEXT_MAX);
	++*entries;
	return *entries == 100 ? RC_END : RC_OK;
}

static void
read_page(struct rc_slice text)
{
	struct rc_s3_page page = {.token = RC_BUF_INIT(RC_S3_TEXT_MAX)};
	size_t entries = 0;
	struct rc_error e;
	enum rc_err err = rc_s3_page_scan(text, &page, &e);

	demand(err == RC_OK || err == RC_EPROTO);
	if (err == RC_OK) {
		demand(!page.truncated || page.token.len > 0);
		err = rc_s3_page_each(text, &page, check_object, &entries, &e);
		/* Names before the word that they are escaped. */
		demand(err == RC_OK || err == RC_END || err == RC_EPROTO);
	}
	rc_buf_free(&page.token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rc_slice text = {(const char *)data, len};
	struct rc_s3_fault fault;

	read_page(text);
	rc_s3_fault_read(text, &fault);
	demand(strlen(fault.code) < sizeof(fault.code));
	demand(strlen(fault.message) < sizeof(fault.message));
	return 0;
}
