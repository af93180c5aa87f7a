#include "base/num.h"
#include "face/cli.h"
#include "job/sandbox.h"

enum {
	OPT_LISTEN = 256,
	OPT_FAULT,
	OPT_CALLBACK,
	OPT_ACCOUNT_SID,
	OPT_AUTH_TOKEN,
	OPT_API_KEY_SID,
	OPT_API_KEY_SECRET,
	OPT_USERNAME,
	OPT_PASSWORD,
	OPT_CLIENT_ID,
	OPT_CLIENT_SECRET,
	OPT_TOKEN_TTL
};

static const struct rc_option OPTIONS[] = {
    {OPT_LISTEN, "listen", "ADDR:PORT", "where; default 127.0.0.1:0"},
    {OPT_FAULT, "fault", "SPEC", "misbehave; may be repeated"},
    {OPT_CALLBACK, "callback", "URL", "of messages that name none"},
    {OPT_ACCOUNT_SID, "account-sid", "SID", "Twilio account"},
    {OPT_AUTH_TOKEN, "auth-token", "SECRET", "its token: @FILE or env:NAME"},
    {OPT_API_KEY_SID, "api-key-sid", "SID", "Twilio API key"},
    {OPT_API_KEY_SECRET, "api-key-secret", "SECRET", "its secret"},
    {OPT_USERNAME, "username", "NAME", "Basic of /json/basic"},
    {OPT_PASSWORD, "password", "SECRET", "its password"},
    {OPT_CLIENT_ID, "client-id", "ID", "OAuth2 client"},
    {OPT_CLIENT_SECRET, "client-secret", "SECRET", "its secret"},
    {OPT_TOKEN_TTL, "token-ttl", "DURATION", "life of a token; default 1h"},
    {0},
};

static const char *const USAGE[] = {
    "[--listen ADDR:PORT] [--fault SPEC]... [options]", NULL};

static const struct rc_tool TOOL = {.name = "rc-sandbox",
    .summary = "a provider on loopback that misbehaves on demand",
    .usage = USAGE,
    .options = OPTIONS};

struct secrets {
	struct rc_buf auth_token, api_key_secret, password, client_secret;
};

static enum rc_err
print_record(void *arg, struct rc_slice record, struct rc_error *e)
{
	struct rc_cli *cli = arg;

	return rc_out_line(&cli->out, record, e);
}

static enum rc_err
flush_records(void *arg, struct rc_error *e)
{
	struct rc_cli *cli = arg;

	return rc_out_flush(&cli->out, e);
}

static const char *
read_secret(struct rc_cli *cli, const char *value, struct rc_buf *out)
{
	rc_wipe(out);
	rc_buf_free(out);
	rc_cli_check(cli, rc_cli_value(value, true, out, &cli->error));
	return rc_buf_str(out);
}

static uint64_t
read_ttl(struct rc_cli *cli, const char *value)
{
	uint64_t ms;

	if (!rc_num_duration(rc_slice_str(value), &ms) || ms < 1000)
		rc_cli_usage(cli,
		    "'%s' is no life of a token: write it as 30s, 15m or 1h",
		    value);
	return ms / 1000;
}

static void
take_option(struct rc_cli *cli, int id, const char *value,
    struct rc_sandbox_config *c, struct secrets *s)
{
	switch (id) {
	case OPT_LISTEN:
		c->listen = value;
		break;
	case OPT_CALLBACK:
		c->callback = value;
		break;
	case OPT_ACCOUNT_SID:
		c->account_sid = value;
		break;
	case OPT_AUTH_TOKEN:
		c->auth_token = read_secret(cli, value, &s->auth_token);
		break;
	case OPT_API_KEY_SID:
		c->api_key_sid = value;
		break;
	case OPT_API_KEY_SECRET:
		c->api_key_secret = read_secret(cli, value, &s->api_key_secret);
		break;
	case OPT_USERNAME:
		c->username = value;
		break;
	case OPT_PASSWORD:
		c->password = read_secret(cli, value, &s->password);
		break;
	case OPT_CLIENT_ID:
		c->client_id = value;
		break;
	case OPT_CLIENT_SECRET:
		c->client_secret = read_secret(cli, value, &s->client_secret);
		break;
	case OPT_TOKEN_TTL:
		c->token_ttl_s = read_ttl(cli, value);
		break;
	default:
		break;
	}
}

static void
free_secrets(struct secrets *s)
{
	struct rc_buf *all[] = {&s->auth_token, &s->api_key_secret,
	    &s->password, &s->client_secret};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		rc_wipe(all[i]);
		rc_buf_free(all[i]);
	}
}

int
main(int argc, char **argv)
{
	const char *faults[RC_SANDBOX_FAULTS + 2] = {NULL};
	struct rc_sandbox_config c = {.listen = "127.0.0.1:0",
	    .faults = faults,
	    .record = print_record,
	    .flush = flush_records};
	struct rc_sandbox *sandbox = NULL;
	struct secrets secrets = {0};
	atomic_int stop = 0;
	size_t nfaults = 0;
	struct rc_cli cli;
	const char *value;
	enum rc_err err;
	int id;

	rc_cli_start(&cli, &TOOL, argc, argv);
	while ((id = rc_cli_next(&cli, &value)) != 0) {
		take_option(&cli, id, value, &c, &secrets);
		if (id == OPT_FAULT && nfaults <= RC_SANDBOX_FAULTS)
			faults[nfaults++] = value;
	}
	rc_cli_operands(&cli, 0, 0);
	rc_cli_count_signals(&stop);
	c.arg = &cli;
	c.log = &cli.log;
	err = rc_sandbox_open(&sandbox, &c, &cli.error);
	if (err == RC_OK)
		err = rc_sandbox_run(sandbox, &stop, &cli.error);
	rc_sandbox_close(sandbox);
	free_secrets(&secrets);
	rc_cli_finish(&cli, err);
}
