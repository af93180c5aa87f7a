#include "scratch_state.h"

#include "base/num.h"
#include "core/journal_export.h"
#include "core/journal_priv.h"
#include "core/list.h"
#include "text/json.h"

#define MANY 300 /* members of a large entry */

static struct rc_slice
str(const char *s)
{
	return rc_slice_str(s);
}

/* --- making entries ------------------------------------------------------ */

static struct rc_journal_set *
make_set(enum rc_ident_type type, const char *const *text, size_t n)
{
	struct rc_journal_set *s;

	assert_ok(rc_journal_set_open(&s, type, &err));
	for (size_t i = 0; i < n; i++) {
		struct rc_ident id;
		struct rc_member m;

		assert_ok(rc_ident_parse(type, str(text[i]), &id, &err));
		m = rc_list_member(&id);
		assert_ok(rc_journal_set_add(s, &m, &err));
	}
	assert_ok(rc_journal_set_finish(s, &err));
	return s;
}

/* The phone numbers first, first + step, … */
static struct rc_journal_set *
make_numbers(uint64_t first, uint64_t step, size_t n)
{
	struct rc_journal_set *s;

	assert_ok(rc_journal_set_open(&s, RC_IDENT_PHONE, &err));
	for (size_t i = 0; i < n; i++) {
		struct rc_member m = {.num = first + i * step};

		assert_ok(rc_journal_set_add(s, &m, &err));
	}
	assert_ok(rc_journal_set_finish(s, &err));
	return s;
}

struct appending {
	struct rc_journal_entry *entry;
	struct rc_journal_set *const *set;
};

static enum rc_err
do_append(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct appending *a = arg;

	return rc_journal_append(txn, a->entry, a->set, e);
}

/* Appends and frees the sets. */
static struct rc_journal_entry
append(enum rc_journal_kind kind, enum rc_ident_type type,
    struct rc_journal_set *added, struct rc_journal_set *removed,
    struct rc_journal_set *confirmed)
{
	struct rc_journal_set *const set[3] = {added, removed, confirmed};
	struct rc_journal_entry j = {.kind = kind,
	    .type = type,
	    .channel = 7,
	    .received_ms = 1000,
	    .source = RC_SLICE_LIT("test"),
	    .evidence = RC_SLICE_LIT("they said so")};
	struct appending a = {&j, set};

	assert_ok(rc_store_write(state->store, do_append, &a, &err));
	for (int i = 0; i < 3; i++)
		rc_journal_set_close(set[i]);
	return j;
}

static void
append_at(uint32_t channel, uint64_t received_ms, enum rc_ident_type type,
    struct rc_journal_set *added, struct rc_journal_set *removed)
{
	struct rc_journal_set *const set[3] = {added, removed, NULL};
	struct rc_journal_entry j = {.kind = RC_J_IN,
	    .type = type,
	    .channel = channel,
	    .received_ms = received_ms};
	struct appending a = {&j, set};

	assert_ok(rc_store_write(state->store, do_append, &a, &err));
	for (int i = 0; i < 3; i++)
		rc_journal_set_close(set[i]);
}

static void
append_number(enum rc_journal_kind kind, uint64_t number)
{
	append(kind, RC_IDENT_PHONE, make_numbers(number, 1, 1), NULL, NULL);
}

static enum rc_err
do_read(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_journal_entry *j = arg;

	assert_ok(rc_journal_read(txn, j->seq, j, e));
	assert_true(rc_slice_is(j->source, "test"));
	assert_true(rc_slice_is(j->evidence, "they said so"));
	return RC_OK;
}

static void
an_entry_comes_back_as_it_was_appended(void **arg)
{
	struct rc_journal_entry made, read = {.seq = 2};

	(void)arg;
	append_number(RC_J_IN, 15550000001);
	made = append(RC_J_SYNC, RC_IDENT_PHONE, make_numbers(1, 1, 3),
	    make_numbers(10, 2, 2), make_numbers(20, 1, 9));
	assert_int_equal(made.seq, 2);
	assert_ok(rc_store_read(state->store, do_read, &read, &err));
	assert_int_equal(read.kind, RC_J_SYNC);
	assert_int_equal(read.type, RC_IDENT_PHONE);
	assert_int_equal(read.channel, 7);
	assert_int_equal(read.received_ms, 1000);
	assert_int_equal(read.count[0], 3);
	assert_int_equal(read.count[1], 2);
	assert_int_equal(read.count[2], 9);
	assert_memory_equal(read.hash, made.hash, RC_SHA256_LEN);
	assert_memory_equal(
	    read.evidence_digest, made.evidence_digest, RC_SHA256_LEN);
}

