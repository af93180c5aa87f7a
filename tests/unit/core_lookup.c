#include "core/provider_lookup.h"
#include "channel_text.h"

#define SID "0123456789abcdef0123456789abcdef"
#define ACCOUNT "/2010-04-01/Accounts/AC" SID

static struct rc_provider_request request;
static struct rc_lookup_answer answer;

struct seen {
	unsigned n;
	char id[64], body[128];
	enum rc_message_state state;
	uint32_t error_code;
	unsigned segments;
	uint64_t created_ms;
};
static struct seen seen;

static struct rc_channel *
twilio(const char *from)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "{\"account_sid\":\"AC" SID "\",\"auth_token\":\"secret\","
	    "\"from\":\"%s\",\"base_url\":\"http://127.0.0.1:9/\"}",
	    from);
	return make_channel("acme", text);
}

static enum rc_err
see(void *arg, const struct rc_lookup_found *f, struct rc_error *e)
{
	struct seen *s = arg;

	(void)e;
	s->n++;
	snprintf(s->id, sizeof(s->id), "%.*s", (int)f->id.len, f->id.p);
	snprintf(s->body, sizeof(s->body), "%.*s", (int)f->body.len, f->body.p);
	s->state = f->state;
	s->error_code = f->error_code;
	s->segments = f->segments;
	s->created_ms = f->created_ms;
	return RC_OK;
}

static void
read_answer(struct rc_channel *c, int status, const char *body)
{
	const struct rc_http_response r = {.outcome = RC_HTTP_ANSWERED,
	    .status = status,
	    .body = rc_slice_str(body),
	    .content_type = "",
	    .error = ""};

	seen = (struct seen){0};
	assert_int_equal(rc_lookup_read(c, "15551234567", &r, NULL, see, &seen,
			     &answer, &error),
	    RC_OK);
	rc_channel_free(c);
}

static const char *
url_of(struct rc_channel *c, const char *page)
{
	static char url[2048];
	const struct rc_lookup_question q = {
	    "15551234567", "00c0ffee00c0ffee", "a b&c/d"};

	rc_provider_request_init(&request);
	if (rc_lookup_build(c, &q, page, NULL, &request, &error) != RC_OK)
		fail_msg("%s", error.msg);
	assert_string_equal(request.http.method, "GET");
	assert_int_equal(request.http.body.len, 0);
	snprintf(url, sizeof(url), "%s", request.http.url);
	rc_provider_request_free(&request);
	rc_channel_free(c);
	return url;
}

static void
twilio_is_asked_for_what_went_to_a_number_from_this_sender(void **arg)
{
	(void)arg;
	assert_string_equal(url_of(twilio("+15550100"), ""),
	    "http://127.0.0.1:9" ACCOUNT "/Messages.json?To=%2B15551234567"
	    "&From=%2B15550100&PageSize=50");
	assert_string_equal(url_of(twilio("MG" SID), ""),
	    "http://127.0.0.1:9" ACCOUNT "/Messages.json?To=%2B15551234567"
	    "&PageSize=50");
	assert_string_equal(
	    url_of(twilio("+15550100"), ACCOUNT "/Messages.json?Page=1"),
	    "http://127.0.0.1:9" ACCOUNT "/Messages.json?Page=1");
}

#define MESSAGE(to, from, service, status, more)                               \
	"{\"messages\":[{\"sid\":\"SM1\",\"to\":\"" to "\",\"from\":" from     \
	",\"messaging_service_sid\":" service ",\"body\":\"Hello\","           \
	"\"status\":\"" status "\",\"num_segments\":\"2\",\"error_code\":"     \
	"null,\"date_created\":\"Mon, 23 Nov 2026 18:36:51 +0000\"" more       \
	"}],\"next_page_uri\":null}"

static void
a_listed_message_is_read_whole(void **arg)
{
	(void)arg;
	read_answer(twilio("+15550100"), 200,
	    MESSAGE("+15551234567", "\"+15550100\"", "null", "queued", ""));
	assert_int_equal(answer.verdict, RC_V_ACCEPTED);
	assert_string_equal(answer.page, "");
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.id, "SM1");
	assert_string_equal(seen.body, "Hello");
	assert_int_equal(seen.state, RC_M_ACCEPTED);
	assert_int_equal(seen.segments, 2);
	assert_int_equal(seen.error_code, 0);
	assert_int_equal(seen.created_ms, 1795459011000ULL);
}

static void
only_this_sender_and_this_person_count(void **arg)
{
	(void)arg;
	read_answer(twilio("+15550100"), 200,
	    MESSAGE("+15551234567", "\"+15550199\"", "null", "sent", ""));
	assert_int_equal(seen.n, 0);
	read_answer(twilio("+15550100"), 200,
	    MESSAGE("+15551234568", "\"+15550100\"", "null", "sent", ""));
	assert_int_equal(seen.n, 0);
	read_answer(twilio("MG" SID), 200,
	    MESSAGE(
		"+15551234567", "\"+15550177\"", "\"MG" SID "\"", "sent", ""));
	assert_int_equal(seen.n, 1);
	read_answer(twilio("MG" SID), 200,
	    MESSAGE("+15551234567", "\"+15550177\"", "null", "sent", ""));
	assert_int_equal(seen.n, 0);
	read_answer(twilio("Acme"), 200,
	    MESSAGE("+15551234567", "\"Acme\"", "null", "sent", ""));
	assert_int_equal(seen.n, 1);
}

