#include "core/provider.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The example of Twilio's "Validating Signatures from Twilio". */
#define TOKEN "12345"
#define URL "https://mycompany.com/myapp.php?foo=1&bar=2"
#define BODY                                                                   \
	"Digits=1234&To=%2B18005551212&From=%2B14158675309&"                   \
	"Caller=%2B14158675309&CallSid=CA1234567890ABCDE"
#define SIGNATURE "RSOYDt4T1cUTdK1PDd93/VVr8B8="

static struct rc_channel channel = {.name = "acme", .auth_token = TOKEN};

static void
sign(const char *url, const char *body, struct rc_buf *out)
{
	struct rc_error e;

	rc_buf_reset(out);
	assert_int_equal(
	    rc_twilio_sign(TOKEN, url, rc_slice_str(body), out, &e), RC_OK);
}

static enum rc_err
verify(const char *url, const char *body, const char *signature)
{
	struct rc_error e;

	return rc_twilio_verify(
	    &channel, url, rc_slice_str(body), rc_slice_str(signature), &e);
}

static void
the_documented_example_is_signed_as_documented(void **state)
{
	struct rc_buf out = RC_BUF_INIT(100);

	(void)state;
	sign(URL, BODY, &out);
	assert_string_equal(rc_buf_str(&out), SIGNATURE);
	rc_buf_free(&out);
}

static void
a_changed_parameter_url_or_token_is_refused(void **state)
{
	(void)state;
	assert_int_equal(verify(URL, BODY, SIGNATURE), RC_OK);
	assert_int_equal(verify(URL, BODY "&x=1", SIGNATURE), RC_EPERM);
	assert_int_equal(verify(URL "0", BODY, SIGNATURE), RC_EPERM);
	assert_int_equal(verify(URL, BODY, ""), RC_EPERM);
	channel.auth_token = "12346";
	assert_int_equal(verify(URL, BODY, SIGNATURE), RC_EPERM);
	channel.auth_token = NULL;
	assert_int_equal(verify(URL, BODY, SIGNATURE), RC_ECONFIG);
	channel.auth_token = TOKEN;
}

static void
the_port_may_be_left_out_or_spelt_out(void **state)
{
	struct rc_buf out = RC_BUF_INIT(100);

	(void)state;
	sign("https://example.com:443/a?b=c", "x=1", &out);
	assert_int_equal(
	    verify("https://example.com/a?b=c", "x=1", rc_buf_str(&out)),
	    RC_OK);
	sign("http://[::1]/a", "x=1", &out);
	assert_int_equal(
	    verify("http://[::1]:80/a", "x=1", rc_buf_str(&out)), RC_OK);
	sign("https://example.com:8443/a", "x=1", &out);
	assert_int_equal(
	    verify("https://example.com:8443/a", "x=1", rc_buf_str(&out)),
	    RC_OK);
	assert_int_equal(
	    verify("https://example.com:9443/a", "x=1", rc_buf_str(&out)),
	    RC_EPERM);
	rc_buf_free(&out);
}

static void
parameters_are_sorted_decoded_and_counted_once(void **state)
{
	struct rc_buf a = RC_BUF_INIT(100), b = RC_BUF_INIT(100);

	(void)state;
	sign("https://example.com/", "B=two+words&A=%C3%A9&AB=&A=%C3%A9", &a);
	sign("https://example.com/", "A=\xc3\xa9&AB=&B=two%20words", &b);
	assert_string_equal(rc_buf_str(&a), rc_buf_str(&b));
	sign("https://example.com/A\xc3\xa9"
	     "ABBtwo words",
	    "", &b);
	assert_string_equal(rc_buf_str(&a), rc_buf_str(&b));
	rc_buf_free(&a);
	rc_buf_free(&b);
}

static void
a_body_signed_by_its_hash_must_have_that_hash(void **state)
{
	/* SHA-256 of {} */
	const char *url = "https://example.com/?bodySHA256="
			  "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c0"
			  "60f61caaff8a";
	struct rc_buf out = RC_BUF_INIT(100);

	(void)state;
	sign(url, "{}", &out);
	assert_int_equal(verify(url, "{}", rc_buf_str(&out)), RC_OK);
	assert_int_equal(verify(url, "{ }", rc_buf_str(&out)), RC_EPERM);
	rc_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_documented_example_is_signed_as_documented),
	    cmocka_unit_test(a_changed_parameter_url_or_token_is_refused),
	    cmocka_unit_test(the_port_may_be_left_out_or_spelt_out),
	    cmocka_unit_test(parameters_are_sorted_decoded_and_counted_once),
	    cmocka_unit_test(a_body_signed_by_its_hash_must_have_that_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
