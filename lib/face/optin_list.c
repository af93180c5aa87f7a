#include "face/optin.h"

#include <string.h>

/* Nothing in it is escaped in a JSON string. */
static bool
is_plain(struct rc_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '"' ||
		    s.p[i] == '\\')
			return false;
	return s.len <= RC_IDENT_KEY_MAX;
}

/* The record below, for millions of lines: more than twice as fast. */
static enum rc_err
print_plain(struct rc_out *out, struct rc_slice text, struct rc_error *e)
{
	static const char before[] = "{\"to\":\"", after[] = "\"}";
	char line[sizeof(before) + RC_IDENT_KEY_MAX + sizeof(after)],
	    *at = line;

	memcpy(at, before, sizeof(before) - 1);
	memcpy(at += sizeof(before) - 1, text.p, text.len);
	memcpy(at += text.len, after, sizeof(after) - 1);
	at += sizeof(after) - 1;
	return rc_out_line(
	    out, (struct rc_slice){line, (size_t)(at - line)}, e);
}

static enum rc_err
print_person(void *arg, struct rc_slice text, struct rc_error *e)
{
	struct rc_optin *o = arg;

	if (!o->cli.json)
		return rc_out_line(&o->cli.out, text, e);
	if (is_plain(text))
		return print_plain(&o->cli.out, text, e);
	rc_out_begin(&o->cli.out);
	rc_out_str(&o->cli.out, "to", text);
	return rc_out_end(&o->cli.out, e);
}

enum rc_err
rc_optin_list(struct rc_optin *o)
{
	struct rc_store *store = o->cli.state->store;

	rc_cli_operands(&o->cli, 0, 0);
	if (o->suppressed)
		return rc_consent_suppressed(store, o->channel->identifier,
		    o->since_ms, print_person, o, &o->cli.error);
	return rc_consent_list(
	    store, o->channel, o->since_ms, print_person, o, &o->cli.error);
}
