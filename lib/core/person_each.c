#include "core/person.h"

#include <string.h>

#define DYIDS_LEN ((size_t)RC_PERSON_DYIDS * (RC_PERSON_DYID_MAX + 1))
#define TEXT_LEN                                                               \
	((size_t)RC_PERSON_IDS * (RC_PERSON_NAME_MAX + RC_PERSON_VALUE_MAX))

struct each {
	struct rc_slice name, value;
	struct rc_buf dyids; /* a NUL behind each */
	size_t ndyids;
	const char *dyid; /* the one looked at */
	struct rc_person_id id[RC_PERSON_IDS];
	size_t n;
	struct rc_buf text; /* what the slices of id point into */
};

static enum rc_err
note_dyid(void *arg, struct rc_slice dyid, struct rc_error *e)
{
	struct each *s = arg;

	if (s->ndyids++ == RC_PERSON_DYIDS)
		return rc_err_set(e, RC_EDATA,
		    "'%.*s' is tied to more than %d people", (int)s->value.len,
		    s->value.p, RC_PERSON_DYIDS);
	rc_buf_addv(&s->dyids, dyid);
	rc_buf_addc(&s->dyids, '\0');
	return RC_OK;
}

static enum rc_err
find_dyids(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct each *s = arg;

	return rc_person_dyids(txn, s->name, s->value, note_dyid, s, e);
}

/* Slices end with the transaction; their bytes are kept in text. */
static enum rc_err
copy_ids(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct each *s = arg;
	enum rc_err err =
	    rc_person_show(txn, rc_slice_str(s->dyid), s->id, &s->n, e);
	const char *p;

	rc_buf_reset(&s->text);
	if (err != RC_OK)
		return err;
	for (size_t i = 0; i < s->n; i++) {
		rc_buf_addv(&s->text, s->id[i].name);
		rc_buf_addv(&s->text, s->id[i].value);
	}
	p = rc_buf_str(&s->text);
	for (size_t i = 0; i < s->n; i++) {
		s->id[i].name.p = p;
		p += s->id[i].name.len;
		s->id[i].value.p = p;
		p += s->id[i].value.len;
	}
	return rc_buf_check(&s->text, "a person", e);
}

enum rc_err
rc_person_each(struct rc_store *store, struct rc_slice name,
    struct rc_slice value,
    enum rc_err (*fn)(
	void *, const char *, const struct rc_person_id *, struct rc_error *),
    void *arg, struct rc_error *e)
{
	struct each s = {.name = name,
	    .value = value,
	    .dyids = RC_BUF_INIT(DYIDS_LEN),
	    .text = RC_BUF_INIT(TEXT_LEN)};
	enum rc_err err;

	if (rc_slice_is(name, "dyid"))
		err = note_dyid(&s, value, e);
	else
		err = rc_store_read(store, find_dyids, &s, e);
	if (err == RC_OK)
		err = rc_buf_check(&s.dyids, "the list of people", e);
	for (size_t at = 0; err == RC_OK && at < s.dyids.len;
	     at += strlen(s.dyid) + 1) {
		s.dyid = s.dyids.data + at;
		err = rc_store_read(store, copy_ids, &s, e);
		for (size_t i = 0; err == RC_OK && i < s.n; i++)
			err = fn(arg, s.dyid, &s.id[i], e);
	}
	rc_buf_free(&s.dyids);
	rc_buf_free(&s.text);
	return err;
}
