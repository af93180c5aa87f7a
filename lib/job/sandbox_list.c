#include "job/sandbox_priv.h"

#include "base/clock.h"
#include "base/num.h"
#include "text/phone.h"
#include "text/url.h"

#include <string.h>

#define PAGE_SIZE 50
#define PAGE_SIZE_MAX 1000
#define DATE_LEN 10 /* "2026-03-01" */

struct filter {
	char to[32], from[40];		   /* "" : any */
	char on[12], since[12], until[12]; /* days, inclusive */
	uint64_t page, page_size;
};

static void
keep_text(char *out, size_t size, struct rc_slice s)
{
	if (s.len < size) {
		memcpy(out, s.p, s.len);
		out[s.len] = '\0';
	}
}

/* "DateSent>=2026-03-01" has the name "DateSent>" in a form. */
static void
read_pair(struct filter *f, struct rc_slice name, struct rc_slice value)
{
	if (rc_slice_is(name, "To"))
		keep_text(f->to, sizeof(f->to), value);
	else if (rc_slice_is(name, "From"))
		keep_text(f->from, sizeof(f->from), value);
	else if (rc_slice_is(name, "DateSent"))
		keep_text(f->on, sizeof(f->on), value);
	else if (rc_slice_is(name, "DateSent>"))
		keep_text(f->since, sizeof(f->since), value);
	else if (rc_slice_is(name, "DateSent<"))
		keep_text(f->until, sizeof(f->until), value);
	else if (rc_slice_is(name, "Page") &&
		 !rc_num_u64(value, UINT32_MAX, &f->page))
		f->page = 0;
	else if (rc_slice_is(name, "PageSize") &&
		 (!rc_num_u64(value, PAGE_SIZE_MAX, &f->page_size) ||
		     f->page_size == 0))
		f->page_size = PAGE_SIZE_MAX;
}

static bool
read_filter(struct rc_sandbox *s, struct rc_slice query, struct filter *f)
{
	struct rc_error e;
	enum rc_err err;

	*f = (struct filter){.page_size = PAGE_SIZE};
	while ((err = rc_form_next(&query, &s->name, &s->value, &e)) == RC_OK)
		read_pair(f, rc_buf_slice(&s->name), rc_buf_slice(&s->value));
	return err == RC_END;
}

/* Equal as text, or as phone numbers: a '+' in a query may become a space. */
static bool
same_party(const char *asked, const char *kept)
{
	uint64_t a, b;

	if (strcmp(asked, kept) == 0)
		return true;
	if (rc_phone_lenient(rc_slice_str(asked), &a) > RC_PHONE_REPAIRED ||
	    rc_phone_lenient(rc_slice_str(kept), &b) > RC_PHONE_REPAIRED)
		return false;
	return a == b;
}

static bool
fits(const struct filter *f, const struct rc_sandbox_message *m)
{
	char day[RC_TIME_LEN];

	if (f->to[0] != '\0' && !same_party(f->to, m->to))
		return false;
	if (f->from[0] != '\0' && !same_party(f->from, m->from))
		return false;
	rc_time_format(m->created_ms, day);
	day[DATE_LEN] = '\0';
	return (f->on[0] == '\0' || strcmp(day, f->on) == 0) &&
	       (f->since[0] == '\0' || strcmp(day, f->since) >= 0) &&
	       (f->until[0] == '\0' || strcmp(day, f->until) <= 0);
}

/* Newest first: those to one number, or all; NULL: no more. */
static const struct rc_sandbox_message *
first(const struct rc_sandbox *s, const struct filter *f, uint64_t *number)
{
	*number = s->nkept;
	if (f->to[0] != '\0')
		return rc_sandbox_newest(s, rc_slice_str(f->to));
	return s->nkept == 0 ? NULL : s->kept[(s->nkept - 1) % RC_SANDBOX_KEPT];
}

static const struct rc_sandbox_message *
next(const struct rc_sandbox *s, const struct filter *f,
    const struct rc_sandbox_message *m, uint64_t *number)
{
	if (f->to[0] != '\0')
		return rc_sandbox_before(s, m);
	if (--*number == 0 || *number + RC_SANDBOX_KEPT <= s->nkept)
		return NULL;
	return s->kept[(*number - 1) % RC_SANDBOX_KEPT];
}

/* A page of the newest first; true when there are more. */
static bool
write_page(
    struct rc_sandbox *s, const struct filter *f, struct rc_json_writer *w)
{
	uint64_t skip = f->page * f->page_size, left = f->page_size, number;
	const struct rc_sandbox_message *m = first(s, f, &number);

	for (; m != NULL; m = next(s, f, m, &number)) {
		if (!rc_sandbox_is_twilio(m) || !fits(f, m))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		if (left-- == 0)
			return true;
		rc_sandbox_twilio_message(
		    s, m, m->error == 0 ? "delivered" : "undelivered", w);
	}
	return false;
}

static void
write_next_page(struct rc_sandbox *s, const struct rc_httpd_request *r,
    const struct filter *f, bool more, struct rc_json_writer *w)
{
	struct rc_slice query = rc_httpd_query(r), rest = query;

	rc_jw_key(w, "next_page_uri");
	if (!more) {
		rc_jw_null(w);
		return;
	}
	rc_buf_reset(&s->record);
	rc_buf_addv(&s->record, rc_httpd_path(r));
	rc_buf_addf(&s->record, "?Page=%llu", (unsigned long long)f->page + 1);
	while (rest.len > 0) {
		const char *end = memchr(rest.p, '&', rest.len);
		size_t n = end == NULL ? rest.len : (size_t)(end - rest.p);

		if (n < 5 || memcmp(rest.p, "Page=", 5) != 0) {
			rc_buf_addc(&s->record, '&');
			rc_buf_add(&s->record, rest.p, n);
		}
		n += end != NULL;
		rest.p += n;
		rest.len -= n;
	}
	rc_jw_str(w, rc_buf_slice(&s->record));
}

void
rc_sandbox_list(struct rc_sandbox *s, struct rc_httpd_request *r,
    struct rc_sandbox_answer *a)
{
	struct rc_sandbox_luck luck = rc_sandbox_try(s, RC_PLACE_LIST, a);
	struct rc_json_writer w;
	struct rc_error e;
	struct filter f;
	bool more;

	if (!read_filter(s, rc_httpd_query(r), &f)) {
		rc_sandbox_twilio_error(a, 400, 20001, "Bad query");
		return;
	}
	w = rc_json_writer_start(&a->body);
	rc_jw_object(&w);
	rc_jw_key(&w, "messages");
	rc_jw_array(&w);
	more = write_page(s, &f, &w);
	rc_jw_end(&w);
	rc_jw_key(&w, "page");
	rc_jw_u64(&w, f.page);
	rc_jw_key(&w, "page_size");
	rc_jw_u64(&w, f.page_size);
	write_next_page(s, r, &f, more, &w);
	rc_jw_end(&w);
	a->drop = rc_jw_finish(&w, &e) != RC_OK;
	if (luck.status != NULL) {
		rc_sandbox_retry_after(a, luck.status);
		rc_sandbox_twilio_error(a,
		    (int)rc_sandbox_fault_status(luck.status), 20500,
		    "Internal Server Error");
	}
	rc_sandbox_spoil(&luck, a);
}
