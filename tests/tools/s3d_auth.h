/*
 * Who asks: AWS Signature Version 4, worked out anew from the rules (Amazon
 * S3 API Reference, "Authenticating Requests: Using the Authorization
 * Header"), with nothing of the client's code.
 */
#ifndef S3D_AUTH_H
#define S3D_AUTH_H

#include "s3d_http.h"

#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <time.h>

#define EMPTY_SHA256                                                           \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SKEW_MAX_S 900
#define PARTS_MAX 64

struct signature { /* all of it points into text */
	char text[4096];
	const char *access_key, *date, *region, *service, *end;
	const char *names, *hex;
	char stamp[64], payload[128];
};

/* Cuts text at the next separator; NULL when there is none. */
static char *
cut(char **rest, const char *separator)
{
	char *p = *rest, *at = p == NULL ? NULL : strstr(p, separator);

	if (at == NULL)
		return NULL;
	*at = '\0';
	*rest = at + strlen(separator);
	return p;
}

static bool
read_authorization(struct signature *s, const struct request *r)
{
	char *p = s->text, *scope;

	header(r, "Authorization", s->text, sizeof(s->text));
	header(r, "x-amz-date", s->stamp, sizeof(s->stamp));
	header(r, "x-amz-content-sha256", s->payload, sizeof(s->payload));
	if (cut(&p, "AWS4-HMAC-SHA256 Credential=") == NULL)
		return false;
	scope = cut(&p, ", SignedHeaders=");
	s->access_key = cut(&scope, "/");
	s->date = cut(&scope, "/");
	s->region = cut(&scope, "/");
	s->service = cut(&scope, "/");
	s->end = scope;
	s->names = cut(&p, ", Signature=");
	s->hex = p;
	return s->access_key && s->date && s->region && s->service && s->names;
}

/* Unescaped and escaped again, which is what makes it canonical. */
static bool
add_canonical(struct rc_buf *out, struct rc_slice raw, bool slashes)
{
	struct rc_buf plain = RC_BUF_INIT(REQUEST_MAX);
	bool fine = rc_url_unescape(&plain, raw, false);

	for (size_t i = 0; fine && i < plain.len; i++) {
		if (slashes && plain.data[i] == '/')
			rc_buf_addc(out, '/');
		else
			rc_url_escape(out, rc_slice_of(&plain.data[i], 1));
	}
	rc_buf_free(&plain);
	return fine;
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
add_query(struct rc_buf *out, const char *query)
{
	char *part[PARTS_MAX];
	size_t n = 0;
	bool fine = true;

	while (*query != '\0' && n < PARTS_MAX) {
		size_t len = strcspn(query, "&"), name = strcspn(query, "=&");
		struct rc_buf b = RC_BUF_INIT(REQUEST_MAX);

		fine &= add_canonical(&b, rc_slice_of(query, name), false);
		rc_buf_addc(&b, '=');
		if (name < len)
			fine &= add_canonical(&b,
			    rc_slice_of(query + name + 1, len - name - 1),
			    false);
		part[n++] = b.data;
		query += len + (query[len] == '&');
	}
	qsort(part, n, sizeof(part[0]), compare_strings);
	for (size_t i = 0; i < n; i++) {
		rc_buf_addf(out, "%s%s", i > 0 ? "&" : "", part[i]);
		free(part[i]);
	}
	return fine;
}

/* Values trimmed, and runs of spaces within them made one. */
static void
add_headers(struct rc_buf *out, const struct request *r, const char *names)
{
	char name[128], value[4096];

	while (*names != '\0') {
		size_t len = strcspn(names, ";");

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		header(r, name, value, sizeof(value));
		rc_buf_addf(out, "%s:", name);
		for (const char *p = value; *p != '\0'; p++)
			if (*p != ' ' || (p[1] != ' ' && p[1] != '\0'))
				rc_buf_addc(out, *p);
		rc_buf_addc(out, '\n');
		names += len + (names[len] == ';');
	}
}

static void
hmac(unsigned char key[32], size_t key_len, const char *text)
{
	unsigned n = 32;
	unsigned char out[32];

	HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text,
	    strlen(text), out, &n);
	memcpy(key, out, sizeof(out));
}

/* As Amazon would sign this request, in hex. */
static bool
sign(const struct request *r, const struct signature *s, char hex[65])
{
	unsigned char key[256], digest[32];
	struct rc_buf b = RC_BUF_INIT(REQUEST_MAX);
	int n = snprintf((char *)key, sizeof(key), "AWS4%s", opt.secret_key);
	bool fine;

	rc_buf_addf(&b, "%s\n", r->method);
	fine = add_canonical(&b, rc_slice_str(r->path), true);
	rc_buf_addc(&b, '\n');
	fine &= add_query(&b, r->query);
	rc_buf_addc(&b, '\n');
	add_headers(&b, r, s->names);
	rc_buf_addf(&b, "\n%s\n%s", s->names, s->payload);
	SHA256((const unsigned char *)b.data, b.len, digest);
	rc_hex(digest, sizeof(digest), hex);
	rc_buf_reset(&b);
	rc_buf_addf(&b, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/%s\n%s", s->stamp,
	    s->date, s->region, s->service, s->end, hex);
	hmac(key, (size_t)n, s->date);
	hmac(key, 32, s->region);
	hmac(key, 32, s->service);
	hmac(key, 32, s->end);
	hmac(key, 32, rc_buf_str(&b));
	rc_hex(key, 32, hex);
	rc_buf_free(&b);
	return fine;
}

