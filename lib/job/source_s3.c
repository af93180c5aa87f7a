#include "job/source_priv.h"

#include "sys/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bucket {
	struct rc_source_stream stream;
	struct rc_s3_config config;
	struct rc_s3 *s3;
	char *name, *prefix; /* the prefix is empty or ends in a slash */
	struct rc_folders folders;
	char *key, *etag; /* of the list */
	bool found;
};

static void
close_bucket(struct rc_source *s)
{
	struct bucket *b = (struct bucket *)s;

	rc_source_stream_close(&b->stream);
	rc_s3_close(b->s3);
	rc_folders_close(&b->folders);
	free(b->name);
	free(b->prefix);
	free(b->key);
	free(b->etag);
}

static const struct rc_source_kind kind = {
    .read = rc_source_stream_read,
    .finish = rc_source_stream_finish,
    .close = close_bucket,
};

/* --- the list ------------------------------------------------------------ */

/* An ETag is the MD5 unless the store has encrypted with a key of its user. */
static void
want_digests(struct rc_source_stream *s, const struct rc_http_head *head)
{
	const char *by =
	    rc_http_stream_header(s->stream, "x-amz-server-side-encryption");
	const char *customer = rc_http_stream_header(
	    s->stream, "x-amz-server-side-encryption-customer-algorithm");

	rc_digest_want(&s->digest, RC_DIGEST_BASE64_SHA256,
	    rc_http_stream_header(s->stream, "x-amz-checksum-sha256"));
	if (strncmp(by, "aws:kms", 7) != 0 && *customer == '\0')
		rc_digest_want(&s->digest, RC_DIGEST_ETAG, head->etag);
}

static enum rc_err
rename_source(struct bucket *b, struct rc_error *e)
{
	char *name;

	if (asprintf(&name, "s3://%s/%s", b->name, b->key) < 0)
		return rc_err_nomem(e);
	free(b->stream.source.name);
	b->stream.source.name = name;
	return RC_OK;
}

static enum rc_err
get(struct bucket *b, struct rc_error *e)
{
	const struct rc_http_head *head;
	enum rc_err err = rename_source(b, e);

	if (err != RC_OK)
		return err;
	err = rc_s3_get(b->s3, b->key, b->etag, &b->stream.stream, &head, e);
	if (err != RC_OK)
		return err;
	want_digests(&b->stream, head);
	err = rc_source_stream_start(&b->stream, head, e);
	return err == RC_OK ? RC_OK
			    : rc_err_prefix(e, "'%s'", b->stream.source.name);
}

/* --- folders ------------------------------------------------------------- */

static enum rc_err
take_folder(void *arg, const struct rc_s3_object *o, struct rc_error *e)
{
	struct bucket *b = arg;
	size_t front = strlen(b->prefix), len = strlen(o->key);

	if (!o->is_prefix || len <= front + 1)
		return RC_OK;
	return rc_folders_add(
	    &b->folders, rc_slice_of(o->key + front, len - front - 1), e);
}

/* The first one whose key begins with the list's is the list, or none is. */
static enum rc_err
take_list(void *arg, const struct rc_s3_object *o, struct rc_error *e)
{
	struct bucket *b = arg;

	b->found = strcmp(o->key, b->key) == 0;
	if (!b->found)
		return RC_END;
	b->stream.announced = o->size;
	b->etag = *o->etag == '\0' ? NULL : strdup(o->etag);
	return b->etag == NULL && *o->etag != '\0' ? rc_err_nomem(e) : RC_END;
}

static enum rc_err
open_folder(
    void *arg, const char *folder, struct rc_source **out, struct rc_error *e)
{
	struct bucket *b = arg;
	enum rc_err err;

	(void)out; /* it is this one already */
	free(b->key);
	if (asprintf(&b->key, "%s%s/%s", b->prefix, folder, RC_FOLDER_FILE) <
	    0) {
		b->key = NULL;
		return rc_err_nomem(e);
	}
	err = rc_s3_list(b->s3, b->key, NULL, take_list, b, e);
	if (err != RC_OK && err != RC_END)
		return err;
	return b->found ? get(b, e) : RC_NOTFOUND;
}

static enum rc_err
open_newest(struct bucket *b, struct rc_source **out,
    const struct rc_source_config *config, struct rc_error *e)
{
	const char *endpoint = config->endpoint == NULL ? "" : config->endpoint;
	int len = (int)strlen(b->prefix), end = (int)strlen(endpoint);
	enum rc_err err;
	char *feed;

	while (end > 0 && endpoint[end - 1] == '/')
		end--;
	if (asprintf(&feed, "s3://%s%s%.*s%s%.*s", b->name, len > 0 ? "/" : "",
		len > 0 ? len - 1 : 0, b->prefix, end > 0 ? " " : "", end,
		endpoint) < 0)
		return rc_err_nomem(e);
	err = rc_folders_open(&b->folders, config, feed, e);
	if (err == RC_OK)
		err = rc_s3_list(b->s3, b->prefix, "/", take_folder, b, e);
	if (err == RC_OK)
		err = rc_folders_pick(&b->folders, out, open_folder, b, e);
	free(feed);
	return err;
}

/* --- the whole ----------------------------------------------------------- */

/* Splits the address: a key that ends in ".csv" is the list itself. */
static enum rc_err
take_address(struct bucket *b, const char *where, struct rc_error *e)
{
	struct rc_slice bucket, prefix;
	enum rc_err err = rc_s3_parse(where, &bucket, &prefix, e);

	if (err != RC_OK)
		return e->code = RC_EUSAGE;
	b->name = strndup(bucket.p, bucket.len);
	if (prefix.len > 4 &&
	    strncmp(prefix.p + prefix.len - 4, ".csv", 4) == 0) {
		b->key = strndup(prefix.p, prefix.len);
		return b->name == NULL || b->key == NULL ? rc_err_nomem(e)
							 : RC_OK;
	}
	while (prefix.len > 0 && prefix.p[prefix.len - 1] == '/')
		prefix.len--;
	if (asprintf(&b->prefix, "%.*s%s", (int)prefix.len, prefix.p,
		prefix.len > 0 ? "/" : "") < 0)
		b->prefix = NULL;
	return b->name == NULL || b->prefix == NULL ? rc_err_nomem(e) : RC_OK;
}

static void
take_config(struct bucket *b, const struct rc_source_config *c)
{
	b->config = (struct rc_s3_config){.endpoint = c->endpoint,
	    .region = c->region,
	    .access_key = c->access_key,
	    .secret_key = c->secret_key,
	    .session_token = c->session_token,
	    .cacert = c->cacert,
	    .path_style =
		c->addressing == RC_ADDRESSING_PATH ||
		(c->addressing == RC_ADDRESSING_AUTO && c->endpoint != NULL),
	    .log = c->log};
}

enum rc_err
rc_source_s3_open(struct rc_source **out, const struct rc_source_config *config,
    struct rc_error *e)
{
	struct bucket *b = rc_source_new(&kind, sizeof(*b), config->where);
	enum rc_err err;

	if (b == NULL)
		return rc_err_nomem(e);
	*out = &b->stream.source;
	b->stream.announced = UINT64_MAX;
	take_config(b, config);
	err = take_address(b, config->where, e);
	if (err == RC_OK)
		err = rc_s3_open(&b->s3, &b->config, b->name, e);
	if (err == RC_EDATA) /* the bucket's name, or the endpoint */
		return e->code = RC_EUSAGE;
	if (err != RC_OK)
		return err;
	return b->key != NULL ? get(b, e) : open_newest(b, out, config, e);
}
