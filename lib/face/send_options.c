#include "face/send.h"

#include "base/clock.h"
#include "base/num.h"
#include "face/options.h"
#include "text/template.h"
#include "text/url.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

void
rc_send_take_var(struct rc_send_tool *t, const char *value)
{
	struct rc_slice name = rc_slice_of(value, strcspn(value, "="));

	if (name.len == 0 || value[name.len] == '\0')
		rc_cli_usage(&t->cli, "'%s' is not NAME=VALUE", value);
	if (!rc_utf8_valid(rc_slice_str(value)))
		rc_cli_usage(
		    &t->cli, "--var %.*s: not UTF-8", (int)name.len, name.p);
	if (rc_template_is_own(name))
		rc_cli_usage(&t->cli,
		    "--var %.*s: this name has a meaning of its own, see "
		    "reconnect-template(5)",
		    (int)name.len, name.p);
	if (t->nvars == RC_SEND_VARS_MAX)
		rc_cli_usage(
		    &t->cli, "more than %d variables", RC_SEND_VARS_MAX);
	t->vars[t->nvars++] = value;
}

void
rc_send_read_template(
    struct rc_send_tool *t, const char *path, struct rc_buf *b)
{
	rc_buf_free(b);
	rc_cli_check(&t->cli, rc_cli_read_template(path, b, &t->cli.error));
}

void
rc_send_take_template(struct rc_send_tool *t, const char *path)
{
	rc_send_read_template(t, path, &t->template_text);
	t->config.template_text = rc_buf_slice(&t->template_text);
}

void
rc_send_take_not_after(struct rc_send_tool *t, const char *text)
{
	struct rc_slice value = rc_slice_str(text);
	uint64_t *until = &t->config.not_after_ms;

	if (rc_num_duration(value, until))
		*until += rc_clock_now_ms();
	else if (rc_time_parse(value, until, &t->cli.error) != RC_OK)
		rc_cli_usage(&t->cli, "--not-after: %s, or 2h from now",
		    t->cli.error.msg);
	if (*until == 0)
		*until = 1;
}

void
rc_send_take_rate(struct rc_send_tool *t, const char *value)
{
	double *rate = &t->config.rate;

	if (!rc_num_double(rc_slice_str(value), rate) || *rate <= 0)
		rc_cli_usage(
		    &t->cli, "'%s' is no rate: messages a second", value);
}

void
rc_send_take_max(struct rc_send_tool *t, const char *value)
{
	uint64_t *max = &t->config.max;

	if (!rc_num_u64(rc_slice_str(value), UINT64_MAX, max) || *max == 0)
		rc_cli_usage(&t->cli, "'%s' is no number of messages", value);
}

void
rc_send_take_retry(struct rc_send_tool *t, const char *value)
{
	enum rc_message_state *state = &t->config.retry;

	if (strcmp(value, "unknown") == 0)
		*state = RC_M_UNKNOWN;
	else if (strcmp(value, "rejected") == 0)
		*state = RC_M_REJECTED;
	else
		rc_cli_usage(&t->cli,
		    "'%s' is nothing to send again: unknown or rejected",
		    value);
}

void
rc_send_take_max_cost(struct rc_send_tool *t, const char *value)
{
	uint64_t *cost = &t->config.max_cost;

	if (!rc_num_decimal(rc_slice_str(value), RC_SEND_COST_DIGITS,
		RC_SEND_COST_MAX, cost) ||
	    *cost == 0)
		rc_cli_usage(&t->cli,
		    "'%s' is no cost: an amount such as 12.50, with at most "
		    "%d decimals",
		    value, RC_SEND_COST_DIGITS);
}

void
rc_send_take_max_segments(struct rc_send_tool *t, const char *value)
{
	uint64_t n;

	if (!rc_num_u64(rc_slice_str(value), 255, &n) || n == 0)
		rc_cli_usage(&t->cli,
		    "'%s' is no number of segments: a text has 1 to 255",
		    value);
	t->config.max_segments = (unsigned)n;
}

#define MODE_OPTIONS "campaign", "channel", "state", "json", "quiet", "verbose"

static const struct {
	enum rc_send_mode mode;
	const char *takes[10]; /* its own name first */
} MODES[] = {
    {RC_SEND_STATUS, {"status", MODE_OPTIONS}},
    {RC_SEND_RECONCILE, {"reconcile", "rate", MODE_OPTIONS}},
};
#define NMODES (sizeof(MODES) / sizeof(MODES[0]))

bool
rc_send_given(const struct rc_send_tool *t, int id)
{
	const struct rc_option *o;

	for (size_t i = 0; (o = rc_options_at(t->cli.tool, i)) != NULL; i++)
		if (o->id == id)
			return t->cli.given[i];
	return false;
}

static bool
takes(size_t mode, const char *option)
{
	for (const char *const *o = MODES[mode].takes; *o != NULL; o++)
		if (strcmp(*o, option) == 0)
			return true;
	return false;
}

/* An option of a run would be ignored, and so would recipients. */
static void
check_mode(struct rc_send_tool *t)
{
	const struct rc_option *o;
	size_t m = 0;

	while (m < NMODES && MODES[m].mode != t->mode)
		m++;
	if (m == NMODES)
		return;
	for (size_t i = 0; (o = rc_options_at(t->cli.tool, i)) != NULL; i++)
		if (t->cli.given[i] && !takes(m, o->name))
			rc_cli_usage(&t->cli, "--%s does not go with --%s",
			    o->name, MODES[m].takes[0]);
	if (t->cli.argc > 0)
		rc_cli_usage(&t->cli, "--%s takes no recipients, as '%s'",
		    MODES[m].takes[0], t->cli.argv[0]);
}

void
rc_send_check_options(struct rc_send_tool *t)
{
	struct rc_send_config *c = &t->config;
	struct rc_url url;

	if (c->campaign == NULL)
		rc_cli_usage(&t->cli, "-k CAMPAIGN is missing");
	check_mode(t);
	if (t->mode != RC_SEND_RUN)
		return;
	if (c->template_text.len == 0 && c->message_text.len == 0 &&
	    c->nvariants == 0)
		rc_cli_usage(
		    &t->cli, "nothing to send: give -m TEXT or -t FILE");
	if (c->public_url == NULL)
		c->public_url = getenv("RC_PUBLIC_URL");
	if (c->public_url != NULL && *c->public_url == '\0')
		c->public_url = NULL;
	if (c->public_url != NULL && rc_url_parse(rc_slice_str(c->public_url),
					 &url, &t->cli.error) != RC_OK)
		rc_cli_usage(&t->cli, "--public-url: %s", t->cli.error.msg);
}
