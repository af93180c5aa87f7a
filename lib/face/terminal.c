#include "face/terminal.h"

#include "sys/seal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#define SAID_MAX 1024

static const int ENDING[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
#define ENDINGS (sizeof(ENDING) / sizeof(ENDING[0]))

static volatile sig_atomic_t caught;

/* What is put back when an answer is there, or will never be. */
struct before {
	struct termios terminal;
	bool hidden;
	struct sigaction action[ENDINGS], stop;
	sigset_t mask;
};

bool
rc_terminal_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

void
rc_terminal_say(const char *fmt, ...)
{
	char text[SAID_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "%s\n", text);
}

static void
note_signal(int sig)
{
	caught = sig;
}

/* Blocked but for the wait itself: none can come between test and wait. */
static void
hold_signals(struct before *b)
{
	struct sigaction action = {.sa_handler = note_signal};
	sigset_t mask;

	caught = 0;
	sigemptyset(&mask);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ENDINGS; i++) {
		sigaddset(&mask, ENDING[i]);
		sigaction(ENDING[i], &action, &b->action[i]);
	}
	sigprocmask(SIG_BLOCK, &mask, &b->mask);
}

/* Who came back from Ctrl-Z would find a terminal that echoes the secret. */
static enum rc_err
hide(struct before *b, struct rc_error *e)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct termios hidden;

	if (tcgetattr(STDIN_FILENO, &b->terminal) != 0)
		return rc_err_errno(e, RC_EIO, "cannot ask for a secret");
	hidden = b->terminal;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGTSTP, &ignore, &b->stop);
	b->hidden = true;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
		return rc_err_errno(e, RC_EIO, "cannot hide a secret");
	return RC_OK;
}

static void
put_back(struct before *b)
{
	if (b->hidden) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &b->terminal);
		sigaction(SIGTSTP, &b->stop, NULL);
	}
	if (b->hidden || caught != 0)
		fputc('\n', stderr);
	for (size_t i = 0; i < ENDINGS; i++)
		sigaction(ENDING[i], &b->action[i], NULL);
	sigprocmask(SIG_SETMASK, &b->mask, NULL);
	if (caught != 0)
		raise(caught);
}

/* One byte: what is typed ahead stays for the next question. */
static enum rc_err
read_byte(const struct before *b, char *c, struct rc_error *e)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	ssize_t n;

	while (ppoll(&in, 1, NULL, &b->mask) < 0) {
		if (caught != 0)
			return RC_END;
		if (errno != EINTR)
			return rc_err_errno(e, RC_EIO, "cannot wait for stdin");
	}
	n = read(STDIN_FILENO, c, 1);
	if (n < 0 && errno != EIO) /* EIO: the terminal has gone */
		return rc_err_errno(e, RC_EIO, "cannot read stdin");
	return n == 1 ? RC_OK : RC_END;
}

static enum rc_err
read_line(const struct before *b, struct rc_buf *line, struct rc_error *e)
{
	enum rc_err err;
	char c = 0;

	while ((err = read_byte(b, &c, e)) == RC_OK && c != '\n')
		rc_buf_addc(line, c);
	if (err == RC_END && line->len > 0 && caught == 0)
		return RC_OK;
	return err;
}

enum rc_err
rc_terminal_ask(
    const char *prompt, bool secret, struct rc_buf *answer, struct rc_error *e)
{
	struct rc_buf line = RC_BUF_INIT(RC_ANSWER_MAX);
	struct before b = {.hidden = false};
	enum rc_err err = RC_OK;

	hold_signals(&b);
	if (secret)
		err = hide(&b, e);
	if (err == RC_OK) {
		fprintf(stderr, "%s", prompt);
		err = read_line(&b, &line, e);
	}
	put_back(&b);
	rc_buf_reset(answer);
	rc_buf_addv(answer, rc_slice_trim(rc_buf_slice(&line)));
	if (err == RC_OK)
		err = rc_buf_check(&line, "the answer", e);
	if (err == RC_OK)
		err = rc_buf_check(answer, "the answer", e);
	rc_wipe(&line);
	rc_buf_free(&line);
	return err;
}
