#include "face/channel_set.h"

#include "core/channel_edit.h"
#include "face/channel_add.h"

#define ATTEMPTS 100 /* each lost one is somebody else's success */

struct setting {
	struct rc_cli *cli;
	const char *name;
	struct rc_json *object, *options;
	struct rc_channel_edit edit;
	struct rc_token token;
};

static enum rc_err
make_change(struct setting *s, struct rc_error *e)
{
	struct rc_channel_edit *edit = &s->edit;
	enum rc_err err;

	rc_channel_edit_free(edit);
	err = rc_channel_edit_open(edit, s->cli->state, s->name, e);
	if (err == RC_OK)
		err = rc_channel_edit_apply(
		    edit, rc_json_root(s->object), false, e);
	if (err == RC_OK)
		err = rc_channel_edit_apply(
		    edit, rc_json_root(s->options), true, e);
	return err == RC_OK ? rc_channel_edit_check(edit, e) : err;
}

static enum rc_err
save_change(struct setting *s, struct rc_error *e)
{
	const struct rc_channel *after = s->edit.after;
	bool auth = rc_channel_edit_changes(&s->edit, "auth.");
	bool dry_run = s->cli->dry_run;
	enum rc_err err = RC_OK;

	/* Wrong credentials save nothing. */
	if (auth)
		err = rc_channel_try(after, &s->token, e);
	if (err == RC_OK)
		err = rc_channel_edit_save(&s->edit, s->cli->state, dry_run, e);
	if (err == RC_OK && auth && after->auth == RC_AUTH_OAUTH2 && !dry_run)
		err = rc_token_store(s->cli->state, after, &s->token, e);
	return err;
}

/* Begins anew when somebody else was faster: then both changes are made. */
static enum rc_err
change(struct setting *s, struct rc_error *e)
{
	enum rc_err err = RC_EAGAIN;

	for (int i = 0; i < ATTEMPTS && err == RC_EAGAIN; i++) {
		err = make_change(s, e);
		if (err == RC_OK && s->edit.changed != 0)
			err = save_change(s, e);
	}
	return err;
}

static enum rc_err
show_change(void *arg, const char *key, const char *before, const char *after,
    struct rc_error *e)
{
	const char *value[] = {before, after}, *side[] = {"before", "after"};
	struct rc_out *out = arg;

	rc_out_begin(out);
	rc_out_cstr(out, "key", key);
	for (size_t i = 0; i < 2; i++)
		if (value[i] == NULL)
			rc_out_null(out, side[i]);
		else
			rc_out_cstr(out, side[i], value[i]);
	return rc_out_end(out, e);
}

static enum rc_err
resolve(struct setting *s, const struct rc_channel_args *args,
    struct rc_slice object, struct rc_error *e)
{
	static const struct rc_channel_args none;
	enum rc_err err;

	err = rc_channel_args_resolve(&none, object, true, &s->object, e);
	if (err == RC_OK)
		err = rc_channel_args_resolve(
		    args, RC_SLICE_LIT(""), true, &s->options, e);
	return err;
}

enum rc_err
rc_channel_change(struct rc_cli *cli, const char *name,
    const struct rc_channel_args *args, struct rc_slice object,
    struct rc_error *e)
{
	struct setting s = {.cli = cli, .name = name};
	enum rc_err err = resolve(&s, args, object, e);

	if (err == RC_OK) {
		rc_cli_open_state(cli, false);
		err = rc_state_unseal(cli->state, false, e);
	}
	if (err == RC_OK)
		err = change(&s, e);
	if (err == RC_OK && s.edit.changed != 0)
		rc_channel_warn(cli, s.edit.after);
	if (err == RC_OK)
		err = rc_channel_edit_each(&s.edit, show_change, &cli->out, e);
	rc_channel_edit_free(&s.edit);
	rc_token_free(&s.token);
	rc_json_free(s.object);
	rc_json_free(s.options);
	return err;
}
