#include "job/send_priv.h"

struct data_feed {
	struct rc_slice name;
	uint32_t generation; /* that properties' places are known of */
};

struct data_variable {
	struct rc_slice name, property; /* whole; its part */
	size_t feed;
	int place;	/* of the property in the feed; -1: not there */
	size_t at, len; /* of the values */
	bool has, needed;
};

struct fetching {
	struct send *s;
	const struct send_item *item;
	struct rc_slice name, value; /* the line's own, or empty */
};

static struct data_feed *
feeds(const struct send_data *d)
{
	return (void *)d->feeds.data;
}

static struct data_variable *
variables(const struct send_data *d)
{
	return (void *)d->variables.data;
}

static size_t
nfeeds(const struct send_data *d)
{
	return d->feeds.len / sizeof(struct data_feed);
}

static size_t
nvariables(const struct send_data *d)
{
	return d->variables.len / sizeof(struct data_variable);
}

/* --- what the templates name ---------------------------------------------- */

static size_t
note_feed(struct send_data *d, struct rc_slice name)
{
	struct data_feed feed = {.name = name};
	size_t i = 0;

	while (i < nfeeds(d) && !rc_slice_eq(feeds(d)[i].name, name))
		i++;
	if (i == nfeeds(d))
		rc_buf_add(&d->feeds, &feed, sizeof(feed));
	return i;
}

static enum rc_err
note_variables(
    struct send_data *d, const struct rc_template *t, struct rc_error *e)
{
	struct data_variable v = {.place = -1};
	struct rc_slice feed;
	enum rc_err err = RC_OK;

	for (size_t i = 0; t != NULL && err == RC_OK; i++) {
		v.name = rc_template_var(t, i);
		if (v.name.len == 0)
			break;
		err = rc_data_variable(v.name, &feed, &v.property, e);
		if (err == RC_OK) {
			v.feed = note_feed(d, feed);
			v.needed = rc_template_needs(t, v.name);
			rc_buf_add(&d->variables, &v, sizeof(v));
		} else if (err == RC_NOTFOUND) {
			err = RC_OK;
		}
	}
	if (err == RC_OK)
		err = rc_buf_check(&d->feeds, "the list of feeds", e);
	return err == RC_OK
		   ? rc_buf_check(&d->variables, "the list of variables", e)
		   : err;
}

/* --- feeds ---------------------------------------------------------------- */

/* A feed that was loaded anew may have other properties. */
static void
find_places(struct send_data *d, size_t feed, const struct rc_data_feed *f)
{
	struct data_variable *v = variables(d);

	if (feeds(d)[feed].generation == f->generation)
		return;
	feeds(d)[feed].generation = f->generation;
	for (size_t i = 0; i < nvariables(d); i++)
		if (v[i].feed == feed)
			v[i].place = rc_data_property(f, v[i].property);
}

/* A misspelt feed is known before anybody is read. */
static enum rc_err
look_at_feeds(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct send_data *d = arg;
	struct rc_data_feed f;

	for (size_t i = 0; i < nfeeds(d); i++) {
		struct rc_slice name = feeds(d)[i].name;
		enum rc_err err = rc_data_feed_get(txn, name, &f, e);

		if (err == RC_NOTFOUND)
			return rc_err_set(e, RC_ECONFIG,
			    "there is no feed '%.*s', which the template "
			    "names: load it with rc-identify data",
			    (int)name.len, name.p);
		if (err != RC_OK)
			return err;
		find_places(d, i, &f);
	}
	return RC_OK;
}

/* And a misspelt property, where nothing stands in for it. */
static enum rc_err
check_places(const struct send *s, struct rc_error *e)
{
	const struct send_data *d = &s->data;
	struct rc_slice feed;

	for (size_t i = 0; i < nvariables(d); i++) {
		const struct data_variable *v = &variables(d)[i];

		feed = feeds(d)[v->feed].name;
		if (v->place >= 0)
			continue;
		if (v->needed)
			return rc_err_set(e, RC_ECONFIG,
			    "feed '%.*s' has no property '%.*s', which the "
			    "template names without a fallback",
			    (int)feed.len, feed.p, (int)v->property.len,
			    v->property.p);
		rc_log(s->cfg->log, RC_LOG_WARN,
		    "feed '%.*s' has no property '%.*s'", (int)feed.len, feed.p,
		    (int)v->property.len, v->property.p);
	}
	return RC_OK;
}

