#include "base/clock.h"
#include "text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOUBLE_LEN 32
#define SMALL_ZEROS 12 /* at most so many before the first digit */

struct rc_json_writer
rc_json_writer_start(struct rc_buf *out)
{
	return (struct rc_json_writer){.out = out};
}

static bool
in_object(const struct rc_json_writer *w)
{
	return w->depth > 0 && w->stack[w->depth - 1] == '{';
}

/* Makes room for a value; false when there may be none here. */
static bool
begin_value(struct rc_json_writer *w)
{
	if (w->done || (in_object(w) && !w->keyed))
		w->bad = true;
	if (w->bad)
		return false;
	if (w->comma && !w->keyed)
		rc_buf_addc(w->out, ',');
	w->keyed = false;
	return true;
}

static void
end_value(struct rc_json_writer *w)
{
	w->comma = true;
	w->done = w->depth == 0;
}

static void
open_container(struct rc_json_writer *w, char c)
{
	if (w->depth == sizeof(w->stack))
		w->bad = true;
	if (!begin_value(w))
		return;
	rc_buf_addc(w->out, c);
	w->stack[w->depth++] = (unsigned char)c;
	w->comma = false;
}

void
rc_jw_object(struct rc_json_writer *w)
{
	open_container(w, '{');
}

void
rc_jw_array(struct rc_json_writer *w)
{
	open_container(w, '[');
}

void
rc_jw_end(struct rc_json_writer *w)
{
	if (w->depth == 0 || w->keyed)
		w->bad = true;
	if (w->bad)
		return;
	rc_buf_addc(w->out, in_object(w) ? '}' : ']');
	w->depth--;
	end_value(w);
}

static void
add_quoted(struct rc_json_writer *w, struct rc_slice s)
{
	rc_buf_addc(w->out, '"');
	rc_json_escape(w->out, s);
	rc_buf_addc(w->out, '"');
}

void
rc_jw_key(struct rc_json_writer *w, const char *key)
{
	if (!in_object(w) || w->keyed)
		w->bad = true;
	if (w->bad)
		return;
	if (w->comma)
		rc_buf_addc(w->out, ',');
	add_quoted(w, rc_slice_str(key));
	rc_buf_addc(w->out, ':');
	w->keyed = true;
}

void
rc_jw_str(struct rc_json_writer *w, struct rc_slice s)
{
	if (!begin_value(w))
		return;
	add_quoted(w, s);
	end_value(w);
}

void
rc_jw_cstr(struct rc_json_writer *w, const char *s)
{
	rc_jw_str(w, rc_slice_str(s));
}

static void
add_word(struct rc_json_writer *w, const char *word)
{
	if (!begin_value(w))
		return;
	rc_buf_adds(w->out, word);
	end_value(w);
}

void
rc_jw_u64(struct rc_json_writer *w, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	add_word(w, text);
}

/* A small number without its exponent, which many readers take for an error. */
static void
write_out(char text[DOUBLE_LEN], double v)
{
	char *e = strchr(text, 'e');
	size_t digits = e == NULL ? 0 : (size_t)(e - text) - (v < 0);
	long exponent = e == NULL ? 0 : strtol(e + 1, NULL, 10);

	if (exponent >= 0 || exponent < -SMALL_ZEROS)
		return;
	digits -= digits > 1; /* the point */
	snprintf(text, DOUBLE_LEN, "%.*f", (int)digits - 1 - (int)exponent, v);
}

void
rc_jw_double(struct rc_json_writer *w, double v)
{
	char text[DOUBLE_LEN];

	if (!isfinite(v)) {
		w->bad = true;
		return;
	}
	/* The fewest digits that read back as the same number. */
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (!(strtod(text, NULL) < v) && !(strtod(text, NULL) > v))
			break;
	}
	write_out(text, v);
	add_word(w, text);
}

void
rc_jw_bool(struct rc_json_writer *w, bool v)
{
	add_word(w, v ? "true" : "false");
}

void
rc_jw_null(struct rc_json_writer *w)
{
	add_word(w, "null");
}

void
rc_jw_time(struct rc_json_writer *w, uint64_t ms)
{
	char text[RC_TIME_LEN];

	rc_time_format(ms, text);
	rc_jw_cstr(w, text);
}

static void
add_members(struct rc_json_writer *w, const struct rc_json_value *v)
{
	for (v = rc_json_first(v); v != NULL && !w->bad; v = rc_json_next(v)) {
		if (in_object(w))
			rc_jw_key(w, rc_json_key(v).p);
		rc_jw_value(w, v);
	}
	rc_jw_end(w);
}

void
rc_jw_value(struct rc_json_writer *w, const struct rc_json_value *v)
{
	switch (rc_json_type(v)) {
	case RC_JSON_OBJECT:
		rc_jw_object(w);
		add_members(w, v);
		break;
	case RC_JSON_ARRAY:
		rc_jw_array(w);
		add_members(w, v);
		break;
	case RC_JSON_STRING:
		rc_jw_str(w, rc_json_str(v));
		break;
	case RC_JSON_NUMBER:
		if (!begin_value(w))
			break;
		rc_json_to_text(v, w->out);
		end_value(w);
		break;
	case RC_JSON_BOOL:
		rc_jw_bool(w, rc_json_bool(v));
		break;
	case RC_JSON_NULL:
	case RC_JSON_ABSENT:
		rc_jw_null(w);
		break;
	}
}

enum rc_err
rc_jw_finish(struct rc_json_writer *w, struct rc_error *e)
{
	if (w->bad || !w->done)
		return rc_err_set(e, RC_EINTERNAL,
		    "refused to write malformed JSON after %zu bytes",
		    w->out->len);
	return rc_buf_check(w->out, "JSON", e);
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
escape_one(struct rc_buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		rc_buf_adds(out, "\\\"");
		break;
	case '\\':
		rc_buf_adds(out, "\\\\");
		break;
	case '\n':
		rc_buf_adds(out, "\\n");
		break;
	case '\r':
		rc_buf_adds(out, "\\r");
		break;
	case '\t':
		rc_buf_adds(out, "\\t");
		break;
	default:
		rc_buf_addf(out, "\\u%04x", c);
		break;
	}
}

void
rc_json_escape(struct rc_buf *out, struct rc_slice s)
{
	while (s.len > 0) {
		unsigned char c = (unsigned char)s.p[0];
		size_t n = 1, bad = 0;

		if (is_plain(c)) {
			while (n < s.len && is_plain((unsigned char)s.p[n]))
				n++;
			rc_buf_add(out, s.p, n);
		} else if (c < 0x80) {
			escape_one(out, c);
		} else if ((n = rc_utf8_step(s, &bad)) > 0) {
			rc_buf_add(out, s.p, n);
		} else {
			rc_buf_adds(out, "\xef\xbf\xbd");
			n = bad;
		}
		s.p += n;
		s.len -= n;
	}
}
