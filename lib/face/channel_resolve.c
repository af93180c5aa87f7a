#include "face/channel_args.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_MAX_LEN 300 /* bytes of "auth.token_headers" and the like */

/* Writing the object in which nothing is left to be resolved. */
struct resolving {
	const struct rc_channel_args *args;
	bool change; /* of a channel that is there */
	struct rc_json_writer *jw;
	struct rc_error *e;
};

/* "s3:", "http:", and what may be meant as such. */
static bool
has_scheme(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) ||
	       (n > 0 && strchr("+.-", text[n]) != NULL && text[n] != '\0'))
		n++;
	return n > 0 && text[n] == ':';
}

/* A relative path is meant from here; cron runs elsewhere. */
static enum rc_err
make_absolute(struct rc_buf *value, struct rc_error *e)
{
	const char *text = rc_buf_str(value);
	struct rc_buf whole = RC_BUF_INIT(RC_SECRET_MAX);
	char *here;
	enum rc_err err;

	if (*text == '\0' || strchr("/~", *text) != NULL ||
	    strcmp(text, "-") == 0 || has_scheme(text))
		return RC_OK;
	here = getcwd(NULL, 0);
	if (here == NULL)
		return rc_err_errno(e, RC_ENOINPUT,
		    "cannot tell the directory '%s' is in", text);
	rc_buf_addf(&whole, "%s/%s", strcmp(here, "/") == 0 ? "" : here, text);
	free(here);
	err = rc_buf_check(&whole, "the path", e);
	rc_buf_free(value);
	*value = whole;
	return err;
}

static enum rc_err
check_readable(const struct rc_buf *path, struct rc_error *e)
{
	const char *text = rc_buf_str(path);

	if (*text != '\0' && access(text, R_OK) != 0)
		return rc_err_errno(e, RC_ENOINPUT, "cannot read '%s'", text);
	return RC_OK;
}

static enum rc_err
write_text(struct resolving *r, const char *path, const char *text, bool secret)
{
	bool is_cacert =
	    strcmp(path, "cacert") == 0 || strcmp(path, "list_cacert") == 0;
	struct rc_buf value = RC_BUF_INIT(0);
	enum rc_err err;

	/* The mask discloses nothing. */
	if (r->change && strcmp(text, RC_MASK) == 0)
		secret = false;
	err = rc_cli_value(text, secret, &value, r->e);
	if (err == RC_OK && !rc_utf8_valid(rc_buf_slice(&value)))
		err = rc_err_set(r->e, RC_EUSAGE, "no valid UTF-8");
	if (err == RC_OK && (strcmp(path, "list_source") == 0 || is_cacert))
		err = make_absolute(&value, r->e);
	if (err == RC_OK && is_cacert)
		err = check_readable(&value, r->e);
	if (err == RC_OK)
		rc_jw_str(r->jw, rc_buf_slice(&value));
	else
		err = rc_err_prefix(r->e, "'%s'", path);
	rc_wipe(&value);
	rc_buf_free(&value);
	return err;
}

static bool
is_overridden(const struct rc_channel_args *args, const char *path)
{
	const struct rc_channel_key *k =
	    rc_channel_key_find(rc_slice_str(path));

	if (k == NULL)
		return false;
	for (size_t i = 0; i < args->nheaders; i++)
		if (args->header[i].key == k)
			return true;
	return args->value[k - rc_channel_keys] != NULL;
}

static enum rc_err write_value(struct resolving *, const char *path,
    const struct rc_json_value *, bool secret);

/* A header's value is secret when the header says so beside it. */
static bool
member_is_secret(
    const char *path, const struct rc_json_value *object, struct rc_slice key)
{
	return rc_channel_key_is_secret(path) ||
	       (rc_slice_is(key, "value") &&
		   rc_json_bool(rc_json_get(object, "secret")));
}

/* One whose value is a reference is a secret, unless it says otherwise. */
static void
write_secret(
    struct resolving *r, const char *path, const struct rc_json_value *object)
{
	const struct rc_channel_key *k =
	    rc_channel_key_find(rc_slice_str(path));
	struct rc_slice value = rc_json_str(rc_json_get(object, "value"));

	if (k == NULL || k->type != RC_KEY_HEADERS ||
	    rc_json_get(object, "secret") != NULL ||
	    !rc_cli_is_reference(value))
		return;
	rc_jw_key(r->jw, "secret");
	rc_jw_bool(r->jw, true);
}

static enum rc_err
write_members(
    struct resolving *r, const char *path, const struct rc_json_value *object)
{
	const struct rc_json_value *v = rc_json_first(object);
	struct rc_buf member = RC_BUF_INIT(PATH_MAX_LEN);
	struct rc_buf key = RC_BUF_INIT(PATH_MAX_LEN);
	enum rc_err err = RC_OK;

	for (; v != NULL && err == RC_OK; v = rc_json_next(v)) {
		rc_buf_reset(&key);
		rc_buf_addv(&key, rc_json_key(v));
		rc_buf_reset(&member);
		rc_buf_addf(&member, "%s%s%s", path, *path == '\0' ? "" : ".",
		    rc_buf_str(&key));
		err = rc_buf_check(&member, "a key of the object", r->e);
		if (err != RC_OK || is_overridden(r->args, rc_buf_str(&member)))
			continue;
		rc_jw_key(r->jw, rc_buf_str(&key));
		err = write_value(r, rc_buf_str(&member), v,
		    member_is_secret(
			rc_buf_str(&member), object, rc_json_key(v)));
	}
	if (err == RC_OK)
		write_secret(r, path, object);
	rc_buf_free(&member);
	rc_buf_free(&key);
	return err;
}

