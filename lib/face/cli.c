#include "face/cli.h"

#include "base/version.h"
#include "face/options.h"
#include "face/progress.h"

#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define VERBS_MAX 100 /* bytes of a list of verbs */

static const int EXIT_CODE[] = {
    [RC_OK] = 0,
    [RC_END] = 0,
    [RC_NOTFOUND] = 1,
    [RC_EUSAGE] = 64,
    [RC_EDATA] = 65,
    [RC_ENOINPUT] = 66,
    [RC_EUNAVAIL] = 69,
    [RC_EINTERNAL] = 70,
    [RC_ECREATE] = 73,
    [RC_EIO] = 74,
    [RC_EAGAIN] = 75,
    [RC_EPROTO] = 76,
    [RC_EPERM] = 77,
    [RC_ECONFIG] = 78,
};

static atomic_int *signal_count;

static void
print_line(void *arg, enum rc_log_level level, const char *line)
{
	const struct rc_cli *cli = arg;

	rc_progress_wipe();
	fprintf(stderr, "%s: %s%s\n", cli->tool->name,
	    level == RC_LOG_WARN ? "warning: " : "", line);
}

noreturn static void
print_help(struct rc_cli *cli)
{
	rc_options_print(cli->tool);
	rc_cli_finish(cli, RC_OK);
}

noreturn static void
print_version(struct rc_cli *cli)
{
	printf("%s (reconnect) %s\n", cli->tool->name, RC_VERSION);
	rc_cli_finish(cli, RC_OK);
}

/* getopt_long's two tables from ours; both live as long as the tool. */
static void
build_tables(struct rc_cli *cli)
{
	const struct rc_option *o;
	char *letter;

	cli->getopt = calloc(RC_OPTIONS_MAX + 1, sizeof(*cli->getopt));
	cli->letters = calloc(RC_OPTIONS_MAX + 1, 2);
	if (cli->getopt == NULL || cli->letters == NULL)
		rc_cli_finish(cli, rc_err_nomem(&cli->error));
	letter = cli->letters;
	*letter++ = ':';
	for (size_t i = 0; (o = rc_options_at(cli->tool, i)) != NULL; i++) {
		if (i == RC_OPTIONS_MAX)
			rc_cli_finish(cli, rc_err_set(&cli->error, RC_EINTERNAL,
					       "too many options"));
		cli->getopt[i] = (struct option){o->name,
		    o->value == NULL ? no_argument : required_argument, NULL,
		    o->id};
		if (o->id >= 256)
			continue;
		*letter++ = (char)o->id;
		if (o->value != NULL)
			*letter++ = ':';
	}
}