static void
every_status_has_its_state(void **arg)
{
	static const struct {
		const char *status;
		enum rc_message_state state;
	} cases[] = {{"accepted", RC_M_ACCEPTED}, {"scheduled", RC_M_ACCEPTED},
	    {"queued", RC_M_ACCEPTED}, {"sending", RC_M_ACCEPTED},
	    {"sent", RC_M_SENT}, {"delivered", RC_M_DELIVERED},
	    {"read", RC_M_DELIVERED}, {"undelivered", RC_M_UNDELIVERED},
	    {"failed", RC_M_FAILED}, {"canceled", RC_M_FAILED},
	    {"newfangled", RC_M_ACCEPTED}};
	char text[1024];

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
		    "{\"messages\":[{\"sid\":\"SM1\",\"to\":\"+15551234567\","
		    "\"from\":\"+15550100\",\"status\":\"%s\",\"error_code\":"
		    "30003,\"body\":\"Sent from your Twilio trial account - "
		    "Hi\"}],\"next_page_uri\":null}",
		    cases[i].status);
		read_answer(twilio("+15550100"), 200, text);
		assert_int_equal(seen.state, cases[i].state);
		assert_int_equal(seen.error_code, 30003);
		assert_string_equal(seen.body, "Hi");
		assert_int_equal(seen.created_ms, 0);
	}
}

static void
the_list_goes_on_on_the_same_host_alone(void **arg)
{
	(void)arg;
	read_answer(twilio("+15550100"), 200,
	    "{\"messages\":[],\"next_page_uri\":\"" ACCOUNT
	    "/Messages.json?Page=1&PageToken=x\"}");
	assert_int_equal(answer.verdict, RC_V_ACCEPTED);
	assert_string_equal(
	    answer.page, ACCOUNT "/Messages.json?Page=1&PageToken=x");
	read_answer(twilio("+15550100"), 200,
	    "{\"messages\":[],\"next_page_uri\":"
	    "\"https://evil.example/2010-04-01/Accounts/AC" SID "/x\"}");
	assert_int_equal(answer.verdict, RC_V_UNKNOWN);
	assert_string_equal(answer.page, "");
	read_answer(twilio("+15550100"), 200,
	    "{\"messages\":[],\"next_page_uri\":\"@evil.example/x\"}");
	assert_int_equal(answer.verdict, RC_V_UNKNOWN);
	read_answer(
	    twilio("+15550100"), 200, "{\"messages\":[],\"next_page_uri\":7}");
	assert_int_equal(answer.verdict, RC_V_UNKNOWN);
	read_answer(twilio("+15550100"), 200, "{\"messages\":[]}");
	assert_int_equal(answer.verdict, RC_V_UNKNOWN);
}

static void
refusals_limits_and_nonsense_are_told_apart(void **arg)
{
	static const struct {
		int status;
		const char *body;
		enum rc_verdict verdict;
	} cases[] = {{401, "{\"code\":20003}", RC_V_STOP}, {403, "", RC_V_STOP},
	    {429, "", RC_V_RETRY}, {500, "", RC_V_UNKNOWN},
	    {503, "", RC_V_UNKNOWN}, {400, "", RC_V_REJECTED},
	    {404, "{\"code\":20404}", RC_V_STOP}, {200, "", RC_V_UNKNOWN},
	    {200, "{}", RC_V_UNKNOWN}, {200, "<html>", RC_V_UNKNOWN},
	    {200, "{\"messages\":{}}", RC_V_UNKNOWN}};
	const struct rc_http_response none = {
	    .outcome = RC_HTTP_NEVER_SENT, .content_type = "", .error = "gone"};
	struct rc_channel *c = twilio("+15550100");

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_answer(
		    twilio("+15550100"), cases[i].status, cases[i].body);
		assert_int_equal(answer.verdict, cases[i].verdict);
		assert_int_equal(seen.n, 0);
	}
	assert_int_equal(
	    rc_lookup_read(c, "1", &none, NULL, see, &seen, &answer, &error),
	    RC_OK);
	assert_int_equal(answer.verdict, RC_V_UNKNOWN);
	assert_string_equal(answer.detail, "gone");
	rc_channel_free(c);
}

#define LOOKUP ",\"lookup_url\":\"https://a.example/m/${Message ID}"

static void
a_lookup_url_has_its_values_escaped(void **arg)
{
	struct rc_channel *c = http("");

	(void)arg;
	assert_string_equal(
	    url_of(
		http(LOOKUP "?c=${Campaign}&to=%2B${User identifier}\""), ""),
	    "https://a.example/m/00c0ffee00c0ffee?c=a%20b%26c%2Fd"
	    "&to=%2B15551234567");
	assert_int_equal(rc_lookup_check(c, &error), RC_ECONFIG);
	assert_non_null(strstr(error.msg, "lookup_url"));
	rc_channel_free(c);
	c = http(LOOKUP "\"");
	assert_int_equal(rc_lookup_check(c, &error), RC_OK);
	rc_channel_free(c);
}

