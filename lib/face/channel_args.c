#include "face/channel_args.h"

void
rc_channel_options(
    const struct rc_option *own, struct rc_option all[RC_CHANNEL_OPTIONS_MAX])
{
	size_t n = 0;

	for (; own->name != NULL; own++)
		all[n++] = *own;
	for (size_t i = 0; i < rc_channel_nkeys; i++) {
		const struct rc_channel_key *k = &rc_channel_keys[i];

		all[n++] = (struct rc_option){
		    RC_CHANNEL_OPTION + (int)i, k->option, k->value, k->help};
	}
	all[n] = (struct rc_option){0};
}

enum rc_err
rc_channel_args_take(
    struct rc_channel_args *args, int id, const char *value, struct rc_error *e)
{
	int i = id - RC_CHANNEL_OPTION;
	size_t max = sizeof(args->header) / sizeof(args->header[0]);

	if (i < 0 || (size_t)i >= rc_channel_nkeys)
		return RC_NOTFOUND;
	args->any = true;
	if (rc_channel_keys[i].type != RC_KEY_HEADERS) {
		args->value[i] = value;
		return RC_OK;
	}
	if (args->nheaders == max)
		return rc_err_set(e, RC_EUSAGE, "more than %zu headers", max);
	args->header[args->nheaders].key = &rc_channel_keys[i];
	args->header[args->nheaders++].text = value;
	return RC_OK;
}

enum rc_err
rc_channel_args_parse(const struct rc_channel_args *args, const char *name,
    struct rc_slice object, struct rc_channel **out, struct rc_error *e)
{
	struct rc_json *json = NULL;
	enum rc_err err;

	*out = NULL;
	err = rc_channel_args_resolve(args, object, false, &json, e);
	if (err == RC_OK)
		err = rc_channel_parse(out, name, rc_json_root(json), e);
	rc_json_free(json);
	return err;
}