/* The host and each x-amz-… header must be among the signed ones. */
static bool
signs_enough(const struct request *r, const struct signature *s)
{
	char list[1024], name[128];

	snprintf(list, sizeof(list), ";%s;", s->names);
	if (strstr(list, ";host;") == NULL)
		return false;
	for (const char *p = r->headers; *p != '\0'; p += strlen(p) + 2) {
		if (strncasecmp(p, "x-amz-", 6) != 0)
			continue;
		snprintf(name, sizeof(name), ";%.*s;", (int)strcspn(p, ":"), p);
		if (strcasestr(list, name) == NULL)
			return false;
	}
	return true;
}

static bool
stamp_is_fresh(const struct signature *s)
{
	struct tm tm = {0};
	time_t now = time(NULL), then;

	if (strptime(s->stamp, "%Y%m%dT%H%M%SZ", &tm) == NULL ||
	    strncmp(s->stamp, s->date, 8) != 0)
		return false;
	then = timegm(&tm);
	return then > now - SKEW_MAX_S && then < now + SKEW_MAX_S;
}

static bool
deny(struct request *r, const char *status, const char *code,
    const char *message, const char *details)
{
	send_error(r, status, code, message, details, "");
	return false;
}

static bool
token_is_right(const struct request *r)
{
	char token[4096];

	header(r, "x-amz-security-token", token, sizeof(token));
	return strcmp(token, opt.session_token ? opt.session_token : "") == 0;
}

static bool
scope_is_right(struct request *r, const struct signature *s)
{
	char details[512];

	if (strcmp(s->access_key, opt.access_key) != 0) {
		snprintf(details, sizeof(details),
		    "<AWSAccessKeyId>%s</AWSAccessKeyId>", s->access_key);
		return deny(r, "403 Forbidden", "InvalidAccessKeyId",
		    "The AWS Access Key Id you provided does not exist in our "
		    "records.",
		    details);
	}
	if (strcmp(s->service, "s3") != 0 || strcmp(s->end, "aws4_request"))
		return deny(r, "400 Bad Request",
		    "AuthorizationHeaderMalformed", "incorrect service", "");
	if (strcmp(s->region, opt.region) == 0)
		return true;
	snprintf(details, sizeof(details), "<Region>%s</Region>", opt.region);
	return deny(r, "400 Bad Request", "AuthorizationHeaderMalformed",
	    "The authorization header is malformed; the region is wrong",
	    details);
}

/* False, and the request is answered: whoever asks may not. */
static bool
may_ask(struct request *r)
{
	struct signature s;
	char hex[65], details[512];

	header(r, "Authorization", s.text, sizeof(s.text));
	if (opt.anonymous && s.text[0] == '\0')
		return true;
	if (opt.basic != NULL && strcmp(s.text, opt.basic) == 0)
		return true;
	if (!read_authorization(&s, r))
		return deny(
		    r, "403 Forbidden", "AccessDenied", "Access Denied", "");
	if (!scope_is_right(r, &s))
		return false;
	if (!stamp_is_fresh(&s))
		return deny(r, "403 Forbidden", "RequestTimeTooSkewed",
		    "The difference between the request time and the current "
		    "time is too large.",
		    "");
	if (strcmp(s.payload, EMPTY_SHA256) != 0 &&
	    strcmp(s.payload, "UNSIGNED-PAYLOAD") != 0)
		return deny(r, "400 Bad Request", "XAmzContentSHA256Mismatch",
		    "The provided 'x-amz-content-sha256' header does not match "
		    "what was computed.",
		    "");
	if (!signs_enough(r, &s))
		return deny(r, "403 Forbidden", "AccessDenied",
		    "There were headers present in the request which were not "
		    "signed",
		    "");
	snprintf(details, sizeof(details),
	    "<AWSAccessKeyId>%s</AWSAccessKeyId>", s.access_key);
	if (!sign(r, &s, hex) || strcmp(hex, s.hex) != 0)
		return deny(r, "403 Forbidden", "SignatureDoesNotMatch",
		    "The request signature we calculated does not match the "
		    "signature you provided. Check your key and signing "
		    "method.",
		    details);
	if (!token_is_right(r))
		return deny(r, "400 Bad Request", "InvalidToken",
		    "The provided token is malformed or otherwise invalid.",
		    "");
	return true;
}

#endif