static void
a_source_that_is_too_long_is_refused_and_changes_nothing(void **arg)
{
	static char text[RC_JOURNAL_TEXT_MAX + 1];
	struct rc_journal_set *const set[3] = {NULL, NULL, NULL};
	struct rc_journal_entry j = {.kind = RC_J_IN,
	    .type = RC_IDENT_PHONE,
	    .source = {memset(text, 'x', sizeof(text)), sizeof(text)}};
	struct appending a = {&j, set};
	struct rc_journal_verdict v;

	(void)arg;
	assert_int_equal(
	    rc_store_write(state->store, do_append, &a, &err), RC_EDATA);
	assert_says(err, "source is longer than 1000 bytes");
	assert_ok(rc_journal_verify(state->store, NULL, &v, &err));
	assert_int_equal(v.entries, 0);
	assert_int_equal(v.broken_seq, 0);
}

/* --- patching ------------------------------------------------------------ */

#define UNIVERSE 4000

/* The set holds exactly the numbers marked, in sound blocks. */
static void
expect_set(const struct rc_journal_set *s, const bool *in)
{
	uint64_t members = 0;
	size_t at = 0;

	for (size_t i = 0; i < rc_journal_set_blocks(s); i++) {
		struct rc_journal_block b = rc_journal_set_block(s, i);
		unsigned char digest[RC_SHA256_LEN];
		struct rc_unpacker u;
		struct rc_member m;
		bool first = true;

		rc_sha256(b.value, digest);
		assert_memory_equal(digest, b.digest, RC_SHA256_LEN);
		assert_ok(
		    rc_unpacker_start(&u, rc_journal_unsalt(b.value), &err));
		while (rc_unpacker_next(&u, &m, &err) == RC_OK) {
			while (at < UNIVERSE && !in[at])
				at++;
			assert_int_equal(m.num, 1000 + at * 77777);
			if (first)
				assert_int_equal(
				    rc_get64(b.first_key.p), m.num);
			first = false;
			members++;
			at++;
		}
		assert_false(first);
	}
	while (at < UNIVERSE)
		assert_false(in[at++]);
	assert_int_equal(rc_journal_set_count(s), members);
}

static void
a_patched_set_is_the_set_with_and_without(void **arg)
{
	static bool in[UNIVERSE];
	struct rc_journal_set *s;

	(void)arg;
	memset(in, 0, sizeof(in));
	assert_ok(rc_journal_set_open(&s, RC_IDENT_PHONE, &err));
	for (size_t i = 0; i < UNIVERSE; i++) {
		struct rc_member m = {.num = 1000 + i * 77777};

		in[i] = draw(2) == 0;
		if (in[i])
			assert_ok(rc_journal_set_add(s, &m, &err));
	}
	assert_ok(rc_journal_set_finish(s, &err));
	for (int step = 0; step < 3000; step++) {
		size_t i = draw(UNIVERSE);
		struct rc_member m = {.num = 1000 + i * 77777};
		bool present = draw(2) == 0;

		assert_int_equal(rc_journal_set_patch(s, &m, present, &err),
		    in[i] == present ? RC_NOTFOUND : RC_OK);
		in[i] = present;
		if (step % 100 == 0)
			expect_set(s, in);
	}
	for (size_t i = 0; i < UNIVERSE; i++) {
		struct rc_member m = {.num = 1000 + i * 77777};

		if (in[i])
			assert_ok(rc_journal_set_patch(s, &m, false, &err));
		in[i] = false;
	}
	expect_set(s, in);
	assert_int_equal(rc_journal_set_blocks(s), 0);
	in[5] = true;
	assert_ok(rc_journal_set_patch(
	    s, &(struct rc_member){.num = 1000 + 5 * 77777}, true, &err));
	expect_set(s, in);
	rc_journal_set_close(s);
}

/* --- the entries of a person --------------------------------------------- */

struct finding {
	struct rc_ident id;
	char seen[200]; /* "seq+ seq- seq= " */
	int stop_after;
	uint64_t from;
};

static enum rc_err
found(void *arg, const struct rc_journal_entry *j, enum rc_journal_set_kind set,
    struct rc_error *e)
{
	struct finding *f = arg;
	size_t len = strlen(f->seen);

	(void)e;
	snprintf(f->seen + len, sizeof(f->seen) - len, "%d%c ", (int)j->seq,
	    "+-="[set - 1]);
	return --f->stop_after == 0 ? RC_END : RC_OK;
}

static enum rc_err
do_find(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct finding *f = arg;

	return rc_journal_of(txn, &f->id, f->from, found, f, e);
}

