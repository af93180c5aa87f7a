#include "base/clock.h"
#include "base/num.h"
#include "core/person.h"
#include "face/identify_data.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BATCH_BYTES RC_LINE_MAX /* text of the bodies held in memory */
#define WHERE_MAX 300

enum {
	OPT_TO = 256
};

static const struct rc_option options[] = {
    {OPT_TO, "to", "TYPE", "resolve: phoneNumber, email or custom"},
    RC_IDENTIFY_DATA_OPTIONS,
    {0},
};
static const char *const usage[] = {
    "add [-nq] [FILE ...]",
    "resolve --to TYPE [ID ...]",
    "show ID",
    "data FEED [options] [FILE]",
    "data --list | data FEED --remove",
    NULL,
};
static const char *const verbs[] = {"add", "resolve", "show", "data", NULL};
static const struct rc_tool tool = {
    .name = "rc-identify",
    .summary = "tie identifiers to people, and find them again",
    .usage = usage,
    .options = options,
    .common = RC_CLI_STATE | RC_CLI_JSON | RC_CLI_DRY_RUN,
    .verbs = verbs,
};

/* --- add ----------------------------------------------------------------- */

struct adding {
	struct rc_cli *cli;
	struct rc_json *doc[RC_PERSON_BATCH];
	const struct rc_json_value *body[RC_PERSON_BATCH];
	char where[RC_PERSON_BATCH][WHERE_MAX];
	struct rc_error verdict[RC_PERSON_BATCH];
	size_t n, bytes;
	uint64_t bodies, refused;
	struct rc_event_counts counts;
};

static void
refuse(struct adding *a, const char *where, const struct rc_error *why)
{
	a->refused++;
	rc_log(&a->cli->log, RC_LOG_WARN, "%s: %s", where, why->msg);
}

static void
commit(struct adding *a)
{
	struct rc_cli *cli = a->cli;

	if (a->n == 0)
		return;
	rc_cli_check(cli,
	    rc_person_add(cli->state->store, a->body, a->n, rc_clock_now_ms(),
		cli->dry_run, &a->counts, a->verdict, &cli->error));
	for (size_t i = 0; i < a->n; i++) {
		if (a->verdict[i].code != RC_OK)
			refuse(a, a->where[i], &a->verdict[i]);
		rc_json_free(a->doc[i]);
	}
	a->n = a->bytes = 0;
}

static void
take_body(struct adding *a, struct rc_input *in, struct rc_slice line)
{
	struct rc_error why;
	enum rc_err err;

	if (a->n == RC_PERSON_BATCH || a->bytes + line.len > BATCH_BYTES)
		commit(a);
	a->bodies++;
	err = rc_json_parse(&a->doc[a->n], line, &why);
	if (err != RC_OK && err != RC_EDATA) { /* not the body's fault */
		a->cli->error = why;
		rc_cli_check(a->cli, err);
	}
	if (err != RC_OK) {
		refuse(a, rc_input_where(in), &why);
		return;
	}
	a->body[a->n] = rc_json_root(a->doc[a->n]);
	snprintf(a->where[a->n], WHERE_MAX, "%s", rc_input_where(in));
	a->bytes += line.len;
	a->n++;
}

static void
report(struct adding *a)
{
	const struct rc_event_counts *c = &a->counts;
	struct rc_out *out = &a->cli->out;

	if (a->cli->json) {
		rc_out_begin(out);
		rc_out_u64(out, "bodies", a->bodies);
		rc_out_u64(out, "refused", a->refused);
		rc_out_u64(out, "events", c->events);
		rc_out_u64(out, "identifying", c->identifying);
		rc_out_u64(out, "without_consent", c->without_consent);
		rc_out_u64(out, "ignored", c->ignored);
		rc_out_u64(out, "associated", c->associated);
		rc_cli_check(a->cli, rc_out_end(out, &a->cli->error));
	}
	if (!a->cli->quiet)
		fprintf(stderr,
		    "%s: %" PRIu64 " %s, %" PRIu64 " refused; %" PRIu64
		    " %s = %" PRIu64 " identifying + %" PRIu64
		    " without consent + %" PRIu64 " ignored; %" PRIu64
		    " %s tied%s\n",
		    tool.name, a->bodies,
		    rc_plural(a->bodies, "body", "bodies"), a->refused,
		    c->events, rc_plural(c->events, "event", "events"),
		    c->identifying, c->without_consent, c->ignored,
		    c->associated,
		    rc_plural(c->associated, "identifier", "identifiers"),
		    a->cli->dry_run ? " (dry run)" : "");
}

static enum rc_err
add(struct rc_cli *cli)
{
	static struct adding a;
	struct rc_input in;
	struct rc_slice line;
	enum rc_err err;

	a.cli = cli;
	rc_cli_open_state(cli, false);
	rc_input_files(&in, cli);
	while ((err = rc_input_next(&in, &line, &cli->error)) == RC_OK) {
		take_body(&a, &in, line);
		/* What came so far is kept before waiting for more. */
		if (!rc_input_ready(&in))
			commit(&a);
	}
	commit(&a);
	rc_input_close(&in);
	if (err != RC_END && a.bodies == 0)
		return err;
	report(&a);
	if (err == RC_END && a.refused > 0)
		return rc_err_set(&cli->error, RC_EDATA,
		    "%" PRIu64 " of %" PRIu64 " %s %s refused", a.refused,
		    a.bodies, rc_plural(a.bodies, "body", "bodies"),
		    rc_plural(a.refused, "was", "were"));
	return err;
}

/* --- resolve ------------------------------------------------------------- */

struct lookup {
	struct rc_slice name, value;
	enum rc_ident_type to;
	struct rc_ident found;
	const char *by;
};

