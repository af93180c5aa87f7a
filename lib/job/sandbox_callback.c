#include "job/sandbox_priv.h"

#include "text/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 4
#define TIMEOUT_MS 15000 /* as Twilio waits */
#define WAITING_MAX 1000000
#define FORM_MAX 65536
#define SIGNATURE_MAX 64

/* The callbacks of one message, one after another; strings behind it. */
struct job {
	struct job *next;
	struct rc_sandbox *sandbox;
	const char *step[STEPS_MAX];
	unsigned nsteps, at, error, slot;
	char id[RC_SANDBOX_ID_LEN + 1];
	const char *to, *from, *url;
	char text[];
};

struct rc_sandbox_callbacks {
	struct job *first, *last;
	struct job *going[RC_SANDBOX_CALLBACKS]; /* in slots, no gaps */
	unsigned ngoing;
	size_t waiting;
	bool overflowed;
	struct rc_buf form, signature;
};

enum rc_err
rc_sandbox_callbacks_open(struct rc_sandbox *s, struct rc_error *e)
{
	s->callbacks = calloc(1, sizeof(*s->callbacks));
	if (s->callbacks == NULL)
		return rc_err_nomem(e);
	s->callbacks->form = RC_BUF_INIT(FORM_MAX);
	s->callbacks->signature = RC_BUF_INIT(SIGNATURE_MAX);
	return RC_OK;
}

static void
append(struct rc_sandbox_callbacks *c, struct job *j)
{
	j->next = NULL;
	if (c->last != NULL)
		c->last->next = j;
	else
		c->first = j;
	c->last = j;
	c->waiting++;
}

static struct job *
take_first(struct rc_sandbox_callbacks *c)
{
	struct job *j = c->first;

	c->first = j->next;
	if (c->first == NULL)
		c->last = NULL;
	c->waiting--;
	return j;
}

static struct job *
new_job(struct rc_sandbox *s, const struct rc_sandbox_message *m,
    struct rc_slice url)
{
	size_t to = strlen(m->to) + 1, from = strlen(m->from) + 1;
	struct job *j = calloc(1, sizeof(*j) + to + from + url.len + 1);

	if (j == NULL)
		return NULL;
	j->sandbox = s;
	j->error = m->error;
	memcpy(j->id, m->id, sizeof(j->id));
	j->to = memcpy(j->text, m->to, to);
	j->from = memcpy(j->text + to, m->from, from);
	j->url = memcpy(j->text + to + from, url.p, url.len);
	return j;
}

static void
plan(struct rc_sandbox *s, struct job *j)
{
	const char *first = "sent";
	const char *last = j->error == 0 ? "delivered" : "undelivered";
	unsigned times = 1;

	if (rc_sandbox_strikes(
		s, RC_FAULT_CALLBACK_SHUFFLE, RC_PLACE_MESSAGES)) {
		const char *swap = first;

		first = last;
		last = swap;
	}
	if (rc_sandbox_strikes(s, RC_FAULT_CALLBACK_DUP, RC_PLACE_MESSAGES))
		times = 2;
	for (unsigned i = 0; i < times; i++)
		j->step[j->nsteps++] = first;
	for (unsigned i = 0; i < times; i++)
		j->step[j->nsteps++] = last;
}

void
rc_sandbox_call_back(struct rc_sandbox *s, const struct rc_sandbox_message *m,
    struct rc_slice url)
{
	struct rc_sandbox_callbacks *c = s->callbacks;
	struct job *j;

	if (url.len == 0 ||
	    rc_sandbox_strikes(s, RC_FAULT_CALLBACK_DROP, RC_PLACE_MESSAGES))
		return;
	j = c->waiting < WAITING_MAX ? new_job(s, m, url) : NULL;
	if (j == NULL) {
		if (!c->overflowed)
			rc_log(s->cfg.log, RC_LOG_WARN,
			    "%zu callbacks wait already: some are left out",
			    c->waiting);
		c->overflowed = true;
		return;
	}
	plan(s, j);
	append(c, j);
}

