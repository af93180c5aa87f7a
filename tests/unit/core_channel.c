#include "base/num.h"
#include "core/channel_key.h"
#include "core/message.h"
#include "channel_state.h"

#define SID "0123456789abcdef0123456789abcdef"
#define TWILIO                                                                 \
	"\"provider\":\"twilio\",\"account_sid\":\"AC" SID                     \
	"\",\"from\":\"+15550100\""
#define TOKEN "\"auth_token\":\"hunter2-token\""
#define HTTP "\"provider\":\"http\",\"url\":\"https://a.example/x\""
#define OAUTH2                                                                 \
	"\"auth\":{\"type\":\"oauth2\",\"client_id\":\"me\","                  \
	"\"client_secret\":\"hunter2-client\",\"token_url\":"                  \
	"\"https://a.example/token\"}"

static enum rc_err
parse(const char *text, struct rc_channel **out)
{
	struct rc_json *json = NULL;
	enum rc_err err;

	assert_int_equal(
	    rc_json_parse(&json, rc_slice_str(text), &error), RC_OK);
	err = rc_channel_parse(out, "acme", rc_json_root(json), &error);
	rc_json_free(json);
	return err;
}

static void
refuses(const char *text, const char *message)
{
	struct rc_channel *c;

	assert_int_equal(parse(text, &c), RC_EUSAGE);
	assert_null(c);
	assert_says(error, message);
	assert_null(strstr(error.msg, "hunter2"));
}

static struct rc_channel *
accepts(const char *text)
{
	struct rc_channel *c;

	if (parse(text, &c) != RC_OK)
		fail_msg("%s: %s", text, error.msg);
	return c;
}

static void
show(const struct rc_channel *c, struct rc_buf *out)
{
	struct rc_json_writer jw;

	rc_buf_reset(out);
	jw = rc_json_writer_start(out);
	rc_channel_write(&jw, c);
	assert_int_equal(rc_jw_finish(&jw, &error), RC_OK);
}

static void
a_key_is_listed_once_and_groups_are_neighbours(void **state)
{
	(void)state;
	for (size_t i = 0; i < rc_channel_nkeys; i++)
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(
			    rc_channel_keys[i].name, rc_channel_keys[j].name);
			assert_string_not_equal(rc_channel_keys[i].option,
			    rc_channel_keys[j].option);
		}
	assert_true(rc_channel_key_is_secret("auth_token"));
	assert_true(rc_channel_key_is_secret("auth.client_secret"));
	assert_false(rc_channel_key_is_secret("from"));
	assert_true(rc_channel_key_is_group(RC_SLICE_LIT("auth")));
	assert_false(rc_channel_key_is_group(RC_SLICE_LIT("auth.type")));
}

static void
defaults_are_those_of_the_manual(void **state)
{
	struct rc_channel *c = accepts("{" TWILIO "," TOKEN "}");

	(void)state;
	assert_int_equal(c->provider, RC_PROVIDER_TWILIO);
	assert_int_equal(c->identifier, RC_IDENT_PHONE);
	assert_string_equal(c->base_url, "https://api.twilio.com");
	assert_int_equal(c->concurrency, 64);
	assert_int_equal(c->cap, 5);
	assert_int_equal(c->cap_window_ms, 86400000);
	rc_channel_free(c);
	c = accepts("{\"url\":\"http://a.example/\",\"rate\":\"2.5\","
		    "\"concurrency\":8,\"cap\":\"none\","
		    "\"success\":{\"status\":202,\"pointer\":\"/ok\","
		    "\"equals\":true}}");
	assert_int_equal(c->provider, RC_PROVIDER_HTTP);
	assert_string_equal(c->success_equals, "true");
	assert_string_equal(c->content_type, "application/json");
	assert_int_equal(c->concurrency, 8);
	assert_int_equal(c->cap, 0);
	assert_int_equal(c->status_min, 202);
	assert_int_equal(c->status_max, 202);
	assert_true(c->rate > 2.4 && c->rate < 2.6);
	rc_channel_free(c);
}

