#include "face/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_PIECE 65536

static void
start(struct rc_input *in, struct rc_cli *cli, bool files)
{
	memset(in, 0, sizeof(*in));
	in->operand = cli->argv;
	in->noperands = cli->argc;
	in->files = files;
	in->fd = -1;
	in->buf = RC_BUF_INIT(RC_LINE_MAX + 1 + READ_PIECE);
	if (cli->argc > 0)
		return;
	in->fd = STDIN_FILENO;
	in->name = "stdin";
	/* Who forgot the pipe would take the silence for work. */
	if (!cli->quiet && isatty(STDIN_FILENO))
		fprintf(stderr,
		    "%s: reading lines from the terminal, "
		    "Ctrl-D ends them\n",
		    cli->tool->name);
}

void
rc_input_values(struct rc_input *in, struct rc_cli *cli)
{
	start(in, cli, false);
}

/* How much of an open file is still to come; false for what is no file. */
static bool
size_left(int fd, uint64_t *size)
{
	struct stat st;
	off_t at = lseek(fd, 0, SEEK_CUR);

	if (at < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*size += st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
	return true;
}

static bool
size_of(const char *operand, uint64_t *size)
{
	struct stat st;

	if (strcmp(operand, "-") == 0)
		return size_left(STDIN_FILENO, size);
	if (stat(operand, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*size += (uint64_t)st.st_size;
	return true;
}

void
rc_input_files(struct rc_input *in, struct rc_cli *cli)
{
	uint64_t size = 0;
	bool known = true;

	start(in, cli, true);
	/* What is done half before a name is found wrong is hard to mend. */
	for (int i = 0; i < in->noperands; i++)
		if (strcmp(in->operand[i], "-") != 0 &&
		    access(in->operand[i], R_OK) != 0)
			rc_cli_check(
			    cli, rc_err_errno(&cli->error, RC_ENOINPUT,
				     "cannot open '%s'", in->operand[i]));
	if (in->noperands == 0)
		known = size_left(STDIN_FILENO, &size);
	for (int i = 0; i < in->noperands && known; i++)
		known = size_of(in->operand[i], &size);
	in->size = known ? size : 0;
}

void
rc_input_close(struct rc_input *in)
{
	if (in->fd > STDERR_FILENO)
		close(in->fd);
	in->fd = -1;
	rc_buf_free(&in->buf);
}

const char *
rc_input_where(struct rc_input *in)
{
	if (in->name == NULL)
		snprintf(in->where, sizeof(in->where), "operand %d", in->at);
	else if (strcmp(in->name, "stdin") == 0)
		snprintf(in->where, sizeof(in->where), "line %llu of stdin",
		    (unsigned long long)in->line);
	else
		snprintf(in->where, sizeof(in->where), "line %llu of '%s'",
		    (unsigned long long)in->line, in->name);
	return in->where;
}

/* The next operand as a file that is read, or RC_OK with a line. */
static enum rc_err
open_operand(struct rc_input *in, const char *operand, struct rc_error *e)
{
	in->before += in->line;
	in->line = 0;
	in->eof = false;
	in->used = 0;
	rc_buf_reset(&in->buf);
	if (strcmp(operand, "-") == 0) {
		in->fd = STDIN_FILENO;
		in->name = "stdin";
		return RC_OK;
	}
	in->name = operand;
	in->fd = open(operand, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		return rc_err_errno(
		    e, RC_ENOINPUT, "cannot open '%s'", operand);
	return RC_OK;
}

static void
close_file(struct rc_input *in)
{
	if (in->fd > STDERR_FILENO)
		close(in->fd);
	in->fd = -1;
	in->name = NULL;
}

static enum rc_err
too_long(struct rc_input *in, struct rc_error *e)
{
	return rc_err_set(e, RC_EDATA,
	    "%s is longer than %u bytes: is it one record a line?",
	    rc_input_where(in), RC_LINE_MAX);
}

/* Moves what is left to the front and reads one more piece. */
static enum rc_err
fill(struct rc_input *in, struct rc_error *e)
{
	size_t left = in->buf.len - in->used;
	char *room;
	ssize_t n;

	if (left > RC_LINE_MAX + 1) {
		in->line++;
		return too_long(in, e);
	}
	if (left > 0)
		memmove(in->buf.data, in->buf.data + in->used, left);
	rc_buf_cut(&in->buf, left);
	in->used = 0;
	room = rc_buf_room(&in->buf, READ_PIECE);
	if (room == NULL)
		return rc_err_nomem(e);
	do
		n = read(in->fd, room, READ_PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return rc_err_errno(e, RC_EIO, "cannot read '%s'", in->name);
	in->eof = n == 0;
	rc_buf_cut(&in->buf, left + (size_t)n);
	return RC_OK;
}

static char *
line_end(const struct rc_input *in)
{
	size_t left = in->buf.len - in->used;

	return left == 0 ? NULL : memchr(in->buf.data + in->used, '\n', left);
}

static bool
readable(const struct rc_input *in)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

bool
rc_input_ready(const struct rc_input *in)
{
	return in->fd < 0 || in->eof || line_end(in) != NULL || readable(in);
}

int
rc_input_fd(const struct rc_input *in)
{
	return in->fd;
}

/* Spreadsheets put one before the first line; nobody sees it. */
static void
drop_byte_order_mark(struct rc_slice *line)
{
	if (line->len >= 3 && memcmp(line->p, "\xef\xbb\xbf", 3) == 0) {
		line->p += 3;
		line->len -= 3;
	}
}

/* A line of the open file; RC_END at its end. */
static enum rc_err
next_of_file(
    struct rc_input *in, bool wait, struct rc_slice *line, struct rc_error *e)
{
	enum rc_err err;
	char *end;

	while ((end = line_end(in)) == NULL && !in->eof) {
		if (!wait && !readable(in))
			return RC_NOTFOUND;
		err = fill(in, e);
		if (err != RC_OK)
			return err;
	}
	if (in->used == in->buf.len)
		return RC_END;
	in->line++;
	line->p = in->buf.data + in->used;
	line->len =
	    end != NULL ? (size_t)(end - line->p) : in->buf.len - in->used;
	in->used += line->len + (end != NULL);
	in->taken += line->len + (end != NULL);
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	if (line->len > RC_LINE_MAX)
		return too_long(in, e);
	if (memchr(line->p, '\0', line->len) != NULL)
		return rc_err_set(e, RC_EDATA,
		    "%s has a NUL byte: this is UTF-16 or no text, save it as "
		    "UTF-8",
		    rc_input_where(in));
	if (in->line == 1)
		drop_byte_order_mark(line);
	return RC_OK;
}

static enum rc_err
next_line(
    struct rc_input *in, bool wait, struct rc_slice *line, struct rc_error *e)
{
	enum rc_err err;
	const char *operand;

	for (;;) {
		if (in->fd >= 0) {
			err = next_of_file(in, wait, line, e);
			if (err == RC_OK && rc_slice_trim(*line).len == 0)
				continue;
			if (err != RC_END)
				return err;
			close_file(in);
		}
		if (in->at == in->noperands)
			return RC_END;
		operand = in->operand[in->at++];
		if (!in->files && strcmp(operand, "-") != 0) {
			*line = rc_slice_str(operand);
			return RC_OK;
		}
		err = open_operand(in, operand, e);
		if (err != RC_OK)
			return err;
	}
}

enum rc_err
rc_input_next(struct rc_input *in, struct rc_slice *line, struct rc_error *e)
{
	return next_line(in, true, line, e);
}

enum rc_err
rc_input_try(struct rc_input *in, struct rc_slice *line, struct rc_error *e)
{
	return next_line(in, false, line, e);
}
