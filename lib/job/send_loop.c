#include "job/send_priv.h"

#include "base/clock.h"

#include <poll.h>
#include <sys/epoll.h>

/* A signal may come between looking and waiting: look again after this. */
#define WAIT_MAX_US 250000ULL

void
rc_send_push(struct send_queue *q, struct send_item *item)
{
	item->next = NULL;
	if (q->first == NULL)
		q->first = item;
	else
		q->last->next = item;
	q->last = item;
	q->n++;
}

struct send_item *
rc_send_pop(struct send_queue *q)
{
	struct send_item *item = q->first;

	if (item == NULL)
		return NULL;
	q->first = item->next;
	item->next = NULL;
	q->n--;
	return item;
}

/* --- stopping ------------------------------------------------------------ */

static void
count_rest(struct send *s)
{
	s->counting = true;
	s->count_until_us = rc_clock_mono_us() + RC_SEND_COUNT_US;
}

void
rc_send_stop(struct send *s, const struct rc_error *e, bool count)
{
	if (s->fate.code == RC_OK)
		s->fate = *e;
	s->stopping = true;
	if (!count)
		s->input_end = true;
	else if (!s->counting)
		count_rest(s);
}

/* Recipients that were read and will not be claimed. */
static void
drop_unclaimed(struct send *s)
{
	struct send_item *item;

	while ((item = rc_send_pop(&s->ready)) != NULL)
		rc_send_finish(s, item, RC_SEND_NOT_REACHED, "");
	if (s->unrendered == NULL)
		return;
	item = s->unrendered;
	s->unrendered = NULL;
	rc_json_free(s->unrendered_doc);
	rc_send_finish(s, item, RC_SEND_NOT_REACHED, "");
}

/* Nothing new goes on the wire; claims that are not there yet are let go. */
static void
let_go(struct send *s)
{
	struct send_item *item;

	drop_unclaimed(s);
	while ((item = rc_send_pop(&s->again)) != NULL)
		rc_send_finish(s, item, RC_SEND_DEFERRED, item->result.detail);
	while ((item = rc_send_pop(&s->waiting)) != NULL)
		rc_send_finish(s, item, RC_SEND_DEFERRED, item->result.detail);
	while ((item = rc_send_pop(&s->claimed)) != NULL) {
		item->result = (struct rc_result){.detail = RC_SEND_UNREACHED};
		item->outcome = RC_SEND_DEFERRED;
		item->again = false;
		rc_send_push(&s->settling, item);
	}
}

bool
rc_send_is_over(const struct rc_send_config *cfg, uint64_t now_ms)
{
	return cfg->not_after_ms > 0 && now_ms >= cfg->not_after_ms;
}

static void
stop_when_over(struct send *s)
{
	char until[RC_TIME_LEN];
	struct rc_error e;

	if (s->stopping || !rc_send_is_over(s->cfg, rc_clock_now_ms()))
		return;
	rc_time_format(s->cfg->not_after_ms, until);
	rc_err_set(&e, RC_EAGAIN,
	    "nothing is sent after %s: run it again with another --not-after",
	    until);
	rc_send_stop(s, &e, true);
}

static void
check_limits(struct send *s)
{
	struct rc_error e;

	if (*s->cfg->stop > 0 && s->fate.code == RC_OK) {
		rc_err_set(&e, RC_EAGAIN,
		    "interrupted: run it again to go on where it stopped");
		rc_send_stop(s, &e, false);
	}
	if (rc_send_limit_reached(s)) {
		if (!s->counting)
			count_rest(s);
		drop_unclaimed(s);
	}
	stop_when_over(s);
	if (s->stopping)
		let_go(s);
	if (s->counting && s->starved &&
	    rc_clock_mono_us() >= s->count_until_us)
		s->input_end = true;
}

static void
wake_due(struct send *s, uint64_t now_us)
{
	struct send_queue all = s->waiting;
	struct send_item *item;

	if (now_us < s->next_due_us)
		return;
	s->waiting = (struct send_queue){0};
	s->next_due_us = UINT64_MAX;
	while ((item = rc_send_pop(&all)) != NULL) {
		if (item->due_us <= now_us) {
			rc_send_push(&s->again, item);
			continue;
		}
		if (item->due_us < s->next_due_us)
			s->next_due_us = item->due_us;
		rc_send_push(&s->waiting, item);
	}
}

