#include "base/num.h"
#include "core/campaign.h"
#include "core/channel_edit.h"
#include "core/list.h"
#include "core/provider.h"
#include "channel_state.h"

#define HTTP "\"url\":\"https://a.example/x\""
#define BASIC                                                                  \
	"\"auth\":{\"type\":\"basic\",\"username\":\"me\","                    \
	"\"password\":\"hunter2-password\"}"
#define OAUTH2                                                                 \
	"\"auth\":{\"type\":\"oauth2\",\"client_id\":\"me\","                  \
	"\"client_secret\":\"hunter2-client\",\"token_url\":"                  \
	"\"https://a.example/token\"}"
#define HEADERS                                                                \
	"\"headers\":[{\"name\":\"X-Key\",\"value\":\"hunter2-header\","       \
	"\"secret\":true},{\"name\":\"X-Plain\",\"value\":\"seen\"}]"

static struct rc_channel_edit edit;

static uint32_t
save(const char *name, const char *text)
{
	struct rc_channel *c = save_channel(name, text);
	uint32_t number = c->number;

	rc_channel_free(c);
	return number;
}

/* Applies an object to what was opened, and checks it. */
static enum rc_err
apply(struct rc_channel_edit *to, const char *text, bool merge)
{
	struct rc_json *json = NULL;
	enum rc_err err;

	assert_int_equal(
	    rc_json_parse(&json, rc_slice_str(text), &error), RC_OK);
	err = rc_channel_edit_apply(to, rc_json_root(json), merge, &error);
	rc_json_free(json);
	return err == RC_OK ? rc_channel_edit_check(to, &error) : err;
}

static void
open_edit(const char *name)
{
	rc_channel_edit_free(&edit);
	assert_int_equal(
	    rc_channel_edit_open(&edit, open_state, name, &error), RC_OK);
}

static void
changes(const char *text, bool merge)
{
	open_edit("acme");
	if (apply(&edit, text, merge) != RC_OK)
		fail_msg("%s: %s", text, error.msg);
	assert_int_equal(
	    rc_channel_edit_save(&edit, open_state, false, &error), RC_OK);
}

static void
refuses(const char *text, const char *message)
{
	open_edit("acme");
	assert_int_equal(apply(&edit, text, false), RC_EUSAGE);
	assert_says(error, message);
	assert_null(strstr(error.msg, "hunter2"));
}

static void
other_keys_stay_with_number_time_and_secrets(void **state)
{
	uint32_t number = save("acme", "{" HTTP "," BASIC ",\"rate\":2}");
	struct rc_channel *before = load("acme"), *c;

	(void)state;
	changes("{\"cap\":\"3/1h\",\"auth\":{\"username\":\"you\"}}", false);
	c = load("acme");
	assert_int_equal(c->number, number);
	assert_int_equal(c->created_ms, before->created_ms);
	assert_int_equal(c->cap, 3);
	assert_string_equal(c->username, "you");
	assert_string_equal(c->password, "hunter2-password");
	assert_true(c->rate > 1.9 && c->rate < 2.1);
	rc_channel_free(before);
	rc_channel_free(c);
}

static void
null_takes_optional_keys_away_alone(void **state)
{
	struct rc_channel *c;

	(void)state;
	save("acme", "{" HTTP "," BASIC
		     ",\"rate\":2,\"cap\":\"3/1h\",\"list_source\":\"/a\","
		     "\"list_addressing\":\"path\",\"concurrency\":2,"
		     "\"success\":{\"status\":202,\"pointer\":\"/a\","
		     "\"equals\":\"\"}," HEADERS "}");
	changes("{\"rate\":null,\"cap\":null,\"list_source\":null,"
		"\"list_addressing\":null,\"concurrency\":null,"
		"\"success\":null,\"headers\":null,\"price\":null}",
	    false);
	c = load("acme");
	assert_true(c->rate <= 0);
	assert_false(rc_channel_has(c, "rate"));
	assert_int_equal(c->cap, 5);
	assert_int_equal(c->cap_window_ms, 86400000);
	assert_null(c->list_source);
	assert_int_equal(c->list_addressing, RC_ADDRESSING_AUTO);
	assert_int_equal(c->concurrency, 64);
	assert_int_equal(c->status_max, 299);
	assert_null(c->success_pointer);
	assert_null(c->success_equals);
	assert_int_equal(c->nheaders, 0);
	rc_channel_free(c);
	refuses("{\"url\":null}", "'url' is missing");
	refuses("{\"auth\":{\"password\":null}}", "'auth.password' is missing");
	refuses("{\"nothing\":null}", "unknown key 'nothing'");
}

