#include "core/state.h"

#include "base/num.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_LEN 16
#define TALLY_KEY_LEN 9 /* u32 campaign, u8 dimension, u32 member */

static const char *const table_names[RC_TABLES] = {
    [RC_T_META] = "meta",
    [RC_T_CHANNEL] = "channel",
    [RC_T_API_KEY] = "api_key",
    [RC_T_TOKEN] = "token",
    [RC_T_LIST] = "list",
    [RC_T_LIST_INFO] = "list_info",
    [RC_T_LIST_SEEN] = "list_seen",
    [RC_T_SYNC] = "sync",
    [RC_T_FEED] = "feed",
    [RC_T_EVENT] = "event",
    [RC_T_SUPPRESSION] = "suppression",
    [RC_T_JOURNAL] = "journal",
    [RC_T_JOURNAL_BLOCK] = "journal_block",
    [RC_T_JOURNAL_INDEX] = "journal_index",
    [RC_T_EVIDENCE] = "evidence",
    [RC_T_REVIEW] = "review",
    [RC_T_PERSON] = "person",
    [RC_T_PERSON_BY] = "person_by",
    [RC_T_DATA_FEED] = "data_feed",
    [RC_T_DATA] = "data",
    [RC_T_CAMPAIGN] = "campaign",
    [RC_T_RECIPIENT] = "recipient",
    [RC_T_MESSAGE] = "message",
    [RC_T_MESSAGE_TEXT] = "message_text",
    [RC_T_RUN] = "run",
    [RC_T_LINK] = "link",
    [RC_T_LINK_OF] = "link_of",
    [RC_T_LINK_TALLY] = "link_tally",
    [RC_T_CLICK] = "click",
    [RC_T_AGENT] = "agent",
    [RC_T_TALLY] = "tally",
};

enum rc_err
rc_state_damaged(struct rc_error *e, const char *what, ...)
{
	char text[RC_ERROR_MAX];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	return rc_err_set(e, RC_ECONFIG,
	    "%s is damaged: restore the state from a backup", text);
}

/* --- the three keys ------------------------------------------------------ */

static enum rc_err
get_key(struct rc_txn *t, const char *name, unsigned char key[KEY_LEN],
    struct rc_error *e)
{
	struct rc_slice value;
	enum rc_err r = rc_get(t, RC_T_META, rc_slice_str(name), &value, e);

	if (r != RC_OK)
		return r;
	if (value.len != KEY_LEN)
		return rc_state_damaged(e, "the state's '%s'", name);
	memcpy(key, value.p, KEY_LEN);
	return RC_OK;
}

/* RC_NOTFOUND while the state is being made. */
static enum rc_err
read_keys(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct rc_state_keys *keys = arg;
	enum rc_err r = get_key(t, "code_key", keys->code, e);

	if (r == RC_OK)
		r = get_key(t, "message_key", keys->message, e);
	if (r == RC_OK)
		r = get_key(t, "variant_key", keys->variant, e);
	return r;
}

static enum rc_err
write_keys(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct rc_state_keys *keys = arg, there;
	enum rc_err r = read_keys(t, &there, e);

	/* Another process may have been first. */
	if (r != RC_NOTFOUND) {
		*keys = there;
		return r;
	}
	r = rc_put(t, RC_T_META, RC_SLICE_LIT("code_key"),
	    rc_slice_of(keys->code, KEY_LEN), e);
	if (r == RC_OK)
		r = rc_put(t, RC_T_META, RC_SLICE_LIT("message_key"),
		    rc_slice_of(keys->message, KEY_LEN), e);
	if (r == RC_OK)
		r = rc_put(t, RC_T_META, RC_SLICE_LIT("variant_key"),
		    rc_slice_of(keys->variant, KEY_LEN), e);
	return r;
}

static enum rc_err
load_keys(struct rc_state *s, struct rc_error *e)
{
	enum rc_err r = rc_store_read(s->store, read_keys, &s->keys, e);

	if (r != RC_NOTFOUND)
		return r;
	r = rc_random(&s->keys, sizeof(s->keys), e);
	if (r == RC_OK)
		r = rc_store_write(s->store, write_keys, &s->keys, e);
	return r;
}

/* --- the state ----------------------------------------------------------- */

