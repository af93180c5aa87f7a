#include "text/template_priv.h"

#include "text/json.h"
#include "text/url.h"
#include "text/utf8.h"

#include <string.h>

struct renderer {
	const struct rc_template *t;
	const struct rc_template_vars *vars;
	struct rc_buf url;     /* a link's, expanded */
	struct rc_buf scratch; /* a value before it is escaped */
	struct rc_error *e;
};

static enum rc_err render(
    struct renderer *, const struct rc_op *, size_t n, struct rc_buf *out);

typedef void escape_fn(struct rc_buf *, struct rc_slice);

/* Escapes what out holds from a place on. */
static enum rc_err
escape_tail(
    struct renderer *r, struct rc_buf *out, size_t from, escape_fn *escape)
{
	rc_buf_reset(&r->scratch);
	rc_buf_add(&r->scratch, rc_buf_str(out) + from, out->len - from);
	rc_buf_cut(out, from);
	escape(out, rc_buf_slice(&r->scratch));
	return rc_buf_check(&r->scratch, "value", r->e);
}

static void
escape_path(struct rc_buf *out, struct rc_slice path)
{
	const char *slash;

	while ((slash = memchr(path.p, '/', path.len)) != NULL) {
		size_t n = (size_t)(slash - path.p);

		rc_url_escape(out, (struct rc_slice){path.p, n});
		rc_buf_addc(out, '/');
		path = (struct rc_slice){slash + 1, path.len - n - 1};
	}
	rc_url_escape(out, path);
}

/* Most values are plain, and need no copy. */
static bool
is_plain_json(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)p[i] < ' ' || (unsigned char)p[i] > '~' ||
		    p[i] == '"' || p[i] == '\\')
			return false;
	return true;
}

static enum rc_err
finish_value(
    struct renderer *r, const struct rc_op *op, struct rc_buf *out, size_t from)
{
	enum rc_err err = RC_OK;

	if (op->encoding == RC_ENCODE_PATH)
		err = escape_tail(r, out, from, escape_path);
	else if (op->encoding == RC_ENCODE_ALL)
		err = escape_tail(r, out, from, rc_url_escape);
	if (err == RC_OK && op->json &&
	    !is_plain_json(rc_buf_str(out) + from, out->len - from))
		err = escape_tail(r, out, from, rc_json_escape);
	return err;
}

/* Neither can be sent as a text, nor stand in JSON. */
static enum rc_err
check_value(struct renderer *r, struct rc_slice name, struct rc_slice value)
{
	const char *what = "is not UTF-8";

	if (memchr(value.p, '\0', value.len) != NULL)
		what = "has a NUL byte";
	else if (rc_utf8_valid(value))
		return RC_OK;
	return rc_err_set(r->e, RC_EDATA, "the value of ${%.*s} %s",
	    (int)name.len, name.p, what);
}

static enum rc_err
render_variable(struct renderer *r, const struct rc_op *op, struct rc_buf *out)
{
	struct rc_slice name = rc_template_text(r->t, op->text);
	size_t from = out->len;
	enum rc_err err = r->vars->lookup(r->vars->arg, name, out, r->e);

	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	if (err == RC_NOTFOUND)
		rc_buf_cut(out, from);
	if (op->fallback && out->len == from)
		return render(r, op + 1, op->body, out);
	if (err == RC_NOTFOUND)
		return rc_err_set(r->e, RC_EDATA, "no value for ${%.*s}",
		    (int)name.len, name.p);
	err = check_value(r, name,
	    (struct rc_slice){rc_buf_str(out) + from, out->len - from});
	return err == RC_OK ? finish_value(r, op, out, from) : err;
}

/* The URL of a link, borrowed until the next. */
static enum rc_err
expand_url(struct renderer *r, const struct rc_op *op, struct rc_slice *url)
{
	struct rc_url parts;
	enum rc_err err;

	if (r->t->links[op->link].fixed) {
		*url = rc_template_text(r->t, op[1].text);
		return RC_OK;
	}
	rc_buf_reset(&r->url);
	err = render(r, op + 1, op->body, &r->url);
	if (err == RC_OK)
		err = rc_buf_check(&r->url, "link", r->e);
	*url = rc_buf_slice(&r->url);
	return err == RC_OK ? rc_url_parse(*url, &parts, r->e) : err;
}

static enum rc_err
render_link(struct renderer *r, const struct rc_op *op, struct rc_buf *out)
{
	size_t from = out->len;
	struct rc_slice url;
	enum rc_err err = expand_url(r, op, &url);

	if (err != RC_OK)
		return err;
	if (r->vars->link == NULL)
		rc_buf_addv(out, url);
	else
		err = r->vars->link(r->vars->arg, op->link, url, out, r->e);
	return err == RC_OK ? finish_value(r, op, out, from) : err;
}

static enum rc_err
render(struct renderer *r, const struct rc_op *op, size_t n, struct rc_buf *out)
{
	/* An empty text has no operations at all, not even an array. */
	const struct rc_op *end = n == 0 ? op : op + n;
	enum rc_err err = RC_OK;

	for (; op < end && err == RC_OK; op += 1 + op->body)
		switch (op->kind) {
		case RC_OP_LITERAL:
			rc_buf_addv(out, rc_template_text(r->t, op->text));
			break;
		case RC_OP_VARIABLE:
			err = render_variable(r, op, out);
			break;
		case RC_OP_LINK:
			err = render_link(r, op, out);
			break;
		}
	return err;
}

enum rc_err
rc_template_render(const struct rc_template *t,
    const struct rc_template_vars *vars, struct rc_buf *out, struct rc_error *e)
{
	struct renderer r = {.t = t,
	    .vars = vars,
	    .url = RC_BUF_INIT(RC_URL_MAX),
	    .scratch = RC_BUF_INIT(out->max),
	    .e = e};
	size_t from = out->len;
	enum rc_err err = render(&r, (const void *)t->ops.data,
	    t->ops.len / sizeof(struct rc_op), out);

	if (err == RC_OK)
		err = rc_buf_check(out, "rendered message", e);
	if (err != RC_OK)
		rc_buf_cut(out, from);
	rc_buf_free(&r.url);
	rc_buf_free(&r.scratch);
	return err;
}