static void
an_unknown_key_is_named_with_the_nearest(void **state)
{
	(void)state;
	refuses("{\"acount_sid\":\"x\"}", "did you mean 'account_sid'");
	refuses("{\"username\":\"x\"}", "did you mean 'auth.username'");
	refuses("{\"auth\":{\"tokenurl\":\"x\"}}",
	    "unknown key 'auth.tokenurl' in the channel object; did you "
	    "mean 'auth.token_url'");
	refuses("{\"auth\":{\"auth\":{}}}", "unknown key 'auth.auth'");
	refuses("[]", "JSON object");
}

static void
what_is_missing_or_does_not_fit_is_named(void **state)
{
	(void)state;
	refuses("{" TWILIO "}", "'auth_token' is missing");
	refuses("{\"provider\":\"twilio\"}", "'account_sid' is missing");
	refuses("{" TWILIO "," TOKEN ",\"url\":\"https://a.example\"}",
	    "'url' does not go with provider 'twilio'");
	refuses("{" HTTP ",\"auth\":{\"type\":\"basic\",\"username\":\"x\"}}",
	    "'auth.password' is missing");
	refuses("{" HTTP ",\"auth\":{\"type\":\"basic\",\"scope\":\"x\"}}",
	    "'auth.scope' does not go with provider 'http' with auth "
	    "'basic'");
	refuses("{\"provider\":\"http\"}", "'url' is missing");
	refuses("{" HTTP ",\"success\":{\"pointer\":\"/a\"}}", "go together");
	refuses("{" TWILIO ",\"api_key_sid\":\"SK" SID "\"}", "go together");
}

static void
wrong_values_are_named_with_what_fits(void **state)
{
	(void)state;
	refuses("{\"provider\":\"vonage\"}", "twilio or http");
	refuses("{" TWILIO "," TOKEN ",\"cap\":\"5\"}", "5/24h");
	refuses("{" TWILIO "," TOKEN ",\"cap\":\"0/24h\"}", "5/24h");
	refuses("{" TWILIO "," TOKEN ",\"rate\":\"fast\"}", "a number");
	refuses("{" TWILIO "," TOKEN ",\"rate\":true}", "'rate' is wrong");
	refuses("{" TWILIO "," TOKEN ",\"concurrency\":0}", "from 1 to 1000");
	refuses("{" TWILIO "," TOKEN ",\"concurrency\":1001}", "1 to 1000");
	refuses("{" TWILIO "," TOKEN ",\"quiet_hours\":\"24:00-08:00\"}",
	    "two different times");
	refuses("{" TWILIO "," TOKEN ",\"quiet_hours\":\"08:00-08:00\"}",
	    "two different times");
	refuses("{\"url\":\"https://a.example\",\"identifier\":\"email\","
		"\"quiet_hours\":\"21:00-08:00\"}",
	    "goes with identifier phoneNumber alone");
	refuses("{" TWILIO "," TOKEN ",\"identifier\":\"email\"}",
	    "phoneNumber alone");
	refuses("{" HTTP ",\"success\":{\"status\":\"300-200\"}}", "200-299");
	refuses("{" HTTP ",\"success\":{\"status\":\"200-599\"}}",
	    "200 to 399: from 400 on nothing was accepted");
	refuses("{" HTTP ",\"success\":{\"status\":400}}", "200 to 399");
	rc_channel_free(
	    accepts("{" HTTP ",\"success\":{\"status\":\"200-399\"}}"));
	refuses("{" HTTP ",\"optout_codes\":\"a,,b\"}", "'optout_codes'");
	refuses("{" HTTP ",\"optout_codes\":\"1,2\",\"stop_codes\":\"3,2\"}",
	    "'optout_codes' and 'stop_codes' both have '2'");
	refuses("{" HTTP ",\"optout_codes\":\"1\",\"retry_codes\":\"1\"}",
	    "'optout_codes' and 'retry_codes' both have '1'");
	refuses("{" TWILIO "," TOKEN ",\"optout_codes\":\"1\"}",
	    "'optout_codes' does not go with provider 'twilio'");
	refuses("{" HTTP ",\"id_pointer\":\"id\"}", "JSON pointer");
	refuses("{" HTTP ",\"content_type\":true}", "'content_type'");
	refuses("{\"url\":\"ftp://a.example\"}", "'url'");
	refuses("{\"url\":\"https://u:hunter2@a.example\"}", "'auth'");
	refuses(
	    "{" HTTP ",\"content_type\":\"a\\r\\nX: b\"}", "control character");
}

