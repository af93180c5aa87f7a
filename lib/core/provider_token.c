#include "core/provider_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/url.h"

#include <string.h>

#define GRANT "client_credentials"
#define ASSUMED_LIFE_MS 300000 /* when "expires_in" is missing */
#define LIFE_MAX_S (365ULL * 86400)
#define MARGIN_MS 60000

void
rc_token_free(struct rc_token *token)
{
	rc_wipe(&token->value);
	rc_buf_free(&token->value);
}

static const char *
or_mask(const char *secret)
{
	return secret == NULL ? RC_MASK : secret;
}

/* Id and secret are form-encoded before base64 (RFC 6749, 2.3.1). */
static enum rc_err
add_basic(const struct rc_channel *c, struct rc_provider_request *r,
    struct rc_error *e)
{
	struct rc_buf pair = RC_BUF_INIT((size_t)RC_SECRET_MAX * 6);
	enum rc_err err;

	rc_url_escape(&pair, rc_slice_str(c->client_id));
	rc_buf_addc(&pair, ':');
	rc_url_escape(&pair, rc_slice_str(or_mask(c->client_secret)));
	err = rc_buf_check(&pair, "the credentials", e);
	rc_buf_adds(&r->authorization, "Basic ");
	rc_base64(&r->authorization, rc_buf_slice(&pair));
	rc_provider_header(
	    r, "Authorization", rc_buf_str(&r->authorization), true);
	rc_wipe(&pair);
	rc_buf_free(&pair);
	return err;
}

static const char *
param_value(const struct rc_channel_header *param)
{
	return or_mask(param->value);
}

/* Some servers have a grant of their own with the same parameters. */
static bool
names_grant(const struct rc_channel *c)
{
	for (size_t i = 0; i < c->ntoken_params; i++)
		if (strcmp(c->token_params[i].name, "grant_type") == 0)
			return true;
	return false;
}

static void
jw_pair(struct rc_json_writer *jw, const char *key, const char *value)
{
	rc_jw_key(jw, key);
	rc_jw_cstr(jw, value);
}

static enum rc_err
write_json(const struct rc_channel *c, struct rc_buf *out, struct rc_error *e)
{
	struct rc_json_writer jw = rc_json_writer_start(out);

	rc_jw_object(&jw);
	if (!names_grant(c))
		jw_pair(&jw, "grant_type", GRANT);
	jw_pair(&jw, c->client_id_key, c->client_id);
	jw_pair(&jw, c->client_secret_key, or_mask(c->client_secret));
	if (c->scope != NULL)
		jw_pair(&jw, "scope", c->scope);
	for (size_t i = 0; i < c->ntoken_params; i++)
		jw_pair(&jw, c->token_params[i].name,
		    param_value(&c->token_params[i]));
	rc_jw_end(&jw);
	return rc_jw_finish(&jw, e);
}

static void
write_form(const struct rc_channel *c, struct rc_buf *out)
{
	if (!names_grant(c))
		rc_form_add(out, "grant_type", RC_SLICE_LIT(GRANT));
	if (c->scope != NULL)
		rc_form_add(out, "scope", rc_slice_str(c->scope));
	for (size_t i = 0; i < c->ntoken_params; i++)
		rc_form_add(out, c->token_params[i].name,
		    rc_slice_str(param_value(&c->token_params[i])));
	if (c->style != RC_OAUTH_FORM)
		return;
	rc_form_add(out, c->client_id_key, rc_slice_str(c->client_id));
	rc_form_add(
	    out, c->client_secret_key, rc_slice_str(or_mask(c->client_secret)));
}

enum rc_err
rc_token_build(const struct rc_channel *c, struct rc_provider_request *r,
    struct rc_error *e)
{
	bool json = c->style == RC_OAUTH_JSON;
	enum rc_err err = RC_OK;

	rc_provider_begin(r, "POST");
	rc_buf_adds(&r->url, c->token_url);
	rc_provider_header(r, "Content-Type",
	    json ? "application/json" : "application/x-www-form-urlencoded",
	    false);
	rc_provider_headers(r, c->token_headers, c->ntoken_headers);
	if (json)
		err = write_json(c, &r->body, e);
	else
		write_form(c, &r->body);
	if (c->style == RC_OAUTH_BASIC)
		err = add_basic(c, r, e);
	if (c->style == RC_OAUTH_HEADER) {
		rc_provider_header(r, c->client_id_key, c->client_id, false);
		rc_provider_header(
		    r, c->client_secret_key, c->client_secret, true);
	}
	return err == RC_OK ? rc_provider_finish(r, e) : err;
}

/* A URL's query may hold what is nobody's business. */
static int
shown_len(const struct rc_channel *c)
{
	return (int)strcspn(c->token_url, "?#");
}

static enum rc_err
nonsense(const struct rc_channel *c, const char *what, struct rc_error *e)
{
	return rc_err_set(e, RC_EPROTO,
	    "'%.*s' spoke nonsense when asked for an access token: %s",
	    shown_len(c), c->token_url, what);
}