/* A signed address, say. */
static void
the_query_of_a_source_is_masked_and_stays(void **state)
{
	struct rc_buf out = RC_BUF_INIT(4096);
	struct rc_json_writer jw = rc_json_writer_start(&out);
	struct rc_channel *c;

	(void)state;
	save("acme",
	    "{" HTTP ",\"list_source\":\"https://a.example/l?sig=hunter2\"}");
	c = load("acme");
	rc_channel_write(&jw, c);
	assert_int_equal(rc_jw_finish(&jw, &error), RC_OK);
	assert_non_null(
	    strstr(rc_buf_str(&out), "\"https://a.example/l?********\""));
	assert_null(strstr(rc_buf_str(&out), "hunter2"));
	rc_channel_free(c);
	rc_buf_free(&out);
	changes("{\"list_source\":\"https://a.example/l?********\",\"rate\":3}",
	    false);
	c = load("acme");
	assert_string_equal(c->list_source, "https://a.example/l?sig=hunter2");
	assert_true(c->rate > 2.9);
	rc_channel_free(c);
	refuses("{\"list_source\":\"https://b.example/l?********\"}",
	    "'list_source' is masked");
	changes("{\"list_source\":\"/a?b\"}", false);
	refuses("{\"list_source\":\"https://a.example/l?********\"}",
	    "'list_source' is masked");
}

static bool
is_shown_as(const char *url, const char *expected)
{
	struct rc_buf shown = RC_BUF_INIT(4096);
	bool is;

	rc_channel_url_shown(rc_slice_str(url), &shown);
	is = rc_slice_is(rc_buf_slice(&shown), expected);
	rc_buf_free(&shown);
	return is;
}

static void
what_a_url_calls_a_credential_is_masked_and_stays(void **state)
{
	static const char *const plain[] = {"https://a.example/key=1",
	    "https://a.example/?to=1&key", "https://a.example/?key=&to=key",
	    "https://token.example/secret?id=${Message ID}", "?", ""};
	struct rc_channel *c;

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_true(is_shown_as(plain[i], plain[i]));
	assert_true(is_shown_as("https://a.example/?X-APIKEY=a=b&to=1;pwd=c#d",
	    "https://a.example/?X-APIKEY=********&to=1;pwd=********#d"));
	assert_true(is_shown_as("https://a.example/?to=1&&Signature=abc",
	    "https://a.example/?to=1&&Signature=********"));
	save("acme", "{\"url\":\"https://a.example/?key=hunter2\"}");
	changes(
	    "{\"url\":\"https://a.example/?key=********\",\"rate\":3}", false);
	c = load("acme");
	assert_string_equal(c->url, "https://a.example/?key=hunter2");
	rc_channel_free(c);
	refuses(
	    "{\"url\":\"https://b.example/?key=********\"}", "'url' is masked");
	refuses("{\"lookup_url\":"
		"\"https://a.example/${Message ID}?auth=********\"}",
	    "'lookup_url' is masked");
}

static void
the_whole_result_is_checked(void **state)
{
	(void)state;
	save("acme", "{" HTTP "," BASIC "}");
	refuses("{\"url\":\"http://a.example\"}", "plain http");
	refuses("{\"provider\":\"twilio\"}", "'provider' cannot change");
	refuses("{\"from\":\"+15550100\"}", "does not go with provider 'http'");
	refuses("{\"list_source\":\"here\"}", "'list_source' is wrong");
	refuses("{\"auth\":{\"type\":\"oauth2\"}}", "is missing");
	refuses("{\"rate\":\"fast\"}", "'rate' is wrong");
}

