#include "face/people.h"

#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A block's lines end when they pass this, whatever their number. */
#define LINES_ENOUGH (4u << 20)

void
rc_people_open(struct rc_people *p, struct rc_cli *cli, enum rc_ident_type type,
    size_t max, bool keep_lines)
{
	memset(p, 0, sizeof(*p));
	p->cli = cli;
	p->type = type;
	p->max = max;
	p->keep_lines = keep_lines;
	p->lines = RC_BUF_INIT(LINES_ENOUGH + RC_LINE_MAX);
	p->ends = RC_BUF_INIT(max * sizeof(size_t));
	p->person = calloc(max, sizeof(*p->person));
	if (p->person == NULL)
		rc_cli_finish(cli, rc_err_nomem(&cli->error));
	rc_input_values(&p->in, cli);
}

void
rc_people_close(struct rc_people *p)
{
	rc_input_close(&p->in);
	rc_buf_free(&p->lines);
	rc_buf_free(&p->ends);
	free(p->person);
	p->person = NULL;
}

static enum rc_err
keep_line(struct rc_people *p, struct rc_slice line, struct rc_error *e)
{
	size_t end;
	enum rc_err err;

	rc_buf_addv(&p->lines, line);
	end = p->lines.len;
	rc_buf_add(&p->ends, &end, sizeof(end));
	err = rc_buf_check(&p->lines, "a block of lines", e);
	return err == RC_OK ? rc_buf_check(&p->ends, "a block of lines", e)
			    : err;
}

/* Other tools take files as operands; these take people. */
static bool
is_file(const struct rc_people *p, struct rc_slice line)
{
	return p->in.name == NULL && line.len > 0 && access(line.p, F_OK) == 0;
}

static enum rc_err
take_line(struct rc_people *p, struct rc_slice line, struct rc_error *e)
{
	struct rc_error why;
	enum rc_err err = rc_cli_ident(line, p->type, &p->person[p->n], &why);

	if (err != RC_OK && err != RC_EDATA) { /* not the line's fault */
		*e = why;
		return err;
	}
	if (err != RC_OK) {
		fprintf(stderr, "%s: %s: %s%s\n", p->cli->tool->name,
		    rc_input_where(&p->in), why.msg,
		    is_file(p, line) ? "; a file is read from stdin, with '<'"
				     : "");
		p->bad++;
		return RC_OK;
	}
	p->n++;
	p->used++;
	return p->keep_lines ? keep_line(p, line, e) : RC_OK;
}

/* Settles and waits for a line. */
static enum rc_err
wait_for_line(struct rc_people *p, struct rc_slice *line, struct rc_error *e)
{
	enum rc_err err =
	    p->settle == NULL ? RC_OK : p->settle(p->settle_arg, e);

	if (err == RC_OK)
		err = rc_out_flush(&p->cli->out, e);
	return err == RC_OK ? rc_input_next(&p->in, line, e) : err;
}

/* Waits for a line while there is nobody, then takes what is there. */
static enum rc_err
fill(struct rc_people *p, struct rc_error *e)
{
	struct rc_slice line;
	enum rc_err err;

	while (p->n < p->max && p->lines.len < LINES_ENOUGH) {
		err = rc_input_try(&p->in, &line, e);
		if (err == RC_NOTFOUND && p->n > 0)
			return RC_OK;
		if (err == RC_NOTFOUND)
			err = wait_for_line(p, &line, e);
		if (err == RC_OK)
			err = take_line(p, line, e);
		if (err != RC_OK)
			return err;
	}
	return RC_OK;
}

enum rc_err
rc_people_next(struct rc_people *p, struct rc_error *e)
{
	enum rc_err err;

	p->n = 0;
	rc_buf_reset(&p->lines);
	rc_buf_reset(&p->ends);
	if (p->failure.code != RC_OK) {
		*e = p->failure;
		return e->code;
	}
	err = fill(p, e);
	if (err == RC_OK || p->n == 0)
		return err;
	if (err != RC_END)
		p->failure = *e;
	return RC_OK;
}

struct rc_slice
rc_people_line(const struct rc_people *p, size_t i)
{
	const size_t *end = (const size_t *)(const void *)p->ends.data;
	size_t start = i == 0 ? 0 : end[i - 1];

	return (struct rc_slice){p->lines.data + start, end[i] - start};
}

enum rc_err
rc_people_check(const struct rc_people *p, struct rc_error *e)
{
	if (p->bad == 0)
		return RC_OK;
	return rc_err_set(e, RC_EDATA,
	    "%" PRIu64 " of %" PRIu64 " %s %s left out", p->bad,
	    p->bad + p->used, rc_plural(p->bad + p->used, "line", "lines"),
	    rc_plural(p->bad, "names nobody and was", "name nobody and were"));
}
