/*
 * How the state keeps events and suppressions (reconnect-state(5)); shared by
 * those who read or write these tables whole.  Who may be texted is to be
 * asked of core/consent.h.
 */
#ifndef RC_CORE_CONSENT_RECORD_H
#define RC_CORE_CONSENT_RECORD_H

#include "core/consent.h"

#define RC_EVENT_LEN 17	      /* u8 in or out, u64 received, u64 sequence */
#define RC_SUPPRESSION_LEN 16 /* u64 received, u64 sequence */

/* Writes the event of a member of a list's generation, within a write. */
enum rc_err rc_event_put(struct rc_txn *, uint32_t channel, uint32_t generation,
    struct rc_slice member_key, bool in, uint64_t received_ms, uint64_t seq,
    struct rc_error *) RC_MUST_USE;
/* Deletes it, if it is there. */
enum rc_err rc_event_del(struct rc_txn *, uint32_t channel, uint32_t generation,
    struct rc_slice member_key, struct rc_error *) RC_MUST_USE;

#endif
