#include "face/channel_wizard.h"

#include "face/channel_add.h"
#include "face/channel_answers.h"
#include "face/channel_show.h"
#include "face/channel_test.h"
#include "face/terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROMPT_MAX 256

static const struct rc_channel_question CONFIGURE[] = {
    {.key = "provider", .standard = "twilio"},
    {.key = "identifier", .standard = "phoneNumber", .http = true},
    {.key = "account_sid"},
    {.key = "from"},
    {.key = "base_url", .standard = "https://api.twilio.com"},
    {.key = "url"},
    {.key = "content_type", .standard = "application/json"},
    {.key = "headers"},
    {.key = "success.status", .standard = "200-299"},
    {.key = "success.pointer"},
    {.key = "success.equals", .needs = "success.pointer"},
    {.key = "id_pointer"},
    {.key = "error_pointer"},
    {.key = "retry_codes"},
    {.key = "stop_codes"},
    {.key = "optout_codes"},
    {.key = "rate"},
    {.key = "concurrency", .standard = "64"},
    {.key = "cap", .standard = "5/24h"},
    {.key = "quiet_hours"},
    {.key = "price"},
    {.key = "short_base"},
    {.key = "cacert"},
    {.key = NULL},
};

static const struct rc_channel_question AUTHENTICATE[] = {
    {.key = "auth_token"},
    {.key = "api_key_sid"},
    {.key = "api_key_secret", .needs = "api_key_sid"},
    {.key = "auth.type", .standard = "none"},
    {.key = "auth.username"},
    {.key = "auth.password"},
    {.key = "auth.token_url"},
    {.key = "auth.client_id"},
    {.key = "auth.client_secret"},
    {.key = "auth.style", .standard = "basic"},
    {.key = "auth.client_id_key", .standard = "client_id"},
    {.key = "auth.client_secret_key", .standard = "client_secret"},
    {.key = "auth.scope"},
    {.key = NULL},
};

/* The letter of each is what whoever sits there answers. */
enum step {
	CONFIGURING = 'c',
	AUTHENTICATING = 'a',
	TESTING = 't',
	SAVING = 's',
	LEAVING = 'q',
	DONE = 'd'
};

struct wizard {
	struct rc_cli *cli;
	struct rc_channel_answers answers;
	struct rc_token token;
	struct rc_buf line, payload;
	enum step step;
};

static enum rc_err
ask(struct wizard *w, const char *prompt, struct rc_error *e)
{
	return rc_terminal_ask(prompt, false, &w->line, e);
}

/* One of the letters; the first when nothing is said. */
static enum rc_err
choose(struct wizard *w, const char *letters, struct rc_error *e)
{
	static const struct {
		enum step step;
		const char *text;
	} choices[] = {{CONFIGURING, "(c)onfigure anew"},
	    {AUTHENTICATING, "(a)uthenticate anew"}, {TESTING, "(t)est"},
	    {SAVING, "(s)ave"}, {LEAVING, "(q)uit"}};
	char prompt[PROMPT_MAX];
	size_t n = 0;
	enum rc_err err;

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (strchr(letters, (int)choices[i].step) != NULL)
			n += (size_t)snprintf(prompt + n, sizeof(prompt) - n,
			    "%s%s", n == 0 ? "" : ", ", choices[i].text);
	snprintf(prompt + n, sizeof(prompt) - n, " [%c]? ", *letters);
	do
		err = ask(w, prompt, e);
	while (err == RC_OK && w->line.len > 0 &&
	       (w->line.len > 1 || strchr(letters, *w->line.data) == NULL));
	if (err == RC_OK)
		w->step =
		    (enum step)(w->line.len == 0 ? *letters : *w->line.data);
	return err;
}

/* Nobody's answers end because one of them came to nothing. */
static enum rc_err
failed(struct wizard *w, const char *letters, struct rc_error *e)
{
	rc_terminal_say("%s", e->msg);
	return choose(w, letters, e);
}

static enum rc_err
flush(struct wizard *w, enum rc_err err, struct rc_error *e)
{
	struct rc_error unwritten;
	enum rc_err out = rc_out_flush(&w->cli->out, &unwritten);

	if (out != RC_OK)
		rc_cli_finish(w->cli, rc_err_set(e, out, "%s", unwritten.msg));
	return err;
}

static enum rc_err
configure(struct wizard *w, struct rc_error *e)
{
	rc_terminal_say("Configure (Enter takes what stands in brackets)");
	rc_channel_answers_forget(&w->answers, CONFIGURE);
	rc_channel_answers_forget(&w->answers, AUTHENTICATE);
	w->step = AUTHENTICATING;
	return rc_channel_answers_ask(&w->answers, CONFIGURE, e);
}

