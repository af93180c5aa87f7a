/*
 * Where rc-import has the list from: its operand and options, and what these
 * leave open from the channel's list_* keys.
 *
 * The channel's access key and secret go to the channel's own source, and to
 * any s3://, which they sign for and are not sent to; never to another web
 * server, whatever the operand says.
 */
#ifndef RC_FACE_LIST_SOURCE_H
#define RC_FACE_LIST_SOURCE_H

#include "face/cli.h"
#include "job/source.h"

enum rc_list_option {
	RC_LIST_ENDPOINT = 500,
	RC_LIST_REGION,
	RC_LIST_ADDRESSING,
	RC_LIST_ACCESS_KEY,
	RC_LIST_SECRET_KEY,
	RC_LIST_SESSION_TOKEN,
	RC_LIST_CACERT,
	RC_LIST_OPTIONS_END
};

/* Rows of a tool's table. */
#define RC_LIST_OPTIONS                                                        \
	{RC_LIST_ENDPOINT, "endpoint", "URL", "S3 other than AWS"},            \
	    {RC_LIST_REGION, "region", "NAME", "of the bucket (us-east-1)"},   \
	    {RC_LIST_ADDRESSING, "addressing", "STYLE",                        \
		"path or virtual; path at an endpoint"},                       \
	    {RC_LIST_ACCESS_KEY, "access-key", "ID",                           \
		"access key of S3, or user of http(s)"},                       \
	    {RC_LIST_SECRET_KEY, "secret-key", "SECRET",                       \
		"its secret, or password: @FILE or env:NAME"},                 \
	    {RC_LIST_SESSION_TOKEN, "session-token", "SECRET",                 \
		"of temporary S3 keys: @FILE or env:NAME"},                    \
	{                                                                      \
		RC_LIST_CACERT, "cacert", "FILE",                              \
		    "certificates to trust instead of the system's"            \
	}

struct rc_list_source {
	struct rc_source_config config; /* for rc_source_open, once chosen */
	struct rc_buf shown;		/* config.where as it may be shown */
	/* private */
	const char *option[RC_LIST_OPTIONS_END - RC_LIST_ENDPOINT];
	struct rc_buf access_key, secret_key, session_token;
	struct rc_channel *keys; /* the channel with its secrets, or NULL */
};

/* Takes an option; false when id is none of these. */
bool rc_list_source_take(struct rc_list_source *, int id, const char *value);
/*
 * Fills config from the operand (NULL: there is none), the options and the
 * channel, which is loaded again with its secrets if they are needed.  Exits
 * when they do not go together.
 */
void rc_list_source_choose(struct rc_list_source *, struct rc_cli *,
    const char *operand, const struct rc_channel *);
void rc_list_source_close(struct rc_list_source *); /* wipes */

#endif
