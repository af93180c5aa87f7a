/* A store of two tables, and short ways to fill it and look into it. */
#ifndef RC_TEST_STORE_H
#define RC_TEST_STORE_H

#include "scratch.h"

#include "base/num.h"
#include "sys/store.h"

enum {
	META,
	FRUIT,
	TABLES
};

static const char *const tables[TABLES] = {"meta", "fruit"};
static struct rc_error err;

static inline struct rc_store_config
config_of(const char *path, bool create)
{
	return (struct rc_store_config){.path = path,
	    .tables = tables,
	    .ntables = TABLES,
	    .schema = 7,
	    .create = create};
}

static inline enum rc_err
try_open(struct rc_store **s, bool create)
{
	const struct rc_store_config config =
	    config_of(scratch("state"), create);

	return rc_store_open(s, &config, &err);
}

static inline struct rc_store *
open_store(void)
{
	struct rc_store *s;

	if (try_open(&s, true) != RC_OK)
		fail_msg("%s", err.msg);
	return s;
}

static inline struct rc_slice
str(const char *s)
{
	return rc_slice_str(s);
}

struct pairs {
	const char *const *words; /* key, value, …, NULL */
	enum rc_err then;	  /* what the function returns */
};

static inline enum rc_err
put_pairs(struct rc_txn *t, void *arg, struct rc_error *e)
{
	const struct pairs *p = arg;

	for (const char *const *w = p->words; *w != NULL; w += 2)
		assert_int_equal(
		    rc_put(t, FRUIT, str(w[0]), str(w[1]), e), RC_OK);
	return p->then;
}

static inline void
put_words(struct rc_store *s, const char *const *words)
{
	struct pairs p = {words, RC_OK};

	assert_int_equal(rc_store_write(s, put_pairs, &p, &err), RC_OK);
}

struct lookup {
	const char *key;
	char value[64];
};

static inline enum rc_err
look_up(struct rc_txn *t, void *arg, struct rc_error *e)
{
	struct lookup *l = arg;
	struct rc_slice v;
	enum rc_err r = rc_get(t, FRUIT, str(l->key), &v, e);

	if (r == RC_OK)
		snprintf(l->value, sizeof(l->value), "%.*s", (int)v.len, v.p);
	return r;
}

static inline void
assert_holds(struct rc_store *s, const char *key, const char *value)
{
	struct lookup l = {.key = key};
	enum rc_err r = rc_store_read(s, look_up, &l, &err);

	assert_int_equal(r, value == NULL ? RC_NOTFOUND : RC_OK);
	if (value != NULL)
		assert_string_equal(l.value, value);
}

static inline enum rc_err
count_up(struct rc_txn *t, void *arg, struct rc_error *e)
{
	unsigned char n[4] = {0};
	struct rc_slice v;
	enum rc_err r = rc_get(t, FRUIT, str("n"), &v, e);

	(void)arg;
	if (r == RC_OK)
		memcpy(n, v.p, sizeof(n));
	rc_put32(n, rc_get32(n) + 1);
	return rc_put(
	    t, FRUIT, str("n"), (struct rc_slice){(char *)n, sizeof(n)}, e);
}

#endif
