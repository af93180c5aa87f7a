#include "text/template_priv.h"

#include "text/json.h"
#include "text/url.h"

#include <string.h>

#define NESTING_MAX 8
#define QUOTED_MAX 40 /* bytes of a template shown in a message */
#define MASK '-'      /* fits anywhere in a URL, and never ends one */

static enum rc_err compile_run(struct rc_compiler *, size_t from, size_t to);

static struct rc_slice
part(const struct rc_compiler *c, size_t from, size_t to)
{
	return (struct rc_slice){c->src.p + from, to - from};
}

enum rc_err
rc_template_refuse(struct rc_compiler *c, size_t from, const char *why)
{
	size_t len = c->src.len - from;

	return rc_err_set(c->e, RC_EDATA, "template: '%.*s%s' %s",
	    (int)(len < QUOTED_MAX ? len : QUOTED_MAX), c->src.p + from,
	    len <= QUOTED_MAX ? "" : "...", why);
}

static struct rc_op *
op_at(const struct rc_compiler *c, size_t i)
{
	return (struct rc_op *)(void *)c->t->ops.data + i;
}

static size_t
op_count(const struct rc_compiler *c)
{
	return c->t->ops.len / sizeof(struct rc_op);
}

static enum rc_err
add_op(struct rc_compiler *c, const struct rc_op *op)
{
	rc_buf_add(&c->t->ops, op, sizeof(*op));
	return rc_buf_check(&c->t->ops, "template", c->e);
}

/* All operations behind op become its body. */
static void
close_body(struct rc_compiler *c, size_t op)
{
	c->closed = op_count(c);
	op_at(c, op)->body = c->closed - op - 1;
}

/* --- literals ------------------------------------------------------------- */

/* The literal that ends at a place of the pool and may grow; or NULL. */
static struct rc_op *
open_literal(const struct rc_compiler *c, size_t at)
{
	size_t n = op_count(c);
	struct rc_op *op;

	if (n <= c->closed)
		return NULL;
	op = op_at(c, n - 1);
	if (op->kind != RC_OP_LITERAL || op->text.at + op->text.len != at)
		return NULL;
	return op;
}

/* What was added to the pool from at on is rendered as it is. */
static enum rc_err
add_literal_op(struct rc_compiler *c, size_t at)
{
	size_t len = c->t->pool.len - at;
	struct rc_op *op = open_literal(c, at);
	struct rc_op new = {.kind = RC_OP_LITERAL, .text = {at, len}};

	if (op == NULL)
		return add_op(c, &new);
	op->text.len += len;
	return RC_OK;
}

enum rc_err
rc_template_literal(struct rc_compiler *c, struct rc_slice text)
{
	size_t at = c->t->pool.len;

	if (text.len == 0)
		return RC_OK;
	rc_buf_addv(&c->t->pool, text);
	return add_literal_op(c, at);
}

static void
follow_url(struct rc_url_place *place, struct rc_slice text)
{
	size_t i;

	place->begun = true;
	for (i = 0; i < text.len; i++) {
		place->slashes += text.p[i] == '/';
		place->query |= text.p[i] == '?' || text.p[i] == '#';
	}
}

/* A URL that begins with a variable has scheme and host in there. */
static enum rc_op_encoding
encoding_here(const struct rc_compiler *c)
{
	if (!c->in_url || !c->place.begun)
		return RC_ENCODE_NOTHING;
	if (c->place.slashes >= 3 && !c->place.query)
		return RC_ENCODE_PATH;
	return RC_ENCODE_ALL;
}

static bool
in_json(const struct rc_compiler *c)
{
	return c->t->kind == RC_TEMPLATE_JSON && !c->in_link;
}

static enum rc_err
add_text(struct rc_compiler *c, struct rc_slice text)
{
	size_t at = c->t->pool.len;

	if (text.len == 0)
		return RC_OK;
	if (c->in_url)
		follow_url(&c->place, text);
	if (!in_json(c))
		return rc_template_literal(c, text);
	rc_json_escape(&c->t->pool, text);
	return add_literal_op(c, at);
}

/* --- variables ------------------------------------------------------------ */

/* Length of the dollars at i, and whether a brace follows them. */
static size_t
dollars(struct rc_slice s, size_t i, bool *brace)
{
	size_t n = 0;

	while (i + n < s.len && s.p[i + n] == '$')
		n++;
	*brace = n > 0 && i + n < s.len && s.p[i + n] == '{';
	return n;
}

/* The brace that closes the variable whose inside begins at from. */
static bool
find_close(struct rc_slice s, size_t from, size_t *close)
{
	size_t i = from, open = 1, n;
	bool brace;

	while (i < s.len) {
		n = dollars(s, i, &brace);
		if (n == 0 && s.p[i] == '}' && --open == 0) {
			*close = i;
			return true;
		}
		open += brace && n % 2 == 1;
		i += brace || n == 0 ? n + 1 : n;
	}
	return false;
}

