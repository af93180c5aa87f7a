/* The sandbox in a thread; its client and the receiver of callbacks here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job/sandbox.h"
#include "sys/httpd.h"
#include "text/url.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CALLBACKS_MAX 16
#define AC RC_SANDBOX_ACCOUNT_SID

struct fixture {
	struct rc_sandbox *sandbox;
	pthread_t thread;
	atomic_int stop;
	atomic_uint unflushed, records;
	enum rc_err ended;

	struct rc_http *http;
	struct rc_httpd *receiver;
	char callback[64];
	char status[CALLBACKS_MAX][16], error[CALLBACKS_MAX][8];
	unsigned ncallbacks, nanswers, forged;
	int answer_status;
};

static enum rc_err
on_record(void *arg, struct rc_slice record, struct rc_error *e)
{
	struct fixture *f = arg;

	(void)e;
	assert_true(record.len > 0 && record.p[0] == '{');
	f->unflushed++;
	f->records++;
	return RC_OK;
}

static enum rc_err
on_flush(void *arg, struct rc_error *e)
{
	struct fixture *f = arg;

	(void)e;
	f->unflushed = 0;
	return RC_OK;
}

static void *
run_sandbox(void *arg)
{
	struct fixture *f = arg;
	struct rc_error e;

	f->ended = rc_sandbox_run(f->sandbox, &f->stop, &e);
	return NULL;
}

static void
copy(char *out, size_t size, const struct rc_buf *b)
{
	snprintf(out, size, "%s", rc_buf_str(b));
}

static void
read_callback(struct fixture *f, struct rc_slice body, unsigned i)
{
	struct rc_buf name = RC_BUF_INIT(4096), value = RC_BUF_INIT(4096);
	struct rc_error e;

	while (rc_form_next(&body, &name, &value, &e) == RC_OK) {
		if (strcmp(rc_buf_str(&name), "MessageStatus") == 0)
			copy(f->status[i], sizeof(f->status[i]), &value);
		if (strcmp(rc_buf_str(&name), "ErrorCode") == 0)
			copy(f->error[i], sizeof(f->error[i]), &value);
	}
	rc_buf_free(&name);
	rc_buf_free(&value);
}

static void
on_callback(void *arg, struct rc_httpd_request *r)
{
	struct rc_slice signature = rc_httpd_header(r, "X-Twilio-Signature");
	struct rc_buf want = RC_BUF_INIT(64);
	struct fixture *f = arg;
	struct rc_error e;

	assert_int_equal(rc_twilio_sign(RC_SANDBOX_AUTH_TOKEN, f->callback,
			     rc_httpd_body(r), &want, &e),
	    RC_OK);
	if (!rc_slice_eq(signature, rc_buf_slice(&want)))
		f->forged++;
	rc_buf_free(&want);
	assert_true(f->ncallbacks < CALLBACKS_MAX);
	read_callback(f, rc_httpd_body(r), f->ncallbacks++);
	rc_httpd_reply(r, &(struct rc_httpd_reply){.status = 204});
}

static void
start(struct fixture *f, const char *const *faults)
{
	struct rc_httpd_config httpd = {
	    .listen = "127.0.0.1:0", .handler = on_callback, .arg = f};
	struct rc_http_config http = {.concurrency = 8};
	struct rc_sandbox_config cfg = {.listen = "127.0.0.1:0",
	    .faults = faults,
	    .callback = f->callback,
	    .record = on_record,
	    .flush = on_flush,
	    .arg = f};
	struct rc_error e;

	memset(f, 0, sizeof(*f));
	assert_int_equal(rc_httpd_open(&f->receiver, &httpd, &e), RC_OK);
	assert_int_equal(rc_http_open(&f->http, &http, &e), RC_OK);
	snprintf(f->callback, sizeof(f->callback), "http://127.0.0.1:%u/cb?k=1",
	    rc_httpd_port(f->receiver));
	assert_int_equal(rc_sandbox_open(&f->sandbox, &cfg, &e), RC_OK);
	pthread_create(&f->thread, NULL, run_sandbox, f);
}

static void
end(struct fixture *f)
{
	f->stop = 1;
	pthread_join(f->thread, NULL);
	assert_int_equal(f->ended, RC_OK);
	assert_int_equal(f->forged, 0);
	rc_sandbox_close(f->sandbox);
	rc_http_close(f->http);
	rc_httpd_close(f->receiver);
}

static void
on_answer(void *arg, const struct rc_http_response *r)
{
	struct fixture *f = arg;

	f->nanswers++;
	f->answer_status = r->status;
}

static void
send_to(struct fixture *f, const char *number)
{
	char url[160], body[160];
	struct rc_http_request r = {.method = "POST",
	    .url = url,
	    .user = AC,
	    .password = RC_SANDBOX_AUTH_TOKEN};
	struct rc_error e;

	snprintf(url, sizeof(url),
	    "http://127.0.0.1:%u/2010-04-01/Accounts/" AC "/Messages.json",
	    rc_sandbox_port(f->sandbox));
	snprintf(body, sizeof(body), "To=%%2B%s&From=%%2B15550100&Body=hi+%%26",
	    number);
	r.body = rc_slice_str(body);
	assert_int_equal(rc_http_start(f->http, &r, on_answer, f, &e), RC_OK);
}

static void
wait_for(struct fixture *f, unsigned answers, unsigned callbacks)
{
	struct rc_error e;

	while (f->nanswers < answers || f->ncallbacks < callbacks) {
		int timeout_ms = rc_httpd_timeout_ms(f->receiver);

		if (timeout_ms < 0)
			timeout_ms = 1000;
		assert_int_equal(rc_http_poll(f->http, timeout_ms,
				     rc_httpd_fd(f->receiver), &e),
		    RC_OK);
		rc_httpd_run(f->receiver);
	}
}

static void
assert_statuses(const struct fixture *f, const char *const *want, unsigned n)
{
	assert_int_equal(f->ncallbacks, n);
	for (unsigned i = 0; i < n; i++)
		assert_string_equal(f->status[i], want[i]);
}

static void
callbacks_are_signed_and_in_order(void **state)
{
	static const char *const want[] = {"sent", "delivered"};
	struct fixture f;

	(void)state;
	start(&f, NULL);
	send_to(&f, "15551234567");
	wait_for(&f, 1, 2);
	assert_int_equal(f.answer_status, 201);
	assert_statuses(&f, want, 2);
	end(&f);
}

static void
a_number_can_ask_not_to_be_reached(void **state)
{
	static const char *const want[] = {"sent", "undelivered"};
	struct fixture f;

	(void)state;
	start(&f, NULL);
	send_to(&f, "15551230006");
	wait_for(&f, 1, 2);
	assert_statuses(&f, want, 2);
	assert_string_equal(f.error[1], "30006");
	end(&f);
}

static void
callbacks_are_shuffled_and_doubled_on_demand(void **state)
{
	static const char *const faults[] = {
	    "callback-shuffle", "callback-dup", NULL};
	static const char *const want[] = {
	    "delivered", "delivered", "sent", "sent"};
	struct fixture f;

	(void)state;
	start(&f, faults);
	send_to(&f, "15551234567");
	wait_for(&f, 1, 4);
	assert_statuses(&f, want, 4);
	end(&f);
}

static void
callbacks_are_dropped_on_demand(void **state)
{
	static const char *const faults[] = {"callback-drop=first:1", NULL};
	struct fixture f;

	(void)state;
	start(&f, faults);
	send_to(&f, "15551234567");
	wait_for(&f, 1, 0);
	send_to(&f, "15551230003");
	wait_for(&f, 2, 2);
	assert_int_equal(f.ncallbacks, 2); /* of the second message */
	assert_string_equal(f.error[1], "30003");
	end(&f);
	assert_int_equal(f.records, 5); /* listening, 2 messages, 2 callbacks */
}