static enum rc_err
try_credentials(struct wizard *w, struct rc_error *e)
{
	const struct rc_channel *c = w->answers.channel;
	enum rc_err err;

	if (c->provider == RC_PROVIDER_TWILIO)
		return flush(w, rc_channel_test(w->cli, c, NULL, NULL, e), e);
	err = rc_channel_try(c, &w->token, e);
	if (err == RC_OK && c->auth == RC_AUTH_OAUTH2)
		rc_terminal_say("an access token was granted");
	return err;
}

static enum rc_err
authenticate(struct wizard *w, struct rc_error *e)
{
	enum rc_err err;

	rc_terminal_say("Authenticate (secrets are not shown)");
	rc_channel_answers_forget(&w->answers, AUTHENTICATE);
	err = rc_channel_answers_ask(&w->answers, AUTHENTICATE, e);
	if (err != RC_OK)
		return err;
	w->step = TESTING;
	err = rc_channel_answers_check(&w->answers, e);
	if (err == RC_OK)
		err = try_credentials(w, e);
	return err == RC_OK ? RC_OK : failed(w, "acq", e);
}

static enum rc_err
send_test(struct wizard *w, const char *to, struct rc_error *e)
{
	const struct rc_channel *c = w->answers.channel;
	const char *payload = NULL;
	enum rc_err err = RC_OK;

	if (c->provider == RC_PROVIDER_HTTP) {
		err = rc_terminal_ask("  template of the message (a file; "
				      "empty: a short document): ",
		    false, &w->payload, e);
		if (w->payload.len > 0)
			payload = rc_buf_str(&w->payload);
	}
	if (err != RC_OK)
		return err;
	err = flush(w, rc_channel_test(w->cli, c, to, payload, e), e);
	return err == RC_OK ? RC_OK : failed(w, "tacsq", e);
}

static enum rc_err
test(struct wizard *w, struct rc_error *e)
{
	struct rc_buf to = RC_BUF_INIT(RC_ANSWER_MAX);
	enum rc_err err;

	rc_terminal_say("Test");
	err = rc_terminal_ask(
	    "  recipient of a test message (empty: none): ", false, &to, e);
	w->step = SAVING;
	if (err == RC_OK && to.len > 0)
		err = send_test(w, rc_buf_str(&to), e);
	rc_buf_free(&to);
	return err;
}

static enum rc_err
keep(struct wizard *w, struct rc_error *e)
{
	enum rc_err err;

	w->step = DONE;
	if (w->cli->dry_run)
		return RC_OK;
	err = rc_channel_keep(w->cli, w->answers.channel, &w->token, e);
	if (err == RC_OK)
		rc_terminal_say("channel '%s' is saved", w->answers.name);
	return err;
}

static enum rc_err
save(struct wizard *w, struct rc_error *e)
{
	enum rc_err err;

	rc_terminal_say("Save");
	rc_channel_warn(w->cli, w->answers.channel);
	err = flush(w, rc_channel_show(&w->cli->out, w->answers.channel, e), e);
	if (err == RC_OK)
		err = choose(w, "scatq", e);
	return err == RC_OK && w->step == SAVING ? keep(w, e) : err;
}

static enum rc_err
walk(struct wizard *w, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	w->step = CONFIGURING;
	while (err == RC_OK && w->step != DONE && w->step != LEAVING)
		err = w->step == CONFIGURING	  ? configure(w, e)
		      : w->step == AUTHENTICATING ? authenticate(w, e)
		      : w->step == TESTING	  ? test(w, e)
						  : save(w, e);
	if (err == RC_END || (err == RC_OK && w->step == LEAVING))
		return rc_err_set(e, RC_EUSAGE, "nothing was saved");
	return err;
}

/* Nobody is to answer twenty questions for a name that is taken. */
static enum rc_err
check_name(struct rc_cli *cli, const char *name, struct rc_error *e)
{
	struct rc_channel *channel = NULL;
	enum rc_err err = rc_channel_name_check(name, e);

	if (err != RC_OK || access(cli->state_path, F_OK) != 0)
		return err;
	rc_cli_open_state(cli, false);
	err = rc_channel_load(cli->state, name, false, &channel, e);
	rc_channel_free(channel);
	if (err == RC_OK)
		return rc_err_set(
		    e, RC_ECREATE, "there is a channel '%s' already", name);
	return err == RC_ENOINPUT ? RC_OK : err;
}

enum rc_err
rc_channel_wizard(struct rc_cli *cli, const char *name, struct rc_error *e)
{
	struct wizard w = {.cli = cli,
	    .line = RC_BUF_INIT(RC_ANSWER_MAX),
	    .payload = RC_BUF_INIT(RC_ANSWER_MAX)};
	enum rc_err err = check_name(cli, name, e);

	rc_channel_answers_init(&w.answers, name);
	if (err == RC_OK)
		err = walk(&w, e);
	rc_channel_answers_free(&w.answers);
	rc_token_free(&w.token);
	rc_buf_free(&w.line);
	rc_buf_free(&w.payload);
	return err;
}