static void
expect_entries_from(
    enum rc_ident_type type, const char *who, uint64_t from, const char *seen)
{
	struct finding f = {.stop_after = 0, .from = from};

	assert_ok(rc_ident_parse(type, str(who), &f.id, &err));
	assert_ok(rc_store_read(state->store, do_find, &f, &err));
	assert_string_equal(f.seen, seen);
}

static void
expect_entries(enum rc_ident_type type, const char *who, const char *seen)
{
	expect_entries_from(type, who, 1, seen);
}

static void
a_person_is_found_in_small_and_large_entries_oldest_first(void **arg)
{
	(void)arg;
	append_number(RC_J_IN, 15550001000);
	append(RC_J_SYNC, RC_IDENT_PHONE, make_numbers(15550000000, 10, MANY),
	    NULL, NULL);
	append_number(RC_J_OUT, 15550001000);
	append_number(RC_J_OUT, 15550001001);
	append(RC_J_SYNC, RC_IDENT_PHONE, make_numbers(15550000005, 10, MANY),
	    make_numbers(15550000000, 10, MANY), NULL);
	append(RC_J_SYNC, RC_IDENT_PHONE, NULL, NULL,
	    make_numbers(15550001000, 1, 1));
	expect_entries(RC_IDENT_PHONE, "15550001000", "1+ 2+ 3+ 5- 6= ");
	expect_entries_from(RC_IDENT_PHONE, "15550001000", 3, "3+ 5- 6= ");
	expect_entries_from(RC_IDENT_PHONE, "15550001000", 4, "5- 6= ");
	expect_entries_from(RC_IDENT_PHONE, "15550001000", 7, "");
	expect_entries(RC_IDENT_PHONE, "15550001001", "4+ ");
	expect_entries(RC_IDENT_PHONE, "15550001005", "5+ ");
	expect_entries(RC_IDENT_PHONE, "15550001002", "");
}

static void
a_person_whose_name_begins_like_anothers_is_somebody_else(void **arg)
{
	const char *const one[] = {"a@b.co"}, *const two[] = {"a@b.com"};

	(void)arg;
	append(RC_J_IN, RC_IDENT_EMAIL, make_set(RC_IDENT_EMAIL, one, 1), NULL,
	    NULL);
	append(RC_J_IN, RC_IDENT_EMAIL, make_set(RC_IDENT_EMAIL, two, 1), NULL,
	    NULL);
	append(RC_J_IN, RC_IDENT_CUSTOM, make_set(RC_IDENT_CUSTOM, one, 1),
	    NULL, NULL);
	append(RC_J_OUT, RC_IDENT_EMAIL, make_set(RC_IDENT_EMAIL, one, 1), NULL,
	    NULL);
	expect_entries(RC_IDENT_EMAIL, "A@B.co", "1+ 4+ ");
	expect_entries(RC_IDENT_EMAIL, "a@b.com", "2+ ");
	expect_entries(RC_IDENT_CUSTOM, "a@b.co", "3+ ");
	expect_entries(RC_IDENT_CUSTOM, "a@b.com", "");
}

/* --- verifying ----------------------------------------------------------- */

static struct rc_journal_verdict
verify(const unsigned char *head)
{
	struct rc_journal_verdict v;

	assert_ok(rc_journal_verify(state->store, head, &v, &err));
	return v;
}

/* A few entries of every shape. */
static void
fill(void)
{
	const char *const emails[] = {"ada@example.com", "bob@example.com"};

	append_number(RC_J_IN, 15550000001);
	append(RC_J_SYNC, RC_IDENT_PHONE, make_numbers(15550000001, 1, 70),
	    make_numbers(15550001000, 7, 3), NULL);
	append(RC_J_OUT, RC_IDENT_EMAIL, NULL,
	    make_set(RC_IDENT_EMAIL, emails, 2), NULL);
	append(RC_J_IN, RC_IDENT_EMAIL, NULL, NULL,
	    make_set(RC_IDENT_EMAIL, emails, 1));
}

#define RECORDS 32

/* All records of a table, copied. */
struct record {
	unsigned char key[RC_STORE_KEY_MAX], value[RC_JOURNAL_VALUE_MAX + 300];
	size_t key_len, value_len;
};
struct table {
	enum rc_table table;
	struct record record[RECORDS];
	size_t n;
};

