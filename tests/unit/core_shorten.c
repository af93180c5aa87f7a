#include "scratch_state.h"

#include "core/shorten.h"

#define BASE "https://s.example/"

/* Shortens a text into out, which is emptied first. */
static void
shorten(const struct rc_shorten *s, const char *text, struct rc_buf *out)
{
	rc_buf_reset(out);
	assert_ok(rc_shorten_text(s, rc_slice_str(text), out, &err));
}

static struct rc_shorten
shortener(bool dry_run)
{
	return (struct rc_shorten){
	    .state = state, .base = RC_SLICE_LIT(BASE), .dry_run = dry_run};
}

static void
every_url_is_replaced_and_nothing_else(void **arg)
{
	const struct rc_shorten s = shortener(true);
	struct rc_buf out = RC_BUF_INIT(10000);

	(void)arg;
	shorten(&s, "", &out);
	assert_string_equal(rc_buf_str(&out), "");
	shorten(&s, "\r\n\n no link\ttail", &out);
	assert_string_equal(rc_buf_str(&out), "\r\n\n no link\ttail");
	shorten(&s, "a (https://x.example/a), https://y.example.\r\n\nb", &out);
	assert_string_equal(rc_buf_str(&out),
	    "a (https://s.example/preview0), https://s.example/preview0.\r\n"
	    "\nb");
	rc_buf_free(&out);
}

static void
a_text_can_be_shortened_again(void **arg)
{
	const struct rc_shorten s = shortener(false);
	struct rc_buf once = RC_BUF_INIT(1000), twice = RC_BUF_INIT(1000);

	(void)arg;
	shorten(&s, "https://x.example/a https://x.example/a https://y.example",
	    &once);
	assert_memory_equal(once.data, once.data + 27, 26);
	assert_memory_not_equal(once.data, once.data + 54, 26);
	shorten(&s, rc_buf_str(&once), &twice);
	assert_string_equal(rc_buf_str(&twice), rc_buf_str(&once));
	shorten(&s, "https://s.example/12345678/x", &twice);
	assert_string_not_equal(
	    rc_buf_str(&twice), "https://s.example/12345678/x");
	rc_buf_free(&once);
	rc_buf_free(&twice);
}

static void
a_dry_run_shows_what_there_is_and_makes_nothing(void **arg)
{
	const struct rc_shorten dry = shortener(true), wet = shortener(false);
	struct rc_buf a = RC_BUF_INIT(1000), b = RC_BUF_INIT(1000);

	(void)arg;
	shorten(&dry, "https://x.example/a", &a);
	assert_string_equal(rc_buf_str(&a), BASE "preview0");
	shorten(&dry, "https://x.example/a", &a);
	assert_string_equal(rc_buf_str(&a), BASE "preview0");
	shorten(&wet, "https://x.example/a", &b);
	shorten(&dry, "https://x.example/a", &a);
	assert_string_equal(rc_buf_str(&a), rc_buf_str(&b));
	rc_buf_free(&a);
	rc_buf_free(&b);
}

static void
many_urls_take_several_batches(void **arg)
{
	const struct rc_shorten s = shortener(false);
	struct rc_buf text = RC_BUF_INIT(100000), out = RC_BUF_INIT(100000);
	uint64_t id, first = 0;
	unsigned i;

	(void)arg;
	for (i = 0; i < 1201; i++)
		rc_buf_addf(&text, "https://x.example/%u\n", i);
	shorten(&s, rc_buf_str(&text), &out);
	assert_int_equal(out.len, 1201 * (strlen(BASE) + 9));
	for (i = 0; i < 1201; i++) {
		struct rc_slice link = {
		    out.data + i * (strlen(BASE) + 9), strlen(BASE) + 8};

		assert_true(rc_shorten_id(&state->keys, link, &id));
		first = i == 0 ? id : first;
		assert_true(id == first + i);
	}
	rc_buf_free(&text);
	rc_buf_free(&out);
}

static void
a_text_that_goes_on_is_cut_where_no_url_is(void **arg)
{
	(void)arg;
	assert_int_equal(rc_shorten_whole(RC_SLICE_LIT("")), 0);
	assert_int_equal(rc_shorten_whole(RC_SLICE_LIT("https://x.ex")), 0);
	assert_int_equal(rc_shorten_whole(RC_SLICE_LIT("see https://x.ex")), 4);
	assert_int_equal(rc_shorten_whole(RC_SLICE_LIT("a\nb\n")), 4);
}

static void
a_code_is_read_alone_or_in_a_link(void **arg)
{
	static const char *const wrong[] = {"", "1234567", "https://s.example",
	    "https://s.example/", "https://s.example/1234567",
	    "https://s.example/12345678/x", "s.example/12345678"};
	uint64_t a, b;
	size_t i;

	(void)arg;
	assert_true(rc_shorten_id(&state->keys, RC_SLICE_LIT("12345678"), &a));
	assert_true(rc_shorten_id(&state->keys,
	    RC_SLICE_LIT("http://any.example/x/12345678?y#z"), &b));
	assert_true(a == b);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(
		    rc_shorten_id(&state->keys, rc_slice_str(wrong[i]), &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(every_url_is_replaced_and_nothing_else),
	    STATE_TEST(a_text_can_be_shortened_again),
	    STATE_TEST(a_dry_run_shows_what_there_is_and_makes_nothing),
	    STATE_TEST(many_urls_take_several_batches),
	    STATE_TEST(a_text_that_goes_on_is_cut_where_no_url_is),
	    STATE_TEST(a_code_is_read_alone_or_in_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
