#include "core/provider.h"
#include "channel_text.h"

#define SID "0123456789abcdef0123456789abcdef"
#define NOW 1700000000000ULL

static struct rc_provider_request request;

static struct rc_channel *
twilio(void)
{
	return make_channel("acme",
	    "{\"account_sid\":\"AC" SID "\",\"auth_token\":"
	    "\"secret\",\"from\":\"+15550100\",\"base_url\":"
	    "\"http://127.0.0.1:9/\"}");
}

static struct rc_channel *
oauth2(const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    ",\"auth\":{\"type\":\"oauth2\",\"client_id\":\"a b\","
	    "\"client_secret\":\"x:y&z\",\"token_url\":"
	    "\"https://a.example/token?k=v\"%s}",
	    more);
	return http(text);
}

static const char *
header(const char *name, bool secret)
{
	for (size_t i = 0; i < request.http.nheaders; i++)
		if (strcmp(request.http.header[i].name, name) == 0) {
			assert_int_equal(request.http.header[i].secret, secret);
			return request.http.header[i].value;
		}
	return NULL;
}

static void
body_is(const char *body)
{
	assert_string_equal(rc_buf_str(&request.body), body);
	assert_int_equal(request.http.body.len, strlen(body));
}

static void
build(const struct rc_channel *c, const char *to, const char *text,
    const char *callback, const char *token)
{
	assert_int_equal(rc_provider_build(c, to, rc_slice_str(text), callback,
			     token, &request, &error),
	    RC_OK);
}

static void
twilio_gets_a_form_with_basic_credentials(void **state)
{
	struct rc_channel *c = twilio();

	(void)state;
	build(c, "15551234567", "caf\xc3\xa9 & co", "https://b.example/s?m=1",
	    NULL);
	assert_string_equal(request.http.method, "POST");
	assert_string_equal(request.http.url,
	    "http://127.0.0.1:9/2010-04-01/Accounts/AC" SID "/Messages.json");
	assert_string_equal(request.http.user, "AC" SID);
	assert_string_equal(request.http.password, "secret");
	assert_string_equal(
	    header("Content-Type", false), "application/x-www-form-urlencoded");
	body_is("To=%2B15551234567&From=%2B15550100&Body=caf%C3%A9%20%26%20co"
		"&StatusCallback=https%3A%2F%2Fb.example%2Fs%3Fm%3D1");
	/* The next message leaves nothing of the one before. */
	build(c, "+15551234568", "b", NULL, NULL);
	body_is("To=%2B15551234568&From=%2B15550100&Body=b");
	rc_channel_free(c);
}

static void
twilio_takes_services_and_api_keys(void **state)
{
	struct rc_channel *c = make_channel("acme",
	    "{\"account_sid\":\"AC" SID "\",\"api_key_sid\":\"SK" SID "\","
	    "\"api_key_secret\":\"key\",\"from\":\"MG" SID "\"}");

	(void)state;
	build(c, "15551234567", "a", NULL, NULL);
	assert_string_equal(request.http.user, "SK" SID);
	assert_string_equal(request.http.password, "key");
	body_is("To=%2B15551234567&MessagingServiceSid=MG" SID "&Body=a");
	assert_non_null(strstr(request.http.url, "/Accounts/AC" SID "/"));
	assert_int_equal(rc_provider_build_check(c, &request, &error), RC_OK);
	assert_string_equal(request.http.method, "GET");
	body_is("");
	rc_channel_free(c);
}

