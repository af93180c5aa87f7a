/*
 * tests/tools/s3d as a child of a test: it serves the test's own directory.
 */
#ifndef RC_TEST_S3D_H
#define RC_TEST_S3D_H

#include "scratch.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define S3D_ARGS 16
#define S3D_SECRET "s3cret/KEY+"

struct s3d {
	pid_t pid;
	unsigned port;
	char url[64]; /* "http://127.0.0.1:PORT" */
};

static inline void
s3d_exec(int out, const char *const *more)
{
	const char *build = getenv("RC_BUILD");
	const char *argv[S3D_ARGS + 5] = {"s3d", "--log", scratch("s3d.log")};
	char path[512];
	size_t n = 3;

	for (; *more != NULL && n < S3D_ARGS; more++)
		argv[n++] = *more;
	argv[n] = scratch_dir;
	snprintf(path, sizeof(path), "%s/tests/tools/s3d",
	    build == NULL ? "build" : build);
	/* A test that is killed leaves nobody behind who holds its output. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* more: further options, with a NULL at the end. */
static inline void
s3d_start(struct s3d *s, const char *const *more)
{
	int pipes[2];
	FILE *out;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0)
		s3d_exec(pipes[1], more);
	close(pipes[1]);
	out = fdopen(pipes[0], "r");
	assert_int_equal(fscanf(out, "%u", &s->port), 1);
	fclose(out);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", s->port);
}

static inline void
s3d_stop(struct s3d *s)
{
	kill(s->pid, SIGKILL);
	assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
}

/* Requests that have come. */
static inline unsigned
s3d_requests(void)
{
	FILE *log = fopen(scratch("s3d.log"), "r");
	unsigned n = 0;
	int c;

	while (log != NULL && (c = getc(log)) != EOF)
		n += c == '\n';
	if (log != NULL)
		fclose(log);
	return n;
}

/* A file of a bucket, with its folders. */
static inline void
s3d_put(const char *key, const void *bytes, size_t n)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", scratch_dir, key);
	for (char *p = path + strlen(scratch_dir) + 1; (p = strchr(p, '/'));
	     *p++ = '/') {
		*p = '\0';
		(void)!mkdir(path, 0700);
	}
	scratch_write(path, bytes, n);
}

#define S3D_OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
