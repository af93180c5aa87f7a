#include "face/records.h"

#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HASH_TEXT (2 * RC_SHA256_LEN + 1)

enum rc_err
rc_record_consent(struct rc_out *out, const struct rc_ident *who,
    const struct rc_consent *c, struct rc_error *e)
{
	rc_out_begin(out);
	rc_out_cstr(out, "id", who->text);
	rc_out_cstr(out, "consent", rc_consent_state_name(c->state));
	rc_out_cstr(out, "reason", rc_consent_reason_name(c->reason));
	rc_out_time(out, "since", c->since_ms);
	return rc_out_end(out, e);
}

/* 64 hexadecimal digits, or nothing when it is zeros. */
static void
put_digest(struct rc_out *out, const char *key,
    const unsigned char digest[RC_SHA256_LEN])
{
	static const unsigned char none[RC_SHA256_LEN];
	char text[HASH_TEXT];

	rc_hex(digest, RC_SHA256_LEN, text);
	if (memcmp(digest, none, RC_SHA256_LEN) == 0)
		rc_out_null(out, key);
	else
		rc_out_cstr(out, key, text);
}

enum rc_err
rc_record_entry(struct rc_cli *cli, const struct rc_ident *who,
    const struct rc_story_entry *x, struct rc_error *e)
{
	const struct rc_journal_entry *j = &x->entry;
	struct rc_out *out = &cli->out;

	if (rc_journal_lacks_evidence(j))
		rc_log(&cli->log, RC_LOG_WARN,
		    "the evidence of journal entry %" PRIu64
		    " is lost or was changed: rc-optin verify tells",
		    j->seq);
	rc_out_begin(out);
	rc_out_cstr(out, "id", who->text);
	rc_out_u64(out, "seq", j->seq);
	rc_out_time(out, "time", j->received_ms);
	rc_out_cstr(out, "kind", rc_journal_kind_name(j->kind));
	rc_out_cstr(out, "set", rc_journal_set_name(x->set));
	rc_out_cstr(out, "channel", x->channel.name);
	rc_out_str(out, "source", j->source);
	if (j->evidence.len == 0)
		rc_out_null(out, "evidence");
	else
		rc_out_str(out, "evidence", j->evidence);
	rc_out_time(out, "claimed", j->claimed_ms);
	put_digest(out, "hash", j->hash);
	put_digest(out, "evidence_digest", j->evidence_digest);
	put_digest(out, "file_digest", j->file_digest);
	rc_out_time(out, "list_time", j->list_time_ms);
	if (j->kind == RC_J_UNDO)
		rc_out_u64(out, "undoes", j->rows);
	else
		rc_out_null(out, "undoes");
	return rc_out_end(out, e);
}

static void
tell_change(const struct rc_cli *cli, const struct rc_consent_counts *c,
    const char *head)
{
	const char *name = cli->tool->name;

	if (cli->dry_run)
		fprintf(stderr,
		    "%s: dry run: %" PRIu64 " would change, %" PRIu64
		    " would not, %" PRIu64 " would stay suppressed\n",
		    name, c->changed, c->unchanged, c->suppressed);
	else if (c->seq > 0)
		fprintf(stderr,
		    "%s: %" PRIu64 " changed, %" PRIu64 " unchanged, %" PRIu64
		    " still suppressed; journal head %" PRIu64 " %s\n",
		    name, c->changed, c->unchanged, c->suppressed, c->seq,
		    head);
}

enum rc_err
rc_record_change(
    struct rc_cli *cli, const struct rc_consent_counts *c, uint64_t invalid)
{
	struct rc_out *out = &cli->out;
	char head[HASH_TEXT];

	rc_hex(c->head, RC_SHA256_LEN, head);
	if (!cli->quiet)
		tell_change(cli, c, head);
	if (!cli->json)
		return RC_OK;
	rc_out_begin(out);
	rc_out_u64(out, "changed", c->changed);
	rc_out_u64(out, "unchanged", c->unchanged);
	rc_out_u64(out, "suppressed", c->suppressed);
	rc_out_u64(out, "invalid", invalid);
	if (!cli->dry_run && c->seq > 0) {
		rc_out_u64(out, "seq", c->seq);
		rc_out_cstr(out, "head", head);
	}
	return rc_out_end(out, &cli->error);
}

enum rc_err
rc_record_verdict(
    struct rc_cli *cli, const struct rc_journal_verdict *v, const char *wanted)
{
	bool cut = v->broken_seq == 0 && wanted != NULL && !v->head_seen;
	char head[HASH_TEXT];
	struct rc_out *out = &cli->out;
	enum rc_err err;

	if (v->broken_seq != 0)
		fprintf(stderr,
		    "%s: journal entry %" PRIu64 ": %s: restore a backup\n",
		    cli->tool->name, v->broken_seq, v->why);
	if (cut)
		fprintf(stderr,
		    "%s: the journal does not hold '%s': it was cut off or "
		    "replaced, restore a backup\n",
		    cli->tool->name, wanted);
	if (v->evidence_missing > 0)
		rc_log(&cli->log, RC_LOG_WARN,
		    "the evidence of %" PRIu64
		    " %s is lost: a backup may have it",
		    v->evidence_missing,
		    rc_plural(v->evidence_missing, "entry", "entries"));
	rc_hex(v->head, RC_SHA256_LEN, head);
	rc_out_begin(out);
	rc_out_cstr(
	    out, "journal", v->broken_seq != 0 || cut ? "broken" : "sound");
	rc_out_u64(out, "entries", v->entries);
	rc_out_cstr(out, "head", head);
	rc_out_u64(out, "evidence_missing", v->evidence_missing);
	err = rc_out_end(out, &cli->error);
	if (err != RC_OK)
		return err;
	return v->broken_seq != 0 || cut ? RC_NOTFOUND : RC_OK;
}
