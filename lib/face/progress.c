#include "face/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SHOW_EVERY_US 100000
#define BAR_WIDTH 10
#define COLUMNS_MIN 60 /* with a bar */
#define COLUMNS_USUAL 80
#define LINE_MAX_COLUMNS 250
#define WIPE "\r\033[K"

static bool shown; /* a line stands on the terminal */

void
rc_progress_start(struct rc_progress *p, const struct rc_cli *cli,
    const char *what, const char *unit)
{
	const char *term = rc_cli_env("TERM");

	*p = (struct rc_progress){
	    .on = !cli->quiet && isatty(STDERR_FILENO) &&
		  (term == NULL || strcmp(term, "dumb") != 0),
	    .what = what,
	    .unit = unit,
	    .started_us = rc_clock_mono_us(),
	};
}

bool
rc_progress_due(const struct rc_progress *p)
{
	return p->on && rc_clock_mono_us() - p->shown_us >= SHOW_EVERY_US;
}

/* "1.2k recipients" */
static void
add_count(struct rc_buf *line, double n, const char *unit)
{
	static const char *const scale[] = {"", "k", "M", "G", "T"};
	size_t i = 0;

	while (n >= 1000 && i + 1 < sizeof(scale) / sizeof(scale[0])) {
		n /= 1000;
		i++;
	}
	rc_buf_addf(line, "%.*f%s%s", i == 0 ? 0 : 1, n, scale[i], unit);
}

static void
add_share(struct rc_buf *line, double share, double seconds, int columns)
{
	char left[RC_DURATION_LEN];
	int full = (int)(share * BAR_WIDTH);

	if (columns >= COLUMNS_MIN) {
		rc_buf_addc(line, '[');
		for (int i = 0; i < BAR_WIDTH; i++)
			rc_buf_addc(line, i < full ? '#' : '.');
		rc_buf_adds(line, "] ");
	}
	rc_duration_format(seconds * (1 - share) / share, left);
	rc_buf_addf(line, "%3d %%, %s left  ", (int)(share * 100), left);
}

/* It may have been changed since the last time. */
static int
columns_now(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_USUAL;
	return size.ws_col < LINE_MAX_COLUMNS ? size.ws_col : LINE_MAX_COLUMNS;
}

void
rc_progress_show(
    struct rc_progress *p, uint64_t done, uint64_t total, const char *note)
{
	struct rc_buf line = RC_BUF_INIT(4096);
	int columns = columns_now();
	double seconds;

	p->shown_us = rc_clock_mono_us();
	seconds = (double)(p->shown_us - p->started_us) / 1e6;
	rc_buf_addf(&line, "%s  ", p->what);
	if (done > 0 && done <= total)
		add_share(
		    &line, (double)done / (double)total, seconds, columns);
	add_count(&line, (double)done, p->unit);
	if (seconds > 0) {
		rc_buf_adds(&line, "  ");
		add_count(&line, (double)done / seconds,
		    p->unit[0] == ' ' ? "" : p->unit);
		rc_buf_adds(&line, "/s  ");
	}
	rc_buf_adds(&line, note);
	/* A full line would make some terminals go to the next one. */
	if (line.state == RC_BUF_FINE)
		fprintf(stderr, WIPE "%.*s", columns - 1, rc_buf_str(&line));
	fflush(stderr);
	shown = true;
	rc_buf_free(&line);
}

void
rc_progress_end(struct rc_progress *p)
{
	rc_progress_wipe();
	p->on = false;
}

void
rc_progress_wipe(void)
{
	if (shown)
		fputs(WIPE, stderr);
	shown = false;
}
