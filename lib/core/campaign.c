#include "core/campaign.h"

#include "base/num.h"
#include "text/utf8.h"

#include <string.h>

/* Bytes of a kept campaign. */
#define RECORD_MAX (RC_CONTENT_MAX + (1u << 16))
#define STAMP_KEY RC_SLICE_LIT("campaign_stamp")

static enum rc_err
name_check(const char *name, struct rc_error *e)
{
	struct rc_slice s = rc_slice_str(name);
	size_t i;

	if (s.len == 0 || s.len > RC_CAMPAIGN_NAME_MAX)
		return rc_err_set(e, RC_EUSAGE,
		    "campaign '%s': a name has 1 to %d bytes", name,
		    RC_CAMPAIGN_NAME_MAX);
	for (i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return rc_err_set(e, RC_EUSAGE,
			    "campaign '%s': a name has no control characters",
			    name);
	if (!rc_utf8_valid(s))
		return rc_err_set(
		    e, RC_EUSAGE, "campaign '%s': a name is UTF-8", name);
	return RC_OK;
}

static enum rc_err
decode(struct rc_slice name, struct rc_slice record, struct rc_campaign *c,
    struct rc_error *e)
{
	struct rc_unpack u = rc_unpack_start(record);
	struct rc_slice hash;

	*c = (struct rc_campaign){.number = rc_unpack32(&u)};
	c->channel = rc_unpack32(&u);
	c->first_run_ms = rc_unpack64(&u);
	c->last_run_ms = rc_unpack64(&u);
	c->next_ordinal = rc_unpack32(&u);
	hash = rc_unpack_bytes(&u, RC_SHA256_LEN);
	c->template_text = rc_unpack_str(&u);
	c->message_text = rc_unpack_str(&u);
	c->split = rc_unpack_bytes(&u, (size_t)(u.end - u.p));
	if (u.short_read || name.len > RC_CAMPAIGN_NAME_MAX)
		return rc_state_damaged(e, "a campaign record");
	memcpy(c->template_hash, hash.p, RC_SHA256_LEN);
	memcpy(c->name, name.p, name.len);
	return RC_OK;
}

/* The texts of c may lie in the very record that is replaced. */
static enum rc_err
put(struct rc_txn *txn, const struct rc_campaign *c, struct rc_error *e)
{
	struct rc_buf record = RC_BUF_INIT(RECORD_MAX);
	enum rc_err err;

	rc_buf_add32(&record, c->number);
	rc_buf_add32(&record, c->channel);
	rc_buf_add64(&record, c->first_run_ms);
	rc_buf_add64(&record, c->last_run_ms);
	rc_buf_add32(&record, c->next_ordinal);
	rc_buf_add(&record, c->template_hash, RC_SHA256_LEN);
	rc_buf_add_str(&record, c->template_text);
	rc_buf_add_str(&record, c->message_text);
	rc_buf_addv(&record, c->split);
	err = rc_buf_check(&record, "campaign", e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_CAMPAIGN, rc_slice_str(c->name),
		    rc_buf_slice(&record), e);
	rc_buf_free(&record);
	return err;
}

enum rc_err
rc_campaign_get(struct rc_txn *txn, const char *name, struct rc_campaign *c,
    struct rc_error *e)
{
	struct rc_slice record = {"", 0};
	enum rc_err err = name_check(name, e);

	if (err == RC_OK)
		err =
		    rc_get(txn, RC_T_CAMPAIGN, rc_slice_str(name), &record, e);
	return err == RC_OK ? decode(rc_slice_str(name), record, c, e) : err;
}

/* --- what it sends -------------------------------------------------------- */

enum rc_err
rc_campaign_variants(const struct rc_campaign *c,
    const struct rc_content *content, struct rc_variants *v, struct rc_error *e)
{
	unsigned holdout;
	enum rc_err err = RC_OK;

	v->n = 0;
	if (c != NULL)
		err = rc_split_read(c->split, v, &holdout, e);
	if (err == RC_OK)
		err = rc_variants_use(
		    v, content->variants, content->nvariants, e);
	return err;
}

/* The split that a campaign, or a new one, has with this content. */
static enum rc_err
split_of(const struct rc_campaign *c, const struct rc_content *content,
    struct rc_buf *split, struct rc_error *e)
{
	struct rc_variants variants;
	enum rc_err err = rc_campaign_variants(c, content, &variants, e);

	if (err != RC_OK)
		return err;
	rc_split_write(&variants, content->holdout, split);
	return RC_OK;
}

static enum rc_err
check_size(const struct rc_content *content, struct rc_error *e)
{
	size_t len = content->template_text.len + content->message_text.len;

	for (size_t i = 0; i < content->nvariants; i++)
		len += content->variants[i].text.len;
	if (len > RC_CONTENT_MAX)
		return rc_err_set(e, RC_EDATA,
		    "the texts of a campaign have at most %u bytes together",
		    RC_CONTENT_MAX);
	return RC_OK;
}

static enum rc_err
check_same(const struct rc_campaign *c, const struct rc_content *content,
    struct rc_error *e)
{
	struct rc_buf split = RC_BUF_INIT(RECORD_MAX);
	const char *what = NULL;
	enum rc_err err = split_of(c, content, &split, e);

	if (err == RC_OK)
		err = rc_buf_check(&split, "campaign", e);
	if (!rc_slice_eq(c->template_text, content->template_text) ||
	    !rc_slice_eq(c->message_text, content->message_text))
		what = "another template";
	else if (!rc_slice_eq(c->split, rc_buf_slice(&split)))
		what = "other variants or another holdout";
	rc_buf_free(&split);
	if (err != RC_OK || what == NULL)
		return err;
	return rc_err_set(e, RC_ECONFIG,
	    "campaign '%s' has %s: begin another campaign with -k, or change "
	    "this one with --amend",
	    c->name, what);
}

enum rc_err
rc_campaign_check(const struct rc_campaign *c, uint32_t channel,
    const struct rc_content *content, bool amend, struct rc_error *e)
{
	if (c->channel != channel)
		return rc_err_set(e, RC_ECONFIG,
		    "campaign '%s' belongs to another channel: name that one "
		    "with -c, or begin another campaign with -k",
		    c->name);
	return amend ? RC_OK : check_same(c, content, e);
}

/* Nothing follows the texts of a campaign without a split: then its hash is
 * that of the texts. */
static enum rc_err
set_content(struct rc_campaign *c, const struct rc_content *content,
    struct rc_slice split, struct rc_error *e)
{
	struct rc_buf all = RC_BUF_INIT(RECORD_MAX);
	enum rc_err err;

	c->template_text = content->template_text;
	c->message_text = content->message_text;
	c->split = split;
	rc_buf_add_str(&all, c->template_text);
	rc_buf_add_str(&all, c->message_text);
	rc_buf_addv(&all, c->split);
	err = rc_buf_check(&all, "campaign", e);
	rc_sha256(rc_buf_slice(&all), c->template_hash);
	rc_buf_free(&all);
	return err;
}

/* --- runs ------------------------------------------------------------------
 */

/*
 * Random, not counted: a stamp that was read in a transaction which failed is
 * never that of another one.
 */
static enum rc_err
put_run(struct rc_txn *txn, const struct rc_campaign *c, struct rc_error *e)
{
	unsigned char stamp[RC_CAMPAIGN_STAMP];
	enum rc_err err = put(txn, c, e);

	if (err == RC_OK)
		err = rc_random(stamp, sizeof(stamp), e);
	if (err == RC_OK)
		err = rc_put(txn, RC_T_META, STAMP_KEY,
		    rc_slice_of(stamp, sizeof(stamp)), e);
	return err;
}

enum rc_err
rc_campaign_stamp(struct rc_txn *txn, unsigned char stamp[RC_CAMPAIGN_STAMP],
    struct rc_error *e)
{
	struct rc_slice value;
	enum rc_err err = rc_get(txn, RC_T_META, STAMP_KEY, &value, e);

	if (err != RC_OK)
		return err;
	if (value.len != RC_CAMPAIGN_STAMP)
		return rc_state_damaged(e, "the state's 'campaign_stamp'");
	memcpy(stamp, value.p, RC_CAMPAIGN_STAMP);
	return RC_OK;
}

static enum rc_err
begin(struct rc_txn *txn, const char *name, uint32_t channel, uint64_t now_ms,
    struct rc_campaign *c, struct rc_error *e)
{
	*c = (struct rc_campaign){.channel = channel, .first_run_ms = now_ms};
	memcpy(c->name, name, strlen(name));
	return rc_state_take32(txn, "next_campaign", 1, &c->number, e);
}

static enum rc_err
get_or_begin(struct rc_txn *txn, const char *name, uint32_t channel,
    const struct rc_content *content, bool amend, uint64_t now_ms,
    struct rc_campaign *c, struct rc_error *e)
{
	enum rc_err err = rc_campaign_get(txn, name, c, e);

	if (err == RC_NOTFOUND)
		return begin(txn, name, channel, now_ms, c, e);
	if (err == RC_OK)
		err = rc_campaign_check(c, channel, content, amend, e);
	return err;
}

enum rc_err
rc_campaign_open(struct rc_txn *txn, const char *name, uint32_t channel,
    const struct rc_content *content, bool amend, uint64_t now_ms,
    struct rc_campaign *c, struct rc_error *e)
{
	struct rc_buf split = RC_BUF_INIT(RECORD_MAX);
	enum rc_err err = check_size(content, e);

	if (err == RC_OK)
		err = get_or_begin(
		    txn, name, channel, content, amend, now_ms, c, e);
	if (err == RC_OK)
		err = split_of(c, content, &split, e);
	if (err == RC_OK)
		err = rc_buf_check(&split, "campaign", e);
	if (err == RC_OK)
		err = set_content(c, content, rc_buf_slice(&split), e);
	if (err != RC_OK)
		goto out;
	/* Never back, even if the clock goes: caps look for recent runs. */
	if (c->last_run_ms < now_ms)
		c->last_run_ms = now_ms;
	err = put_run(txn, c, e);
	/* The texts are the transaction's again, not the caller's. */
	if (err == RC_OK)
		err = rc_campaign_get(txn, name, c, e);
out:
	rc_buf_free(&split);
	return err;
}

enum rc_err
rc_campaign_reserve(struct rc_txn *txn, const char *name, uint32_t n,
    uint32_t *first, struct rc_error *e)
{
	struct rc_campaign c;
	enum rc_err err = rc_campaign_get(txn, name, &c, e);

	if (err == RC_NOTFOUND)
		return rc_err_set(e, RC_ENOINPUT,
		    "no campaign '%s': rc-stats lists them", name);
	if (err != RC_OK)
		return err;
	if (n > RC_CAMPAIGN_ORDINALS - c.next_ordinal)
		return rc_err_set(e, RC_ECONFIG,
		    "campaign '%s' is full: begin another with -k", name);
	*first = c.next_ordinal;
	c.next_ordinal += n;
	return put(txn, &c, e);
}

enum rc_err
rc_campaign_touch(
    struct rc_txn *txn, const char *name, uint64_t now_ms, struct rc_error *e)
{
	struct rc_campaign c;
	enum rc_err err = rc_campaign_get(txn, name, &c, e);

	if (err != RC_OK || c.last_run_ms >= now_ms)
		return err;
	c.last_run_ms = now_ms;
	return put_run(txn, &c, e);
}

struct call {
	enum rc_err (*each)(
	    void *, const struct rc_campaign *, struct rc_error *);
	void *arg;
};

static enum rc_err
call_each(
    void *arg, struct rc_slice name, struct rc_slice record, struct rc_error *e)
{
	const struct call *call = arg;
	struct rc_campaign c;
	enum rc_err err = decode(name, record, &c, e);

	return err == RC_OK ? call->each(call->arg, &c, e) : err;
}

enum rc_err
rc_campaign_each(struct rc_txn *txn,
    enum rc_err (*each)(void *, const struct rc_campaign *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct call call = {each, arg};

	return rc_get_each(
	    txn, RC_T_CAMPAIGN, RC_SLICE_LIT(""), call_each, &call, e);
}
