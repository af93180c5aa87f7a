/*
 * JSON in and out.
 *
 * In: cJSON made strict (RFC 8259): the whole text must be one value, after a
 * byte order mark at most, valid UTF-8, no \u0000, no duplicate keys in one
 * object, depth at most 64, keys compared with case.  A number keeps its text,
 * so that ids of any size survive.  Values are borrowed from their document.
 * Only json.c includes cJSON.
 *
 * Out: a writer into a buffer that refuses what would not be JSON: a key in an
 * array, a value without a key in an object, an end that closes the wrong
 * thing, two top-level values.  Text that is not UTF-8 gets U+FFFD.
 */
#ifndef RC_TEXT_JSON_H
#define RC_TEXT_JSON_H

#include "text/utf8.h"

#define RC_JSON_MAX (16u << 20) /* bytes of a document, read or written */

struct rc_json;	      /* a document */
struct rc_json_value; /* a value within; NULL is "absent" */

enum rc_json_type {
	RC_JSON_ABSENT,
	RC_JSON_NULL,
	RC_JSON_BOOL,
	RC_JSON_NUMBER,
	RC_JSON_STRING,
	RC_JSON_ARRAY,
	RC_JSON_OBJECT
};

/*
 * RC_EDATA says what is wrong and at which byte of the text, from 1, and
 * quotes no value.  A number may have 63 bytes and must fit a double's range.
 */
enum rc_err rc_json_parse(
    struct rc_json **, struct rc_slice, struct rc_error *) RC_MUST_USE;
/* NULL is fine. */
void rc_json_free(struct rc_json *);
/* Borrowed, as all values are, until rc_json_free. */
const struct rc_json_value *rc_json_root(const struct rc_json *);

/* All take NULL for an absent value and then answer absent, empty or zero. */
enum rc_json_type rc_json_type(const struct rc_json_value *);
const struct rc_json_value *rc_json_get(
    const struct rc_json_value *, const char *key);
const struct rc_json_value *rc_json_at(const struct rc_json_value *, size_t i);
size_t rc_json_count(const struct rc_json_value *); /* members, elements */
/* Iteration over an array or object: the first, and the one after. */
const struct rc_json_value *rc_json_first(const struct rc_json_value *);
const struct rc_json_value *rc_json_next(const struct rc_json_value *);
/* The key a member has in its object; empty for others. */
struct rc_slice rc_json_key(const struct rc_json_value *);
/* RFC 6901 pointer, "" is the value itself; NULL when nothing is there. */
const struct rc_json_value *rc_json_pointer(
    const struct rc_json_value *, const char *pointer);
/* Bytes of a string; empty for any other type. */
struct rc_slice rc_json_str(const struct rc_json_value *);
bool rc_json_bool(const struct rc_json_value *); /* only true is true */
/*
 * A string as it is; a number exactly as it was written; a boolean as true or
 * false; nothing for the others.  What a variable holds.
 */
void rc_json_to_text(const struct rc_json_value *, struct rc_buf *);

struct rc_json_writer {
	struct rc_buf *out;
	unsigned depth;
	bool bad; /* something malformed was refused */
	bool comma, keyed, done;
	unsigned char stack[64]; /* '{' or '[' */
};

/* Writes into buf, which the caller owns; compact, on one line. */
struct rc_json_writer rc_json_writer_start(struct rc_buf *);
/* Each writes one value, or begins one that rc_jw_end closes. */
void rc_jw_object(struct rc_json_writer *);
void rc_jw_array(struct rc_json_writer *);
void rc_jw_end(struct rc_json_writer *); /* closes the innermost */
void rc_jw_key(struct rc_json_writer *, const char *);
void rc_jw_str(struct rc_json_writer *, struct rc_slice);
void rc_jw_cstr(struct rc_json_writer *, const char *);
void rc_jw_u64(struct rc_json_writer *, uint64_t); /* exact, unquoted */
void rc_jw_double(struct rc_json_writer *, double);
void rc_jw_bool(struct rc_json_writer *, bool);
void rc_jw_null(struct rc_json_writer *);
void rc_jw_time(struct rc_json_writer *, uint64_t ms); /* RFC 3339 */
/* A whole value with all within; numbers as written; null when absent. */
void rc_jw_value(struct rc_json_writer *, const struct rc_json_value *);
/* RC_EINTERNAL if anything was refused or is still open; or rc_buf_check's. */
enum rc_err rc_jw_finish(
    struct rc_json_writer *, struct rc_error *) RC_MUST_USE;

/* The inside of a JSON string (no quotes around it), escaped. */
void rc_json_escape(struct rc_buf *, struct rc_slice);

#endif
