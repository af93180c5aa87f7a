/*
 * Campaigns: a name bound to a channel and a template.
 */
#ifndef RC_CORE_CAMPAIGN_H
#define RC_CORE_CAMPAIGN_H

#include "core/state.h"

#define RC_CAMPAIGN_NAME_MAX 64

struct rc_campaign {
	char name[RC_CAMPAIGN_NAME_MAX + 1];
	uint32_t number, channel;
	uint64_t first_run_ms, last_run_ms;
	uint32_t next_ordinal;
	unsigned char template_hash[RC_SHA256_LEN];
	struct rc_slice template_text, message_text; /* borrowed from txn */
};

/* RC_NOTFOUND. */
enum rc_err rc_campaign_get(struct rc_txn *, const char *name,
    struct rc_campaign *, struct rc_error *) RC_MUST_USE;
/*
 * The campaign of that name, made if there is none, within a write.  RC_ECONFIG
 * when its channel or (unless amend) its template is another.
 */
enum rc_err rc_campaign_open(struct rc_txn *, const char *name,
    uint32_t channel, struct rc_slice template_text,
    struct rc_slice message_text, bool amend, uint64_t now_ms,
    struct rc_campaign *, struct rc_error *) RC_MUST_USE;
/*
 * What rc_campaign_open checks of an existing campaign, for dry runs:
 * RC_ECONFIG when its channel or (unless amend) its template is another.
 */
enum rc_err rc_campaign_check(const struct rc_campaign *, uint32_t channel,
    struct rc_slice template_text, struct rc_slice message_text, bool amend,
    struct rc_error *) RC_MUST_USE;
/* Takes n ordinals of a campaign (holes are allowed later). */
enum rc_err rc_campaign_reserve(struct rc_txn *, const char *name, uint32_t n,
    uint32_t *first, struct rc_error *) RC_MUST_USE;
enum rc_err rc_campaign_each(struct rc_txn *,
    enum rc_err (*)(void *, const struct rc_campaign *, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;

#endif
