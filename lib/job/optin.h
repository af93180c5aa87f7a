/*
 * A person's story: every journal entry that names them, copied out of one
 * snapshot so that it can be printed without holding it.
 */
#ifndef RC_JOB_OPTIN_H
#define RC_JOB_OPTIN_H

#include "core/consent.h"

#define RC_STORY_CHANNEL_MAX (RC_CHANNEL_NAME_MAX + 1)

struct rc_story_entry {
	struct rc_journal_entry entry; /* its slices point into the story */
	enum rc_journal_set_kind set;
	char channel[RC_STORY_CHANNEL_MAX]; /* "*": all; "#7": removed */
};

struct rc_story {
	struct rc_buf entries; /* struct rc_story_entry, oldest first */
	struct rc_buf text;    /* sources and evidence */
};

/* Empty; to be freed. */
void rc_story_init(struct rc_story *);
void rc_story_free(struct rc_story *);
/* Replaces what the story holds. */
enum rc_err rc_story_read(struct rc_store *, const struct rc_ident *,
    struct rc_story *, struct rc_error *) RC_MUST_USE;
/* Entries that name the person, once for each set they are in. */
size_t rc_story_count(const struct rc_story *);
/* Entry i; valid until the story is read anew or freed. */
const struct rc_story_entry *rc_story_at(const struct rc_story *, size_t i);

#endif