static void
another_auth_type_drops_what_went_with_the_old_one(void **state)
{
	struct rc_channel *c;

	(void)state;
	save("acme", "{" HTTP "," OAUTH2 "}");
	changes("{\"auth\":{\"type\":\"none\"}}", false);
	c = load("acme");
	assert_null(c->client_secret);
	assert_null(c->client_id_key);
	assert_false(rc_channel_has(c, "auth.client_secret"));
	rc_channel_free(c);
	changes("{" BASIC "}", false);
	refuses("{\"auth\":{\"type\":\"none\",\"username\":\"x\"}}",
	    "'auth.username' does not go with");
}

static const char *
header(const struct rc_channel *c, const char *name)
{
	for (size_t i = 0; i < c->nheaders; i++)
		if (strcmp(c->headers[i].name, name) == 0)
			return c->headers[i].value;
	return NULL;
}

static void
headers_are_replaced_all_or_one_by_one(void **state)
{
	struct rc_channel *c;

	(void)state;
	save("acme", "{" HTTP "," HEADERS "}");
	changes("{\"headers\":[{\"name\":\"x-plain\",\"value\":\"other\"},"
		"{\"name\":\"X-New\",\"value\":\"1\"}]}",
	    true);
	c = load("acme");
	assert_int_equal(c->nheaders, 3);
	assert_string_equal(header(c, "X-Key"), "hunter2-header");
	assert_string_equal(header(c, "x-plain"), "other");
	assert_string_equal(header(c, "X-New"), "1");
	rc_channel_free(c);
	changes("{\"headers\":[{\"name\":\"X-NEW\",\"value\":null},"
		"{\"name\":\"X-None\",\"value\":null}]}",
	    true);
	c = load("acme");
	assert_int_equal(c->nheaders, 2);
	assert_null(header(c, "X-New"));
	rc_channel_free(c);
	changes("{\"headers\":[{\"name\":\"X-Only\",\"value\":\"1\"}]}", false);
	c = load("acme");
	assert_int_equal(c->nheaders, 1);
	assert_string_equal(header(c, "X-Only"), "1");
	rc_channel_free(c);
}

static void
a_masked_secret_is_the_one_there_is(void **state)
{
	struct rc_channel *c;

	(void)state;
	save("acme", "{" HTTP "," BASIC "," HEADERS "}");
	changes("{\"auth\":{\"type\":\"basic\",\"username\":\"you\","
		"\"password\":\"" RC_MASK "\"},\"headers\":["
		"{\"name\":\"x-key\",\"value\":\"" RC_MASK "\","
		"\"secret\":true}]}",
	    false);
	c = load("acme");
	assert_string_equal(c->password, "hunter2-password");
	assert_int_equal(c->nheaders, 1);
	assert_string_equal(header(c, "x-key"), "hunter2-header");
	rc_channel_free(c);
	refuses("{\"list_secret_key\":\"" RC_MASK "\"}",
	    "'list_secret_key' is masked");
	refuses("{\"headers\":[{\"name\":\"Y\",\"value\":\"" RC_MASK "\","
		"\"secret\":true}]}",
	    "'headers.Y' is masked");
	refuses("{\"headers\":[{\"name\":\"X-Key\",\"value\":\"" RC_MASK
		"\"}]}",
	    "not said to be a secret");
}

static enum rc_err
note_change(void *arg, const char *key, const char *before, const char *after,
    struct rc_error *e)
{
	struct rc_buf *lines = arg;

	(void)e;
	rc_buf_addf(lines, "%s %s %s\n", key, before == NULL ? "-" : before,
	    after == NULL ? "-" : after);
	return RC_OK;
}

