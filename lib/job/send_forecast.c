#include "job/send_forecast.h"

#include "text/dialzone.h"

#include <string.h>

#define RENDERED_MAX (1u << 20)
#define NEVER UINT64_MAX

void
rc_forecast_init(struct rc_forecast *f)
{
	*f = (struct rc_forecast){.segments = 0};
	for (size_t i = 0; i < RC_FORECAST_SAMPLES; i++)
		f->sample[i].rendered = RC_BUF_INIT(RENDERED_MAX);
	f->opens = RC_BUF_INIT(RENDERED_MAX);
}

void
rc_forecast_free(struct rc_forecast *f)
{
	for (size_t i = 0; i < RC_FORECAST_SAMPLES; i++)
		rc_buf_free(&f->sample[i].rendered);
	rc_buf_free(&f->opens);
}

/* --- texts ---------------------------------------------------------------- */

static void
count_odd(struct rc_forecast *f, uint32_t c)
{
	size_t i = 0;

	while (i < f->nodd && f->odd[i].c != c)
		i++;
	if (i == RC_FORECAST_ODD) {
		f->odd_others++;
		return;
	}
	if (i == f->nodd)
		f->odd[f->nodd++] = (struct rc_forecast_odd){.c = c};
	f->odd[i].texts++;
}

static bool
alike(const struct rc_forecast_sample *a, const struct rc_forecast_sample *b)
{
	return a->size.segments == b->size.segments &&
	       a->size.ucs2 == b->size.ucs2 && a->variant == b->variant;
}

/* Where a sample of another kind belongs: RC_FORECAST_SAMPLES when nowhere. */
static size_t
sample_to_replace(const struct rc_forecast *f)
{
	if (f->nsamples < RC_FORECAST_SAMPLES)
		return f->nsamples;
	for (size_t i = 1; i < RC_FORECAST_SAMPLES; i++)
		for (size_t k = 0; k < i; k++)
			if (alike(&f->sample[i], &f->sample[k]))
				return i;
	return RC_FORECAST_SAMPLES;
}

void
rc_forecast_text(struct rc_forecast *f, const struct rc_ident *to,
    const struct rc_gsm *size, size_t variant, struct rc_slice rendered)
{
	unsigned n = size->segments < RC_FORECAST_SEGMENTS
			 ? size->segments
			 : RC_FORECAST_SEGMENTS - 1;
	bool first = f->texts[size->ucs2][n]++ == 0;
	bool first_of_variant = f->of_variant[variant]++ == 0;
	struct rc_forecast_sample *sample;
	size_t i;

	f->segments += size->segments;
	if (size->first_odd != 0)
		count_odd(f, size->first_odd);
	if (!first && !first_of_variant && f->nsamples == RC_FORECAST_SAMPLES)
		return;
	i = sample_to_replace(f);
	if (i == RC_FORECAST_SAMPLES)
		return;
	sample = &f->sample[i];
	sample->to = *to;
	sample->size = *size;
	sample->variant = variant;
	rc_buf_reset(&sample->rendered);
	rc_buf_addv(&sample->rendered, rendered);
	f->nsamples += i == f->nsamples;
}

/* --- quiet hours ---------------------------------------------------------- */

/* People of a place wait for the same moment: it is found out once. */
static uint64_t
opens_at(struct rc_forecast *f, const struct rc_quiet *quiet,
    const struct rc_ident *to, uint64_t now_ms)
{
	size_t size = rc_dialzone_places() * sizeof(uint64_t);
	size_t place = RC_DIALZONE_NOWHERE;
	uint64_t opens, *known;

	if (to->type == RC_IDENT_PHONE)
		place = rc_dialzone_of(to->phone);
	if (f->opens.len == 0 && rc_buf_room(&f->opens, size) != NULL) {
		memset(f->opens.data, 0, size);
		rc_buf_cut(&f->opens, size);
	}
	known = f->opens.len == 0 ? NULL : (uint64_t *)(void *)f->opens.data;
	if (known != NULL && known[place] > now_ms)
		return known[place];
	opens = rc_quiet_opens(quiet, to, now_ms);
	if (opens == 0)
		opens = NEVER;
	if (known != NULL)
		known[place] = opens;
	return opens;
}

void
rc_forecast_quiet(struct rc_forecast *f, const struct rc_quiet *quiet,
    const struct rc_ident *to, uint64_t now_ms)
{
	uint64_t at_ms = opens_at(f, quiet, to, now_ms);
	struct rc_forecast_opening *o = f->opening;
	size_t i = 0;

	if (at_ms == NEVER) {
		f->opens_never++;
		return;
	}
	while (i < f->nopenings && o[i].at_ms < at_ms)
		i++;
	if (i == f->nopenings || o[i].at_ms > at_ms) {
		/* With no room left, told of as later than they are. */
		if (f->nopenings == RC_FORECAST_OPENINGS) {
			o[i == RC_FORECAST_OPENINGS ? i - 1 : i].recipients++;
			return;
		}
		memmove(o + i + 1, o + i, (f->nopenings - i) * sizeof(*o));
		o[i] = (struct rc_forecast_opening){.at_ms = at_ms};
		f->nopenings++;
	}
	o[i].recipients++;
}
