#include "scratch_state.h"

#include "core/person.h"

static struct rc_event_counts counts;

/* Applies a body written with ' for ". */
static enum rc_err
add(const char *text, uint64_t now_ms)
{
	struct rc_json *doc;
	const struct rc_json_value *body;
	struct rc_error verdict;
	char json[4096];

	snprintf(json, sizeof(json), "%s", text);
	for (char *p = json; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	assert_ok(rc_json_parse(&doc, rc_slice_str(json), &err));
	body = rc_json_root(doc);
	assert_ok(rc_person_add(
	    state->store, &body, 1, now_ms, false, &counts, &verdict, &err));
	err = verdict;
	rc_json_free(doc);
	return verdict.code;
}

/* A body with one event of one user who consented. */
static enum rc_err
add_event(const char *dyid, const char *properties, uint64_t now_ms)
{
	char text[4096];

	snprintf(text, sizeof(text),
	    "{'user':{'dyid':'%s','active_consent_accepted':true},'events':"
	    "[{'name':'x','properties':{'dyType':'identify-v1',%s}}]}",
	    dyid, properties);
	return add(text, now_ms);
}

struct lookup {
	const char *name, *value;
	enum rc_ident_type to;
	struct rc_ident id;
	const char *by;
};

static enum rc_err
look_up(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct lookup *l = arg;

	return rc_person_resolve_by(txn, rc_slice_str(l->name),
	    rc_slice_str(l->value), l->to, &l->id, &l->by, e);
}

static struct lookup
resolve(const char *name, const char *value, enum rc_ident_type to)
{
	struct lookup l = {.name = name, .value = value, .to = to};
	enum rc_err r = rc_store_read(state->store, look_up, &l, &err);

	if (r == RC_NOTFOUND)
		l.id.text[0] = '\0';
	else
		assert_ok(r);
	return l;
}

static void
the_consent_flag_is_honoured(void **arg)
{
	static const char *const flags[] = {"", ",'active_consent_accepted':1",
	    ",'active_consent_accepted':'true'",
	    ",'active_consent_accepted':false",
	    ",'Active_consent_accepted':true"};
	char text[500];

	(void)arg;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		snprintf(text, sizeof(text),
		    "{'user':{'dyid':'1'%s},'events':[{'properties':{'dyType':"
		    "'login-v1','cuid':'a'}}]}",
		    flags[i]);
		assert_int_equal(add(text, 1), RC_OK);
		assert_int_equal(counts.without_consent, i + 1);
	}
	assert_int_equal(counts.associated, 0);
	assert_string_equal(resolve("dyid", "1", RC_IDENT_CUSTOM).id.text, "");
	assert_string_equal(resolve("id", "a", RC_IDENT_CUSTOM).id.text, "");
}

static void
every_identifier_is_tied_in_canonical_form(void **arg)
{
	(void)arg;
	counts = (struct rc_event_counts){0};
	assert_int_equal(
	    add_event("-4350463893986789401",
		"'cuid':'crm-1','cuidtype':'CRM','hashedEmail':"
		"'F111DB891A36B76DF28ABC74867E6C7248F796E045117F0CFF27B6E2BE2"
		"5D2DF','email':' Peter@Example.com','phoneNumber':"
		"'+1 (202) 555-0101','secondaryIdentifiers':[{'type':'loyalty'"
		",'value':'L1'},{'type':'id','value':'17'}]",
		5),
	    RC_OK);
	assert_int_equal(counts.events, 1);
	assert_int_equal(counts.identifying, 1);
	assert_int_equal(counts.associated, 6);
	assert_string_equal(
	    resolve("CRM", "crm-1", RC_IDENT_PHONE).id.text, "12025550101");
	assert_string_equal(resolve("loyalty", "L1", RC_IDENT_EMAIL).id.text,
	    "peter@example.com");
	assert_string_equal(
	    resolve("phoneNumber", "12025550101", RC_IDENT_CUSTOM).id.text,
	    "17");
	assert_string_equal(
	    resolve("he",
		"f111db891a36b76df28abc74867e6c7248f796e045117f0cff27b6e2be25"
		"d2df",
		RC_IDENT_PHONE)
		.id.text,
	    "12025550101");
	assert_string_equal(
	    resolve("dyid", "-4350463893986789401", RC_IDENT_PHONE).id.text,
	    "12025550101");
	assert_string_equal(
	    resolve("crm", "crm-1", RC_IDENT_PHONE).id.text, "");
}

static void
an_overridden_identifier_no_longer_leads_to_the_person(void **arg)
{
	(void)arg;
	assert_int_equal(
	    add_event("1", "'cuid':'a','phoneNumber':'12025550101'", 1), RC_OK);
	assert_int_equal(
	    add_event("1", "'cuid':'b','phoneNumber':'12025550102'", 2), RC_OK);
	assert_string_equal(resolve("id", "a", RC_IDENT_PHONE).id.text, "");
	assert_string_equal(
	    resolve("id", "b", RC_IDENT_PHONE).id.text, "12025550102");
	assert_string_equal(
	    resolve("phoneNumber", "12025550101", RC_IDENT_CUSTOM).id.text, "");
}

