#include "text/template_priv.h"

#include "text/json.h"

#include <stdlib.h>
#include <string.h>

#define POOL_MAX 524288 /* escaping makes six bytes of one */

struct rc_slice
rc_template_text(const struct rc_template *t, struct rc_span span)
{
	return (struct rc_slice){rc_buf_str(&t->pool) + span.at, span.len};
}

static struct rc_slice
part(const struct rc_compiler *c, size_t from, size_t to)
{
	return (struct rc_slice){c->src.p + from, to - from};
}

/* --- documents ------------------------------------------------------------ */

/* Behind the string that begins at i, quotes included. */
static size_t
string_end(struct rc_slice s, size_t i)
{
	for (i++; i < s.len && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.len ? i + 1 : s.len;
}

static bool
is_key(struct rc_slice document, size_t end)
{
	while (end < document.len && strchr(" \t\r\n", document.p[end]))
		end++;
	return end < document.len && document.p[end] == ':';
}

static enum rc_err
compile_string(struct rc_compiler *c, struct rc_slice quoted)
{
	struct rc_slice document = c->src;
	struct rc_json *json;
	enum rc_err err = rc_json_parse(&json, quoted, c->e);

	if (err != RC_OK)
		return err;
	c->src = rc_json_str(rc_json_root(json));
	err = rc_template_literal(c, RC_SLICE_LIT("\""));
	if (err == RC_OK)
		err = rc_template_compile_text(c);
	if (err == RC_OK)
		err = rc_template_literal(c, RC_SLICE_LIT("\""));
	c->src = document;
	rc_json_free(json);
	return err;
}

/* A value that became a key could stand in for another one, such as "to". */
static enum rc_err
check_places(struct rc_compiler *c)
{
	size_t i = 0, end;

	while (i < c->src.len) {
		struct rc_slice rest = part(c, i, c->src.len);

		if (rest.len > 1 && memcmp(rest.p, "${", 2) == 0)
			return rc_template_refuse(c, i,
			    "stands outside a string: put quotes around it");
		end = rest.p[0] == '"' ? string_end(c->src, i) : i + 1;
		if (rest.p[0] == '"' && is_key(c->src, end) &&
		    memmem(rest.p, end - i, "${", 2) != NULL)
			return rc_template_refuse(
			    c, i, "is a key: variables go into values alone");
		i = end;
	}
	return RC_OK;
}

static enum rc_err
check_json(struct rc_compiler *c)
{
	struct rc_json *json;

	if (check_places(c) != RC_OK)
		return c->e->code;
	if (rc_json_parse(&json, c->src, c->e) != RC_OK)
		return rc_err_prefix(c->e, "template");
	rc_json_free(json);
	return RC_OK;
}

static enum rc_err
compile_json(struct rc_compiler *c)
{
	size_t done = 0, i = 0, end;
	enum rc_err err = check_json(c);

	while (err == RC_OK && i < c->src.len) {
		end = c->src.p[i] == '"' ? string_end(c->src, i) : i + 1;
		if (c->src.p[i] == '"' && !is_key(c->src, end)) {
			err = rc_template_literal(c, part(c, done, i));
			if (err == RC_OK)
				err = compile_string(c, part(c, i, end));
			done = end;
		}
		i = end;
	}
	return err == RC_OK ? rc_template_literal(c, part(c, done, i)) : err;
}

/* --- the outside ---------------------------------------------------------- */

static struct rc_template *
new_template(enum rc_template_kind kind)
{
	struct rc_template *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->kind = kind;
	t->pool = RC_BUF_INIT(POOL_MAX);
	t->ops = RC_BUF_INIT(RC_TEMPLATE_MAX * sizeof(struct rc_op));
	t->vars = RC_BUF_INIT(RC_TEMPLATE_VARS * sizeof(struct rc_span));
	return t;
}

/* A byte order mark would cost every SMS its seven-bit alphabet. */
static struct rc_slice
without_mark(struct rc_slice s)
{
	if (s.len >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		return (struct rc_slice){s.p + 3, s.len - 3};
	return s;
}

enum rc_err
rc_template_compile(struct rc_template **out, enum rc_template_kind kind,
    struct rc_slice source, struct rc_error *e)
{
	struct rc_compiler c = {.src = without_mark(source),
	    .mask = RC_BUF_INIT(RC_TEMPLATE_MAX),
	    .e = e};
	enum rc_err err;

	*out = NULL;
	if (source.len > RC_TEMPLATE_MAX)
		return rc_err_set(e, RC_EDATA, "template: longer than %d bytes",
		    RC_TEMPLATE_MAX);
	if (!rc_utf8_valid(source))
		return rc_err_set(e, RC_EDATA,
		    "template: not UTF-8: convert it with iconv(1)");
	c.t = new_template(kind);
	if (c.t == NULL)
		return rc_err_nomem(e);
	err = kind == RC_TEMPLATE_JSON ? compile_json(&c)
				       : rc_template_compile_text(&c);
	if (err == RC_OK)
		err = rc_buf_check(&c.t->pool, "template", e);
	rc_buf_free(&c.mask);
	if (err == RC_OK)
		*out = c.t;
	else
		rc_template_free(c.t);
	return err;
}

void
rc_template_free(struct rc_template *t)
{
	if (t == NULL)
		return;
	rc_buf_free(&t->pool);
	rc_buf_free(&t->ops);
	rc_buf_free(&t->vars);
	free(t);
}

bool
rc_template_is_own(struct rc_slice name)
{
	return rc_slice_is(name, RC_TEMPLATE_IDENTIFIER) ||
	       rc_slice_is(name, RC_TEMPLATE_MESSAGE) ||
	       rc_slice_is(name, RC_TEMPLATE_MESSAGE_ID) ||
	       rc_slice_is(name, RC_TEMPLATE_CAMPAIGN) ||
	       rc_slice_starts(name, RC_SLICE_LIT(RC_TEMPLATE_DATA), NULL);
}

size_t
rc_template_nlinks(const struct rc_template *t)
{
	return t->nlinks;
}

struct rc_slice
rc_template_link(const struct rc_template *t, size_t i, bool *fixed)
{
	*fixed = t->links[i].fixed;
	return rc_template_text(t, t->links[i].text);
}

bool
rc_template_needs(const struct rc_template *t, struct rc_slice name)
{
	const struct rc_op *op = (const void *)t->ops.data;
	size_t n = t->ops.len / sizeof(*op), body;

	for (size_t i = 0; i < n; i += 1 + body) {
		body = op[i].fallback ? op[i].body : 0;
		if (op[i].kind == RC_OP_VARIABLE && !op[i].fallback &&
		    rc_slice_eq(rc_template_text(t, op[i].text), name))
			return true;
	}
	return false;
}

bool
rc_template_shows(const struct rc_template *t, struct rc_slice name)
{
	const struct rc_op *op = (const void *)t->ops.data;
	size_t n = t->ops.len / sizeof(*op);

	for (size_t i = 0; i < n; i += 1 + op[i].body)
		if (op[i].kind == RC_OP_VARIABLE &&
		    op[i].encoding == RC_ENCODE_NOTHING &&
		    rc_slice_eq(rc_template_text(t, op[i].text), name))
			return true;
	return false;
}

struct rc_slice
rc_template_var(const struct rc_template *t, size_t i)
{
	const struct rc_span *names = (void *)t->vars.data;

	if (i >= t->vars.len / sizeof(*names))
		return (struct rc_slice){"", 0};
	return rc_template_text(t, names[i]);
}
