#include "core/channel_priv.h"

#include <string.h>

/* Base64 makes 4 bytes of 3, and the seal adds 28. */
#define SEALED_MAX (RC_SECRET_MAX * 4 / 3 + 64)

/* Kept secrets are opened with the state's key, or left alone without it. */
static enum rc_err
open_secret(const struct rc_channel_reading *r, const char *field,
    const struct rc_json_value *v, char **out)
{
	struct rc_slice base64 = rc_json_str(rc_json_get(v, "sealed"));
	struct rc_buf sealed = RC_BUF_INIT(SEALED_MAX);
	struct rc_buf plain = RC_BUF_INIT(SEALED_MAX);
	bool whole;
	enum rc_err err;

	if (r->kept->seal == NULL)
		return RC_OK;
	whole = base64.len > 0 && rc_unbase64(&sealed, base64);
	if (sealed.state == RC_BUF_NOMEM)
		err = rc_err_nomem(r->e);
	else if (!whole)
		err = rc_err_set(r->e, RC_ECONFIG,
		    "the kept secret '%s' is damaged: add the channel anew",
		    field);
	else
		err = rc_seal_unlock(r->kept->seal, r->kept->number, field,
		    rc_buf_slice(&sealed), &plain, r->e);
	if (err == RC_OK)
		err = rc_channel_copy(
		    field, rc_buf_slice(&plain), RC_SECRET_MAX, out, r->e);
	rc_buf_free(&sealed);
	rc_wipe(&plain);
	rc_buf_free(&plain);
	return err;
}

enum rc_err
rc_channel_read_secret(const struct rc_channel_reading *r, const char *field,
    const struct rc_json_value *v, char **out)
{
	if (r->kept != NULL)
		return open_secret(r, field, v, out);
	if (r->change != NULL && *out != NULL &&
	    rc_slice_is(rc_json_str(v), RC_MASK))
		return RC_OK;
	if (r->change != NULL && rc_slice_is(rc_json_str(v), RC_MASK))
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' is masked, and there is no such secret to keep: give "
		    "@FILE or env:NAME",
		    field);
	if (rc_json_type(v) != RC_JSON_STRING || rc_json_str(v).len == 0)
		return rc_err_set(
		    r->e, RC_EUSAGE, "'%s' is empty or no string", field);
	return rc_channel_copy(field, rc_json_str(v), RC_SECRET_MAX, out, r->e);
}

static enum rc_err
read_plain(const struct rc_channel_reading *r, const struct rc_channel_key *k,
    const struct rc_json_value *v)
{
	struct rc_buf text = RC_BUF_INIT(RC_SECRET_MAX);
	bool stays = false;
	enum rc_err err;

	if (rc_json_type(v) != RC_JSON_STRING &&
	    rc_json_type(v) != RC_JSON_NUMBER &&
	    (rc_json_type(v) != RC_JSON_BOOL ||
		strcmp(k->name, "success.equals") != 0))
		return rc_channel_wrong(k, k->help, r->e);
	rc_json_to_text(v, &text);
	err = rc_buf_check(&text, k->name, r->e);
	if (err == RC_OK && r->kept == NULL && rc_channel_key_is_url(k))
		err = rc_channel_url_is_mask(k, rc_channel_text(r->channel, k),
		    rc_buf_slice(&text), &stays, r->e);
	if (err == RC_OK && !stays)
		err = rc_channel_set(r->channel, k, rc_buf_slice(&text), r->e);
	rc_buf_free(&text);
	return err;
}

static enum rc_err
read_key(const struct rc_channel_reading *r, const struct rc_channel_key *k,
    const struct rc_json_value *v)
{
	uint64_t bit = 1ULL << (k - rc_channel_keys);

	if (r->change != NULL)
		r->change->named |= bit;
	if (rc_json_type(v) == RC_JSON_NULL) {
		if (r->change != NULL)
			rc_channel_reset(r->channel, k);
		return RC_OK;
	}
	r->channel->given |= bit;
	if (k->type == RC_KEY_HEADERS)
		return rc_channel_read_headers(r, k, v);
	if (k->secret)
		return rc_channel_read_secret(
		    r, k->name, v, rc_channel_member(r->channel, k));
	return read_plain(r, k, v);
}

static enum rc_err
unknown_key(const struct rc_channel_reading *r, struct rc_slice name)
{
	return rc_err_set(r->e, RC_EUSAGE,
	    "unknown key '%.*s' in the channel object; did you mean '%s'?",
	    (int)(name.len > 80 ? 80 : name.len), name.p,
	    rc_channel_key_nearest(name));
}

