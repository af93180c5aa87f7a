#include "sys/httpd_line.h"

#include "base/clock.h"

#include <limits.h>
#include <sys/socket.h>

void
rc_httpd_line_leave(struct rc_httpd_place *p)
{
	struct rc_httpd_line *l = p->line;

	if (l == NULL)
		return;
	if (p->before != NULL)
		p->before->after = p->after;
	else
		l->first = p->after;
	if (p->after != NULL)
		p->after->before = p->before;
	else
		l->last = p->before;
	p->before = p->after = NULL;
	p->line = NULL;
	l->n--;
}

void
rc_httpd_line_join(struct rc_httpd_place *p, struct rc_httpd_line *l)
{
	rc_httpd_line_leave(p);
	p->line = l;
	p->due_us = rc_clock_mono_us() + l->length_us;
	p->before = l->last;
	if (l->last != NULL)
		l->last->after = p;
	else
		l->first = p;
	l->last = p;
	l->n++;
}

static void
cut_first(struct rc_httpd_line *l)
{
	shutdown(l->first->fd, SHUT_RDWR);
	rc_httpd_line_leave(l->first);
}

void
rc_httpd_line_cut(struct rc_httpd_line *l, uint64_t now_us)
{
	while (l->first != NULL && l->first->due_us <= now_us)
		cut_first(l);
}

size_t
rc_httpd_line_trim(
    struct rc_httpd_line *l, size_t most, uint64_t grace_us, uint64_t now_us)
{
	size_t n = 0;

	for (; n < most && l->first != NULL; n++) {
		if (l->first->due_us + grace_us > now_us + l->length_us)
			break;
		cut_first(l);
	}
	return n;
}

int
rc_httpd_line_sooner(
    const struct rc_httpd_line *l, int timeout_ms, uint64_t now_us)
{
	uint64_t ms;

	if (l->first == NULL)
		return timeout_ms;
	if (l->first->due_us <= now_us)
		return 0;
	/* Rounded up, or the caller would wake just before the deadline. */
	ms = (l->first->due_us - now_us + 999) / 1000;
	if (timeout_ms >= 0 && (uint64_t)timeout_ms < ms)
		return timeout_ms;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
