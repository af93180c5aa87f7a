#include "face/list_source.h"

#include "text/url.h"

#include <string.h>
#include <unistd.h>

enum kind {
	KIND_LOCAL,
	KIND_WEB,
	KIND_S3
};

static const struct {
	const char *name;
	enum kind from; /* the first kind of source it goes with */
} options[] = {
    {"endpoint", KIND_S3},
    {"region", KIND_S3},
    {"addressing", KIND_S3},
    {"access-key", KIND_WEB},
    {"secret-key", KIND_WEB},
    {"session-token", KIND_S3},
    {"cacert", KIND_WEB},
};

static enum kind
kind_of(const char *where)
{
	if (rc_url_scheme_len(rc_slice_str(where)) > 0)
		return KIND_WEB;
	return strncmp(where, "s3://", 5) == 0 ? KIND_S3 : KIND_LOCAL;
}

bool
rc_list_source_take(struct rc_list_source *s, int id, const char *value)
{
	if (id < RC_LIST_ENDPOINT || id >= RC_LIST_OPTIONS_END)
		return false;
	s->option[id - RC_LIST_ENDPOINT] = value;
	return true;
}

static const char *
given(const struct rc_list_source *s, enum rc_list_option id)
{
	return s->option[id - RC_LIST_ENDPOINT];
}

static const char *
choose_where(
    struct rc_cli *cli, const char *operand, const struct rc_channel *channel)
{
	if (operand != NULL)
		return operand;
	if (channel->list_source != NULL)
		return channel->list_source;
	if (isatty(STDIN_FILENO))
		rc_cli_usage(cli,
		    "name a list, pipe one in, or save where it lies: "
		    "rc-channel set %s --list-source SOURCE",
		    channel->name);
	return "-";
}

static void
check_options(const struct rc_list_source *s, struct rc_cli *cli)
{
	enum kind kind = kind_of(s->config.where);

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (s->option[i] != NULL && kind < options[i].from)
			rc_cli_usage(cli, "--%s goes with %s, not with '%s'",
			    options[i].name,
			    options[i].from == KIND_S3 ? "s3://"
						       : "http(s):// and s3://",
			    rc_buf_str(&s->shown));
}

/* Whether what the channel holds is meant for this source. */
static bool
is_channels(const char *where, const struct rc_channel *channel)
{
	const char *own = channel->list_source;

	if (own != NULL && strcmp(where, own) == 0)
		return true;
	return kind_of(where) == KIND_S3 &&
	       (own == NULL || kind_of(own) == KIND_S3);
}

static void
choose_place(struct rc_list_source *s, struct rc_cli *cli,
    const struct rc_channel *channel)
{
	struct rc_source_config *c = &s->config;
	const char *style = given(s, RC_LIST_ADDRESSING);

	c->cacert = given(s, RC_LIST_CACERT);
	if (c->cacert == NULL && is_channels(c->where, channel))
		c->cacert = channel->list_cacert;
	if (kind_of(c->where) != KIND_S3)
		return;
	c->endpoint = given(s, RC_LIST_ENDPOINT);
	if (c->endpoint == NULL)
		c->endpoint = channel->list_endpoint;
	c->region = given(s, RC_LIST_REGION);
	if (c->region == NULL)
		c->region = channel->list_region;
	if (style == NULL)
		c->addressing = channel->list_addressing;
	else if (strcmp(style, "path") == 0)
		c->addressing = RC_ADDRESSING_PATH;
	else if (strcmp(style, "virtual") == 0)
		c->addressing = RC_ADDRESSING_VIRTUAL;
	else
		rc_cli_usage(cli,
		    "'%s' is no addressing: --addressing takes path or virtual",
		    style);
}

static const char *
resolve(struct rc_list_source *s, struct rc_cli *cli, enum rc_list_option id,
    bool secret, struct rc_buf *value)
{
	const char *name = options[id - RC_LIST_ENDPOINT].name;

	if (given(s, id) == NULL)
		return NULL;
	if (rc_cli_value(given(s, id), secret, value, &cli->error) != RC_OK)
		rc_cli_check(cli, rc_err_prefix(&cli->error, "--%s", name));
	return rc_buf_str(value);
}

static void
choose_keys(struct rc_list_source *s, struct rc_cli *cli,
    const struct rc_channel *channel)
{
	struct rc_source_config *c = &s->config;

	c->access_key =
	    resolve(s, cli, RC_LIST_ACCESS_KEY, false, &s->access_key);
	c->secret_key =
	    resolve(s, cli, RC_LIST_SECRET_KEY, true, &s->secret_key);
	c->session_token =
	    resolve(s, cli, RC_LIST_SESSION_TOKEN, true, &s->session_token);
	if ((c->access_key == NULL) != (c->secret_key == NULL) ||
	    (c->session_token != NULL && c->access_key == NULL))
		rc_cli_usage(cli,
		    "--access-key and --secret-key go together, and "
		    "--session-token with both");
	if (c->access_key != NULL || kind_of(c->where) == KIND_LOCAL ||
	    !rc_channel_has(channel, "list_secret_key") ||
	    !is_channels(c->where, channel))
		return;
	s->keys = rc_cli_open_channel(cli, true);
	c->access_key = s->keys->list_access_key;
	c->secret_key = s->keys->list_secret_key;
	c->session_token = s->keys->list_session_token;
}

void
rc_list_source_choose(struct rc_list_source *s, struct rc_cli *cli,
    const char *operand, const struct rc_channel *channel)
{
	s->config = (struct rc_source_config){
	    .where = choose_where(cli, operand, channel),
	    .state = cli->state,
	    .channel = channel->number,
	    .log = &cli->log};
	rc_cli_check(
	    cli, rc_source_shown(s->config.where, &s->shown, &cli->error));
	check_options(s, cli);
	choose_place(s, cli, channel);
	choose_keys(s, cli, channel);
}

void
rc_list_source_close(struct rc_list_source *s)
{
	rc_wipe(&s->secret_key);
	rc_wipe(&s->session_token);
	rc_buf_free(&s->access_key);
	rc_buf_free(&s->secret_key);
	rc_buf_free(&s->session_token);
	rc_buf_free(&s->shown);
	rc_channel_free(s->keys);
	s->keys = NULL;
}
