#include "face/channel_answers.h"

#include "face/cli.h"
#include "face/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMPT_MAX 512
#define SHOWN_MAX 60 /* bytes of an answer that is offered again */
#define HEADERS "headers"

static size_t
index_of(const char *key)
{
	return (
	    size_t)(rc_channel_key_find(rc_slice_str(key)) - rc_channel_keys);
}

static bool
is_answered(const struct rc_channel_answers *a, const char *key)
{
	size_t i = index_of(key);

	return a->counts[i] && a->value[i].len > 0;
}

void
rc_channel_answers_init(struct rc_channel_answers *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	a->name = name;
	for (size_t i = 0; i < rc_channel_nkeys; i++)
		a->value[i] = RC_BUF_INIT(RC_SECRET_MAX);
}

static void
drop_headers(struct rc_channel_answers *a)
{
	for (size_t i = 0; i < a->nheaders; i++) {
		explicit_bzero(a->header[i].value, strlen(a->header[i].value));
		free(a->header[i].value);
		free(a->header[i].name);
	}
	a->nheaders = 0;
}

void
rc_channel_answers_free(struct rc_channel_answers *a)
{
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		rc_wipe(&a->value[i]);
		rc_buf_free(&a->value[i]);
	}
	drop_headers(a);
	rc_channel_free(a->channel);
	a->channel = NULL;
}

void
rc_channel_answers_forget(
    struct rc_channel_answers *a, const struct rc_channel_question *q)
{
	for (; q->key != NULL; q++)
		a->counts[index_of(q->key)] = false;
}

/* --- the object the answers make ------------------------------------------ */

static void
write_headers(const struct rc_channel_answers *a, struct rc_json_writer *jw)
{
	rc_jw_key(jw, HEADERS);
	rc_jw_array(jw);
	for (size_t i = 0; i < a->nheaders; i++) {
		rc_jw_object(jw);
		rc_jw_key(jw, "name");
		rc_jw_cstr(jw, a->header[i].name);
		rc_jw_key(jw, "value");
		rc_jw_cstr(jw, a->header[i].value);
		rc_jw_key(jw, "secret");
		rc_jw_bool(jw, a->header[i].secret);
		rc_jw_end(jw);
	}
	rc_jw_end(jw);
}

static enum rc_err
write_answers(const struct rc_channel_answers *a, struct rc_buf *object,
    struct rc_error *e)
{
	struct rc_json_writer jw = rc_json_writer_start(object);

	rc_jw_object(&jw);
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		if (!a->counts[i])
			continue;
		if (rc_channel_keys[i].type == RC_KEY_HEADERS) {
			write_headers(a, &jw);
		} else if (a->value[i].len > 0) {
			rc_jw_key(&jw, rc_channel_keys[i].name);
			rc_jw_str(&jw, rc_buf_slice(&a->value[i]));
		}
	}
	rc_jw_end(&jw);
	return rc_jw_finish(&jw, e);
}

static enum rc_err
parse(struct rc_channel_answers *a, bool whole, struct rc_error *e)
{
	struct rc_buf text = RC_BUF_INIT(RC_JSON_MAX);
	struct rc_channel *channel = NULL;
	struct rc_json *json = NULL;
	enum rc_err err = write_answers(a, &text, e);

	if (err == RC_OK)
		err = rc_json_parse(&json, rc_buf_slice(&text), e);
	if (err == RC_OK)
		err = (whole ? rc_channel_parse : rc_channel_parse_part)(
		    &channel, a->name, rc_json_root(json), e);
	rc_json_free(json);
	rc_wipe(&text);
	rc_buf_free(&text);
	if (err != RC_OK)
		return err;
	rc_channel_free(a->channel);
	a->channel = channel;
	return RC_OK;
}

enum rc_err
rc_channel_answers_check(struct rc_channel_answers *a, struct rc_error *e)
{
	return parse(a, true, e);
}

/* --- asking --------------------------------------------------------------- */

