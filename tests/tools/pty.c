/*
 * pty COMMAND...: runs a command on a terminal of its own, as somebody would
 * who reads before answering.  Each line of stdin is what the terminal is to
 * show, a tab, and what is typed then, Enter behind it; ^C, ^D and ^Z are
 * keys.  Prints what the terminal showed, and whether it echoes at the end;
 * exits as the command, 128 and the signal's number when one ended it, or 124
 * when nothing came to pass for a minute.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#define SHOWN_MAX (1 << 20)
#define PATIENCE_S 60
#define WAIT_MS 20

static char shown[SHOWN_MAX + 1];
static size_t len, seen; /* seen: answered up to here */
static int master, slave;
static pid_t child;

static void
fail(const char *what)
{
	perror(what);
	exit(70);
}

static void
start(char **argv)
{
	if (openpty(&master, &slave, NULL, NULL, NULL) != 0)
		fail("openpty");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child > 0)
		return;
	close(master);
	if (login_tty(slave) != 0)
		fail("login_tty");
	/* Whoever sits at a terminal may interrupt, whoever started this. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(argv[0], argv);
	fail(argv[0]);
}

/* Takes what the terminal shows; false when nothing came for a moment. */
static int
take(void)
{
	struct pollfd in = {.fd = master, .events = POLLIN};
	ssize_t n;

	if (poll(&in, 1, WAIT_MS) <= 0)
		return 0;
	n = read(master, shown + len, SHOWN_MAX - len);
	if (n <= 0)
		return 0;
	len += (size_t)n;
	shown[len] = '\0';
	return 1;
}

static void
end(int status)
{
	struct termios t;

	if (child > 0)
		kill(child, SIGKILL);
	while (take())
		;
	fwrite(shown, 1, len, stdout);
	if (tcgetattr(slave, &t) != 0)
		fail("tcgetattr");
	printf("\n[echo %s]\n", (t.c_lflag & ECHO) != 0 ? "on" : "off");
	exit(fflush(stdout) == 0 ? status : 74);
}

/* Waits for the text, or with NULL for the end of the command. */
static void
wait_for(const char *text)
{
	time_t until = time(NULL) + PATIENCE_S;
	const char *at;
	int status;

	for (;;) {
		at = text == NULL ? NULL : strstr(shown + seen, text);
		if (at != NULL) {
			seen = (size_t)(at - shown) + strlen(text);
			return;
		}
		if (take())
			continue;
		if (waitpid(child, &status, WNOHANG) == child) {
			child = 0;
			end(WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						: WEXITSTATUS(status));
		}
		if (time(NULL) > until) {
			fprintf(stderr, "waited for: %s\n",
			    text == NULL ? "the end" : text);
			end(124);
		}
	}
}

static void
type(const char *answer)
{
	static const char *const names[] = {"^C", "^D", "^Z"};
	static const char keys[] = {3, 4, 26};
	char line[4200];

	snprintf(line, sizeof(line), "%s\n", answer);
	for (size_t i = 0; i < sizeof(keys); i++)
		if (strcmp(answer, names[i]) == 0)
			snprintf(line, sizeof(line), "%c", keys[i]);
	if (write(master, line, strlen(line)) != (ssize_t)strlen(line))
		fail("write");
}

int
main(int argc, char **argv)
{
	char line[4200], *tab;

	if (argc < 2)
		return 64;
	start(argv + 1);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		tab = strchr(line, '\t');
		if (tab == NULL)
			return 65;
		*tab = '\0';
		wait_for(line);
		type(tab + 1);
	}
	wait_for(NULL);
}
