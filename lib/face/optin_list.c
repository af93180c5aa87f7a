#include "face/optin.h"

#include "base/num.h"

#include <inttypes.h>
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
print_person(void *arg, struct rc_slice text, const struct rc_consent *consent,
    struct rc_error *e)
{
	struct rc_optin *o = arg;

	(void)consent;
	if (!o->cli.json)
		return rc_out_line(&o->cli.out, text, e);
	if (is_plain(text))
		return print_plain(&o->cli.out, text, e);
	rc_out_begin(&o->cli.out);
	rc_out_str(&o->cli.out, "to", text);
	return rc_out_end(&o->cli.out, e);
}

struct why {
	uint64_t seq;
	const char *reason;
};

static enum rc_err
read_reason(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_journal_entry j;
	struct why *w = arg;
	enum rc_err err = rc_journal_read(txn, w->seq, &j, e);

	if (err == RC_OK)
		w->reason = rc_suppression_reason(j.source);
	return err;
}

static enum rc_err
print_suppressed(void *arg, struct rc_slice text,
    const struct rc_consent *consent, struct rc_error *e)
{
	struct rc_optin *o = arg;
	struct rc_out *out = &o->cli.out;
	struct why w = {.seq = consent->seq};
	enum rc_err err;

	if (!o->cli.json)
		return rc_out_line(out, text, e);
	err = rc_store_read(o->cli.state->store, read_reason, &w, e);
	if (err != RC_OK)
		return err;
	rc_out_begin(out);
	rc_out_str(out, "to", text);
	rc_out_time(out, "since", consent->since_ms);
	rc_out_cstr(out, "reason", w.reason);
	return rc_out_end(out, e);
}

static void
check_country(struct rc_optin *o)
{
	if (o->pick.countries == NULL ||
	    o->channel->identifier == RC_IDENT_PHONE)
		return;
	rc_cli_usage(&o->cli,
	    "--country goes with phone numbers: channel '%s' has %s "
	    "identifiers",
	    o->channel->name, rc_ident_type_name(o->channel->identifier));
}

enum rc_err
rc_optin_list(struct rc_optin *o)
{
	struct rc_store *store = o->cli.state->store;
	enum rc_err err;

	rc_cli_operands(&o->cli, 0, 0);
	check_country(o);
	if (o->suppressed)
		err = rc_consent_suppressed(store, o->channel->identifier,
		    &o->pick, print_suppressed, o, &o->cli.error);
	else
		err = rc_consent_list(store, o->channel, &o->pick, print_person,
		    o, &o->cli.error);
	if (err == RC_OK && o->countries.left_out > 0)
		rc_log(&o->cli.log, RC_LOG_WARN,
		    "%" PRIu64 " %s no country in particular",
		    o->countries.left_out,
		    rc_plural(o->countries.left_out,
			"number of +1 was left out: its area code belongs to",
			"numbers of +1 were left out: their area codes belong "
			"to"));
	return err;
}
