/*
 * Any template, filled with pieces of itself: a document that renders is still
 * a document, and what a template rendered matches it.
 */
#include "text/json.h"
#include "text/template.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static enum rc_err
lookup(void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	const struct rc_slice *text = arg;

	(void)e;
	if (name.len % 3 == 0)
		return RC_NOTFOUND;
	if (name.len % 3 == 1)
		rc_buf_add(out, text->p, text->len / 2);
	return RC_OK;
}

static enum rc_err
link_url(void *arg, unsigned index, struct rc_slice url, struct rc_buf *out,
    struct rc_error *e)
{
	(void)arg;
	(void)e;
	if (index >= RC_TEMPLATE_LINKS || url.len == 0)
		abort();
	rc_buf_addv(out, url);
	return RC_OK;
}

static void
check_rendered(enum rc_template_kind kind, struct rc_slice text)
{
	struct rc_json *json;
	struct rc_error e;

	if (kind != RC_TEMPLATE_JSON)
		return;
	if (rc_json_parse(&json, text, &e) != RC_OK)
		abort();
	rc_json_free(json);
}

/* Of some values the matcher knows what they were. */
static enum rc_err
remember(
    void *arg, struct rc_slice name, struct rc_buf *out, struct rc_error *e)
{
	return name.len % 2 == 0 ? RC_NOTFOUND : lookup(arg, name, out, e);
}

static void
check_match(const struct rc_template *t, struct rc_slice *source)
{
	const struct rc_template_vars vars = {lookup, NULL, source};
	const struct rc_template_known known = {
	    .lookup = remember, .arg = source};
	struct rc_buf out = RC_BUF_INIT(1u << 20);
	struct rc_error e;
	bool match;

	if (rc_template_render(t, &vars, &out, &e) == RC_OK &&
	    rc_template_match(t, &known, rc_buf_slice(&out), &match, &e) ==
		RC_OK &&
	    !match)
		abort();
	rc_buf_free(&out);
}

static void
compile_and_render(enum rc_template_kind kind, struct rc_slice source)
{
	struct rc_template_vars vars = {lookup, link_url, &source};
	struct rc_buf out = RC_BUF_INIT(1u << 20);
	struct rc_template *t;
	struct rc_error e;
	bool fixed;
	size_t i;

	if (rc_template_compile(&t, kind, source, &e) != RC_OK)
		return;
	for (i = 0; i < rc_template_nlinks(t); i++)
		if (rc_template_link(t, i, &fixed).len == 0)
			abort();
	if (rc_template_render(t, &vars, &out, &e) == RC_OK)
		check_rendered(kind, rc_buf_slice(&out));
	else if (out.len != 0)
		abort();
	check_match(t, &source);
	rc_buf_free(&out);
	rc_template_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rc_slice source = {(const char *)data, len};

	compile_and_render(RC_TEMPLATE_TEXT, source);
	compile_and_render(RC_TEMPLATE_JSON, source);
	return 0;
}
