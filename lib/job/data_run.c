#include "job/data_priv.h"

#include <stdlib.h>

#define ROWS_MAX (1u << 20)

struct kept {
	size_t at; /* of bytes */
	uint32_t id_len, values_len;
};

void
rc_data_run_init(struct rc_data_run *run, struct rc_data_load *load)
{
	*run = (struct rc_data_run){.load = load,
	    .bytes = RC_BUF_INIT(RC_DATA_RUN_BYTES),
	    .rows = RC_BUF_INIT(ROWS_MAX * sizeof(struct kept))};
}

void
rc_data_run_free(struct rc_data_run *run)
{
	rc_buf_free(&run->bytes);
	rc_buf_free(&run->rows);
}

static struct rc_slice
id_of(const struct rc_data_run *run, const struct kept *row)
{
	return (struct rc_slice){run->bytes.data + row->at, row->id_len};
}

/* Rows of one person in the order in which they came. */
static int
compare(const void *a, const void *b, void *arg)
{
	const struct kept *left = a, *right = b;
	int order = rc_slice_cmp(id_of(arg, left), id_of(arg, right));

	return order != 0 ? order
			  : (left->at > right->at) - (left->at < right->at);
}

static enum rc_err
write_rows(struct rc_data_run *run, const struct rc_data_row *row, size_t n,
    struct rc_error *e)
{
	uint64_t fresh = n;
	enum rc_err err = RC_OK;

	if (run->load != NULL)
		err = rc_data_load_put(run->load, row, n, &fresh, e);
	run->loaded += fresh;
	run->duplicates += n - fresh;
	return err;
}

enum rc_err
rc_data_run_flush(struct rc_data_run *run, struct rc_error *e)
{
	struct kept *row = (void *)run->rows.data;
	size_t n = run->rows.len / sizeof(*row), count = 0;
	enum rc_err err = RC_OK;

	if (n > 0)
		qsort_r(row, n, sizeof(*row), compare, run);
	for (size_t i = 0; i < n && err == RC_OK; i++) {
		struct rc_slice id = id_of(run, &row[i]);

		if (i + 1 < n && rc_slice_eq(id, id_of(run, &row[i + 1]))) {
			run->duplicates++;
			continue;
		}
		run->batch[count++] = (struct rc_data_row){
		    id, {id.p + id.len, row[i].values_len}};
		if (count == RC_DATA_BATCH) {
			err = write_rows(run, run->batch, count, e);
			count = 0;
		}
	}
	if (err == RC_OK && count > 0)
		err = write_rows(run, run->batch, count, e);
	rc_buf_reset(&run->bytes);
	rc_buf_reset(&run->rows);
	return err;
}

enum rc_err
rc_data_run_add(struct rc_data_run *run, const struct rc_data_id *id,
    struct rc_slice values, struct rc_error *e)
{
	struct kept row = {
	    .id_len = (uint32_t)id->len, .values_len = (uint32_t)values.len};
	enum rc_err err = RC_OK;

	if (run->bytes.len + id->len + values.len > RC_DATA_RUN_BYTES ||
	    run->rows.len == ROWS_MAX * sizeof(row))
		err = rc_data_run_flush(run, e);
	if (err != RC_OK)
		return err;
	row.at = run->bytes.len;
	rc_buf_add(&run->bytes, id->text, id->len);
	rc_buf_addv(&run->bytes, values);
	rc_buf_add(&run->rows, &row, sizeof(row));
	err = rc_buf_check(&run->bytes, "user data", e);
	return err == RC_OK ? rc_buf_check(&run->rows, "user data", e) : err;
}
