#include "face/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

#define SHOW_EVERY_US 100000
#define BAR_WIDTH 24

void
rc_progress_start(struct rc_progress *p, const struct rc_cli *cli,
    const char *what, const char *unit)
{
	*p = (struct rc_progress){
	    .on = !cli->quiet && isatty(STDERR_FILENO),
	    .what = what,
	    .unit = unit,
	    .started_us = rc_clock_mono_us(),
	};
}

static void
print_count(double n, const char *unit, const char *after)
{
	static const char *const scale[] = {"", "k", "M", "G", "T"};
	size_t i = 0;

	while (n >= 1000 && i + 1 < sizeof(scale) / sizeof(scale[0])) {
		n /= 1000;
		i++;
	}
	fprintf(
	    stderr, "%.*f %s%s%s", i == 0 ? 0 : 1, n, scale[i], unit, after);
}

static void
print_bar(uint64_t done, uint64_t total)
{
	int full = (int)(done * BAR_WIDTH / total);

	fprintf(stderr, "[");
	for (int i = 0; i < BAR_WIDTH; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %3d %%  ", (int)(done * 100 / total));
}

void
rc_progress_show(struct rc_progress *p, uint64_t done, uint64_t total)
{
	uint64_t now;
	double seconds;

	if (!p->on)
		return;
	now = rc_clock_mono_us();
	seconds = (double)(now - p->started_us) / 1e6;
	if (now - p->shown_us < SHOW_EVERY_US)
		return;
	p->shown_us = now;
	fprintf(stderr, "\r\033[K%s  ", p->what);
	if (total > 0 && done <= total)
		print_bar(done, total);
	print_count((double)done, p->unit, "  ");
	if (seconds > 0)
		print_count((double)done / seconds, p->unit, "/s");
	if (total > done && done > 0)
		fprintf(stderr, "  %.0f s left",
		    seconds * (double)(total - done) / (double)done);
	fflush(stderr);
}

void
rc_progress_end(struct rc_progress *p)
{
	if (p->on && p->shown_us != 0)
		fprintf(stderr, "\r\033[K");
	p->on = false;
}
