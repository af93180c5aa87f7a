#include "face/send.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/gsm.h"

#include <stdio.h>

#define LABEL_WIDTH 12
#define SHOWN_MAX 2000 /* bytes of a sample */
#define OPENINGS_SHOWN 4

/* Begins a line of the block; what follows is printed behind it. */
static void
label(const char *name)
{
	fprintf(stderr, "  %-*s", LABEL_WIDTH, name);
}

/* "1 segment", "2 segments" */
static void
print_count(uint64_t n, const char *what)
{
	fprintf(stderr, "%llu %s%s", (unsigned long long)n, what,
	    n == 1 ? "" : "s");
}

static uint64_t
would_send(const struct rc_send_tool *t)
{
	return t->counts.outcome[RC_SEND_WOULD];
}

/* --- texts ---------------------------------------------------------------- */

/* Of those that are not printed yet, what most texts have; there is one. */
static size_t
next_odd(const struct rc_forecast *f, const bool *done)
{
	size_t most = 0;

	for (size_t i = 1; i < f->nodd; i++)
		if (!done[i] &&
		    (done[most] || f->odd[i].texts > f->odd[most].texts))
			most = i;
	return most;
}

/* What makes texts UCS-2, most of it first. */
static void
print_odd(const struct rc_forecast *f)
{
	bool done[RC_FORECAST_ODD] = {false};
	char name[RC_GSM_NAME_LEN];

	if (f->nodd == 0)
		return;
	label("because of");
	for (size_t n = 0; n < f->nodd; n++) {
		size_t most = next_odd(f, done);

		done[most] = true;
		rc_gsm_char_name(f->odd[most].c, name);
		fprintf(stderr, "%s%s in %llu", n == 0 ? "" : ", ", name,
		    (unsigned long long)f->odd[most].texts);
	}
	if (f->odd_others > 0)
		fprintf(stderr, ", others in %llu",
		    (unsigned long long)f->odd_others);
	fputc('\n', stderr);
}

static void
print_texts(const struct rc_forecast *f)
{
	uint64_t unknown = f->texts[0][0];

	if (unknown > 0) {
		label("segments");
		fprintf(stderr,
		    "not known: which part of the document is the text is "
		    "for the provider to know\n");
	}
	for (int ucs2 = 0; ucs2 < 2; ucs2++)
		for (unsigned n = 1; n < RC_FORECAST_SEGMENTS; n++) {
			if (f->texts[ucs2][n] == 0)
				continue;
			label(ucs2 ? "UCS-2" : "GSM-7");
			print_count(f->texts[ucs2][n], "text");
			fputs(" of ", stderr);
			print_count(n, "segment");
			fputc('\n', stderr);
		}
	print_odd(f);
}

static void
print_variants(const struct rc_send_config *c)
{
	for (size_t i = 0; i < c->nvariants; i++) {
		struct rc_slice name = c->variants[i].name;

		label(i == 0 ? "variants" : "");
		print_count(c->forecast->of_variant[i], "text");
		fprintf(stderr, " of '%.*s'\n", (int)name.len, name.p);
	}
}

/* --- cost and duration ---------------------------------------------------- */

static void
print_cost(const struct rc_forecast *f)
{
	char cost[RC_NUM_DECIMAL_LEN], price[RC_NUM_DECIMAL_LEN];

	if (f->segments > 0) {
		label("segments");
		fprintf(stderr, "%llu\n", (unsigned long long)f->segments);
	}
	if (f->price == 0 || f->cost == 0 || f->cost == UINT64_MAX)
		return;
	rc_num_decimal_format(f->cost, RC_SEND_COST_DIGITS, cost);
	rc_num_decimal_format(f->price, RC_SEND_COST_DIGITS, price);
	label("cost");
	fprintf(stderr, "%s%s at %s a segment\n",
	    f->texts[0][0] > 0 ? "at least " : "", cost, price);
}

static void
print_time_needed(const struct rc_send_tool *t)
{
	const struct rc_channel *c = t->config.channel;
	double rate = t->config.rate > 0 ? t->config.rate : c->rate;
	char text[RC_DURATION_LEN];

	if (would_send(t) == 0)
		return;
	label("duration");
	if (rate > 0) {
		rc_duration_format((double)would_send(t) / rate, text);
		fprintf(stderr, "%s at %.6g a second\n", text, rate);
		return;
	}
	fprintf(stderr, "without a rate: as fast as %u %s answered\n",
	    c->concurrency,
	    c->concurrency == 1 ? "request is" : "requests at once are");
}

/* --- who waits, and what changed ------------------------------------------ */

