#include "sys/http.h"

#include "base/clock.h"
#include "sys/http_kept.h"
#include "sys/seal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CONCURRENCY_MAX 1000
#define BODY_KEPT 65536 /* larger buffers are given back */

struct transfer {
	struct rc_http *http;
	struct transfer *next; /* in the list of idle ones */
	struct rc_http_easy easy;
	struct rc_buf sent, received;
	unsigned sendings; /* times the request was about to go out */
	bool busy, body_cut;
	bool stale; /* its connection was found closed before it was used */
	bool fresh; /* it is tried on a new one */
	rc_http_fn *done;
	void *arg;
	uint64_t started_us;
};

struct rc_http {
	CURLM *multi, *streams; /* streams: NULL until there is one */
	struct transfer *transfer, *idle;
	unsigned ntransfers, concurrency, active;
	struct rc_http_kept kept;
	char *cacert, *proxy;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready;

static void
start_curl(void)
{
	curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/*
 * Runs when a connection is there and before the first byte is written to it.
 * A second call within one transfer is libcurl's silent repetition.
 */
static int
before_sending(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct transfer *t = arg;

	(void)ip, (void)local_ip, (void)port;
	if (t->sendings == 0 && !t->fresh &&
	    rc_http_kept_is_stale(&t->http->kept, t->easy.curl, local_port)) {
		t->stale = true;
		return CURL_PREREQFUNC_ABORT;
	}
	if (++t->sendings > 1)
		return CURL_PREREQFUNC_ABORT;
	return CURL_PREREQFUNC_OK;
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;

	rc_buf_add(&t->received, data, size * count);
	return t->received.state == RC_BUF_FINE ? size * count : 0;
}

static enum rc_err
open_transfer(struct rc_http *h, struct transfer *t, struct rc_error *e)
{
	CURLcode c = CURLE_OK;
	enum rc_err err;

	t->http = h;
	t->sent = RC_BUF_INIT(RC_HTTP_SEND_MAX);
	t->received = RC_BUF_INIT(RC_HTTP_BODY_MAX);
	t->next = h->idle;
	h->idle = t;
	err = rc_http_easy_open(&t->easy, h->cacert, e);
	if (err != RC_OK)
		return err;
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_PRIVATE, t);
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_PREREQFUNCTION, before_sending);
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_PREREQDATA, t);
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_WRITEFUNCTION, on_body);
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_WRITEDATA, t);
	return c == CURLE_OK && rc_http_kept_watch(&h->kept, t->easy.curl)
		   ? RC_OK
		   : rc_err_nomem(e);
}

static enum rc_err
copy_string(const char *s, char **out, struct rc_error *e)
{
	if (s == NULL)
		return RC_OK;
	*out = strdup(s);
	return *out == NULL ? rc_err_nomem(e) : RC_OK;
}

static enum rc_err
open_all(
    struct rc_http *h, const struct rc_http_config *cfg, struct rc_error *e)
{
	enum rc_err err = copy_string(cfg->cacert, &h->cacert, e);

	if (err == RC_OK)
		err = copy_string(cfg->proxy, &h->proxy, e);
	if (err != RC_OK)
		return err;
	h->concurrency = cfg->concurrency;
	/* An address family that loses the race has one as well. */
	err = rc_http_kept_open(&h->kept, 2 * (cfg->concurrency + 1u), e);
	if (err != RC_OK)
		return err;
	/* One more, so that a finished one's function can start the next. */
	h->transfer = calloc(cfg->concurrency + 1u, sizeof(*h->transfer));
	h->multi = curl_multi_init();
	if (h->transfer == NULL || h->multi == NULL)
		return rc_err_nomem(e);
	curl_multi_setopt(
	    h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(
	    h->multi, CURLMOPT_MAXCONNECTS, (long)cfg->concurrency + 1);
	for (; h->ntransfers <= cfg->concurrency && err == RC_OK;
	     h->ntransfers++)
		err = open_transfer(h, &h->transfer[h->ntransfers], e);
	return err;
}

enum rc_err
rc_http_open(
    struct rc_http **out, const struct rc_http_config *cfg, struct rc_error *e)
{
	struct rc_http *h;
	enum rc_err err;