static void
http_gets_the_document_headers_and_credentials(void **state)
{
	struct rc_channel *c = http(
	    ",\"content_type\":\"application/vnd.api+json\","
	    "\"headers\":[{\"name\":\"X-Key\",\"value\":\"k\",\"secret\":true}"
	    ",{\"name\":\"X-Plain\",\"value\":\"p\"}],\"auth\":{\"type\":"
	    "\"basic\",\"username\":\"u\",\"password\":\"pw\"}");

	(void)state;
	build(c, "1", "{\"a\":1}", NULL, NULL);
	assert_string_equal(request.http.url, "https://a.example/m");
	assert_string_equal(request.http.user, "u");
	assert_string_equal(request.http.password, "pw");
	assert_string_equal(header("X-Key", true), "k");
	assert_string_equal(header("X-Plain", false), "p");
	assert_string_equal(
	    header("Content-Type", false), "application/vnd.api+json");
	assert_null(header("Authorization", true));
	body_is("{\"a\":1}");
	assert_int_equal(
	    rc_provider_build_check(c, &request, &error), RC_NOTFOUND);
	rc_channel_free(c);
	c = oauth2("");
	build(c, "1", "{}", NULL, "tok");
	assert_string_equal(header("Authorization", true), "Bearer tok");
	assert_null(request.http.user);
	rc_channel_free(c);
}

static struct rc_result
judge(const struct rc_channel *c, int status, const char *body)
{
	struct rc_http_response response = {.outcome = RC_HTTP_ANSWERED,
	    .status = status,
	    .body = rc_slice_str(body),
	    .content_type = "",
	    .error = ""};
	struct rc_result r;

	rc_provider_judge(c, &response, &r);
	return r;
}

static enum rc_verdict
verdict(const struct rc_channel *c, int status, const char *body)
{
	return judge(c, status, body).verdict;
}

static void
twilios_codes_decide(void **state)
{
	static const struct {
		int status;
		uint32_t code;
		enum rc_verdict verdict;
	} cases[] = {{401, 20003, RC_V_STOP}, {429, 20429, RC_V_RETRY},
	    {400, 21211, RC_V_REJECTED}, {400, 21614, RC_V_REJECTED},
	    {400, 21408, RC_V_REJECTED}, {400, 21612, RC_V_REJECTED},
	    {400, 21608, RC_V_REJECTED}, {400, 21606, RC_V_STOP},
	    {400, 21212, RC_V_STOP}, {400, 21610, RC_V_SUPPRESS},
	    {400, 21611, RC_V_RETRY}, {400, 30001, RC_V_RETRY},
	    {400, 99999, RC_V_REJECTED}, {500, 21211, RC_V_UNKNOWN},
	    {503, 20429, RC_V_UNKNOWN}, {429, 21610, RC_V_RETRY}};
	struct rc_channel *c = twilio();
	char body[100];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rc_result r;

		snprintf(body, sizeof(body),
		    "{\"code\":%u,\"message\":\"why\\n\",\"status\":%d}",
		    cases[i].code, cases[i].status);
		r = judge(c, cases[i].status, body);
		assert_int_equal(r.verdict, cases[i].verdict);
		assert_int_equal(r.error_code, cases[i].code);
		assert_non_null(strstr(r.detail, ": why?"));
	}
	assert_int_equal(verdict(c, 400, "{\"code\":null}"), RC_V_REJECTED);
	assert_int_equal(judge(c, 401, "<html>").error_code, 401);
	assert_int_equal(verdict(c, 401, "<html>"), RC_V_STOP);
	rc_channel_free(c);
}

static void
a_twilio_message_without_a_sid_is_unknown(void **state)
{
	struct rc_channel *c = twilio();
	struct rc_result r = judge(c, 201,
	    "{\"sid\":\"SM" SID "\",\"status\":\"queued\",\"num_segments\":"
	    "\"2\",\"error_code\":null}");

	(void)state;
	assert_int_equal(r.verdict, RC_V_ACCEPTED);
	assert_string_equal(r.provider_id, "SM" SID);
	assert_int_equal(r.segments, 2);
	assert_int_equal(r.error_code, 0);
	assert_int_equal(verdict(c, 201, ""), RC_V_UNKNOWN);
	assert_int_equal(verdict(c, 201, "\x01garbage"), RC_V_UNKNOWN);
	assert_int_equal(verdict(c, 201, "[]"), RC_V_UNKNOWN);
	assert_int_equal(verdict(c, 201, "{\"sid\":7}"), RC_V_UNKNOWN);
	r = judge(c, 201,
	    "{\"sid\":\"SM" SID "\",\"status\":\"failed\",\"error_code\":"
	    "21610}");
	assert_int_equal(r.verdict, RC_V_SUPPRESS);
	rc_channel_free(c);
}

