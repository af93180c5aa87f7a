#include "sys/s3_xml.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/url.h"

#include <expat.h>
#include <string.h>

#define DEPTH_MAX 8
#define NAME_MAX_LEN 32 /* bytes of an element's name that are compared */

/*
 * Elements of interest have texts alone, and lie one or two below the root:
 * IsTruncated, or Contents and Key.
 */
struct reader {
	XML_Parser xml;
	const char *root; /* what the document must be */
	unsigned depth;
	char name[3][NAME_MAX_LEN]; /* of the open elements, the root first */
	struct rc_buf text;
	void (*on_text)(struct reader *);  /* an element of interest ended */
	void (*on_group)(struct reader *); /* one below the root ended */
	enum rc_err err;
	struct rc_error *e;

	struct rc_s3_page *page;
	struct rc_s3_fault *fault;
	/* One entry of a listing. */
	struct rc_buf key, etag;
	bool has_key, has_size, has_nul;
	uint64_t size, modified_ms;
	rc_s3_fn *fn; /* NULL: only checked */
	void *arg;
};

static void
stop(struct reader *r, const char *why)
{
	if (r->err != RC_OK)
		return;
	r->err = rc_err_set(r->e, RC_EPROTO, "%s", why);
	XML_StopParser(r->xml, XML_FALSE);
}

static void
on_start(void *arg, const char *name, const char **attributes)
{
	struct reader *r = arg;

	(void)attributes;
	if (r->depth == 0 && strcmp(name, r->root) != 0) {
		stop(r, "the answer is not what S3 answers");
		return;
	}
	if (r->depth == DEPTH_MAX) {
		stop(r, "the answer nests its elements too deep");
		return;
	}
	if (r->depth < 3) {
		strncpy(r->name[r->depth], name, NAME_MAX_LEN - 1);
		r->name[r->depth][NAME_MAX_LEN - 1] = '\0';
	}
	r->depth++;
	rc_buf_reset(&r->text);
}

static void
on_characters(void *arg, const char *s, int n)
{
	struct reader *r = arg;

	if (r->depth < 2 || r->depth > 3)
		return;
	rc_buf_add(&r->text, s, (size_t)n);
	if (r->text.state == RC_BUF_FULL)
		stop(r, "the answer has a text that is too long");
	else if (r->text.state != RC_BUF_FINE && r->err == RC_OK)
		r->err = rc_err_nomem(r->e);
}

static void
on_end(void *arg, const char *name)
{
	struct reader *r = arg;

	(void)name;
	if (r->err == RC_OK && (r->depth == 2 || r->depth == 3))
		r->on_text(r);
	if (r->err == RC_OK && r->depth == 2 && r->on_group != NULL)
		r->on_group(r);
	r->depth--;
	rc_buf_reset(&r->text);
	if (r->err != RC_OK)
		XML_StopParser(r->xml, XML_FALSE);
}

/* Called before a declaration in it is read, so no entity is ever known. */
static void
on_doctype(void *arg, const char *name, const char *system, const char *public,
    int sub)
{
	(void)name, (void)system, (void)public, (void)sub;
	stop(arg, "the answer declares a document type, which S3 never does");
}

static enum rc_err
read_document(struct reader *r, struct rc_slice xml)
{
	enum XML_Status status;

	r->text = RC_BUF_INIT(RC_S3_TEXT_MAX);
	r->xml = XML_ParserCreate(NULL);
	if (r->xml == NULL)
		return rc_err_nomem(r->e);
	XML_SetUserData(r->xml, r);
	XML_SetElementHandler(r->xml, on_start, on_end);
	XML_SetCharacterDataHandler(r->xml, on_characters);
	XML_SetStartDoctypeDeclHandler(r->xml, on_doctype);
	status = XML_Parse(r->xml, xml.p, (int)xml.len, XML_TRUE);
	if (status != XML_STATUS_OK && r->err == RC_OK &&
	    XML_GetErrorCode(r->xml) == XML_ERROR_NO_MEMORY)
		r->err = rc_err_nomem(r->e);
	else if (status != XML_STATUS_OK && r->err == RC_OK)
		r->err = rc_err_set(r->e, RC_EPROTO,
		    "the answer is not XML: %s in line %lu",
		    XML_ErrorString(XML_GetErrorCode(r->xml)),
		    XML_GetCurrentLineNumber(r->xml));
	XML_ParserFree(r->xml);
	rc_buf_free(&r->text);
	return r->err;
}

/* --- a page --------------------------------------------------------------- */

static bool
is_at(const struct reader *r, const char *group, const char *name)
{
	if (name == NULL)
		return r->depth == 2 && strcmp(r->name[1], group) == 0;
	return r->depth == 3 && strcmp(r->name[1], group) == 0 &&
	       strcmp(r->name[2], name) == 0;
}

/* Amazon writes a space as '+', others as %20; all write a '+' as %2B. */
static void
take_key(struct reader *r)
{
	struct rc_slice text = rc_buf_slice(&r->text);

	rc_buf_reset(&r->key);
	if (!r->page->url_encoded)
		rc_buf_addv(&r->key, text);
	else if (!rc_url_unescape(&r->key, text, true) &&
		 r->key.state == RC_BUF_FINE)
		stop(r, "the listing has a name that is escaped wrongly");
	r->has_key = r->key.len > 0;
	r->has_nul = r->has_key && memchr(r->key.data, 0, r->key.len) != NULL;
}