static void
print_quiet(const struct rc_forecast *f)
{
	char time[RC_TIME_LEN];
	uint64_t later = 0;

	if (f->nopenings == 0 && f->opens_never == 0)
		return;
	label("wait");
	for (size_t i = 0; i < f->nopenings; i++) {
		if (i >= OPENINGS_SHOWN) {
			later += f->opening[i].recipients;
			continue;
		}
		rc_time_format(f->opening[i].at_ms, time);
		fprintf(stderr, "%s%llu until %s", i == 0 ? "" : ", ",
		    (unsigned long long)f->opening[i].recipients, time);
	}
	if (later > 0)
		fprintf(stderr, ", %llu longer", (unsigned long long)later);
	if (f->opens_never > 0)
		fprintf(stderr, "%s%llu at all times",
		    f->nopenings == 0 ? "" : ", ",
		    (unsigned long long)f->opens_never);
	fputc('\n', stderr);
}

/* What of the channel's and of the options' may hold people back. */
static void
print_limits(const struct rc_send_config *c)
{
	char text[RC_NUM_DECIMAL_LEN], time[RC_TIME_LEN];
	char window[RC_DURATION_LEN];
	const struct rc_channel *channel = c->channel;

	if (channel->cap > 0) {
		rc_duration_format(
		    (double)channel->cap_window_ms / 1000, window);
		label("cap");
		fprintf(stderr, "%u a person in %s\n", channel->cap, window);
	}
	if (channel->quiet_hours != NULL) {
		label("quiet hours");
		fprintf(stderr, "%s\n", channel->quiet_hours);
	}
	if (c->max > 0) {
		label("--max");
		fprintf(stderr, "%llu\n", (unsigned long long)c->max);
	}
	if (c->max_cost > 0) {
		rc_num_decimal_format(c->max_cost, RC_SEND_COST_DIGITS, text);
		label("--max-cost");
		fprintf(stderr, "%s\n", text);
	}
	if (c->not_after_ms > 0) {
		rc_time_format(c->not_after_ms, time);
		label("--not-after");
		fprintf(stderr, "%s\n", time);
	}
}

static void
print_changes(const struct rc_send_tool *t)
{
	const struct rc_forecast *f = t->config.forecast;
	char time[RC_TIME_LEN];

	if (f->last_run_ms == 0)
		return;
	rc_time_format(f->last_run_ms, time);
	label("last run");
	fprintf(stderr, "%s%s\n", time,
	    f->amended ? ", with another text" : ", with the same text");
	label("since then");
	fprintf(stderr,
	    "%llu opted in and %llu withdrew of these; %llu more have no "
	    "message yet\n",
	    (unsigned long long)f->began, (unsigned long long)f->ended,
	    (unsigned long long)f->others);
}

/* --- samples -------------------------------------------------------------- */

/* Names and such are of foreign origin: nothing may steer the terminal. */
static void
print_clean(struct rc_slice text)
{
	size_t n = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;

	/* Not within a character. */
	while (n < text.len && n > 0 && (text.p[n] & 0xc0) == 0x80)
		n--;
	label("");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\n' && i + 1 < n) {
			fputc('\n', stderr);
			label("");
		} else if (c >= 0x20 && c != 0x7f) {
			fputc(c, stderr);
		} else if (c != '\n') {
			fputc('?', stderr);
		}
	}
	fputs(n < text.len ? " ...\n" : "\n", stderr);
}

static void
print_samples(const struct rc_send_config *c)
{
	const struct rc_forecast *f = c->forecast;

	for (size_t i = 0; i < f->nsamples; i++) {
		const struct rc_forecast_sample *s = &f->sample[i];

		label(i == 0 ? "samples" : "");
		fputs(s->to.text, stderr);
		if (s->size.segments > 0) {
			fprintf(
			    stderr, ", %s, ", s->size.ucs2 ? "UCS-2" : "GSM-7");
			print_count(s->size.segments, "segment");
		}
		if (c->nvariants > 0)
			fprintf(stderr, ", '%.*s'",
			    (int)c->variants[s->variant].name.len,
			    c->variants[s->variant].name.p);
		fputs(":\n", stderr);
		print_clean(rc_buf_slice(&s->rendered));
	}
}

void
rc_send_summary(const struct rc_send_tool *t)
{
	const struct rc_send_config *c = &t->config;

	fprintf(stderr, "rc-send: dry run of campaign '%s' on channel '%s':\n",
	    c->campaign, c->channel->name);
	label("would send");
	fprintf(stderr, "%llu of ", (unsigned long long)would_send(t));
	print_count(t->counts.recipients, "recipient");
	fputc('\n', stderr);
	print_variants(c);
	print_texts(c->forecast);
	print_cost(c->forecast);
	print_time_needed(t);
	print_limits(c);
	print_quiet(c->forecast);
	print_changes(t);
	print_samples(c);
}
