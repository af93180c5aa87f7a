#include "face/channel_add.h"

#include "face/channel_test.h"

enum rc_err
rc_channel_try(const struct rc_channel *channel, struct rc_token *token,
    struct rc_error *e)
{
	struct rc_http *http = NULL;
	enum rc_err err;

	if (channel->auth != RC_AUTH_OAUTH2)
		return RC_OK;
	err = rc_channel_http(channel, &http, e);
	if (err == RC_OK)
		err = rc_token_fetch(http, channel, token, e);
	rc_http_close(http);
	return err;
}

static void
warn_of_headers(
    struct rc_cli *cli, const struct rc_channel_header *header, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!header[i].secret &&
		    rc_channel_is_credential(rc_slice_str(header[i].name)))
			rc_log(&cli->log, RC_LOG_WARN,
			    "what '%s' holds is kept and shown in clear: if it "
			    "is a secret, give it as env:NAME",
			    header[i].name);
}

void
rc_channel_warn(struct rc_cli *cli, const struct rc_channel *channel)
{
	warn_of_headers(cli, channel->headers, channel->nheaders);
	warn_of_headers(cli, channel->token_headers, channel->ntoken_headers);
	warn_of_headers(cli, channel->token_params, channel->ntoken_params);
	if (channel->provider == RC_PROVIDER_TWILIO &&
	    channel->auth_token == NULL)
		rc_log(&cli->log, RC_LOG_WARN,
		    "without 'auth_token' status callbacks cannot be "
		    "verified");
}

enum rc_err
rc_channel_keep(struct rc_cli *cli, struct rc_channel *channel,
    const struct rc_token *token, struct rc_error *e)
{
	enum rc_err err;

	if (cli->state == NULL)
		rc_cli_open_state(cli, true);
	err = rc_state_unseal(cli->state, true, e);
	if (err == RC_OK)
		err = rc_channel_save(cli->state, channel, e);
	if (err == RC_OK && channel->auth == RC_AUTH_OAUTH2)
		err = rc_token_store(cli->state, channel, token, e);
	return err;
}

enum rc_err
rc_channel_add(struct rc_cli *cli, const char *name,
    const struct rc_channel_args *args, struct rc_slice object,
    struct rc_error *e)
{
	struct rc_channel *channel = NULL;
	struct rc_token token = {0};
	enum rc_err err;

	err = rc_channel_args_parse(args, name, object, &channel, e);
	if (err == RC_OK)
		rc_channel_warn(cli, channel);
	/* Wrong credentials save nothing: the token comes before the state. */
	if (err == RC_OK)
		err = rc_channel_try(channel, &token, e);
	if (err == RC_OK && !cli->dry_run)
		err = rc_channel_keep(cli, channel, &token, e);
	rc_token_free(&token);
	rc_channel_free(channel);
	return err;
}
