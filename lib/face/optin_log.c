#include "face/optin.h"

#include "base/num.h"

/* Prints one person's story; RC_NOTFOUND when there is none. */
static enum rc_err
tell(struct rc_optin *o, struct rc_story *story, const struct rc_ident *who)
{
	struct rc_error *e = &o->cli.error;
	bool any = false;
	enum rc_err err;

	rc_story_start(story);
	while ((err = rc_story_read(o->cli.state->store, who, story, e)) ==
	       RC_OK) {
		any = true;
		for (size_t i = 0; err == RC_OK && i < rc_story_count(story);
		     i++)
			err = rc_record_entry(
			    &o->cli, who, rc_story_at(story, i), e);
		if (err != RC_OK)
			return err;
	}
	return err == RC_END && !any ? RC_NOTFOUND : err;
}

enum rc_err
rc_optin_log(struct rc_optin *o)
{
	struct rc_people *p = &o->people;
	struct rc_story story;
	uint64_t unknown = 0;
	enum rc_err err;

	rc_story_init(&story);
	rc_people_open(p, &o->cli, o->channel->identifier, 1, false);
	while ((err = rc_people_next(p, &o->cli.error)) == RC_OK) {
		err = tell(o, &story, p->person);
		unknown += err == RC_NOTFOUND;
		if (err != RC_END && err != RC_NOTFOUND)
			break;
	}
	rc_story_free(&story);
	if (err == RC_END)
		err = rc_people_check(p, &o->cli.error);
	return err == RC_OK && unknown > 0 ? RC_NOTFOUND : err;
}

enum rc_err
rc_optin_verify(struct rc_optin *o)
{
	unsigned char head[RC_SHA256_LEN];
	struct rc_journal_verdict v;
	enum rc_err err;

	rc_cli_operands(&o->cli, 0, 0);
	if (o->head != NULL &&
	    !rc_unhex(rc_slice_str(o->head), head, RC_SHA256_LEN))
		rc_cli_usage(&o->cli, "--head takes 64 hex digits");
	err = rc_journal_verify(o->cli.state->store,
	    o->head == NULL ? NULL : head, &v, &o->cli.error);
	return err == RC_OK ? rc_record_verdict(&o->cli, &v, o->head) : err;
}
