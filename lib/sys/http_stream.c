#include "sys/http_stream.h"

#include "base/clock.h"
#include "sys/http_easy.h"
#include "text/url.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_MS 1000
#define READ_SIZE 131072 /* bytes libcurl asks the kernel for */
#define PEER_MAX 264	 /* a host's name and a port */

struct rc_http_stream {
	struct rc_http_easy easy;
	CURLM *multi;
	bool added;
	struct rc_http_head head;
	char peer[PEER_MAX]; /* for messages */

	/* What has come of the headers, and of the body in all. */
	size_t head_len;
	uint64_t body_len;
	bool head_done, ended, stalled;
	CURLcode code; /* when ended */

	/* Where a read wants it; what does not fit goes ahead of the reader. */
	char *at;
	size_t room, got;
	struct rc_buf ahead;
	size_t ahead_taken;
	bool paused;

	/* Time that was spent waiting, and the bytes there were before it. */
	unsigned timeout_ms;
	uint64_t waited_us, bytes_before;
};

/* --- what libcurl calls --------------------------------------------------- */

static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct rc_http_stream *s = arg;
	size_t n = size * count;
	long status = 0;

	s->head_len += n;
	if (s->head_len > RC_HTTP_HEAD_MAX)
		return 0;
	/* An interim answer (100, 103) has an end of its own. */
	curl_easy_getinfo(s->easy.curl, CURLINFO_RESPONSE_CODE, &status);
	if ((line[0] == '\r' || line[0] == '\n') && status >= 200)
		s->head_done = true;
	return n;
}

/* libcurl keeps what was refused, and brings it again when it goes on. */
static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct rc_http_stream *s = arg;
	size_t n = size * count, direct = s->room - s->got;

	if (n > direct + RC_HTTP_STREAM_AHEAD - s->ahead.len) {
		s->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (direct > n)
		direct = n;
	if (direct > 0)
		memcpy(s->at + s->got, data, direct);
	s->got += direct;
	rc_buf_add(&s->ahead, data + direct, n - direct);
	if (s->ahead.state != RC_BUF_FINE)
		return 0;
	s->body_len += n;
	return n;
}

/* --- an open one ---------------------------------------------------------- */

static void
name_peer(struct rc_http_stream *s, const char *text)
{
	struct rc_buf b = RC_BUF_INIT(PEER_MAX - 1);
	struct rc_error ignored;
	struct rc_url url;

	if (rc_url_parse(
		rc_slice_of(text, strcspn(text, "?")), &url, &ignored) != RC_OK)
		return;
	rc_buf_addv(&b, url.host);
	if (url.port_given)
		rc_buf_addf(&b, ":%u", url.port);
	memcpy(s->peer, rc_buf_str(&b), b.len);
	rc_buf_free(&b);
}

