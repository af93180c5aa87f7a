#include "core/link.h"
#include "job/send_priv.h"
#include "job/send_reconcile_priv.h"
#include "text/gsm_smart.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_MS (60ULL * 1000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
/*
 * A message with other words that was made so close to the claim may still be
 * it, with a text that was amended since, or that the provider changed.
 */
#define NEAR_BEFORE_MS (5 * MINUTE_MS)
#define NEAR_AFTER_MS (10 * MINUTE_MS)
/* How far a clock may be ahead, and its messages are looked for. */
#define CLOCK_OFF_MS (7 * DAY_MS)

#define OTHER_WORDS "a message with other words went to this person then"
/* A clock may have been wrong, or it was sent again since. */
#define OTHER_DAY "these words went to this person on another day"

/* --- what the messages were rendered from ----------------------------------
 */

static enum rc_err
compile(struct rc_template **t, struct rc_slice source, struct rc_error *e)
{
	if (source.len == 0)
		return RC_OK;
	return rc_template_compile(t, RC_TEMPLATE_TEXT, source, e);
}

static enum rc_err
open_variants(struct reconcile_texts *t, const struct rc_campaign *c,
    const struct rc_variants *v, struct rc_error *e)
{
	bool payload = c->template_text.len > 0;
	enum rc_err err;

	t->of = calloc(v->n + 1, sizeof(*t->of));
	if (t->of == NULL)
		return rc_err_nomem(e);
	t->n = v->n + 1;
	err = compile(&t->of[0].payload, c->template_text, e);
	if (err == RC_OK)
		err = compile(&t->of[0].message, c->message_text, e);
	for (size_t i = 1; i < t->n && err == RC_OK; i++) {
		struct rc_slice text = v->list[i - 1].text;

		if (text.len == 0) /* not in use any more: nobody knows it */
			continue;
		err = compile(
		    &t->of[i].payload, payload ? c->template_text : text, e);
		if (err == RC_OK)
			err = compile(&t->of[i].message,
			    payload ? text : c->message_text, e);
	}
	return err;
}

/* --- what an http channel's messages had in them ---------------------------
 */

static bool
shows_all(const struct rc_template *document, const struct rc_template *url)
{
	struct rc_slice name;

	for (size_t i = 0; (name = rc_template_var(url, i)).len > 0; i++)
		if (!rc_template_shows(document, name))
			return false;
	return true;
}

/* What is no document any more, the channel having changed, shows nothing. */
static enum rc_err
look_into(struct reconcile_text *t, const struct rc_channel *channel,
    struct rc_slice source, const struct rc_template *url, struct rc_error *e)
{
	struct rc_template *document;
	enum rc_err err = rc_template_compile(
	    &document, rc_send_template_kind(channel), source, e);

	t->shows = err == RC_OK && shows_all(document, url);
	rc_template_free(document);
	return err == RC_EDATA ? RC_OK : err;
}

static enum rc_err
look_into_all(struct reconcile_texts *t, const struct rc_channel *channel,
    const struct rc_campaign *c, const struct rc_variants *v,
    struct rc_error *e)
{
	struct rc_template *url;
	enum rc_err err = rc_channel_lookup_template(channel, &url, e);

	if (err != RC_OK)
		return err;
	t->of = calloc(v->n + 1, sizeof(*t->of));
	if (t->of == NULL)
		err = rc_err_nomem(e);
	else
		t->n = v->n + 1;
	for (size_t i = 0; i < t->n && err == RC_OK; i++)
		err = look_into(&t->of[i], channel,
		    i == 0 || c->template_text.len > 0 ? c->template_text
						       : v->list[i - 1].text,
		    url, e);
	rc_template_free(url);
	return err;
}

bool
rc_reconcile_had_what_is_asked(const struct reconcile_item *item)
{
	const struct reconcile_texts *t = &item->r->texts;
	uint8_t variant = item->message.variant;

	return variant < t->n && t->of[variant].shows;
}

/* --- opening and closing ---------------------------------------------------
 */

enum rc_err
rc_reconcile_texts_open(struct reconcile_texts *t,
    const struct rc_channel *channel, const struct rc_campaign *c,
    struct rc_error *e)
{
	struct rc_variants *v = calloc(1, sizeof(*v));
	unsigned holdout;
	enum rc_err err;