static enum rc_err
copy_table(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct table *t = arg;
	struct rc_slice key, value;
	struct rc_cursor *c;
	enum rc_err r;

	t->n = 0;
	assert_ok(rc_cursor_open(txn, t->table, &c, e));
	r = rc_cursor_ge(c, str(""), &key, &value, e);
	for (; r == RC_OK; r = rc_cursor_next(c, &key, &value, e)) {
		struct record *x = &t->record[t->n++];

		assert_true(t->n <= RECORDS);
		assert_true(value.len <= sizeof(x->value));
		memcpy(x->key, key.p, x->key_len = key.len);
		memcpy(x->value, value.p, x->value_len = value.len);
	}
	rc_cursor_close(c);
	return RC_OK;
}

struct change {
	enum rc_table table;
	const struct record *out, *in; /* deleted, put; or NULL */
};

static enum rc_err
do_change(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	const struct change *c = arg;

	if (c->out != NULL)
		assert_ok(rc_del(txn, c->table,
		    (struct rc_slice){(char *)c->out->key, c->out->key_len},
		    e));
	if (c->in != NULL)
		assert_ok(rc_put(txn, c->table,
		    (struct rc_slice){(char *)c->in->key, c->in->key_len},
		    (struct rc_slice){(char *)c->in->value, c->in->value_len},
		    e));
	return RC_OK;
}

static void
change(enum rc_table table, const struct record *out, const struct record *in)
{
	struct change c = {table, out, in};

	assert_ok(rc_store_write(state->store, do_change, &c, &err));
}

/* Changes a record, expects verify to see it, and changes it back. */
static void
expect_seen(enum rc_table table, const struct record *good,
    const struct record *bad, const char *what, size_t at)
{
	struct rc_journal_verdict v;

	change(table, good, bad);
	v = verify(NULL);
	change(table, bad, good);
	if (v.broken_seq == 0 || v.why[0] == '\0')
		fail_msg("table %d: byte %zu of a %s may be changed", table, at,
		    what);
}

/* Of each record's key, or value, each byte in turn. */
static void
flip(enum rc_table table, bool keys)
{
	static struct table t;
	static struct record bad;
	unsigned char *bytes = keys ? bad.key : bad.value;
	size_t len;

	t.table = table;
	assert_ok(rc_store_read(state->store, copy_table, &t, &err));
	assert_true(t.n > 0);
	for (size_t i = 0; i < t.n; i++) {
		const struct record *good = &t.record[i];

		if (table == RC_T_META && memcmp(good->key, "journal", 7) != 0)
			continue;
		bad = *good;
		len = keys ? good->key_len : good->value_len;
		for (size_t b = 0; b < len; b++) {
			unsigned char bit = (unsigned char)(1 << b % 8);

			bytes[b] ^= bit;
			expect_seen(
			    table, good, &bad, keys ? "key" : "value", b);
			bytes[b] ^= bit;
		}
	}
}

static void
flip_all(enum rc_table table)
{
	flip(table, false);
	flip(table, true);
}

static void
every_flipped_byte_is_seen(void **arg)
{
	(void)arg;
	fill();
	flip_all(RC_T_JOURNAL);
	flip_all(RC_T_JOURNAL_BLOCK);
	flip_all(RC_T_JOURNAL_INDEX);
	flip_all(RC_T_META);
	flip(RC_T_EVIDENCE, false);
	assert_int_equal(verify(NULL).broken_seq, 0);
}

static void
every_missing_or_additional_record_is_seen(void **arg)
{
	static const enum rc_table tables[] = {
	    RC_T_JOURNAL, RC_T_JOURNAL_BLOCK, RC_T_JOURNAL_INDEX};
	static struct table t;
	static struct record more;

	(void)arg;
	fill();
	for (int i = 0; i < 3; i++) {
		t.table = tables[i];
		assert_ok(rc_store_read(state->store, copy_table, &t, &err));
		for (size_t k = 0; k < t.n; k++) {
			expect_seen(
			    tables[i], &t.record[k], NULL, "missing", k);
			more = t.record[k];
			more.key[more.key_len - 1] ^= 0x40;
			expect_seen(tables[i], NULL, &more, "second", k);
		}
	}
}

static void
the_first_broken_entry_is_named(void **arg)
{
	static struct table t = {.table = RC_T_JOURNAL};
	static struct record bad;
	struct rc_journal_verdict v;

	(void)arg;
	fill();
	assert_ok(rc_store_read(state->store, copy_table, &t, &err));
	for (size_t i = 1; i < 3; i++) {
		bad = t.record[i];
		bad.value[bad.value_len - 1] ^= 1;
		change(t.table, &t.record[i], &bad);
	}
	v = verify(NULL);
	assert_int_equal(v.broken_seq, 2);
	assert_int_equal(v.entries, 1);
	assert_string_equal(v.why, "its record was changed");
}