static void
a_type_whose_escapes_are_not_ours_is_refused(void **state)
{
	static const char *const wrong[] = {"application/x-www-form-urlencoded",
	    "Application/X-WWW-Form-Urlencoded ; charset=utf-8", "text/xml",
	    "multipart/form-data; boundary=json", "application/soap+XML"};
	static const struct {
		const char *type;
		bool json;
	} fine[] = {{"application/json", true}, {"application/JSON", true},
	    {"Application/Vnd.Api+Json; charset=utf-8", true},
	    {"text/plain", false}, {"text/plain; about=json", false}};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text),
		    "{" HTTP ",\"content_type\":\"%s\"}", wrong[i]);
		refuses(text, "JSON or plain text");
	}
	refuses("{" HTTP ",\"content_type\":\"\"}", "more than nothing");
	refuses("{" HTTP ",\"content_type\":\" ;\"}", "more than nothing");
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		struct rc_channel *c;

		snprintf(text, sizeof(text),
		    "{" HTTP ",\"content_type\":\"%s\"}", fine[i].type);
		c = accepts(text);
		assert_int_equal(rc_channel_is_json(c), fine[i].json);
		rc_channel_free(c);
	}
}

static void
check_sender(const char *from, bool fine)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "{\"account_sid\":\"AC" SID "\"," TOKEN ",\"from\":\"%s\"}", from);
	if (fine)
		rc_channel_free(accepts(text));
	else
		refuses(text, "'from' is wrong");
}

static void
a_twilio_sender_is_a_number_short_code_name_or_service(void **state)
{
	static const char *const fine[] = {
	    "+15550100", "12345", "Shop 24", "ABCDEFGHIJK", ("MG" SID)};
	static const char *const wrong[] = {"", "12", "123456789", "+1",
	    "ABCDEFGHIJKL", "Shop!", "MG0123456789", "+0155501000", "1 234"};

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		check_sender(fine[i], true);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		check_sender(wrong[i], false);
}

static void
credentials_go_over_plain_http_to_loopback_alone(void **state)
{
	(void)state;
	refuses("{" TWILIO "," TOKEN ",\"base_url\":\"http://a.example\"}",
	    "plain http");
	rc_channel_free(accepts(
	    "{" TWILIO "," TOKEN ",\"base_url\":\"http://127.0.0.1:80\"}"));
	refuses("{\"url\":\"http://a.example\",\"auth\":{\"type\":\"basic\","
		"\"username\":\"u\",\"password\":\"hunter2\"}}",
	    "plain http");
	refuses("{\"url\":\"http://a.example\",\"headers\":[{\"name\":\"X\","
		"\"value\":\"hunter2\",\"secret\":true}]}",
	    "plain http");
	refuses("{" HTTP ",\"auth\":{\"type\":\"oauth2\",\"client_id\":\"me\","
		"\"client_secret\":\"s\",\"token_url\":\"http://a.example\"}}",
	    "plain http");
	refuses("{\"url\":\"http://a.example/x?v=2&Api_Key=hunter2\"}",
	    "'url' would send credentials over plain http");
	refuses("{" HTTP ",\"lookup_url\":\"http://a.example/${Message ID}"
		"?token=hunter2\"}",
	    "'lookup_url' would send credentials over plain http");
	refuses("{" HTTP ",\"list_source\":\"http://a.example/a.csv"
		"?X-Amz-Signature=hunter2\"}",
	    "'list_source' would send credentials over plain http");
	rc_channel_free(accepts("{\"url\":\"http://a.example/x?v=2\"}"));
	rc_channel_free(
	    accepts("{\"url\":\"http://127.0.0.1/x?api_key=hunter2\"}"));
	rc_channel_free(
	    accepts("{\"url\":\"https://a.example/x?api_key=hunter2\"}"));
}

#define LIST_KEYS                                                              \
	"\"list_access_key\":\"AKIA\",\"list_secret_key\":\"hunter2-list\""

/* A channel with these keys of a list besides. */
#define LIST(keys) "{" HTTP "," keys "}"

