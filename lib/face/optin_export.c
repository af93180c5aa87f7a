#include "face/optin.h"

#include "core/journal_export.h"

#define PEOPLE_MAX 1000 /* of one export; all of them lie in memory */

/* Reads everybody who is asked for; RC_EDATA when they are too many. */
static enum rc_err
read_people(struct rc_optin *o, struct rc_buf *all)
{
	struct rc_people *p = &o->people;
	struct rc_error *e = &o->cli.error;
	enum rc_err err;

	rc_people_open(p, &o->cli, o->channel->identifier, PEOPLE_MAX, false);
	while ((err = rc_people_next(p, e)) == RC_OK) {
		rc_buf_add(all, p->person, p->n * sizeof(*p->person));
		err = rc_buf_check(all, "a list of people to export", e);
		if (err != RC_OK)
			return rc_err_set(e, RC_EDATA,
			    "an export names at most %d people: make several",
			    PEOPLE_MAX);
	}
	return err == RC_END ? RC_OK : err;
}

static enum rc_err
print_all(struct rc_optin *o, struct rc_journal_export *x)
{
	struct rc_slice lines;
	enum rc_err err;

	while (
	    (err = rc_journal_export_next(x, &lines, &o->cli.error)) == RC_OK) {
		err = rc_out_text(&o->cli.out, lines, &o->cli.error);
		if (err != RC_OK)
			return err;
	}
	return err == RC_END ? RC_OK : err;
}

enum rc_err
rc_optin_export(struct rc_optin *o)
{
	struct rc_buf all = RC_BUF_INIT(PEOPLE_MAX * sizeof(struct rc_ident));
	struct rc_journal_export *x = NULL;
	bool everything = o->channel == NULL;
	size_t unknown = 0;
	enum rc_err err = everything ? RC_OK : read_people(o, &all);
	size_t n = all.len / sizeof(struct rc_ident);

	/* Nobody asked for is not everybody. */
	if (err == RC_OK && (everything || n > 0))
		err = rc_journal_export_open(&x, o->cli.state->store,
		    (const struct rc_ident *)(const void *)all.data, n,
		    &o->cli.error);
	if (err == RC_OK && x != NULL) {
		err = print_all(o, x);
		unknown = rc_journal_export_unknown(x);
	}
	rc_journal_export_close(x);
	rc_buf_free(&all);
	if (err == RC_OK && !everything)
		err = rc_people_check(&o->people, &o->cli.error);
	return err == RC_OK && unknown > 0 ? RC_NOTFOUND : err;
}
