#include "core/person_priv.h"

#include <string.h>

#define SHA256_HEX 64
#define SHOWN_MAX 60 /* bytes of a refused value in a message */

static int
shown(struct rc_slice s)
{
	return (int)(s.len > SHOWN_MAX ? SHOWN_MAX : s.len);
}

/* --- one identifier ------------------------------------------------------ */

static enum rc_err
check_text(struct rc_slice s, const char *what, size_t max, struct rc_error *e)
{
	if (s.len == 0)
		return rc_err_set(e, RC_EDATA, "%s is empty", what);
	if (s.len > max)
		return rc_err_set(e, RC_EDATA,
		    "%s '%.*s' is longer than %zu bytes", what, shown(s), s.p,
		    max);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return rc_err_set(e, RC_EDATA,
			    "%s '%.*s' has a control character", what, shown(s),
			    s.p);
	return RC_OK;
}

static enum rc_err
set_hash(struct rc_claim *c, struct rc_slice name, struct rc_slice value,
    struct rc_error *e)
{
	value = rc_slice_trim(value);
	if (value.len != SHA256_HEX)
		goto wrong;
	for (size_t i = 0; i < value.len; i++) {
		char digit = value.p[i];

		if (digit >= 'A' && digit <= 'F')
			digit = (char)(digit + ('a' - 'A'));
		if (!((digit >= '0' && digit <= '9') ||
			(digit >= 'a' && digit <= 'f')))
			goto wrong;
		c->value[i] = digit;
	}
	c->value_len = value.len;
	return RC_OK;
wrong:
	return rc_err_set(e, RC_EDATA,
	    "'%.*s' is no %.*s: a SHA-256 in 64 hexadecimal digits is expected",
	    shown(value), value.p, shown(name), name.p);
}

static enum rc_err
set_ident(struct rc_claim *c, enum rc_ident_type type, struct rc_slice value,
    struct rc_error *e)
{
	struct rc_ident id;
	enum rc_err err = rc_ident_parse(type, value, &id, e);
	struct rc_slice text;

	if (err != RC_OK)
		return err;
	/* Never longer than what check_text let through, and folded: an
	 * address is found again however it was written. */
	text = type == RC_IDENT_PHONE ? rc_slice_str(id.text)
				      : rc_slice_of(id.key, id.key_len);
	memcpy(c->value, text.p, text.len);
	c->value_len = text.len;
	return RC_OK;
}

enum rc_err
rc_claim_set(struct rc_claim *c, struct rc_slice name, struct rc_slice value,
    struct rc_error *e)
{
	enum rc_err err;

	err = check_text(name, "identifier type", RC_PERSON_NAME_MAX, e);
	if (err == RC_OK)
		err = check_text(value, "identifier", RC_PERSON_VALUE_MAX, e);
	if (err != RC_OK)
		return err;
	if (rc_slice_is(name, "dyid"))
		return rc_err_set(e, RC_EDATA,
		    "'dyid' is no identifier type: put it into user.dyid");
	memcpy(c->name, name.p, name.len);
	c->name_len = name.len;
	if (rc_slice_is(name, "he") || rc_slice_is(name, "hashedPhoneNumber"))
		return set_hash(c, name, value, e);
	if (rc_slice_is(name, "phoneNumber"))
		return set_ident(c, RC_IDENT_PHONE, value, e);
	if (rc_slice_is(name, "email"))
		return set_ident(c, RC_IDENT_EMAIL, value, e);
	memcpy(c->value, value.p, value.len);
	c->value_len = value.len;
	return RC_OK;
}

struct rc_slice
rc_claim_name(const struct rc_claim *c)
{
	return (struct rc_slice){c->name, c->name_len};
}

struct rc_slice
rc_claim_value(const struct rc_claim *c)
{
	return (struct rc_slice){c->value, c->value_len};
}

/* --- one event ----------------------------------------------------------- */

static enum rc_err
claim_add(struct rc_claims *cs, struct rc_slice name,
    const struct rc_json_value *v, enum rc_event_type by, struct rc_error *e)
{
	enum rc_err err;

	if (rc_json_type(v) != RC_JSON_STRING)
		return rc_err_set(
		    e, RC_EDATA, "'%.*s' is not a string", shown(name), name.p);
	if (cs->n == RC_PERSON_IDS)
		return rc_err_set(e, RC_EDATA,
		    "more than %d identifiers in one body", RC_PERSON_IDS);
	err = rc_claim_set(&cs->claim[cs->n], name, rc_json_str(v), e);
	if (err == RC_OK)
		cs->claim[cs->n++].by = by;
	return err;
}

/* A property that is an identifier by its own name. */
static enum rc_err
claim_property(struct rc_claims *cs, const struct rc_json_value *properties,
    const char *key, const char *name, enum rc_event_type by,
    struct rc_error *e)
{
	const struct rc_json_value *v = rc_json_get(properties, key);

	if (v == NULL || rc_json_type(v) == RC_JSON_NULL)
		return RC_OK;
	return claim_add(cs, rc_slice_str(name), v, by, e);
}

static enum rc_err
claim_cuid(struct rc_claims *cs, const struct rc_json_value *properties,
    enum rc_event_type by, struct rc_error *e)
{
	const struct rc_json_value *cuid = rc_json_get(properties, "cuid");
	struct rc_slice name, text = rc_json_str(cuid);
	enum rc_err err;

	if (cuid == NULL || rc_json_type(cuid) == RC_JSON_NULL)
		return RC_OK;
	err = rc_person_cuid_type(properties, &name, e);
	if (err != RC_OK)
		return err;
	if (text.len > 0 && memchr(text.p, '/', text.len) != NULL)
		return rc_err_set(
		    e, RC_EDATA, "cuid '%.*s' has a '/'", shown(text), text.p);
	return claim_add(cs, name, cuid, by, e);
}

