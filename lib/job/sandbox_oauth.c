#include "job/sandbox_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/url.h"

#include <ctype.h>
#include <string.h>

#define CREDENTIAL_MAX 1024
#define CLAIM_LEN 16			 /* number and end, 8 bytes each */
#define TOKEN_LEN (2 * (CLAIM_LEN + 20)) /* and HMAC-SHA1, all in hex */

#define INFOBIP_PATH "/auth/1/oauth2/token" /* names no type of token */

/* What a client says of itself, in one of the four ways. */
struct client {
	struct rc_buf id, secret, grant;
	struct rc_buf params; /* whatever else: name, NUL, value, NUL */
	const char *style;    /* how it came; NULL: not at all */
	bool broken;	      /* what no server has to understand */
};

/* Names in use; a header cannot always be called what a field is. */
static const char *const ID_NAMES[] = {
    "client_id", "clientId", "client-id", "X-Client-Id"};
static const char *const SECRET_NAMES[] = {
    "client_secret", "clientSecret", "client-secret", "X-Client-Secret"};
#define NAMES (sizeof(ID_NAMES) / sizeof(ID_NAMES[0]))

/* Nothing comes twice, nor credentials in two ways (RFC 6749, 2.3, 3.2). */
static void
put(struct client *c, struct rc_buf *out, struct rc_slice value,
    const char *style)
{
	if (out->len > 0)
		c->broken = true;
	if (style != NULL && c->style != NULL && strcmp(c->style, style) != 0)
		c->broken = true;
	if (style != NULL)
		c->style = style;
	rc_buf_reset(out);
	rc_buf_addv(out, value);
}

static void
put_param(struct client *c, struct rc_slice name, struct rc_slice value)
{
	if (memchr(name.p, '\0', name.len) != NULL ||
	    memchr(value.p, '\0', value.len) != NULL) {
		c->broken = true;
		return;
	}
	rc_buf_addv(&c->params, name);
	rc_buf_addc(&c->params, '\0');
	rc_buf_addv(&c->params, value);
	rc_buf_addc(&c->params, '\0');
}

static void
take_field(struct client *c, struct rc_slice name, struct rc_slice value,
    const char *style)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (rc_slice_is(name, ID_NAMES[i])) {
			put(c, &c->id, value, style);
			return;
		}
		if (rc_slice_is(name, SECRET_NAMES[i])) {
			put(c, &c->secret, value, style);
			return;
		}
	}
	if (rc_slice_is(name, "grant_type"))
		put(c, &c->grant, value, NULL);
	else
		put_param(c, name, value);
}

/* What a form leaves as it is, and what it makes of the rest. */
static bool
is_form_text(struct rc_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.p[i]) &&
		    memchr("-._~*+%&=", s.p[i], 9) == NULL)
			return false;
	return true;
}

static void
read_form(struct rc_sandbox *s, struct rc_slice body, struct client *c)
{
	struct rc_error e;
	enum rc_err err;

	if (!is_form_text(body))
		c->broken = true;
	while ((err = rc_form_next(&body, &s->name, &s->value, &e)) == RC_OK)
		take_field(
		    c, rc_buf_slice(&s->name), rc_buf_slice(&s->value), "form");
	if (err != RC_END)
		c->broken = true;
	rc_wipe(&s->value);
}

static void
read_json(struct rc_slice body, struct client *c)
{
	const struct rc_json_value *v;
	struct rc_json *document;
	struct rc_error e;

	if (rc_json_parse(&document, body, &e) != RC_OK) {
		c->broken = true;
		return;
	}
	for (v = rc_json_first(rc_json_root(document)); v != NULL;
	     v = rc_json_next(v)) {
		if (rc_json_type(v) != RC_JSON_STRING)
			c->broken = true;
		take_field(c, rc_json_key(v), rc_json_str(v), "json");
	}
	rc_json_free(document);
}