static void
a_noted_head_shows_that_the_end_was_cut_off(void **arg)
{
	static struct table journal = {.table = RC_T_JOURNAL};
	static struct table meta = {.table = RC_T_META};
	struct rc_journal_entry old, cut;
	struct rc_journal_verdict v;
	struct record head;

	(void)arg;
	old =
	    append(RC_J_IN, RC_IDENT_PHONE, make_numbers(1, 1, 1), NULL, NULL);
	assert_true(verify(old.hash).head_seen);
	assert_ok(rc_store_read(state->store, copy_table, &meta, &err));
	for (size_t i = 0; i < meta.n; i++)
		if (memcmp(meta.record[i].key, "journal_head", 12) == 0)
			head = meta.record[i];
	cut = append(RC_J_SYNC, RC_IDENT_PHONE, NULL, NULL, NULL);
	assert_true(verify(old.hash).head_seen);
	assert_true(verify(cut.hash).head_seen);
	/* Cuts the newest entry off so well that the rest is sound. */
	assert_ok(rc_store_read(state->store, copy_table, &journal, &err));
	change(RC_T_JOURNAL, &journal.record[1], NULL);
	change(RC_T_META, &head, &head);
	v = verify(cut.hash);
	assert_int_equal(v.broken_seq, 0);
	assert_int_equal(v.entries, 1);
	assert_memory_equal(v.head, old.hash, RC_SHA256_LEN);
	assert_false(v.head_seen);
	assert_true(verify(old.hash).head_seen);
}

/* --- evidence ------------------------------------------------------------ */

/* Records that somebody agreed, with a text of len times the same byte. */
static struct rc_journal_entry
append_evidence(char byte, size_t len)
{
	static char text[RC_JOURNAL_EVIDENCE_MAX + 1];
	struct rc_journal_set *const set[3] = {NULL, NULL, NULL};
	struct rc_journal_entry j = {.kind = RC_J_IN,
	    .type = RC_IDENT_PHONE,
	    .evidence = {memset(text, byte, sizeof(text)), len}};
	struct appending a = {&j, set};

	err.code = rc_store_write(state->store, do_append, &a, &err);
	return j;
}

/* What an entry's evidence reads as: its first byte, 0 without any. */
struct evidence {
	struct rc_journal_entry entry;
	char first;
	size_t len;
};

static enum rc_err
do_read_evidence(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct evidence *x = arg;

	assert_ok(rc_journal_read(txn, x->entry.seq, &x->entry, e));
	x->len = x->entry.evidence.len;
	x->first = x->len > 0 ? x->entry.evidence.p[0] : '\0';
	return RC_OK;
}

static struct evidence
read_evidence(uint64_t seq)
{
	struct evidence x = {.entry = {.seq = seq}};

	assert_ok(rc_store_read(state->store, do_read_evidence, &x, &err));
	return x;
}

static size_t
texts(struct table *t)
{
	t->table = RC_T_EVIDENCE;
	assert_ok(rc_store_read(state->store, copy_table, t, &err));
	return t->n;
}

static void
evidence_is_kept_by_its_digest_and_each_text_once(void **arg)
{
	static struct table t;
	unsigned char digest[RC_SHA256_LEN];
	struct evidence x;

	(void)arg;
	append_evidence('a', 200);
	append_evidence('b', 100);
	append_evidence('a', 200);
	append_evidence('a', 0);
	assert_int_equal(texts(&t), 2);
	rc_sha256(
	    (struct rc_slice){(char *)t.record[0].value, t.record[0].value_len},
	    digest);
	assert_memory_equal(digest, t.record[0].key, RC_SHA256_LEN);
	x = read_evidence(3);
	assert_int_equal(x.len, 200);
	assert_int_equal(x.first, 'a');
	assert_true(rc_journal_has_evidence(&x.entry));
	assert_false(rc_journal_lacks_evidence(&x.entry));
	x = read_evidence(4);
	assert_int_equal(x.len, 0);
	assert_false(rc_journal_has_evidence(&x.entry));
	assert_int_equal(verify(NULL).evidence_missing, 0);
}

static void
the_longest_evidence_fits_and_one_byte_more_changes_nothing(void **arg)
{
	(void)arg;
	append_evidence('x', RC_JOURNAL_EVIDENCE_MAX);
	assert_int_equal(err.code, RC_OK);
	assert_int_equal(read_evidence(1).len, RC_JOURNAL_EVIDENCE_MAX);
	append_evidence('x', RC_JOURNAL_EVIDENCE_MAX + 1);
	assert_int_equal(err.code, RC_EDATA);
	assert_says(err, "evidence is longer than 65536 bytes");
	assert_int_equal(verify(NULL).entries, 1);
}

