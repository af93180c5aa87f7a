#include "job/optin.h"

#define PAGE_TEXT (1u << 20) /* bytes of text from which a page is full */
#define PAGE_ENTRIES 1000    /* likewise */
/* One entry more, in each of its sets. */
#define TEXT_MAX                                                               \
	(PAGE_TEXT + 3 * (RC_JOURNAL_TEXT_MAX + RC_JOURNAL_EVIDENCE_MAX))
#define ENTRIES_MAX ((PAGE_ENTRIES + 3) * sizeof(struct rc_story_entry))

struct reading {
	struct rc_txn *txn;
	const struct rc_ident *who;
	struct rc_story *story;
	uint64_t from; /* the page's first entry may be this */
	struct rc_journal_channel channel;
};

void
rc_story_init(struct rc_story *s)
{
	s->entries = RC_BUF_INIT(ENTRIES_MAX);
	s->text = RC_BUF_INIT(TEXT_MAX);
	rc_story_start(s);
}

void
rc_story_start(struct rc_story *s)
{
	s->next = 1;
}

void
rc_story_free(struct rc_story *s)
{
	rc_buf_free(&s->entries);
	rc_buf_free(&s->text);
}

size_t
rc_story_count(const struct rc_story *s)
{
	return s->entries.len / sizeof(struct rc_story_entry);
}

static struct rc_story_entry *
entry_at(const struct rc_story *s, size_t i)
{
	return (struct rc_story_entry *)(void *)s->entries.data + i;
}

const struct rc_story_entry *
rc_story_at(const struct rc_story *s, size_t i)
{
	return entry_at(s, i);
}

/* A page ends between two entries, never within one. */
static bool
is_full(const struct rc_story *s)
{
	return s->text.len >= PAGE_TEXT || rc_story_count(s) >= PAGE_ENTRIES;
}

static enum rc_err
keep_entry(void *arg, const struct rc_journal_entry *j,
    enum rc_journal_set_kind set, struct rc_error *e)
{
	struct reading *r = arg;
	struct rc_story *s = r->story;
	struct rc_story_entry x = {.entry = *j, .set = set};
	enum rc_err err;

	if (is_full(s) && j->seq >= s->next)
		return RC_END;
	err = rc_journal_channel_name(r->txn, &r->channel, j->channel, e);
	if (err != RC_OK)
		return err;
	x.channel = r->channel;
	rc_buf_addv(&s->text, j->source);
	rc_buf_addv(&s->text, j->evidence);
	rc_buf_add(&s->entries, &x, sizeof(x));
	s->next = j->seq + 1;
	err = rc_buf_check(&s->text, "the story of a person", e);
	return err == RC_OK
		   ? rc_buf_check(&s->entries, "the story of a person", e)
		   : err;
}

static enum rc_err
read_story(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct reading *r = arg;

	r->txn = txn;
	rc_buf_reset(&r->story->entries);
	rc_buf_reset(&r->story->text);
	r->story->next = r->from;
	return rc_journal_of(txn, r->who, r->from, keep_entry, r, e);
}

/* The text has moved while it grew: points the slices at where it lies now. */
static void
settle_text(struct rc_story *s)
{
	const char *at = rc_buf_str(&s->text);

	for (size_t i = 0; i < rc_story_count(s); i++) {
		struct rc_journal_entry *j = &entry_at(s, i)->entry;

		j->source.p = at;
		at += j->source.len;
		j->evidence.p = at;
		at += j->evidence.len;
	}
}

enum rc_err
rc_story_read(struct rc_store *store, const struct rc_ident *who,
    struct rc_story *s, struct rc_error *e)
{
	struct reading r = {.who = who, .story = s, .from = s->next};
	enum rc_err err = rc_store_read(store, read_story, &r, e);

	settle_text(s);
	if (err == RC_OK && rc_story_count(s) == 0)
		err = RC_END;
	return err;
}
