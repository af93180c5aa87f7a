#include "face/links.h"

#include "core/click.h"

#include "text/code.h"
#include "text/url.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINK_MAX 4096 /* bytes of a short link */
#define PIECE 65536
#define TEXT_MAX (64u << 20)  /* bytes that one piece can become */
#define PAGE 100	      /* blocks of links a snapshot */
#define PAGE_URLS (16u << 20) /* bytes of a page's URLs */
#define NAME_SIZE (RC_CAMPAIGN_NAME_MAX + 1)
#define NAMES (NAME_SIZE << 20) /* of a million campaigns */

/* --- making --------------------------------------------------------------- */

static enum rc_err
print_link(struct rc_cli *cli, const struct rc_shorten *s, struct rc_slice url,
    uint64_t id)
{
	struct rc_buf link = RC_BUF_INIT(LINK_MAX);
	struct rc_out *out = &cli->out;
	enum rc_err err;

	rc_link_write(&cli->state->keys, s->base, id, &link);
	err = rc_buf_check(&link, "link", &cli->error);
	if (err == RC_OK && !cli->json) {
		err = rc_out_line(out, rc_buf_slice(&link), &cli->error);
	} else if (err == RC_OK) {
		rc_out_begin(out);
		rc_out_str(out, "link", rc_buf_slice(&link));
		rc_out_str(out, "url", url);
		err = rc_out_end(out, &cli->error);
	}
	rc_buf_free(&link);
	return err;
}

static enum rc_err
check_operands(struct rc_cli *cli, struct rc_slice *url, size_t n)
{
	struct rc_url parts;
	enum rc_err err = RC_OK;
	size_t i;

	for (i = 0; i < n && err == RC_OK; i++) {
		url[i] = rc_slice_str(cli->argv[i]);
		err = rc_url_parse(url[i], &parts, &cli->error);
	}
	return err;
}

enum rc_err
rc_links_mint(struct rc_cli *cli, const struct rc_shorten *s)
{
	size_t i, n = (size_t)cli->argc;
	struct rc_slice *url = calloc(n, sizeof(*url));
	uint64_t *id = calloc(n, sizeof(*id));
	enum rc_err err;

	if (url == NULL || id == NULL) {
		err = rc_err_nomem(&cli->error);
		goto out;
	}
	err = check_operands(cli, url, n);
	if (err == RC_OK)
		err = rc_shorten_urls(s, url, n, id, &cli->error);
	for (i = 0; i < n && err == RC_OK; i++)
		err = print_link(cli, s, url[i], id[i]);
out:
	free(url);
	free(id);
	return err;
}

/* --- the filter ----------------------------------------------------------- */