static void
records_are_out_when_the_answer_is_in(void **state)
{
	static const char *const faults[] = {"callback-drop", NULL};
	struct fixture f;

	(void)state;
	start(&f, faults);
	for (unsigned i = 1; i <= 200; i++) {
		send_to(&f, "15551234567");
		wait_for(&f, i, 0);
		assert_int_equal(f.unflushed, 0);
		assert_int_equal(f.records, i + 1);
	}
	end(&f);
}

static enum rc_err
on_full_disk(void *arg, struct rc_error *e)
{
	struct fixture *f = arg;

	return f->records < 2 ? RC_OK : rc_err_set(e, RC_EIO, "disk full");
}

static void
a_log_that_cannot_be_kept_ends_it_unanswered(void **state)
{
	struct rc_sandbox_config cfg = {.listen = "127.0.0.1:0",
	    .record = on_record,
	    .flush = on_full_disk};
	struct fixture f = {0};
	struct rc_http_config http = {.concurrency = 1};
	struct rc_error e;

	(void)state;
	cfg.arg = &f;
	assert_int_equal(rc_http_open(&f.http, &http, &e), RC_OK);
	assert_int_equal(rc_sandbox_open(&f.sandbox, &cfg, &e), RC_OK);
	pthread_create(&f.thread, NULL, run_sandbox, &f);
	send_to(&f, "15551234567");
	while (f.records < 2)
		assert_int_equal(rc_http_poll(f.http, 10, -1, &e), RC_OK);
	pthread_join(f.thread, NULL);
	assert_int_equal(f.ended, RC_EIO);
	rc_sandbox_close(f.sandbox);
	while (f.nanswers == 0)
		assert_int_equal(rc_http_poll(f.http, 1000, -1, &e), RC_OK);
	assert_int_equal(f.answer_status, 0);
	rc_http_close(f.http);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(callbacks_are_signed_and_in_order),
	    cmocka_unit_test(a_number_can_ask_not_to_be_reached),
	    cmocka_unit_test(callbacks_are_shuffled_and_doubled_on_demand),
	    cmocka_unit_test(callbacks_are_dropped_on_demand),
	    cmocka_unit_test(records_are_out_when_the_answer_is_in),
	    cmocka_unit_test(a_log_that_cannot_be_kept_ends_it_unanswered),
	};

	alarm(300); /* a hang is a failure */
	return cmocka_run_group_tests_name("job_sandbox", tests, NULL, NULL);
}
