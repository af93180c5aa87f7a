#include "job/sandbox_priv.h"

#include "text/gsm.h"
#include "text/phone.h"
#include "text/url.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BODY_CHARACTERS_MAX 1600
#define SENDER_NAME_MAX 11
#define MESSAGES "/Messages.json"

static const struct problem {
	unsigned code;
	const char *message;
} PROBLEMS[] = {
    {20001, "The form cannot be read"},
    {20429, "Too Many Requests"},
    {20500, "Internal Server Error"},
    {21211, "The 'To' number is not a valid phone number"},
    {21212, "The 'From' number is not a valid phone number, shortcode, or "
	    "alphanumeric sender ID"},
    {21408, "Permission to send an SMS has not been enabled for the region "
	    "indicated by the 'To' number"},
    {21602, "Message body is required"},
    {21603, "A 'From' phone number is required"},
    {21604, "A 'To' phone number is required"},
    {21606, "The 'From' phone number provided is not a valid, "
	    "message-capable Twilio phone number"},
    {21609, "The 'StatusCallback' URL is not a valid URL"},
    {21610, "Attempt to send to unsubscribed recipient"},
    {21611, "The 'From' number has exceeded the maximum number of queued "
	    "messages"},
    {21612, "The 'To' phone number is not currently reachable via SMS"},
    {21614, "'To' number is not a valid mobile number"},
    {21617, "The concatenated message body exceeds the 1600 character limit"},
};

/* Twilio's numbers for tests (its documentation of test credentials). */
static const struct magic {
	const char *digits;
	unsigned to_code, from_code;
} MAGIC[] = {
    {"15005550001", 21211, 21212},
    {"15005550002", 21612, 0},
    {"15005550003", 21408, 0},
    {"15005550004", 21610, 0},
    {"15005550007", 0, 21606},
    {"15005550008", 0, 21611},
    {"15005550009", 21614, 0},
};

static const char *
message_of(unsigned code)
{
	for (size_t i = 0; i < sizeof(PROBLEMS) / sizeof(PROBLEMS[0]); i++)
		if (PROBLEMS[i].code == code)
			return PROBLEMS[i].message;
	return "Bad Request";
}

void
rc_sandbox_twilio_error(
    struct rc_sandbox_answer *a, int status, unsigned code, const char *message)
{
	struct rc_json_writer w;
	struct rc_error e;
	char more[64];

	snprintf(
	    more, sizeof(more), "https://www.twilio.com/docs/errors/%u", code);
	rc_buf_reset(&a->body);
	w = rc_json_writer_start(&a->body);
	rc_jw_object(&w);
	rc_jw_key(&w, "code");
	rc_jw_u64(&w, code);
	rc_jw_key(&w, "message");
	rc_jw_cstr(&w, message);
	rc_jw_key(&w, "more_info");
	rc_jw_cstr(&w, more);
	rc_jw_key(&w, "status");
	rc_jw_u64(&w, (uint64_t)status);
	rc_jw_end(&w);
	a->reply.status = status;
	a->drop = rc_jw_finish(&w, &e) != RC_OK;
}

/* --- what is asked for ---------------------------------------------------- */

static bool
read_form(struct rc_sandbox *s, struct rc_slice body)
{
	static const char *const names[RC_FIELDS] = {[RC_FIELD_TO] = "To",
	    [RC_FIELD_FROM] = "From",
	    [RC_FIELD_SERVICE] = "MessagingServiceSid",
	    [RC_FIELD_BODY] = "Body",
	    [RC_FIELD_CALLBACK] = "StatusCallback"};
	struct rc_error e;
	enum rc_err err;

	for (size_t i = 0; i < RC_FIELDS; i++)
		rc_buf_reset(&s->field[i]);
	while ((err = rc_form_next(&body, &s->name, &s->value, &e)) == RC_OK)
		for (size_t i = 0; i < RC_FIELDS; i++)
			if (rc_slice_is(rc_buf_slice(&s->name), names[i])) {
				rc_buf_reset(&s->field[i]);
				rc_buf_addv(
				    &s->field[i], rc_buf_slice(&s->value));
			}
	return err == RC_END;
}

static struct rc_slice
field(const struct rc_sandbox *s, enum rc_sandbox_field i)
{
	return rc_buf_slice(&s->field[i]);
}

static const struct magic *
magic_of(struct rc_slice number)
{
	if (number.len > 0 && number.p[0] == '+') {
		number.p++;
		number.len--;
	}
	for (size_t i = 0; i < sizeof(MAGIC) / sizeof(MAGIC[0]); i++)
		if (rc_slice_is(number, MAGIC[i].digits))
			return &MAGIC[i];
	return NULL;
}

static bool
is_phone(struct rc_slice s)
{
	uint64_t number;
	enum rc_phone_result r = rc_phone_lenient(s, &number);

	return r == RC_PHONE_OK || r == RC_PHONE_REPAIRED;
}