static void
what_was_never_sent_may_be_tried_again_what_may_have_been_not(void **state)
{
	struct rc_http_response response = {.outcome = RC_HTTP_NEVER_SENT,
	    .error = "could not connect",
	    .content_type = ""};
	struct rc_channel *c = twilio();
	struct rc_result r;

	(void)state;
	rc_provider_judge(c, &response, &r);
	assert_int_equal(r.verdict, RC_V_RETRY);
	assert_string_equal(r.detail, "could not connect");
	response.outcome = RC_HTTP_UNKNOWN;
	rc_provider_judge(c, &response, &r);
	assert_int_equal(r.verdict, RC_V_UNKNOWN);
	rc_channel_free(c);
}

static void
statuses_decide_for_http(void **state)
{
	struct rc_channel *plain = http(""), *bearer = oauth2("");

	(void)state;
	assert_int_equal(verdict(plain, 202, ""), RC_V_ACCEPTED);
	assert_int_equal(verdict(plain, 200, "not json"), RC_V_ACCEPTED);
	assert_int_equal(verdict(plain, 400, ""), RC_V_REJECTED);
	assert_int_equal(verdict(plain, 404, ""), RC_V_REJECTED);
	assert_int_equal(verdict(plain, 408, ""), RC_V_UNKNOWN);
	assert_int_equal(verdict(plain, 429, ""), RC_V_RETRY);
	assert_int_equal(verdict(plain, 401, ""), RC_V_STOP);
	assert_int_equal(verdict(plain, 403, ""), RC_V_STOP);
	assert_int_equal(verdict(bearer, 401, ""), RC_V_TOKEN);
	assert_int_equal(verdict(bearer, 403, ""), RC_V_STOP);
	assert_int_equal(verdict(plain, 301, ""), RC_V_STOP);
	assert_int_equal(verdict(plain, 303, ""), RC_V_UNKNOWN);
	assert_int_equal(verdict(plain, 500, ""), RC_V_UNKNOWN);
	assert_int_equal(verdict(plain, 503, ""), RC_V_UNKNOWN);
	rc_channel_free(plain);
	rc_channel_free(bearer);
}

static void
a_channels_codes_say_what_a_refusal_means(void **state)
{
	struct rc_channel *c = http(
	    ",\"success\":{\"pointer\":\"/code\",\"equals\":\"0\"},"
	    "\"retry_codes\":\"503,busy\",\"stop_codes\":\"404,debt,busy2\","
	    "\"error_pointer\":\"/why\",\"optout_codes\":\"410,stop,21610\"");

	(void)state;
	assert_int_equal(verdict(c, 503, ""), RC_V_RETRY);
	assert_int_equal(verdict(c, 404, ""), RC_V_STOP);
	assert_int_equal(verdict(c, 500, ""), RC_V_UNKNOWN);
	assert_int_equal(verdict(c, 200, "{\"code\":\"busy\"}"), RC_V_RETRY);
	assert_int_equal(verdict(c, 200, "{\"code\":\"debt\"}"), RC_V_STOP);
	assert_int_equal(verdict(c, 200, "{\"code\":\"bus\"}"), RC_V_REJECTED);
	assert_int_equal(verdict(c, 410, ""), RC_V_SUPPRESS);
	assert_int_equal(verdict(c, 400, "{\"code\":21610}"), RC_V_SUPPRESS);
	assert_int_equal(verdict(c, 422, "{\"why\":\"stop\"}"), RC_V_SUPPRESS);
	assert_int_equal(verdict(c, 200, "{\"code\":\"1\",\"why\":\"stop\"}"),
	    RC_V_SUPPRESS);
	assert_int_equal(verdict(c, 500, "{\"why\":\"stop\"}"), RC_V_UNKNOWN);
	assert_int_equal(verdict(c, 200, "{\"code\":\"0\"}"), RC_V_ACCEPTED);
	rc_channel_free(c);
}