#define AT(pointer, more)                                                      \
	http(LOOKUP "\",\"lookup_pointer\":\"" pointer "\"" more)

static void
what_stands_at_the_pointer_says_whether_it_is_known(void **arg)
{
	static const struct {
		const char *body;
		unsigned n;
	} cases[] = {{"{\"m\":[{\"id\":\"x\"}]}", 1}, {"{\"m\":[]}", 0},
	    {"{\"m\":{}}", 0}, {"{\"m\":false}", 0}, {"{\"m\":true}", 1},
	    {"{\"m\":0}", 0}, {"{\"m\":0.0}", 0}, {"{\"m\":7}", 1},
	    {"{\"m\":\"\"}", 0}, {"{\"m\":\"a\"}", 1},
	    {"{\"m\":0,\"error\":null,\"errors\":[]}", 0},
	    {"{\"m\":7,\"error\":\"some\"}", 1}};

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_answer(AT("/m", ",\"lookup_id_pointer\":\"/m/0/id\""), 200,
		    cases[i].body);
		assert_int_equal(answer.verdict, RC_V_ACCEPTED);
		assert_int_equal(seen.n, cases[i].n);
		assert_string_equal(seen.id, i == 0 ? "x" : "");
	}
	read_answer(http(LOOKUP "\""), 204, "");
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.state, RC_M_ACCEPTED);
}

static void
an_answer_of_another_shape_is_none(void **arg)
{
	static const char *const bodies[] = {"OK", "", "null", "{}", "[]",
	    "{\"m\":null}", "{\"error\":\"temporarily unavailable\"}",
	    "{\"m\":[],\"error\":\"temporarily unavailable\"}",
	    "{\"m\":[],\"errors\":[{}]}", "{\"m\":0,\"oops\":{\"text\":1}}"};

	(void)arg;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		read_answer(AT("/m", ",\"error_pointer\":\"/oops/text\""), 200,
		    bodies[i]);
		assert_int_equal(answer.verdict, RC_V_UNKNOWN);
		assert_int_equal(seen.n, 0);
		assert_non_null(strstr(answer.detail, "HTTP 200, but"));
	}
}

/* Only a list that is there can lack an element. */
static void
an_element_is_missing_from_a_list_alone(void **arg)
{
	static const struct {
		const char *body;
		enum rc_verdict verdict;
		unsigned n;
	} cases[] = {{"{\"m\":[{\"id\":\"x\"}]}", RC_V_ACCEPTED, 1},
	    {"{\"m\":[]}", RC_V_ACCEPTED, 0}, {"{\"m\":[{}]}", RC_V_UNKNOWN, 0},
	    {"{\"m\":{}}", RC_V_UNKNOWN, 0}, {"{\"m\":null}", RC_V_UNKNOWN, 0},
	    {"{}", RC_V_UNKNOWN, 0},
	    {"{\"error\":\"temporarily unavailable\"}", RC_V_UNKNOWN, 0}};

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_answer(AT("/m/0/id", ""), 200, cases[i].body);
		assert_int_equal(answer.verdict, cases[i].verdict);
		assert_int_equal(seen.n, cases[i].n);
	}
}

static void
a_404_counts_without_a_body_or_with_json(void **arg)
{
	(void)arg;
	read_answer(AT("/m", ""), 404, "");
	assert_int_equal(answer.verdict, RC_V_ACCEPTED);
	read_answer(AT("/m", ""), 404, "{\"error\":\"no such message\"}");
	assert_int_equal(answer.verdict, RC_V_ACCEPTED);
	assert_int_equal(seen.n, 0);
	read_answer(http(LOOKUP "\""), 404, "default backend - 404");
	assert_int_equal(answer.verdict, RC_V_UNKNOWN);
	assert_string_equal(
	    answer.detail, "HTTP 404, but the answer is no JSON");
	read_answer(http(LOOKUP "\""), 404, "<html>Not Found</html>");
	assert_int_equal(answer.verdict, RC_V_UNKNOWN);
	assert_int_equal(seen.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		twilio_is_asked_for_what_went_to_a_number_from_this_sender),
	    cmocka_unit_test(a_listed_message_is_read_whole),
	    cmocka_unit_test(only_this_sender_and_this_person_count),
	    cmocka_unit_test(every_status_has_its_state),
	    cmocka_unit_test(the_list_goes_on_on_the_same_host_alone),
	    cmocka_unit_test(refusals_limits_and_nonsense_are_told_apart),
	    cmocka_unit_test(a_lookup_url_has_its_values_escaped),
	    cmocka_unit_test(
		what_stands_at_the_pointer_says_whether_it_is_known),
	    cmocka_unit_test(an_answer_of_another_shape_is_none),
	    cmocka_unit_test(an_element_is_missing_from_a_list_alone),
	    cmocka_unit_test(a_404_counts_without_a_body_or_with_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