const char *
rc_cli_env(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

/* A service may be started without HOME. */
static const char *
home_directory(void)
{
	const char *home = rc_cli_env("HOME");
	const struct passwd *user = home == NULL ? getpwuid(geteuid()) : NULL;

	if (home == NULL && user != NULL)
		home = user->pw_dir;
	return home == NULL ? "" : home;
}

/* HOME-relative default of an XDG directory. */
static const char *
default_path(const char *variable, const char *home_part, const char *file)
{
	static char path[2][4096];
	static int turn;
	const char *base = getenv(variable);
	char *out = path[turn++ & 1];

	if (base != NULL && *base == '/')
		snprintf(out, sizeof(path[0]), "%s/reconnect/%s", base, file);
	else
		snprintf(out, sizeof(path[0]), "%s/%s/reconnect/%s",
		    home_directory(), home_part, file);
	return out;
}

static const char *
state_path(void)
{
	const char *path = rc_cli_env("RC_STATE");

	if (path != NULL)
		return path;
	return default_path("XDG_STATE_HOME", ".local/state", "state.mdb");
}

static const char *
key_path(void)
{
	const char *path = rc_cli_env("RC_KEY_FILE");

	if (path != NULL)
		return path;
	return default_path("XDG_CONFIG_HOME", ".config", "key");
}

/*
 * A tool started with stdin, stdout or stderr closed must not get the state
 * file as its descriptor 1.  Read-only, so that writing still fails.
 */
static void
keep_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* Secrets pass through memory: none of it may land in a core file. */
static void
forbid_core_files(void)
{
#ifndef __SANITIZE_ADDRESS__ /* whose leak checker traces the process */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

void
rc_cli_start(
    struct rc_cli *cli, const struct rc_tool *tool, int argc, char **argv)
{
	keep_standard_descriptors();
	memset(cli, 0, sizeof(*cli));
	cli->tool = tool;
	cli->argc = argc;
	cli->argv = argv;
	cli->channel = rc_cli_env("RC_CHANNEL");
	cli->state_path = state_path();
	cli->log = (struct rc_log){print_line, cli, RC_LOG_WARN};
	forbid_core_files();
	signal(SIGPIPE, SIG_IGN);
	rc_out_start(&cli->out, false);
	build_tables(cli);
	opterr = 0;
}

/* True when the option was a common one and is dealt with. */
static bool
take_common(struct rc_cli *cli, int id)
{
	switch (id) {
	case 's':
		cli->state_path = optarg;
		return true;
	case 'c':
		cli->channel = optarg;
		return true;
	case 'j':
		cli->json = cli->out.json = true;
		return true;
	case 'n':
		return cli->dry_run = true;
	case 'q':
		cli->log.sink = NULL;
		return cli->quiet = true;
	case 'v':
		if (cli->log.level < RC_LOG_DEBUG)
			cli->log.level++;
		return true;
	case 'h':
		print_help(cli);
	case 'V':
		print_version(cli);
	default:
		return false;
	}
}

static bool
is_common(const struct rc_tool *tool, int id)
{
	for (size_t i = 0;
	     tool->options != NULL && tool->options[i].name != NULL; i++)
		if (tool->options[i].id == id)
			return false;
	return true;
}

/* "add, list or show" */
static const char *
verb_list(const struct rc_tool *tool, char *text)
{
	int n = 0;

	for (const char *const *v = tool->verbs; *v != NULL; v++)
		n += snprintf(text + n, VERBS_MAX - (size_t)n, "%s%s",
		    n == 0	   ? ""
		    : v[1] == NULL ? " or "
				   : ", ",
		    *v);
	return text;
}

static void
take_verb(struct rc_cli *cli)
{
	char list[VERBS_MAX];

	if (cli->argc == 0)
		rc_cli_usage(
		    cli, "a verb is missing: %s", verb_list(cli->tool, list));
	for (const char *const *v = cli->tool->verbs; *v != NULL; v++)
		if (strcmp(*v, cli->argv[0]) == 0)
			cli->verb = *v;
	if (cli->verb == NULL)
		rc_cli_usage(cli, "unknown verb '%s': say %s", cli->argv[0],
		    verb_list(cli->tool, list));
	cli->argc--;
	cli->argv++;
	for (size_t i = 0; i < RC_OPTIONS_MAX && cli->getopt[i].name != NULL;
	     i++)
		if (cli->given[i] &&
		    !rc_options_go_with(
			cli->tool, rc_options_at(cli->tool, i), cli->verb))
			rc_cli_usage(cli, "--%s does not go with '%s'",
			    cli->getopt[i].name, cli->verb);
}

static void
take_operands(struct rc_cli *cli)
{
	cli->argc -= optind;
	cli->argv += optind;
	if (cli->tool->verbs != NULL)
		take_verb(cli);
}

static void
note_given(struct rc_cli *cli, int id)
{
	for (size_t i = 0; i < RC_OPTIONS_MAX && cli->getopt[i].name != NULL;
	     i++)
		if (cli->getopt[i].val == id)
			cli->given[i] = true;
}

int
rc_cli_next(struct rc_cli *cli, const char **value)
{
	int id;

	for (;;) {
		id = getopt_long(
		    cli->argc, cli->argv, cli->letters, cli->getopt, NULL);
		*value = optarg;
		if (id == -1) {
			take_operands(cli);
			return 0;
		}
		if (id == ':')
			rc_cli_usage(cli, "option '%s' needs a value",
			    cli->argv[optind - 1]);
		/* A DYID may well be negative. */
		if (id == '?' && optopt >= '0' && optopt <= '9')
			rc_cli_usage(cli,
			    "unknown option '-%c': put -- before operands that "
			    "begin with '-'",
			    optopt);
		if (id == '?' && optopt != 0 && optopt < 256)
			rc_cli_usage(cli, "unknown option '-%c'", optopt);
		if (id == '?')
			rc_cli_usage(
			    cli, "unknown option '%s'", cli->argv[optind - 1]);
		note_given(cli, id);
		if (!is_common(cli->tool, id) || !take_common(cli, id))
			return id;
	}
}

noreturn void
rc_cli_usage(struct rc_cli *cli, const char *fmt, ...)
{
	char text[RC_ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rc_cli_finish(cli, rc_err_set(&cli->error, RC_EUSAGE,
			       "%s; see %s --help", text, cli->tool->name));
}

void
rc_cli_operands(struct rc_cli *cli, int min, int max)
{
	if (cli->argc < min)
		rc_cli_usage(cli, "an operand is missing");
	if (cli->argc > max)
		rc_cli_usage(
		    cli, "'%s' is one operand too many", cli->argv[max]);
}

/* A reader that went away ends a filter as the kernel would have. */
noreturn static void
die_by_sigpipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_exit(EXIT_CODE[RC_EIO]);
}

noreturn void
rc_cli_finish(struct rc_cli *cli, enum rc_err err)
{
	struct rc_error out_error = {0};
	enum rc_err out = rc_out_flush(&cli->out, &out_error);

	rc_progress_wipe();
	if (err >= RC_EUSAGE && !rc_out_broken_pipe(&cli->out))
		fprintf(stderr, "%s: %s\n", cli->tool->name, cli->error.msg);
	if (out == RC_OK && fflush(stdout) != 0)
		out = rc_err_errno(&out_error, RC_EIO, "cannot write stdout");
	rc_state_close(cli->state);
	cli->state = NULL;
	if (rc_out_broken_pipe(&cli->out))
		die_by_sigpipe();
	if (out != RC_OK && err < RC_EUSAGE) {
		fprintf(stderr, "%s: %s\n", cli->tool->name, out_error.msg);
		err = out;
	}
	rc_out_free(&cli->out);
	free(cli->getopt);
	free(cli->letters);
	exit(EXIT_CODE[err]);
}

void
rc_cli_check(struct rc_cli *cli, enum rc_err err)
{
	if (err >= RC_EUSAGE)
		rc_cli_finish(cli, err);
}

void
rc_cli_open_state(struct rc_cli *cli, bool create)
{
	rc_cli_check(cli, rc_state_open(&cli->state, cli->state_path,
			      key_path(), create, &cli->error));
}

struct rc_channel *
rc_cli_open_channel(struct rc_cli *cli, bool secrets)
{
	struct rc_channel *channel = NULL;

	if (secrets)
		rc_cli_check(
		    cli, rc_state_unseal(cli->state, false, &cli->error));
	rc_cli_check(cli, rc_channel_load(cli->state, cli->channel, secrets,
			      &channel, &cli->error));
	return channel;
}

static void
count_signal(int sig)
{
	(void)sig;
	(*signal_count)++;
}

void
rc_cli_count_signals(atomic_int *stop)
{
	static const int signals[] = {SIGINT, SIGTERM};
	struct sigaction action = {.sa_handler = count_signal}, before;

	signal_count = stop;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], NULL, &before);
		if (before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}
