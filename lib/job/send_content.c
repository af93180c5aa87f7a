#include "job/send_priv.h"

#include <stdlib.h>

enum rc_template_kind
rc_send_template_kind(const struct rc_channel *c)
{
	return rc_channel_is_json(c) ? RC_TEMPLATE_JSON : RC_TEMPLATE_TEXT;
}

static bool
uses(const struct rc_template *t, const char *variable)
{
	struct rc_slice name;

	for (size_t i = 0; (name = rc_template_var(t, i)).len > 0; i++)
		if (rc_slice_is(name, variable))
			return true;
	return false;
}

/* What was hardly meant to be JSON. */
static bool
is_text(struct rc_slice s)
{
	s = rc_slice_trim(s);
	return s.len > 0 && s.p[0] != '{' && s.p[0] != '[';
}

/* Everybody would be refused, since nothing else can stand for it. */
static enum rc_err
check_needs(const struct send_content *c, struct rc_error *e)
{
	struct rc_slice name = RC_SLICE_LIT(RC_TEMPLATE_MESSAGE);

	if (c->message != NULL && rc_template_needs(c->message, name))
		return rc_err_set(e, RC_EUSAGE,
		    "the message text has ${Message text}, which stands for "
		    "itself: it belongs into a template");
	if (c->message == NULL && rc_template_needs(c->payload, name))
		return rc_err_set(e, RC_EUSAGE,
		    "the template wants a ${Message text}: give it with -m");
	return RC_OK;
}

/* Whether --var gives it: then it is the same for everybody. */
static bool
is_given(const struct rc_send_config *cfg, struct rc_slice name)
{
	struct rc_slice rest;

	for (const char *const *v = cfg->vars; v != NULL && *v != NULL; v++)
		if (rc_slice_starts(rc_slice_str(*v), name, &rest) &&
		    rest.len > 0 && rest.p[0] == '=')
			return true;
	return false;
}

/* The text of a message names nobody, and its id nobody to a provider. */
static bool
may_name_recipient(const struct send *s, const struct rc_template *t)
{
	struct rc_slice name;

	for (size_t i = 0; (name = rc_template_var(t, i)).len > 0; i++) {
		if (rc_slice_is(name, RC_TEMPLATE_IDENTIFIER))
			return true;
		if (!rc_slice_is(name, RC_TEMPLATE_MESSAGE) &&
		    !rc_slice_is(name, RC_TEMPLATE_MESSAGE_ID) &&
		    !rc_slice_is(name, RC_TEMPLATE_CAMPAIGN) &&
		    rc_template_needs(t, name) && !is_given(s->cfg, name))
			return true;
	}
	return false;
}

/* Only a document says who it is for: everybody's would go to one. */
static enum rc_err
check_recipient(
    const struct send *s, const struct send_content *c, struct rc_error *e)
{
	const struct rc_template *sent =
	    c->payload != NULL ? c->payload : c->message;

	if (s->cfg->channel->provider != RC_PROVIDER_HTTP ||
	    may_name_recipient(s, sent))
		return RC_OK;
	return rc_err_set(e, RC_EDATA,
	    "the template names no recipient, so that every message would go "
	    "to the same: put ${User identifier} where the recipient belongs");
}

static enum rc_err
compile(const struct send *s, struct rc_slice payload, struct rc_slice message,
    struct send_content *c, struct rc_error *e)
{
	enum rc_template_kind kind = rc_send_template_kind(s->cfg->channel);
	enum rc_err err = RC_OK;

	if (message.len > 0)
		err = rc_template_compile(
		    &c->message, RC_TEMPLATE_TEXT, message, e);
	if (err != RC_OK) {
		rc_err_prefix(e, "message text");
		return err;
	}
	if (payload.len > 0)
		err = rc_template_compile(&c->payload, kind, payload, e);
	if (err != RC_OK && kind == RC_TEMPLATE_JSON && is_text(payload))
		return rc_err_set(e, RC_EDATA,
		    "a text is no document, and channel '%s' sends JSON: "
		    "give one with -t that has ${Message text} where the text "
		    "belongs",
		    s->cfg->channel->name);
	if (err != RC_OK)
		return err;
	if (c->message != NULL && c->payload != NULL &&
	    !uses(c->payload, RC_TEMPLATE_MESSAGE))
		return rc_err_set(e, RC_EUSAGE,
		    "the template has no ${Message text}: "
		    "the message text would be lost");
	err = check_needs(c, e);
	return err == RC_OK ? check_recipient(s, c, e) : err;
}

/* --- links ---------------------------------------------------------------- */