/* Appends what has come; RC_END when nothing will. */
static enum rc_err
read_piece(struct rc_buf *in, struct rc_error *e)
{
	char *room = rc_buf_room(in, PIECE);
	ssize_t n;

	if (room == NULL)
		return rc_buf_check(in, "text", e);
	do
		n = read(STDIN_FILENO, room, PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return rc_err_errno(e, RC_EIO, "cannot read stdin");
	rc_buf_cut(in, in->len + (size_t)n);
	return n == 0 ? RC_END : RC_OK;
}

/* Shortens and prints the first n bytes of in, and drops them. */
static enum rc_err
shorten_front(
    struct rc_cli *cli, const struct rc_shorten *s, struct rc_buf *in, size_t n)
{
	struct rc_buf text = RC_BUF_INIT(TEXT_MAX);
	enum rc_err err;

	err = rc_shorten_text(
	    s, (struct rc_slice){rc_buf_str(in), n}, &text, &cli->error);
	if (err == RC_OK)
		err = rc_out_text(&cli->out, rc_buf_slice(&text), &cli->error);
	if (err == RC_OK) /* the next read may wait */
		err = rc_out_flush(&cli->out, &cli->error);
	rc_buf_free(&text);
	if (n > 0 && err == RC_OK) {
		memmove(in->data, in->data + n, in->len - n);
		rc_buf_cut(in, in->len - n);
	}
	return err;
}

enum rc_err
rc_links_filter(struct rc_cli *cli, const struct rc_shorten *s)
{
	struct rc_buf in = RC_BUF_INIT(RC_LINE_MAX + PIECE);
	enum rc_err err, done;

	while ((err = read_piece(&in, &cli->error)) == RC_OK) {
		err = shorten_front(
		    cli, s, &in, rc_shorten_whole(rc_buf_slice(&in)));
		if (err == RC_OK && in.len > RC_LINE_MAX)
			err = rc_err_set(&cli->error, RC_EDATA,
			    "stdin is no text: %u bytes without white space",
			    RC_LINE_MAX);
		if (err != RC_OK)
			break;
	}
	if (err == RC_END) {
		done = shorten_front(cli, s, &in, in.len);
		err = done == RC_OK ? RC_END : done;
	}
	rc_buf_free(&in);
	return err;
}

/* --- showing -------------------------------------------------------------- */

/* A link and its campaign, copied out of a snapshot. */
struct shown {
	struct rc_link link; /* url is empty: it lies in urls */
	uint32_t count;
	size_t url_at, url_len;
	char campaign[NAME_SIZE]; /* "": none */
};

struct page {
	struct rc_txn *txn;
	uint64_t id; /* that is asked for, or from which on */
	struct rc_buf urls;
	struct rc_buf names; /* of campaigns by number, NAME_SIZE each */
	struct shown *row;
	size_t n;
	struct rc_link_tally tally; /* of the one that was asked for */
};

static enum rc_err
note_name(void *arg, const struct rc_campaign *c, struct rc_error *e)
{
	struct rc_buf *names = arg;
	size_t at = (size_t)c->number * NAME_SIZE, end = at + NAME_SIZE;
	char *room;

	if (end > names->len) {
		room = rc_buf_room(names, end - names->len);
		if (room == NULL)
			return rc_buf_check(names, "the list of campaigns", e);
		memset(room, 0, end - names->len);
		names->len = end;
	}
	memcpy(names->data + at, c->name, NAME_SIZE);
	return RC_OK;
}

/*
 * Campaigns are neither renamed nor removed: all are read once, and again for
 * one that is newer.  No name: it is another copy of the state's.
 */
static enum rc_err
find_name(struct page *p, uint32_t number, char *name, struct rc_error *e)
{
	size_t at = (size_t)number * NAME_SIZE;
	enum rc_err err = RC_OK;

	if (number == 0)
		return RC_OK;
	if (at >= p->names.len)
		err = rc_campaign_each(p->txn, note_name, &p->names, e);
	if (err == RC_OK && at < p->names.len)
		memcpy(name, p->names.data + at, NAME_SIZE);
	return err;
}

/* The rows of a page hold nothing of the transaction that filled it. */
static enum rc_err
add_row(
    void *arg, const struct rc_link *link, uint32_t count, struct rc_error *e)
{
	struct page *p = arg;
	struct shown *row = &p->row[p->n];
	enum rc_err err;

	if (p->n == PAGE)
		return RC_END;
	*row = (struct shown){.link = *link,
	    .count = count,
	    .url_at = p->urls.len,
	    .url_len = link->url.len};
	rc_buf_addv(&p->urls, link->url);
	err = find_name(p, link->campaign, row->campaign, e);
	p->n++;
	return err == RC_OK ? rc_buf_check(&p->urls, "page", e) : err;
}

static void
print_row(struct rc_cli *cli, const struct page *p, const struct shown *row)
{
	struct rc_slice url = {
	    rc_buf_str(&p->urls) + row->url_at, row->url_len};
	char code[RC_CODE_LEN + 1];

	rc_code_encode(cli->state->keys.code, row->link.id, code);
	rc_out_begin(&cli->out);
	rc_out_cstr(&cli->out, "code", code);
	rc_out_str(&cli->out, "url", url);
	if (row->link.campaign == 0)
		rc_out_null(&cli->out, "campaign");
	else
		rc_out_cstr(&cli->out, "campaign", row->campaign);
}

static enum rc_err
open_page(struct page *p, size_t rows, struct rc_error *e)
{
	*p = (struct page){
	    .urls = RC_BUF_INIT(PAGE_URLS), .names = RC_BUF_INIT(NAMES)};
	p->row = calloc(rows, sizeof(*p->row));
	return p->row == NULL ? rc_err_nomem(e) : RC_OK;
}

static void
close_page(struct page *p)
{
	rc_buf_free(&p->urls);
	rc_buf_free(&p->names);
	free(p->row);
}

static enum rc_err
find_one(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct page *p = arg;
	struct rc_link link;
	enum rc_err err = rc_link_get(txn, p->id, &link, e);

	p->txn = txn;
	p->n = 0;
	rc_buf_reset(&p->urls);
	if (err == RC_OK)
		err = rc_link_tally_get(txn, p->id, &p->tally, e);
	return err == RC_OK ? add_row(p, &link, 1, e) : err;
}

/* RC_NOTFOUND, after a warning, for what is no link of this state. */
static enum rc_err
expand_one(struct rc_cli *cli, struct page *p, struct rc_slice text)
{
	struct rc_out *out = &cli->out;
	enum rc_err err = RC_NOTFOUND;

	if (rc_shorten_id(&cli->state->keys, text, &p->id))
		err =
		    rc_store_read(cli->state->store, find_one, p, &cli->error);
	if (err == RC_NOTFOUND)
		rc_log(&cli->log, RC_LOG_WARN, "'%.*s' is no link of ours",
		    (int)text.len, text.p);
	if (err != RC_OK)
		return err;
	print_row(cli, p, &p->row[0]);
	if (p->row[0].link.ordinal == RC_LINK_UNBOUND)
		rc_out_null(out, "ordinal");
	else
		rc_out_u64(out, "ordinal", p->row[0].link.ordinal);
	rc_out_u64(out, "clicks_raw", p->tally.hits);
	rc_out_u64(out, "clicks_human", p->tally.human);
	return rc_out_end(out, &cli->error);
}

enum rc_err
rc_links_expand(struct rc_cli *cli)
{
	struct rc_error *e = &cli->error;
	bool unknown = false;
	uint64_t folded;
	struct rc_input in;
	struct rc_slice text;
	struct page p;
	enum rc_err err = open_page(&p, 1, e);

	if (err == RC_OK)
		err = rc_click_fold(cli->state, &folded, e);
	if (err != RC_OK) {
		close_page(&p);
		return err;
	}
	rc_input_values(&in, cli);
	while ((err = rc_input_next(&in, &text, e)) == RC_OK) {
		err = expand_one(cli, &p, rc_slice_trim(text));
		unknown |= err == RC_NOTFOUND;
		if (err != RC_OK && err != RC_NOTFOUND)
			break;
		if (!rc_input_ready(&in) && (err = rc_out_flush(&cli->out, e)))
			break;
	}
	rc_input_close(&in);
	close_page(&p);
	return err == RC_END && unknown ? RC_NOTFOUND : err;
}

static enum rc_err
fill_page(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct page *p = arg;

	p->txn = txn;
	p->n = 0;
	rc_buf_reset(&p->urls);
	return rc_link_each(txn, p->id, add_row, p, e);
}

enum rc_err
rc_links_list(struct rc_cli *cli)
{
	struct rc_error *e = &cli->error;
	struct page p;
	enum rc_err err = open_page(&p, PAGE, e);
	size_t i;

	do {
		if (err == RC_OK)
			err =
			    rc_store_read(cli->state->store, fill_page, &p, e);
		for (i = 0; i < p.n && err == RC_OK; i++) {
			print_row(cli, &p, &p.row[i]);
			rc_out_u64(&cli->out, "links", p.row[i].count);
			err = rc_out_end(&cli->out, e);
			p.id = p.row[i].link.id + 1;
		}
	} while (err == RC_OK && p.n == PAGE);
	close_page(&p);
	return err;
}
