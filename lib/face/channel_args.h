/*
 * Channel objects from the command line: one option for each key, an object on
 * stdin, or both, where an option stands before the object's key.  Values may
 * be "@FILE" or "env:NAME"; secrets must be.
 */
#ifndef RC_FACE_CHANNEL_ARGS_H
#define RC_FACE_CHANNEL_ARGS_H

#include "core/channel_key.h"
#include "face/cli.h"

#define RC_CHANNEL_OPTION 1000	   /* id of the option of the first key */
#define RC_CHANNEL_OPTIONS_MAX 100 /* keys and a tool's own */

struct rc_channel_args {
	const char *value[RC_CHANNEL_KEYS_MAX]; /* by key; NULL: not given */
	struct {
		const struct rc_channel_key *key;
		const char *text; /* "NAME:VALUE" */
	} header[2 * RC_CHANNEL_HEADERS];
	size_t nheaders;
	bool any; /* some option was given */
};

/* A tool's own options, {0} ends, and one for each key behind them. */
void rc_channel_options(
    const struct rc_option *own, struct rc_option all[RC_CHANNEL_OPTIONS_MAX]);
/* Takes an option; RC_NOTFOUND when id is not a key's. */
enum rc_err rc_channel_args_take(struct rc_channel_args *, int id,
    const char *value, struct rc_error *) RC_MUST_USE;
/*
 * The object that options and object (empty: none) describe, its values
 * resolved.  For a change of a channel that is there, an option's empty value
 * is null, and a secret may be RC_MASK.  Errors are rc_cli_value's and
 * rc_json_parse's.
 */
enum rc_err rc_channel_args_resolve(const struct rc_channel_args *,
    struct rc_slice object, bool change, struct rc_json **,
    struct rc_error *) RC_MUST_USE;
/*
 * The channel that is described so.  Errors are rc_channel_parse's and
 * rc_channel_args_resolve's.
 */
enum rc_err rc_channel_args_parse(const struct rc_channel_args *,
    const char *name, struct rc_slice object, struct rc_channel **,
    struct rc_error *) RC_MUST_USE;

#endif