static unsigned
check_to(struct rc_slice to)
{
	const struct magic *m = magic_of(to);

	if (to.len == 0)
		return 21604;
	if (m != NULL && m->to_code != 0)
		return m->to_code;
	return is_phone(to) ? 0 : 21211;
}

/* A short code, or a name of letters, digits and spaces, not all digits. */
static bool
is_sender(struct rc_slice from)
{
	bool letter = false;

	for (size_t i = 0; i < from.len; i++) {
		char c = from.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			letter = true;
		else if ((c < '0' || c > '9') && c != ' ')
			return false;
	}
	return letter ? from.len <= SENDER_NAME_MAX
		      : from.len >= 3 && from.len <= 8;
}

static unsigned
check_from(struct rc_slice from, struct rc_slice service)
{
	const struct magic *m = magic_of(from);

	if (from.len == 0 && service.len == 0)
		return 21603;
	if (from.len == 0)
		return service.len == 34 && memcmp(service.p, "MG", 2) == 0
			   ? 0
			   : 21606;
	if (m != NULL && m->from_code != 0)
		return m->from_code;
	return is_phone(from) || is_sender(from) ? 0 : 21212;
}

static unsigned
check_body(struct rc_slice body)
{
	size_t characters = 0;

	if (body.len == 0)
		return 21602;
	if (!rc_utf8_valid(body))
		return 20001;
	for (size_t i = 0; i < body.len; i++)
		characters += (body.p[i] & 0xc0) != 0x80;
	return characters > BODY_CHARACTERS_MAX ? 21617 : 0;
}

static unsigned
check_callback(struct rc_slice callback)
{
	struct rc_error e;
	struct rc_url url;

	if (callback.len == 0)
		return 0;
	if (rc_url_parse(callback, &url, &e) != RC_OK ||
	    memchr(url.host.p, '_', url.host.len) != NULL)
		return 21609;
	return 0;
}

static unsigned
check(const struct rc_sandbox *s)
{
	unsigned code = check_to(field(s, RC_FIELD_TO));

	if (code == 0)
		code = check_from(
		    field(s, RC_FIELD_FROM), field(s, RC_FIELD_SERVICE));
	if (code == 0)
		code = check_body(field(s, RC_FIELD_BODY));
	if (code == 0)
		code = check_callback(field(s, RC_FIELD_CALLBACK));
	return code;
}

/* --- what is answered ----------------------------------------------------- */

static void
add(struct rc_json_writer *w, const char *key, const char *value)
{
	rc_jw_key(w, key);
	if (value == NULL)
		rc_jw_null(w);
	else
		rc_jw_cstr(w, value);
}

static void
add_date(struct rc_json_writer *w, const char *key, uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	add(w, key, text);
}

void
rc_sandbox_twilio_message(struct rc_sandbox *s,
    const struct rc_sandbox_message *m, const char *status,
    struct rc_json_writer *w)
{
	bool service = strncmp(m->from, "MG", 2) == 0;
	bool queued = strcmp(status, "queued") == 0;
	char segments[16], uri[160];

	snprintf(segments, sizeof(segments), "%u",
	    rc_gsm_measure(rc_slice_str(m->body)).segments);
	snprintf(uri, sizeof(uri), RC_SANDBOX_API "%.64s/Messages/%s.json",
	    s->cfg.account_sid, m->id);
	rc_jw_object(w);
	add(w, "sid", m->id);
	add(w, "account_sid", s->cfg.account_sid);
	add(w, "to", m->to);
	add(w, "from", service ? NULL : m->from);
	add(w, "messaging_service_sid", service ? m->from : NULL);
	add(w, "body", m->body);
	add(w, "status", status);
	add(w, "num_segments", segments);
	add(w, "num_media", "0");
	add(w, "direction", "outbound-api");
	add(w, "api_version", "2010-04-01");
	add_date(w, "date_created", m->created_ms);
	add_date(w, "date_updated", m->created_ms);
	if (queued)
		add(w, "date_sent", NULL);
	else
		add_date(w, "date_sent", m->created_ms);
	rc_jw_key(w, "error_code");
	if (queued || m->error == 0)
		rc_jw_null(w);
	else
		rc_jw_u64(w, m->error);
	add(w, "error_message", NULL);
	add(w, "price", NULL);
	add(w, "price_unit", "USD");
	add(w, "uri", uri);
	rc_jw_end(w);
}

static void
refuse(struct rc_sandbox *s, struct rc_sandbox_answer *a, int status,
    unsigned code, const char *fault)
{
	rc_sandbox_record(s, &(struct rc_sandbox_event){.event = "refused",
				 .channel = "twilio",
				 .to = field(s, RC_FIELD_TO),
				 .from = field(s, RC_FIELD_FROM),
				 .code = code,
				 .fault = fault});
	rc_sandbox_twilio_error(a, status, code, message_of(code));
}