static void
of_several_people_the_newest_identifier_wins(void **arg)
{
	(void)arg;
	assert_int_equal(
	    add_event("1", "'cuid':'a','phoneNumber':'12025550101'", 10),
	    RC_OK);
	assert_int_equal(
	    add_event("2", "'cuid':'a','phoneNumber':'12025550102'", 30),
	    RC_OK);
	assert_int_equal(
	    add_event("3", "'cuid':'a','phoneNumber':'12025550103'", 20),
	    RC_OK);
	assert_int_equal(add_event("4", "'cuid':'a'", 40), RC_OK);
	assert_string_equal(
	    resolve("id", "a", RC_IDENT_PHONE).id.text, "12025550102");
}

static void
a_user_without_dyid_is_found_by_cuid_but_not_by_phone(void **arg)
{
	(void)arg;
	assert_int_equal(
	    add_event("1", "'cuid':'a','phoneNumber':'12025550101'", 1), RC_OK);
	assert_int_equal(
	    add_event("", "'cuid':'a','email':'a@b.example'", 2), RC_OK);
	assert_string_equal(
	    resolve("dyid", "1", RC_IDENT_EMAIL).id.text, "a@b.example");
	assert_int_equal(
	    add_event(
		"", "'email':'c@d.example','phoneNumber':'12025550101'", 3),
	    RC_OK);
	assert_string_equal(
	    resolve("dyid", "1", RC_IDENT_EMAIL).id.text, "a@b.example");
	assert_string_equal(
	    resolve("phoneNumber", "12025550101", RC_IDENT_EMAIL).id.text,
	    "c@d.example");
}

static void
a_hash_tells_how_it_was_made(void **arg)
{
	static const struct {
		const char *hashed, *asked, *by;
	} cases[] = {
	    {"a@b.example", " A@B.example ", "lower-cased"},
	    {"Ab@C.example", "Ab@C.example", "not lower-cased"},
	    {" x@y.example", " x@y.example", "not trimmed"},
	    {"l@f.example\n", "l@f.example", "line feed"},
	    {"s@p.example ", "s@p.example", "space"},
	    {"U@P.EXAMPLE", "u@p.example", "upper-cased"},
	};
	char properties[300], hex[2 * RC_SHA256_LEN + 1], dyid[8];
	unsigned char digest[RC_SHA256_LEN];

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lookup l;

		rc_sha256(rc_slice_str(cases[i].hashed), digest);
		for (int k = 0; k < RC_SHA256_LEN; k++)
			snprintf(hex + 2 * k, 3, "%02x", digest[k]);
		snprintf(properties, sizeof(properties),
		    "'hashedEmail':'%s','phoneNumber':'1202555010%zu'", hex, i);
		snprintf(dyid, sizeof(dyid), "%zu", i);
		assert_int_equal(add_event(dyid, properties, 1), RC_OK);
		l = resolve("email", cases[i].asked, RC_IDENT_PHONE);
		assert_int_equal(l.id.text[10] - '0', i);
		if (strstr(l.by, cases[i].by) == NULL)
			fail_msg("'%s' not in '%s'", cases[i].by, l.by);
	}
}

static void
a_wrong_body_is_named_and_changes_nothing(void **arg)
{
	static const struct {
		const char *properties, *says;
	} cases[] = {
	    {"'cuid':'a','phoneNumber':'0151'", "event 0"},
	    {"'cuid':''", "empty"},
	    {"'cuid':'a/b'", "'/'"},
	    {"'cuid':7", "not a string"},
	    {"'cuid':'a','cuidType':7", "'cuidType' is not a string"},
	    {"'cuid':'a','cuidtype':''",
		"'cuidtype' is not a string with something in it"},
	    {"'cuid':'a','cuidType':'dyid'", "user.dyid"},
	    {"'cuid':'a','hashedEmail':'a@b.example'", "SHA-256"},
	    {"'cuid':'a','email':'nobody'", "nobody"},
	    {"'cuid':'a','secondaryIdentifiers':{}", "not an array"},
	    {"'cuid':'a','secondaryIdentifiers':[{'value':'x'}]", "type"},
	    {"'cuid':'a\\u0007'", "control"},
	};
	static const char *const bodies[] = {"[]", "{}", "{'user':{}}",
	    "{'user':{'dyid':1},'events':[]}", "{'user':{},'events':{}}",
	    "{'user':{},'events':[{}]}", "{'user':{},'events':[1]}",
	    "{'user':{},'events':[{'properties':{'dyType':1}}]}"};
	char longest[400] = "'cuid':'";

	(void)arg;
	counts = (struct rc_event_counts){0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    add_event("1", cases[i].properties, 1), RC_EDATA);
		assert_says(err, cases[i].says);
	}
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(add(bodies[i], 1), RC_EDATA);
	memset(longest + 8, 'x', 251);
	memcpy(longest + 8 + 251, "'", 2);
	assert_int_equal(add_event("1", longest, 1), RC_EDATA);
	assert_says(err, "longer than 250");
	assert_int_equal(counts.events, 0);
	assert_string_equal(resolve("dyid", "1", RC_IDENT_CUSTOM).id.text, "");
	memcpy(longest + 8 + 250, "'", 2);
	assert_int_equal(add_event("1", longest, 1), RC_OK);
	assert_int_equal(
	    strlen(resolve("dyid", "1", RC_IDENT_CUSTOM).id.text), 250);
}