static enum rc_err
set_options(struct rc_http_stream *s, struct rc_error *e)
{
	CURL *curl = s->easy.curl;
	CURLcode c = CURLE_OK;

	RC_HTTP_SET(c, curl, CURLOPT_PRIVATE, s);
	RC_HTTP_SET(c, curl, CURLOPT_HTTPGET, 1L);
	/* A proxy's consent to the tunnel is not the answer. */
	RC_HTTP_SET(c, curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	/* A bucket's key may have "/../" in it, and that is its name. */
	RC_HTTP_SET(c, curl, CURLOPT_PATH_AS_IS, 1L);
	RC_HTTP_SET(c, curl, CURLOPT_BUFFERSIZE, (long)READ_SIZE);
	RC_HTTP_SET(c, curl, CURLOPT_HEADERFUNCTION, on_header);
	RC_HTTP_SET(c, curl, CURLOPT_HEADERDATA, s);
	RC_HTTP_SET(c, curl, CURLOPT_WRITEFUNCTION, on_body);
	RC_HTTP_SET(c, curl, CURLOPT_WRITEDATA, s);
	return c == CURLE_OK ? RC_OK : rc_err_nomem(e);
}

static enum rc_err
begin(struct rc_http_stream *s, struct rc_http *http,
    const struct rc_http_request *r, struct rc_error *e)
{
	struct rc_http_lent lent;
	enum rc_err err = rc_http_lend(http, &lent, e);

	s->ahead = RC_BUF_INIT(RC_HTTP_STREAM_AHEAD);
	s->timeout_ms = r->timeout_ms == 0 ? RC_HTTP_TIMEOUT_MS : r->timeout_ms;
	if (err != RC_OK)
		return err;
	s->multi = lent.multi;
	err = rc_http_easy_open(&s->easy, lent.cacert, e);
	if (err == RC_OK)
		err = rc_http_easy_prepare(&s->easy, r, lent.proxy, e);
	if (err == RC_OK)
		err = set_options(s, e);
	if (err != RC_OK)
		return err;
	name_peer(s, r->url);
	if (curl_multi_add_handle(s->multi, s->easy.curl) != CURLM_OK)
		return rc_err_nomem(e);
	s->added = true;
	return RC_OK;
}

void
rc_http_stream_close(struct rc_http_stream *s)
{
	if (s == NULL)
		return;
	if (s->added)
		curl_multi_remove_handle(s->multi, s->easy.curl);
	rc_http_easy_close(&s->easy);
	rc_buf_free(&s->ahead);
	free(s);
}

/* --- its progress --------------------------------------------------------- */

static void
collect_ends(CURLM *multi)
{
	struct CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(multi, &left)) != NULL) {
		CURLcode code = msg->data.result;
		struct rc_http_stream *s;
		char *p;

		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &p);
		s = (struct rc_http_stream *)(void *)p;
		s->ended = true;
		s->code = code;
	}
}

/* Only the time that we wait counts: a slow reader is not a slow server. */
static void
check_stall(struct rc_http_stream *s)
{
	uint64_t bytes = s->head_len + s->body_len - s->bytes_before;

	if (s->waited_us < (uint64_t)s->timeout_ms * 1000)
		return;
	s->stalled =
	    bytes * 1000 < (uint64_t)s->timeout_ms * RC_HTTP_STALL_BYTES_PER_S;
	s->ended |= s->stalled;
	s->waited_us = 0;
	s->bytes_before += bytes;
}

/* Moves the transfers, then waits if that has brought this one nothing. */
static enum rc_err
move_on(struct rc_http_stream *s, struct rc_error *e)
{
	int wait_ms = s->timeout_ms < WAIT_MS ? (int)s->timeout_ms : WAIT_MS;
	size_t had = s->head_len + s->got;
	uint64_t before;
	enum rc_err err;
	int running;

	err = rc_http_check_multi(curl_multi_perform(s->multi, &running), e);
	collect_ends(s->multi);
	if (err != RC_OK || s->ended || s->head_len + s->got > had)
		return err;
	before = rc_clock_mono_us();
	err = rc_http_check_multi(
	    curl_multi_poll(s->multi, NULL, 0, wait_ms, NULL), e);
	s->waited_us += rc_clock_mono_us() - before;
	check_stall(s);
	return err;
}

static enum rc_err
code_of(const struct rc_http_stream *s)
{
	switch (s->code) {
	case CURLE_OUT_OF_MEMORY:
		return RC_EAGAIN;
	case CURLE_SSL_CACERT_BADFILE:
		return RC_ECONFIG;
	case CURLE_WRITE_ERROR: /* ours: too many headers */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
		return RC_EPROTO;
	default:
		return RC_EUNAVAIL;
	}
}

static enum rc_err
fail(const struct rc_http_stream *s, struct rc_error *e)
{
	const char *why = rc_http_easy_why(&s->easy, s->code);

	if (s->stalled)
		return rc_err_set(e, RC_EUNAVAIL,
		    "'%s' stalls: less than %d bytes a second for %u s",
		    s->peer, RC_HTTP_STALL_BYTES_PER_S,
		    (s->timeout_ms + 999) / 1000);
	if (s->ahead.state != RC_BUF_FINE)
		return rc_err_nomem(e);
	if (s->head_len > RC_HTTP_HEAD_MAX)
		return rc_err_set(e, RC_EPROTO,
		    "'%s' sends more than %d bytes of headers", s->peer,
		    RC_HTTP_HEAD_MAX);
	if (!s->head_done)
		return rc_err_set(
		    e, code_of(s), "no answer from '%s': %s", s->peer, why);
	return rc_err_set(e, code_of(s), "'%s' broke off: %s", s->peer, why);
}

