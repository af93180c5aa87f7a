/*
 * Campaigns: a name bound to a channel and to what is sent.  A campaign is made
 * by its first run and never removed, since its messages refer to it.
 */
#ifndef RC_CORE_CAMPAIGN_H
#define RC_CORE_CAMPAIGN_H

#include "core/channel.h"
#include "core/variant.h"

#define RC_CAMPAIGN_ORDINALS 0xffffffffu /* at most so many messages */
#define RC_CAMPAIGN_TOUCH_MS 60000
#define RC_CONTENT_MAX (1u << 20) /* bytes of all its texts, about */
#define RC_CAMPAIGN_STAMP 8

/* What a campaign sends; borrowed from whoever made it. */
struct rc_content {
	struct rc_slice template_text, message_text;
	const struct rc_variant *variants;
	size_t nvariants;
	unsigned holdout; /* hundredths of a percent; 0: none */
};

struct rc_campaign {
	char name[RC_CAMPAIGN_NAME_MAX + 1];
	uint32_t number, channel;
	uint64_t first_run_ms, last_run_ms;
	uint32_t next_ordinal;
	unsigned char template_hash[RC_SHA256_LEN]; /* of what follows */
	/* Borrowed from the transaction; split: see rc_split_read. */
	struct rc_slice template_text, message_text, split;
};

/* RC_NOTFOUND; RC_EUSAGE for what is no name. */
enum rc_err rc_campaign_get(struct rc_txn *, const char *name,
    struct rc_campaign *, struct rc_error *) RC_MUST_USE;
/*
 * The campaign of that name, made if there is none, within a write; notes the
 * run.  RC_ECONFIG when its channel or (unless amend) its content is another;
 * RC_EDATA for more text than RC_CONTENT_MAX; RC_EUSAGE for what is no name.
 */
enum rc_err rc_campaign_open(struct rc_txn *, const char *name,
    uint32_t channel, const struct rc_content *, bool amend, uint64_t now_ms,
    struct rc_campaign *, struct rc_error *) RC_MUST_USE;
/*
 * What rc_campaign_open checks of an existing campaign, for dry runs:
 * RC_ECONFIG when its channel or (unless amend) its content is another.
 */
enum rc_err rc_campaign_check(const struct rc_campaign *, uint32_t channel,
    const struct rc_content *, bool amend, struct rc_error *) RC_MUST_USE;
/*
 * Its variants, with the content's in use; without a campaign (NULL) those of
 * one that begins with this content.
 */
enum rc_err rc_campaign_variants(const struct rc_campaign *,
    const struct rc_content *, struct rc_variants *,
    struct rc_error *) RC_MUST_USE;
/*
 * Takes n ordinals of a campaign, within a write; ones that are never used are
 * no harm.  RC_ENOINPUT when there is no such campaign, RC_ECONFIG when it has
 * no more.
 */
enum rc_err rc_campaign_reserve(struct rc_txn *, const char *name, uint32_t n,
    uint32_t *first, struct rc_error *) RC_MUST_USE;
/*
 * Moves the last run to now, within a write: a run that claims does so each
 * RC_CAMPAIGN_TOUCH_MS, and rules that look back (the cap) allow for as much.
 * RC_NOTFOUND.
 */
enum rc_err rc_campaign_touch(struct rc_txn *, const char *name,
    uint64_t now_ms, struct rc_error *) RC_MUST_USE;
/*
 * Random bytes that are others after any campaign was made or its last run
 * moved: who read them all under the same stamp need not read them again.
 * RC_NOTFOUND in a state where that was not noted yet.
 */
enum rc_err rc_campaign_stamp(struct rc_txn *,
    unsigned char stamp[RC_CAMPAIGN_STAMP], struct rc_error *) RC_MUST_USE;
/*
 * Notes, within a write, by which account, sender and URL a run of a campaign
 * sends.  Twilio's secrets, which change for other reasons, do not count; what
 * an http channel's account is may be told by its headers and credentials
 * alone, so they do, as a digest under the seal's key.
 */
enum rc_err rc_campaign_note_route(struct rc_txn *, uint32_t campaign,
    const struct rc_channel *, const struct rc_seal *,
    struct rc_error *) RC_MUST_USE;
/*
 * Whether all runs that noted any sent by those that the channel has now: only
 * then does a provider that knows nothing of a message deny it.
 */
enum rc_err rc_campaign_same_route(struct rc_txn *, uint32_t campaign,
    const struct rc_channel *, const struct rc_seal *, bool *same,
    struct rc_error *) RC_MUST_USE;
/* Notes, within a write, that a run was told to amend a campaign. */
enum rc_err rc_campaign_note_amended(
    struct rc_txn *, uint32_t campaign, struct rc_error *) RC_MUST_USE;
/*
 * Whether any was: then what a message was rendered from may be other than what
 * the campaign has now.
 */
enum rc_err rc_campaign_was_amended(struct rc_txn *, uint32_t campaign,
    bool *amended, struct rc_error *) RC_MUST_USE;
/*
 * Every campaign in order of names, until the function returns anything but
 * RC_OK; RC_END ends it early.  The function changes no campaign.
 */
enum rc_err rc_campaign_each(struct rc_txn *,
    enum rc_err (*)(void *, const struct rc_campaign *, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;

#endif