/* --- waiting ------------------------------------------------------------- */

/* Wakes once when a line may have come; a file may have taken the number. */
static void
watch_input(struct send *s)
{
	int fd = s->cfg->next_fd(s->cfg->arg);
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT};

	ev.data.fd = fd;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, fd, &ev) != 0)
		(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

static int
wait_ms(const struct send *s)
{
	uint64_t now = rc_clock_mono_us(), wait = WAIT_MAX_US, wire;

	if (s->waiting.n > 0 && s->next_due_us < now + wait)
		wait = s->next_due_us > now ? s->next_due_us - now : 0;
	wire = rc_send_wire_wait_us(s, now);
	if (!s->stopping && wire < wait)
		wait = wire;
	if (s->give_us < now + wait)
		wait = s->give_us > now ? s->give_us - now : 0;
	if (s->claim_from_us > now && s->claim_from_us - now < wait)
		wait = s->claim_from_us - now;
	if (s->breaker.until_us > now && s->breaker.until_us - now < wait)
		wait = s->breaker.until_us - now;
	return (int)((wait + 999) / 1000);
}

static void
wait_for_something(struct send *s, bool more_input)
{
	struct epoll_event ev[2];
	/* A dry run has nothing to wait for but a line. */
	bool at_once = more_input || (s->cfg->dry_run && !s->starved);
	int timeout = at_once ? 0 : wait_ms(s);
	struct pollfd p = {.fd = s->epoll_fd, .events = POLLIN};
	struct rc_error e;

	if (s->starved && !s->input_end)
		watch_input(s);
	if (s->cfg->dry_run)
		(void)poll(&p, 1, timeout);
	else if (rc_http_poll(s->wire.http, timeout, s->epoll_fd, &e) != RC_OK)
		rc_send_stop(s, &e, false);
	if (s->starved)
		(void)epoll_wait(s->epoll_fd, ev, 2, 0);
}

/* --- the loop ------------------------------------------------------------ */

static bool
finished(const struct send *s)
{
	if (!s->input_end || s->unrendered != NULL)
		return false;
	if (s->ready.n > 0 || s->again.n > 0 || s->claimed.n > 0 ||
	    s->settling.n > 0 || s->waiting.n > 0)
		return false;
	return s->idle.n == s->nitems;
}

/* A second signal: what has an answer is recorded, the rest is unknown. */
static void
leave(struct send *s)
{
	if (s->writer != NULL) {
		rc_send_job_take(s);
		let_go(s);
		rc_send_job_give(s);
		rc_send_writer_stop(s->writer);
		rc_send_job_take(s);
	}
	for (size_t i = 0; i < s->nitems; i++) {
		struct send_item *item = &s->items[i];

		if (!item->busy)
			continue;
		if (item->open)
			rc_send_finish(s, item, RC_SEND_UNKNOWN,
			    "left before an answer came");
		else if (item->counted)
			rc_send_finish(
			    s, item, RC_SEND_DEFERRED, item->result.detail);
		else
			rc_send_finish(s, item, RC_SEND_NOT_REACHED, "");
	}
}

static void
look_after_messages(struct send *s)
{
	uint64_t now_us = rc_clock_mono_us();

	wake_due(s, now_us);
	rc_send_breaker_hold(s);
	rc_send_wire_start(s, now_us);
	rc_send_job_give(s);
}

void
rc_send_loop(struct send *s)
{
	bool more = false;

	for (;;) {
		if (s->writer != NULL)
			rc_send_job_take(s);
		check_limits(s);
		if (finished(s))
			return;
		if (*s->cfg->stop > 1) {
			leave(s);
			return;
		}
		more = rc_send_read(s);
		if (s->writer != NULL)
			look_after_messages(s);
		else
			rc_send_dry(s);
		wait_for_something(s, more);
	}
}
