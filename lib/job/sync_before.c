#include "job/sync_priv.h"

#include "base/num.h"
#include "core/consent_record.h"

#define BYTES_MAX (4ULL << 30)

void
rc_sync_marks_init(struct rc_sync_marks *m)
{
	m->marks = RC_BUF_INIT(BYTES_MAX);
	m->text = RC_BUF_INIT(BYTES_MAX);
}

void
rc_sync_marks_free(struct rc_sync_marks *m)
{
	rc_buf_free(&m->marks);
	rc_buf_free(&m->text);
}

size_t
rc_sync_marks_count(const struct rc_sync_marks *m)
{
	return m->marks.len / sizeof(struct rc_sync_mark);
}

const struct rc_sync_mark *
rc_sync_marks_at(const struct rc_sync_marks *m, size_t i)
{
	return (const struct rc_sync_mark *)(const void *)m->marks.data + i;
}

struct rc_member
rc_sync_mark_member(
    const struct rc_sync_marks *m, const struct rc_sync_mark *mark)
{
	return (struct rc_member){.num = mark->num,
	    .str = {rc_buf_str(&m->text) + mark->text_at, mark->text_len}};
}

const struct rc_sync_mark *
rc_sync_marks_find(const struct rc_sync_marks *marks,
    enum rc_pack_format format, const struct rc_member *m)
{
	size_t low = 0, high = rc_sync_marks_count(marks);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct rc_sync_mark *mark = rc_sync_marks_at(marks, mid);
		struct rc_member other = rc_sync_mark_member(marks, mark);
		int order = rc_member_cmp(format, &other, m);

		if (order == 0)
			return mark;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Phones are told by their number alone, all others by their key's bytes. */
enum rc_err
rc_sync_marks_add(struct rc_sync_marks *m, struct rc_sync_mark mark,
    enum rc_ident_type type, struct rc_slice key, struct rc_error *e)
{
	enum rc_err err;

	if (type == RC_IDENT_PHONE) {
		mark.num = rc_get64(key.p);
	} else {
		mark.text_at = m->text.len;
		mark.text_len = (uint16_t)key.len;
		rc_buf_addv(&m->text, key);
	}
	rc_buf_add(&m->marks, &mark, sizeof(mark));
	err = rc_buf_check(&m->marks, "a copy of the consent records", e);
	return err == RC_OK
		   ? rc_buf_check(&m->text, "a copy of the consent records", e)
		   : err;
}

static enum rc_err
read_mark(enum rc_table table, struct rc_slice key, struct rc_slice value,
    enum rc_ident_type type, struct rc_sync_mark *mark, struct rc_error *e)
{
	bool event = table == RC_T_EVENT;
	struct rc_unpack u = rc_unpack_start(value);

	*mark = (struct rc_sync_mark){0};
	if (value.len != (event ? RC_EVENT_LEN : RC_SUPPRESSION_LEN) ||
	    key.len == 0 || key.len > RC_IDENT_KEY_MAX ||
	    (type == RC_IDENT_PHONE && key.len != sizeof(uint64_t)))
		return rc_state_damaged(e, "a consent record");
	if (event)
		mark->in = rc_unpack8(&u) == RC_CONSENT_IN;
	mark->received_ms = rc_unpack64(&u);
	mark->seq = rc_unpack64(&u);
	return RC_OK;
}

/* The records of a table under a prefix, newer than a journal entry. */
static enum rc_err
read_marks(struct rc_txn *txn, enum rc_table table, struct rc_slice prefix,
    enum rc_ident_type type, uint64_t after_seq, struct rc_sync_marks *m,
    struct rc_error *e)
{
	struct rc_slice key, value, member;
	struct rc_sync_mark mark = {0};
	struct rc_cursor *c;
	enum rc_err err = rc_cursor_open(txn, table, &c, e);

	if (err != RC_OK)
		return err;
	err = rc_cursor_ge(c, prefix, &key, &value, e);
	while (err == RC_OK && rc_slice_starts(key, prefix, &member)) {
		err = read_mark(table, member, value, type, &mark, e);
		if (err == RC_OK && mark.seq > after_seq)
			err = rc_sync_marks_add(m, mark, type, member, e);
		if (err == RC_OK)
			err = rc_cursor_next(c, &key, &value, e);
	}
	rc_cursor_close(c);
	return err == RC_NOTFOUND || err == RC_END ? RC_OK : err;
}

enum rc_err
rc_sync_events_since(struct rc_txn *txn, const struct rc_channel *channel,
    uint32_t generation, uint64_t seq, struct rc_sync_marks *m,
    struct rc_error *e)
{
	unsigned char prefix[RC_LIST_PREFIX];

	rc_sync_marks_init(m);
	rc_list_prefix(prefix, channel->number, generation);
	return read_marks(txn, RC_T_EVENT, rc_slice_of(prefix, RC_LIST_PREFIX),
	    channel->identifier, seq, m, e);
}

enum rc_err
rc_sync_event_put(struct rc_txn *txn, const struct rc_channel *channel,
    uint32_t generation, const struct rc_member *m,
    const struct rc_sync_mark *mark, struct rc_error *e)
{
	unsigned char key[RC_MEMBER_MAX];
	size_t len = rc_member_key(rc_list_format(channel->identifier), m, key);

	if (mark == NULL)
		return rc_event_del(
		    txn, channel->number, generation, rc_slice_of(key, len), e);
	return rc_event_put(txn, channel->number, generation,
	    rc_slice_of(key, len), mark->in, mark->received_ms, mark->seq, e);
}

/* --- the snapshot -------------------------------------------------------- */

struct copying {
	const struct rc_channel *channel;
	const struct rc_sync_list *list; /* NULL: none is to come */
	struct rc_sync_before *before;
};

static enum rc_err
find_seen(struct rc_txn *txn, const struct copying *c, struct rc_error *e)
{
	enum rc_err err = rc_list_seen_get(txn, c->channel->number,
	    c->list->list_time_ms, &c->before->seen, e);

	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
copy_out(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct copying *c = arg;
	struct rc_sync_before *b = c->before;
	unsigned char hash[RC_SHA256_LEN];
	char type = (char)c->channel->identifier;
	enum rc_err err;

	err = rc_list_info_get(txn, c->channel->number, &b->info, e);
	if (err == RC_OK && c->list != NULL)
		err = find_seen(txn, c, e);
	if (err == RC_OK)
		err = rc_journal_head(txn, &b->journal_seq, hash, e);
	if (err == RC_OK)
		err = rc_list_copy(
		    txn, c->channel->number, b->info.generation, &b->blocks, e);
	if (err == RC_OK)
		err = rc_sync_events_since(
		    txn, c->channel, b->info.generation, 0, &b->events, e);
	if (err == RC_OK)
		err = read_marks(txn, RC_T_SUPPRESSION,
		    (struct rc_slice){&type, 1}, c->channel->identifier, 0,
		    &b->suppressed, e);
	return err;
}

enum rc_err
rc_sync_before_read(struct rc_state *state, const struct rc_channel *channel,
    const struct rc_sync_list *list, struct rc_sync_before *b,
    struct rc_error *e)
{
	struct copying c = {channel, list, b};

	b->seen.seq = UINT64_MAX;
	rc_list_blocks_init(&b->blocks);
	rc_sync_marks_init(&b->events);
	rc_sync_marks_init(&b->suppressed);
	return rc_store_read(state->store, copy_out, &c, e);
}

void
rc_sync_before_free(struct rc_sync_before *b)
{
	rc_list_blocks_free(&b->blocks);
	rc_sync_marks_free(&b->events);
	rc_sync_marks_free(&b->suppressed);
}