static void
write_form(struct rc_sandbox *s, const struct job *j, struct rc_buf *form)
{
	const char *status = j->step[j->at];
	char error[16];

	rc_buf_reset(form);
	rc_form_add(form, "AccountSid", rc_slice_str(s->cfg.account_sid));
	rc_form_add(form, "ApiVersion", RC_SLICE_LIT("2010-04-01"));
	rc_form_add(form, "From", rc_slice_str(j->from));
	rc_form_add(form, "MessageSid", rc_slice_str(j->id));
	rc_form_add(form, "MessageStatus", rc_slice_str(status));
	rc_form_add(form, "SmsSid", rc_slice_str(j->id));
	rc_form_add(form, "SmsStatus", rc_slice_str(status));
	rc_form_add(form, "To", rc_slice_str(j->to));
	if (strcmp(status, "undelivered") != 0)
		return;
	snprintf(error, sizeof(error), "%u", j->error);
	rc_form_add(form, "ErrorCode", rc_slice_str(error));
}

static void
take_slot(struct rc_sandbox_callbacks *c, struct job *j)
{
	j->slot = c->ngoing++;
	c->going[j->slot] = j;
}

static void
leave_slot(struct rc_sandbox_callbacks *c, struct job *j)
{
	struct job *last = c->going[--c->ngoing];

	last->slot = j->slot;
	c->going[j->slot] = last;
}

/* The next step goes to the end of the line, after other messages' steps. */
static void
on_answer(void *arg, const struct rc_http_response *r)
{
	struct job *j = arg;
	struct rc_sandbox *s = j->sandbox;

	leave_slot(s->callbacks, j);
	rc_sandbox_record_callback(s, j->id, j->step[j->at], r);
	if (++j->at < j->nsteps)
		append(s->callbacks, j);
	else
		free(j);
}

static enum rc_err
post(struct rc_sandbox *s, struct job *j, struct rc_error *e)
{
	struct rc_sandbox_callbacks *c = s->callbacks;
	struct rc_http_header header = {.name = "X-Twilio-Signature"};
	struct rc_http_request request = {.method = "POST",
	    .url = j->url,
	    .header = &header,
	    .nheaders = 1,
	    .timeout_ms = TIMEOUT_MS};
	enum rc_err err;

	write_form(s, j, &c->form);
	rc_buf_reset(&c->signature);
	err = rc_twilio_sign(s->cfg.auth_token, j->url, rc_buf_slice(&c->form),
	    &c->signature, e);
	if (err != RC_OK)
		return err;
	header.value = rc_buf_str(&c->signature);
	request.body = rc_buf_slice(&c->form);
	return rc_http_start(s->http, &request, on_answer, j, e);
}

void
rc_sandbox_callbacks_run(struct rc_sandbox *s)
{
	struct rc_sandbox_callbacks *c = s->callbacks;
	struct rc_error e;

	while (c->first != NULL && c->ngoing < RC_SANDBOX_CALLBACKS) {
		struct job *j = take_first(c);

		if (post(s, j, &e) == RC_OK) {
			take_slot(c, j);
			continue;
		}
		rc_log(s->cfg.log, RC_LOG_WARN, "no callback for %s: %s", j->id,
		    e.msg);
		free(j);
	}
}

bool
rc_sandbox_callbacks_idle(const struct rc_sandbox *s)
{
	return s->callbacks->first == NULL && s->callbacks->ngoing == 0;
}

void
rc_sandbox_callbacks_close(struct rc_sandbox *s)
{
	if (s->callbacks == NULL)
		return;
	while (s->callbacks->first != NULL)
		free(take_first(s->callbacks));
	for (unsigned i = 0; i < s->callbacks->ngoing; i++)
		free(s->callbacks->going[i]);
	rc_buf_free(&s->callbacks->form);
	rc_buf_free(&s->callbacks->signature);
	free(s->callbacks);
	s->callbacks = NULL;
}