static void
what_was_shown_changes_nothing_and_changes_are_told_masked(void **state)
{
	struct rc_buf text = RC_BUF_INIT(65536);
	struct rc_json_writer jw = rc_json_writer_start(&text);

	(void)state;
	save("acme",
	    "{" HTTP "," OAUTH2 "," HEADERS ",\"cap\":\"none\",\"price\":0,"
	    "\"quiet_hours\":\"21:00-08:00\",\"list_source\":\"s3://b\","
	    "\"list_access_key\":\"AKIA\",\"list_secret_key\":\"hunter2\"}");
	open_edit("acme");
	rc_channel_write(&jw, edit.before);
	assert_int_equal(rc_jw_finish(&jw, &error), RC_OK);
	assert_int_equal(apply(&edit, rc_buf_str(&text), false), RC_OK);
	assert_int_equal(edit.changed, 0);
	rc_buf_reset(&text);
	assert_int_equal(apply(&edit,
			     "{\"rate\":2,\"price\":null,\"list_secret_key\":"
			     "\"hunter2-new\",\"headers\":[{\"name\":\"X-Key\","
			     "\"value\":\"hunter3\",\"secret\":true},"
			     "{\"name\":\"X-Plain\",\"value\":null}]}",
			     true),
	    RC_OK);
	assert_int_equal(
	    rc_channel_edit_each(&edit, note_change, &text, &error), RC_OK);
	assert_string_equal(rc_buf_str(&text),
	    "headers.X-Key " RC_MASK " " RC_MASK "\nheaders.X-Plain seen -\n"
	    "rate - 2\nlist_secret_key " RC_MASK " " RC_MASK "\nprice 0 -\n");
	assert_true(rc_channel_edit_changes(&edit, "rate"));
	assert_false(rc_channel_edit_changes(&edit, "auth."));
	rc_buf_free(&text);
}

static void
a_change_made_meanwhile_is_not_lost(void **state)
{
	struct rc_channel_edit other;
	struct rc_channel *c;

	(void)state;
	save("acme", "{" HTTP "}");
	assert_int_equal(
	    rc_channel_edit_open(&other, open_state, "acme", &error), RC_OK);
	assert_int_equal(apply(&other, "{\"price\":2}", false), RC_OK);
	changes("{\"rate\":1}", false);
	assert_int_equal(
	    rc_channel_edit_save(&other, open_state, false, &error), RC_EAGAIN);
	rc_channel_edit_free(&other);
	changes("{\"price\":2}", false);
	c = load("acme");
	assert_true(c->rate > 0.9 && c->price > 1.9);
	rc_channel_free(c);
	open_edit("acme");
	assert_int_equal(
	    rc_channel_remove(open_state, "acme", false, &error), RC_OK);
	assert_int_equal(
	    rc_channel_edit_save(&edit, open_state, false, &error), RC_EAGAIN);
	assert_int_equal(
	    rc_channel_edit_open(&other, open_state, "acme", &error),
	    RC_ENOINPUT);
}

static void
a_trial_saves_nothing(void **state)
{
	struct rc_channel *c;

	(void)state;
	save("acme", "{" HTTP "}");
	open_edit("acme");
	assert_int_equal(apply(&edit, "{\"rate\":1}", false), RC_OK);
	assert_int_equal(
	    rc_channel_edit_save(&edit, open_state, true, &error), RC_OK);
	c = load("acme");
	assert_false(rc_channel_has(c, "rate"));
	rc_channel_free(c);
}

static enum rc_err
put_list(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rc_list_info info = {.generation = 1};

	return rc_list_info_put(txn, *(const uint32_t *)arg, &info, e);
}

static enum rc_err
put_event(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	char key[8] = {0};

	rc_put32(key, *(const uint32_t *)arg);
	return rc_put(txn, RC_T_EVENT, (struct rc_slice){key, sizeof(key)},
	    RC_SLICE_LIT("x"), e);
}

static enum rc_err
put_campaign(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct rc_content content = {.template_text = RC_SLICE_LIT("x"),
	    .message_text = RC_SLICE_LIT("x")};
	struct rc_campaign campaign;

	return rc_campaign_open(txn, "spring", *(const uint32_t *)arg, &content,
	    false, 1, &campaign, e);
}