static void
fail(struct rc_sandbox_answer *a, const struct rc_sandbox_fault *f,
    unsigned *code)
{
	int status = (int)rc_sandbox_fault_status(f);

	*code = status == 429 ? 20429 : status == 401 ? 20003 : 20500;
	rc_sandbox_retry_after(a, f);
	rc_sandbox_twilio_error(a, status, *code, message_of(*code));
}

static void
accept_message(struct rc_sandbox *s, struct rc_sandbox_answer *a,
    const struct rc_sandbox_luck *luck)
{
	struct rc_slice from = field(s, RC_FIELD_FROM);
	struct rc_slice callback = field(s, RC_FIELD_CALLBACK);
	const struct rc_sandbox_message *m;
	char id[RC_SANDBOX_ID_LEN + 1];
	struct rc_json_writer w;
	struct rc_error e;

	if (from.len == 0)
		from = field(s, RC_FIELD_SERVICE);
	if (callback.len == 0 && s->cfg.callback != NULL)
		callback = rc_slice_str(s->cfg.callback);
	rc_sandbox_new_id(s, "SM", id);
	m = rc_sandbox_keep(
	    s, id, field(s, RC_FIELD_TO), from, field(s, RC_FIELD_BODY));
	if (m == NULL) {
		a->drop = true;
		return;
	}
	rc_sandbox_record(s, &(struct rc_sandbox_event){.event = "message",
				 .channel = "twilio",
				 .to = field(s, RC_FIELD_TO),
				 .from = from,
				 .body = field(s, RC_FIELD_BODY),
				 .id = {id, RC_SANDBOX_ID_LEN},
				 .callback = callback,
				 .fault = rc_sandbox_fault_name(luck)});
	rc_sandbox_call_back(s, m, callback);
	w = rc_json_writer_start(&a->body);
	rc_sandbox_twilio_message(s, m, "queued", &w);
	a->reply.status = 201;
	a->drop = rc_jw_finish(&w, &e) != RC_OK;
}

static void
create(struct rc_sandbox *s, struct rc_httpd_request *r, bool authorized,
    struct rc_sandbox_answer *a)
{
	struct rc_sandbox_luck luck = rc_sandbox_try(s, RC_PLACE_MESSAGES, a);
	bool readable = read_form(s, rc_httpd_body(r));
	unsigned code = readable ? check(s) : 20001;

	if (luck.status != NULL && !luck.status->accepted) {
		fail(a, luck.status, &code);
		refuse(s, a, a->reply.status, code, "status");
	} else if (!authorized) {
		refuse(s, a, 401, 20003, NULL);
		rc_sandbox_twilio_error(a, 401, 20003, "Authenticate");
	} else if (code != 0) {
		refuse(s, a, 400, code, NULL);
	} else {
		accept_message(s, a, &luck);
		if (luck.status != NULL)
			fail(a, luck.status, &code);
	}
	rc_sandbox_spoil(&luck, a);
}

static void
show_account(struct rc_sandbox *s, struct rc_sandbox_answer *a)
{
	struct rc_json_writer w = rc_json_writer_start(&a->body);
	struct rc_error e;

	rc_jw_object(&w);
	add(&w, "sid", s->cfg.account_sid);
	add(&w, "friendly_name", "sandbox");
	add(&w, "status", "active");
	add(&w, "type", "Trial");
	rc_jw_end(&w);
	a->drop = rc_jw_finish(&w, &e) != RC_OK;
}

void
rc_sandbox_twilio(struct rc_sandbox *s, struct rc_httpd_request *r,
    struct rc_slice path, struct rc_sandbox_answer *a)
{
	struct rc_slice account = {path.p, strcspn(path.p, "/.?")};
	struct rc_slice rest = {path.p + account.len, path.len - account.len};
	bool get = rc_slice_is(rc_httpd_method(r), "GET");
	bool post = rc_slice_is(rc_httpd_method(r), "POST");
	bool messages = rc_slice_is(rest, MESSAGES);
	bool authorized = rc_slice_is(account, s->cfg.account_sid) &&
			  (rc_sandbox_authorized(r, &s->account_auth) ||
			      rc_sandbox_authorized(r, &s->key_auth));

	if (messages && post)
		create(s, r, authorized, a);
	else if (!authorized)
		rc_sandbox_twilio_error(a, 401, 20003, "Authenticate");
	else if (messages && get)
		rc_sandbox_list(s, r, a);
	else if (get && rc_slice_is(rest, ".json"))
		show_account(s, a);
	else if (messages)
		rc_sandbox_twilio_error(a, 405, 20004, "Method not allowed");
	else
		rc_sandbox_twilio_error(
		    a, 404, 20404, "The requested resource was not found");
}