static void
lost_evidence_is_said_and_breaks_no_chain(void **arg)
{
	static struct table t;
	struct rc_journal_verdict v;
	struct evidence x;

	(void)arg;
	append_evidence('a', 100);
	append_evidence('a', 100);
	append_evidence('b', 100);
	texts(&t);
	change(RC_T_EVIDENCE, &t.record[t.record[1].value[0] == 'a'], NULL);
	v = verify(NULL);
	assert_int_equal(v.broken_seq, 0);
	assert_int_equal(v.entries, 3);
	assert_int_equal(v.evidence_missing, 2);
	x = read_evidence(1);
	assert_int_equal(x.len, 0);
	assert_true(rc_journal_lacks_evidence(&x.entry));
	/* Whoever still has the text brings it back. */
	append_evidence('a', 100);
	assert_int_equal(verify(NULL).evidence_missing, 0);
	assert_int_equal(read_evidence(1).first, 'a');
}

static void
another_text_is_no_evidence(void **arg)
{
	static struct table t;
	static struct record bad;
	struct rc_journal_verdict v;
	struct evidence x;

	(void)arg;
	append_evidence('a', 0);
	append_evidence('a', 100);
	texts(&t);
	bad = t.record[0];
	bad.value[50] = 'b';
	change(RC_T_EVIDENCE, &t.record[0], &bad);
	v = verify(NULL);
	assert_int_equal(v.broken_seq, 2);
	assert_string_equal(v.why, "its evidence was changed");
	x = read_evidence(2);
	assert_true(rc_journal_lacks_evidence(&x.entry));
	append_evidence('a', 100);
	assert_int_equal(verify(NULL).broken_seq, 0);
}

/* --- exporting ----------------------------------------------------------- */

/* Numbers far apart: a page holds fewer than an entry of SPREAD of them. */
#define SPREAD 400000
#define SPREAD_STEP 1000003

struct exported {
	size_t pages, blocks, disclosed, entries;
	struct rc_hash *payload;
};

/* What a line of the export says, checked against its digests. */
static void
check_line(struct exported *x, const struct rc_json_value *line)
{
	struct rc_slice digest = rc_json_str(rc_json_get(line, "digest"));
	struct rc_slice set = rc_json_str(rc_json_get(line, "set"));
	unsigned char bytes[RC_SHA256_LEN];
	char text[2 * RC_SHA256_LEN + 1];

	if (rc_slice_is(rc_json_str(rc_json_get(line, "type")), "block")) {
		x->blocks++;
		x->disclosed += rc_json_get(line, "block") != NULL;
		assert_true(rc_unhex(digest, bytes, RC_SHA256_LEN));
		rc_journal_add_digest(x->payload,
		    rc_slice_is(set, "added")	  ? RC_J_ADDED
		    : rc_slice_is(set, "removed") ? RC_J_REMOVED
						  : RC_J_CONFIRMED,
		    bytes);
		return;
	}
	x->entries++;
	rc_hash_finish(x->payload, bytes);
	rc_hash_reset(x->payload);
	rc_hex(bytes, RC_SHA256_LEN, text);
	assert_true(
	    rc_slice_is(rc_json_str(rc_json_get(line, "payload")), text));
}

static void
check_page(struct exported *x, struct rc_slice page)
{
	struct rc_json *json;

	x->pages++;
	assert_true(page.len > 0 && page.p[page.len - 1] == '\n');
	while (page.len > 0) {
		size_t len =
		    (size_t)((char *)memchr(page.p, '\n', page.len) - page.p);

		assert_ok(
		    rc_json_parse(&json, (struct rc_slice){page.p, len}, &err));
		check_line(x, rc_json_root(json));
		rc_json_free(json);
		page.p += len + 1;
		page.len -= len + 1;
	}
}

static struct exported export(
    const struct rc_ident *people, size_t n, size_t unknown)
{
	struct exported x = {0};
	struct rc_journal_export *export;
	struct rc_slice page;
	enum rc_err r;

	assert_ok(rc_hash_open(&x.payload, RC_HASH_SHA256, &err));
	assert_ok(
	    rc_journal_export_open(&export, state->store, people, n, &err));
	while ((r = rc_journal_export_next(export, &page, &err)) == RC_OK)
		check_page(&x, page);
	assert_int_equal(r, RC_END);
	assert_int_equal(rc_journal_export_next(export, &page, &err), RC_END);
	assert_int_equal(rc_journal_export_unknown(export), unknown);
	rc_journal_export_close(export);
	rc_hash_close(x.payload);
	return x;
}