/* A URL that stands in more than one text is one link. */
static enum rc_err
number_link(struct send_render *r, struct send_link link, uint8_t *at,
    struct rc_error *e)
{
	size_t i = 0;

	while (i < r->nlinks && !rc_slice_eq(r->link[i].url, link.url))
		i++;
	if (i == RC_SEND_LINKS)
		return rc_err_set(e, RC_EDATA,
		    "the message has more than %d URLs", RC_SEND_LINKS);
	if (i == r->nlinks)
		r->link[r->nlinks++] = link;
	*at = (uint8_t)i;
	return RC_OK;
}

static enum rc_err
number_links(struct send_render *r, const struct rc_template *t, uint8_t *at,
    struct rc_error *e)
{
	size_t n = t == NULL ? 0 : rc_template_nlinks(t);
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < n && err == RC_OK; i++) {
		struct send_link link;

		link.url = rc_template_link(t, i, &link.fixed);
		err = number_link(r, link, &at[i], e);
	}
	return err;
}

static enum rc_err
open_links(struct send *s, struct rc_error *e)
{
	const struct rc_channel *channel = s->cfg->channel;
	struct send_render *r = &s->render;
	enum rc_err err = RC_OK;

	for (size_t i = 0; i < r->ncontents && err == RC_OK; i++) {
		struct send_content *c = &r->content[i];

		err = number_links(r, c->message, c->message_link, e);
		if (err == RC_OK)
			err = number_links(r, c->payload, c->payload_link, e);
	}
	if (err == RC_OK && r->nlinks > 0 && channel->short_base == NULL)
		return rc_err_set(e, RC_ECONFIG,
		    "channel '%s' has no short_base to shorten '%.*s' with: "
		    "give it one with rc-channel set --short-base, or "
		    "send with --no-shorten",
		    channel->name, (int)r->link[0].url.len, r->link[0].url.p);
	return err;
}

/* --- opening -------------------------------------------------------------- */

static enum rc_err
check_parts(const struct send *s, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	bool payload = cfg->template_text.len > 0 || cfg->nvariants > 0;
	bool message = cfg->message_text.len > 0;

	if (!payload && !message)
		return rc_err_set(e, RC_EUSAGE,
		    "there is nothing to send: give a text or a template");
	if (cfg->nvariants > 0 && cfg->template_text.len > 0 && message)
		return rc_err_set(e, RC_EUSAGE,
		    "with a template, the variants are the message text: "
		    "another one has no place");
	if (!payload && rc_send_template_kind(cfg->channel) == RC_TEMPLATE_JSON)
		return rc_err_set(e, RC_EUSAGE,
		    "channel '%s' sends JSON documents: give a template, "
		    "with ${Message text} where the text belongs",
		    cfg->channel->name);
	return RC_OK;
}

static enum rc_err
compile_variant(const struct send *s, const struct rc_variant *v,
    struct send_content *c, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	enum rc_err err;

	if (cfg->template_text.len > 0)
		err = compile(s, cfg->template_text, v->text, c, e);
	else
		err = compile(s, v->text, cfg->message_text, c, e);
	if (err != RC_OK)
		rc_err_prefix(e, "variant '%.*s'", (int)v->name.len, v->name.p);
	return err;
}

enum rc_err
rc_send_content_open(struct send *s, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	struct send_render *r = &s->render;
	enum rc_err err;

	rc_send_ordinals_init(r);
	r->text = RC_BUF_INIT(RC_SEND_TEXT_MAX);
	r->plain = RC_BUF_INIT(RC_SEND_TEXT_MAX);
	err = check_parts(s, e);
	if (err != RC_OK)
		return err;
	r->ncontents = cfg->nvariants == 0 ? 1 : cfg->nvariants;
	r->content = calloc(r->ncontents, sizeof(*r->content));
	if (r->content == NULL) {
		r->ncontents = 0;
		return rc_err_nomem(e);
	}
	if (cfg->nvariants == 0)
		err = compile(s, cfg->template_text, cfg->message_text,
		    &r->content[0], e);
	for (size_t i = 0; i < cfg->nvariants && err == RC_OK; i++)
		err = compile_variant(s, &cfg->variants[i], &r->content[i], e);
	return err == RC_OK && !cfg->no_shorten ? open_links(s, e) : err;
}

void
rc_send_content_close(struct send_render *r)
{
	for (size_t i = 0; i < r->ncontents; i++) {
		rc_template_free(r->content[i].message);
		rc_template_free(r->content[i].payload);
	}
	free(r->content);
	rc_send_ordinals_free(r);
	rc_buf_free(&r->text);
	rc_buf_free(&r->plain);
}
