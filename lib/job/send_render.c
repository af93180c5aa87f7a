#include "job/send_priv.h"

#include "base/num.h"
#include "text/code.h"
#include "text/url.h"

#include <string.h>

/* What one rendering needs, handed through the template. */
struct rendering {
	struct send *s;
	struct send_item *item;
	const struct rc_json_value *vars;
	bool payload; /* else the message text */
	size_t first_link;
};

/* --- opening ------------------------------------------------------------- */

/* JSON unless the channel says that it sends something else. */
static enum rc_template_kind
kind_of(const struct rc_channel *c)
{
	if (c->provider != RC_PROVIDER_HTTP)
		return RC_TEMPLATE_TEXT;
	if (c->content_type == NULL || strstr(c->content_type, "json") != NULL)
		return RC_TEMPLATE_JSON;
	return RC_TEMPLATE_TEXT;
}

static bool
uses_message_text(const struct rc_template *t)
{
	struct rc_slice name;

	for (size_t i = 0; (name = rc_template_var(t, i)).len > 0; i++)
		if (rc_slice_is(name, "Message text"))
			return true;
	return false;
}

static enum rc_err
check_links(const struct send *s, struct rc_error *e)
{
	const struct rc_channel *c = s->cfg->channel;
	bool fixed;

	if (s->render.nlinks == 0)
		return RC_OK;
	if (s->render.nlinks > RC_SEND_LINKS)
		return rc_err_set(e, RC_EDATA,
		    "the message has more than %d URLs", RC_SEND_LINKS);
	if (c->short_base == NULL)
		return rc_err_set(e, RC_ECONFIG,
		    "channel '%s' has no short_base to shorten '%.*s' with: "
		    "give it one, or send with --no-shorten",
		    c->name, (int)rc_send_link(&s->render, 0, &fixed).len,
		    rc_send_link(&s->render, 0, &fixed).p);
	return RC_OK;
}

static enum rc_err
check_parts(const struct send *s, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	bool payload = cfg->template_text.len > 0;
	bool message = cfg->message_text.len > 0;

	if (!payload && !message)
		return rc_err_set(e, RC_EUSAGE,
		    "there is nothing to send: give a text or a template");
	if (!payload && kind_of(cfg->channel) == RC_TEMPLATE_JSON)
		return rc_err_set(e, RC_EUSAGE,
		    "channel '%s' sends JSON documents: give a template, "
		    "with ${Message text} where the text belongs",
		    cfg->channel->name);
	return RC_OK;
}

static enum rc_err
compile(struct send *s, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	struct send_render *r = &s->render;
	enum rc_err err = RC_OK;

	if (cfg->message_text.len > 0)
		err = rc_template_compile(
		    &r->message, RC_TEMPLATE_TEXT, cfg->message_text, e);
	if (err != RC_OK) {
		rc_err_prefix(e, "message text");
		return err;
	}
	if (cfg->template_text.len > 0)
		err = rc_template_compile(
		    &r->payload, kind_of(cfg->channel), cfg->template_text, e);
	if (err != RC_OK)
		return err;
	if (r->message != NULL && r->payload != NULL &&
	    !uses_message_text(r->payload))
		return rc_err_set(e, RC_EUSAGE,
		    "the template has no ${Message text}: "
		    "the message text would be lost");
	return RC_OK;
}

enum rc_err
rc_send_render_open(struct send *s, struct rc_error *e)
{
	struct send_render *r = &s->render;
	enum rc_err err;

	rc_send_ordinals_init(r);
	r->text = RC_BUF_INIT(RC_SEND_TEXT_MAX);
	err = check_parts(s, e);
	if (err == RC_OK)
		err = compile(s, e);
	if (err != RC_OK || s->cfg->no_shorten)
		return err;
	if (r->message != NULL)
		r->nmessage_links = rc_template_nlinks(r->message);
	r->nlinks = r->nmessage_links;
	if (r->payload != NULL)
		r->nlinks += rc_template_nlinks(r->payload);
	return check_links(s, e);
}

void
rc_send_render_close(struct send_render *r)
{
	rc_template_free(r->message);
	rc_template_free(r->payload);
	rc_send_ordinals_free(r);
	rc_buf_free(&r->text);
}

struct rc_slice
rc_send_link(const struct send_render *r, size_t i, bool *fixed)
{
	if (i < r->nmessage_links)
		return rc_template_link(r->message, i, fixed);
	return rc_template_link(r->payload, i - r->nmessage_links, fixed);
}

/* --- rendering ----------------------------------------------------------- */

