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
	bool payload;	     /* else the message text */
	const uint8_t *link; /* numbers of the text's URLs in render.link */
};

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
	struct rc_slice value;

	(void)e;
	if (rc_slice_is(name, RC_TEMPLATE_IDENTIFIER)) {
		rc_buf_adds(out, g->item->claim.to.text);
		return RC_OK;
	}
	if (rc_slice_is(name, RC_TEMPLATE_CAMPAIGN)) {
		rc_buf_adds(out, g->s->cfg->campaign);
		return RC_OK;
	}
	if (rc_slice_is(name, RC_TEMPLATE_MESSAGE_ID)) {
		rc_message_id_encode(g->s->state->keys.message, g->s->campaign,
		    g->item->claim.ordinal, id);
		rc_buf_adds(out, id);
		return RC_OK;
	}
	if (rc_slice_is(name, RC_TEMPLATE_MESSAGE)) {
		if (!g->payload || g->item->content->message == NULL)
			return RC_NOTFOUND;
		rc_buf_addv(out, rc_buf_slice(&g->s->render.text));
		return RC_OK;
	}
	if (rc_slice_starts(name, RC_SLICE_LIT(RC_TEMPLATE_DATA), NULL)) {
		if (!rc_send_data_get(&g->s->data, name, &value))
			return RC_NOTFOUND;
		rc_buf_addv(out, value);
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
	size_t link = g->link[index];

	if (!g->s->render.link[link].fixed) {
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

enum rc_err
rc_send_render(struct send *s, const struct rc_json_value *vars,
    struct send_item *item, struct rc_error *e)
{
	const struct send_content *c = item->content;
	struct rendering g = {
	    .s = s, .item = item, .vars = vars, .link = c->message_link};
	enum rc_err err = RC_OK;

	rc_buf_reset(&item->urls);
	err = rc_send_data_fetch(s, item, e);
	if (err == RC_OK && c->message != NULL)
		err = render_one(&g, c->message,
		    c->payload == NULL ? &item->text : &s->render.text, e);
	if (err == RC_OK)
		err = rc_send_message_plain(s, item, e);
	if (err == RC_OK && c->payload != NULL) {
		g.payload = true;
		g.link = c->payload_link;
		err = render_one(&g, c->payload, &item->text, e);
	}
	if (err == RC_OK)
		err = rc_send_size(s, item, e);
	return err == RC_OK ? rc_buf_check(&item->urls, "list of URLs", e)
			    : err;
}
