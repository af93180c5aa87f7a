#include "job/source_priv.h"

#include "base/num.h"

#include <inttypes.h>
#include <string.h>

/* Some stores keep the uploader's "aws-chunked", and send what is plain. */
static bool
is_plain(const char *encoding)
{
	return *encoding == '\0' || strcmp(encoding, "identity") == 0 ||
	       strcmp(encoding, "aws-chunked") == 0;
}

static void
want_digests(struct rc_source_stream *s)
{
	static const struct {
		const char *name;
		enum rc_digest_form form;
	} headers[] = {
	    {"Repr-Digest", RC_DIGEST_LIST},
	    {"Content-Digest", RC_DIGEST_LIST},
	    {"Digest", RC_DIGEST_LIST},
	    {"Content-MD5", RC_DIGEST_BASE64_MD5},
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		rc_digest_want(&s->digest, headers[i].form,
		    rc_http_stream_header(s->stream, headers[i].name));
}

enum rc_err
rc_source_stream_start(struct rc_source_stream *s,
    const struct rc_http_head *head, struct rc_error *e)
{
	if (!is_plain(head->content_encoding))
		return rc_err_set(e, RC_EPROTO,
		    "comes with Content-Encoding '%s': have it sent as it is",
		    head->content_encoding);
	want_digests(s);
	if (s->announced == UINT64_MAX)
		s->announced = head->content_length;
	if (s->announced == UINT64_MAX && !head->end_marked &&
	    !rc_digest_known(&s->digest))
		return rc_err_set(e, RC_EPROTO,
		    "the server announces neither length nor digest, so half "
		    "of the list could not be told from the whole");
	if (s->announced != UINT64_MAX)
		s->source.size = s->announced;
	if (head->last_modified_ms > 0)
		rc_source_made(&s->source, head->last_modified_ms);
	return rc_digest_start(&s->digest, e);
}

enum rc_err
rc_source_stream_read(struct rc_source *source, char *at, size_t room,
    size_t *n, struct rc_error *e)
{
	struct rc_source_stream *s = (struct rc_source_stream *)source;
	enum rc_err err;

	*n = 0;
	if (s->ended)
		return RC_OK;
	err = rc_http_stream_read(s->stream, at, room, n, e);
	if (err != RC_OK)
		return err;
	s->ended = *n == 0;
	s->got += *n;
	rc_digest_add(&s->digest, rc_slice_of(at, *n));
	return RC_OK;
}

enum rc_err
rc_source_stream_finish(struct rc_source *source, struct rc_error *e)
{
	struct rc_source_stream *s = (struct rc_source_stream *)source;

	if (s->announced != UINT64_MAX && s->got != s->announced)
		return rc_err_set(e, RC_EPROTO,
		    "%" PRIu64 " %s received, but %" PRIu64 " announced",
		    s->got, rc_plural(s->got, "byte was", "bytes were"),
		    s->announced);
	return rc_digest_check(&s->digest, e);
}

void
rc_source_stream_close(struct rc_source_stream *s)
{
	rc_http_stream_close(s->stream);
	rc_digest_close(&s->digest);
}
