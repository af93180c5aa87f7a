/*
 * A person's story: every journal entry that names them, copied out in pages
 * so that it can be printed without holding a snapshot, however long it is.
 */
#ifndef RC_JOB_OPTIN_H
#define RC_JOB_OPTIN_H

#include "core/consent.h"

struct rc_story_entry {
	struct rc_journal_entry entry; /* its slices point into the story */
	enum rc_journal_set_kind set;
	struct rc_journal_channel channel;
};

struct rc_story {
	struct rc_buf entries; /* struct rc_story_entry, oldest first */
	struct rc_buf text;    /* sources and evidence */
	uint64_t next;	       /* entry the next page begins at */
};

/* Empty; to be freed. */
void rc_story_init(struct rc_story *);
void rc_story_free(struct rc_story *);
/* Before the first page of a person. */
void rc_story_start(struct rc_story *);
/*
 * Replaces what the story holds by the next page, of at least one entry; RC_END
 * when there is no more.
 */
enum rc_err rc_story_read(struct rc_store *, const struct rc_ident *,
    struct rc_story *, struct rc_error *) RC_MUST_USE;
/* Entries of the page, once for each set the person is in. */
size_t rc_story_count(const struct rc_story *);
/* Entry i; valid until the next page is read or the story freed. */
const struct rc_story_entry *rc_story_at(const struct rc_story *, size_t i);

#endif