/* What will not do is told, and asked again; short memory is another thing. */
static bool
is_wrong_answer(enum rc_err err)
{
	return err == RC_EUSAGE || err == RC_EDATA || err == RC_ENOINPUT;
}

/* "@FILE" and "env:NAME" are looked up here as on the command line. */
static enum rc_err
look_up(struct rc_buf *answer, struct rc_error *e)
{
	struct rc_buf value = RC_BUF_INIT(0);
	enum rc_err err = rc_cli_value(rc_buf_str(answer), false, &value, e);

	if (err == RC_OK && !rc_utf8_valid(rc_buf_slice(&value)))
		err = rc_err_set(e, RC_EUSAGE, "the answer is not UTF-8");
	rc_wipe(answer);
	rc_buf_free(answer);
	if (err == RC_OK) {
		*answer = value;
		return RC_OK;
	}
	rc_wipe(&value);
	rc_buf_free(&value);
	*answer = RC_BUF_INIT(RC_SECRET_MAX);
	return err;
}

static void
write_prompt(const struct rc_channel_answers *a,
    const struct rc_channel_question *q, char prompt[PROMPT_MAX])
{
	const struct rc_channel_key *k = &rc_channel_keys[index_of(q->key)];
	const char *kept = rc_buf_str(&a->value[index_of(q->key)]);
	struct rc_buf shown = RC_BUF_INIT(RC_SECRET_MAX);
	const char *offer = q->standard;

	rc_channel_url_shown(rc_slice_str(kept), &shown);
	if (*kept != '\0')
		offer = k->secret ? RC_MASK : rc_buf_str(&shown);
	if (offer == NULL)
		snprintf(prompt, PROMPT_MAX, "  %s (%s): ", k->name, k->help);
	else
		snprintf(prompt, PROMPT_MAX, "  %s (%s) [%.*s]: ", k->name,
		    k->help, SHOWN_MAX, offer);
	rc_wipe(&shown);
	rc_buf_free(&shown);
}

/* An empty answer keeps what was there, "-" takes it away. */
static enum rc_err
take_answer(struct rc_channel_answers *a, const struct rc_channel_question *q,
    struct rc_buf *answer, struct rc_error *e)
{
	size_t i = index_of(q->key);
	enum rc_err err = RC_OK;

	if (strcmp(rc_buf_str(answer), "-") == 0) {
		rc_wipe(&a->value[i]);
		rc_buf_reset(&a->value[i]);
	} else if (answer->len > 0) {
		err = look_up(answer, e);
		rc_wipe(&a->value[i]);
		rc_buf_reset(&a->value[i]);
		rc_buf_addv(&a->value[i], rc_buf_slice(answer));
	}
	if (err == RC_OK)
		err = rc_buf_check(&a->value[i], q->key, e);
	if (err == RC_OK && a->value[i].len == 0 && q->standard == NULL &&
	    (rc_channel_keys[i].required || q->needs != NULL))
		err = rc_err_set(e, RC_EUSAGE, "'%s' is needed", q->key);
	a->counts[i] = err == RC_OK;
	if (err == RC_OK)
		err = parse(a, false, e);
	if (err != RC_OK) {
		rc_wipe(&a->value[i]);
		rc_buf_reset(&a->value[i]);
		a->counts[i] = false;
	}
	return err;
}

static enum rc_err
ask_key(struct rc_channel_answers *a, const struct rc_channel_question *q,
    struct rc_error *e)
{
	bool secret = rc_channel_key_is_secret(q->key);
	struct rc_buf answer = RC_BUF_INIT(RC_SECRET_MAX);
	char prompt[PROMPT_MAX];
	enum rc_err err;

	do {
		write_prompt(a, q, prompt);
		err = rc_terminal_ask(prompt, secret, &answer, e);
		if (err == RC_OK)
			err = take_answer(a, q, &answer, e);
		if (is_wrong_answer(err))
			rc_terminal_say("  %s", e->msg);
	} while (is_wrong_answer(err));
	rc_wipe(&answer);
	rc_buf_free(&answer);
	return err;
}

/* --- headers -------------------------------------------------------------- */