static void
an_entry_of_many_pages_is_exported_whole(void **arg)
{
	struct exported x;

	(void)arg;
	assert_int_equal(export(NULL, 0, 0).pages, 0);
	append(RC_J_SYNC, RC_IDENT_PHONE,
	    make_numbers(15550000000, SPREAD_STEP, SPREAD),
	    make_numbers(15550000001, SPREAD_STEP, SPREAD),
	    make_numbers(15550000002, 1, 1));
	append_number(RC_J_OUT, 15550000000);
	x = export(NULL, 0, 0);
	assert_true(x.pages > 2);
	assert_true(x.blocks > 1000);
	assert_int_equal(x.disclosed, x.blocks);
	assert_int_equal(x.entries, 2);
}

static void
evidence_that_is_no_text_is_exported_as_bytes(void **arg)
{
	struct rc_journal_export *export;
	struct rc_json *json;
	struct rc_slice page;

	(void)arg;
	append_evidence('\xe9', 3);
	assert_ok(rc_journal_export_open(&export, state->store, NULL, 0, &err));
	assert_ok(rc_journal_export_next(export, &page, &err));
	page.len--; /* the line feed of the one line */
	assert_ok(rc_json_parse(&json, page, &err));
	assert_int_equal(
	    rc_json_type(rc_json_get(rc_json_root(json), "evidence")),
	    RC_JSON_NULL);
	assert_true(rc_slice_is(
	    rc_json_str(rc_json_get(rc_json_root(json), "evidence_hex")),
	    "e9e9e9"));
	rc_json_free(json);
	rc_journal_export_close(export);
}

static void
an_export_of_people_discloses_their_blocks_alone(void **arg)
{
	struct rc_ident who[4];
	struct exported all, x;

	(void)arg;
	fill();
	append(RC_J_SYNC, RC_IDENT_PHONE,
	    make_numbers(15550000000, SPREAD_STEP, 4000),
	    make_numbers(15550000001, SPREAD_STEP, 4000), NULL);
	all = export(NULL, 0, 0);
	assert_ok(
	    rc_ident_parse(RC_IDENT_PHONE, str("15550000001"), &who[0], &err));
	assert_ok(
	    rc_ident_parse(RC_IDENT_PHONE, str("15550000000"), &who[1], &err));
	assert_ok(
	    rc_ident_parse(RC_IDENT_PHONE, str("15559999999"), &who[2], &err));
	x = export(who, 1, 0);
	assert_int_equal(x.entries, 3);
	assert_int_equal(x.disclosed, 3);
	assert_true(x.blocks > 8 && x.blocks < all.blocks);
	/* The last entry names two of them, in two blocks. */
	x = export(who, 3, 1);
	assert_int_equal(x.entries, 3);
	assert_int_equal(x.disclosed, 4);
	x = export(&who[2], 1, 1);
	assert_int_equal(x.entries, 0);
	assert_ok(rc_ident_parse(
	    RC_IDENT_EMAIL, str("BOB@example.com"), &who[3], &err));
	x = export(&who[3], 1, 0);
	assert_int_equal(x.entries, 1);
	assert_int_equal(x.disclosed, 1);
}

/* --- who was added ------------------------------------------------------- */

#define ENTRIES 200

static bool due[2][UNIVERSE]; /* added, removed */

/* from: the first entry that is asked for. */
static void
expect_due(bool removed, uint64_t from)
{
	struct rc_journal_added asked = {.channel = 1,
	    .type = RC_IDENT_PHONE,
	    .since_ms = 1000,
	    .until = ENTRIES - 10,
	    .from = from,
	    .removed = removed};
	struct rc_list_blocks got;
	struct rc_list_walk walk;
	struct rc_member m;
	size_t n = 0, due_n = 0;

	for (size_t i = 0; i < UNIVERSE; i++)
		due_n += due[removed][i];
	assert_true(due_n > 20);
	rc_list_blocks_init(&got);
	assert_ok(rc_journal_added(state->store, &asked, &got, &err));
	rc_list_walk_start(&walk, &got);
	while (rc_list_walk_next(&walk, &m, &err) == RC_OK) {
		size_t i = (m.num - 1000) / 77777;

		if (i >= UNIVERSE)
			continue;
		if (!due[removed][i])
			fail_msg("%zu was not added, or is told twice", i);
		due[removed][i] = false;
		n++;
	}
	assert_int_equal(n, due_n);
	rc_list_blocks_free(&got);
}

