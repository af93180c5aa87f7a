/*
 * Consent and journal as records on stdout and lines on stderr
 * (reconnect-output(5), rc-optin(1)).
 */
#ifndef RC_FACE_RECORDS_H
#define RC_FACE_RECORDS_H

#include "face/cli.h"
#include "job/optin.h"

/* id, consent, reason, since. */
enum rc_err rc_record_consent(struct rc_out *, const struct rc_ident *,
    const struct rc_consent *, struct rc_error *) RC_MUST_USE;
/*
 * id, seq, time, kind, set, channel, source, evidence, claimed, hash,
 * evidence_digest, file_digest, list_time, undoes; a warning when evidence is
 * lost.
 */
enum rc_err rc_record_entry(struct rc_cli *, const struct rc_ident *,
    const struct rc_story_entry *, struct rc_error *) RC_MUST_USE;
/*
 * What a change did: a line on stderr unless quiet, and with -j a record:
 * changed, unchanged, suppressed, invalid, and, unless it was a dry run or
 * there was nobody, seq and head.
 */
enum rc_err rc_record_change(struct rc_cli *, const struct rc_consent_counts *,
    uint64_t invalid) RC_MUST_USE;
/*
 * journal (sound or broken), entries, head, evidence_missing; a line on stderr
 * when it is broken or does not hold wanted (64 hex digits, or NULL), and
 * RC_NOTFOUND then; a warning when evidence is missing.
 */
enum rc_err rc_record_verdict(struct rc_cli *,
    const struct rc_journal_verdict *, const char *wanted) RC_MUST_USE;

#endif