static enum rc_err
recipient_var(
    const struct rendering *g, struct rc_slice name, struct rc_buf *out)
{
	const struct rc_json_value *v;

	for (v = rc_json_first(g->vars); v != NULL; v = rc_json_next(v)) {
		enum rc_json_type type = rc_json_type(v);

		if (!rc_slice_eq(rc_json_key(v), name))
			continue;
		if (type != RC_JSON_STRING && type != RC_JSON_NUMBER &&
		    type != RC_JSON_BOOL)
			return RC_NOTFOUND;
		rc_json_to_text(v, out);
		return RC_OK;
	}
	return RC_NOTFOUND;
}

static enum rc_err
option_var(const struct rendering *g, struct rc_slice name, struct rc_buf *out)
{
	const char *const *v = g->s->cfg->vars;

	for (; v != NULL && *v != NULL; v++) {
		if (strncmp(*v, name.p, name.len) != 0 || (*v)[name.len] != '=')
			continue;
		rc_buf_adds(out, *v + name.len + 1);
		return RC_OK;
	}
	return RC_NOTFOUND;
}

static enum rc_err
lookup(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	const struct rendering *g = arg;
	char id[RC_MESSAGE_ID_LEN + 1];

	(void)e;
	if (rc_slice_is(name, "User identifier")) {
		rc_buf_adds(out, g->item->claim.to.text);
		return RC_OK;
	}
	if (rc_slice_is(name, "Campaign")) {
		rc_buf_adds(out, g->s->cfg->campaign);
		return RC_OK;
	}
	if (rc_slice_is(name, "Message ID")) {
		rc_message_id_encode(g->s->state->keys.message, g->s->campaign,
		    g->item->claim.ordinal, id);
		rc_buf_adds(out, id);
		return RC_OK;
	}
	if (rc_slice_is(name, "Message text")) {
		if (!g->payload || g->s->render.message == NULL)
			return RC_NOTFOUND;
		rc_buf_addv(out, rc_buf_slice(&g->s->render.text));
		return RC_OK;
	}
	if (recipient_var(g, name, out) == RC_OK)
		return RC_OK;
	return option_var(g, name, out);
}

static void
write_short(const struct send *s, const struct send_item *item, size_t link,
    struct rc_buf *out)
{
	struct rc_slice base = rc_slice_str(s->cfg->channel->short_base);
	uint64_t id = 0; /* a dry run has no links */

	if (!s->cfg->dry_run)
		id = rc_send_link_id(&s->render, item->claim.ordinal, link);
	rc_link_write(&s->state->keys, base, id, out);
}

static enum rc_err
put_link(void *arg, unsigned index, struct rc_slice url, struct rc_buf *out,
    struct rc_error *e)
{
	struct rendering *g = arg;
	size_t link = g->first_link + index;
	bool fixed;

	rc_send_link(&g->s->render, link, &fixed);
	if (!fixed) {
		if (url.len > RC_URL_MAX)
			return rc_err_set(e, RC_EDATA,
			    "a URL becomes longer than %d bytes", RC_URL_MAX);
		rc_buf_add8(&g->item->urls, (uint8_t)(link + 1));
		rc_buf_add_str(&g->item->urls, url);
	}
	write_short(g->s, g->item, link, out);
	return RC_OK;
}

static enum rc_err
render_one(struct rendering *g, const struct rc_template *t, struct rc_buf *out,
    struct rc_error *e)
{
	struct rc_template_vars vars = {
	    .lookup = lookup,
	    .link = g->s->cfg->no_shorten ? NULL : put_link,
	    .arg = g,
	};
	enum rc_err err;

	rc_buf_reset(out);
	err = rc_template_render(t, &vars, out, e);
	return err == RC_OK ? rc_buf_check(out, "message", e) : err;
}

/*
 * The text of the SMS: the message text, or a template that is a text.  What a
 * JSON document becomes is the provider's to know.
 */
static struct rc_slice
sms_text(const struct send *s, const struct send_item *item)
{
	const struct send_render *r = &s->render;

	if (r->message != NULL && r->payload != NULL)
		return rc_buf_slice(&r->text);
	if (r->payload != NULL && kind_of(s->cfg->channel) == RC_TEMPLATE_JSON)
		return (struct rc_slice){"", 0};
	return rc_buf_slice(&item->text);
}

enum rc_err
rc_send_render(struct send *s, const struct rc_json_value *vars,
    struct send_item *item, struct rc_error *e)
{
	struct rendering g = {.s = s, .item = item, .vars = vars};
	struct send_render *r = &s->render;
	enum rc_err err = RC_OK;

	rc_buf_reset(&item->urls);
	if (r->message != NULL)
		err = render_one(&g, r->message,
		    r->payload == NULL ? &item->text : &r->text, e);
	if (err == RC_OK && r->payload != NULL) {
		g.payload = true;
		g.first_link = r->nmessage_links;
		err = render_one(&g, r->payload, &item->text, e);
	}
	if (err == RC_OK)
		item->size = rc_gsm_measure(sms_text(s, item));
	return err == RC_OK ? rc_buf_check(&item->urls, "list of URLs", e)
			    : err;
}
