#include "core/provider.h"

#include "base/num.h"
#include "text/url.h"

#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 1000	       /* of one form */
#define TEXT_MAX (1u << 20)    /* bytes that are signed */
#define SIGNATURE_MAX 32       /* bytes of a SHA-1 in base64, and more */
#define BODY_HASH "bodySHA256" /* query parameter of webhooks with JSON */

struct param {
	size_t name, name_len, value_len; /* offsets into the text */
};

struct form {
	struct rc_buf text;
	struct param param[PARAMS_MAX];
	size_t n;
};

static int
compare(const void *a, const void *b, void *arg)
{
	const struct param *p = a, *q = b;
	const char *text = arg;
	int c = rc_slice_cmp((struct rc_slice){text + p->name, p->name_len},
	    (struct rc_slice){text + q->name, q->name_len});

	if (c != 0)
		return c;
	return rc_slice_cmp(
	    (struct rc_slice){text + p->name + p->name_len, p->value_len},
	    (struct rc_slice){text + q->name + q->name_len, q->value_len});
}

/* Decodes a form into name and value, one behind the other. */
static enum rc_err
read_form(struct form *f, struct rc_slice body, struct rc_error *e)
{
	struct rc_buf name = RC_BUF_INIT(TEXT_MAX);
	struct rc_buf value = RC_BUF_INIT(TEXT_MAX);
	enum rc_err err;

	while ((err = rc_form_next(&body, &name, &value, e)) == RC_OK) {
		if (f->n == PARAMS_MAX) {
			err = rc_err_set(e, RC_EDATA,
			    "the form has more than %d parameters", PARAMS_MAX);
			break;
		}
		f->param[f->n++] =
		    (struct param){f->text.len, name.len, value.len};
		rc_buf_addv(&f->text, rc_buf_slice(&name));
		rc_buf_addv(&f->text, rc_buf_slice(&value));
	}
	rc_buf_free(&name);
	rc_buf_free(&value);
	if (err != RC_END)
		return err;
	return rc_buf_check(&f->text, "the form", e);
}

/* Names and values in order; one that repeats another counts once. */
static enum rc_err
add_params(struct rc_buf *text, struct rc_slice body, struct rc_error *e)
{
	struct form *f = calloc(1, sizeof(*f));
	enum rc_err err;

	if (f == NULL)
		return rc_err_nomem(e);
	f->text = RC_BUF_INIT(TEXT_MAX);
	err = read_form(f, body, e);
	if (err == RC_OK && f->n > 0) {
		char *base = f->text.data;

		qsort_r(f->param, f->n, sizeof(f->param[0]), compare, base);
		for (size_t i = 0; i < f->n; i++) {
			struct param *p = &f->param[i];

			if (i > 0 && compare(p - 1, p, base) == 0)
				continue;
			rc_buf_add(
			    text, base + p->name, p->name_len + p->value_len);
		}
		err = rc_buf_check(text, "the form", e);
	}
	rc_buf_free(&f->text);
	free(f);
	return err;
}

/* Whether the URL carries the body's hash: then the form is not signed. */
static bool
has_body_hash(const char *url)
{
	const char *p = strstr(url, BODY_HASH "=");

	return p != NULL && p > url && (p[-1] == '?' || p[-1] == '&');
}

enum rc_err
rc_twilio_sign(const char *auth_token, const char *url, struct rc_slice body,
    struct rc_buf *signature, struct rc_error *e)
{
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);
	unsigned char mac[20];
	enum rc_err err = RC_OK;

	rc_buf_adds(&text, url);
	if (!has_body_hash(url))
		err = add_params(&text, body, e);
	if (err == RC_OK)
		err = rc_buf_check(&text, "the signed text", e);
	if (err == RC_OK) {
		rc_hmac_sha1(
		    rc_slice_str(auth_token), rc_buf_slice(&text), mac);
		rc_base64(signature, rc_slice_of(mac, sizeof(mac)));
		err = rc_buf_check(signature, "the signature", e);
	}
	rc_buf_free(&text);
	return err;
}

/* The URL with its port left out or spelt out. */
static void
with_port(struct rc_buf *out, const char *url, bool port)
{
	struct rc_url u;
	struct rc_error ignored;
	const char *host_end;

	rc_buf_reset(out);
	if (rc_url_parse(rc_slice_str(url), &u, &ignored) != RC_OK) {
		rc_buf_adds(out, url);
		return;
	}
	host_end = u.host.p + u.host.len;
	if (*host_end == ']')
		host_end++;
	rc_buf_add(out, url, (size_t)(host_end - url));
	if (port)
		rc_buf_addf(out, ":%u", (unsigned)u.port);
	if (u.port_given)
		host_end += 1 + strspn(host_end + 1, "0123456789");
	rc_buf_adds(out, host_end);
}

static enum rc_err
matches(const char *token, const char *url, struct rc_slice body,
    struct rc_slice signature, bool *match, struct rc_error *e)
{
	struct rc_buf expected = RC_BUF_INIT(SIGNATURE_MAX);
	enum rc_err err = rc_twilio_sign(token, url, body, &expected, e);

	if (err == RC_OK && rc_equal_secret(rc_buf_slice(&expected), signature))
		*match = true;
	rc_buf_free(&expected);
	return err;
}

/* A body that is signed by its hash in the URL must have that hash. */
static bool
body_hash_fits(const char *url, struct rc_slice body)
{
	unsigned char digest[RC_SHA256_LEN], claimed[RC_SHA256_LEN];
	const char *hex = strstr(url, BODY_HASH "=");
	struct rc_slice text;

	if (!has_body_hash(url))
		return true;
	hex += sizeof(BODY_HASH);
	text = (struct rc_slice){hex, strcspn(hex, "&#")};
	rc_sha256(body, digest);
	return rc_unhex(text, claimed, sizeof(claimed)) &&
	       memcmp(digest, claimed, sizeof(digest)) == 0;
}

enum rc_err
rc_twilio_verify(const struct rc_channel *c, const char *url,
    struct rc_slice body, struct rc_slice signature, struct rc_error *e)
{
	struct rc_buf variant = RC_BUF_INIT(RC_URL_MAX + 8);
	bool match = false;
	enum rc_err err;

	if (c->auth_token == NULL)
		return rc_err_set(e, RC_ECONFIG,
		    "channel '%s' has no 'auth_token', which callbacks are "
		    "signed with",
		    c->name);
	err = matches(c->auth_token, url, body, signature, &match, e);
	for (int port = 0; port < 2 && err == RC_OK; port++) {
		with_port(&variant, url, port == 1);
		err = matches(c->auth_token, rc_buf_str(&variant), body,
		    signature, &match, e);
	}
	rc_buf_free(&variant);
	if (err != RC_OK)
		return err;
	if (match && body_hash_fits(url, body))
		return RC_OK;
	return rc_err_set(e, RC_EPERM,
	    "the callback's signature does not fit channel '%s'", c->name);
}
