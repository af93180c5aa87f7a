/*
 * A compiled template: operations in the order of the text.  An operation with
 * a body (a variable's fallback, a link's URL) is followed by the operations of
 * that body.  template.c takes a document apart, template_text.c compiles a
 * text, template_render.c runs the operations.
 */
#ifndef RC_TEXT_TEMPLATE_PRIV_H
#define RC_TEXT_TEMPLATE_PRIV_H

#include "text/template.h"

enum rc_op_kind {
	RC_OP_LITERAL,
	RC_OP_VARIABLE,
	RC_OP_LINK
};

/* How a value is percent-encoded where it stands. */
enum rc_op_encoding {
	RC_ENCODE_NOTHING,
	RC_ENCODE_PATH, /* '/' stays */
	RC_ENCODE_ALL
};

struct rc_span { /* bytes in the pool */
	size_t at, len;
};

struct rc_op {
	enum rc_op_kind kind;
	struct rc_span text; /* of a literal; name of a variable */
	size_t body;	     /* operations that follow and belong to it */
	bool fallback;	     /* a variable has one, maybe an empty one */
	bool json;	     /* what comes out stands in a JSON string */
	enum rc_op_encoding encoding; /* of a variable */
	unsigned link;		      /* index of a link */
};

struct rc_template_url {
	struct rc_span text;
	bool fixed;
};

struct rc_template {
	enum rc_template_kind kind;
	struct rc_buf pool; /* literals, names, URLs */
	struct rc_buf ops;  /* struct rc_op */
	struct rc_buf vars; /* struct rc_span of each distinct name */
	struct rc_template_url links[RC_TEMPLATE_LINKS];
	size_t nlinks;
};

/* How far into a URL the compiler is. */
struct rc_url_place {
	bool begun, query;
	unsigned slashes;
};

struct rc_compiler {
	struct rc_template *t;
	struct rc_slice src; /* the text, or one string of the document */
	struct rc_buf mask;  /* src with its variables blotted out */
	size_t closed;	     /* operations before this one take no more text */
	unsigned nesting;    /* of fallbacks */
	bool in_link;
	bool in_url; /* in a link, or in a string that is only a URL */
	struct rc_url_place place;
	struct rc_error *e;
};

/* Bytes of the pool; borrowed until it grows. */
struct rc_slice rc_template_text(const struct rc_template *, struct rc_span);
/* RC_EDATA with src from a place on in quotes, and why. */
enum rc_err rc_template_refuse(
    struct rc_compiler *, size_t from, const char *why);
/* Bytes that are rendered as they are. */
enum rc_err rc_template_literal(struct rc_compiler *, struct rc_slice);
/* Compiles src as running text, in which URLs become links. */
enum rc_err rc_template_compile_text(struct rc_compiler *);

#endif