static void
a_list_source_is_one_that_is_there_from_everywhere(void **state)
{
	static const char *const fine[] = {LIST("\"list_source\":\"/a b/c\""),
	    LIST("\"list_source\":\"https://a.example/l.csv?x=1\""),
	    LIST("\"list_source\":\"http://a.example/l.csv\""),
	    LIST("\"list_source\":\"s3://bucket\""),
	    LIST("\"list_source\":\"s3://bucket/p/q\"," LIST_KEYS),
	    LIST("\"list_source\":\"http://[::1]/l\"," LIST_KEYS)};
	static const char *const wrong[] = {"", "-", "lists/x.csv", "~/x.csv",
	    "s3://", "s3:///x", "s3:/bucket", "ftp://a.example/x", "http:"};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		rc_channel_free(accepts(fine[i]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), LIST("\"list_source\":\"%s\""),
		    wrong[i]);
		refuses(text, "'list_source' is wrong");
	}
	refuses(LIST("\"list_source\":\"https://u:hunter2@a.example/x\""),
	    "'list_access_key'");
	refuses(LIST("\"list_source\":\"s3://AKIA:hunter2@bucket/p\""),
	    "'list_access_key'");
	refuses(LIST("\"list_source\":\"ftp://u:hunter2@a.example/x\""),
	    "'list_source' is wrong");
	refuses(
	    LIST("\"list_source\":\"https://a.example/a b\""), "'list_source'");
}

static void
keys_of_a_list_go_together_and_not_over_plain_http(void **state)
{
	(void)state;
	refuses(LIST("\"list_access_key\":\"AKIA\""), "go together");
	refuses(LIST("\"list_secret_key\":\"hunter2\""), "go together");
	refuses(LIST("\"list_session_token\":\"hunter2\""),
	    "goes with 'list_access_key'");
	refuses(LIST("\"list_source\":\"https://a.example/x\"," LIST_KEYS
		     ",\"list_session_token\":\"hunter2\""),
	    "goes with s3://");
	refuses(LIST("\"list_source\":\"http://a.example/x\"," LIST_KEYS),
	    "'list_source' would send credentials over plain http");
	refuses(LIST("\"list_endpoint\":\"http://a.example\"," LIST_KEYS),
	    "'list_endpoint' would send credentials over plain http");
	rc_channel_free(
	    accepts(LIST("\"list_endpoint\":\"http://a.example\"")));
	rc_channel_free(accepts(
	    LIST("\"list_endpoint\":\"http://127.0.0.1:9\"," LIST_KEYS)));
	refuses(LIST("\"list_endpoint\":\"s3.example\""), "'list_endpoint'");
	refuses(LIST("\"list_region\":\"a/b\""), "'list_region' is wrong");
	refuses(LIST("\"list_region\":\"\""), "'list_region' is wrong");
	refuses(LIST("\"list_addressing\":\"auto\""), "path or virtual");
	refuses(LIST("\"list_source\":\"https://a.example\","
		     "\"list_access_key\":\"a:b\","
		     "\"list_secret_key\":\"hunter2\""),
	    "colon");
}

static void
addressing_is_shown_when_it_was_given(void **state)
{
	struct rc_buf shown = RC_BUF_INIT(4096);
	struct rc_channel *c = accepts("{" HTTP "}");

	(void)state;
	assert_int_equal(c->list_addressing, RC_ADDRESSING_AUTO);
	show(c, &shown);
	assert_null(strstr(rc_buf_str(&shown), "list_"));
	rc_channel_free(c);
	c = accepts(LIST("\"list_addressing\":\"virtual\"," LIST_KEYS));
	assert_int_equal(c->list_addressing, RC_ADDRESSING_VIRTUAL);
	assert_true(rc_channel_has(c, "list_secret_key"));
	assert_false(rc_channel_has(c, "list_session_token"));
	show(c, &shown);
	assert_non_null(strstr(rc_buf_str(&shown),
	    "\"list_addressing\":\"virtual\",\"list_access_key\":\"AKIA\","
	    "\"list_secret_key\":\"" RC_MASK "\""));
	rc_channel_free(c);
	rc_buf_free(&shown);
}

