/*
 * Shortening texts: every URL in a text becomes a link that is bound to no
 * message, the same URL always the same.
 *
 * A short link of the same base is left as it is, so that a text can be
 * shortened again.  Reads and writes the store in short transactions; the
 * caller does the input and the output between them.
 */
#ifndef RC_CORE_SHORTEN_H
#define RC_CORE_SHORTEN_H

#include "core/link.h"

struct rc_shorten {
	struct rc_state *state;
	uint32_t campaign;    /* 0: none */
	struct rc_slice base; /* an http(s) URL, borrowed */
	bool dry_run;	      /* mint nothing; unknown URLs get a preview */
};

/*
 * The ids of n checked URLs; in a dry run 0 for one that has none.  Writes only
 * when one is new, in batches.
 */
enum rc_err rc_shorten_urls(const struct rc_shorten *, const struct rc_slice *,
    size_t n, uint64_t *id, struct rc_error *) RC_MUST_USE;
/*
 * Appends a whole text to out with its URLs shortened; all else stays byte for
 * byte.
 */
enum rc_err rc_shorten_text(const struct rc_shorten *, struct rc_slice text,
    struct rc_buf *out, struct rc_error *) RC_MUST_USE;
/*
 * How many bytes of a text that goes on can be taken as whole: up to its last
 * white space or control character, which no URL contains.
 */
size_t rc_shorten_whole(struct rc_slice text);

/*
 * The id of a code, or of a short link of any base; false when text is
 * neither.
 */
bool rc_shorten_id(const struct rc_state_keys *, struct rc_slice text,
    uint64_t *id) RC_MUST_USE;

#endif
