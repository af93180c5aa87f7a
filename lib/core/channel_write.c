#include "core/channel_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS (3600ULL * 1000)
#define SEALED_MAX (RC_SECRET_MAX + 64)
#define RECORD_MAX (1u << 20)

struct writing {
	struct rc_json_writer *jw;
	const struct rc_channel *channel;
	const struct rc_seal *seal; /* NULL: secrets are masked */
	enum rc_err err;
	struct rc_error *e;
};

/* {"sealed":"BASE64"} or the mask. */
static void
write_secret(struct writing *w, const char *field, const char *secret)
{
	struct rc_buf sealed = RC_BUF_INIT(SEALED_MAX);
	struct rc_buf base64 = RC_BUF_INIT(2 * (size_t)SEALED_MAX);

	if (w->seal == NULL) {
		rc_jw_cstr(w->jw, RC_MASK);
		return;
	}
	if (w->err == RC_OK)
		w->err = rc_seal_lock(w->seal, w->channel->number, field,
		    rc_slice_str(secret), &sealed, w->e);
	rc_base64(&base64, rc_buf_slice(&sealed));
	if (w->err == RC_OK)
		w->err = rc_buf_check(&base64, field, w->e);
	rc_jw_object(w->jw);
	rc_jw_key(w->jw, "sealed");
	rc_jw_str(w->jw, rc_buf_slice(&base64));
	rc_jw_end(w->jw);
	rc_buf_free(&sealed);
	rc_buf_free(&base64);
}

static void
write_url(struct writing *w, const struct rc_channel_key *k)
{
	struct rc_buf shown = RC_BUF_INIT(RC_CHANNEL_SHOWN_MAX);

	rc_channel_key_shown(k, rc_channel_text(w->channel, k), &shown);
	if (shown.state != RC_BUF_FINE) /* then all is not written whole */
		w->jw->out->state = shown.state;
	rc_jw_str(w->jw, rc_buf_slice(&shown));
	rc_buf_free(&shown);
}

static void
write_header(struct writing *w, const struct rc_channel_key *k,
    const struct rc_channel_header *h)
{
	char field[RC_CHANNEL_FIELD_MAX];

	rc_jw_object(w->jw);
	rc_jw_key(w->jw, "name");
	rc_jw_cstr(w->jw, h->name);
	rc_jw_key(w->jw, "value");
	rc_channel_header_field(field, k, h->name);
	if (h->secret) {
		write_secret(w, field, h->value);
		rc_jw_key(w->jw, "secret");
		rc_jw_bool(w->jw, true);
	} else {
		rc_jw_cstr(w->jw, h->value);
	}
	rc_jw_end(w->jw);
}

static void
write_headers(struct writing *w, const struct rc_channel_key *k)
{
	const struct rc_channel_header *h = rc_channel_value(w->channel, k);
	size_t n = rc_channel_header_count(w->channel, k);

	rc_jw_array(w->jw);
	for (size_t i = 0; i < n; i++)
		write_header(w, k, &h[i]);
	rc_jw_end(w->jw);
}

static void
write_cap(struct writing *w)
{
	static const struct {
		uint64_t ms;
		char letter;
	} units[] = {{24 * HOUR_MS, 'd'}, {HOUR_MS, 'h'}, {60ULL * 1000, 'm'},
	    {1000, 's'}};
	const struct rc_channel *c = w->channel;
	char text[48];
	size_t i = c->cap_window_ms == 24 * HOUR_MS ? 1 : 0;

	if (c->cap == 0) {
		rc_jw_cstr(w->jw, "none");
		return;
	}
	while (i < 3 && c->cap_window_ms % units[i].ms != 0)
		i++;
	snprintf(text, sizeof(text), "%u/%" PRIu64 "%c", c->cap,
	    c->cap_window_ms / units[i].ms, units[i].letter);
	rc_jw_cstr(w->jw, text);
}

static void
write_status(struct writing *w)
{
	char text[16];

	snprintf(text, sizeof(text), "%u-%u", w->channel->status_min,
	    w->channel->status_max);
	rc_jw_cstr(w->jw, text);
}

/* NULL: the default, which has no name. */
static const char *
choice_name(const struct rc_channel *c, const struct rc_channel_key *k)
{
	unsigned value;

	memcpy(&value, rc_channel_value(c, k), sizeof(value));
	return k->choice[value];
}