static enum rc_err
write_elements(
    struct resolving *r, const char *path, const struct rc_json_value *array)
{
	const struct rc_json_value *v = rc_json_first(array);
	enum rc_err err = RC_OK;

	rc_jw_array(r->jw);
	for (; v != NULL && err == RC_OK; v = rc_json_next(v))
		err = write_value(r, path, v, false);
	rc_jw_end(r->jw);
	return err;
}

static enum rc_err
write_string(struct resolving *r, const char *path,
    const struct rc_json_value *v, bool secret)
{
	struct rc_buf text = RC_BUF_INIT(RC_SECRET_MAX);
	enum rc_err err;

	rc_buf_addv(&text, rc_json_str(v));
	err = rc_buf_check(&text, path, r->e);
	if (err == RC_OK)
		err = write_text(r, path, rc_buf_str(&text), secret);
	rc_wipe(&text);
	rc_buf_free(&text);
	return err;
}

static enum rc_err
write_value(struct resolving *r, const char *path,
    const struct rc_json_value *v, bool secret)
{
	enum rc_err err = RC_OK;

	switch (rc_json_type(v)) {
	case RC_JSON_OBJECT:
		rc_jw_object(r->jw);
		err = write_members(r, path, v);
		rc_jw_end(r->jw);
		return err;
	case RC_JSON_ARRAY:
		return write_elements(r, path, v);
	case RC_JSON_STRING:
		return write_string(r, path, v, secret);
	default:
		rc_jw_value(r->jw, v);
		return RC_OK;
	}
}

/* An option's value, where nothing takes away what is there. */
static enum rc_err
write_given(
    struct resolving *r, const char *path, const char *text, bool secret)
{
	if (!r->change || *text != '\0')
		return write_text(r, path, text, secret);
	rc_jw_null(r->jw);
	return RC_OK;
}

/* "NAME:VALUE"; one whose value is a reference is a secret. */
static enum rc_err
write_header(struct resolving *r, const char *key, const char *text)
{
	const char *colon = strchr(text, ':'), *value;
	enum rc_err err;

	if (colon == NULL)
		return rc_err_set(r->e, RC_EUSAGE,
		    "'%s' takes NAME:VALUE, or NAME:env:VARIABLE for a "
		    "secret",
		    key);
	value = colon + 1 + strspn(colon + 1, " ");
	rc_jw_object(r->jw);
	rc_jw_key(r->jw, "name");
	rc_jw_str(r->jw, (struct rc_slice){text, (size_t)(colon - text)});
	rc_jw_key(r->jw, "value");
	err = write_given(r, key, value, false);
	rc_jw_key(r->jw, "secret");
	rc_jw_bool(r->jw, rc_cli_is_reference(rc_slice_str(value)));
	rc_jw_end(r->jw);
	return err;
}

static enum rc_err
write_headers(struct resolving *r, const struct rc_channel_key *k)
{
	enum rc_err err = RC_OK;

	rc_jw_key(r->jw, k->name);
	rc_jw_array(r->jw);
	for (size_t i = 0; i < r->args->nheaders && err == RC_OK; i++)
		if (r->args->header[i].key == k)
			err = write_header(r, k->name, r->args->header[i].text);
	rc_jw_end(r->jw);
	return err;
}

/* Options go in under their full names, which need no group around them. */
static enum rc_err
write_options(struct resolving *r)
{
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < rc_channel_nkeys && err == RC_OK; i++) {
		const struct rc_channel_key *k = &rc_channel_keys[i];

		if (!is_overridden(r->args, k->name))
			continue;
		if (k->type == RC_KEY_HEADERS) {
			err = write_headers(r, k);
		} else {
			rc_jw_key(r->jw, k->name);
			err = write_given(
			    r, k->name, r->args->value[i], k->secret);
		}
	}
	return err;
}

static enum rc_err
write_object(struct resolving *r, struct rc_slice object)
{
	struct rc_json *json = NULL;
	enum rc_err err = RC_OK;

	rc_jw_object(r->jw);
	if (rc_slice_trim(object).len > 0) {
		err = rc_json_parse(&json, object, r->e);
		if (err == RC_OK &&
		    rc_json_type(rc_json_root(json)) != RC_JSON_OBJECT)
			err = rc_err_set(
			    r->e, RC_EDATA, "stdin holds no JSON object");
		if (err == RC_OK)
			err = write_members(r, "", rc_json_root(json));
	}
	if (err == RC_OK)
		err = write_options(r);
	rc_jw_end(r->jw);
	rc_json_free(json);
	return err == RC_OK ? rc_jw_finish(r->jw, r->e) : err;
}

enum rc_err
rc_channel_args_resolve(const struct rc_channel_args *args,
    struct rc_slice object, bool change, struct rc_json **out,
    struct rc_error *e)
{
	struct rc_buf text = RC_BUF_INIT(RC_JSON_MAX);
	struct rc_json_writer jw = rc_json_writer_start(&text);
	struct resolving r = {args, change, &jw, e};
	enum rc_err err = write_object(&r, object);

	*out = NULL;
	if (err == RC_OK)
		err = rc_json_parse(out, rc_buf_slice(&text), e);
	rc_wipe(&text);
	rc_buf_free(&text);
	return err;
}
