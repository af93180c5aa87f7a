#include "face/cli.h"

#include "base/num.h"
#include "text/ident_json.h"
#include "text/template.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_PIECE 65536

/* Reads to the end of fd; the buffer's ceiling bounds it. */
static enum rc_err
read_all(int fd, const char *name, struct rc_buf *out, struct rc_error *e)
{
	for (;;) {
		char piece[READ_PIECE];
		ssize_t n = read(fd, piece, sizeof(piece));
		enum rc_err err;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rc_err_errno(
			    e, RC_EIO, "cannot read '%s'", name);
		rc_buf_add(out, piece, (size_t)n);
		explicit_bzero(piece, (size_t)n);
		err = rc_buf_check(out, name, e);
		if (n == 0 || err != RC_OK)
			return err;
	}
}

enum rc_err
rc_cli_read_file(
    const char *path, size_t max, struct rc_buf *out, struct rc_error *e)
{
	enum rc_err err;
	int fd;

	*out = RC_BUF_INIT(max);
	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "stdin", out, e);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return rc_err_errno(e, RC_ENOINPUT, "cannot open '%s'", path);
	err = read_all(fd, path, out, e);
	close(fd);
	return err;
}

enum rc_err
rc_cli_read_template(const char *path, struct rc_buf *out, struct rc_error *e)
{
	enum rc_err err = rc_cli_read_file(path, RC_TEMPLATE_MAX, out, e);

	if (err != RC_OK)
		return err;
	while (out->len > 0 && strchr("\r\n", out->data[out->len - 1]) != NULL)
		rc_buf_cut(out, out->len - 1);
	if (out->len == 0)
		return rc_err_set(e, RC_EDATA, "template '%s' is empty", path);
	return RC_OK;
}

static void
drop_line_end(struct rc_buf *b)
{
	if (b->len > 0 && b->data[b->len - 1] == '\n')
		rc_buf_cut(b, b->len - 1);
	if (b->len > 0 && b->data[b->len - 1] == '\r')
		rc_buf_cut(b, b->len - 1);
}

bool
rc_cli_is_reference(struct rc_slice text)
{
	struct rc_slice rest;

	return rc_slice_starts(text, RC_SLICE_LIT("@"), &rest) ||
	       rc_slice_starts(text, RC_SLICE_LIT("env:"), &rest);
}

enum rc_err
rc_cli_value(
    const char *text, bool secret, struct rc_buf *out, struct rc_error *e)
{
	enum rc_err err;

	*out = RC_BUF_INIT(RC_SECRET_MAX);
	if (text[0] == '@') {
		err = rc_cli_read_file(text + 1, RC_SECRET_MAX, out, e);
		drop_line_end(out);
		return err;
	}
	if (strncmp(text, "env:", 4) == 0) {
		const char *value = getenv(text + 4);

		if (value == NULL)
			return rc_err_set(e, RC_EUSAGE,
			    "environment variable '%s' is not set", text + 4);
		rc_buf_adds(out, value);
	} else if (secret) {
		return rc_err_set(e, RC_EUSAGE,
		    "a secret is given as @FILE or env:NAME, never itself: "
		    "everybody can read a command line");
	} else {
		rc_buf_adds(out, text);
	}
	return rc_buf_check(out, "value", e);
}

double
rc_cli_percent(struct rc_cli *cli, const char *option, const char *value)
{
	double d;

	if (!rc_num_double(rc_slice_str(value), &d) || d > 100)
		rc_cli_usage(cli, "'%s' is no percentage: --%s takes 0 to 100",
		    value, option);
	return d;
}

enum rc_err
rc_cli_ident(struct rc_slice line, enum rc_ident_type type,
    struct rc_ident *ident, struct rc_error *e)
{
	const struct rc_json_value *to, *identifier;
	struct rc_json *json = NULL;
	enum rc_err err;

	if (rc_slice_trim(line).len == 0 || rc_slice_trim(line).p[0] != '{')
		return rc_ident_parse(type, line, ident, e);
	err = rc_json_parse(&json, line, e);
	if (err != RC_OK)
		return err;
	to = rc_json_get(rc_json_root(json), "to");
	identifier = rc_json_get(rc_json_root(json), "identifier");
	if (rc_json_type(to) == RC_JSON_STRING)
		err = rc_ident_parse(type, rc_json_str(to), ident, e);
	else if (identifier != NULL)
		err = rc_ident_from_json(identifier, type, ident, e);
	else
		err = rc_err_set(e, RC_EDATA,
		    "the object has neither 'to' (a string) nor 'identifier'");
	rc_json_free(json);
	return err;
}