static enum rc_err
count_ids(void *arg, const char *dyid, const struct rc_person_id *id,
    struct rc_error *e)
{
	(void)dyid;
	(void)e;
	assert_true(id->seen_ms >= 1);
	assert_int_equal(id->by, RC_EVENT_IDENTIFY);
	++*(int *)arg;
	return RC_OK;
}

static void
a_person_has_at_most_64_identifiers(void **arg)
{
	char properties[100];
	int n = 0;

	(void)arg;
	for (int i = 0; i < RC_PERSON_IDS; i++) {
		snprintf(properties, sizeof(properties),
		    "'cuid':'v%d','cuidType':'t%d'", i, i);
		assert_int_equal(add_event("1", properties, 1), RC_OK);
	}
	assert_int_equal(add_event("1", "'cuid':'x'", 2), RC_EDATA);
	assert_says(err, "more than 64");
	assert_int_equal(
	    add_event("1", "'cuid':'w','cuidType':'t7'", 2), RC_OK);
	assert_ok(rc_person_each(state->store, RC_SLICE_LIT("t7"),
	    RC_SLICE_LIT("w"), count_ids, &n, &err));
	assert_int_equal(n, RC_PERSON_IDS);
}

static void
a_reference_is_one_of_five(void **arg)
{
	static const struct {
		const char *text, *name, *value;
	} cases[] = {
	    {"{\"dyid\":\"1\"}", "dyid", "1"},
	    {"{\"cuid\":\"a\"}", "id", "a"},
	    {"{\"cuid\":\"a\",\"cuidType\":\"he\"}", "he", "a"},
	    {"{\"email\":\"a@b\",\"vars\":{}}", "email", "a@b"},
	    {"{\"phoneNumber\":\"1\"}", "phoneNumber", "1"},
	    {"{\"cuid\":\"a\",\"dyid\":\"1\"}", NULL, NULL},
	    {"{\"cuid\":7}", NULL, NULL},
	    {"{\"cuid\":\"a\",\"cuidtype\":\"he\"}", "he", "a"},
	    {"{\"cuid\":\"a\",\"cuidtype\":\"x\",\"cuidType\":\"he\"}", "he",
		"a"},
	    {"{\"cuid\":\"a\",\"cuidtype\":\"he\",\"cuidType\":null}", "he",
		"a"},
	    {"{\"cuid\":\"a\",\"cuidType\":null}", "id", "a"},
	    {"{\"cuid\":\"a\",\"cuidType\":\"\"}", NULL, NULL},
	    {"{\"cuid\":\"a\",\"cuidtype\":7}", NULL, NULL},
	    {"{}", NULL, NULL},
	    {"[]", NULL, NULL},
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rc_slice name, value;
		struct rc_json *doc;
		enum rc_err r;

		assert_ok(
		    rc_json_parse(&doc, rc_slice_str(cases[i].text), &err));
		r = rc_person_ref(rc_json_root(doc), &name, &value, &err);
		assert_int_equal(r, cases[i].name == NULL ? RC_EDATA : RC_OK);
		if (r == RC_OK) {
			assert_true(rc_slice_is(name, cases[i].name));
			assert_true(rc_slice_is(value, cases[i].value));
		}
		rc_json_free(doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(the_consent_flag_is_honoured),
	    STATE_TEST(every_identifier_is_tied_in_canonical_form),
	    STATE_TEST(an_overridden_identifier_no_longer_leads_to_the_person),
	    STATE_TEST(of_several_people_the_newest_identifier_wins),
	    STATE_TEST(a_user_without_dyid_is_found_by_cuid_but_not_by_phone),
	    STATE_TEST(a_hash_tells_how_it_was_made),
	    STATE_TEST(a_wrong_body_is_named_and_changes_nothing),
	    STATE_TEST(a_person_has_at_most_64_identifiers),
	    cmocka_unit_test(a_reference_is_one_of_five),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