static void
a_code_counts_in_a_refusal_of_any_status(void **state)
{
	struct rc_channel *c =
	    http(",\"success\":{\"pointer\":\"/status\",\"equals\":\"OK\"},"
		 "\"error_pointer\":\"/error\",\"retry_codes\":\"busy,404\","
		 "\"stop_codes\":\"NO_CREDIT,101\"");
	struct rc_result r = judge(c, 400, "{\"status\":\"NO_CREDIT\"}");

	(void)state;
	assert_int_equal(r.verdict, RC_V_STOP);
	assert_int_equal(r.stop, RC_ECONFIG);
	assert_int_equal(verdict(c, 422, "{\"error\":101}"), RC_V_STOP);
	assert_int_equal(verdict(c, 403, "{\"status\":\"busy\"}"), RC_V_RETRY);
	assert_int_equal(verdict(c, 404, "{\"error\":101}"), RC_V_STOP);
	assert_int_equal(verdict(c, 404, "{\"error\":1}"), RC_V_RETRY);
	assert_int_equal(verdict(c, 400, "{\"status\":\"OK\"}"), RC_V_REJECTED);
	assert_int_equal(
	    verdict(c, 400, "{\"status\":[\"busy\"]}"), RC_V_REJECTED);
	/* It may have been processed all the same. */
	assert_int_equal(
	    verdict(c, 500, "{\"status\":\"busy\"}"), RC_V_UNKNOWN);
	rc_channel_free(c);
}

static void
an_error_where_success_would_be_told_is_a_refusal(void **state)
{
	static const char *const none[] = {"{\"error\":false}", "{\"error\":0}",
	    "{\"error\":\"\"}", "{\"error\":null}",
	    "{\"error\":{\"code\":101}}", "{\"message\":\"why\"}"};
	struct rc_channel *c = http(
	    ",\"success\":{\"pointer\":\"/list/0/status\",\"equals\":"
	    "\"QUEUE\"},\"error_pointer\":\"/error\",\"stop_codes\":\"101\"");
	struct rc_result r = judge(c, 200, "{\"error\":101}");

	(void)state;
	assert_int_equal(r.verdict, RC_V_STOP);
	assert_string_equal(r.detail, "HTTP 200: 101");
	r = judge(c, 200, "{\"error\":13}");
	assert_int_equal(r.verdict, RC_V_REJECTED);
	assert_string_equal(r.detail, "HTTP 200: 13");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(verdict(c, 200, none[i]), RC_V_UNKNOWN);
	rc_channel_free(c);
	c = http(",\"success\":{\"pointer\":\"/ok\",\"equals\":\"1\"}");
	assert_int_equal(verdict(c, 200, "{\"error\":101}"), RC_V_UNKNOWN);
	rc_channel_free(c);
}

static void
a_channels_rules_find_success_id_and_error(void **state)
{
	struct rc_channel *c = http(
	    ",\"success\":{\"status\":200,\"pointer\":\"/messages/0/status\","
	    "\"equals\":\"0\"},\"id_pointer\":\"/messages/0/id\","
	    "\"error_pointer\":\"/messages/0/text\"");
	struct rc_result r =
	    judge(c, 200, "{\"messages\":[{\"status\":\"0\",\"id\":\"m1\"}]}");

	(void)state;
	assert_int_equal(r.verdict, RC_V_ACCEPTED);
	assert_string_equal(r.provider_id, "m1");
	r = judge(c, 200, "{\"messages\":[{\"status\":0,\"id\":77}]}");
	assert_int_equal(r.verdict, RC_V_ACCEPTED);
	assert_string_equal(r.provider_id, "77");
	r = judge(c, 200,
	    "{\"messages\":[{\"status\":\"4\",\"text\":\"bad number\"}]}");
	assert_int_equal(r.verdict, RC_V_REJECTED);
	assert_string_equal(r.detail, "HTTP 200: bad number");
	r = judge(c, 400, "{\"detail\":\"not where it was said to be\"}");
	assert_string_equal(r.detail, "HTTP 400: not where it was said to be");
	assert_int_equal(verdict(c, 200, "{}"), RC_V_UNKNOWN);
	assert_int_equal(verdict(c, 200, "\x01"), RC_V_UNKNOWN);
	assert_int_equal(verdict(c, 200, "{\"messages\":[{\"status\":\"0\"}]}"),
	    RC_V_UNKNOWN);
	r = judge(c, 201, "{}");
	assert_int_equal(r.verdict, RC_V_UNKNOWN);
	assert_non_null(strstr(r.detail, "success.status"));
	rc_channel_free(c);
	c = http("");
	r = judge(c, 400, "{\"error\":{\"message\":\"no credit\"}}");
	assert_string_equal(r.detail, "HTTP 400: no credit");
	rc_channel_free(c);
}

