#include "scratch.h"

#include "core/run_lock.h"

#include <signal.h>
#include <sys/wait.h>

static struct rc_error err;

static void
a_byte_is_held_until_it_is_dropped(void **arg)
{
	const char *state = scratch("state");
	int a, b, c;

	(void)arg;
	assert_false(rc_run_lock_held(state, 5)); /* there is no file yet */
	assert_int_equal(rc_run_lock_take(state, 5, &a, &err), RC_OK);
	assert_int_equal(rc_run_lock_take(state, 1ULL << 50, &b, &err), RC_OK);
	assert_true(rc_run_lock_held(state, 5));
	assert_true(rc_run_lock_held(state, 1ULL << 50));
	assert_false(rc_run_lock_held(state, 6));
	assert_int_equal(rc_run_lock_take(state, 5, &c, &err), RC_EAGAIN);
	assert_int_equal(c, -1);
	rc_run_lock_drop(&a);
	rc_run_lock_drop(&a);
	assert_false(rc_run_lock_held(state, 5));
	assert_true(rc_run_lock_held(state, 1ULL << 50));
	rc_run_lock_drop(&b);
}

static void
the_kernel_frees_the_lock_of_a_killed_process(void **arg)
{
	const char *state = scratch("state");
	int fd, status, ready[2];
	char byte;
	pid_t pid;

	(void)arg;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		alarm(60); /* should nobody kill it */
		if (rc_run_lock_take(state, 9, &fd, &err) != RC_OK ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_true(rc_run_lock_held(state, 9));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(rc_run_lock_held(state, 9));
	close(ready[0]);
	close(ready[1]);
}

static void
a_file_that_cannot_be_made_is_named(void **arg)
{
	int fd;

	(void)arg;
	assert_int_equal(
	    rc_run_lock_take(scratch("no/such/state"), 1, &fd, &err),
	    RC_ECREATE);
	assert_non_null(strstr(err.msg, "no/such/state-runs"));
	assert_int_equal(fd, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCRATCH_TEST(a_byte_is_held_until_it_is_dropped),
	    SCRATCH_TEST(the_kernel_frees_the_lock_of_a_killed_process),
	    SCRATCH_TEST(a_file_that_cannot_be_made_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