static enum rc_err
note_name(struct rc_compiler *c, struct rc_span name)
{
	const struct rc_span *known = (const void *)c->t->vars.data;
	size_t i, n = c->t->vars.len / sizeof(*known);

	for (i = 0; i < n; i++)
		if (rc_slice_eq(rc_template_text(c->t, known[i]),
			rc_template_text(c->t, name)))
			return RC_OK;
	if (n == RC_TEMPLATE_VARS)
		return rc_err_set(c->e, RC_EDATA,
		    "template: more than %d different variables",
		    RC_TEMPLATE_VARS);
	rc_buf_add(&c->t->vars, &name, sizeof(name));
	return rc_buf_check(&c->t->vars, "template", c->e);
}

/* Where the name that begins at from ends: at '}', at ":-", or nowhere. */
static bool
find_name_end(struct rc_slice s, size_t from, size_t *end)
{
	for (*end = from; *end < s.len; ++*end)
		switch (s.p[*end]) {
		case '{':
		case '\n':
			return false;
		case '}':
			return true;
		case ':':
			if (*end + 1 < s.len && s.p[*end + 1] == '-')
				return true;
			break;
		default:
			break;
		}
	return false;
}

static enum rc_err
compile_fallback(struct rc_compiler *c, size_t op, size_t from, size_t to)
{
	struct rc_url_place place = c->place;
	enum rc_err err;

	if (++c->nesting > NESTING_MAX)
		return rc_template_refuse(
		    c, from, "is nested too deeply: 8 levels at most");
	op_at(c, op)->fallback = true;
	c->closed = op + 1;
	err = compile_run(c, from, to);
	close_body(c, op);
	c->nesting--;
	c->place = place;
	return err;
}

static enum rc_err
add_variable(struct rc_compiler *c, struct rc_slice name)
{
	struct rc_op op = {.kind = RC_OP_VARIABLE,
	    .text = {c->t->pool.len, name.len},
	    .json = in_json(c),
	    .encoding = encoding_here(c)};
	enum rc_err err;

	rc_buf_addv(&c->t->pool, name);
	err = rc_buf_check(&c->t->pool, "template", c->e);
	if (err == RC_OK)
		err = note_name(c, op.text);
	if (err == RC_OK)
		err = add_op(c, &op);
	if (c->in_url && !c->place.begun)
		c->place = (struct rc_url_place){.begun = true, .slashes = 3};
	return err;
}

/* at is the '$'; *end becomes what follows the closing brace. */
static enum rc_err
compile_variable(struct rc_compiler *c, size_t at, size_t *end)
{
	size_t name_end, close, op = op_count(c);
	enum rc_err err;

	if (!find_name_end(c->src, at + 2, &name_end) ||
	    !find_close(c->src, at + 2, &close))
		return rc_template_refuse(c, at,
		    "is not closed: write ${name}, or $${ for a plain ${");
	if (name_end == at + 2)
		return rc_template_refuse(c, at, "has no name");
	err = add_variable(c, part(c, at + 2, name_end));
	if (err == RC_OK && name_end < close)
		err = compile_fallback(c, op, name_end + 2, close);
	*end = close + 1;
	return err;
}

/* --- links ---------------------------------------------------------------- */

static bool
is_fixed(const struct rc_compiler *c, size_t link)
{
	return op_at(c, link)->body == 1 &&
	       op_at(c, link + 1)->kind == RC_OP_LITERAL;
}

/* A URL that appears again has the number of the first. */
static enum rc_err
number_link(struct rc_compiler *c, size_t op, struct rc_slice source)
{
	struct rc_template *t = c->t;
	struct rc_template_url url = {
	    {t->pool.len, source.len}, is_fixed(c, op)};
	size_t i;

	if (url.fixed)
		url.text = op_at(c, op + 1)->text;
	else
		rc_buf_addv(&t->pool, source);
	if (rc_buf_check(&t->pool, "template", c->e) != RC_OK)
		return c->e->code;
	for (i = 0; i < t->nlinks; i++)
		if (t->links[i].fixed == url.fixed &&
		    rc_slice_eq(rc_template_text(t, t->links[i].text),
			rc_template_text(t, url.text)))
			break;
	if (i == RC_TEMPLATE_LINKS)
		return rc_err_set(c->e, RC_EDATA,
		    "template: more than %d different URLs", RC_TEMPLATE_LINKS);
	if (i == t->nlinks)
		t->links[t->nlinks++] = url;
	op_at(c, op)->link = (unsigned)i;
	return RC_OK;
}

/*
 * Whether the body of a link can become a URL.  With a variable in it only the
 * scheme is sure; rendering checks the rest.
 */