static void
write_value(struct writing *w, const struct rc_channel_key *k)
{
	switch (k->type) {
	case RC_KEY_CHOICE:
		rc_jw_cstr(w->jw, choice_name(w->channel, k));
		break;
	case RC_KEY_NUMBER:
		rc_jw_double(
		    w->jw, *(const double *)rc_channel_value(w->channel, k));
		break;
	case RC_KEY_COUNT:
		rc_jw_u64(
		    w->jw, *(const unsigned *)rc_channel_value(w->channel, k));
		break;
	case RC_KEY_CAP:
		write_cap(w);
		break;
	case RC_KEY_STATUS:
		write_status(w);
		break;
	case RC_KEY_HEADERS:
		write_headers(w, k);
		break;
	case RC_KEY_TEXT:
	case RC_KEY_URL:
	case RC_KEY_POINTER:
	case RC_KEY_QUIET:
		if (k->secret)
			write_secret(
			    w, k->name, rc_channel_text(w->channel, k));
		else if (w->seal == NULL && rc_channel_key_is_url(k))
			write_url(w, k);
		else
			rc_jw_cstr(w->jw, rc_channel_text(w->channel, k));
		break;
	}
}

/* Whether there is something to write: a value, or a default that counts. */
static bool
is_set(const struct rc_channel *c, const struct rc_channel_key *k)
{
	if (!rc_channel_key_fits(k, c))
		return false;
	switch (k->type) {
	case RC_KEY_CHOICE:
		return choice_name(c, k) != NULL;
	case RC_KEY_COUNT:
	case RC_KEY_CAP:
	case RC_KEY_STATUS:
		return true;
	case RC_KEY_NUMBER:
	case RC_KEY_HEADERS:
		break;
	case RC_KEY_TEXT:
	case RC_KEY_URL:
	case RC_KEY_POINTER:
	case RC_KEY_QUIET:
		if (!k->secret)
			return rc_channel_text(c, k) != NULL;
		break;
	}
	return rc_channel_given(c, k);
}

/* Length of the group a name lies in, its dot included; 0: none. */
static size_t
group_len(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot == NULL ? 0 : (size_t)(dot - name) + 1;
}

static void
enter_group(struct writing *w, const char **group, const char *name)
{
	size_t len = group_len(name);
	char text[RC_CHANNEL_FIELD_MAX];

	if (len == group_len(*group) && strncmp(name, *group, len) == 0)
		return;
	if (group_len(*group) > 0)
		rc_jw_end(w->jw);
	*group = name;
	if (len == 0)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)len - 1, name);
	rc_jw_key(w->jw, text);
	rc_jw_object(w->jw);
}

static void
write_object(struct writing *w)
{
	const char *group = "";

	rc_jw_object(w->jw);
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		const struct rc_channel_key *k = &rc_channel_keys[i];

		if (!is_set(w->channel, k))
			continue;
		enter_group(w, &group, k->name);
		rc_jw_key(w->jw, k->name + group_len(k->name));
		write_value(w, k);
	}
	enter_group(w, &group, "");
	rc_jw_end(w->jw);
}

void
rc_channel_write(struct rc_json_writer *jw, const struct rc_channel *c)
{
	struct writing w = {.jw = jw, .channel = c};

	write_object(&w);
}

enum rc_err
rc_channel_write_sealed(struct rc_buf *out, const struct rc_channel *c,
    const struct rc_seal *seal, struct rc_error *e)
{
	struct rc_json_writer jw = rc_json_writer_start(out);
	struct writing w = {&jw, c, seal, RC_OK, e};

	write_object(&w);
	return w.err == RC_OK ? rc_jw_finish(&jw, e) : w.err;
}

enum rc_err
rc_channel_shown(const struct rc_channel *c, const struct rc_channel_key *k,
    struct rc_buf *out, struct rc_error *e)
{
	struct rc_buf value = RC_BUF_INIT(RECORD_MAX);
	struct rc_json_writer jw = rc_json_writer_start(&value);
	struct writing w = {.jw = &jw, .channel = c, .e = e};
	struct rc_json *json = NULL;
	enum rc_err err;

	if (!is_set(c, k))
		return RC_NOTFOUND;
	write_value(&w, k);
	err = rc_jw_finish(&jw, e);
	if (err == RC_OK)
		err = rc_json_parse(&json, rc_buf_slice(&value), e);
	if (err == RC_OK)
		rc_json_to_text(rc_json_root(json), out);
	rc_json_free(json);
	rc_buf_free(&value);
	return err == RC_OK ? rc_buf_check(out, k->name, e) : err;
}
