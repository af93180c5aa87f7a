#include "face/cli.h"
#include "job/serve.h"
#include "text/url.h"

#include <stdlib.h>

enum {
	OPT_LISTEN = 256,
	OPT_PUBLIC_URL,
	OPT_CLICK_SYNC
};

#define DEFAULT_LISTEN "127.0.0.1:8080"

static const struct rc_option OPTIONS[] = {
    {OPT_LISTEN, "listen", "ADDR",
	"ADDRESS:PORT, port 0 for a free one, or unix:PATH "
	"(default: " DEFAULT_LISTEN ")"},
    {OPT_PUBLIC_URL, "public-url", "URL",
	"how it is reached from outside (default: $RC_PUBLIC_URL, else "
	"http://ADDR)"},
    {OPT_CLICK_SYNC, "click-sync", NULL,
	"redirect when the click is on disk, not merely written"},
    {0},
};

static const char *const USAGE[] = {"[options]", NULL};

static const struct rc_tool TOOL = {
    .name = "rc-httpd",
    .summary = "redirects, opt-in/opt-out and event API, provider webhooks",
    .usage = USAGE,
    .options = OPTIONS,
    .common = RC_CLI_STATE | RC_CLI_JSON,
};

static atomic_int stop;

static void
announce(struct rc_cli *cli, const struct rc_serve *serve)
{
	struct rc_error *e = &cli->error;

	rc_out_begin(&cli->out);
	rc_out_cstr(&cli->out, "event", "listening");
	rc_out_cstr(&cli->out, "url", rc_serve_address(serve));
	rc_cli_check(cli, rc_out_end(&cli->out, e));
	rc_cli_check(cli, rc_out_flush(&cli->out, e));
}

int
main(int argc, char **argv)
{
	struct rc_cli cli;
	struct rc_serve_config config = {.listen = DEFAULT_LISTEN};
	struct rc_serve *serve;
	struct rc_url url;
	const char *value;
	enum rc_err err;
	int id;

	rc_cli_start(&cli, &TOOL, argc, argv);
	config.public_url = rc_cli_env("RC_PUBLIC_URL");
	while ((id = rc_cli_next(&cli, &value)) != 0) {
		if (id == OPT_LISTEN)
			config.listen = value;
		else if (id == OPT_PUBLIC_URL)
			config.public_url = value;
		else
			config.click_sync = true;
	}
	rc_cli_operands(&cli, 0, 0);
	if (config.public_url != NULL &&
	    rc_url_parse(rc_slice_str(config.public_url), &url, &cli.error) !=
		RC_OK)
		rc_cli_usage(&cli, "--public-url: %s", cli.error.msg);
	config.log = &cli.log;
	rc_cli_count_signals(&stop);
	rc_cli_open_state(&cli, true);
	rc_cli_check(
	    &cli, rc_serve_open(&serve, cli.state, &config, &cli.error));
	announce(&cli, serve);
	err = rc_serve_run(serve, &stop, &cli.error);
	rc_serve_close(serve);
	rc_cli_finish(&cli, err);
}