static bool
can_be_url(const struct rc_compiler *c, size_t link)
{
	const struct rc_op *first = op_at(c, link + 1);
	struct rc_error ignored;
	struct rc_slice text;
	struct rc_url url;

	if (op_at(c, link)->body == 0)
		return false;
	if (first->kind == RC_OP_VARIABLE)
		return true;
	text = rc_template_text(c->t, first->text);
	if (is_fixed(c, link))
		return rc_url_parse(text, &url, &ignored) == RC_OK;
	return rc_url_scheme_len(text) > 0;
}

static enum rc_err
compile_link(struct rc_compiler *c, size_t from, size_t to)
{
	struct rc_op op = {.kind = RC_OP_LINK, .json = in_json(c)};
	size_t at = op_count(c);
	enum rc_err err = add_op(c, &op);

	if (err != RC_OK)
		return err;
	c->closed = at + 1;
	c->in_link = c->in_url = true;
	c->place = (struct rc_url_place){.begun = false};
	err = compile_run(c, from, to);
	c->in_link = c->in_url = false;
	if (err != RC_OK)
		return err;
	close_body(c, at);
	if (!can_be_url(c, at))
		return rc_template_refuse(c, from,
		    "is no URL: a link begins with http:// or https://");
	return number_link(c, at, part(c, from, to));
}

/* "${link:-" is a variable named link, with a fallback. */
static bool
is_link_at(const struct rc_compiler *c, size_t at)
{
	static const char start[] = "${link:";
	size_t len = sizeof(start) - 1;

	return c->src.len - at > len &&
	       memcmp(c->src.p + at, start, len) == 0 &&
	       c->src.p[at + len] != '-';
}

static enum rc_err
compile_explicit_link(struct rc_compiler *c, size_t at, size_t *end)
{
	size_t close;

	if (!find_close(c->src, at + 2, &close))
		return rc_template_refuse(
		    c, at, "is not closed: write ${link:URL}");
	if (c->in_url || c->nesting > 0)
		return rc_template_refuse(
		    c, at, "is a link inside a URL or a fallback");
	*end = close + 1;
	return compile_link(c, at + 7, close);
}

/* --- texts ---------------------------------------------------------------- */

/*
 * The n dollars before a brace at *i: each pair is one dollar, and one that is
 * left over begins a variable.
 */
static enum rc_err
compile_dollars(struct rc_compiler *c, size_t *i, size_t n)
{
	size_t last = *i + n - 1;
	enum rc_err err = add_text(c, part(c, *i, *i + n / 2));

	*i += n;
	if (err != RC_OK || n % 2 == 0)
		return err;
	return is_link_at(c, last) ? compile_explicit_link(c, last, i)
				   : compile_variable(c, last, i);
}

/* A part of src: literals, variables and explicit links. */
static enum rc_err
compile_run(struct rc_compiler *c, size_t from, size_t to)
{
	enum rc_err err = RC_OK;
	size_t i = from, n;
	bool brace;

	while (err == RC_OK && i < to) {
		n = dollars(c->src, i, &brace);
		if (!brace) {
			i += n > 0 ? n : 1;
			continue;
		}
		err = add_text(c, part(c, from, i));
		if (err == RC_OK)
			err = compile_dollars(c, &i, n);
		from = i;
	}
	return err == RC_OK ? add_text(c, part(c, from, to)) : err;
}

/* One byte for one, so that what is found in the mask has its place in src. */
static enum rc_err
make_mask(struct rc_compiler *c)
{
	size_t i = 0, n, close;
	bool brace;

	rc_buf_reset(&c->mask);
	rc_buf_addv(&c->mask, c->src);
	if (rc_buf_check(&c->mask, "template", c->e) != RC_OK)
		return c->e->code;
	while (i < c->src.len) {
		n = dollars(c->src, i, &brace);
		if (!brace) {
			i += n > 0 ? n : 1;
			continue;
		}
		close = i + n;
		if (n % 2 == 1 && !find_close(c->src, close + 1, &close))
			break; /* refused when it is compiled */
		memset(c->mask.data + i, MASK, close + 1 - i);
		i = close + 1;
	}
	return RC_OK;
}

static enum rc_err
compile_url_string(struct rc_compiler *c)
{
	enum rc_err err;

	c->in_url = true;
	c->place = (struct rc_url_place){.begun = false};
	err = compile_run(c, 0, c->src.len);
	c->in_url = false;
	return err;
}

enum rc_err
rc_template_compile_text(struct rc_compiler *c)
{
	size_t done = 0, pos = 0;
	struct rc_slice url;
	enum rc_err err;

	err = make_mask(c);
	while (
	    err == RC_OK && rc_url_find(rc_buf_slice(&c->mask), &pos, &url)) {
		if (in_json(c) && url.len == c->src.len)
			return compile_url_string(c);
		err = compile_run(c, done, pos - url.len);
		if (err == RC_OK)
			err = compile_link(c, pos - url.len, pos);
		done = pos;
	}
	return err == RC_OK ? compile_run(c, done, c->src.len) : err;
}
