#include "text/url.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define QUOTED_MAX 100 /* bytes of a URL shown in a message */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_unreserved(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

/*
 * White space and controls would end a header line, quotes and angle brackets
 * an HTML attribute, and browsers read a backslash as a slash.
 */
static bool
is_odd(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f || c == '"' || c == '<' ||
	       c == '>' || c == '\\';
}

/* A password before an '@', or a token after a '?', stays out of messages. */
static enum rc_err
refuse(struct rc_error *e, struct rc_slice text, const char *why)
{
	const char *query = memchr(text.p, '?', text.len);
	size_t len = query == NULL ? text.len : (size_t)(query - text.p);

	if (len > QUOTED_MAX)
		len = QUOTED_MAX;
	if (memchr(text.p, '@', text.len) != NULL)
		return rc_err_set(e, RC_EDATA, "not a usable URL: %s", why);
	return rc_err_set(e, RC_EDATA, "'%.*s%s' is not a usable URL: %s",
	    (int)len, text.p, len < text.len ? "..." : "", why);
}

size_t
rc_url_scheme_len(struct rc_slice text)
{
	if (text.len >= 8 && strncasecmp(text.p, "https://", 8) == 0)
		return 8;
	if (text.len >= 7 && strncasecmp(text.p, "http://", 7) == 0)
		return 7;
	return 0;
}

static struct rc_slice
take(struct rc_slice *rest, size_t n)
{
	struct rc_slice head = {rest->p, n};

	rest->p += n;
	rest->len -= n;
	return head;
}

/* Bytes before the first of the characters in stop. */
static size_t
span_to(struct rc_slice s, const char *stop)
{
	size_t i = 0;

	while (i < s.len && (s.p[i] == '\0' || !strchr(stop, s.p[i])))
		i++;
	return i;
}

static bool
inet_is(int family, struct rc_slice host, void *address)
{
	char text[INET6_ADDRSTRLEN];

	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.p, host.len);
	text[host.len] = '\0';
	return inet_pton(family, text, address) == 1;
}

/* Escapes are refused: two readers might disagree on what host they name. */
static bool
name_is_fine(struct rc_slice host)
{
	size_t i;

	for (i = 0; i < host.len; i++)
		if (!is_letter(host.p[i]) && !is_digit(host.p[i]) &&
		    host.p[i] != '-' && host.p[i] != '.' && host.p[i] != '_' &&
		    (host.p[i] & 0x80) == 0)
			return false;
	return host.len > 0 && host.p[0] != '.';
}

/* Takes the host from the front of "host[:port]"; false when it is none. */
static bool
take_host(struct rc_slice *rest, struct rc_slice *host)
{
	struct in6_addr address;
	size_t n;

	if (rest->len == 0 || rest->p[0] != '[') {
		*host = take(rest, span_to(*rest, ":"));
		return name_is_fine(*host);
	}
	take(rest, 1);
	n = span_to(*rest, "]");
	if (n == rest->len)
		return false;
	*host = take(rest, n);
	take(rest, 1);
	return inet_is(AF_INET6, *host, &address);
}

/* rest is empty or ":port"; an empty port is the scheme's own. */
static bool
take_port(struct rc_slice rest, struct rc_url *url)
{
	uint64_t port;

	url->port = url->https ? 443 : 80;
	if (rest.len == 0)
		return true;
	if (rest.p[0] != ':')
		return false;
	take(&rest, 1);
	if (rest.len == 0)
		return true;
	if (!rc_num_u64(rest, UINT16_MAX, &port) || port == 0)
		return false;
	url->port = (uint16_t)port;
	url->port_given = true;
	return true;
}

static size_t
userinfo_len(struct rc_slice authority)
{
	const char *at = memrchr(authority.p, '@', authority.len);

	return at == NULL ? 0 : (size_t)(at - authority.p) + 1;
}

enum rc_err
rc_url_parse(struct rc_slice text, struct rc_url *url, struct rc_error *e)
{
	struct rc_slice rest = text, authority;
	size_t i, n = rc_url_scheme_len(text);

	*url = (struct rc_url){.https = n == 8};
	if (n == 0)
		return refuse(
		    e, text, "it must begin with http:// or https://");
	if (text.len > RC_URL_MAX)
		return refuse(e, text, "it is longer than 2048 bytes");
	for (i = 0; i < text.len; i++)
		if (is_odd(text.p[i]))
			return refuse(e, text,
			    "write spaces, quotes, <, > and \\ as %HH");
	take(&rest, n);
	authority = take(&rest, span_to(rest, "/?#"));
	n = userinfo_len(authority);
	if (n > 0) {
		url->userinfo = take(&authority, n);
		url->userinfo.len--;
	}
	if (!take_host(&authority, &url->host))
		return refuse(e, text, "its host is missing or malformed");
	if (!take_port(authority, url))
		return refuse(e, text, "its port is not 1 to 65535");
	url->path = take(&rest, span_to(rest, "?#"));
	if (rest.len > 0 && rest.p[0] == '?') {
		take(&rest, 1);
		url->query = take(&rest, span_to(rest, "#"));
	}
	return RC_OK;
}

/* RFC 6761, section 6.3; libcurl asks nobody for such a name. */
static bool
is_under_localhost(struct rc_slice host)
{
	static const char tail[] = ".localhost";
	size_t n = sizeof(tail) - 1;

	return host.len > n &&
	       rc_slice_is_nocase(rc_slice_of(host.p + host.len - n, n), tail);
}