/* --- the head ------------------------------------------------------------- */

const char *
rc_http_stream_header(struct rc_http_stream *s, const char *name)
{
	struct curl_header *h;

	if (curl_easy_header(s->easy.curl, name, 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK)
		return "";
	return h->value;
}

/* Of all codings of a transfer "chunked", the last, alone marks the end. */
static bool
is_chunked(const char *codings)
{
	const char *comma = strrchr(codings, ',');

	return rc_slice_is_nocase(
	    rc_slice_trim(rc_slice_str(comma == NULL ? codings : comma + 1)),
	    "chunked");
}

/* 1970 began at 0, which says that nothing is known. */
static uint64_t
milliseconds(time_t t)
{
	if (t < 0)
		return 0;
	return t == 0 ? 1 : (uint64_t)t * 1000;
}

static void
read_head(struct rc_http_stream *s)
{
	struct rc_http_head *h = &s->head;
	curl_off_t length = -1;
	long status = 0;

	curl_easy_getinfo(s->easy.curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(
	    s->easy.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	h->status = (int)status;
	h->content_length = length < 0 ? UINT64_MAX : (uint64_t)length;
	h->last_modified_ms = milliseconds(
	    curl_getdate(rc_http_stream_header(s, "Last-Modified"), NULL));
	h->etag = rc_http_stream_header(s, "ETag");
	h->content_type = rc_http_stream_header(s, "Content-Type");
	h->content_encoding = rc_http_stream_header(s, "Content-Encoding");
	h->end_marked =
	    length >= 0 || status == 204 || status == 304 ||
	    is_chunked(rc_http_stream_header(s, "Transfer-Encoding"));
}

enum rc_err
rc_http_stream_open(struct rc_http_stream **out, struct rc_http *http,
    const struct rc_http_request *r, const struct rc_http_head **head,
    struct rc_error *e)
{
	struct rc_http_stream *s = calloc(1, sizeof(*s));
	enum rc_err err;

	*out = NULL;
	*head = NULL;
	if (s == NULL)
		return rc_err_nomem(e);
	err = begin(s, http, r, e);
	while (err == RC_OK && !s->head_done && !s->ended)
		err = move_on(s, e);
	if (err == RC_OK && !s->head_done)
		err = fail(s, e);
	if (err != RC_OK) {
		rc_http_stream_close(s);
		return err;
	}
	read_head(s);
	*out = s;
	*head = &s->head;
	return RC_OK;
}

/* --- the body ------------------------------------------------------------- */

static size_t
take_ahead(struct rc_http_stream *s, char *at, size_t room)
{
	size_t n = s->ahead.len - s->ahead_taken;

	if (n > room)
		n = room;
	memcpy(at, s->ahead.data + s->ahead_taken, n);
	s->ahead_taken += n;
	if (s->ahead_taken == s->ahead.len) {
		rc_buf_reset(&s->ahead);
		s->ahead_taken = 0;
	}
	return n;
}

static void
go_on(struct rc_http_stream *s)
{
	CURLcode code;

	if (!s->paused)
		return;
	s->paused = false;
	code = curl_easy_pause(s->easy.curl, CURLPAUSE_CONT);
	if (code == CURLE_OK)
		return;
	s->ended = true;
	s->code = code;
}

enum rc_err
rc_http_stream_read(struct rc_http_stream *s, char *at, size_t room, size_t *n,
    struct rc_error *e)
{
	enum rc_err err = RC_OK;

	if (s->ahead.len > 0) {
		*n = take_ahead(s, at, room);
		return RC_OK;
	}
	s->at = at;
	s->room = room;
	s->got = 0;
	go_on(s);
	while (err == RC_OK && s->got == 0 && !s->ended)
		err = move_on(s, e);
	*n = s->got;
	s->room = s->got = 0;
	if (*n > 0 || err != RC_OK)
		return err;
	return s->code == CURLE_OK && !s->stalled ? RC_OK : fail(s, e);
}