static void
an_answer_cut_off_is_not_taken_for_whole(void **state)
{
	struct rc_channel *c = http(",\"id_pointer\":\"/id\"");
	struct rc_http_response response = {.outcome = RC_HTTP_ANSWERED,
	    .status = 200,
	    .body = RC_SLICE_LIT("{\"id\":\"1\"}"),
	    .body_cut = true,
	    .content_type = "",
	    .error = ""};
	struct rc_result r;

	(void)state;
	rc_provider_judge(c, &response, &r);
	assert_int_equal(r.verdict, RC_V_UNKNOWN);
	rc_channel_free(c);
}

static void
build_token(const char *more)
{
	struct rc_channel *c = oauth2(more);

	assert_int_equal(rc_token_build(c, &request, &error), RC_OK);
	assert_string_equal(request.http.url, "https://a.example/token?k=v");
	assert_null(request.http.user);
	rc_channel_free(c);
}

static void
credentials_go_in_the_style_of_the_channel(void **state)
{
	(void)state;
	build_token(",\"scope\":\"a b\"");
	/* a%20b:x%3Ay%26z: encoded before base64 (RFC 6749, 2.3.1) */
	assert_string_equal(
	    header("Authorization", true), "Basic YSUyMGI6eCUzQXklMjZ6");
	body_is("grant_type=client_credentials&scope=a%20b");
	build_token(",\"style\":\"form\",\"client_id_key\":\"app\"");
	assert_null(header("Authorization", true));
	body_is("grant_type=client_credentials&app=a%20b"
		"&client_secret=x%3Ay%26z");
	build_token(",\"style\":\"json\",\"client_secret_key\":\"key\"");
	assert_string_equal(header("Content-Type", false), "application/json");
	body_is("{\"grant_type\":\"client_credentials\",\"client_id\":\"a b\","
		"\"key\":\"x:y&z\"}");
}

static void
credentials_may_go_in_headers(void **state)
{
	struct rc_channel *c = oauth2(
	    ",\"style\":\"header\",\"client_id_key\":\"X-Id\","
	    "\"client_secret_key\":\"X-Secret\",\"token_headers\":[{\"name\":"
	    "\"X-Tenant\",\"value\":\"t\"}]");

	(void)state;
	assert_int_equal(rc_token_build(c, &request, &error), RC_OK);
	assert_string_equal(header("X-Id", false), "a b");
	assert_string_equal(header("X-Secret", true), "x:y&z");
	assert_string_equal(header("X-Tenant", false), "t");
	body_is("grant_type=client_credentials");
	rc_channel_free(c);
}

