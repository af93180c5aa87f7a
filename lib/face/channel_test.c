#include "face/channel_test.h"

#include "core/consent.h"
#include "face/exchange.h"
#include "text/json.h"
#include "text/template.h"

#include <string.h>

#define MESSAGE "This is a test message."
#define DOCUMENT "{\"to\":\"${User identifier}\",\"text\":\"${Message text}\"}"

enum rc_err
rc_channel_http(
    const struct rc_channel *c, struct rc_http **out, struct rc_error *e)
{
	struct rc_http_config config = {.concurrency = 1, .cacert = c->cacert};

	return rc_http_open(out, &config, e);
}

/* One test under way. */
struct test {
	struct rc_cli *cli;
	const struct rc_channel *channel;
	struct rc_http *http;
	struct rc_token token;
	struct rc_provider_request request;
	struct rc_http_response response;
	struct rc_buf body, rendered;
	struct rc_ident to;
	struct rc_result result;
};

static enum rc_err
lookup(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	const struct test *t = arg;

	(void)e;
	if (rc_slice_is(name, RC_TEMPLATE_IDENTIFIER))
		rc_buf_adds(out, t->to.text);
	else if (rc_slice_is(name, RC_TEMPLATE_MESSAGE))
		rc_buf_adds(out, MESSAGE);
	else if (rc_slice_is(name, RC_TEMPLATE_MESSAGE_ID) ||
		 rc_slice_is(name, RC_TEMPLATE_CAMPAIGN))
		rc_buf_adds(out, "test");
	else
		return RC_NOTFOUND;
	return RC_OK;
}

/* Without it a test would go to whom the document names, and prove nothing. */
static enum rc_err
check_recipient(const struct rc_template *template, struct rc_error *e)
{
	struct rc_slice name;

	for (size_t i = 0; (name = rc_template_var(template, i)).len > 0; i++)
		if (rc_slice_is(name, RC_TEMPLATE_IDENTIFIER))
			return RC_OK;
	return rc_err_set(e, RC_EDATA,
	    "the payload names no recipient: put ${User identifier} where the "
	    "recipient belongs");
}

static enum rc_err
render(struct test *t, const char *payload, struct rc_error *e)
{
	bool json = rc_channel_is_json(t->channel);
	struct rc_template_vars vars = {.lookup = lookup, .arg = t};
	struct rc_template *template = NULL;
	struct rc_buf source = RC_BUF_INIT(RC_TEMPLATE_MAX);
	enum rc_err err = RC_OK;

	if (payload != NULL)
		err = rc_cli_read_template(payload, &source, e);
	else
		rc_buf_adds(&source, json ? DOCUMENT : "${Message text}");
	if (err == RC_OK)
		err = rc_template_compile(&template,
		    json ? RC_TEMPLATE_JSON : RC_TEMPLATE_TEXT,
		    rc_buf_slice(&source), e);
	if (err == RC_OK && payload != NULL &&
	    t->channel->provider == RC_PROVIDER_HTTP)
		err = check_recipient(template, e);
	if (err == RC_OK)
		err = rc_template_render(template, &vars, &t->rendered, e);
	rc_template_free(template);
	rc_buf_free(&source);
	return err;
}

/* Of a channel that is not kept yet nothing but the suppressions is known. */
static enum rc_err
refuse_if_out(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct test *t = arg;
	struct rc_consent_view view;
	struct rc_consent consent = {0};
	enum rc_err err = rc_consent_open(
	    &view, txn, t->channel->number, t->channel->identifier, e);

	if (err != RC_OK)
		return err;
	err = rc_consent_of(&view, &t->to, &consent, NULL, e);
	rc_consent_close(&view);
	if (err == RC_OK && consent.state == RC_CONSENT_OUT)
		return rc_err_set(e, RC_EDATA,
		    "'%s' has opted out, and a test is a message too",
		    t->to.text);
	return err;
}

/* Sends what was built and judges the answer, which is going to be shown. */
static enum rc_err
call(struct test *t, struct rc_error *e)
{
	enum rc_err err =
	    rc_http_call(t->http, &t->request.http, &t->response, &t->body, e);

	if (err != RC_OK)
		return err;
	rc_provider_mask(t->channel,
	    t->token.value.len > 0 ? rc_buf_str(&t->token.value) : NULL,
	    t->body.data, t->response.body.len);
	rc_provider_judge(t->channel, &t->response, &t->result);
	return RC_OK;
}

static enum rc_err
exchange(struct test *t, struct rc_error *e)
{
	struct rc_exchange x = {&t->request.http, &t->response, &t->result};
	enum rc_err err = call(t, e);

	if (err != RC_OK)
		return err;
	return rc_exchange_show(&t->cli->out, &x, e);
}

static enum rc_err
show_request(struct test *t, struct rc_error *e)
{
	struct rc_exchange x = {.request = &t->request.http};

	return rc_exchange_show(&t->cli->out, &x, e);
}

/* A channel that is not kept yet has no number, and no kept token. */
static bool
is_kept(const struct test *t)
{
	return t->channel->number != 0;
}

