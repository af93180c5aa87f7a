#include "core/journal_priv.h"

#include <string.h>

bool
rc_journal_has_evidence(const struct rc_journal_entry *j)
{
	static const unsigned char none[RC_SHA256_LEN];

	return memcmp(j->evidence_digest, none, RC_SHA256_LEN) != 0;
}

bool
rc_journal_lacks_evidence(const struct rc_journal_entry *j)
{
	return rc_journal_has_evidence(j) && j->evidence.len == 0;
}

enum rc_err
rc_journal_put_evidence(
    struct rc_txn *txn, struct rc_journal_entry *j, struct rc_error *e)
{
	struct rc_slice key = rc_slice_of(j->evidence_digest, RC_SHA256_LEN);
	struct rc_slice there;
	enum rc_err err;

	memset(j->evidence_digest, 0, RC_SHA256_LEN);
	if (j->evidence.len == 0)
		return RC_OK;
	rc_sha256(j->evidence, j->evidence_digest);
	err = rc_get(txn, RC_T_EVIDENCE, key, &there, e);
	/* One that was changed is mended by whoever brings the text again. */
	if (err == RC_NOTFOUND ||
	    (err == RC_OK && !rc_slice_eq(there, j->evidence)))
		err = rc_put(txn, RC_T_EVIDENCE, key, j->evidence, e);
	return err;
}

enum rc_err
rc_journal_get_evidence(
    struct rc_txn *txn, struct rc_journal_entry *j, struct rc_error *e)
{
	struct rc_slice key = rc_slice_of(j->evidence_digest, RC_SHA256_LEN);
	unsigned char digest[RC_SHA256_LEN];
	enum rc_err err;

	j->evidence = RC_SLICE_LIT("");
	if (!rc_journal_has_evidence(j))
		return RC_OK;
	err = rc_get(txn, RC_T_EVIDENCE, key, &j->evidence, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	if (j->evidence.len <= RC_JOURNAL_EVIDENCE_MAX)
		rc_sha256(j->evidence, digest);
	if (j->evidence.len > RC_JOURNAL_EVIDENCE_MAX ||
	    memcmp(digest, j->evidence_digest, RC_SHA256_LEN) != 0)
		j->evidence = RC_SLICE_LIT("");
	return RC_OK;
}