static void
headers_cannot_break_a_request(void **state)
{
	(void)state;
	refuses("{" HTTP ",\"headers\":[{\"name\":\"A B\",\"value\":\"\"}]}",
	    "'headers' is wrong");
	refuses("{" HTTP ",\"headers\":[{\"name\":\"X\",\"value\":\"a\\n\"}]}",
	    "control character");
	refuses("{" HTTP ",\"headers\":[{\"name\":\"Host\",\"value\":\"\"}]}",
	    "cannot set 'Host'");
	refuses("{" HTTP ",\"headers\":[{\"name\":\"X\",\"value\":\"1\"},"
		"{\"name\":\"x\",\"value\":\"2\"}]}",
	    "twice");
	refuses("{" HTTP ",\"headers\":[{\"name\":\"X\"}]}", "no string");
	refuses("{" HTTP ",\"headers\":[{\"name\":\"authorization\",\"value\":"
		"\"hunter2\"}]}",
	    "is a secret");
	refuses(
	    "{" HTTP ",\"headers\":[{\"name\":\"X\",\"val\":\"\"}]}", "'val'");
	refuses("{" HTTP "," OAUTH2 ",\"headers\":[{\"name\":"
		"\"Authorization\",\"value\":\"x\",\"secret\":true}]}",
	    "'Authorization'");
}

static void
shown_objects_read_back_and_mask_every_secret(void **state)
{
	struct rc_channel *c = accepts(
	    "{" HTTP "," OAUTH2
	    ",\"headers\":[{\"name\":\"X-Key\",\"value\":\"hunter2-header\","
	    "\"secret\":true},{\"name\":\"X-Plain\",\"value\":\"seen\"}],"
	    "\"cap\":\"3/90m\",\"price\":0.0000079,\"id_pointer\":\"/id\"}");
	struct rc_buf first = RC_BUF_INIT(4096), second = RC_BUF_INIT(4096);

	(void)state;
	show(c, &first);
	rc_channel_free(c);
	assert_null(strstr(rc_buf_str(&first), "hunter2"));
	assert_non_null(strstr(rc_buf_str(&first),
	    "\"headers\":[{\"name\":\"X-Key\",\"value\":\"********\","
	    "\"secret\":true},{\"name\":\"X-Plain\",\"value\":\"seen\"}]"));
	assert_non_null(
	    strstr(rc_buf_str(&first), "\"client_secret\":\"" RC_MASK "\""));
	assert_non_null(strstr(rc_buf_str(&first), "\"cap\":\"3/90m\""));
	assert_non_null(strstr(rc_buf_str(&first), "\"price\":0.0000079"));
	c = accepts(rc_buf_str(&first));
	show(c, &second);
	assert_string_equal(rc_buf_str(&first), rc_buf_str(&second));
	rc_channel_free(c);
	rc_buf_free(&first);
	rc_buf_free(&second);
}

static void
secrets_are_sealed_and_open_again(void **state)
{
	struct rc_channel *c = save_channel("acme",
	    "{" HTTP "," OAUTH2 ",\"headers\":[{\"name\":\"X-Key\",\"value\":"
	    "\"hunter2-header\",\"secret\":true}]}");
	struct rc_buf shown = RC_BUF_INIT(4096);
	uint32_t number = c->number;

	(void)state;
	rc_channel_free(c);
	assert_int_equal(
	    rc_channel_load(open_state, "acme", true, &c, &error), RC_OK);
	assert_int_equal(c->number, number);
	assert_string_equal(c->client_secret, "hunter2-client");
	assert_string_equal(c->headers[0].value, "hunter2-header");
	rc_channel_free(c);
	assert_int_equal(
	    rc_channel_load(open_state, NULL, false, &c, &error), RC_OK);
	assert_null(c->client_secret);
	assert_null(c->headers[0].value);
	show(c, &shown);
	assert_non_null(
	    strstr(rc_buf_str(&shown), "\"client_secret\":\"" RC_MASK "\""));
	assert_non_null(strstr(rc_buf_str(&shown), "\"value\":\"" RC_MASK));
	rc_buf_free(&shown);
	rc_channel_free(c);
}

static enum rc_err
find_secret(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_slice record;
	enum rc_err err =
	    rc_get(txn, RC_T_CHANNEL, RC_SLICE_LIT("acme"), &record, e);

	if (err == RC_OK)
		*(bool *)arg =
		    memmem(record.p, record.len, "hunter2", 7) != NULL;
	return err;
}