static enum rc_err read_members(const struct rc_channel_reading *,
    const char *group, const struct rc_json_value *);

/* Groups lie in the object itself, and may be null as a whole. */
static bool
is_group(
    const char *around, const struct rc_json_value *v, struct rc_slice name)
{
	return *around == '\0' && rc_channel_key_is_group(name) &&
	       (rc_json_type(v) == RC_JSON_OBJECT ||
		   rc_json_type(v) == RC_JSON_NULL);
}

/* prefix: "auth." */
static enum rc_err
read_group(const struct rc_channel_reading *r, const char *prefix,
    const struct rc_json_value *v)
{
	enum rc_err err = RC_OK;

	if (rc_json_type(v) == RC_JSON_OBJECT)
		return read_members(r, prefix, v);
	for (size_t i = 0; i < rc_channel_nkeys && err == RC_OK; i++)
		if (strncmp(rc_channel_keys[i].name, prefix, strlen(prefix)) ==
		    0)
			err = read_key(r, &rc_channel_keys[i], v);
	return err;
}

/* Members of the object, or of a group within it. */
static enum rc_err
read_members(const struct rc_channel_reading *r, const char *group,
    const struct rc_json_value *object)
{
	const struct rc_json_value *v = rc_json_first(object);
	struct rc_buf name = RC_BUF_INIT(RC_CHANNEL_TEXT_MAX);
	enum rc_err err = RC_OK;

	for (; v != NULL && err == RC_OK; v = rc_json_next(v)) {
		const struct rc_channel_key *k;

		rc_buf_reset(&name);
		rc_buf_adds(&name, group);
		rc_buf_addv(&name, rc_json_key(v));
		err = rc_buf_check(&name, "a key of the channel object", r->e);
		if (err != RC_OK)
			break;
		k = rc_channel_key_find(rc_buf_slice(&name));
		if (k != NULL) {
			err = read_key(r, k, v);
		} else if (is_group(group, v, rc_buf_slice(&name))) {
			rc_buf_addc(&name, '.');
			err = read_group(r, rc_buf_str(&name), v);
		} else {
			err = unknown_key(r, rc_buf_slice(&name));
		}
	}
	rc_buf_free(&name);
	return err;
}

static enum rc_err
read_object(
    const struct rc_channel_reading *r, const struct rc_json_value *object)
{
	if (rc_json_type(object) != RC_JSON_OBJECT)
		return rc_err_set(r->e, RC_EUSAGE,
		    "a channel is a JSON object such as "
		    "{\"provider\":\"twilio\", …}");
	return read_members(r, "", object);
}

enum rc_err
rc_channel_read(struct rc_channel *c, const struct rc_json_value *object,
    const struct rc_channel_kept *kept, struct rc_error *e)
{
	struct rc_channel_reading r = {.channel = c, .kept = kept, .e = e};

	return read_object(&r, object);
}

enum rc_err
rc_channel_apply(struct rc_channel *c, const struct rc_json_value *object,
    struct rc_channel_change *change, struct rc_error *e)
{
	struct rc_channel_reading r = {.channel = c, .change = change, .e = e};

	return read_object(&r, object);
}

static enum rc_err
parse(struct rc_channel **out, const char *name,
    const struct rc_json_value *object, bool whole, struct rc_error *e)
{
	struct rc_channel *c = NULL;
	enum rc_err err;

	err = rc_channel_name_check(name, e);
	if (err == RC_OK)
		err = rc_channel_new(&c, name, e);
	if (err == RC_OK)
		err = rc_channel_read(c, object, NULL, e);
	if (err == RC_OK)
		err = whole ? rc_channel_check(c, e)
			    : rc_channel_check_part(c, e);
	if (err == RC_OK)
		err = rc_channel_check_given(c, e);
	if (err == RC_OK && whole)
		err = rc_channel_check_list(c, e);
	if (err != RC_OK) {
		rc_channel_free(c);
		c = NULL;
	}
	*out = c;
	return err;
}

enum rc_err
rc_channel_parse(struct rc_channel **out, const char *name,
    const struct rc_json_value *object, struct rc_error *e)
{
	return parse(out, name, object, true, e);
}

enum rc_err
rc_channel_parse_part(struct rc_channel **out, const char *name,
    const struct rc_json_value *object, struct rc_error *e)
{
	return parse(out, name, object, false, e);
}