	*out = NULL;
	if (cfg->concurrency < 1 || cfg->concurrency > CONCURRENCY_MAX)
		return rc_err_set(e, RC_EUSAGE,
		    "concurrency %u is out of range: 1 to %u", cfg->concurrency,
		    CONCURRENCY_MAX);
	if (pthread_once(&curl_once, start_curl) != 0 || curl_ready != CURLE_OK)
		return rc_err_set(e, RC_EINTERNAL, "libcurl does not start");
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return rc_err_nomem(e);
	err = open_all(h, cfg, e);
	if (err != RC_OK) {
		rc_http_close(h);
		return err;
	}
	*out = h;
	return RC_OK;
}

static void
close_transfer(struct rc_http *h, struct transfer *t)
{
	if (t->busy)
		curl_multi_remove_handle(h->multi, t->easy.curl);
	rc_http_easy_close(&t->easy);
	rc_wipe(&t->sent);
	rc_wipe(&t->received);
	rc_buf_free(&t->sent);
	rc_buf_free(&t->received);
}

void
rc_http_close(struct rc_http *h)
{
	if (h == NULL)
		return;
	for (unsigned i = 0; i < h->ntransfers; i++)
		close_transfer(h, &h->transfer[i]);
	curl_multi_cleanup(h->multi);
	curl_multi_cleanup(h->streams);
	rc_http_kept_close(&h->kept);
	free(h->transfer);
	free(h->cacert);
	free(h->proxy);
	free(h);
}

enum rc_err
rc_http_lend(struct rc_http *h, struct rc_http_lent *lent, struct rc_error *e)
{
	if (h->streams == NULL)
		h->streams = curl_multi_init();
	if (h->streams == NULL)
		return rc_err_nomem(e);
	*lent = (struct rc_http_lent){h->streams, h->cacert, h->proxy};
	return RC_OK;
}

unsigned
rc_http_active(const struct rc_http *h)
{
	return h->active;
}

/* --- a request ----------------------------------------------------------- */

static CURLcode
set_method(struct transfer *t, const struct rc_http_request *r)
{
	bool head = strcmp(r->method, "HEAD") == 0;
	bool get = head || strcmp(r->method, "GET") == 0;
	bool post = strcmp(r->method, "POST") == 0;
	CURLcode c = CURLE_OK;

	if (post || r->body.len > 0) {
		RC_HTTP_SET(c, t->easy.curl, CURLOPT_POST, 1L);
		RC_HTTP_SET(
		    c, t->easy.curl, CURLOPT_POSTFIELDS, rc_buf_str(&t->sent));
		RC_HTTP_SET(c, t->easy.curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)t->sent.len);
		get = false;
	} else {
		RC_HTTP_SET(c, t->easy.curl, CURLOPT_HTTPGET, 1L);
		if (head)
			RC_HTTP_SET(c, t->easy.curl, CURLOPT_NOBODY, 1L);
	}
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_CUSTOMREQUEST,
	    get || post ? NULL : r->method);
	return c;
}

static enum rc_err
prepare(struct transfer *t, const struct rc_http_request *r, struct rc_error *e)
{
	unsigned timeout =
	    r->timeout_ms == 0 ? RC_HTTP_TIMEOUT_MS : r->timeout_ms;
	enum rc_err err = rc_http_easy_prepare(&t->easy, r, t->http->proxy, e);
	CURLcode c;

	if (err != RC_OK)
		return err;
	rc_buf_reset(&t->sent);
	rc_buf_reset(&t->received);
	rc_buf_addv(&t->sent, r->body);
	err = rc_buf_check(&t->sent, "request body", e);
	if (err != RC_OK)
		return err;
	c = set_method(t, r);
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_FRESH_CONNECT, 0L);
	RC_HTTP_SET(c, t->easy.curl, CURLOPT_TIMEOUT_MS, (long)timeout);
	return c == CURLE_OK ? RC_OK : rc_err_nomem(e);
}

enum rc_err
rc_http_start(struct rc_http *h, const struct rc_http_request *r,
    rc_http_fn *done, void *arg, struct rc_error *e)
{
	struct transfer *t = h->idle;
	enum rc_err err;

	if (h->active >= h->concurrency || t == NULL)
		return rc_err_set(e, RC_EAGAIN,
		    "%u requests are under way already", h->active);
	err = prepare(t, r, e);
	if (err != RC_OK)
		return err;
	t->sendings = 0;
	t->stale = t->fresh = false;
	t->done = done;
	t->arg = arg;
	t->started_us = rc_clock_mono_us();
	if (curl_multi_add_handle(h->multi, t->easy.curl) != CURLM_OK)
		return rc_err_nomem(e);
	h->idle = t->next;
	t->busy = true;
	h->active++;
	return RC_OK;
}

/* --- its answer ---------------------------------------------------------- */

