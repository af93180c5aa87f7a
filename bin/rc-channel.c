/* rc-channel: channel integrations and API keys; see rc-channel(1). */
#include "core/channel_edit.h"
#include "core/channel_rekey.h"
#include "face/channel_add.h"
#include "face/channel_set.h"
#include "face/channel_show.h"
#include "face/channel_test.h"
#include "face/channel_wizard.h"
#include "face/terminal.h"

#include <string.h>
#include <unistd.h>

enum {
	OPT_TO = 256,
	OPT_PAYLOAD,
	OPT_FORCE,
	OPT_LABEL
};

static const struct rc_option own_options[] = {
    {OPT_TO, "to", "ID", "test: send one message to it"},
    {OPT_PAYLOAD, "payload", "FILE", "test: template of the message"},
    {OPT_FORCE, "force", NULL, "remove, rename: even if messages are lost"},
    {OPT_LABEL, "label", "TEXT", "key add: what the key is for"}, {0}};

static const char *const usage[] = {"add NAME [options] [- | < JSON]",
    "set NAME [options] [- | < JSON]", "test [NAME] [--to ID] [--payload FILE]",
    "list", "show [NAME]", "rename NAME NEW [--force]", "remove NAME [--force]",
    "rekey", "key add [NAME] [--label TEXT]", "key list", "key remove ID",
    NULL};
static const char *const verbs[] = {"add", "set", "list", "show", "rename",
    "remove", "test", "key", "rekey", NULL};

struct request {
	const char *to, *payload, *label;
	bool force;
	struct rc_channel_args args;
};

/* The first operand, or the channel of -c, or NULL: the only one. */
static const char *
channel_name(struct rc_cli *cli)
{
	rc_cli_operands(cli, 0, 1);
	return cli->argc > 0 ? cli->argv[0] : cli->channel;
}

static struct rc_channel *
open_channel(struct rc_cli *cli, bool secrets)
{
	cli->channel = channel_name(cli);
	rc_cli_open_state(cli, false);
	return rc_cli_open_channel(cli, secrets);
}

/*
 * Stdin is read when it is asked for, or when nothing else describes the
 * channel: a script's own stdin is not for us to take.
 */
static void
read_object(struct rc_cli *cli, const struct request *r, struct rc_buf *object)
{
	bool asked = cli->argc == 2 && strcmp(cli->argv[1], "-") == 0;

	if (cli->argc == 2 && !asked)
		rc_cli_usage(cli,
		    "'%s' is one operand too many: the object is read from "
		    "stdin",
		    cli->argv[1]);
	if (!asked && r->args.any)
		return;
	if (asked || !isatty(STDIN_FILENO))
		rc_cli_check(cli,
		    rc_cli_read_file("-", RC_JSON_MAX, object, &cli->error));
	if (!asked && rc_slice_trim(rc_buf_slice(object)).len == 0)
		rc_cli_usage(cli,
		    "describe the channel by options, or by a JSON object on "
		    "stdin (rc-channel %s %s < channel.json)",
		    cli->verb, cli->argv[0]);
}

static enum rc_err
add_or_set(struct rc_cli *cli, const struct request *r)
{
	bool add = strcmp(cli->verb, "add") == 0;
	struct rc_buf object = RC_BUF_INIT(RC_JSON_MAX);
	enum rc_err err;

	rc_cli_operands(cli, 1, 2);
	if (add && cli->argc == 1 && !r->args.any && rc_terminal_there())
		return rc_channel_wizard(cli, cli->argv[0], &cli->error);
	read_object(cli, r, &object);
	err = (add ? rc_channel_add : rc_channel_change)(
	    cli, cli->argv[0], &r->args, rc_buf_slice(&object), &cli->error);
	rc_wipe(&object);
	rc_buf_free(&object);
	return err;
}

/* A STOP that comes under the old name would be refused, and so be lost. */
static enum rc_err
rename_channel(struct rc_cli *cli, const struct request *r)
{
	struct rc_channel *channel;
	enum rc_err err;

	rc_cli_operands(cli, 2, 2);
	cli->channel = cli->argv[0];
	rc_cli_open_state(cli, false);
	channel = rc_cli_open_channel(cli, false);
	if (channel->provider == RC_PROVIDER_TWILIO && !r->force)
		err = rc_err_set(&cli->error, RC_ECONFIG,
		    "Twilio calls channel '%s' by its name, for each STOP too: "
		    "have the new URLs ready to be set there at once, then say "
		    "--force",
		    channel->name);
	else
		err = rc_channel_rename(cli->state, cli->argv[0], cli->argv[1],
		    cli->dry_run, &cli->error);
	rc_channel_free(channel);
	return err;
}

static enum rc_err
show(struct rc_cli *cli, const struct request *unused)
{
	struct rc_channel *channel = open_channel(cli, false);
	enum rc_err err = rc_channel_show(&cli->out, channel, &cli->error);

	(void)unused;
	rc_channel_free(channel);
	return err;
}

static enum rc_err
test(struct rc_cli *cli, const struct request *r)
{
	struct rc_channel *channel = open_channel(cli, true);
	enum rc_err err =
	    rc_channel_test(cli, channel, r->to, r->payload, &cli->error);

	rc_channel_free(channel);
	return err;
}

static enum rc_err
list(struct rc_cli *cli, const struct request *unused)
{
	(void)unused;
	rc_cli_operands(cli, 0, 0);
	rc_cli_open_state(cli, false);
	return rc_channel_list(cli, &cli->error);
}