static void
no_secret_is_in_the_state(void **state)
{
	bool found = true;

	(void)state;
	rc_channel_free(save_channel("acme", "{" TWILIO "," TOKEN "}"));
	assert_int_equal(
	    rc_store_read(open_state->store, find_secret, &found, &error),
	    RC_OK);
	assert_false(found);
}

static void
a_name_is_taken_once_and_unknown_ones_are_answered_with_the_others(void **state)
{
	struct rc_channel *c = save_channel("acme", "{" TWILIO "," TOKEN "}");

	(void)state;
	assert_int_equal(rc_channel_save(open_state, c, &error), RC_ECREATE);
	rc_channel_free(c);
	rc_channel_free(save_channel("beta", "{" HTTP "}"));
	assert_int_equal(
	    rc_channel_load(open_state, "gamma", false, &c, &error),
	    RC_ENOINPUT);
	assert_non_null(strstr(error.msg, "acme, beta"));
	assert_int_equal(
	    rc_channel_load(open_state, NULL, false, &c, &error), RC_EUSAGE);
	assert_non_null(strstr(error.msg, "acme, beta"));
	assert_int_equal(rc_channel_name_check("a/b", &error), RC_EUSAGE);
	assert_int_equal(rc_channel_name_check("", &error), RC_EUSAGE);
}

static enum rc_err
by_number(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_channel *c = NULL;
	enum rc_err err =
	    rc_channel_by_number(txn, *(const uint32_t *)arg, &c, e);

	if (err == RC_OK)
		assert_string_equal(c->name, "beta");
	rc_channel_free(c);
	return err;
}

static enum rc_err
count(void *arg, const struct rc_channel *c, struct rc_error *e)
{
	(void)c;
	(void)e;
	++*(unsigned *)arg;
	return RC_OK;
}

static void
a_number_is_never_used_again(void **state)
{
	struct rc_channel *c = save_channel("acme", "{" TWILIO "," TOKEN "}");
	uint32_t first = c->number, second;
	unsigned n = 0;

	(void)state;
	rc_channel_free(c);
	c = save_channel("beta", "{" HTTP "}");
	second = c->number;
	rc_channel_free(c);
	assert_int_equal(
	    rc_store_read(open_state->store, by_number, &second, &error),
	    RC_OK);
	assert_int_equal(
	    rc_channel_remove(open_state, "acme", false, &error), RC_OK);
	assert_int_equal(
	    rc_store_read(open_state->store, by_number, &first, &error),
	    RC_NOTFOUND);
	assert_int_equal(
	    rc_channel_remove(open_state, "acme", false, &error), RC_ENOINPUT);
	c = save_channel("acme", "{" TWILIO "," TOKEN "}");
	assert_true(c->number > second);
	rc_channel_free(c);
	assert_int_equal(rc_channel_each(open_state, count, &n, &error), RC_OK);
	assert_int_equal(n, 2);
}

/* Tables whose keys begin with a channel's number. */
static const unsigned keyed[] = {RC_T_LIST, RC_T_EVENT, RC_T_SYNC, RC_T_FEED};
#define KEYED (sizeof(keyed) / sizeof(keyed[0]))

struct rows {
	uint32_t channel;
	size_t left[KEYED];
};

static enum rc_err
put_rows(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rows *rows = arg;
	enum rc_err err = RC_OK;
	char key[8];

	for (uint32_t i = 0; i < KEYED * 5000 && err == RC_OK; i++) {
		rc_put32(key, rows->channel);
		rc_put32(key + 4, i);
		err = rc_put(txn, keyed[i % KEYED],
		    (struct rc_slice){key, sizeof(key)}, RC_SLICE_LIT("x"), e);
	}
	return err;
}

static enum rc_err
count_table(
    struct rc_txn *txn, unsigned table, size_t *left, struct rc_error *e)
{
	struct rc_slice key, value;
	struct rc_cursor *cursor;
	enum rc_err err = rc_cursor_open(txn, table, &cursor, e);