static enum rc_err
add_header(struct rc_channel_answers *a, struct rc_slice name,
    struct rc_slice value, bool secret, struct rc_error *e)
{
	struct rc_channel_header *h = &a->header[a->nheaders];

	if (a->nheaders == RC_CHANNEL_HEADERS)
		return rc_err_set(e, RC_EUSAGE, "there are %d headers already",
		    RC_CHANNEL_HEADERS);
	*h = (struct rc_channel_header){
	    .name = strndup(name.p, name.len), .secret = secret};
	h->value = strndup(value.len == 0 ? "" : value.p, value.len);
	if (h->name == NULL || h->value == NULL) {
		free(h->name);
		free(h->value);
		return rc_err_nomem(e);
	}
	a->nheaders++;
	return RC_OK;
}

static void
drop_last_header(struct rc_channel_answers *a)
{
	struct rc_channel_header *h = &a->header[--a->nheaders];

	explicit_bzero(h->value, strlen(h->value));
	free(h->value);
	free(h->name);
}

/*
 * "NAME: VALUE", where a reference is to a secret, or a name alone, whose value
 * is asked for as one.
 */
static enum rc_err
take_header(
    struct rc_channel_answers *a, struct rc_slice line, struct rc_error *e)
{
	const char *colon = memchr(line.p, ':', line.len);
	struct rc_buf value = RC_BUF_INIT(RC_SECRET_MAX);
	struct rc_slice name = line;
	bool secret = true;
	enum rc_err err = RC_OK;

	if (colon != NULL) {
		name.len = (size_t)(colon - line.p);
		rc_buf_addv(&value, rc_slice_trim((struct rc_slice){
					colon + 1, line.len - name.len - 1}));
		secret = rc_cli_is_reference(rc_buf_slice(&value));
	} else {
		err = rc_terminal_ask(
		    "  its value (a secret): ", true, &value, e);
	}
	if (err == RC_OK && secret)
		err = look_up(&value, e);
	if (err == RC_OK)
		err = add_header(
		    a, rc_slice_trim(name), rc_buf_slice(&value), secret, e);
	rc_wipe(&value);
	rc_buf_free(&value);
	if (err != RC_OK)
		return err;
	err = parse(a, false, e);
	if (err != RC_OK)
		drop_last_header(a);
	return err;
}

static enum rc_err
ask_headers(struct rc_channel_answers *a, struct rc_error *e)
{
	struct rc_buf line = RC_BUF_INIT(RC_SECRET_MAX);
	char prompt[PROMPT_MAX];
	enum rc_err err;

	a->counts[index_of(HEADERS)] = true;
	do {
		snprintf(prompt, sizeof(prompt),
		    "  header (NAME: VALUE, or NAME when its value is a "
		    "secret) [%zu given]: ",
		    a->nheaders);
		err = rc_terminal_ask(prompt, false, &line, e);
		if (err == RC_OK && strcmp(rc_buf_str(&line), "-") == 0)
			drop_headers(a);
		else if (err == RC_OK && line.len > 0)
			err = take_header(a, rc_buf_slice(&line), e);
		if (is_wrong_answer(err))
			rc_terminal_say("  %s", e->msg);
	} while (is_wrong_answer(err) || (err == RC_OK && line.len > 0));
	rc_buf_free(&line);
	return err == RC_OK ? parse(a, false, e) : err;
}

enum rc_err
rc_channel_answers_ask(struct rc_channel_answers *a,
    const struct rc_channel_question *q, struct rc_error *e)
{
	enum rc_err err = parse(a, false, e);

	for (; q->key != NULL && err == RC_OK; q++) {
		const struct rc_channel_key *k =
		    &rc_channel_keys[index_of(q->key)];

		if (!rc_channel_key_fits(k, a->channel) ||
		    (q->http && a->channel->provider != RC_PROVIDER_HTTP) ||
		    (q->needs != NULL && !is_answered(a, q->needs)))
			continue;
		err = k->type == RC_KEY_HEADERS ? ask_headers(a, e)
						: ask_key(a, q, e);
	}
	return err;
}