/* {"error":"invalid_client","error_description":"…"} (RFC 6749, 5.2) */
static enum rc_err
refused(const struct rc_channel *c, const struct rc_http_response *response,
    enum rc_err code, struct rc_error *e)
{
	struct rc_json *json = rc_response_json(response);
	const struct rc_json_value *root =
	    json == NULL ? NULL : rc_json_root(json);
	struct rc_slice error = rc_json_str(rc_json_get(root, "error"));
	struct rc_slice why =
	    rc_json_str(rc_json_get(root, "error_description"));

	rc_err_set(e, code,
	    "'%.*s' gave no access token: HTTP %d%s%.*s%s%.*s%s", shown_len(c),
	    c->token_url, response->status, error.len > 0 ? ", " : "",
	    (int)(error.len > 60 ? 60 : error.len),
	    error.len > 0 ? error.p : "", why.len > 0 ? ", " : "",
	    (int)(why.len > 120 ? 120 : why.len), why.len > 0 ? why.p : "",
	    code == RC_EPERM ? "; check client id, secret and style" : "");
	rc_json_free(json);
	rc_provider_mask(c, NULL, e->msg, strlen(e->msg));
	return code;
}

static enum rc_err
check_status(const struct rc_channel *c,
    const struct rc_http_response *response, struct rc_error *e)
{
	int status = response->status;

	if (response->outcome != RC_HTTP_ANSWERED)
		return rc_err_set(e, RC_EUNAVAIL,
		    "cannot get an access token from '%.*s': %s", shown_len(c),
		    c->token_url, response->error);
	if (status >= 200 && status < 300)
		return RC_OK;
	if (status == 400 || status == 401 || status == 403)
		return refused(c, response, RC_EPERM, e);
	if (status == 429 || status >= 500)
		return refused(c, response, RC_EUNAVAIL, e);
	return refused(c, response, RC_EPROTO, e);
}

/* RFC 6750, 2.1: what may stand behind "Bearer". */
static bool
is_token(struct rc_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.len > 0 && s.len <= RC_SECRET_MAX;
}

/* "expires_in" in seconds: a number, a string, or missing. */
static uint64_t
life_ms(const struct rc_json_value *root)
{
	const struct rc_json_value *v = rc_json_get(root, "expires_in");
	struct rc_buf text = RC_BUF_INIT(32);
	double seconds;
	bool fine;

	rc_json_to_text(v, &text);
	fine = rc_num_double(rc_buf_slice(&text), &seconds);
	rc_buf_free(&text);
	if (!fine)
		return ASSUMED_LIFE_MS;
	if (seconds > (double)LIFE_MAX_S)
		seconds = (double)LIFE_MAX_S;
	return (uint64_t)(seconds * 1000);
}

static uint64_t
use_ms(uint64_t life)
{
	if (life < 2 * (uint64_t)MARGIN_MS)
		return life / 2;
	if (life / 10 > MARGIN_MS)
		return life - life / 10;
	return life - MARGIN_MS;
}

static enum rc_err
read_token(const struct rc_channel *c, const struct rc_json_value *root,
    uint64_t now_ms, struct rc_token *token, struct rc_error *e)
{
	struct rc_slice value = rc_json_str(rc_json_get(root, "access_token"));
	const struct rc_json_value *type = rc_json_get(root, "token_type");

	if (root == NULL)
		return nonsense(c, "the answer is no JSON", e);
	if (!is_token(value))
		return nonsense(c, "no usable 'access_token'", e);
	/* Some servers leave the type out: Bearer is the only one there is. */
	if (rc_json_type(type) == RC_JSON_STRING &&
	    !rc_slice_is_nocase(rc_json_str(type), "bearer"))
		return nonsense(c, "'token_type' is not Bearer", e);
	rc_token_free(token);
	token->value = RC_BUF_INIT(RC_SECRET_MAX);
	rc_buf_addv(&token->value, value);
	token->expires_ms = now_ms + use_ms(life_ms(root));
	return rc_buf_check(&token->value, "the access token", e);
}

enum rc_err
rc_token_read(const struct rc_channel *c,
    const struct rc_http_response *response, uint64_t now_ms,
    struct rc_token *token, struct rc_error *e)
{
	enum rc_err err = check_status(c, response, e);
	struct rc_json *json;

	if (err != RC_OK)
		return err;
	/* It may have lived since it was asked for. */
	now_ms -= response->duration_us / 1000;
	json = rc_response_json(response);
	err = read_token(
	    c, json == NULL ? NULL : rc_json_root(json), now_ms, token, e);
	rc_json_free(json);
	return err;
}

enum rc_err
rc_token_fetch(struct rc_http *http, const struct rc_channel *c,
    struct rc_token *token, struct rc_error *e)
{
	struct rc_provider_request request;
	struct rc_http_response response;
	struct rc_buf body = RC_BUF_INIT(RC_HTTP_BODY_MAX + 4096);
	enum rc_err err;

	rc_provider_request_init(&request);
	err = rc_token_build(c, &request, e);
	if (err == RC_OK)
		err = rc_http_call(http, &request.http, &response, &body, e);
	if (err == RC_OK)
		err = rc_token_read(c, &response, rc_clock_now_ms(), token, e);
	rc_provider_request_free(&request);
	rc_wipe(&body);
	rc_buf_free(&body);
	return err;
}