	*left = 0;
	if (err == RC_OK)
		err = rc_cursor_ge(cursor, RC_SLICE_LIT("\0"), &key, &value, e);
	for (; err == RC_OK; err = rc_cursor_next(cursor, &key, &value, e))
		++*left;
	rc_cursor_close(cursor);
	return err == RC_END || err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
count_rows(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rows *rows = arg;
	enum rc_err err = RC_OK;

	for (size_t i = 0; err == RC_OK && i < KEYED; i++)
		err = count_table(txn, keyed[i], &rows->left[i], e);
	return err;
}

struct key_lookup {
	const char *key;
	uint32_t channel;
	char id[17];
	unsigned n;
};

static enum rc_err
find_key(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct key_lookup *l = arg;

	return rc_api_key_find(txn, rc_slice_str(l->key), &l->channel, e);
}

static void
removing_takes_records_and_keys_of_that_channel_alone(void **state)
{
	struct rows acme, beta;
	struct key_lookup l = {0};
	char kept[RC_API_KEY_LEN + 1], gone[RC_API_KEY_LEN + 1];
	struct rc_channel *c = save_channel("acme", "{" TWILIO "," TOKEN "}");

	(void)state;
	acme.channel = c->number;
	rc_channel_free(c);
	c = save_channel("beta", "{" HTTP "}");
	beta.channel = c->number;
	rc_channel_free(c);
	assert_int_equal(
	    rc_store_write(open_state->store, put_rows, &acme, &error), RC_OK);
	assert_int_equal(
	    rc_store_write(open_state->store, put_rows, &beta, &error), RC_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    rc_api_key_add(open_state, acme.channel, "", gone, &error),
		    RC_OK);
	assert_int_equal(
	    rc_api_key_add(open_state, beta.channel, "", kept, &error), RC_OK);
	assert_int_equal(
	    rc_channel_remove(open_state, "acme", false, &error), RC_OK);
	assert_int_equal(
	    rc_store_read(open_state->store, count_rows, &beta, &error), RC_OK);
	for (size_t i = 0; i < KEYED; i++)
		assert_int_equal(beta.left[i], 5000);
	l.key = gone;
	assert_int_equal(rc_store_read(open_state->store, find_key, &l, &error),
	    RC_NOTFOUND);
	l.key = kept;
	assert_int_equal(
	    rc_store_read(open_state->store, find_key, &l, &error), RC_OK);
}

static enum rc_err
put_open_message(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rc_content content = {.template_text = RC_SLICE_LIT("x"),
	    .message_text = RC_SLICE_LIT("x")};
	struct rc_campaign campaign;
	enum rc_err err = rc_campaign_open(txn, "spring",
	    *(const uint32_t *)arg, &content, false, 1, &campaign, e);

	if (err != RC_OK)
		return err;
	return rc_tally_add(
	    txn, campaign.number, RC_TALLY_STATE, RC_M_DEFERRED, 1, e);
}

static void
a_channel_with_open_messages_is_removed_by_force_alone(void **state)
{
	struct rc_channel *c = save_channel("acme", "{" TWILIO "," TOKEN "}");
	uint32_t number = c->number;

	(void)state;
	rc_channel_free(c);
	rc_channel_free(save_channel("beta", "{" HTTP "}"));
	assert_int_equal(rc_store_write(open_state->store, put_open_message,
			     &number, &error),
	    RC_OK);
	assert_int_equal(
	    rc_channel_remove(open_state, "acme", false, &error), RC_ECONFIG);
	assert_says(error, "'spring'");
	assert_int_equal(
	    rc_channel_load(open_state, "acme", true, &c, &error), RC_OK);
	rc_channel_free(c);
	assert_int_equal(
	    rc_channel_remove(open_state, "beta", false, &error), RC_OK);
	assert_int_equal(
	    rc_channel_remove(open_state, "acme", true, &error), RC_OK);
}

static enum rc_err
note_key(void *arg, const struct rc_api_key_info *info, struct rc_error *e)
{
	struct key_lookup *l = arg;

	(void)e;
	assert_true(rc_slice_is(info->label, "web form"));
	memcpy(l->id, info->id, sizeof(l->id));
	l->n++;
	return RC_OK;
}

static void
an_api_key_speaks_for_its_channel_until_it_is_removed(void **state)
{
	char key[RC_API_KEY_LEN + 1];
	struct key_lookup l = {.key = key};
	struct rc_store *store = open_state->store;

	(void)state;
	assert_int_equal(
	    rc_api_key_add(open_state, 7, "web form", key, &error), RC_OK);
	assert_int_equal(strlen(key), RC_API_KEY_LEN);
	assert_memory_equal(key, "rck_", 4);
	assert_int_equal(rc_store_read(store, find_key, &l, &error), RC_OK);
	assert_int_equal(l.channel, 7);
	assert_int_equal(
	    rc_api_key_each(open_state, note_key, &l, &error), RC_OK);
	assert_int_equal(l.n, 1);
	assert_int_equal(
	    rc_api_key_remove(open_state, "0000000000000000", &error),
	    RC_NOTFOUND);
	assert_int_equal(
	    rc_api_key_remove(open_state, "zz", &error), RC_EUSAGE);
	assert_int_equal(rc_api_key_remove(open_state, l.id, &error), RC_OK);
	assert_int_equal(
	    rc_store_read(store, find_key, &l, &error), RC_NOTFOUND);
}

static enum rc_err
parse_part(const char *object)
{
	struct rc_channel *c = NULL;
	struct rc_json *json = NULL;
	struct rc_error e;
	enum rc_err err;

	assert_int_equal(rc_json_parse(&json, rc_slice_str(object), &e), RC_OK);
	err = rc_channel_parse_part(&c, "acme", rc_json_root(json), &e);
	assert_true((err == RC_OK) == (c != NULL));
	rc_json_free(json);
	rc_channel_free(c);
	return err;
}

static void
a_part_is_checked_and_misses_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse_part("{}"), RC_OK);
	assert_int_equal(parse_part("{\"provider\":\"http\"}"), RC_OK);
	assert_int_equal(parse_part("{\"provider\":\"http\",\"auth.type\":"
				    "\"oauth2\",\"success.pointer\":\"/a\"}"),
	    RC_OK);
	assert_int_equal(
	    parse_part("{\"provider\":\"http\",\"auth.type\":\"basic\","
		       "\"url\":\"http://a.example\"}"),
	    RC_EUSAGE);
	assert_int_equal(parse_part("{\"account_sid\":\"AC12\"}"), RC_EUSAGE);
	assert_int_equal(parse_part("{\"from\":\"+1\"}"), RC_EUSAGE);
	assert_int_equal(
	    parse_part("{\"provider\":\"twilio\",\"url\":\"https://a\"}"),
	    RC_EUSAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_part_is_checked_and_misses_nothing),
	    cmocka_unit_test(a_key_is_listed_once_and_groups_are_neighbours),
	    cmocka_unit_test(defaults_are_those_of_the_manual),
	    cmocka_unit_test(an_unknown_key_is_named_with_the_nearest),
	    cmocka_unit_test(what_is_missing_or_does_not_fit_is_named),
	    cmocka_unit_test(wrong_values_are_named_with_what_fits),
	    cmocka_unit_test(a_type_whose_escapes_are_not_ours_is_refused),
	    cmocka_unit_test(
		a_twilio_sender_is_a_number_short_code_name_or_service),
	    cmocka_unit_test(credentials_go_over_plain_http_to_loopback_alone),
	    cmocka_unit_test(
		a_list_source_is_one_that_is_there_from_everywhere),
	    cmocka_unit_test(
		keys_of_a_list_go_together_and_not_over_plain_http),
	    cmocka_unit_test(addressing_is_shown_when_it_was_given),
	    cmocka_unit_test(headers_cannot_break_a_request),
	    cmocka_unit_test(shown_objects_read_back_and_mask_every_secret),
	    WITH_STATE(secrets_are_sealed_and_open_again),
	    WITH_STATE(no_secret_is_in_the_state),
	    WITH_STATE(
		a_name_is_taken_once_and_unknown_ones_are_answered_with_the_others),
	    WITH_STATE(a_number_is_never_used_again),
	    WITH_STATE(removing_takes_records_and_keys_of_that_channel_alone),
	    WITH_STATE(a_channel_with_open_messages_is_removed_by_force_alone),
	    WITH_STATE(an_api_key_speaks_for_its_channel_until_it_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