static void
read_headers(const struct rc_httpd_request *r, struct client *c)
{
	for (size_t i = 0; i < NAMES; i++) {
		struct rc_slice id = rc_httpd_header(r, ID_NAMES[i]);
		struct rc_slice secret = rc_httpd_header(r, SECRET_NAMES[i]);

		if (id.len > 0)
			put(c, &c->id, id, "header");
		if (secret.len > 0)
			put(c, &c->secret, secret, "header");
	}
}

/* Both halves are form-urlencoded before base64 (RFC 6749, 2.3.1). */
static void
read_basic(const struct rc_httpd_request *r, struct client *c)
{
	struct rc_slice header = rc_httpd_header(r, "Authorization"), both;
	struct rc_slice id, secret;
	struct rc_buf plain = RC_BUF_INIT(CREDENTIAL_MAX);
	struct rc_buf value = RC_BUF_INIT(CREDENTIAL_MAX);
	const char *colon = NULL;

	if (header.len == 0)
		return;
	c->broken |= header.len < 6 || strncasecmp(header.p, "Basic ", 6) != 0;
	if (!c->broken &&
	    rc_unbase64(&plain, rc_slice_of(header.p + 6, header.len - 6)))
		colon = memchr(plain.data, ':', plain.len);
	both = rc_buf_slice(&plain);
	c->broken |= colon == NULL;
	if (colon != NULL) {
		id = rc_slice_of(both.p, (size_t)(colon - both.p));
		secret = rc_slice_of(colon + 1, both.len - id.len - 1);
		c->broken |= !is_form_text(id) || !is_form_text(secret) ||
			     !rc_url_unescape(&value, id, true);
		put(c, &c->id, rc_buf_slice(&value), "basic");
		rc_buf_reset(&value);
		c->broken |= !rc_url_unescape(&value, secret, true);
		put(c, &c->secret, rc_buf_slice(&value), "basic");
	}
	rc_wipe(&plain);
	rc_wipe(&value);
	rc_buf_free(&plain);
	rc_buf_free(&value);
}

static void
read_client(
    struct rc_sandbox *s, const struct rc_httpd_request *r, struct client *c)
{
	struct rc_slice body = rc_httpd_body(r);
	struct rc_slice type = rc_httpd_header(r, "Content-Type");

	*c = (struct client){.params = RC_BUF_INIT(RC_HTTPD_BODY_MAX)};
	c->id = c->secret = c->grant = RC_BUF_INIT(CREDENTIAL_MAX);
	if (rc_slice_is(type, "application/json"))
		read_json(body, c);
	else if (rc_slice_is(type, "application/x-www-form-urlencoded"))
		read_form(s, body, c);
	else
		c->broken = true;
	read_headers(r, c);
	read_basic(r, c);
}

static void
free_client(struct client *c)
{
	rc_wipe(&c->id);
	rc_wipe(&c->secret);
	rc_buf_free(&c->id);
	rc_buf_free(&c->secret);
	rc_buf_free(&c->grant);
	rc_wipe(&c->params);
	rc_buf_free(&c->params);
}

static bool
is_known(const struct rc_sandbox *s, const struct client *c)
{
	bool id = rc_equal_secret(
	    rc_buf_slice(&c->id), rc_slice_str(s->cfg.client_id));
	bool secret = rc_equal_secret(
	    rc_buf_slice(&c->secret), rc_slice_str(s->cfg.client_secret));

	return id && secret;
}

/* --- tokens --------------------------------------------------------------- */

/* A token carries its own end, signed: nothing has to be kept. */
static void
sign_claim(const struct rc_sandbox *s, const unsigned char claim[CLAIM_LEN],
    char token[TOKEN_LEN + 1])
{
	unsigned char mac[20];

	rc_hmac_sha1(rc_slice_of(s->secret, sizeof(s->secret)),
	    rc_slice_of(claim, CLAIM_LEN), mac);
	rc_hex(claim, CLAIM_LEN, token);
	rc_hex(mac, sizeof(mac), token + 2 * CLAIM_LEN);
}