enum rc_err
rc_send_data_open(struct send *s, struct rc_error *e)
{
	struct send_data *d = &s->data;
	enum rc_err err = RC_OK;

	*d = (struct send_data){.feeds = RC_BUF_INIT(RC_TEMPLATE_MAX),
	    .variables = RC_BUF_INIT(RC_SEND_TEXT_MAX),
	    .values = RC_BUF_INIT(RC_SEND_TEXT_MAX),
	    .ref = RC_BUF_INIT(RC_PERSON_VALUE_MAX)};
	for (size_t i = 0; i < s->render.ncontents && err == RC_OK; i++) {
		err = note_variables(d, s->render.content[i].message, e);
		if (err == RC_OK)
			err =
			    note_variables(d, s->render.content[i].payload, e);
	}
	if (err == RC_OK && nfeeds(d) > 0)
		err = rc_store_read(s->state->store, look_at_feeds, d, e);
	return err == RC_OK ? check_places(s, e) : err;
}

void
rc_send_data_close(struct send_data *d)
{
	rc_buf_free(&d->feeds);
	rc_buf_free(&d->variables);
	rc_buf_free(&d->values);
	rc_buf_free(&d->ref);
}

/* --- one recipient -------------------------------------------------------- */

/* The line may name the person by the very identifier the feed has. */
static enum rc_err
find_row(struct rc_txn *txn, const struct fetching *g,
    const struct rc_data_feed *f, struct rc_slice *row, struct rc_error *e)
{
	const struct rc_ident *to = &g->item->claim.to;
	enum rc_err err = RC_NOTFOUND;

	if (g->value.len > 0)
		err = rc_data_find(txn, f, g->name, g->value, row, e);
	if (err == RC_NOTFOUND || err == RC_EDATA)
		err = rc_data_find(txn, f,
		    rc_slice_str(rc_ident_type_name(to->type)),
		    rc_slice_str(to->text), row, e);
	return err == RC_EDATA ? RC_NOTFOUND : err;
}

static void
keep_values(struct send_data *d, size_t feed, struct rc_slice row)
{
	struct data_variable *v = variables(d);
	struct rc_slice value;

	for (size_t i = 0; i < nvariables(d); i++) {
		if (v[i].feed != feed || v[i].place < 0 ||
		    !rc_data_value(row, v[i].place, &value))
			continue;
		v[i].has = true;
		v[i].at = d->values.len;
		v[i].len = value.len;
		rc_buf_addv(&d->values, value);
	}
}

static enum rc_err
fetch(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct fetching *g = arg;
	struct send_data *d = &g->s->data;
	struct rc_data_feed f;
	struct rc_slice row;

	rc_buf_reset(&d->values);
	for (size_t i = 0; i < nvariables(d); i++)
		variables(d)[i].has = false;
	for (size_t i = 0; i < nfeeds(d); i++) {
		enum rc_err err =
		    rc_data_feed_get(txn, feeds(d)[i].name, &f, e);

		if (err == RC_OK) {
			find_places(d, i, &f);
			err = find_row(txn, g, &f, &row, e);
		}
		if (err == RC_OK)
			keep_values(d, i, row);
		else if (err != RC_NOTFOUND)
			return err;
	}
	return rc_buf_check(&d->values, "the values of a person", e);
}

static enum rc_err
read_reference(struct fetching *g, struct rc_error *e)
{
	const struct rc_json_value *object =
	    g->s->unrendered_doc == NULL ? NULL
					 : rc_json_root(g->s->unrendered_doc);
	const struct rc_json_value *v = rc_json_get(object, "dyid");
	enum rc_err err = RC_OK;

	rc_buf_reset(&g->s->data.ref);
	if (rc_json_get(object, "to") != NULL)
		return RC_OK;
	g->name = RC_SLICE_LIT("dyid");
	if (v == NULL) {
		err = rc_person_cuid_type(object, &g->name, e);
		v = rc_json_get(object, "cuid");
	}
	rc_json_to_text(v, &g->s->data.ref);
	g->value = rc_buf_slice(&g->s->data.ref);
	return err;
}

enum rc_err
rc_send_data_fetch(
    struct send *s, const struct send_item *item, struct rc_error *e)
{
	struct fetching g = {.s = s, .item = item};
	enum rc_err err;

	if (nfeeds(&s->data) == 0)
		return RC_OK;
	err = read_reference(&g, e);
	return err == RC_OK ? rc_store_read(s->state->store, fetch, &g, e)
			    : err;
}

bool
rc_send_data_get(
    const struct send_data *d, struct rc_slice name, struct rc_slice *value)
{
	const struct data_variable *v = variables(d);

	for (size_t i = 0; i < nvariables(d); i++)
		if (rc_slice_eq(v[i].name, name)) {
			*value = (struct rc_slice){
			    rc_buf_str(&d->values) + v[i].at, v[i].len};
			return v[i].has;
		}
	return false;
}
