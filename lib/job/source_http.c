#include "job/source_priv.h"

#include "text/url.h"

#include <string.h>

struct web {
	struct rc_source_stream stream;
	struct rc_http *http;
};

static void
close_web(struct rc_source *s)
{
	struct web *w = (struct web *)s;

	rc_source_stream_close(&w->stream);
	rc_http_close(w->http);
}

static const struct rc_source_kind kind = {
    .read = rc_source_stream_read,
    .finish = rc_source_stream_finish,
    .close = close_web,
};

static enum rc_err
refuse_redirect(const struct web *w, int status, struct rc_error *e)
{
	const char *to = rc_http_stream_header(w->stream.stream, "Location");

	return rc_err_set(e, RC_EPROTO,
	    "the server answers %d, a redirect to '%.*s', which is not "
	    "followed: name the right address",
	    status, (int)strcspn(to, "?#"), to);
}

static enum rc_err
check_status(const struct web *w, int status, bool named, struct rc_error *e)
{
	if (status == 200)
		return RC_OK;
	if (status >= 300 && status <= 399)
		return refuse_redirect(w, status, e);
	if (status == 401 || status == 403 || status == 407)
		return rc_err_set(e, RC_EPERM,
		    named ? "the server answers %d: it wants other credentials "
			    "than it was given"
			  : "the server answers %d: it wants credentials, "
			    "--access-key and --secret-key",
		    status);
	if (status == 404 || status == 410)
		return rc_err_set(e, RC_ENOINPUT,
		    "the server answers %d: no such list", status);
	if (status == 408 || status == 429 || status >= 500)
		return rc_err_set(e, RC_EUNAVAIL,
		    "the server answers %d: try again later", status);
	return rc_err_set(
	    e, RC_EPROTO, "the server answers %d, which is no list", status);
}

static enum rc_err
request(
    struct web *w, const struct rc_source_config *config, struct rc_error *e)
{
	struct rc_http_config http = {
	    .concurrency = 1, .cacert = config->cacert};
	struct rc_http_request get = {.method = "GET",
	    .url = config->where,
	    .user = config->access_key,
	    .password = config->secret_key};
	const struct rc_http_head *head;
	enum rc_err err = rc_http_open(&w->http, &http, e);

	if (err == RC_OK)
		err = rc_http_stream_open(
		    &w->stream.stream, w->http, &get, &head, e);
	if (err == RC_OK)
		err = check_status(w, head->status, get.user != NULL, e);
	if (err == RC_OK)
		err = rc_source_stream_start(&w->stream, head, e);
	return err;
}

static enum rc_err
check_config(const struct rc_source_config *config, struct rc_error *e)
{
	struct rc_url url;
	enum rc_err err = rc_url_parse(rc_slice_str(config->where), &url, e);

	if (err != RC_OK)
		return e->code = RC_EUSAGE;
	if (url.userinfo.len > 0)
		return rc_err_set(e, RC_EUSAGE,
		    "the address holds user and password, which everybody can "
		    "read: use --access-key and --secret-key");
	if ((config->access_key == NULL) != (config->secret_key == NULL))
		return rc_err_set(e, RC_EUSAGE,
		    "--access-key and --secret-key go together: user and "
		    "password");
	return RC_OK;
}

enum rc_err
rc_source_http_open(struct rc_source **out,
    const struct rc_source_config *config, struct rc_error *e)
{
	enum rc_err err = check_config(config, e);
	struct rc_buf shown;
	struct web *w;

	if (err != RC_OK)
		return err;
	err = rc_source_shown(config->where, &shown, e);
	if (err != RC_OK)
		return err;
	w = rc_source_new(&kind, sizeof(*w), rc_buf_str(&shown));
	rc_buf_free(&shown);
	if (w == NULL)
		return rc_err_nomem(e);
	*out = &w->stream.source;
	w->stream.announced = UINT64_MAX;
	err = request(w, config, e);
	return err == RC_OK ? RC_OK
			    : rc_err_prefix(e, "'%s'", w->stream.source.name);
}
