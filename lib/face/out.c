#include "face/out.h"

#include "base/clock.h"
#include "text/tsv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_AT 65536
#define RECORD_MAX (32u << 20)

void
rc_out_start(struct rc_out *out, bool json)
{
	memset(out, 0, sizeof(*out));
	out->json = json;
	out->buf = RC_BUF_INIT(FLUSH_AT + RECORD_MAX);
}

void
rc_out_free(struct rc_out *out)
{
	rc_buf_free(&out->buf);
}

bool
rc_out_broken_pipe(const struct rc_out *out)
{
	return out->broken_pipe;
}

void
rc_out_begin(struct rc_out *out)
{
	out->first = true;
	if (!out->json)
		return;
	out->writer = rc_json_writer_start(&out->buf);
	rc_jw_object(&out->writer);
}

void
rc_out_str(struct rc_out *out, const char *key, struct rc_slice value)
{
	if (out->json) {
		rc_jw_key(&out->writer, key);
		rc_jw_str(&out->writer, value);
	} else {
		rc_tsv_field(&out->buf, value, out->first);
		out->first = false;
	}
}

void
rc_out_cstr(struct rc_out *out, const char *key, const char *value)
{
	rc_out_str(out, key, rc_slice_str(value));
}

void
rc_out_u64(struct rc_out *out, const char *key, uint64_t value)
{
	char text[24];

	if (out->json) {
		rc_jw_key(&out->writer, key);
		rc_jw_u64(&out->writer, value);
		return;
	}
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	rc_out_cstr(out, key, text);
}

void
rc_out_double(struct rc_out *out, const char *key, double value)
{
	char text[40];

	if (out->json) {
		rc_jw_key(&out->writer, key);
		rc_jw_double(&out->writer, value);
		return;
	}
	snprintf(text, sizeof(text), "%.6g", value);
	rc_out_cstr(out, key, text);
}

void
rc_out_time(struct rc_out *out, const char *key, uint64_t ms)
{
	char text[RC_TIME_LEN] = "";

	if (out->json) {
		rc_jw_key(&out->writer, key);
		if (ms == 0)
			rc_jw_null(&out->writer);
		else
			rc_jw_time(&out->writer, ms);
		return;
	}
	if (ms != 0)
		rc_time_format(ms, text);
	rc_out_cstr(out, key, text);
}

void
rc_out_null(struct rc_out *out, const char *key)
{
	if (out->json) {
		rc_jw_key(&out->writer, key);
		rc_jw_null(&out->writer);
		return;
	}
	rc_out_cstr(out, key, "");
}

static enum rc_err
maybe_flush(struct rc_out *out, struct rc_error *e)
{
	if (out->unbuffered || out->buf.len >= FLUSH_AT)
		return rc_out_flush(out, e);
	return RC_OK;
}

enum rc_err
rc_out_end(struct rc_out *out, struct rc_error *e)
{
	enum rc_err err;

	if (out->json) {
		rc_jw_end(&out->writer);
		err = rc_jw_finish(&out->writer, e);
		if (err != RC_OK)
			return err;
	}
	rc_tsv_end(&out->buf);
	return maybe_flush(out, e);
}

enum rc_err
rc_out_line(struct rc_out *out, struct rc_slice line, struct rc_error *e)
{
	rc_buf_addv(&out->buf, line);
	rc_buf_addc(&out->buf, '\n');
	return maybe_flush(out, e);
}

enum rc_err
rc_out_text(struct rc_out *out, struct rc_slice text, struct rc_error *e)
{
	rc_buf_addv(&out->buf, text);
	return maybe_flush(out, e);
}

enum rc_err
rc_out_flush(struct rc_out *out, struct rc_error *e)
{
	size_t done = 0;
	enum rc_err err;

	if (out->error.code != RC_OK) {
		*e = out->error;
		return e->code;
	}
	err = rc_buf_check(&out->buf, "record", e);
	if (err != RC_OK)
		return err;
	while (done < out->buf.len) {
		ssize_t n = write(
		    STDOUT_FILENO, out->buf.data + done, out->buf.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			out->broken_pipe = errno == EPIPE;
			rc_err_errno(
			    &out->error, RC_EIO, "cannot write stdout");
			*e = out->error;
			return e->code;
		}
		done += (size_t)n;
	}
	rc_buf_reset(&out->buf);
	return RC_OK;
}