	if (v == NULL)
		return rc_err_nomem(e);
	err = rc_split_read(c->split, v, &holdout, e);
	if (err == RC_OK && channel->provider == RC_PROVIDER_TWILIO)
		err = open_variants(t, c, v, e);
	else if (err == RC_OK && channel->lookup_url != NULL)
		err = look_into_all(t, channel, c, v, e);
	free(v);
	return err;
}

void
rc_reconcile_texts_close(struct reconcile_texts *t)
{
	for (size_t i = 0; i < t->n; i++) {
		rc_template_free(t->of[i].message);
		rc_template_free(t->of[i].payload);
	}
	free(t->of);
}

/* --- whether a text is the message's ---------------------------------------
 */

struct comparing {
	struct rc_txn *txn;
	const struct reconcile_item *item;
	struct rc_error *e;
	enum rc_err err; /* of asking whose a link is */
};

static enum rc_err
lookup(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	const struct comparing *c = arg;

	(void)e;
	if (rc_slice_is(name, RC_TEMPLATE_IDENTIFIER))
		rc_buf_adds(out, c->item->message.to.text);
	else if (rc_slice_is(name, RC_TEMPLATE_CAMPAIGN))
		rc_buf_adds(out, c->item->r->cfg->campaign);
	else if (rc_slice_is(name, RC_TEMPLATE_MESSAGE_ID))
		rc_buf_adds(out, c->item->id);
	else
		return RC_NOTFOUND;
	return RC_OK;
}

/* BASE/CODE with a code that was reserved for this very message. */
static size_t
link_len(void *arg, unsigned index, struct rc_slice text)
{
	struct comparing *c = arg;
	const struct reconcile *r = c->item->r;
	const char *base = r->cfg->channel->short_base;
	size_t len = base == NULL ? 0 : strlen(base);
	uint32_t campaign, ordinal;
	uint64_t id;
	enum rc_err err;

	(void)index;
	while (len > 0 && base[len - 1] == '/')
		len--;
	if (len == 0 || text.len < len + 1 + RC_CODE_LEN ||
	    memcmp(text.p, base, len) != 0 || text.p[len] != '/' ||
	    !rc_code_decode(r->state->keys.code,
		(struct rc_slice){text.p + len + 1, RC_CODE_LEN}, &id))
		return 0;
	err = rc_link_owner(c->txn, id, &campaign, &ordinal, c->e);
	if (err != RC_OK && err != RC_NOTFOUND)
		c->err = err;
	return err == RC_OK && campaign == r->campaign &&
		       ordinal == c->item->message.ordinal
		   ? len + 1 + RC_CODE_LEN
		   : 0;
}

static void
make_plain(struct rc_slice text, struct rc_buf *out)
{
	struct rc_gsm_odd odd = {.n = 0};

	rc_gsm_smart(text, out, &odd);
}

/*
 * Whether URLs were shortened, and typographic characters changed, the run
 * knew, and the ledger does not.
 */
static enum rc_err
is_its_text(
    struct comparing *c, struct rc_slice body, bool *is, struct rc_error *e)
{
	const struct reconcile_texts *all = &c->item->r->texts;
	uint8_t variant = c->item->message.variant;
	const struct reconcile_text *t;
	const struct rc_template *whole;
	enum rc_err err = RC_OK;

	*is = false;
	if (variant >= all->n)
		return RC_OK;
	t = &all->of[variant];
	whole = t->payload != NULL ? t->payload : t->message;
	for (int way = 0; way < 4 && whole != NULL; way++) {
		const struct rc_template_known known = {.lookup = lookup,
		    .link = (way & 1) == 0 ? link_len : NULL,
		    .literal = (way & 2) == 0 ? NULL : make_plain,
		    .message = t->payload != NULL ? t->message : NULL,
		    .arg = c};

		err = rc_template_match(whole, &known, body, is, e);
		if (err != RC_OK || *is)
			break;
	}
	return err == RC_OK ? c->err : err;
}

/* --- the messages of an answer ---------------------------------------------
 */

