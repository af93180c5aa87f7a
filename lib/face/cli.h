/*
 * The command line all tools share: options from one table, --help printed
 * from the same table, state and channel, input lines, errors and exits.
 *
 * The only place, with face/out, that exits, reads the environment or prints.
 * Order in a tool: rc_cli_start, rc_cli_next until 0, then operands are in
 * cli.argv[0 .. argc-1]; rc_cli_finish at the end.
 */
#ifndef RC_FACE_CLI_H
#define RC_FACE_CLI_H

#include "base/log.h"
#include "core/channel.h"
#include "face/out.h"

#include <stdatomic.h>
#include <stdnoreturn.h>

#define RC_OPTIONS_MAX 96      /* of a tool */
#define RC_LINE_MAX (1u << 20) /* bytes of an input line */

struct rc_option {
	int id;		   /* the short letter, or 256 and up */
	const char *name;  /* long name without dashes */
	const char *value; /* placeholder of its argument; NULL: none */
	const char *help;  /* "VERB, VERB: text" goes with these verbs only */
};

enum rc_cli_common {	    /* which common options a tool takes */
	RC_CLI_STATE = 1,   /* -s */
	RC_CLI_CHANNEL = 2, /* -c */
	RC_CLI_JSON = 4,    /* -j */
	RC_CLI_DRY_RUN = 8  /* -n */
};			    /* -q -v -h -V always */

struct rc_tool {
	const char *name, *summary;
	const char *const *usage;	 /* lines without the name; NULL ends */
	const struct rc_option *options; /* {0} ends */
	unsigned common;
	const char *const *verbs; /* first operand, or NULL; NULL ends */
};

struct rc_cli {
	const struct rc_tool *tool;
	int argc;
	char **argv;
	const char *verb;	/* once options are read; NULL: no verbs */
	const char *channel;	/* -c or $RC_CHANNEL; NULL: the only one */
	const char *state_path; /* -s, $RC_STATE or the default */
	bool json, quiet, dry_run;
	struct rc_log log;	/* to stderr, by -q and -v */
	struct rc_out out;	/* stdout */
	struct rc_state *state; /* closed by rc_cli_finish */
	struct rc_error error;	/* for the tool's calls */
	struct option *getopt;	/* private: the table getopt_long reads */
	char *letters;
	bool given[RC_OPTIONS_MAX]; /* by place in that table */
};

/*
 * Fills cli, which lives until the tool ends.  From here on no core file is
 * written, and SIGPIPE is an error of writing.
 */
void rc_cli_start(
    struct rc_cli *, const struct rc_tool *, int argc, char **argv);
/* The next of the tool's own options and its value; 0 at the end.  Handles
 * common options, --help and --version; exits 64 for unknown ones. */
int rc_cli_next(struct rc_cli *, const char **value);

/* "rc-tool: message", and "see rc-tool --help"; exits 64. */
noreturn void rc_cli_usage(struct rc_cli *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The value of --option as 0 to 100 percent; exits 64 for anything else. */
double rc_cli_percent(struct rc_cli *, const char *option, const char *value);
/* Exits 64 unless there are min to max operands. */
void rc_cli_operands(struct rc_cli *, int min, int max);

/*
 * Ends the tool: prints cli.error when err is a failure, flushes and checks
 * stdout, closes the state, exits with the code of reconnect-output(5): RC_OK
 * and RC_END 0, RC_NOTFOUND 1.
 */
noreturn void rc_cli_finish(struct rc_cli *, enum rc_err err);
/* rc_cli_finish when err is a failure (RC_EUSAGE and on); else nothing. */
void rc_cli_check(struct rc_cli *, enum rc_err err);

/* Opens cli.state; exits when that fails. */
void rc_cli_open_state(struct rc_cli *, bool create);
/* The channel of -c, unsealing the state when secrets; exits when it fails. */
struct rc_channel *rc_cli_open_channel(struct rc_cli *, bool secrets);

/*
 * A value that may be "@FILE" (its content, one line feed at the end dropped)
 * or "env:NAME", into out, which the caller wipes.  secret: anything else is
 * refused (RC_EUSAGE), since argv is public.
 */
enum rc_err rc_cli_value(const char *text, bool secret, struct rc_buf *out,
    struct rc_error *) RC_MUST_USE;
/* Whether text is such a reference. */
bool rc_cli_is_reference(struct rc_slice text);
/* An environment variable, NULL when it is not set or empty. */
const char *rc_cli_env(const char *name);
/* A whole file ("-" is stdin) of at most max bytes. */
enum rc_err rc_cli_read_file(const char *path, size_t max, struct rc_buf *,
    struct rc_error *) RC_MUST_USE;
/* A template's file without line feeds at its end; RC_EDATA if it is empty. */
enum rc_err rc_cli_read_template(
    const char *path, struct rc_buf *, struct rc_error *) RC_MUST_USE;
/*
 * SIGINT and SIGTERM count up *stop instead of killing.  One that is ignored
 * stays so: who starts a program in the background of a script, where a shell
 * ignores SIGINT, does not mean it with Ctrl-C.
 */
void rc_cli_count_signals(atomic_int *stop);

/* --- input --------------------------------------------------------------- */

struct option;

/* One line at a time from operands (each a line), files, or stdin. */
struct rc_input {
	char **operand;
	int noperands, at;
	bool files;	  /* operands are file names */
	int fd;		  /* -1: none open */
	const char *name; /* of the open file, for messages */
	uint64_t line;	  /* number of the newest line, from 1 */
	uint64_t before;  /* lines of the files before this one */
	struct rc_buf buf;
	size_t used; /* bytes of buf handed out */
	/* Bytes handed out of all files, and of all there are; 0: not known. */
	uint64_t taken, size;
	bool eof;
	char where[300];
};

/* Operands are values; without any, lines of stdin ("-" is stdin too). */
void rc_input_values(struct rc_input *, struct rc_cli *);
/* Operands are files, and all have to be there; without any, stdin. */
void rc_input_files(struct rc_input *, struct rc_cli *);
/*
 * The next line without LF or CRLF; blank lines are skipped.  Borrowed until
 * the next call.  RC_END.  RC_EDATA: longer than RC_LINE_MAX, or a NUL byte,
 * names the line; RC_ENOINPUT, RC_EIO.
 */
enum rc_err rc_input_next(
    struct rc_input *, struct rc_slice *line, struct rc_error *) RC_MUST_USE;
/*
 * As rc_input_next, but never waits: RC_NOTFOUND when no whole line has come
 * yet (half a line may have); rc_input_fd is to become readable first.
 */
enum rc_err rc_input_try(
    struct rc_input *, struct rc_slice *line, struct rc_error *) RC_MUST_USE;
int rc_input_fd(const struct rc_input *); /* of the open file; -1: none */
/* Whether the next line can be had without waiting for a pipe. */
bool rc_input_ready(const struct rc_input *);
/* "line 3 of 'x.csv'" or "'operand'", for rc_err_prefix. */
const char *rc_input_where(struct rc_input *);
/* Repeatable. */
void rc_input_close(struct rc_input *);

/*
 * An identifier line: a bare identifier, or an NDJSON object with "to", or
 * DY's {"identifier":{"type":…,"value":…}}.  RC_EDATA says why not.
 */
enum rc_err rc_cli_ident(struct rc_slice line, enum rc_ident_type,
    struct rc_ident *, struct rc_error *) RC_MUST_USE;

#endif
