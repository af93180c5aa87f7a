/*
 * The first byte says how to cut the rest into pieces; the rows must be the
 * same as when it comes in one piece, which takes another way through the
 * reader, and keep their bounds.
 */
#include "text/csv.h"

#include "base/num.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

struct reading {
	uint64_t digest, rows, line;
	enum rc_err end;
};

static void
mix(struct reading *r, const void *p, size_t len)
{
	unsigned char key[16] = {0};

	rc_put64(key, r->digest);
	r->digest = rc_siphash(key, p, len);
}

static enum rc_err
note_row(void *arg, const struct rc_csv_row *row, struct rc_error *e)
{
	struct reading *r = arg;

	(void)e;
	if (row->nfields < 1 || row->nfields > RC_CSV_FIELDS_MAX ||
	    row->line <= r->line)
		abort();
	r->line = row->line;
	r->rows++;
	mix(r, &row->line, sizeof(row->line));
	for (size_t i = 0; i < row->nfields; i++) {
		if (row->field[i].len > RC_CSV_FIELD_MAX)
			abort();
		mix(r, row->field[i].p, row->field[i].len);
	}
	return RC_OK;
}

static struct reading
read_all(struct rc_slice s, size_t piece)
{
	struct reading reading = {0};
	struct rc_csv *c;
	struct rc_error e;

	if (rc_csv_open(&c, note_row, &reading, &e) != RC_OK)
		abort();
	while (s.len > 0 && reading.end == RC_OK) {
		size_t n = piece < s.len ? piece : s.len;

		reading.end = rc_csv_feed(c, (struct rc_slice){s.p, n}, &e);
		s.p += n;
		s.len -= n;
	}
	if (reading.end == RC_OK)
		reading.end = rc_csv_finish(c, &e);
	rc_csv_close(c);
	return reading;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct rc_slice s = {(const char *)data + 1, len - 1};
	struct reading whole, cut;

	if (len == 0)
		return 0;
	whole = read_all(s, s.len);
	cut = read_all(s, (size_t)data[0] % 16 + 1);
	if (whole.digest != cut.digest || whole.rows != cut.rows ||
	    whole.end != cut.end)
		abort();
	return 0;
}
