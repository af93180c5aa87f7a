/*
 * The journal as a third party checks it (reconnect-state(5), Checking an
 * export): NDJSON lines, each block of an entry before the entry, copied out
 * in pages, so that printing holds no snapshot and an entry of ten million
 * members takes no memory.
 *
 * Order: open, next until RC_END, close.
 */
#ifndef RC_CORE_JOURNAL_EXPORT_H
#define RC_CORE_JOURNAL_EXPORT_H

#include "core/journal.h"

struct rc_journal_export;

/*
 * Everything up to the entry that is newest now or, with n > 0, the entries
 * that name one of the people: of these, blocks that hold none of them come as
 * digests alone.  people are borrowed until the close.
 */
enum rc_err rc_journal_export_open(struct rc_journal_export **,
    struct rc_store *, const struct rc_ident *people, size_t n,
    struct rc_error *) RC_MUST_USE;
/* Whole lines of the next page, valid until the next call; RC_END. */
enum rc_err rc_journal_export_next(struct rc_journal_export *,
    struct rc_slice *lines, struct rc_error *) RC_MUST_USE;
/* How many of the people no entry names; after RC_END. */
size_t rc_journal_export_unknown(const struct rc_journal_export *);
void rc_journal_export_close(struct rc_journal_export *); /* NULL is fine */

#endif
