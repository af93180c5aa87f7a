#include "core/shorten.h"

#include "text/code.h"
#include "text/url.h"

#include <string.h>

#define BATCH 500	     /* links a write; well below 20 ms */
#define URLS_MAX (64u << 20) /* bytes of what is noted of a text's URLs */

struct batch {
	const struct rc_shorten *s;
	const struct rc_slice *url;
	size_t n;
	uint64_t *id;
	bool missing;
};

static enum rc_err
find_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct batch *b = arg;
	enum rc_err err = RC_OK;
	size_t i;

	b->missing = false;
	for (i = 0; i < b->n && err == RC_OK; i++) {
		b->id[i] = 0;
		err =
		    rc_link_find(txn, b->s->campaign, b->url[i], &b->id[i], e);
		if (err == RC_NOTFOUND) {
			b->missing = true;
			err = RC_OK;
		}
	}
	return err;
}

static enum rc_err
mint_batch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct batch *b = arg;
	enum rc_err err = RC_OK;
	size_t i;

	for (i = 0; i < b->n && err == RC_OK; i++)
		err =
		    rc_link_mint(txn, b->s->campaign, b->url[i], &b->id[i], e);
	return err;
}

enum rc_err
rc_shorten_urls(const struct rc_shorten *s, const struct rc_slice *url,
    size_t n, uint64_t *id, struct rc_error *e)
{
	struct rc_store *store = s->state->store;
	enum rc_err err = RC_OK;
	size_t done;

	for (done = 0; done < n && err == RC_OK; done += BATCH) {
		struct batch b = {.s = s,
		    .url = url + done,
		    .n = n - done < BATCH ? n - done : BATCH,
		    .id = id + done};

		err = rc_store_read(store, find_batch, &b, e);
		if (err == RC_OK && b.missing && !s->dry_run)
			err = rc_store_write_bulk(store, mint_batch, &b, e);
	}
	return err;
}

/* --- texts ---------------------------------------------------------------- */

static struct rc_slice
without_slashes(struct rc_slice base)
{
	while (base.len > 0 && base.p[base.len - 1] == '/')
		base.len--;
	return base;
}

static bool
is_short_already(const struct rc_shorten *s, struct rc_slice url)
{
	struct rc_slice base = without_slashes(s->base);
	uint64_t id;

	if (url.len != base.len + 1 + RC_CODE_LEN ||
	    memcmp(url.p, base.p, base.len) != 0 || url.p[base.len] != '/')
		return false;
	return rc_code_decode(s->state->keys.code,
	    (struct rc_slice){url.p + base.len + 1, RC_CODE_LEN}, &id);
}

static void
find_urls(const struct rc_shorten *s, struct rc_slice text, struct rc_buf *urls)
{
	struct rc_slice url;
	size_t pos = 0;

	while (rc_url_find(text, &pos, &url))
		if (!is_short_already(s, url))
			rc_buf_add(urls, &url, sizeof(url));
}

/* Writes the text with its n URLs replaced. */
static void
replace(const struct rc_shorten *s, struct rc_slice text,
    const struct rc_slice *url, const uint64_t *id, size_t n,
    struct rc_buf *out)
{
	const char *p = text.p;
	size_t i;

	for (i = 0; i < n; i++) {
		rc_buf_add(out, p, (size_t)(url[i].p - p));
		rc_link_write(&s->state->keys, s->base, id[i], out);
		p = url[i].p + url[i].len;
	}
	rc_buf_add(out, p, (size_t)(text.p + text.len - p));
}

enum rc_err
rc_shorten_text(const struct rc_shorten *s, struct rc_slice text,
    struct rc_buf *out, struct rc_error *e)
{
	struct rc_buf urls = RC_BUF_INIT(URLS_MAX), ids = RC_BUF_INIT(URLS_MAX);
	const struct rc_slice *url;
	enum rc_err err;
	uint64_t *id;
	size_t n;

	find_urls(s, text, &urls);
	url = (const void *)urls.data;
	n = urls.len / sizeof(*url);
	id = (void *)rc_buf_room(&ids, n * sizeof(*id));
	err = rc_buf_check(&urls, "text", e);
	if (err == RC_OK)
		err = rc_buf_check(&ids, "text", e);
	if (err == RC_OK)
		err = rc_shorten_urls(s, url, n, id, e);
	if (err == RC_OK) {
		replace(s, text, url, id, n, out);
		err = rc_buf_check(out, "text", e);
	}
	rc_buf_free(&urls);
	rc_buf_free(&ids);
	return err;
}

size_t
rc_shorten_whole(struct rc_slice text)
{
	size_t n = text.len;

	while (n > 0 && (unsigned char)text.p[n - 1] > ' ')
		n--;
	return n;
}

bool
rc_shorten_id(
    const struct rc_state_keys *keys, struct rc_slice text, uint64_t *id)
{
	struct rc_error ignored;
	struct rc_url url;
	const char *slash;

	if (rc_url_scheme_len(text) > 0) {
		if (rc_url_parse(text, &url, &ignored) != RC_OK)
			return false;
		text = url.path;
		slash = memrchr(text.p, '/', text.len);
		if (slash == NULL)
			return false;
		text.len -= (size_t)(slash + 1 - text.p);
		text.p = slash + 1;
	}
	return rc_code_decode(keys->code, text, id);
}
