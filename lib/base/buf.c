#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_CAP 64

struct rc_slice
rc_slice_str(const char *s)
{
	return (struct rc_slice){s, strlen(s)};
}

bool
rc_slice_eq(struct rc_slice a, struct rc_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool
rc_slice_is(struct rc_slice a, const char *s)
{
	return rc_slice_eq(a, rc_slice_str(s));
}

bool
rc_slice_is_nocase(struct rc_slice a, const char *s)
{
	return a.len == strlen(s) && strncasecmp(a.p, s, a.len) == 0;
}

bool
rc_slice_starts(
    struct rc_slice s, struct rc_slice prefix, struct rc_slice *rest)
{
	if (s.len < prefix.len ||
	    (prefix.len > 0 && memcmp(s.p, prefix.p, prefix.len) != 0))
		return false;
	if (rest != NULL)
		*rest = rc_slice_of(s.p + prefix.len, s.len - prefix.len);
	return true;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct rc_slice
rc_slice_trim(struct rc_slice s)
{
	while (s.len > 0 && is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

void
rc_slice_fold(struct rc_slice s, void *to)
{
	char *out = to;
	uint64_t v;

	for (; s.len > sizeof(v); s.p += sizeof(v), s.len -= sizeof(v)) {
		memcpy(&v, s.p, sizeof(v));
		v = rc_fold8(v);
		memcpy(out, &v, sizeof(v));
		out += sizeof(v);
	}
	v = 0;
	memcpy(&v, s.p, s.len);
	v = rc_fold8(v);
	memcpy(out, &v, s.len);
}

int
rc_slice_cmp(struct rc_slice a, struct rc_slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

void
rc_buf_free(struct rc_buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	*b = RC_BUF_INIT(b->max);
}

void
rc_buf_reset(struct rc_buf *b)
{
	b->state = RC_BUF_FINE;
	rc_buf_cut(b, 0);
}

void
rc_buf_cut(struct rc_buf *b, size_t len)
{
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

char *
rc_buf_room(struct rc_buf *b, size_t n)
{
	size_t cap = b->cap == 0 ? FIRST_CAP : b->cap;
	char *data;

	if (b->state != RC_BUF_FINE)
		return NULL;
	if (n > b->max || b->len > b->max - n) {
		b->state = RC_BUF_FULL;
		return NULL;
	}
	if (b->len + n < b->cap)
		return b->data + b->len;
	while (cap <= b->len + n)
		cap *= 2;
	data = realloc(b->data, cap);
	if (data == NULL) {
		b->state = RC_BUF_NOMEM;
		return NULL;
	}
	b->data = data;
	b->cap = cap;
	return b->data + b->len;
}

void
rc_buf_add_growing(struct rc_buf *b, const void *p, size_t n)
{
	char *room = rc_buf_room(b, n);

	if (room == NULL)
		return;
	if (n > 0)
		memcpy(room, p, n);
	rc_buf_cut(b, b->len + n);
}

void
rc_buf_adds(struct rc_buf *b, const char *s)
{
	rc_buf_add(b, s, strlen(s));
}

void
rc_buf_addf(struct rc_buf *b, const char *fmt, ...)
{
	va_list ap;
	char *room;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	room = rc_buf_room(b, (size_t)n);
	if (room == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(room, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

struct rc_slice
rc_buf_slice(const struct rc_buf *b)
{
	return (struct rc_slice){rc_buf_str(b), b->len};
}

const char *
rc_buf_str(const struct rc_buf *b)
{
	return b->data == NULL ? "" : b->data;
}

enum rc_err
rc_buf_broken(const struct rc_buf *b, const char *what, struct rc_error *e)
{
	if (b->state == RC_BUF_FULL)
		return rc_err_set(
		    e, RC_EDATA, "%s is larger than %zu bytes", what, b->max);
	return rc_err_nomem(e);
}