bool
rc_url_is_loopback(const struct rc_url *url)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_is(AF_INET, url->host, &v4))
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_is(AF_INET6, url->host, &v6))
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return rc_slice_is_nocase(url->host, "localhost") ||
	       is_under_localhost(url->host);
}

/* --- in running text ------------------------------------------------------ */

/*
 * Bytes of the character at the front of a text when it can be part of a URL;
 * 0 when it ends one.  Letters of the alphabets below U+2000 are written in
 * URLs as they are; typographic marks, ideographs and emoji are text around
 * it.
 */
static size_t
url_char_len(struct rc_slice text)
{
	unsigned char lead = (unsigned char)text.p[0];
	size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : 3;

	if (lead < 0x80)
		return is_odd(text.p[0]) ? 0 : 1;
	return lead >= 0xc3 && lead <= 0xe1 && n <= text.len ? n : 0;
}

/* Which pair of brackets a character belongs to; false: to none. */
static bool
is_one_of(char c, const char brackets[3], size_t *pair)
{
	for (*pair = 0; *pair < 3; ++*pair)
		if (brackets[*pair] == c)
			return true;
	return false;
}

static bool
ends_sentence(char c)
{
	return c != '\0' && strchr(".,;:!?'", c) != NULL;
}

/* Length without the punctuation and the closing brackets at the end. */
static size_t
trimmed_len(struct rc_slice url)
{
	static const char open[3] = {'(', '[', '{'};
	static const char close[3] = {')', ']', '}'};
	ptrdiff_t surplus[3] = {0}; /* of closing brackets */
	size_t i, pair;

	for (i = 0; i < url.len; i++) {
		if (is_one_of(url.p[i], open, &pair))
			surplus[pair]--;
		if (is_one_of(url.p[i], close, &pair))
			surplus[pair]++;
	}
	for (; url.len > 0; url.len--) {
		char last = url.p[url.len - 1];

		if (ends_sentence(last))
			continue;
		if (!is_one_of(last, close, &pair) || surplus[pair]-- <= 0)
			break;
	}
	return url.len;
}

static struct rc_slice
url_at(struct rc_slice text)
{
	struct rc_slice url = {text.p, 0};
	size_t n = 1;

	while (n > 0 && url.len < text.len) {
		n = url_char_len(
		    (struct rc_slice){text.p + url.len, text.len - url.len});
		url.len += n;
	}
	url.len = trimmed_len(url);
	return url;
}

/* The first place from pos on where a URL may begin; text.len: none. */
static size_t
find_scheme(struct rc_slice text, size_t pos)
{
	for (; pos < text.len; pos++) {
		struct rc_slice rest = {text.p + pos, text.len - pos};

		if ((text.p[pos] == 'h' || text.p[pos] == 'H') &&
		    rc_url_scheme_len(rest) > 0 &&
		    (pos == 0 || !is_letter(text.p[pos - 1])))
			break;
	}
	return pos;
}

bool
rc_url_find(struct rc_slice text, size_t *pos, struct rc_slice *url)
{
	struct rc_error ignored;
	struct rc_url parts;
	size_t at;

	while ((at = find_scheme(text, *pos)) < text.len) {
		*url = url_at((struct rc_slice){text.p + at, text.len - at});
		*pos = at + url->len;
		if (rc_url_parse(*url, &parts, &ignored) == RC_OK)
			return true;
		/* A URL inside one that is too long is none of its own. */
		if (url->len <= RC_URL_MAX)
			*pos = at + 1;
	}
	*pos = text.len;
	return false;
}

/* --- escaping ------------------------------------------------------------- */

void
rc_url_escape(struct rc_buf *out, struct rc_slice text)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];
		char escape[3] = {'%', hex[c >> 4], hex[c & 15]};

		if (is_unreserved(text.p[i]))
			rc_buf_addc(out, text.p[i]);
		else
			rc_buf_add(out, escape, sizeof(escape));
	}
}

bool
rc_url_unescape(struct rc_buf *out, struct rc_slice text, bool plus)
{
	char byte;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.p[i] == '%') {
			struct rc_slice hex = {text.p + i + 1, 2};

			if (text.len - i < 3 || !rc_unhex(hex, &byte, 1))
				return false;
			rc_buf_addc(out, byte);
			i += 2;
		} else {
			rc_buf_addc(
			    out, plus && text.p[i] == '+' ? ' ' : text.p[i]);
		}
	}
	return true;
}

void
rc_form_add(struct rc_buf *out, const char *name, struct rc_slice value)
{
	if (out->len > 0)
		rc_buf_addc(out, '&');
	rc_url_escape(out, rc_slice_str(name));
	rc_buf_addc(out, '=');
	rc_url_escape(out, value);
}

enum rc_err
rc_form_next(struct rc_slice *rest, struct rc_buf *name, struct rc_buf *value,
    struct rc_error *e)
{
	struct rc_slice pair, key;

	while (rest->len > 0 && rest->p[0] == '&')
		take(rest, 1);
	if (rest->len == 0)
		return RC_END;
	pair = take(rest, span_to(*rest, "&"));
	key = take(&pair, span_to(pair, "="));
	if (pair.len > 0)
		take(&pair, 1);
	rc_buf_reset(name);
	rc_buf_reset(value);
	if (!rc_url_unescape(name, key, true) ||
	    !rc_url_unescape(value, pair, true))
		return rc_err_set(
		    e, RC_EDATA, "form field has a broken %%HH escape");
	if (rc_buf_check(name, "form field name", e) != RC_OK)
		return e->code;
	return rc_buf_check(value, "form field", e);
}