static void
take_listing_text(struct reader *r)
{
	struct rc_slice text = rc_buf_slice(&r->text);
	struct rc_error ignored;

	if (is_at(r, "IsTruncated", NULL)) {
		r->page->truncated = rc_slice_is(rc_slice_trim(text), "true");
		r->page->end_told = r->page->truncated ||
				    rc_slice_is(rc_slice_trim(text), "false");
	} else if (is_at(r, "EncodingType", NULL)) {
		r->page->url_encoded = rc_slice_is(rc_slice_trim(text), "url");
	} else if (is_at(r, "NextContinuationToken", NULL)) {
		rc_buf_reset(&r->page->token);
		rc_buf_addv(&r->page->token, text);
	} else if (is_at(r, "Contents", "Key") ||
		   is_at(r, "CommonPrefixes", "Prefix")) {
		take_key(r);
	} else if (is_at(r, "Contents", "Size")) {
		r->has_size =
		    rc_num_u64(rc_slice_trim(text), UINT64_MAX, &r->size);
	} else if (is_at(r, "Contents", "ETag")) {
		rc_buf_reset(&r->etag);
		rc_buf_addv(&r->etag, text);
	} else if (is_at(r, "Contents", "LastModified") &&
		   rc_time_parse(rc_slice_trim(text), &r->modified_ms,
		       &ignored) != RC_OK) {
		r->modified_ms = 0;
	}
}

static void
deliver(struct reader *r, bool is_prefix)
{
	const struct rc_s3_object object = {.key = rc_buf_str(&r->key),
	    .is_prefix = is_prefix,
	    .size = r->size,
	    .etag = rc_buf_str(&r->etag),
	    .last_modified_ms = r->modified_ms};

	if (r->fn != NULL && !r->has_nul)
		r->err = r->fn(r->arg, &object, r->e);
}

static void
end_listing_group(struct reader *r)
{
	bool is_prefix = is_at(r, "CommonPrefixes", NULL);

	if (!is_prefix && !is_at(r, "Contents", NULL))
		return;
	if (r->key.state != RC_BUF_FINE || r->etag.state != RC_BUF_FINE)
		r->err = rc_err_nomem(r->e);
	else if (!r->has_key || (!is_prefix && !r->has_size))
		stop(r, "the listing has an entry without a name or a size");
	else
		deliver(r, is_prefix);
	r->has_key = r->has_size = false;
	r->size = r->modified_ms = 0;
	rc_buf_reset(&r->key);
	rc_buf_reset(&r->etag);
}

static enum rc_err
read_page(struct rc_slice xml, struct rc_s3_page *page, rc_s3_fn *fn, void *arg,
    struct rc_error *e)
{
	struct reader r = {.root = "ListBucketResult",
	    .on_text = take_listing_text,
	    .on_group = end_listing_group,
	    .page = page,
	    .fn = fn,
	    .arg = arg,
	    .e = e,
	    .key = RC_BUF_INIT(RC_S3_TEXT_MAX),
	    .etag = RC_BUF_INIT(RC_S3_TEXT_MAX)};
	enum rc_err err = read_document(&r, xml);

	rc_buf_free(&r.key);
	rc_buf_free(&r.etag);
	return err;
}

enum rc_err
rc_s3_page_scan(
    struct rc_slice xml, struct rc_s3_page *page, struct rc_error *e)
{
	enum rc_err err;

	page->truncated = page->end_told = page->url_encoded = false;
	rc_buf_reset(&page->token);
	err = read_page(xml, page, NULL, NULL, e);
	if (err == RC_OK)
		err = rc_buf_check(&page->token, "a listing's token", e);
	if (err == RC_OK &&
	    (!page->end_told || (page->truncated && page->token.len == 0)))
		err = rc_err_set(e, RC_EPROTO,
		    "the listing does not say whether or where it goes on: "
		    "the server does not know ListObjectsV2");
	return err;
}

enum rc_err
rc_s3_page_each(struct rc_slice xml, const struct rc_s3_page *page,
    rc_s3_fn *fn, void *arg, struct rc_error *e)
{
	/* The encoding may be told behind the names: the scan knows it. */
	struct rc_s3_page again = {.url_encoded = page->url_encoded,
	    .token = RC_BUF_INIT(RC_S3_TEXT_MAX)};
	enum rc_err err = read_page(xml, &again, fn, arg, e);

	rc_buf_free(&again.token);
	return err;
}

/* --- an error ------------------------------------------------------------- */

static void
copy_text(char *out, size_t room, struct rc_slice text)
{
	size_t n = text.len < room - 1 ? text.len : room - 1;

	memcpy(out, text.p, n);
	out[n] = '\0';
}

static void
take_fault_text(struct reader *r)
{
	struct rc_s3_fault *f = r->fault;
	struct rc_slice text = rc_slice_trim(rc_buf_slice(&r->text));

	if (is_at(r, "Code", NULL))
		copy_text(f->code, sizeof(f->code), text);
	else if (is_at(r, "Message", NULL))
		copy_text(f->message, sizeof(f->message), text);
	else if (is_at(r, "Region", NULL))
		copy_text(f->region, sizeof(f->region), text);
	else if (is_at(r, "Endpoint", NULL))
		copy_text(f->endpoint, sizeof(f->endpoint), text);
}

void
rc_s3_fault_read(struct rc_slice xml, struct rc_s3_fault *fault)
{
	struct rc_error ignored;
	struct reader r = {.root = "Error",
	    .on_text = take_fault_text,
	    .fault = fault,
	    .e = &ignored};

	*fault = (struct rc_s3_fault){.code = ""};
	(void)!read_document(&r, xml);
}
