#include "core/channel_priv.h"

#include "text/template.h"
#include "text/url.h"

#include <stdio.h>
#include <string.h>

static enum rc_err
value_of(
    void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	const struct rc_lookup_question *q = arg;

	if (rc_slice_is(name, RC_TEMPLATE_IDENTIFIER))
		rc_buf_adds(out, q->to);
	else if (rc_slice_is(name, RC_TEMPLATE_MESSAGE_ID))
		rc_buf_adds(out, q->message_id);
	else if (rc_slice_is(name, RC_TEMPLATE_CAMPAIGN))
		rc_buf_adds(out, q->campaign);
	else
		return rc_err_set(e, RC_EUSAGE,
		    "'lookup_url' is wrong: there is no ${%.*s}, only "
		    "${Message ID}, ${User identifier} and ${Campaign}",
		    (int)name.len, name.p);
	return RC_OK;
}

/* As a link, the whole of it is a URL, whose values are escaped. */
enum rc_err
rc_channel_lookup_template(
    const struct rc_channel *c, struct rc_template **out, struct rc_error *e)
{
	struct rc_buf source = RC_BUF_INIT(RC_TEMPLATE_MAX);
	enum rc_err err;

	rc_buf_addf(&source, "${link:%s}", c->lookup_url);
	err = rc_buf_check(&source, "lookup_url", e);
	if (err == RC_OK)
		err = rc_template_compile(
		    out, RC_TEMPLATE_TEXT, rc_buf_slice(&source), e);
	rc_buf_free(&source);
	return err;
}

enum rc_err
rc_channel_lookup_url(const struct rc_channel *c,
    const struct rc_lookup_question *q, struct rc_buf *out, struct rc_error *e)
{
	struct rc_lookup_question question = *q;
	const struct rc_template_vars vars = {
	    .lookup = value_of, .arg = &question};
	struct rc_template *t;
	enum rc_err err = rc_channel_lookup_template(c, &t, e);

	if (err != RC_OK)
		return err;
	err = rc_template_render(t, &vars, out, e);
	rc_template_free(t);
	return err;
}

/* Where credentials go is no matter of a value. */
static bool
varies_in_host(const char *url)
{
	const char *host = strstr(url, "://"), *value = strstr(url, "${");

	if (value == NULL)
		return false;
	return host == NULL || value < host + 3 + strcspn(host + 3, "/?#");
}

static enum rc_err
check_url(const char *text, bool private, struct rc_error *e)
{
	struct rc_url url;

	if (rc_url_parse(rc_slice_str(text), &url, e) != RC_OK)
		return e->code = RC_EUSAGE;
	if (url.userinfo.len > 0)
		return rc_err_set(e, RC_EUSAGE,
		    "'lookup_url' is wrong: it takes a URL without user and "
		    "password: put them into 'auth'");
	return rc_channel_check_private("lookup_url", text, private, e);
}

/* One answer for all would settle messages that nobody asked about. */
static enum rc_err
check_tells_apart(
    const struct rc_channel *c, const struct rc_buf *url, struct rc_error *e)
{
	const struct rc_lookup_question other = {"2", "1", "x"};
	struct rc_buf b = RC_BUF_INIT(RC_URL_MAX);
	enum rc_err err = rc_channel_lookup_url(c, &other, &b, e);

	if (err == RC_OK && rc_slice_eq(rc_buf_slice(url), rc_buf_slice(&b)))
		err = rc_err_set(e, RC_EUSAGE,
		    "'lookup_url' is wrong: it is the same for all messages "
		    "without ${Message ID} or ${User identifier}");
	rc_buf_free(&b);
	return err;
}

enum rc_err
rc_channel_check_lookup(
    const struct rc_channel *c, bool private, bool whole, struct rc_error *e)
{
	const struct rc_lookup_question q = {"1", "0", "x"};
	struct rc_buf url = RC_BUF_INIT(RC_URL_MAX);
	enum rc_err err;

	if (whole && c->lookup_url == NULL &&
	    (c->lookup_pointer != NULL || c->lookup_id_pointer != NULL))
		return rc_err_set(e, RC_EUSAGE,
		    "'lookup_pointer' and 'lookup_id_pointer' go with "
		    "'lookup_url'");
	if (c->lookup_url == NULL)
		return RC_OK;
	err = rc_channel_lookup_url(c, &q, &url, e);
	if (err == RC_EDATA) {
		rc_err_prefix(e, "'lookup_url' is wrong");
		err = e->code = RC_EUSAGE;
	}
	if (err == RC_OK && varies_in_host(c->lookup_url))
		err = rc_err_set(e, RC_EUSAGE,
		    "'lookup_url' is wrong: a variable decides where it leads");
	if (err == RC_OK)
		err = check_url(rc_buf_str(&url), private, e);
	if (err == RC_OK)
		err = check_tells_apart(c, &url, e);
	rc_buf_free(&url);
	return err;
}
