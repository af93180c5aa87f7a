#include "core/provider_lookup.h"

#include "core/provider_priv.h"
#include "text/phone.h"
#include "text/url.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/*
 * Of the longest texts, 1,600 characters of up to 12 bytes in JSON, so many
 * fit RC_HTTP_BODY_MAX; hardly anybody got more from one sender.
 */
#define PAGE_SIZE 50
#define SEGMENTS_MAX 255
#define DATE_MAX 64
/* What a trial account's texts begin with, and nobody wrote. */
#define TRIAL "Sent from your Twilio trial account - "

/* --- the request -----------------------------------------------------------
 */

static void
add_list_query(const struct rc_channel *c, const char *to, struct rc_buf *url)
{
	struct rc_buf query = RC_BUF_INIT(RC_URL_MAX);
	char plus[RC_IDENT_KEY_MAX + 2];

	snprintf(plus, sizeof(plus), "+%s", to);
	rc_form_add(&query, "To", rc_slice_str(plus));
	/* A messaging service's senders are its own matter. */
	if (!rc_twilio_is_service(c->from))
		rc_form_add(&query, "From", rc_slice_str(c->from));
	rc_buf_addf(&query, "&PageSize=%d", PAGE_SIZE);
	rc_buf_addc(url, '?');
	rc_buf_addv(url, rc_buf_slice(&query));
	rc_buf_free(&query);
}

/*
 * No DateSent: as long as a message is queued it has none, and a filter would
 * hide what is about to be sent.
 */
enum rc_err
rc_twilio_build_list(const struct rc_channel *c, const char *to,
    const char *page, struct rc_provider_request *r, struct rc_error *e)
{
	rc_twilio_begin(c, "GET", r);
	if (*page == '\0') {
		add_list_query(c, to, &r->url);
	} else {
		rc_buf_reset(&r->url);
		rc_twilio_base(c, &r->url);
		rc_buf_adds(&r->url, page);
	}
	return rc_provider_finish(r, e);
}

/* --- the answer ------------------------------------------------------------
 */

/* RFC 2822: "Mon, 23 Nov 2026 18:36:51 +0000"; 0: it is none. */
static uint64_t
read_date(struct rc_slice s)
{
	char text[DATE_MAX];
	struct tm tm = {0};
	const char *end;
	time_t t;

	if (s.len >= sizeof(text))
		return 0;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	end = strptime(text, "%a, %d %b %Y %H:%M:%S %z", &tm);
	if (end == NULL || *end != '\0')
		return 0;
	t = timegm(&tm) - tm.tm_gmtoff;
	return t < 0 ? 0 : (uint64_t)t * 1000;
}

static bool
same_party(struct rc_slice a, struct rc_slice b)
{
	uint64_t n, m;

	if (rc_slice_eq(a, b))
		return true;
	return rc_phone_lenient(a, &n) <= RC_PHONE_REPAIRED &&
	       rc_phone_lenient(b, &m) <= RC_PHONE_REPAIRED && n == m;
}

/* The provider may have changed how the recipient's number is written. */
static bool
same_recipient(struct rc_slice a, struct rc_slice b)
{
	uint64_t n, m;

	return same_party(a, b) ||
	       (rc_phone_lenient(a, &n) <= RC_PHONE_REPAIRED &&
		   rc_phone_lenient(b, &m) <= RC_PHONE_REPAIRED &&
		   n == rc_phone_twin(m));
}

static bool
is_ours(
    const struct rc_channel *c, const char *to, const struct rc_json_value *v)
{
	struct rc_slice from = rc_json_str(rc_json_get(v, "from"));
	struct rc_slice service =
	    rc_json_str(rc_json_get(v, "messaging_service_sid"));

	if (!same_recipient(
		rc_json_str(rc_json_get(v, "to")), rc_slice_str(to)))
		return false;
	if (rc_twilio_is_service(c->from))
		return rc_slice_is(service, c->from);
	return same_party(from, rc_slice_str(c->from));
}

enum rc_message_state
rc_twilio_state(struct rc_slice status)
{
	static const struct {
		const char *name;
		enum rc_message_state state;
	} map[] = {
	    {"sent", RC_M_SENT},
	    {"delivered", RC_M_DELIVERED},
	    {"read", RC_M_DELIVERED},
	    {"undelivered", RC_M_UNDELIVERED},
	    {"failed", RC_M_FAILED},
	    {"canceled", RC_M_FAILED},
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (rc_slice_is(status, map[i].name))
			return map[i].state;
	return RC_M_NONE;
}

/* That it is listed says that it was accepted, whatever the status is. */
static enum rc_message_state
listed_state(struct rc_slice status)
{
	enum rc_message_state state = rc_twilio_state(status);

	return state == RC_M_NONE ? RC_M_ACCEPTED : state;
}

static enum rc_err
read_message(const struct rc_json_value *v, rc_lookup_fn *fn, void *arg,
    struct rc_error *e)
{
	struct rc_lookup_found f = {
	    .id = rc_json_str(rc_json_get(v, "sid")),
	    .body = rc_json_str(rc_json_get(v, "body")),
	    .state = listed_state(rc_json_str(rc_json_get(v, "status"))),
	    .error_code = rc_twilio_number(v, "error_code", UINT32_MAX),
	    .segments = rc_twilio_number(v, "num_segments", SEGMENTS_MAX),
	    .created_ms =
		read_date(rc_json_str(rc_json_get(v, "date_created"))),
	};

	(void)rc_slice_starts(f.body, RC_SLICE_LIT(TRIAL), &f.body);
	return fn(arg, &f, e);
}

static void
no_list(struct rc_lookup_answer *a, const char *why)
{
	a->verdict = RC_V_UNKNOWN;
	snprintf(a->detail, sizeof(a->detail),
	    "the answer is no list of messages: %s", why);
}

/* The list goes on on the same host alone, where the credentials belong. */
static void
read_next_page(const struct rc_channel *c, const struct rc_json_value *root,
    struct rc_lookup_answer *a)
{
	const struct rc_json_value *v = rc_json_get(root, "next_page_uri");
	struct rc_slice next = rc_json_str(v);
	char ours[96];

	snprintf(ours, sizeof(ours), RC_TWILIO_ACCOUNTS "%s/", c->account_sid);
	if (rc_json_type(v) == RC_JSON_NULL)
		return;
	if (next.len >= sizeof(a->page) ||
	    !rc_slice_starts(next, rc_slice_str(ours), NULL)) {
		no_list(a, "its next page is elsewhere or not told");
		return;
	}
	memcpy(a->page, next.p, next.len);
	a->page[next.len] = '\0';
}

enum rc_err
rc_twilio_read_list(const struct rc_channel *c, const char *to,
    const struct rc_json_value *root, rc_lookup_fn *fn, void *arg,
    struct rc_lookup_answer *a, struct rc_error *e)
{
	const struct rc_json_value *list = rc_json_get(root, "messages"), *v;
	enum rc_err err = RC_OK;

	if (rc_json_type(list) != RC_JSON_ARRAY) {
		no_list(a, "it has no 'messages'");
		return RC_OK;
	}
	for (v = rc_json_first(list); v != NULL && err == RC_OK;
	     v = rc_json_next(v))
		if (is_ours(c, to, v))
			err = read_message(v, fn, arg, e);
	if (err == RC_OK)
		read_next_page(c, root, a);
	return err;
}
