/*
 * Templates (reconnect-template(5)): a text, or a JSON document, with
 * ${name}, ${name:-fallback}, ${link:URL} and $${ for a literal ${.
 *
 * Compiled once, rendered once a recipient; only values that must be escaped
 * and URLs with variables take memory for the time of one rendering.  The
 * template knows nothing of people or links: it asks a
 * function for every variable and every URL.
 */
#ifndef RC_TEXT_TEMPLATE_H
#define RC_TEXT_TEMPLATE_H

#include "base/buf.h"

#define RC_TEMPLATE_MAX 65536
#define RC_TEMPLATE_LINKS 100 /* different URLs in one template */
#define RC_TEMPLATE_VARS 1000 /* different variables in one template */

struct rc_template;

enum rc_template_kind {
	RC_TEMPLATE_TEXT, /* substituted as it is */
	RC_TEMPLATE_JSON  /* substituted inside strings, escaped */
};

struct rc_template_vars {
	/*
	 * The value of a variable, appended to out; RC_NOTFOUND when there is
	 * none, and rendering fails unless it has a fallback.  A fallback
	 * stands in for an empty value as well, as in the shell.
	 */
	enum rc_err (*lookup)(void *arg, struct rc_slice name,
	    struct rc_buf *out, struct rc_error *);
	/*
	 * What to put for URL number index (order of first appearance in the
	 * template); url is expanded, and borrowed for the call.  NULL: URLs
	 * stay as they are.
	 */
	enum rc_err (*link)(void *arg, unsigned index, struct rc_slice url,
	    struct rc_buf *out, struct rc_error *);
	void *arg;
};

/*
 * source is not needed afterwards.  RC_EDATA names what is wrong: an unclosed
 * ${, an empty name, a JSON template that is no JSON, a variable outside a
 * string or in a key, a limit.  In JSON a string that is only a URL is left
 * alone;
 * ${link:URL} makes it a link.
 */
enum rc_err rc_template_compile(struct rc_template **, enum rc_template_kind,
    struct rc_slice source, struct rc_error *) RC_MUST_USE;
/* NULL is fine. */
void rc_template_free(struct rc_template *);

/*
 * Appends the rendered template to out.  RC_EDATA "no value for ${name}", or
 * one that is not UTF-8 or has a NUL byte, or an expanded link that is no URL,
 * or more than out takes; and whatever lookup and link return.  out is then cut
 * back to where it was.  A value is never scanned again for variables; URLs
 * that come out of a variable are not shortened. A value inside a URL is
 * percent-encoded, '/' in the path excepted, unless the URL begins with it.
 */
enum rc_err rc_template_render(const struct rc_template *,
    const struct rc_template_vars *, struct rc_buf *out,
    struct rc_error *) RC_MUST_USE;

/* The variables that have a meaning of their own, reconnect-template(5). */
#define RC_TEMPLATE_IDENTIFIER "User identifier"
#define RC_TEMPLATE_MESSAGE "Message text"
#define RC_TEMPLATE_MESSAGE_ID "Message ID"
#define RC_TEMPLATE_CAMPAIGN "Campaign"
#define RC_TEMPLATE_DATA "User data|" /* feed and property follow */

/* Is it one of these?  No value can be given to it. */
bool rc_template_is_own(struct rc_slice name);

/* What is known of a text that may have been rendered from a template. */
struct rc_template_known {
	/* The value of a variable, as in rendering; RC_NOTFOUND: may be any. */
	enum rc_err (*lookup)(void *arg, struct rc_slice name,
	    struct rc_buf *out, struct rc_error *);
	/*
	 * How many bytes of a text's beginning are what was put for URL number
	 * index; 0: it is something else.  NULL: URLs stood as they are.
	 */
	size_t (*link)(void *arg, unsigned index, struct rc_slice text);
	/*
	 * Appends what became of a literal piece; NULL: it stayed as it is.
	 */
	void (*literal)(struct rc_slice piece, struct rc_buf *out);
	/* What ${Message text} stands for; NULL: it is a variable as any. */
	const struct rc_template *message;
	void *arg;
};
/*
 * Whether a text can be what rc_template_render made: its literal pieces in
 * their order, with the values that are known between them, and anything for
 * those that are not.  Never false for what it made; pure.  Known values inside
 * URLs, and in JSON, count as any.  Fails as lookup does, or when memory is
 * short.
 */
enum rc_err rc_template_match(const struct rc_template *,
    const struct rc_template_known *, struct rc_slice text, bool *match,
    struct rc_error *) RC_MUST_USE;

/* Different URLs, at most RC_TEMPLATE_LINKS. */
size_t rc_template_nlinks(const struct rc_template *);
/* URL i as the template has it; *fixed: no variable in it. */
struct rc_slice rc_template_link(
    const struct rc_template *, size_t i, bool *fixed);
/* Names of the variables, for messages: i-th, or empty past the end. */
struct rc_slice rc_template_var(const struct rc_template *, size_t i);
/*
 * Whether nothing can be rendered without a variable's value: somewhere it
 * stands without a fallback, and in none.
 */
bool rc_template_needs(const struct rc_template *, struct rc_slice name);
/*
 * Whether a variable's value stands in all that is rendered, as it is: not only
 * in a fallback or in a URL.
 */
bool rc_template_shows(const struct rc_template *, struct rc_slice name);

#endif