enum rc_err
rc_state_open(struct rc_state **out, const char *path, const char *key_path,
    bool create, struct rc_error *e)
{
	const struct rc_store_config config = {.path = path,
	    .tables = table_names,
	    .ntables = RC_TABLES,
	    .schema = RC_STATE_SCHEMA,
	    .create = create};
	struct rc_state *s = calloc(1, sizeof(*s));
	enum rc_err r;

	*out = NULL;
	if (s == NULL)
		return rc_err_nomem(e);
	s->key_path = strdup(key_path);
	r = s->key_path == NULL ? rc_err_nomem(e)
				: rc_store_open(&s->store, &config, e);
	if (r == RC_OK)
		r = load_keys(s, e);
	if (r == RC_OK)
		*out = s;
	else
		rc_state_close(s);
	return r;
}

void
rc_state_close(struct rc_state *s)
{
	if (s == NULL)
		return;
	rc_seal_close(s->seal);
	rc_store_close(s->store);
	free(s->key_path);
	free(s);
}

/* --- counters ------------------------------------------------------------ */

/* Takes n numbers of a counter kept in width bytes, 4 or 8. */
static enum rc_err
take(struct rc_txn *t, const char *counter, size_t width, uint64_t n,
    uint64_t *first, struct rc_error *e)
{
	uint64_t max = width == 4 ? UINT32_MAX : UINT64_MAX;
	struct rc_slice key = rc_slice_str(counter), value;
	unsigned char next[8];
	enum rc_err r = rc_get(t, RC_T_META, key, &value, e);

	*first = 1; /* 0 is nobody's number */
	if (r != RC_OK && r != RC_NOTFOUND)
		return r;
	if (r == RC_OK && value.len != width)
		return rc_state_damaged(e, "counter '%s'", counter);
	if (r == RC_OK)
		*first = width == 4 ? rc_get32(value.p) : rc_get64(value.p);
	if (n > max - *first)
		return rc_err_set(e, RC_EINTERNAL,
		    "counter '%s' has run out of numbers", counter);
	if (width == 4)
		rc_put32(next, (uint32_t)(*first + n));
	else
		rc_put64(next, *first + n);
	return rc_put(t, RC_T_META, key, rc_slice_of(next, width), e);
}

enum rc_err
rc_state_take32(struct rc_txn *t, const char *counter, uint32_t n,
    uint32_t *first, struct rc_error *e)
{
	uint64_t wide;
	enum rc_err r = take(t, counter, sizeof(*first), n, &wide, e);

	*first = (uint32_t)wide;
	return r;
}

enum rc_err
rc_state_take64(struct rc_txn *t, const char *counter, uint64_t n,
    uint64_t *first, struct rc_error *e)
{
	return take(t, counter, sizeof(*first), n, first, e);
}

/* --- tallies ------------------------------------------------------------- */

static struct rc_slice
tally_key(unsigned char key[TALLY_KEY_LEN], uint32_t campaign,
    enum rc_tally dimension, uint32_t member)
{
	rc_put32(key, campaign);
	key[4] = (unsigned char)dimension;
	rc_put32(key + 5, member);
	return rc_slice_of(key, TALLY_KEY_LEN);
}

enum rc_err
rc_tally_get(struct rc_txn *t, uint32_t campaign, enum rc_tally dimension,
    uint32_t member, uint64_t *count, struct rc_error *e)
{
	unsigned char key[TALLY_KEY_LEN];
	struct rc_slice value;
	enum rc_err r = rc_get(t, RC_T_TALLY,
	    tally_key(key, campaign, dimension, member), &value, e);

	*count = 0;
	if (r != RC_OK)
		return r == RC_NOTFOUND ? RC_OK : r;
	if (value.len != sizeof(*count))
		return rc_state_damaged(e, "a tally of campaign %u", campaign);
	*count = rc_get64(value.p);
	return RC_OK;
}

enum rc_err
rc_tally_add(struct rc_txn *t, uint32_t campaign, enum rc_tally dimension,
    uint32_t member, int64_t delta, struct rc_error *e)
{
	unsigned char key[TALLY_KEY_LEN], value[8];
	uint64_t count;
	enum rc_err r = rc_tally_get(t, campaign, dimension, member, &count, e);

	if (r != RC_OK)
		return r;
	if (delta < 0 && count < -(uint64_t)delta)
		return rc_err_set(e, RC_EINTERNAL,
		    "tally %d of campaign %u would go below zero", dimension,
		    campaign);
	rc_put64(value, count + (uint64_t)delta);
	return rc_put(t, RC_T_TALLY,
	    tally_key(key, campaign, dimension, member),
	    rc_slice_of(value, sizeof(value)), e);
}
