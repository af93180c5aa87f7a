#include "job/serve_priv.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAIN_US 2000000 /* for answers under way when told to stop */
#define DRAIN_POLL_MS 20

void
rc_job_free(struct rc_job *job)
{
	if (job == NULL)
		return;
	rc_json_free(job->body);
	free(job->location);
	rc_buf_free(&job->evidence);
	rc_buf_free(&job->text);
	free(job);
}

static enum rc_err
set_address(struct rc_serve *s, const char *listen, struct rc_error *e)
{
	const char *colon = strrchr(listen, ':');
	int n;

	if (strncmp(listen, "unix:", 5) == 0 || colon == NULL)
		n = asprintf(&s->address, "%s", listen);
	else
		n = asprintf(&s->address, "http://%.*s:%u",
		    (int)(colon - listen), listen, rc_httpd_port(s->httpd));
	if (n >= 0)
		return RC_OK;
	s->address = NULL;
	return rc_err_nomem(e);
}

/* Without one, the address that is listened on: right on loopback. */
static enum rc_err
set_public_url(struct rc_serve *s, const char *given, struct rc_error *e)
{
	struct rc_url url;
	size_t len;

	if (given != NULL &&
	    rc_url_parse(rc_slice_str(given), &url, e) != RC_OK)
		return rc_err_prefix(e, "public URL");
	s->public_url = strdup(given == NULL ? s->address : given);
	if (s->public_url == NULL)
		return rc_err_nomem(e);
	len = strlen(s->public_url);
	while (len > 0 && s->public_url[len - 1] == '/')
		s->public_url[--len] = '\0';
	return RC_OK;
}

enum rc_err
rc_serve_open(struct rc_serve **out, struct rc_state *state,
    const struct rc_serve_config *config, struct rc_error *e)
{
	struct rc_serve *s = calloc(1, sizeof(*s));
	struct rc_httpd_config httpd = {
	    .listen = config->listen,
	    .handler = rc_serve_route,
	    .arg = s,
	};
	enum rc_err err;

	*out = NULL;
	if (s == NULL)
		return rc_err_nomem(e);
	s->state = state;
	s->log = config->log;
	s->click_sync = config->click_sync;
	s->committer.done_fd = -1;
	err = rc_click_file_open(&s->clicks, state->store, e);
	if (err == RC_OK)
		err = rc_httpd_open(&s->httpd, &httpd, e);
	if (err == RC_OK)
		err = set_address(s, config->listen, e);
	if (err == RC_OK)
		err = set_public_url(s, config->public_url, e);
	if (err == RC_OK)
		err = rc_committer_start(
		    &s->committer, state, s->clicks, config->log, e);
	if (err != RC_OK) {
		rc_serve_close(s);
		return err;
	}
	*out = s;
	return RC_OK;
}

const char *
rc_serve_address(const struct rc_serve *s)
{
	return s->address;
}

/* Answers everything the committer is done with; returns how many. */
static size_t
answer_done(struct rc_serve *s)
{
	struct rc_job *job = rc_committer_take(&s->committer), *next;
	size_t n = 0;

	for (; job != NULL; job = next, n++) {
		next = job->next;
		rc_serve_answer(job);
	}
	return n;
}

static enum rc_err
wait_and_serve(struct rc_serve *s, int timeout_ms, struct rc_error *e)
{
	struct pollfd fd[2] = {
	    {.fd = rc_httpd_fd(s->httpd), .events = POLLIN},
	    {.fd = s->committer.done_fd, .events = POLLIN},
	};
	int httpd_ms = rc_httpd_timeout_ms(s->httpd);

	if (httpd_ms >= 0 && (timeout_ms < 0 || httpd_ms < timeout_ms))
		timeout_ms = httpd_ms;
	if (poll(fd, 2, timeout_ms) < 0 && errno != EINTR)
		return rc_err_errno(e, RC_EIO, "cannot wait for requests");
	answer_done(s);
	rc_httpd_run(s->httpd);
	return RC_OK;
}

enum rc_err
rc_serve_run(struct rc_serve *s, const atomic_int *stop, struct rc_error *e)
{
	struct rc_error rotate;
	enum rc_err err = RC_OK;

	while (*stop == 0 && err == RC_OK) {
		/* A signal between the test and poll(2) waits a second. */
		err = wait_and_serve(s, 1000, e);
		if (rc_click_file_rotate(s->clicks, s->state->store, &rotate) !=
		    RC_OK)
			rc_log(s->log, RC_LOG_WARN, "%s", rotate.msg);
	}
	return err;
}

void
rc_serve_close(struct rc_serve *s)
{
	struct rc_error ignored;
	uint64_t until;

	if (s == NULL)
		return;
	rc_committer_stop(&s->committer);
	if (s->httpd != NULL && s->committer.done_fd >= 0) {
		until = rc_clock_mono_us() + DRAIN_US;
		while (answer_done(s) > 0 && rc_clock_mono_us() < until)
			if (wait_and_serve(s, DRAIN_POLL_MS, &ignored) != RC_OK)
				break;
	}
	rc_httpd_close(s->httpd);
	rc_committer_free(&s->committer);
	rc_click_file_close(s->clicks);
	rc_channel_free(s->channel);
	free(s->address);
	free(s->public_url);
	free(s);
}