static enum rc_err
look_up(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct lookup *l = arg;

	return rc_person_resolve_by(
	    txn, l->name, l->value, l->to, &l->found, &l->by, e);
}

/* A bare DYID, or an object that points to a person. */
static enum rc_err
read_ref(struct rc_slice line, struct rc_json **doc, struct rc_slice *name,
    struct rc_slice *value, struct rc_error *e)
{
	enum rc_err err;

	*doc = NULL;
	*name = RC_SLICE_LIT("dyid");
	*value = rc_slice_trim(line);
	if (value->len == 0 || value->p[0] != '{')
		return RC_OK;
	err = rc_json_parse(doc, line, e);
	if (err != RC_OK)
		return err;
	return rc_person_ref(rc_json_root(*doc), name, value, e);
}

static enum rc_err
resolve_line(struct rc_cli *cli, struct lookup *l, struct rc_slice line)
{
	struct rc_out *out = &cli->out;
	struct rc_json *doc;
	enum rc_err err, written;

	err = read_ref(line, &doc, &l->name, &l->value, &cli->error);
	if (err == RC_OK)
		err = rc_store_read(cli->state->store, look_up, l, &cli->error);
	if (err == RC_OK || err == RC_NOTFOUND) {
		rc_out_begin(out);
		rc_out_str(out, "id", l->value);
		rc_out_cstr(out, "resolved", err == RC_OK ? l->found.text : "");
		if (cli->json)
			rc_out_cstr(out, "by", err == RC_OK ? l->by : "");
		written = rc_out_end(out, &cli->error);
		if (err == RC_OK)
			rc_log(&cli->log, RC_LOG_INFO, "'%.*s': found by %s",
			    (int)l->value.len, l->value.p, l->by);
		if (written != RC_OK)
			err = written;
	}
	rc_json_free(doc);
	return err;
}

static enum rc_err
resolve(struct rc_cli *cli, enum rc_ident_type to)
{
	struct lookup l = {.to = to};
	uint64_t missing = 0, refused = 0;
	struct rc_input in;
	struct rc_slice line;
	enum rc_err err;

	rc_cli_open_state(cli, false);
	rc_input_values(&in, cli);
	while ((err = rc_input_next(&in, &line, &cli->error)) == RC_OK) {
		err = resolve_line(cli, &l, line);
		missing += err == RC_NOTFOUND;
		refused += err == RC_EDATA;
		if (err == RC_EDATA)
			rc_log(&cli->log, RC_LOG_WARN, "%s: %s",
			    rc_input_where(&in), cli->error.msg);
		else
			rc_cli_check(cli, err);
		if (!rc_input_ready(&in))
			rc_cli_check(cli, rc_out_flush(&cli->out, &cli->error));
	}
	rc_input_close(&in);
	if (err != RC_END)
		return err;
	if (refused > 0)
		return rc_err_set(&cli->error, RC_EDATA,
		    "%" PRIu64 " %s to nobody", refused,
		    rc_plural(refused, "line points", "lines point"));
	return missing > 0 ? RC_NOTFOUND : RC_OK;
}

/* --- show ---------------------------------------------------------------- */

static enum rc_err
print_id(void *arg, const char *dyid, const struct rc_person_id *id,
    struct rc_error *e)
{
	struct rc_out *out = arg;

	rc_out_begin(out);
	rc_out_cstr(out, "dyid", dyid);
	rc_out_str(out, "name", id->name);
	rc_out_str(out, "value", id->value);
	rc_out_time(out, "seen", id->seen_ms);
	rc_out_cstr(out, "event", rc_event_type_name(id->by));
	return rc_out_end(out, e);
}

static enum rc_err
show(struct rc_cli *cli)
{
	struct rc_slice name, value;
	struct rc_json *doc;
	enum rc_err err, data;

	rc_cli_operands(cli, 1, 1);
	rc_cli_check(cli, read_ref(rc_slice_str(cli->argv[0]), &doc, &name,
			      &value, &cli->error));
	rc_cli_open_state(cli, false);
	err = rc_person_each(
	    cli->state->store, name, value, print_id, &cli->out, &cli->error);
	if (err == RC_OK || err == RC_NOTFOUND) {
		data = rc_identify_show_data(cli, name, value);
		err = data == RC_NOTFOUND ? err : data;
	}
	/* A bare number is easily taken for a phone number. */
	if (err == RC_NOTFOUND)
		rc_log(&cli->log, RC_LOG_WARN,
		    doc != NULL
			? "nobody is known by %s"
			: "nobody is known by the DYID '%s'; for another "
			  "identifier, give an object",
		    cli->argv[0]);
	rc_json_free(doc);
	return err;
}

int
main(int argc, char **argv)
{
	struct rc_identify_data data = {0};
	const char *value, *to = NULL;
	enum rc_ident_type type;
	struct rc_cli cli;
	int id;

	rc_cli_start(&cli, &tool, argc, argv);
	while ((id = rc_cli_next(&cli, &value)) != 0)
		if (!rc_identify_data_take(&data, id, value))
			to = value;
	if (strcmp(cli.verb, "add") == 0)
		rc_cli_finish(&cli, add(&cli));
	if (strcmp(cli.verb, "show") == 0)
		rc_cli_finish(&cli, show(&cli));
	if (strcmp(cli.verb, "data") == 0)
		rc_cli_finish(&cli, rc_identify_data(&cli, &data));
	if (to == NULL)
		rc_cli_usage(&cli,
		    "resolve needs --to TYPE: phoneNumber, email or custom");
	rc_cli_check(
	    &cli, rc_ident_type_parse(rc_slice_str(to), &type, &cli.error));
	rc_cli_finish(&cli, resolve(&cli, type));
}
