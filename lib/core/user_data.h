/*
 * User data: feeds of properties of people, which templates name as
 * ${User data|FEED|PROPERTY} (reconnect-state(5), data_feed and data).
 *
 * A feed is loaded whole: its rows are written under a generation of their own
 * in bounded batches while the old ones stay in force, and one small
 * transaction puts the new ones in their place.  The rows of a load that died,
 * or was replaced, are swept.  Order: rc_data_load_open, rc_data_load_put,
 * rc_data_load_commit, rc_data_load_close.
 */
#ifndef RC_CORE_USER_DATA_H
#define RC_CORE_USER_DATA_H

#include "base/num.h"
#include "core/person.h"

#define RC_DATA_NAME_MAX 64	 /* bytes of a feed's name */
#define RC_DATA_PROPERTY_MAX 100 /* bytes of a property's name */
#define RC_DATA_PROPERTIES 100	 /* of a feed */
#define RC_DATA_VALUE_MAX 1000	 /* bytes of a value */
#define RC_DATA_ROW_MAX 8192	 /* bytes of a person's values, packed */
#define RC_DATA_FEEDS 1000	 /* of a state */
/* Of a transaction: under 10 ms of work. */
#define RC_DATA_BATCH 5000 /* rows */
#define RC_DATA_BATCH_BYTES (1u << 20)

struct rc_data_feed {
	char name[RC_DATA_NAME_MAX + 1];
	char by[RC_PERSON_NAME_MAX + 1]; /* "dyid", or what core/person has */
	uint32_t generation;
	uint64_t loaded_ms, rows;
	unsigned char digest[RC_SHA256_LEN]; /* of the file */
	size_t nproperties;
	struct rc_slice properties; /* nproperties str; of the transaction */
};

/*
 * RC_EDATA, with what (of "a feed's name") in front: empty, longer than max,
 * not UTF-8, white space around it, or something in it that ends a name in a
 * template: '|', a brace, ":-", a control character.
 */
enum rc_err rc_data_name_check(struct rc_slice name, size_t max,
    const char *what, struct rc_error *) RC_MUST_USE;
/*
 * "User data|FEED|PROPERTY" taken apart; RC_NOTFOUND when it does not begin
 * so, RC_EDATA when it does and is no such name.
 */
enum rc_err rc_data_variable(struct rc_slice variable, struct rc_slice *feed,
    struct rc_slice *property, struct rc_error *) RC_MUST_USE;

/* --- reading -------------------------------------------------------------- */

/* RC_NOTFOUND. */
enum rc_err rc_data_feed_get(struct rc_txn *, struct rc_slice name,
    struct rc_data_feed *, struct rc_error *) RC_MUST_USE;
/* Every feed in order of names; RC_END from the function ends it early. */
enum rc_err rc_data_feed_each(struct rc_txn *,
    enum rc_err (*)(void *, const struct rc_data_feed *, struct rc_error *),
    void *arg, struct rc_error *) RC_MUST_USE;
/* Where a feed has a property; -1: it has none of that name. */
int rc_data_property(const struct rc_data_feed *, struct rc_slice name);

/*
 * The row of a person given by an identifier, of whatever name it may have in
 * core/person.h ("dyid" too): the one the feed has for this identifier itself
 * or for its hash, one seek; else that of the person it is tied to, of several
 * the one newest seen.  RC_NOTFOUND; RC_EDATA for what is no such identifier.
 */
enum rc_err rc_data_find(struct rc_txn *, const struct rc_data_feed *,
    struct rc_slice name, struct rc_slice value, struct rc_slice *row,
    struct rc_error *) RC_MUST_USE;
/* The value a row has for a property; false: none. */
bool rc_data_value(struct rc_slice row, int property, struct rc_slice *value);
/* The next property of a row and its value; false at the end. */
bool rc_data_next(
    struct rc_unpack *row, unsigned *property, struct rc_slice *value);
/* Adds a value to a row; properties come in ascending order. */
void rc_data_add(struct rc_buf *row, unsigned property, struct rc_slice value);

/*
 * The key of a person in a feed: the identifier in canonical form.  RC_EDATA
 * says what is wrong with it.
 */
struct rc_data_id {
	char text[RC_PERSON_VALUE_MAX];
	size_t len;
};
enum rc_err rc_data_id_set(struct rc_data_id *, struct rc_slice by,
    struct rc_slice value, struct rc_error *) RC_MUST_USE;

/* --- loading -------------------------------------------------------------- */

struct rc_data_load {
	struct rc_state *state;
	uint32_t generation;
	int lock_fd; /* tells others that it lives */
};
struct rc_data_row {
	struct rc_slice id, values; /* a struct rc_data_id's text; packed */
};
/* Draws a generation; to be closed in any case. */
enum rc_err rc_data_load_open(
    struct rc_data_load *, struct rc_state *, struct rc_error *) RC_MUST_USE;
/*
 * Writes n rows, ascending and each once, in batches of bounded work.  A row
 * that was there is replaced; *fresh counts the others.
 */
enum rc_err rc_data_load_put(struct rc_data_load *, const struct rc_data_row *,
    size_t n, uint64_t *fresh, struct rc_error *) RC_MUST_USE;
/*
 * Puts the rows in the place of the feed's; generation is filled in here.
 * RC_EDATA: there would be more than RC_DATA_FEEDS.
 */
enum rc_err rc_data_load_commit(struct rc_data_load *,
    const struct rc_data_feed *, struct rc_error *) RC_MUST_USE;
/* Repeatable.  Uncommitted rows are swept by the next sweep. */
void rc_data_load_close(struct rc_data_load *);
/* Deletes the rows of loads that were replaced or died, in bounded batches. */
enum rc_err rc_data_sweep(struct rc_state *, struct rc_error *) RC_MUST_USE;
/* Forgets a feed, whose rows the next sweep deletes; RC_NOTFOUND. */
enum rc_err rc_data_remove(
    struct rc_state *, struct rc_slice name, struct rc_error *) RC_MUST_USE;

#endif
