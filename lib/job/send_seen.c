#include "job/send_seen.h"

#include "base/num.h"
#include "core/list_rank.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024
#define BYTES_MAX (16ULL << 30)
#define HEAD_LEN 10 /* u64 line, u16 key length */
/* A slot has its record's place, and some of the key's hash above it. */
#define PLACE_BITS 40
#define PLACE_MASK ((1ULL << PLACE_BITS) - 1)

struct send_seen {
	unsigned char key[16]; /* of the hash */
	uint32_t channel;
	enum rc_ident_type type;
	/* On the list: by rank. */
	struct rc_list_blocks list;
	struct rc_list_rank *rank;
	uint64_t *bits;
	uint32_t *lines; /* or NULL */
	/* Others: an open-addressed table of where their records are. */
	struct rc_buf others, table; /* table: uint64_t, 0 empty */
	size_t nothers, nslots;
};

/* --- opening -------------------------------------------------------------- */

static enum rc_err
copy_list(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct send_seen *s = arg;
	struct rc_list_info info;
	enum rc_err err = rc_list_info_get(txn, s->channel, &info, e);

	return err == RC_OK
		   ? rc_list_copy(txn, s->channel, info.generation, &s->list, e)
		   : err;
}

enum rc_err
rc_send_seen_open(struct send_seen **out, struct rc_state *state,
    const struct rc_channel *channel, bool lines, struct rc_error *e)
{
	struct send_seen *s = calloc(1, sizeof(*s));
	enum rc_err err;

	*out = NULL;
	if (s == NULL)
		return rc_err_nomem(e);
	s->channel = channel->number;
	s->type = channel->identifier;
	memcpy(s->key, state->keys.message, sizeof(s->key));
	rc_list_blocks_init(&s->list);
	s->others = s->table = RC_BUF_INIT(BYTES_MAX);
	err = rc_store_read(state->store, copy_list, s, e);
	if (err == RC_OK)
		err = rc_list_rank_open(&s->rank, s->type, &s->list, e);
	if (err == RC_OK && lines)
		s->lines = calloc(s->list.members + 1, sizeof(*s->lines));
	if (err == RC_OK && !lines)
		s->bits = calloc(s->list.members / 64 + 1, sizeof(*s->bits));
	if (err == RC_OK && s->lines == NULL && s->bits == NULL)
		err = rc_err_nomem(e);
	if (err == RC_OK)
		*out = s;
	else
		rc_send_seen_close(s);
	return err;
}

void
rc_send_seen_close(struct send_seen *s)
{
	if (s == NULL)
		return;
	rc_list_rank_close(s->rank);
	rc_list_blocks_free(&s->list);
	free(s->bits);
	free(s->lines);
	rc_buf_free(&s->others);
	rc_buf_free(&s->table);
	free(s);
}

/* --- people on the list --------------------------------------------------- */

static uint64_t
note_rank(struct send_seen *s, uint64_t rank, uint64_t line)
{
	uint64_t bit = 1ULL << rank % 64, first;

	if (s->lines == NULL) {
		first = (s->bits[rank / 64] & bit) != 0;
		s->bits[rank / 64] |= bit;
		return first;
	}
	first = s->lines[rank];
	if (first == 0)
		s->lines[rank] =
		    line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
	return first;
}

/* --- others --------------------------------------------------------------- */

static uint64_t
hash_of(const struct send_seen *s, struct rc_slice key)
{
	return rc_siphash(s->key, key.p, key.len);
}

static struct rc_slice
other_key(const struct send_seen *s, uint64_t place)
{
	const char *p = s->others.data + place;

	return (struct rc_slice){p + HEAD_LEN, rc_get16(p + 8)};
}

/* The slot of a key, or the empty one it belongs into. */
static uint64_t *
find_slot(const struct send_seen *s, uint64_t hash, struct rc_slice key)
{
	uint64_t *slot = (void *)s->table.data;
	size_t i = (size_t)hash & (s->nslots - 1);

	for (; slot[i] != 0; i = (i + 1) & (s->nslots - 1))
		if ((slot[i] ^ hash) >> PLACE_BITS == 0 &&
		    rc_slice_eq(other_key(s, (slot[i] & PLACE_MASK) - 1), key))
			break;
	return &slot[i];
}

/* Twice the slots, filled from the records. */
static enum rc_err
grow(struct send_seen *s, struct rc_error *e)
{
	size_t n = s->nslots == 0 ? SLOTS_FIRST : 2 * s->nslots;
	void *room;

	rc_buf_free(&s->table);
	room = rc_buf_room(&s->table, n * sizeof(uint64_t));
	if (room == NULL)
		return rc_err_nomem(e);
	memset(room, 0, n * sizeof(uint64_t));
	s->nslots = n;
	for (size_t at = 0; at < s->others.len;) {
		struct rc_slice key = other_key(s, at);
		uint64_t hash = hash_of(s, key);

		*find_slot(s, hash, key) = (hash & ~PLACE_MASK) | (at + 1);
		at += HEAD_LEN + key.len;
	}
	return RC_OK;
}

static enum rc_err
note_other(struct send_seen *s, const struct rc_ident *who, uint64_t line,
    uint64_t *first, struct rc_error *e)
{
	struct rc_slice key = rc_ident_key(who);
	uint64_t hash = hash_of(s, key), *slot;
	enum rc_err err = RC_OK;
	char *room;

	if (s->nothers >= s->nslots / 4 * 3)
		err = grow(s, e);
	if (err != RC_OK)
		return err;
	slot = find_slot(s, hash, key);
	*first = *slot == 0
		     ? 0
		     : rc_get64(s->others.data + (*slot & PLACE_MASK) - 1);
	if (*first != 0)
		return RC_OK;
	room = rc_buf_room(&s->others, HEAD_LEN + key.len);
	if (room == NULL)
		return rc_err_nomem(e);
	rc_put64(room, line);
	rc_put16(room + 8, (uint16_t)key.len);
	memcpy(room + HEAD_LEN, key.p, key.len);
	*slot = (hash & ~PLACE_MASK) | (s->others.len + 1);
	rc_buf_cut(&s->others, s->others.len + HEAD_LEN + key.len);
	s->nothers++;
	return RC_OK;
}

enum rc_err
rc_send_seen(struct send_seen *s, const struct rc_ident *who, uint64_t line,
    uint64_t *first, struct rc_error *e)
{
	uint64_t rank;
	enum rc_err err = rc_list_rank_of(s->rank, who, &rank, e);

	if (err == RC_NOTFOUND)
		return note_other(s, who, line, first, e);
	if (err == RC_OK)
		*first = note_rank(s, rank, line);
	return err;
}