bool
rc_sandbox_token_valid(
    const struct rc_sandbox *s, const struct rc_httpd_request *r)
{
	struct rc_slice header = rc_httpd_header(r, "Authorization");
	unsigned char claim[CLAIM_LEN];
	char token[TOKEN_LEN + 1];

	if (header.len != 7 + TOKEN_LEN ||
	    strncasecmp(header.p, "Bearer ", 7) != 0)
		return false;
	header.p += 7;
	header.len -= 7;
	if (!rc_unhex((struct rc_slice){header.p, (size_t)2 * CLAIM_LEN}, claim,
		CLAIM_LEN))
		return false;
	sign_claim(s, claim, token);
	return rc_equal_secret(header, (struct rc_slice){token, TOKEN_LEN}) &&
	       rc_get64(claim + 8) > rc_clock_mono_us();
}

static void
refuse(struct rc_sandbox *s, struct rc_sandbox_answer *a, int status,
    const char *error, const char *fault)
{
	rc_sandbox_record(s, &(struct rc_sandbox_event){.event = "refused",
				 .channel = "oauth",
				 .code = (unsigned)status,
				 .fault = fault});
	rc_buf_reset(&a->body);
	rc_buf_addf(&a->body, "{\"error\":\"%s\"}", error);
	a->reply.status = status;
	if (status == 401) {
		a->reply.extra_name = "WWW-Authenticate";
		a->reply.extra_value = "Basic realm=\"sandbox\"";
	}
}

bool
rc_sandbox_is_token_path(struct rc_slice path)
{
	return rc_slice_is(path, "/oauth/token") ||
	       rc_slice_is(path, INFOBIP_PATH);
}

static void
issue(struct rc_sandbox *s, struct rc_httpd_request *r, const struct client *c,
    struct rc_sandbox_answer *a, const struct rc_sandbox_luck *luck)
{
	unsigned char claim[CLAIM_LEN];
	char token[TOKEN_LEN + 1];

	rc_put64(claim, ++s->nids);
	rc_put64(claim + 8, rc_clock_mono_us() + s->cfg.token_ttl_s * 1000000);
	sign_claim(s, claim, token);
	rc_buf_addf(&a->body, "{\"access_token\":\"%s\",%s\"expires_in\":%llu}",
	    token,
	    rc_slice_is(rc_httpd_path(r), INFOBIP_PATH)
		? ""
		: "\"token_type\":\"Bearer\",",
	    (unsigned long long)s->cfg.token_ttl_s);
	rc_sandbox_record(s, &(struct rc_sandbox_event){.event = "token",
				 .style = c->style,
				 .params = rc_buf_slice(&c->params),
				 .fault = rc_sandbox_fault_name(luck)});
}

void
rc_sandbox_token(struct rc_sandbox *s, struct rc_httpd_request *r,
    struct rc_sandbox_answer *a)
{
	struct rc_sandbox_luck luck;
	struct client c;

	if (!rc_slice_is(rc_httpd_method(r), "POST")) {
		refuse(s, a, 405, "invalid_request", NULL);
		return;
	}
	luck = rc_sandbox_try(s, RC_PLACE_TOKEN, a);
	read_client(s, r, &c);
	if (luck.status != NULL) {
		refuse(s, a, (int)rc_sandbox_fault_status(luck.status),
		    "temporarily_unavailable", "status");
		rc_sandbox_retry_after(a, luck.status);
	} else if (c.broken) {
		refuse(s, a, 400, "invalid_request", NULL);
	} else if (!is_known(s, &c)) {
		refuse(s, a, 401, "invalid_client", NULL);
	} else if (!rc_slice_is(rc_buf_slice(&c.grant), "client_credentials")) {
		refuse(s, a, 400, "unsupported_grant_type", NULL);
	} else {
		issue(s, r, &c, a, &luck);
	}
	free_client(&c);
	rc_sandbox_spoil(&luck, a);
}
