#include "job/sandbox_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/url.h"

#include <string.h>

#define CREDENTIAL_MAX 1024
#define CLAIM_LEN 16			 /* number and end, 8 bytes each */
#define TOKEN_LEN (2 * (CLAIM_LEN + 20)) /* and HMAC-SHA1, all in hex */

#define INFOBIP_PATH "/auth/1/oauth2/token" /* names no type of token */

/* What a client says of itself, in whichever of the four ways. */
struct client {
	struct rc_buf id, secret, grant;
};

/* Names in use; a header cannot always be called what a field is. */
static const char *const ID_NAMES[] = {
    "client_id", "clientId", "client-id", "X-Client-Id"};
static const char *const SECRET_NAMES[] = {
    "client_secret", "clientSecret", "client-secret", "X-Client-Secret"};
#define NAMES (sizeof(ID_NAMES) / sizeof(ID_NAMES[0]))

static void
put(struct rc_buf *out, struct rc_slice value)
{
	rc_buf_reset(out);
	rc_buf_addv(out, value);
}

static void
take_field(struct client *c, struct rc_slice name, struct rc_slice value)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (rc_slice_is(name, ID_NAMES[i]))
			put(&c->id, value);
		if (rc_slice_is(name, SECRET_NAMES[i]))
			put(&c->secret, value);
	}
	if (rc_slice_is(name, "grant_type"))
		put(&c->grant, value);
}

static void
read_form(struct rc_sandbox *s, struct rc_slice body, struct client *c)
{
	struct rc_error e;

	while (rc_form_next(&body, &s->name, &s->value, &e) == RC_OK)
		take_field(c, rc_buf_slice(&s->name), rc_buf_slice(&s->value));
	rc_wipe(&s->value);
}

static void
read_json(struct rc_slice body, struct client *c)
{
	struct rc_json *document;
	struct rc_error e;

	if (rc_json_parse(&document, body, &e) != RC_OK)
		return;
	for (const struct rc_json_value *v =
		 rc_json_first(rc_json_root(document));
	     v != NULL; v = rc_json_next(v))
		take_field(c, rc_json_key(v), rc_json_str(v));
	rc_json_free(document);
}

static void
read_headers(const struct rc_httpd_request *r, struct client *c)
{
	for (size_t i = 0; i < NAMES; i++) {
		struct rc_slice id = rc_httpd_header(r, ID_NAMES[i]);
		struct rc_slice secret = rc_httpd_header(r, SECRET_NAMES[i]);

		if (id.len > 0)
			put(&c->id, id);
		if (secret.len > 0)
			put(&c->secret, secret);
	}
}

/* Both halves are form-urlencoded before base64 (RFC 6749, 2.3.1). */
static void
read_basic(const struct rc_httpd_request *r, struct client *c)
{
	struct rc_slice header = rc_httpd_header(r, "Authorization");
	struct rc_buf plain = RC_BUF_INIT(CREDENTIAL_MAX);
	struct rc_slice both;
	const char *colon;
	size_t n;

	if (header.len < 6 || strncasecmp(header.p, "Basic ", 6) != 0)
		return;
	header.p += 6;
	header.len -= 6;
	if (!rc_unbase64(&plain, header))
		goto out;
	both = rc_buf_slice(&plain);
	colon = memchr(both.p, ':', both.len);
	if (colon == NULL)
		goto out;
	n = (size_t)(colon - both.p);
	rc_buf_reset(&c->id);
	rc_buf_reset(&c->secret);
	if (!rc_url_unescape(&c->id, (struct rc_slice){both.p, n}, true) ||
	    !rc_url_unescape(&c->secret,
		(struct rc_slice){colon + 1, both.len - n - 1}, true))
		rc_buf_reset(&c->id);
out:
	rc_wipe(&plain);
	rc_buf_free(&plain);
}

static void
read_client(
    struct rc_sandbox *s, const struct rc_httpd_request *r, struct client *c)
{
	struct rc_slice body = rc_slice_trim(rc_httpd_body(r));

	c->id = c->secret = c->grant = RC_BUF_INIT(CREDENTIAL_MAX);
	if (body.len > 0 && body.p[0] == '{')
		read_json(body, c);
	else
		read_form(s, body, c);
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
issue(struct rc_sandbox *s, struct rc_httpd_request *r,
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
	} else if (!is_known(s, &c)) {
		refuse(s, a, 401, "invalid_client", NULL);
	} else if (!rc_slice_is(rc_buf_slice(&c.grant), "client_credentials")) {
		refuse(s, a, 400, "unsupported_grant_type", NULL);
	} else {
		issue(s, r, a, &luck);
	}
	free_client(&c);
	rc_sandbox_spoil(&luck, a);
}