struct reading {
	struct comparing c;
	struct reconcile_item *item;
	uint64_t claimed_ms, left_ms, from_ms, until_ms;
	uint64_t newest_ms; /* of the page; 0: it is empty */
};

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void
keep(struct reconcile_item *item, const struct rc_lookup_found *f,
    uint64_t distance_ms)
{
	size_t len = f->id.len < sizeof(item->provider_id) ? f->id.len : 0;

	item->found = true;
	item->distance_ms = distance_ms;
	memcpy(item->provider_id, f->id.p, len);
	item->provider_id[len] = '\0';
	item->says = (struct rc_settlement){.ordinal = item->message.ordinal,
	    .state = f->state,
	    .error_code = f->error_code,
	    .segments = (uint8_t)(f->segments > 255 ? 255 : f->segments),
	    .provider_id = len == 0 ? NULL : item->provider_id};
}

static enum rc_err
is_others(const struct reading *rd, const struct rc_lookup_found *f, bool *is,
    struct rc_error *e)
{
	const struct reconcile *r = rd->item->r;
	char text[128];

	*is = false;
	if (f->id.len == 0 || f->id.len >= sizeof(text))
		return RC_OK;
	memcpy(text, f->id.p, f->id.len);
	text[f->id.len] = '\0';
	return rc_message_is_others(rd->c.txn, r->cfg->channel->number,
	    r->campaign, &rd->item->message.to, text, f->created_ms, is, e);
}

static enum rc_err
look_at(void *arg, const struct rc_lookup_found *f, struct rc_error *e)
{
	struct reading *rd = arg;
	/* Without a date it may be of any time. */
	uint64_t made = f->created_ms == 0 ? rd->claimed_ms : f->created_ms;
	uint64_t away = distance(made, rd->claimed_ms);
	bool near = made + NEAR_BEFORE_MS >= rd->claimed_ms &&
		    made <= rd->left_ms + NEAR_AFTER_MS;
	bool twilio = rd->item->r->cfg->channel->provider == RC_PROVIDER_TWILIO;
	bool is = true, others;
	enum rc_err err = RC_OK;

	if (made > rd->newest_ms)
		rd->newest_ms = made;
	if (rd->item->probe || rd->item->denied) {
		rd->item->found |=
		    !twilio || rc_slice_is(f->id,
				   rc_reconcile_subject(rd->item)->provider_id);
		return RC_OK;
	}
	if (!twilio) {
		keep(rd->item, f, 0);
		return RC_OK;
	}
	err = is_its_text(&rd->c, f->body, &is, e);
	if (err != RC_OK || (!is && !near))
		return err;
	err = is_others(rd, f, &others, e);
	if (err != RC_OK || others)
		return err;
	if (!is)
		rd->item->doubt = OTHER_WORDS;
	else if (made < rd->from_ms || made >= rd->until_ms)
		rd->item->doubt = OTHER_DAY;
	else if (!rd->item->found || away < rd->item->distance_ms)
		keep(rd->item, f, away);
	return RC_OK;
}

enum rc_err
rc_reconcile_read(struct rc_txn *txn, struct reconcile_item *item,
    const struct rc_http_response *response, struct rc_lookup_answer *answer,
    bool *more, struct rc_error *e)
{
	const struct reconcile *r = item->r;
	const struct rc_message *m = rc_reconcile_subject(item);
	uint64_t claimed_ms = (uint64_t)m->claimed_s * 1000;
	uint64_t left_ms = rc_reconcile_left_ms(m);
	const char *token =
	    r->token.value.len > 0 ? rc_buf_str(&r->token.value) : NULL;
	struct reading rd = {
	    .c = {.txn = txn, .item = item, .e = e},
	    .item = item,
	    .claimed_ms = claimed_ms,
	    .left_ms = left_ms,
	    /* From the claim's day to the one on which it had left; near
	     * midnight those beside them, too. */
	    .from_ms = (claimed_ms - HOUR_MS) / DAY_MS * DAY_MS,
	    .until_ms = ((left_ms + HOUR_MS) / DAY_MS + 1) * DAY_MS,
	};
	enum rc_err err = rc_lookup_read(r->cfg->channel, m->to.text, response,
	    token, look_at, &rd, answer, e);

	/* The list is newest first; the claim's clock may have been ahead. */
	*more =
	    answer->page[0] != '\0' && !item->found &&
	    (rd.newest_ms == 0 || rd.newest_ms + CLOCK_OFF_MS >= rd.from_ms);
	return err;
}
