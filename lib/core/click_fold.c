#include "core/click_file.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_MAX (256u << 10) /* bytes folded in one transaction */
#define HIT_LEN 24
#define HITS_A_RECORD 80
#define LINK_TALLY_LEN 20

/* What the clicks of one campaign add up to, written when it changes. */
struct sums {
	uint32_t campaign;
	int64_t class[RC_CLICK_CLASSES];
	int64_t clickers;
};

struct fold {
	int fd;
	uint64_t id, offset; /* of the file that is read */
	char *piece;
	size_t piece_len;
	uint64_t folded; /* hits of this transaction */
	/* of the transaction under way */
	struct rc_txn *txn;
	struct sums sums;
	unsigned char chunk[HIT_LEN * HITS_A_RECORD];
	size_t nchunk;
	uint64_t next_hit;
};

static enum rc_err
get_counter(
    struct rc_txn *txn, const char *name, uint64_t *n, struct rc_error *e)
{
	struct rc_slice value;
	enum rc_err err = rc_get(txn, RC_T_META, rc_slice_str(name), &value, e);

	*n = err == RC_OK && value.len == 8 ? rc_get64(value.p) : 0;
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
put_counter(
    struct rc_txn *txn, const char *name, uint64_t n, struct rc_error *e)
{
	unsigned char value[8];

	rc_put64(value, n);
	return rc_put(
	    txn, RC_T_META, rc_slice_str(name), rc_slice_of(value, 8), e);
}

static struct rc_slice
agent_key(unsigned char key[5], uint32_t number)
{
	key[0] = 'n';
	rc_put32(key + 1, number);
	return rc_slice_of(key, 5);
}

/*
 * A number for a user agent that is not known; 0 when the table is full.  A
 * table that anybody can fill by inventing agents needs an end, and so does
 * its counter.
 */
static enum rc_err
add_agent(struct rc_txn *txn, struct rc_slice agent, struct rc_slice key,
    uint32_t *number, struct rc_error *e)
{
	unsigned char by_number[5], value[4];
	struct rc_slice last;
	enum rc_err err = rc_get(
	    txn, RC_T_AGENT, agent_key(by_number, RC_AGENTS_MAX), &last, e);

	*number = 0;
	if (err != RC_NOTFOUND)
		return err;
	err = rc_state_take32(txn, "next_agent", 1, number, e);
	if (err != RC_OK)
		return err;
	rc_put32(value, *number);
	err = rc_put(txn, RC_T_AGENT, key, rc_slice_of(value, 4), e);
	if (err == RC_OK)
		err = rc_put(
		    txn, RC_T_AGENT, agent_key(by_number, *number), agent, e);
	return err;
}

static enum rc_err
agent_number(struct rc_txn *txn, struct rc_slice agent, uint32_t *number,
    struct rc_error *e)
{
	unsigned char bytes[1 + RC_AGENT_MAX];
	struct rc_slice key = {(char *)bytes, 1 + agent.len}, found;
	enum rc_err err;

	bytes[0] = 'a';
	memcpy(bytes + 1, agent.p, agent.len);
	err = rc_get(txn, RC_T_AGENT, key, &found, e);
	if (err == RC_NOTFOUND)
		return add_agent(txn, agent, key, number, e);
	if (err == RC_OK)
		*number = found.len == 4 ? rc_get32(found.p) : 0;
	return err;
}

enum rc_err
rc_link_tally_get(struct rc_txn *txn, uint64_t link_id, struct rc_link_tally *t,
    struct rc_error *e)
{
	unsigned char key[8];
	struct rc_slice value;
	struct rc_unpack u;
	enum rc_err err;