static enum rc_err
claim_secondary(struct rc_claims *cs, const struct rc_json_value *properties,
    enum rc_event_type by, struct rc_error *e)
{
	const struct rc_json_value *list, *item, *type;
	enum rc_err err = RC_OK;

	list = rc_json_get(properties, "secondaryIdentifiers");
	if (list == NULL || rc_json_type(list) == RC_JSON_NULL)
		return RC_OK;
	if (rc_json_type(list) != RC_JSON_ARRAY)
		return rc_err_set(
		    e, RC_EDATA, "'secondaryIdentifiers' is not an array");
	for (item = rc_json_first(list); err == RC_OK && item != NULL;
	     item = rc_json_next(item)) {
		type = rc_json_get(item, "type");
		if (rc_json_type(type) != RC_JSON_STRING)
			return rc_err_set(e, RC_EDATA,
			    "a secondary identifier has no 'type'");
		err = claim_add(
		    cs, rc_json_str(type), rc_json_get(item, "value"), by, e);
	}
	return err;
}

static bool
event_type(struct rc_slice text, enum rc_event_type *type)
{
	static const struct {
		const char *text;
		enum rc_event_type type;
	} types[] = {
	    {"login-v1", RC_EVENT_LOGIN},
	    {"signup-v1", RC_EVENT_SIGNUP},
	    {"newsletter-subscription-v1", RC_EVENT_NEWSLETTER},
	    {"identify-v1", RC_EVENT_IDENTIFY},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!rc_slice_is(text, types[i].text))
			continue;
		*type = types[i].type;
		return true;
	}
	return false;
}

static enum rc_err
claim_properties(struct rc_claims *cs, const struct rc_json_value *p,
    enum rc_event_type by, struct rc_error *e)
{
	enum rc_err err = claim_cuid(cs, p, by, e);

	if (err == RC_OK)
		err = claim_property(cs, p, "hashedEmail", "he", by, e);
	if (err == RC_OK)
		err = claim_property(cs, p, "email", "email", by, e);
	if (err == RC_OK)
		err =
		    claim_property(cs, p, "phoneNumber", "phoneNumber", by, e);
	if (err == RC_OK)
		err = claim_property(
		    cs, p, "hashedPhoneNumber", "hashedPhoneNumber", by, e);
	if (err == RC_OK)
		err = claim_secondary(cs, p, by, e);
	return err;
}

static enum rc_err
read_event(
    struct rc_claims *cs, const struct rc_json_value *event, struct rc_error *e)
{
	const struct rc_json_value *properties, *type;
	enum rc_event_type by;
	size_t before = cs->n;
	enum rc_err err;

	properties = rc_json_get(event, "properties");
	type = rc_json_get(properties, "dyType");
	if (rc_json_type(type) != RC_JSON_STRING)
		return rc_err_set(e, RC_EDATA, "no 'properties'.'dyType'");
	cs->counts.events++;
	if (!event_type(rc_json_str(type), &by)) {
		cs->counts.ignored++;
		return RC_OK;
	}
	err = claim_properties(cs, properties, by, e);
	if (err != RC_OK)
		return err;
	if (cs->n == before)
		cs->counts.ignored++;
	else if (!cs->consent)
		cs->counts.without_consent++;
	else
		cs->counts.identifying++;
	return RC_OK;
}

/* --- the body ------------------------------------------------------------ */

static enum rc_err
read_user(
    struct rc_claims *cs, const struct rc_json_value *user, struct rc_error *e)
{
	const struct rc_json_value *dyid = rc_json_get(user, "dyid");

	if (rc_json_type(user) != RC_JSON_OBJECT)
		return rc_err_set(e, RC_EDATA, "no 'user' object");
	cs->consent =
	    rc_json_bool(rc_json_get(user, "active_consent_accepted"));
	/* A number would have lost digits by now. */
	if (rc_json_type(dyid) == RC_JSON_NUMBER)
		return rc_err_set(e, RC_EDATA, "'user'.'dyid' is not a string");
	if (rc_json_str(dyid).len == 0)
		dyid = rc_json_get(user, "dyid_server");
	cs->dyid = rc_json_str(dyid);
	if (cs->dyid.len == 0)
		return RC_OK;
	return check_text(cs->dyid, "dyid", RC_PERSON_DYID_MAX, e);
}

enum rc_err
rc_claims_read(
    struct rc_claims *cs, const struct rc_json_value *body, struct rc_error *e)
{
	const struct rc_json_value *events, *event;
	unsigned number = 0;
	enum rc_err err;

	cs->consent = false;
	cs->dyid = RC_SLICE_LIT("");
	cs->consent = false;
	cs->n = 0;
	cs->counts = (struct rc_event_counts){0};
	if (rc_json_type(body) != RC_JSON_OBJECT)
		return rc_err_set(e, RC_EDATA, "not a JSON object");
	err = read_user(cs, rc_json_get(body, "user"), e);
	if (err != RC_OK)
		return err;
	events = rc_json_get(body, "events");
	if (rc_json_type(events) != RC_JSON_ARRAY)
		return rc_err_set(e, RC_EDATA, "no 'events' array");
	for (event = rc_json_first(events); event != NULL;
	     event = rc_json_next(event), number++) {
		err = read_event(cs, event, e);
		if (err != RC_OK)
			return rc_err_prefix(e, "event %u", number);
	}
	if (cs->consent)
		cs->counts.associated = cs->n;
	else
		cs->n = 0;
	return RC_OK;
}

enum rc_err
rc_person_events_check(const struct rc_json_value *body, struct rc_error *e)
{
	struct rc_claims claims;

	return rc_claims_read(&claims, body, e);
}