static void
further_parameters_go_with_every_style(void **state)
{
	static const char params[] =
	    "\"token_params\":[{\"name\":\"audience\",\"value\":"
	    "\"https://a/?b&c\"},{\"name\":\"pin\",\"value\":\"1+1\","
	    "\"secret\":true}]";
	char more[512];

	(void)state;
	snprintf(more, sizeof(more), ",%s", params);
	build_token(more);
	body_is("grant_type=client_credentials"
		"&audience=https%3A%2F%2Fa%2F%3Fb%26c&pin=1%2B1");
	snprintf(more, sizeof(more), ",\"style\":\"form\",%s", params);
	build_token(more);
	body_is("grant_type=client_credentials"
		"&audience=https%3A%2F%2Fa%2F%3Fb%26c&pin=1%2B1"
		"&client_id=a%20b&client_secret=x%3Ay%26z");
	snprintf(more, sizeof(more), ",\"style\":\"json\",%s", params);
	build_token(more);
	body_is("{\"grant_type\":\"client_credentials\",\"client_id\":\"a b\","
		"\"client_secret\":\"x:y&z\",\"audience\":"
		"\"https://a/?b&c\",\"pin\":\"1+1\"}");
	build_token(",\"token_params\":[{\"name\":\"grant_type\",\"value\":"
		    "\"account_credentials\"}]");
	body_is("grant_type=account_credentials");
}

static enum rc_err
read_token(int status, const char *body, struct rc_token *token)
{
	struct rc_http_response response = {
	    .outcome = status == 0 ? RC_HTTP_NEVER_SENT : RC_HTTP_ANSWERED,
	    .status = status,
	    .body = rc_slice_str(body),
	    .content_type = "",
	    .error = "could not connect"};
	struct rc_channel *c = oauth2("");
	enum rc_err err = rc_token_read(c, &response, NOW, token, &error);

	rc_channel_free(c);
	if (err != RC_OK) {
		assert_null(strstr(error.msg, "x:y&z"));
		assert_null(strstr(error.msg, "k=v"));
	}
	return err;
}

static void
lives(const char *more, uint64_t seconds)
{
	struct rc_token token = {0};
	char body[200];

	snprintf(body, sizeof(body), "{\"access_token\":\"tok\"%s}", more);
	assert_int_equal(read_token(200, body, &token), RC_OK);
	assert_string_equal(rc_buf_str(&token.value), "tok");
	assert_int_equal(token.expires_ms, NOW + seconds * 1000);
	rc_token_free(&token);
}

static void
a_token_is_refreshed_in_time(void **state)
{
	(void)state;
	lives(",\"expires_in\":3600", 3240);
	lives(",\"expires_in\":\"3600\",\"token_type\":\"bearer\"", 3240);
	lives(",\"expires_in\":300", 240);
	lives(",\"expires_in\":10", 5);
	lives(",\"expires_in\":0", 0);
	lives("", 240);
	lives(",\"expires_in\":null,\"token_type\":null", 240);
}

static void
refusal_nonsense_and_absence_are_told_apart(void **state)
{
	struct rc_token token = {0};

	(void)state;
	assert_int_equal(
	    read_token(401, "{\"error\":\"invalid_client\"}", &token),
	    RC_EPERM);
	assert_says(error, "invalid_client");
	assert_int_equal(read_token(400, "", &token), RC_EPERM);
	assert_int_equal(read_token(404, "", &token), RC_EPROTO);
	assert_int_equal(read_token(302, "", &token), RC_EPROTO);
	assert_int_equal(read_token(429, "", &token), RC_EUNAVAIL);
	assert_int_equal(read_token(503, "", &token), RC_EUNAVAIL);
	assert_int_equal(read_token(0, "", &token), RC_EUNAVAIL);
	assert_int_equal(read_token(200, "<html>", &token), RC_EPROTO);
	assert_int_equal(read_token(200, "{}", &token), RC_EPROTO);
	assert_int_equal(
	    read_token(200, "{\"access_token\":\"a\\r\\nb\"}", &token),
	    RC_EPROTO);
	assert_int_equal(
	    read_token(
		200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}", &token),
	    RC_EPROTO);
	rc_token_free(&token);
}

static void
masked(const struct rc_channel *c, const char *secret)
{
	char text[128];

	snprintf(text, sizeof(text), "<%s>", secret);
	rc_provider_mask(c, NULL, text, strlen(text));
	assert_int_equal(strspn(text + 1, "*"), strlen(secret));
	assert_string_equal(text + 1 + strlen(secret), ">");
}