/* The name is always asked for: "the only one" is no reason to remove it. */
static enum rc_err
remove_channel(struct rc_cli *cli, const struct request *r)
{
	rc_cli_operands(cli, 1, 1);
	if (cli->dry_run) {
		rc_channel_free(open_channel(cli, false));
		return RC_OK;
	}
	rc_cli_open_state(cli, false);
	return rc_channel_remove(
	    cli->state, cli->argv[0], r->force, &cli->error);
}

static enum rc_err
rekey(struct rc_cli *cli, const struct request *unused)
{
	struct rc_rekey done;
	enum rc_err err;

	(void)unused;
	rc_cli_operands(cli, 0, 0);
	rc_cli_open_state(cli, false);
	err = rc_state_rekey(cli->state, cli->dry_run, &done, &cli->error);
	if (err == RC_OK) {
		rc_out_begin(&cli->out);
		rc_out_u64(&cli->out, "channels", done.channels);
		rc_out_str(&cli->out, "kept", rc_buf_slice(&done.kept));
		err = rc_out_end(&cli->out, &cli->error);
	}
	rc_buf_free(&done.kept);
	return err;
}

static enum rc_err
add_key(struct rc_cli *cli, const struct request *r)
{
	struct rc_channel *channel = open_channel(cli, false);
	const char *label = r->label == NULL ? "" : r->label;
	char text[RC_API_KEY_LEN + 1];
	enum rc_err err = RC_OK;

	if (!cli->dry_run)
		err = rc_api_key_add(
		    cli->state, channel->number, label, text, &cli->error);
	rc_channel_free(channel);
	if (cli->dry_run || err != RC_OK)
		return err;
	rc_out_begin(&cli->out);
	rc_out_cstr(&cli->out, "key", text);
	return rc_out_end(&cli->out, &cli->error);
}

static enum rc_err
remove_key(struct rc_cli *cli)
{
	enum rc_err err = RC_OK;

	rc_cli_operands(cli, 1, 1);
	rc_cli_open_state(cli, false);
	if (!cli->dry_run)
		err = rc_api_key_remove(cli->state, cli->argv[0], &cli->error);
	if (err == RC_NOTFOUND)
		return rc_err_set(&cli->error, RC_ENOINPUT,
		    "there is no API key '%s'", cli->argv[0]);
	return err;
}

static enum rc_err
key(struct rc_cli *cli, const struct request *r)
{
	const char *verb = cli->argc > 0 ? cli->argv[0] : "";

	if (cli->argc > 0) {
		cli->argc--;
		cli->argv++;
	}
	if (strcmp(verb, "add") == 0)
		return add_key(cli, r);
	if (strcmp(verb, "remove") == 0)
		return remove_key(cli);
	if (strcmp(verb, "list") != 0)
		rc_cli_usage(cli, "'key' takes add, list or remove");
	rc_cli_operands(cli, 0, 0);
	rc_cli_open_state(cli, false);
	return rc_channel_list_keys(cli, &cli->error);
}

static void
take_option(struct rc_cli *cli, struct request *r, int id, const char *value)
{
	if (id == OPT_TO)
		r->to = value;
	else if (id == OPT_PAYLOAD)
		r->payload = value;
	else if (id == OPT_LABEL)
		r->label = value;
	else if (id == OPT_FORCE)
		r->force = true;
	else
		rc_cli_check(cli,
		    rc_channel_args_take(&r->args, id, value, &cli->error));
}

/* An option of another verb would be ignored in silence. */
static void
check_options(struct rc_cli *cli, const struct request *r)
{
	const char *verb = cli->verb;

	if (r->args.any && strcmp(verb, "add") != 0 && strcmp(verb, "set") != 0)
		rc_cli_usage(cli, "'%s' takes no keys of a channel", verb);
	if ((r->to != NULL || r->payload != NULL) && strcmp(verb, "test") != 0)
		rc_cli_usage(cli, "--to and --payload go with test");
	if (r->payload != NULL && r->to == NULL)
		rc_cli_usage(cli, "--payload needs --to");
	if (r->label != NULL && strcmp(verb, "key") != 0)
		rc_cli_usage(cli, "--label goes with key add");
}

static enum rc_err
run(struct rc_cli *cli, const struct request *r)
{
	static const struct {
		const char *verb;
		enum rc_err (*function)(
		    struct rc_cli *, const struct request *);
	} table[] = {{"add", add_or_set}, {"set", add_or_set}, {"list", list},
	    {"show", show}, {"rename", rename_channel}, {"rekey", rekey},
	    {"remove", remove_channel}, {"test", test}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(cli->verb, table[i].verb) == 0)
			return table[i].function(cli, r);
	return key(cli, r);
}

int
main(int argc, char **argv)
{
	static struct rc_option options[RC_CHANNEL_OPTIONS_MAX];
	static const struct rc_tool tool = {"rc-channel",
	    "channel integrations and API keys", usage, options,
	    RC_CLI_STATE | RC_CLI_CHANNEL | RC_CLI_JSON | RC_CLI_DRY_RUN,
	    verbs};
	struct request r = {0};
	struct rc_cli cli;
	const char *value;
	int id;

	rc_channel_options(own_options, options);
	rc_cli_start(&cli, &tool, argc, argv);
	while ((id = rc_cli_next(&cli, &value)) != 0)
		take_option(&cli, &r, id, value);
	check_options(&cli, &r);
	rc_cli_finish(&cli, run(&cli, &r));
}
