#include "sys/s3_priv.h"

#include "sys/s3_xml.h"
#include "text/url.h"

static void
add_parameter(
    struct rc_buf *b, char before, const char *name, const char *value)
{
	rc_buf_addc(b, before);
	rc_buf_adds(b, name);
	rc_buf_addc(b, '=');
	rc_url_escape(b, rc_slice_str(value));
}

/* Its parameters are in order, each with '=', as the signature wants them. */
static enum rc_err
write_list_url(struct rc_s3 *s, const char *prefix, const char *delimiter,
    const struct rc_buf *token, struct rc_error *e)
{
	enum rc_err err = rc_s3_write_url(s, NULL, e);
	char before = '?';

	if (err != RC_OK)
		return err;
	if (token->len > 0) {
		add_parameter(
		    &s->url, before, "continuation-token", rc_buf_str(token));
		before = '&';
	}
	if (delimiter != NULL) {
		add_parameter(&s->url, before, "delimiter", delimiter);
		before = '&';
	}
	add_parameter(&s->url, before, "encoding-type", "url");
	add_parameter(&s->url, '&', "list-type", "2");
	add_parameter(&s->url, '&', "prefix", prefix);
	return rc_buf_check(&s->url, "a listing's URL", e);
}

/* The whole page first: one that breaks off is asked for again. */
static enum rc_err
fetch_once(struct rc_s3 *s, struct rc_error *e)
{
	struct rc_http_stream *stream;
	const struct rc_http_head *head;
	enum rc_err err = rc_s3_ask(s, NULL, NULL, &stream, &head, e);

	if (err != RC_OK)
		return err;
	rc_buf_reset(&s->page);
	err = rc_s3_read_all(stream, &s->page, e);
	rc_http_stream_close(stream);
	if (err != RC_OK)
		return err;
	if (s->page.state == RC_BUF_FULL)
		return rc_err_set(e, RC_EPROTO,
		    "a page of the listing is larger than %u bytes",
		    RC_S3_PAGE_MAX);
	return rc_buf_check(&s->page, "a page of the listing", e);
}

static enum rc_err
fetch_page(struct rc_s3 *s, struct rc_error *e)
{
	unsigned tries = 0;
	enum rc_err err;

	do
		err = fetch_once(s, e);
	while (rc_s3_try_again(s, &tries, err, e));
	return err;
}

static enum rc_err
read_page(struct rc_s3 *s, struct rc_s3_page *page, struct rc_error *e)
{
	enum rc_err err = rc_s3_page_scan(rc_buf_slice(&s->page), page, e);

	if (err != RC_OK)
		return rc_err_prefix(e, "bucket '%s'", rc_buf_str(&s->bucket));
	return RC_OK;
}

static enum rc_err
list_pages(struct rc_s3 *s, const char *prefix, const char *delimiter,
    rc_s3_fn *fn, void *arg, struct rc_s3_page *page, struct rc_error *e)
{
	struct rc_buf asked = RC_BUF_INIT(RC_S3_TEXT_MAX);
	enum rc_err err = RC_OK;
	unsigned n = 0;

	page->truncated = true;
	while (err == RC_OK && page->truncated) {
		rc_buf_reset(&asked);
		rc_buf_addv(&asked, rc_buf_slice(&page->token));
		err = rc_buf_check(&asked, "a listing's token", e);
		if (err == RC_OK)
			err = write_list_url(s, prefix, delimiter, &asked, e);
		if (err == RC_OK)
			err = fetch_page(s, e);
		if (err == RC_OK)
			err = read_page(s, page, e);
		if (err == RC_OK)
			err = rc_s3_page_each(
			    rc_buf_slice(&s->page), page, fn, arg, e);
		if (err == RC_OK && page->truncated &&
		    (++n == s->config.max_pages ||
			rc_slice_eq(
			    rc_buf_slice(&asked), rc_buf_slice(&page->token))))
			err = rc_err_set(e, RC_EPROTO,
			    "the listing of bucket '%s' does not end, after %u "
			    "pages",
			    rc_buf_str(&s->bucket), n);
	}
	rc_buf_free(&asked);
	return err;
}

enum rc_err
rc_s3_list(struct rc_s3 *s, const char *prefix, const char *delimiter,
    rc_s3_fn *fn, void *arg, struct rc_error *e)
{
	struct rc_s3_page page = {.token = RC_BUF_INIT(RC_S3_TEXT_MAX)};
	enum rc_err err = list_pages(s, prefix, delimiter, fn, arg, &page, e);

	rc_buf_free(&page.token);
	return err;
}
