#include "text/template_priv.h"

enum piece_kind {
	PIECE_LITERAL,
	PIECE_ANY,
	PIECE_LINK
};

struct piece {
	enum piece_kind kind;
	struct rc_span text; /* of a literal, in the pool */
	unsigned link;
};

struct matcher {
	const struct rc_template_known *known;
	struct rc_buf pieces; /* struct piece */
	size_t n;	      /* of them */
	struct rc_buf pool;   /* what literals are */
	struct rc_error *e;
};

/* --- the pattern ---------------------------------------------------------- */

static struct piece *
pieces(const struct matcher *m)
{
	return (struct piece *)(void *)m->pieces.data;
}

static bool
last_is(const struct matcher *m, enum piece_kind kind)
{
	return m->n > 0 && pieces(m)[m->n - 1].kind == kind;
}

static void
add_piece(struct matcher *m, struct piece piece)
{
	rc_buf_add(&m->pieces, &piece, sizeof(piece));
	m->n = m->pieces.len / sizeof(piece);
}

static void
add_any(struct matcher *m)
{
	if (!last_is(m, PIECE_ANY))
		add_piece(m, (struct piece){.kind = PIECE_ANY});
}

/* What was added to the pool from a place on. */
static void
add_literal(struct matcher *m, size_t from)
{
	size_t len = m->pool.len - from;

	if (last_is(m, PIECE_LITERAL))
		pieces(m)[m->n - 1].text.len += len;
	else if (len > 0)
		add_piece(m,
		    (struct piece){.kind = PIECE_LITERAL, .text = {from, len}});
}

static enum rc_err add_ops(struct matcher *, const struct rc_template *,
    const struct rc_op *, size_t n, bool inside);

static const struct rc_op *
all_ops(const struct rc_template *t, size_t *n)
{
	*n = t->ops.len / sizeof(struct rc_op);
	return (const void *)t->ops.data;
}

/* Which value is encoded how is the renderer's to know. */
static bool
is_plain(const struct rc_op *op)
{
	return op->encoding == RC_ENCODE_NOTHING && !op->json;
}

static enum rc_err
add_variable(struct matcher *m, const struct rc_template *t,
    const struct rc_op *op, bool inside)
{
	const struct rc_template_known *k = m->known;
	struct rc_slice name = rc_template_text(t, op->text);
	size_t from = m->pool.len, n;
	enum rc_err err;

	if (!is_plain(op)) {
		add_any(m);
		return RC_OK;
	}
	if (k->message != NULL && !inside && !op->fallback &&
	    rc_slice_is(name, RC_TEMPLATE_MESSAGE)) {
		const struct rc_op *ops = all_ops(k->message, &n);

		return add_ops(m, k->message, ops, n, true);
	}
	err = k->lookup(k->arg, name, &m->pool, m->e);
	if (err == RC_OK && (m->pool.len > from || !op->fallback)) {
		add_literal(m, from);
		return RC_OK;
	}
	if (err != RC_OK && err != RC_NOTFOUND)
		return err;
	rc_buf_cut(&m->pool, from);
	add_any(m);
	return RC_OK;
}

static enum rc_err
add_link(struct matcher *m, const struct rc_template *t, const struct rc_op *op,
    bool inside)
{
	if (m->known->link == NULL)
		return add_ops(m, t, op + 1, op->body, inside);
	add_piece(m, (struct piece){.kind = PIECE_LINK, .link = op->link});
	return RC_OK;
}

static enum rc_err
add_ops(struct matcher *m, const struct rc_template *t, const struct rc_op *op,
    size_t n, bool inside)
{
	/* An empty text has no operations at all, not even an array. */
	const struct rc_op *end = n == 0 ? op : op + n;
	enum rc_err err = RC_OK;

	for (; op < end && err == RC_OK; op += 1 + op->body) {
		size_t from = m->pool.len;

		switch (op->kind) {
		case RC_OP_LITERAL:
			if (m->known->literal == NULL)
				rc_buf_addv(
				    &m->pool, rc_template_text(t, op->text));
			else
				m->known->literal(
				    rc_template_text(t, op->text), &m->pool);
			add_literal(m, from);
			break;
		case RC_OP_VARIABLE:
			err = add_variable(m, t, op, inside);
			break;
		case RC_OP_LINK:
			err = add_link(m, t, op, inside);
			break;
		}
	}
	return err;
}

/* --- matching ------------------------------------------------------------- */

/* Bytes of a piece at the beginning of text; false when it is not there. */
static bool
piece_at(const struct matcher *m, const struct piece *p, struct rc_slice text,
    size_t *len)
{
	struct rc_slice literal = {
	    rc_buf_str(&m->pool) + p->text.at, p->text.len};

	if (p->kind == PIECE_LINK) {
		*len = m->known->link(m->known->arg, p->link, text);
		return *len > 0 && *len <= text.len;
	}
	*len = literal.len;
	return rc_slice_starts(text, literal, NULL);
}

/*
 * Each piece but "any" has one length at a given place, so that the earliest
 * place for what follows an "any" is as good as any other, and only the newest
 * one need be gone back to.
 */
static bool
matches(const struct matcher *m, struct rc_slice text)
{
	const struct piece *p = pieces(m), *end = p + m->n, *after_any = NULL;
	size_t at = 0, retry = 0, len;

	for (;;) {
		struct rc_slice rest = {text.p + at, text.len - at};

		if (p == end && at == text.len)
			return true;
		if (p < end && p->kind == PIECE_ANY) {
			after_any = ++p;
			retry = at;
			continue;
		}
		if (p < end && piece_at(m, p, rest, &len)) {
			at += len;
			p++;
			continue;
		}
		if (after_any == NULL || retry == text.len)
			return false;
		p = after_any;
		at = ++retry;
	}
}

enum rc_err
rc_template_match(const struct rc_template *t,
    const struct rc_template_known *known, struct rc_slice text, bool *match,
    struct rc_error *e)
{
	struct matcher m = {.known = known,
	    .pieces = RC_BUF_INIT(2 * RC_TEMPLATE_MAX * sizeof(struct piece)),
	    .pool = RC_BUF_INIT((size_t)1 << 20),
	    .e = e};
	size_t n;
	const struct rc_op *ops = all_ops(t, &n);
	enum rc_err err = add_ops(&m, t, ops, n, false);

	*match = false;
	if (err == RC_OK)
		err = rc_buf_check(&m.pieces, "template", e);
	if (err == RC_OK)
		err = rc_buf_check(&m.pool, "template", e);
	if (err == RC_OK)
		*match = m.n == 0 ? text.len == 0 : matches(&m, text);
	rc_buf_free(&m.pieces);
	rc_buf_free(&m.pool);
	return err;
}
