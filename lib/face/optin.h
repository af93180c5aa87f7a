/*
 * The verbs of rc-optin: each opens its input, runs to its end and prints.
 * What the options said is in struct rc_optin before the call.
 */
#ifndef RC_FACE_OPTIN_H
#define RC_FACE_OPTIN_H

#include "face/people.h"
#include "face/records.h"

struct rc_optin {
	struct rc_cli cli;
	struct rc_channel *channel;	 /* NULL: the verb asks for none */
	struct rc_consent_change change; /* in, out: all but kind and time */
	const char *head;		 /* verify --head, or NULL */
	bool suppressed;		 /* list --suppressed */
	struct rc_consent_pick pick;	 /* list --since, --country */
	struct rc_country_choice countries;
	bool export;		      /* log --export */
	bool review_out, review_keep; /* review --out, --keep */
	struct rc_people people;      /* opened here, closed by the tool */
};

typedef enum rc_err rc_optin_verb(struct rc_optin *);

/* in and out, by the verb: RC_EDATA when lines were left out. */
enum rc_err rc_optin_change(struct rc_optin *) RC_MUST_USE;
/* RC_NOTFOUND when somebody may not be texted. */
enum rc_err rc_optin_check(struct rc_optin *) RC_MUST_USE;
/* RC_OK, whoever is left out. */
enum rc_err rc_optin_filter(struct rc_optin *) RC_MUST_USE;
enum rc_err rc_optin_list(struct rc_optin *) RC_MUST_USE;
/* RC_NOTFOUND when the journal does not name somebody. */
enum rc_err rc_optin_log(struct rc_optin *) RC_MUST_USE;
/* As NDJSON; everything without a channel.  RC_NOTFOUND as rc_optin_log. */
enum rc_err rc_optin_export(struct rc_optin *) RC_MUST_USE;
/* RC_NOTFOUND when the journal is broken or does not hold the head. */
enum rc_err rc_optin_verify(struct rc_optin *) RC_MUST_USE;
/*
 * Lists replies or, by the options, decides them.  RC_NOTFOUND when one that
 * was to be decided does not wait; listing quietly, when any waits.
 */
enum rc_err rc_optin_review(struct rc_optin *) RC_MUST_USE;

#endif
