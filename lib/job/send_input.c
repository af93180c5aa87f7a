#include "job/send_priv.h"

#include "base/clock.h"
#include "core/person.h"

/* Lines read before the network is looked after again. */
#define READ_AT_ONCE 128

struct search {
	struct rc_slice name, value;
	enum rc_ident_type type;
	struct rc_ident *to;
};

static enum rc_err
resolve_in(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct search *s = arg;

	return rc_person_resolve(txn, s->name, s->value, s->type, s->to, e);
}

static enum rc_err
resolve(struct rc_store *store, enum rc_ident_type type, struct rc_slice name,
    struct rc_slice value, struct rc_ident *to, struct rc_error *e)
{
	struct search s = {name, value, type, to};

	if (value.len == 0 || value.len > RC_PERSON_VALUE_MAX)
		return rc_err_set(e, RC_EDATA, "'%.*s' takes 1 to %d bytes",
		    (int)name.len, name.p, RC_PERSON_VALUE_MAX);
	return rc_store_read(store, resolve_in, &s, e);
}

/* Text of a member; numbers too, as many write {"to":15551234567}. */
static enum rc_err
text_of(const struct rc_json_value *object, const char *key, struct rc_buf *out,
    struct rc_error *e)
{
	const struct rc_json_value *v = rc_json_get(object, key);
	enum rc_json_type type = rc_json_type(v);

	rc_buf_reset(out);
	if (type != RC_JSON_STRING && type != RC_JSON_NUMBER)
		return rc_err_set(e, RC_EDATA, "'%s' is not a string", key);
	rc_json_to_text(v, out);
	return rc_buf_check(out, key, e);
}

static enum rc_err
whom(struct rc_store *store, enum rc_ident_type type,
    const struct rc_json_value *object, struct rc_ident *to, struct rc_error *e)
{
	struct rc_buf text = RC_BUF_INIT(4096);
	struct rc_slice kind;
	enum rc_err err;

	if (rc_json_get(object, "to") != NULL) {
		err = text_of(object, "to", &text, e);
		if (err == RC_OK)
			err = rc_ident_parse(type, rc_buf_slice(&text), to, e);
	} else if (rc_json_get(object, "dyid") != NULL) {
		err = text_of(object, "dyid", &text, e);
		if (err == RC_OK)
			err = resolve(store, type, RC_SLICE_LIT("dyid"),
			    rc_buf_slice(&text), to, e);
	} else if (rc_json_get(object, "cuid") != NULL) {
		err = rc_person_cuid_type(object, &kind, e);
		if (err == RC_OK)
			err = text_of(object, "cuid", &text, e);
		if (err == RC_OK)
			err = resolve(
			    store, type, kind, rc_buf_slice(&text), to, e);
	} else {
		err = rc_err_set(
		    e, RC_EDATA, "the object has no 'to', 'dyid' or 'cuid'");
	}
	rc_buf_free(&text);
	return err;
}

enum rc_err
rc_send_parse(struct rc_store *store, enum rc_ident_type type,
    struct rc_slice line, struct rc_ident *to, struct rc_json **doc,
    const struct rc_json_value **vars, struct rc_error *e)
{
	const struct rc_json_value *root;
	enum rc_err err;

	*doc = NULL;
	*vars = NULL;
	line = rc_slice_trim(line);
	if (line.len == 0 || line.p[0] != '{')
		return rc_ident_parse(type, line, to, e);
	err = rc_json_parse(doc, line, e);
	if (err != RC_OK)
		return err;
	root = rc_json_root(*doc);
	*vars = rc_json_get(root, "vars");
	if (*vars != NULL && rc_json_type(*vars) != RC_JSON_OBJECT)
		return rc_err_set(e, RC_EDATA, "'vars' is not an object");
	return whom(store, type, root, to, e);
}

/* --- reading ------------------------------------------------------------- */

static void
take_line(struct send *s, struct rc_slice line, uint64_t number)
{
	struct send_item *item = s->idle.first;
	struct rc_error e = {0};
	enum rc_err err;

	err = rc_send_parse(s->state->store, s->cfg->channel->identifier, line,
	    &item->claim.to, &s->unrendered_doc, &s->unrendered_vars, &e);
	if (err == RC_OK) {
		s->unrendered = rc_send_pop(&s->idle);
		item->busy = true;
		item->line = number;
		item->attempts = 0;
		item->counted = false;
		item->open = item->token_tried = item->again = false;
		item->claim.before = RC_M_NONE;
		item->result = (struct rc_result){0};
		return;
	}
	rc_json_free(s->unrendered_doc);
	if (err == RC_NOTFOUND) {
		rc_send_line(s, line, number, RC_SEND_UNRESOLVED,
		    "nobody is known by this id");
		return;
	}
	if (err != RC_EDATA)
		rc_send_stop(s, &e, false);
	rc_send_line(s, line, number,
	    err == RC_EDATA ? RC_SEND_INVALID : RC_SEND_NOT_REACHED, e.msg);
}

/* False when an ordinal must be reserved first. */
static bool
render_line(struct send *s)
{
	struct send_item *item = s->unrendered;
	struct rc_error e = {0};
	enum rc_err err;

	if (!rc_send_ordinal_take(s, item))
		return false;
	err = rc_send_assign(s, item, &e);
	if (err == RC_OK)
		err = rc_send_render(s, s->unrendered_vars, item, &e);
	rc_json_free(s->unrendered_doc);
	s->unrendered = NULL;
	if (err == RC_OK) {
		rc_send_push(&s->ready, item);
		return true;
	}
	if (err != RC_EDATA)
		rc_send_stop(s, &e, false);
	rc_send_finish(s, item,
	    err == RC_EDATA ? RC_SEND_INVALID : RC_SEND_NOT_REACHED, e.msg);
	return true;
}

/* One line, or false when there is none to be had now. */
static bool
read_line(struct send *s)
{
	struct rc_slice line;
	struct rc_error e;
	uint64_t number;
	enum rc_err err = s->cfg->next(s->cfg->arg, &line, &number, &e);

	if (err == RC_NOTFOUND) {
		s->starved = true;
		return false;
	}
	if (err != RC_OK) {
		s->input_end = true;
		if (err != RC_END)
			rc_send_stop(s, &e, false);
		return false;
	}
	s->counts->recipients++;
	if (s->counting) {
		rc_send_line(s, line, number, RC_SEND_NOT_REACHED, "");
		s->count_until_us = rc_clock_mono_us() + RC_SEND_COUNT_US;
	} else {
		take_line(s, line, number);
	}
	return true;
}

bool
rc_send_read(struct send *s)
{
	s->starved = false;
	for (unsigned n = 0; n < READ_AT_ONCE; n++) {
		if (s->unrendered != NULL) {
			if (!render_line(s))
				return false;
			continue;
		}
		if (s->input_end || (s->idle.n == 0 && !s->counting))
			return false;
		if (!read_line(s))
			return false;
	}
	return true;
}
