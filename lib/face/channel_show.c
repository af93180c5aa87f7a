#include "face/channel_show.h"

#include "core/channel_key.h"

#include <stdio.h>

#define OBJECT_MAX (1u << 20)
#define PATH_MAX_LEN 300

static enum rc_err
show_line(struct rc_out *out, const char *path, struct rc_slice value,
    struct rc_error *e)
{
	rc_out_begin(out);
	rc_out_cstr(out, "key", path);
	rc_out_str(out, "value", value);
	return rc_out_end(out, e);
}

static enum rc_err
show_headers(struct rc_out *out, const char *path,
    const struct rc_json_value *array, struct rc_error *e)
{
	const struct rc_json_value *h = rc_json_first(array);
	struct rc_buf line = RC_BUF_INIT(OBJECT_MAX);
	enum rc_err err = RC_OK;

	for (; h != NULL && err == RC_OK; h = rc_json_next(h)) {
		rc_buf_reset(&line);
		rc_buf_addv(&line, rc_json_str(rc_json_get(h, "name")));
		rc_buf_adds(&line, ": ");
		rc_buf_addv(&line, rc_json_str(rc_json_get(h, "value")));
		err = rc_buf_check(&line, path, e);
		if (err == RC_OK)
			err = show_line(out, path, rc_buf_slice(&line), e);
	}
	rc_buf_free(&line);
	return err;
}

/* Keys within a group go under their full names. */
static enum rc_err
show_members(struct rc_out *out, const char *group,
    const struct rc_json_value *object, struct rc_error *e)
{
	const struct rc_json_value *v = rc_json_first(object);
	struct rc_buf path = RC_BUF_INIT(PATH_MAX_LEN);
	struct rc_buf text = RC_BUF_INIT(OBJECT_MAX);
	enum rc_err err = RC_OK;

	for (; v != NULL && err == RC_OK; v = rc_json_next(v)) {
		enum rc_json_type type = rc_json_type(v);

		rc_buf_reset(&path);
		rc_buf_adds(&path, group);
		rc_buf_addv(&path, rc_json_key(v));
		if (type == RC_JSON_OBJECT)
			rc_buf_addc(&path, '.');
		err = rc_buf_check(&path, "key", e);
		if (err != RC_OK)
			break;
		if (type == RC_JSON_OBJECT) {
			err = show_members(out, rc_buf_str(&path), v, e);
		} else if (type == RC_JSON_ARRAY) {
			err = show_headers(out, rc_buf_str(&path), v, e);
		} else {
			rc_buf_reset(&text);
			rc_json_to_text(v, &text);
			err = rc_buf_check(&text, rc_buf_str(&path), e);
			if (err == RC_OK)
				err = show_line(out, rc_buf_str(&path),
				    rc_buf_slice(&text), e);
		}
	}
	rc_buf_free(&path);
	rc_buf_free(&text);
	return err;
}

enum rc_err
rc_channel_show(
    struct rc_out *out, const struct rc_channel *c, struct rc_error *e)
{
	struct rc_buf object = RC_BUF_INIT(OBJECT_MAX);
	struct rc_json_writer jw = rc_json_writer_start(&object);
	struct rc_json *json = NULL;
	enum rc_err err;

	rc_channel_write(&jw, c);
	err = rc_jw_finish(&jw, e);
	if (err == RC_OK && out->json) {
		err = rc_out_line(out, rc_buf_slice(&object), e);
	} else if (err == RC_OK) {
		err = rc_json_parse(&json, rc_buf_slice(&object), e);
		if (err == RC_OK)
			err = show_members(out, "", rc_json_root(json), e);
	}
	rc_json_free(json);
	rc_buf_free(&object);
	return err;
}

/* What an enum of the channel is called in its object. */
static const char *
choice(const struct rc_channel_key *k, unsigned value)
{
	return k->choice[value];
}

static enum rc_err
list_one(void *arg, const struct rc_channel *c, struct rc_error *e)
{
	struct rc_out *out = arg;
	bool twilio = c->provider == RC_PROVIDER_TWILIO;
	struct rc_buf url = RC_BUF_INIT(OBJECT_MAX);
	enum rc_err err;

	if (!twilio)
		rc_channel_url_shown(rc_slice_str(c->url), &url);
	rc_out_begin(out);
	rc_out_cstr(out, "name", c->name);
	rc_out_cstr(out, "provider",
	    choice(rc_channel_key_find(RC_SLICE_LIT("provider")),
		(unsigned)c->provider));
	rc_out_cstr(out, "identifier", rc_ident_type_name(c->identifier));
	rc_out_cstr(out, "auth",
	    twilio ? "basic"
		   : choice(rc_channel_key_find(RC_SLICE_LIT("auth.type")),
			 (unsigned)c->auth));
	rc_out_cstr(out, "target", twilio ? c->from : rc_buf_str(&url));
	err = rc_buf_check(&url, "target", e);
	rc_buf_free(&url);
	rc_out_time(out, "created", c->created_ms);
	return err == RC_OK ? rc_out_end(out, e) : err;
}

enum rc_err
rc_channel_list(struct rc_cli *cli, struct rc_error *e)
{
	return rc_channel_each(cli->state, list_one, &cli->out, e);
}

/* A channel's name, or none: for a key of one that is gone. */
struct naming {
	uint32_t number;
	char name[RC_CHANNEL_NAME_MAX + 1];
};

static enum rc_err
copy_name(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct naming *n = arg;
	struct rc_channel *c = NULL;
	enum rc_err err = rc_channel_by_number(txn, n->number, &c, e);

	if (err == RC_OK)
		snprintf(n->name, sizeof(n->name), "%s", c->name);
	rc_channel_free(c);
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
list_key(void *arg, const struct rc_api_key_info *info, struct rc_error *e)
{
	struct rc_cli *cli = arg;
	struct naming n = {.number = info->channel};
	enum rc_err err = rc_store_read(cli->state->store, copy_name, &n, e);

	if (err != RC_OK)
		return err;
	rc_out_begin(&cli->out);
	rc_out_cstr(&cli->out, "id", info->id);
	rc_out_cstr(&cli->out, "channel", n.name);
	rc_out_time(&cli->out, "created", info->created_ms);
	rc_out_str(&cli->out, "label", info->label);
	return rc_out_end(&cli->out, e);
}

enum rc_err
rc_channel_list_keys(struct rc_cli *cli, struct rc_error *e)
{
	return rc_api_key_each(cli->state, list_key, cli, e);
}