static void
masked_at_end(const struct rc_channel *c, const char *text)
{
	char copy[128];
	size_t n = strcspn(text, "A");

	snprintf(copy, sizeof(copy), "%s", text);
	rc_provider_mask(c, NULL, copy, strlen(copy));
	assert_memory_equal(copy, text, n);
	assert_int_equal(strspn(copy + n, "*"), strlen(text) - n);
}

static void
other_escapes_are_masked(void)
{
	static const char *const whole[] = {"Ab+cd/\\\"<&%25>' gh",
	    "Ab+cd\\/\\\\\\\"<&%25>' gh",
	    "Ab\\u002Bcd/\\\\\\u0022\\u003C\\u0026%25\\u003E\\u0027 gh",
	    "Ab\\u002bcd\\/\\u005c\\u0022\\u003c\\u0026\\u002525\\u003e' gh",
	    "Ab%2bcd%2f%5c%22%3c%26%2525%3e%27+gh",
	    "Ab%2Bcd%2F%5C%22%3C%26%2525%3E%27%20gh",
	    "Ab&#43;cd/\\&quot;&lt;&amp;%25&gt;&#039; gh",
	    "Ab&#x2B;cd&#x2f;\\&#34;&lt;&amp;%25&gt;&apos; gh"};
	static const char *const other[] = {"Ab-cd/", "Ab%2ccd/", "Ab%2",
	    "Ab\\u012Bcd", "Ab&#44;cd", "Ab&#;cd", "Ab&lt;cd", "Ab%2Gcd"};
	static const char *const cut[] = {"key Ab%2bcd%2", "key Ab\\u002",
	    "key Ab+cd\\", "key Ab&#4", "key Ab+cd/\\&quo", "key Ab%2Bcd%"};
	struct rc_channel *c =
	    http(",\"headers\":[{\"name\":\"X-Key\",\"value\":"
		 "\"Ab+cd/\\\\\\\"<&%25>' gh\",\"secret\":true}]");

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		masked(c, whole[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		char text[32];

		snprintf(text, sizeof(text), "<%s>", other[i]);
		rc_provider_mask(c, NULL, text, strlen(text));
		assert_memory_equal(text + 1, other[i], strlen(other[i]));
	}
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
		masked_at_end(c, cut[i]);
	rc_channel_free(c);
}

static void
a_secret_that_is_quoted_back_is_masked(void **state)
{
	struct rc_channel *c =
	    http(",\"headers\":[{\"name\":\"X-Key\",\"value\":"
		 "\"Key s3cr3t-value\",\"secret\":true}]");
	char text[300], cut[] = "ends with s3cr3t";
	struct rc_result r;
	struct rc_token token = {0};

	(void)state;
	r = judge(c, 400, "{\"message\":\"no such key 's3cr3t-value'\"}");
	assert_null(strstr(r.detail, "s3cr3t"));
	assert_non_null(strstr(r.detail, "no such key"));
	memset(text, 'x', sizeof(text));
	snprintf(
	    text, sizeof(text), "{\"message\":\"%0182d s3cr3t-value\"}", 0);
	r = judge(c, 400, text);
	assert_null(strstr(r.detail, "s3cr"));
	rc_provider_mask(c, NULL, cut, strlen(cut));
	assert_string_equal(cut, "ends with ******");
	rc_provider_mask(c, "ends", cut, strlen(cut));
	assert_string_equal(cut, "**** with ******");
	rc_channel_free(c);
	c = oauth2(",\"token_params\":[{\"name\":\"pin\",\"value\":"
		   "\"a \\\"b\\\"/c\",\"secret\":true}]");
	masked(c, "YSUyMGI6eCUzQXklMjZ6");
	masked(c, "x%3Ay%26z");
	masked(c, "a \"b\"/c");
	masked(c, "a \\\"b\\\"/c");
	masked(c, "a%20%22b%22%2Fc");
	rc_channel_free(c);
	other_escapes_are_masked();
	assert_int_equal(
	    read_token(401,
		"{\"error\":\"invalid_client\",\"error_description\":"
		"\"secret x:y&z is wrong\"}",
		&token),
	    RC_EPERM);
	assert_says(error, "is wrong");
	rc_token_free(&token);
}

static enum rc_err
find_token(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_slice record;
	enum rc_err err =
	    rc_get(txn, RC_T_TOKEN, RC_SLICE_LIT("\0\0\0\7"), &record, e);

	if (err == RC_OK)
		*(bool *)arg =
		    memmem(record.p, record.len, "hunter2", 7) != NULL;
	return err;
}

static void
a_kept_token_is_sealed_and_valid_until_it_expires(void **state)
{
	struct rc_channel *c = oauth2("");
	struct rc_token token = {
	    .value = RC_BUF_INIT(100), .expires_ms = NOW + 1000};
	struct rc_state *s = NULL;
	bool plain = true;

	(void)state;
	c->number = 7;
	assert_int_equal(rc_state_open(&s, scratch("state.mdb"), scratch("key"),
			     true, &error),
	    RC_OK);
	assert_int_equal(rc_state_unseal(s, true, &error), RC_OK);
	assert_int_equal(rc_token_load(s, c, NOW, &token, &error), RC_NOTFOUND);
	rc_buf_adds(&token.value, "hunter2");
	assert_int_equal(rc_token_store(s, c, &token, &error), RC_OK);
	rc_token_free(&token);
	assert_int_equal(rc_token_load(s, c, NOW, &token, &error), RC_OK);
	assert_string_equal(rc_buf_str(&token.value), "hunter2");
	assert_int_equal(
	    rc_token_load(s, c, NOW + 1000, &token, &error), RC_NOTFOUND);
	c->client_secret[0] ^= 1;
	assert_int_equal(rc_token_load(s, c, NOW, &token, &error), RC_NOTFOUND);
	c->client_secret[0] ^= 1;
	assert_int_equal(rc_token_load(s, c, NOW, &token, &error), RC_OK);
	assert_int_equal(
	    rc_store_read(s->store, find_token, &plain, &error), RC_OK);
	assert_false(plain);
	rc_token_free(&token);
	rc_state_close(s);
	rc_channel_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(twilio_gets_a_form_with_basic_credentials),
	    cmocka_unit_test(twilio_takes_services_and_api_keys),
	    cmocka_unit_test(http_gets_the_document_headers_and_credentials),
	    cmocka_unit_test(twilios_codes_decide),
	    cmocka_unit_test(a_twilio_message_without_a_sid_is_unknown),
	    cmocka_unit_test(
		what_was_never_sent_may_be_tried_again_what_may_have_been_not),
	    cmocka_unit_test(statuses_decide_for_http),
	    cmocka_unit_test(a_channels_codes_say_what_a_refusal_means),
	    cmocka_unit_test(a_code_counts_in_a_refusal_of_any_status),
	    cmocka_unit_test(an_error_where_success_would_be_told_is_a_refusal),
	    cmocka_unit_test(a_channels_rules_find_success_id_and_error),
	    cmocka_unit_test(an_answer_cut_off_is_not_taken_for_whole),
	    cmocka_unit_test(credentials_go_in_the_style_of_the_channel),
	    cmocka_unit_test(credentials_may_go_in_headers),
	    cmocka_unit_test(further_parameters_go_with_every_style),
	    cmocka_unit_test(a_token_is_refreshed_in_time),
	    cmocka_unit_test(a_secret_that_is_quoted_back_is_masked),
	    cmocka_unit_test(refusal_nonsense_and_absence_are_told_apart),
	    SCRATCH_TEST(a_kept_token_is_sealed_and_valid_until_it_expires),
	};
	int failed;

	rc_provider_request_init(&request);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rc_provider_request_free(&request);
	return failed;
}