/* What libcurl reads as nothing, since it is more than it can count. */
static bool
is_for_ever(CURL *easy)
{
	struct curl_header *h;

	return curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h) ==
		   CURLHE_OK &&
	       strlen(h->value) > 9 &&
	       strspn(h->value, "0123456789") == strlen(h->value);
}

static uint64_t
retry_after_ms(CURL *easy, long status)
{
	curl_off_t seconds = 0;

	if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK)
		return 0;
	if (seconds <= 0)
		return status >= 400 && is_for_ever(easy) ? RC_HTTP_RETRY_MAX_MS
							  : 0;
	if (seconds > RC_HTTP_RETRY_MAX_MS / 1000)
		return RC_HTTP_RETRY_MAX_MS;
	return (uint64_t)seconds * 1000;
}

/*
 * What decides is whether the request ever began to leave, not libcurl's code:
 * a repetition that cannot connect reports a failed connection although the
 * first sending was read.
 */
static void
read_failure(
    const struct transfer *t, CURLcode code, struct rc_http_response *r)
{
	r->outcome = t->sendings == 0 ? RC_HTTP_NEVER_SENT : RC_HTTP_UNKNOWN;
	if (t->sendings > 1)
		r->error = "connection closed before an answer came";
	else if (t->sendings > 0 && code == CURLE_OPERATION_TIMEDOUT)
		r->error = "no answer in time";
	else
		r->error = rc_http_easy_why(&t->easy, code);
}

static void
read_answer(const struct transfer *t, CURLcode code, struct rc_http_response *r)
{
	const char *type = NULL;
	long status = 0;

	*r = (struct rc_http_response){.content_type = "",
	    .error = "",
	    .duration_us = rc_clock_mono_us() - t->started_us};
	curl_easy_getinfo(t->easy.curl, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200) { /* none, or an interim one and nothing after it */
		read_failure(t, code, r);
		return;
	}
	r->outcome = RC_HTTP_ANSWERED;
	r->status = (int)status;
	r->body = rc_buf_slice(&t->received);
	r->body_cut = code != CURLE_OK;
	r->retry_after_ms = retry_after_ms(t->easy.curl, status);
	curl_easy_getinfo(t->easy.curl, CURLINFO_CONTENT_TYPE, &type);
	if (type != NULL)
		r->content_type = type;
}

/* Not a byte was sent on a connection that had been closed: on a new one. */
static bool
goes_on(struct transfer *t)
{
	if (!t->stale || t->fresh)
		return false;
	t->fresh = true;
	return curl_easy_setopt(t->easy.curl, CURLOPT_FRESH_CONNECT, 1L) ==
		   CURLE_OK &&
	       curl_multi_add_handle(t->http->multi, t->easy.curl) == CURLM_OK;
}

static void
finish(struct transfer *t, CURLcode code)
{
	struct rc_http *h = t->http;
	struct rc_http_response r;

	read_answer(t, code, &r);
	curl_multi_remove_handle(h->multi, t->easy.curl);
	if (goes_on(t))
		return;
	t->busy = false;
	h->active--;
	t->done(t->arg, &r);
	if (t->received.cap > BODY_KEPT)
		rc_buf_free(&t->received);
	t->next = h->idle;
	h->idle = t;
}

static bool
finish_all(struct rc_http *h)
{
	bool any = false;
	struct CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(h->multi, &left)) != NULL) {
		CURLcode code = msg->data.result;
		char *t;

		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
		finish((struct transfer *)(void *)t, code);
		any = true;
	}
	return any;
}

enum rc_err
rc_http_check_multi(CURLMcode code, struct rc_error *e)
{
	if (code == CURLM_OK)
		return RC_OK;
	if (code == CURLM_OUT_OF_MEMORY)
		return rc_err_nomem(e);
	return rc_err_set(
	    e, RC_EINTERNAL, "libcurl: %s", curl_multi_strerror(code));
}

enum rc_err
rc_http_poll(struct rc_http *h, int timeout_ms, int wake_fd, struct rc_error *e)
{
	struct curl_waitfd wake = {.fd = wake_fd, .events = CURL_WAIT_POLLIN};
	enum rc_err err;
	int running;

	err = rc_http_check_multi(curl_multi_poll(h->multi, &wake,
				      wake_fd >= 0 ? 1 : 0, timeout_ms, NULL),
	    e);
	if (err != RC_OK)
		return err;
	err = rc_http_check_multi(curl_multi_perform(h->multi, &running), e);
	finish_all(h);
	return err;
}
