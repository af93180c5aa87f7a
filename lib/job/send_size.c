#include "job/send_priv.h"

#define TWILIO_CHARACTERS 1600 /* Messages resource, Body */
#define PARTS_MAX 255	       /* 3GPP TS 23.040, 9.2.3.24.1 */

/*
 * Where the text of the SMS is: the message text, or a template that is a text.
 * What a JSON document becomes is the provider's to know: NULL.
 */
static struct rc_buf *
place_of_text(
    struct send *s, const struct send_content *c, struct send_item *item)
{
	const struct rc_channel *channel = s->cfg->channel;
	bool both = c->message != NULL && c->payload != NULL;

	if (c->payload == NULL || channel->provider == RC_PROVIDER_TWILIO)
		return &item->text;
	if (both)
		return &s->render.text;
	return rc_send_template_kind(channel) == RC_TEMPLATE_JSON ? NULL
								  : &item->text;
}

enum rc_err
rc_send_size_check(struct send *s, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	const struct send_render *r = &s->render;

	if (!cfg->smart && cfg->max_segments == 0)
		return RC_OK;
	for (size_t i = 0; i < r->ncontents; i++)
		if (place_of_text(s, &r->content[i], s->items) == NULL)
			return rc_err_set(e, RC_EUSAGE,
			    "only the provider knows which part of the "
			    "template is the text: give the text with -m, "
			    "and put ${Message text} into the template");
	return RC_OK;
}

/* --- substitution --------------------------------------------------------- */

static enum rc_err
make_plain(struct send *s, struct rc_buf *text, struct send_item *item,
    struct rc_error *e)
{
	struct rc_buf *plain = &s->render.plain, was;
	enum rc_err err;

	rc_buf_reset(plain);
	rc_gsm_smart(rc_buf_slice(text), plain, &item->odd);
	err = rc_buf_check(plain, "message", e);
	was = *text;
	*text = *plain;
	*plain = was;
	return err;
}

enum rc_err
rc_send_message_plain(
    struct send *s, struct send_item *item, struct rc_error *e)
{
	struct rc_buf *text = place_of_text(s, item->content, item);

	if (!s->cfg->smart || text != &s->render.text)
		return RC_OK;
	return make_plain(s, text, item, e);
}

void
rc_send_odd_count(struct send *s, const struct send_item *item)
{
	struct send_odd *odd = &s->odd;

	if (!s->cfg->smart)
		return;
	for (size_t i = 0; i < item->odd.n; i++) {
		size_t k = 0;

		while (k < odd->n && odd->c[k] != item->odd.c[i])
			k++;
		if (k == odd->n && k < RC_SEND_ODD_MAX)
			odd->c[odd->n++] = item->odd.c[i];
		if (k < RC_SEND_ODD_MAX)
			odd->texts[k]++;
		else
			odd->further = true;
	}
}

void
rc_send_odd_tell(const struct send *s)
{
	const struct send_odd *odd = &s->odd;
	char name[RC_GSM_NAME_LEN];

	for (size_t i = 0; i < odd->n; i++) {
		rc_gsm_char_name(odd->c[i], name);
		rc_log(s->cfg->log, RC_LOG_WARN,
		    "%llu %s UCS-2, 70 characters a segment, because of %s",
		    (unsigned long long)odd->texts[i],
		    odd->texts[i] == 1 ? "recipient's text stays"
				       : "recipients' texts stay",
		    name);
	}
	if (odd->further)
		rc_log(s->cfg->log, RC_LOG_WARN,
		    "further characters that make a text UCS-2 are not named");
}

/* --- limits --------------------------------------------------------------- */

static size_t
count_characters(struct rc_slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += (text.p[i] & 0xc0) != 0x80;
	return n;
}

static enum rc_err
check_segments(const struct rc_gsm *size, unsigned most, struct rc_error *e)
{
	char name[RC_GSM_NAME_LEN];

	if (size->segments <= most)
		return RC_OK;
	if (!size->ucs2)
		return rc_err_set(e, RC_EDATA,
		    "needs %u segments, more than %u", size->segments, most);
	rc_gsm_char_name(size->first_odd, name);
	return rc_err_set(e, RC_EDATA,
	    "needs %u segments, more than %u: first character outside GSM-7 "
	    "is %s",
	    size->segments, most, name);
}

static enum rc_err
check_text(const struct send *s, struct rc_slice text,
    const struct rc_gsm *size, struct rc_error *e)
{
	const struct rc_send_config *cfg = s->cfg;
	size_t n;

	if (text.len == 0)
		return rc_err_set(e, RC_EDATA, "the text is empty");
	if (cfg->channel->provider == RC_PROVIDER_TWILIO &&
	    text.len > TWILIO_CHARACTERS) {
		n = count_characters(text);
		if (n > TWILIO_CHARACTERS)
			return rc_err_set(e, RC_EDATA,
			    "the text has %zu characters: Twilio takes %d at "
			    "most",
			    n, TWILIO_CHARACTERS);
	}
	return check_segments(
	    size, cfg->max_segments > 0 ? cfg->max_segments : PARTS_MAX, e);
}

enum rc_err
rc_send_size(struct send *s, struct send_item *item, struct rc_error *e)
{
	struct rc_buf *text = place_of_text(s, item->content, item);
	enum rc_err err = RC_OK;

	item->size = (struct rc_gsm){.segments = 0};
	item->claim.segments = 0;
	if (text == NULL)
		return RC_OK;
	if (s->cfg->smart && text == &item->text)
		err = make_plain(s, text, item, e);
	if (err != RC_OK)
		return err;
	item->size = rc_gsm_measure(rc_buf_slice(text));
	err = check_text(s, rc_buf_slice(text), &item->size, e);
	item->claim.segments = (uint8_t)item->size.segments; /* or refused */
	return err;
}