	memset(t, 0, sizeof(*t));
	rc_put64(key, link_id);
	err = rc_get(txn, RC_T_LINK_TALLY, rc_slice_of(key, 8), &value, e);
	if (err != RC_OK)
		return err == RC_NOTFOUND ? RC_OK : err;
	u = rc_unpack_start(value);
	t->hits = rc_unpack32(&u);
	t->human = rc_unpack32(&u);
	t->newest_human_ms = rc_unpack64(&u);
	t->agent = rc_unpack32(&u);
	return RC_OK;
}

static enum rc_err
put_link_tally(struct rc_txn *txn, uint64_t link_id,
    const struct rc_link_tally *t, struct rc_error *e)
{
	unsigned char key[8], value[LINK_TALLY_LEN];

	rc_put64(key, link_id);
	rc_put32(value, t->hits);
	rc_put32(value + 4, t->human);
	rc_put64(value + 8, t->newest_human_ms);
	rc_put32(value + 16, t->agent);
	return rc_put(txn, RC_T_LINK_TALLY, rc_slice_of(key, 8),
	    rc_slice_of(value, sizeof(value)), e);
}

static enum rc_err
flush_sums(struct fold *f, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	for (uint32_t c = 1; c < RC_CLICK_CLASSES && err == RC_OK; c++)
		if (f->sums.class[c] != 0)
			err = rc_tally_add(f->txn, f->sums.campaign,
			    RC_TALLY_CLICK, c, f->sums.class[c], e);
	if (err == RC_OK && f->sums.clickers != 0)
		err = rc_tally_add(f->txn, f->sums.campaign, RC_TALLY_CLICKERS,
		    0, f->sums.clickers, e);
	memset(&f->sums, 0, sizeof(f->sums));
	return err;
}

static enum rc_err
flush_chunk(struct fold *f, struct rc_error *e)
{
	unsigned char key[8];
	enum rc_err err;

	if (f->nchunk == 0)
		return RC_OK;
	rc_put64(key, f->next_hit);
	err = rc_put_last(f->txn, RC_T_CLICK, rc_slice_of(key, 8),
	    rc_slice_of(f->chunk, f->nchunk * HIT_LEN), e);
	f->next_hit += f->nchunk;
	f->nchunk = 0;
	return err;
}

static enum rc_err
keep_raw(struct fold *f, const struct rc_hit *hit, enum rc_click_class class,
    enum rc_click_reason why, uint32_t agent, uint32_t campaign,
    struct rc_error *e)
{
	unsigned char *p = f->chunk + f->nchunk * HIT_LEN;

	rc_put48(p, hit->at_ms);
	p[6] = (unsigned char)class;
	p[7] = (unsigned char)why;
	rc_put64(p + 8, hit->link_id);
	rc_put32(p + 16, agent);
	rc_put32(p + 20, campaign);
	f->nchunk++;
	return f->nchunk == HITS_A_RECORD ? flush_chunk(f, e) : RC_OK;
}

/* Counts a hit for its campaign and, if a person made it, its message. */
static enum rc_err
count(struct fold *f, const struct rc_link *link, enum rc_click_class class,
    struct rc_error *e)
{
	enum rc_err err = RC_OK;
	bool first = false;

	if (link->campaign != f->sums.campaign) {
		err = flush_sums(f, e);
		f->sums.campaign = link->campaign;
	}
	if (err != RC_OK)
		return err;
	f->sums.class[class]++;
	if (class != RC_CLICK_HUMAN || link->ordinal == RC_LINK_UNBOUND)
		return RC_OK;
	err = rc_message_clicked(
	    f->txn, link->campaign, link->ordinal, &first, e);
	f->sums.clickers += first;
	return err == RC_NOTFOUND ? RC_OK : err;
}

static enum rc_err
fold_hit(struct fold *f, const struct rc_hit *hit, struct rc_error *e)
{
	struct rc_link_tally tally = {0};
	enum rc_click_class class;
	enum rc_click_reason why;
	struct rc_link link;
	uint32_t agent;
	enum rc_err err;

	err = rc_link_get(f->txn, hit->link_id, &link, e);
	if (err == RC_NOTFOUND)
		link = (struct rc_link){.ordinal = RC_LINK_UNBOUND};
	else if (err != RC_OK)
		return err;
	err = agent_number(f->txn, hit->agent, &agent, e);
	if (err == RC_OK)
		err = rc_link_tally_get(f->txn, hit->link_id, &tally, e);
	if (err != RC_OK)
		return err;
	class = rc_click_classify(
	    hit, tally.newest_human_ms, tally.agent == agent, &why);
	tally.hits++;
	if (class == RC_CLICK_HUMAN) {
		tally.human++;
		tally.newest_human_ms = hit->at_ms;
		tally.agent = agent;
	}
	err = put_link_tally(f->txn, hit->link_id, &tally, e);
	if (err == RC_OK)
		err = count(f, &link, class, e);
	if (err == RC_OK)
		err = keep_raw(f, hit, class, why, agent, link.campaign, e);
	return err;
}

/*
 * Where folding the open file goes on.  Files are numbered upwards: one below
 * the position's was folded whole before it made place, one above is new.
 */
static uint64_t
start_of(const struct fold *f, const struct rc_click_position *at)
{
	if (f->id == at->id)
		return at->offset;
	return f->id > at->id ? RC_CLICK_HEADER : UINT64_MAX;
}

/* Folds the piece that was read, unless somebody else has done so. */
static enum rc_err
fold_piece(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct fold *f = arg;
	struct rc_click_position at;
	unsigned char value[16];
	size_t used = 0, len;
	struct rc_hit hit;
	enum rc_err err = rc_click_position_get(txn, &at, e);

	f->folded = 0;
	f->txn = txn;
	f->nchunk = 0;
	memset(&f->sums, 0, sizeof(f->sums));
	if (err != RC_OK)
		return err;
	if (start_of(f, &at) != f->offset)
		return RC_OK;
	err = get_counter(txn, "click_next", &f->next_hit, e);
	while (err == RC_OK &&
	       (len = rc_click_decode(
		    rc_slice_of(f->piece + used, f->piece_len - used), &hit)) >
		   0) {
		err = fold_hit(f, &hit, e);
		used += len;
		f->folded++;
	}
	if (err == RC_OK)
		err = flush_sums(f, e);
	if (err == RC_OK)
		err = flush_chunk(f, e);
	if (err == RC_OK)
		err = put_counter(txn, "click_next", f->next_hit, e);
	rc_put64(value, f->id);
	rc_put64(value + 8, f->offset + used);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_META, RC_SLICE_LIT("click_fold"),
		    rc_slice_of(value, sizeof(value)), e);
	return err;
}