static void
the_identifier_type_changes_only_while_nobody_is_there(void **state)
{
	static const struct {
		rc_txn_fn *put;
		const char *says;
	} made[] = {{put_list, "a subscriber list"},
	    {put_event, "opt-ins or opt-outs"}, {put_campaign, "campaigns"}};
	uint32_t other = save("other", "{" HTTP "}");

	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		uint32_t number = save("acme", "{" HTTP "}");

		if (made[i].put != put_campaign)
			assert_int_equal(rc_store_write(open_state->store,
					     made[i].put, &other, &error),
			    RC_OK);
		changes("{\"identifier\":\"email\"}", false);
		assert_int_equal(rc_store_write(open_state->store, made[i].put,
				     &number, &error),
		    RC_OK);
		open_edit("acme");
		assert_int_equal(
		    apply(&edit, "{\"identifier\":\"custom\"}", false), RC_OK);
		for (int trial = 0; trial < 2; trial++) {
			assert_int_equal(rc_channel_edit_save(
					     &edit, open_state, trial, &error),
			    RC_ECONFIG);
			assert_says(error, made[i].says);
		}
		changes("{\"rate\":1}", false);
		assert_int_equal(
		    rc_channel_remove(open_state, "acme", false, &error),
		    RC_OK);
	}
}

static void
a_token_goes_with_its_credentials(void **state)
{
	struct rc_token token = {
	    .value = RC_BUF_INIT(100), .expires_ms = UINT64_MAX};
	struct rc_channel *c;

	(void)state;
	save("acme", "{" HTTP "," OAUTH2 "}");
	c = load("acme");
	rc_buf_adds(&token.value, "hunter2");
	assert_int_equal(rc_token_store(open_state, c, &token, &error), RC_OK);
	changes("{\"rate\":1}", false);
	assert_int_equal(
	    rc_token_load(open_state, c, 1, &token, &error), RC_OK);
	changes("{\"auth\":{\"style\":\"form\"}}", false);
	assert_int_equal(
	    rc_token_load(open_state, c, 1, &token, &error), RC_NOTFOUND);
	rc_token_free(&token);
	rc_channel_free(c);
}

static enum rc_err
rename_it(const char *from, const char *to, bool trial)
{
	return rc_channel_rename(open_state, from, to, trial, &error);
}

static void
a_renamed_channel_is_the_same_one(void **state)
{
	uint32_t number = save("acme", "{" HTTP "," BASIC "}");
	struct rc_channel *c;

	(void)state;
	save("beta", "{" HTTP "}");
	assert_int_equal(rename_it("acme", "beta", false), RC_ECREATE);
	assert_int_equal(rename_it("acme", "acme", false), RC_ECREATE);
	assert_int_equal(rename_it("acme", "a/b", false), RC_EUSAGE);
	assert_int_equal(rename_it("nope", "new", false), RC_ENOINPUT);
	assert_says(error, "acme, beta");
	assert_int_equal(rename_it("acme", "new", true), RC_OK);
	assert_int_equal(rename_it("acme", "new", false), RC_OK);
	c = load("new");
	assert_int_equal(c->number, number);
	assert_string_equal(c->password, "hunter2-password");
	rc_channel_free(c);
	assert_int_equal(rc_channel_load(open_state, "acme", false, &c, &error),
	    RC_ENOINPUT);
}

static int
start(void **state)
{
	edit = (struct rc_channel_edit){0};
	return set_up(state);
}

static int
stop(void **state)
{
	rc_channel_edit_free(&edit);
	return tear_down(state);
}

#define WITH_EDIT(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_EDIT(other_keys_stay_with_number_time_and_secrets),
	    WITH_EDIT(null_takes_optional_keys_away_alone),
	    WITH_EDIT(the_query_of_a_source_is_masked_and_stays),
	    WITH_EDIT(what_a_url_calls_a_credential_is_masked_and_stays),
	    WITH_EDIT(the_whole_result_is_checked),
	    WITH_EDIT(another_auth_type_drops_what_went_with_the_old_one),
	    WITH_EDIT(headers_are_replaced_all_or_one_by_one),
	    WITH_EDIT(a_masked_secret_is_the_one_there_is),
	    WITH_EDIT(
		what_was_shown_changes_nothing_and_changes_are_told_masked),
	    WITH_EDIT(a_change_made_meanwhile_is_not_lost),
	    WITH_EDIT(a_trial_saves_nothing),
	    WITH_EDIT(the_identifier_type_changes_only_while_nobody_is_there),
	    WITH_EDIT(a_token_goes_with_its_credentials),
	    WITH_EDIT(a_renamed_channel_is_the_same_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