static void
everybody_added_or_removed_since_a_time_is_found_once(void **arg)
{
	const int from = 30;

	(void)arg;
	memset(due, 0, sizeof(due));
	for (int i = 1; i <= ENTRIES; i++) {
		/* Mostly single people, at times that go back and forth. */
		size_t first = draw(UNIVERSE / 2), step = 1 + draw(9);
		size_t members = draw(10) == 0 ? 1 + draw(200) : draw(3);
		uint64_t number = 1000 + first * 77777, at = 900 + draw(200);
		uint32_t channel = (uint32_t)draw(3);
		bool email = draw(10) == 0, removed = draw(2) == 0;
		struct rc_journal_set *s =
		    make_numbers(number, step * 77777, members);

		if (email) {
			rc_journal_set_close(s);
			s = make_set(RC_IDENT_EMAIL,
			    (const char *const[]){"ada@example.com"}, 1);
		}
		append_at(channel, at, email ? RC_IDENT_EMAIL : RC_IDENT_PHONE,
		    removed ? NULL : s, removed ? s : NULL);
		for (size_t k = 0; k < members; k++)
			if (!email && at >= 1000 && channel != 2 &&
			    i <= ENTRIES - 10 && (i >= from || !removed) &&
			    first + k * step < UNIVERSE)
				due[removed][first + k * step] = true;
	}
	expect_due(false, 0);
	expect_due(true, (uint64_t)from);
}

struct asking_first {
	uint64_t since_ms, seq;
};

static enum rc_err
ask_first(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct asking_first *a = arg;

	return rc_journal_first_since(txn, a->since_ms, &a->seq, e);
}

static uint64_t
first_since(uint64_t since_ms)
{
	struct asking_first a = {.since_ms = since_ms};

	assert_ok(rc_store_read(state->store, ask_first, &a, &err));
	return a.seq;
}

static void
the_first_entry_since_a_time_is_found(void **arg)
{
	(void)arg;
	assert_int_equal(first_since(0), 1);
	assert_int_equal(first_since(1000), 1);
	for (uint64_t i = 1; i <= 20; i++)
		append_at(1, 1000 * i, RC_IDENT_PHONE,
		    make_numbers(15550000000 + i, 1, 1), NULL);
	assert_int_equal(first_since(0), 1);
	for (uint64_t i = 1; i <= 20; i++) {
		assert_int_equal(first_since(1000 * i), i);
		assert_int_equal(first_since(1000 * i + 1), i + 1);
	}
}

static enum rc_err
append_thousands(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_journal_set *const set[3] = {NULL, NULL, arg};

	for (int i = 0; i < 2500; i++) {
		struct rc_journal_entry j = {
		    .kind = RC_J_IN, .type = RC_IDENT_PHONE};

		assert_ok(rc_journal_append(txn, &j, set, e));
	}
	return RC_OK;
}

static void
a_journal_of_several_slices_is_verified_whole(void **arg)
{
	struct rc_journal_set *s = make_numbers(15550000000, 3, 2);
	struct rc_journal_verdict v;

	(void)arg;
	assert_ok(rc_store_write(state->store, append_thousands, s, &err));
	rc_journal_set_close(s);
	v = verify(NULL);
	assert_int_equal(v.broken_seq, 0);
	assert_int_equal(v.entries, 2500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STATE_TEST(an_entry_comes_back_as_it_was_appended),
	    STATE_TEST(
		a_source_that_is_too_long_is_refused_and_changes_nothing),
	    STATE_TEST(a_patched_set_is_the_set_with_and_without),
	    STATE_TEST(
		a_person_is_found_in_small_and_large_entries_oldest_first),
	    STATE_TEST(
		a_person_whose_name_begins_like_anothers_is_somebody_else),
	    STATE_TEST(every_flipped_byte_is_seen),
	    STATE_TEST(every_missing_or_additional_record_is_seen),
	    STATE_TEST(the_first_broken_entry_is_named),
	    STATE_TEST(a_noted_head_shows_that_the_end_was_cut_off),
	    STATE_TEST(evidence_is_kept_by_its_digest_and_each_text_once),
	    STATE_TEST(
		the_longest_evidence_fits_and_one_byte_more_changes_nothing),
	    STATE_TEST(lost_evidence_is_said_and_breaks_no_chain),
	    STATE_TEST(another_text_is_no_evidence),
	    STATE_TEST(an_entry_of_many_pages_is_exported_whole),
	    STATE_TEST(evidence_that_is_no_text_is_exported_as_bytes),
	    STATE_TEST(an_export_of_people_discloses_their_blocks_alone),
	    STATE_TEST(everybody_added_or_removed_since_a_time_is_found_once),
	    STATE_TEST(the_first_entry_since_a_time_is_found),
	    STATE_TEST(a_journal_of_several_slices_is_verified_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