/* Opens the file that stands under the path now; RC_END when there is none. */
static enum rc_err
open_file(struct fold *f, const char *path, struct rc_error *e)
{
	unsigned char header[RC_CLICK_HEADER];

	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 && errno == ENOENT)
		return RC_END;
	if (f->fd < 0)
		return rc_err_errno(e, RC_EIO, "cannot open '%s'", path);
	if (pread(f->fd, header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header, RC_CLICK_MAGIC, 8) != 0)
		return RC_END;
	f->id = rc_get64(header + 8);
	return RC_OK;
}

/* One piece; RC_END when nothing is left. */
static enum rc_err
fold_once(struct fold *f, struct rc_store *store, struct rc_error *e)
{
	struct rc_click_position at;
	enum rc_err err = rc_store_read(store, rc_click_position_get, &at, e);
	struct rc_hit hit;
	ssize_t n;

	if (err != RC_OK)
		return err;
	f->offset = start_of(f, &at);
	if (f->offset == UINT64_MAX)
		return RC_END;
	n = pread(f->fd, f->piece, PIECE_MAX, (off_t)f->offset);
	if (n < 0)
		return rc_err_errno(e, RC_EIO, "cannot read the click file");
	f->piece_len = (size_t)n;
	if (rc_click_decode(rc_slice_of(f->piece, f->piece_len), &hit) == 0)
		return RC_END;
	return rc_store_write_bulk(store, fold_piece, f, e);
}

enum rc_err
rc_click_fold(struct rc_state *state, uint64_t *n, struct rc_error *e)
{
	struct rc_buf path = RC_BUF_INIT(4096);
	struct fold *f = calloc(1, sizeof(*f));
	enum rc_err err;

	*n = 0;
	if (f == NULL)
		return rc_err_nomem(e);
	f->fd = -1;
	f->piece = malloc(PIECE_MAX);
	if (f->piece == NULL) {
		err = rc_err_nomem(e);
		goto out;
	}
	rc_click_path(rc_store_path(state->store), &path);
	err = rc_buf_check(&path, "path of the state", e);
	if (err == RC_OK)
		err = open_file(f, rc_buf_str(&path), e);
	while (err == RC_OK) {
		err = fold_once(f, state->store, e);
		if (err == RC_OK)
			*n += f->folded;
	}
out:
	if (f->fd >= 0)
		close(f->fd);
	free(f->piece);
	free(f);
	rc_buf_free(&path);
	return err == RC_END ? RC_OK : err;
}

static enum rc_err
add_lost(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const uint64_t *more = arg;
	uint64_t n;
	enum rc_err err = get_counter(txn, "click_lost", &n, e);

	return err == RC_OK ? put_counter(txn, "click_lost", n + *more, e)
			    : err;
}

enum rc_err
rc_click_count_lost(struct rc_store *store, uint64_t n, struct rc_error *e)
{
	return n == 0 ? RC_OK : rc_store_write(store, add_lost, &n, e);
}
