#include "scratch_state.h"

#include "job/serve_priv.h"

#include <poll.h>

static struct rc_job *
job_of(int kind, const char *number)
{
	struct rc_job *job = calloc(1, sizeof(*job));

	assert_non_null(job);
	job->kind = (enum rc_job_kind)kind;
	assert_ok(rc_ident_parse(
	    RC_IDENT_PHONE, rc_slice_str(number), &job->ident, &err));
	job->change = (struct rc_consent_change){.kind = RC_J_SUPPRESS,
	    .type = RC_IDENT_PHONE,
	    .received_ms = 1000,
	    .source = RC_SLICE_LIT("test")};
	return job;
}

static bool
is_suppressed(const struct rc_ident *who)
{
	struct rc_consent consent;

	assert_ok(rc_consent_ask(
	    state->store, 1, RC_IDENT_PHONE, who, 1, &consent, &err));
	return consent.reason == RC_BY_SUPPRESSION;
}

static void
a_request_that_cannot_be_recorded_fails_alone(void **arg)
{
	struct rc_committer c = {.done_fd = -1};
	struct rc_job *job[4], *done;
	struct pollfd p = {.events = POLLIN};

	(void)arg;
	job[0] = job_of(RC_JOB_CONSENT, "12025550101");
	job[1] = job_of(99, "12025550102");
	job[2] = job_of(RC_JOB_CONSENT, "12025550103");
	job[3] = job_of(RC_JOB_RECEIPT, "12025550104");
	job[3]->state = RC_M_SENT; /* of no message there is */
	for (int i = 0; i < 3; i++)
		job[i]->next = job[i + 1];
	c.todo = job[0];
	assert_ok(rc_committer_start(&c, state, NULL, NULL, &err));
	p.fd = c.done_fd;
	assert_int_equal(poll(&p, 1, 10000), 1);
	done = rc_committer_take(&c);
	for (int i = 0; i < 4; i++, done = done->next)
		assert_ptr_equal(done, job[i]);
	assert_null(done);
	assert_int_equal(job[0]->result, RC_OK);
	assert_int_equal(job[1]->result, RC_EINTERNAL);
	assert_int_equal(job[2]->result, RC_OK);
	assert_int_equal(job[3]->result, RC_NOTFOUND);
	assert_true(is_suppressed(&job[0]->ident));
	assert_false(is_suppressed(&job[1]->ident));
	assert_true(is_suppressed(&job[2]->ident));
	rc_committer_stop(&c);
	rc_committer_free(&c);
	for (int i = 0; i < 4; i++)
		rc_job_free(job[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(a_request_that_cannot_be_recorded_fails_alone),
	};

	return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