static enum rc_err
get_token(struct test *t, bool fresh, struct rc_error *e)
{
	if (!is_kept(t))
		return rc_token_fetch(t->http, t->channel, &t->token, e);
	return rc_token_get(
	    t->cli->state, t->http, t->channel, fresh, &t->token, e);
}

static enum rc_err
send_once(struct test *t, bool fresh, struct rc_error *e)
{
	bool oauth2 = t->channel->auth == RC_AUTH_OAUTH2;
	bool dry_run = t->cli->dry_run;
	enum rc_err err = RC_OK;

	if (oauth2 && !dry_run)
		err = get_token(t, fresh, e);
	if (err == RC_OK)
		err = rc_provider_build(t->channel, t->to.text,
		    rc_buf_slice(&t->rendered), NULL,
		    oauth2 && !dry_run ? rc_buf_str(&t->token.value) : NULL,
		    &t->request, e);
	if (err != RC_OK)
		return err;
	return dry_run ? show_request(t, e) : exchange(t, e);
}

static enum rc_err
test_message(
    struct test *t, const char *to, const char *payload, struct rc_error *e)
{
	struct rc_exchange x = {&t->request.http, &t->response, &t->result};
	enum rc_err err;

	err =
	    rc_ident_parse(t->channel->identifier, rc_slice_str(to), &t->to, e);
	if (err == RC_OK)
		err = render(t, payload, e);
	if (err == RC_OK && t->cli->state != NULL)
		err = rc_store_read(t->cli->state->store, refuse_if_out, t, e);
	if (err == RC_OK)
		err = send_once(t, false, e);
	/* A 401 was not processed: a new token may be tried, once. */
	if (err == RC_OK && t->result.verdict == RC_V_TOKEN)
		err = send_once(t, true, e);
	if (err != RC_OK || t->cli->dry_run)
		return err;
	if (t->result.verdict == RC_V_ACCEPTED &&
	    strncmp(t->response.content_type, "text/html", 9) == 0)
		rc_log(&t->cli->log, RC_LOG_WARN,
		    "the answer is a web page, and its status alone was "
		    "judged: is 'url' right?");
	return rc_exchange_outcome(&x, e);
}

static enum rc_err
show_token(struct test *t, struct rc_error *e)
{
	struct rc_out *out = &t->cli->out;

	rc_out_begin(out);
	rc_out_cstr(out, "verdict", "access token granted");
	rc_out_time(out, "refresh_at", t->token.expires_ms);
	return rc_out_end(out, e);
}

/* A web server that knows nothing of Twilio may well say 200 to everything. */
static bool
lists_messages(const struct test *t)
{
	struct rc_json *doc = NULL;
	struct rc_error unused;
	bool lists;

	lists = t->response.status == 200 &&
		rc_json_parse(&doc, t->response.body, &unused) == RC_OK &&
		rc_json_get(rc_json_root(doc), "messages") != NULL;
	rc_json_free(doc);
	return lists;
}

/* The answer lists messages: it has no id. */
static enum rc_err
check_account(struct test *t, struct rc_error *e)
{
	struct rc_exchange x = {&t->request.http, &t->response, &t->result};
	enum rc_err err = call(t, e);

	if (err != RC_OK)
		return err;
	if (t->response.outcome == RC_HTTP_ANSWERED && lists_messages(t))
		t->result = (struct rc_result){.verdict = RC_V_ACCEPTED};
	err = rc_exchange_show(&t->cli->out, &x, e);
	if (err == RC_OK && t->result.verdict == RC_V_UNKNOWN)
		return rc_err_set(e, RC_EPROTO,
		    "what answers at 'base_url' is not Twilio: it lists no "
		    "messages");
	return err == RC_OK ? rc_exchange_outcome(&x, e) : err;
}

static enum rc_err
test_credentials(struct test *t, struct rc_error *e)
{
	enum rc_err err;

	if (t->channel->auth == RC_AUTH_OAUTH2) {
		err = get_token(t, true, e);
		return err == RC_OK ? show_token(t, e) : err;
	}
	err = rc_provider_build_check(t->channel, &t->request, e);
	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_EUSAGE,
		    "channel '%s' can only be tested with a message: give "
		    "--to ID",
		    t->channel->name);
	return err == RC_OK ? check_account(t, e) : err;
}

enum rc_err
rc_channel_test(struct rc_cli *cli, const struct rc_channel *channel,
    const char *to, const char *payload, struct rc_error *e)
{
	struct test t = {.cli = cli,
	    .channel = channel,
	    .body = RC_BUF_INIT(RC_HTTP_BODY_MAX + 4096),
	    .rendered = RC_BUF_INIT((size_t)RC_TEMPLATE_MAX * 2)};
	enum rc_err err;

	rc_provider_request_init(&t.request);
	err = rc_channel_http(channel, &t.http, e);
	if (err == RC_OK)
		err = to == NULL ? test_credentials(&t, e)
				 : test_message(&t, to, payload, e);
	rc_http_close(t.http);
	rc_token_free(&t.token);
	rc_provider_request_free(&t.request);
	rc_buf_free(&t.body);
	rc_buf_free(&t.rendered);
	return err;
}
