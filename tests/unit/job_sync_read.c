#include "scratch_state.h"

#include "job/source_priv.h"
#include "job/sync_priv.h"
#include "text/csv.h"

/*
 * A list is read by shortcuts where its rows are plain and lie whole in what
 * was read at once, by libcsv where they do not.  Generated lists are read
 * both ways, and must come to the same: as they are, with every value in
 * quotes, and each of these in pieces that end at every byte.
 */

#define ROUNDS 1500
#define ROWS_MAX 12 /* of a list; some have more */
#define BYTES_MAX (1u << 20)

/* --- a source that gives pieces ------------------------------------------ */

struct pieces {
	struct rc_source source;
	struct rc_slice text;
	size_t first, then; /* bytes of the first piece, and of the others */
};

static enum rc_err
read_piece(struct rc_source *source, char *at, size_t room, size_t *n,
    struct rc_error *e)
{
	struct pieces *p = (struct pieces *)source;

	(void)e;
	*n = p->first < p->text.len ? p->first : p->text.len;
	if (*n > room)
		*n = room;
	memcpy(at, p->text.p, *n);
	p->text.p += *n;
	p->text.len -= *n;
	p->first = p->then;
	return RC_OK;
}

static const struct rc_source_kind kind = {.read = read_piece};

/* --- what a reading comes to --------------------------------------------- */

struct outcome {
	struct rc_buf text;   /* counts, rejected rows, the error */
	struct rc_buf blocks; /* the packed list */
};
static struct rc_channel channel;
static uint64_t max_rows = ROWS_MAX + ROWS_MAX / 2;

static enum rc_err
note_reject(void *arg, uint64_t line, const char *reason, struct rc_slice value,
    struct rc_error *e)
{
	struct outcome *o = arg;

	(void)e;
	rc_buf_addf(&o->text, "%llu %s %zu ", (unsigned long long)line, reason,
	    value.len);
	rc_buf_addv(&o->text, value);
	rc_buf_adds(&o->text, "\n");
	return RC_OK;
}

static void
read_list(struct rc_slice text, size_t first, size_t then, struct outcome *o)
{
	struct pieces p = {
	    .source = {.kind = &kind, .name = (char *)"list", .fd = -1},
	    .text = text,
	    .first = first,
	    .then = then};
	const struct rc_sync_config config = {.channel = &channel,
	    .source = &p.source,
	    .max_bad = 100,
	    .max_rows = max_rows,
	    .reject = note_reject,
	    .arg = o};
	struct rc_sync_list list;
	enum rc_err r;

	rc_buf_reset(&o->text);
	rc_buf_reset(&o->blocks);
	r = rc_sync_read(&config, &list, &err);
	rc_buf_addf(&o->text, "%llu rows, %llu rejected, %llu repaired\n",
	    (unsigned long long)list.rows, (unsigned long long)list.rejected,
	    (unsigned long long)list.repaired);
	if (r == RC_OK) {
		rc_buf_addf(&o->text, "%llu members, %llu duplicates\n",
		    (unsigned long long)list.blocks.members,
		    (unsigned long long)list.duplicates);
		rc_buf_addv(&o->blocks, rc_buf_slice(&list.blocks.bytes));
	} else {
		rc_buf_addf(&o->text, "%d: %s\n", (int)r, err.msg);
	}
	rc_list_blocks_free(&list.blocks);
}

static void
assert_same(
    struct rc_slice text, size_t first, size_t then, const struct outcome *want)
{
	static struct outcome got = {{.max = BYTES_MAX}, {.max = BYTES_MAX}};

	read_list(text, first, then, &got);
	if (rc_slice_eq(rc_buf_slice(&got.text), rc_buf_slice(&want->text)) &&
	    rc_slice_eq(rc_buf_slice(&got.blocks), rc_buf_slice(&want->blocks)))
		return;
	fail_msg(
	    "pieces of %zu and %zu of\n%.*s\ncome to\n%.*s\nand not to\n%s",
	    first, then, (int)text.len, text.p, (int)got.text.len,
	    got.text.data, rc_buf_str((struct rc_buf *)&want->text));
}

/* --- lists ---------------------------------------------------------------- */

/* Two ways to write one list: quotes where they must be, and everywhere. */
struct written {
	struct rc_buf plain, quoted;
};

static void
write_both(struct written *w, const char *s)
{
	rc_buf_adds(&w->plain, s);
	rc_buf_adds(&w->quoted, s);
}

static void
write_quoted(struct rc_buf *out, struct rc_slice value)
{
	rc_buf_adds(out, "\"");
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"')
			rc_buf_adds(out, "\"");
		rc_buf_add(out, value.p + i, 1);
	}
	rc_buf_adds(out, "\"");
}

static void
write_value(struct written *w, struct rc_slice value)
{
	/* Nothing at all between CR and LF would be no row. */
	bool must = value.len == 0;

	for (size_t i = 0; i < value.len; i++)
		must |=
		    strchr(",\"\r\n", value.p[i]) != NULL && value.p[i] != '\0';
	write_quoted(&w->quoted, value);
	if (must || draw(12) == 0)
		write_quoted(&w->plain, value);
	else
		rc_buf_addv(&w->plain, value);
}

static void
write_random_value(struct written *w)
{
	static const char *const parts[] = {"1555", "01", "+", "4477009", " ",
	    "x", "A@b.Example", "\xc3\xa9", "\xe2\x82\xac", "\"", ",", "\n",
	    "\r\n", "\r", "\t", "0", "-", "@", "\xf0\x9f\x98\x80", "."};
	struct rc_buf value = RC_BUF_INIT(1000);

	for (uint64_t n = draw(6); n > 0; n--)
		rc_buf_adds(
		    &value, parts[draw(sizeof(parts) / sizeof(parts[0]))]);
	write_value(w, rc_buf_slice(&value));
	rc_buf_free(&value);
}

#define LONG "123456789.123456789.123456789.123456789."

/* Mostly somebody to be listed, one of few so that some come twice. */
static void
write_person(struct written *w)
{
	static const struct {
		const char *front, *back;
	} form[] = {{"1555012", ""}, {"+1555012", ""}, {" 1555012", ""},
	    {"1555012", "\t"}, {"44770090", ""}, {"3551234", ""},
	    {"1555012", "9999"}, {"15", ""}, {"\xc3\xbc", ""},
	    {"person.", "@Example.com"}, {"Person.", "@example.COM"},
	    {"o'person+", "@a-b.c"}, {"\xc3\xbc", "@b.org"},
	    {"p", "@b\xc3\xbc.org"}, {"p", "@localhost"}, {"p", "@-b.org"},
	    {"p", "@b-.org"}, {"p", "@b.org."}, {"p", "@b..org"},
	    {"p", "@@b.org"}, {"p", "@b_.org"}, {"p;", "@b.org"},
	    {"p\"", "@b.org"}, {"", "@b.org@"}, {"p", "@b.org\v"},
	    {"p\x7f", "@b.org"}, {LONG "123456789.123456.", "@b.org"},
	    {LONG "123456789.1234567.", "@b.org"},
	    {"p", "@a." LONG "123456789.123456789.org"},
	    {"p", "@a." LONG "123456789.1234567890.org"},
	    {"p", "@" LONG LONG LONG LONG "org"},
	    {"p", "@" LONG LONG LONG LONG LONG LONG "123456.org"}};
	bool address = channel.identifier == RC_IDENT_EMAIL;
	size_t usual = address ? 9 + draw(2) : 0;
	size_t i = draw(4) > 0 ? usual : draw(sizeof(form) / sizeof(form[0]));
	char value[400];

	snprintf(value, sizeof(value), "%s%04u%s", form[i].front,
	    (unsigned)draw(30), form[i].back);
	write_value(w, rc_slice_str(value));
}

static const char *
random_end(unsigned style)
{
	static const char *const end[] = {"\n", "\r\n", "\r"};

	return end[style < 3 ? style : draw(3)];
}

static void
write_row(struct written *w, unsigned columns, const char *end)
{
	switch (draw(40)) {
	case 0:
		break; /* a blank line */
	case 1:
		write_random_value(w);
		write_both(w, ",");
		break; /* too many columns, or too few */
	case 2:
		write_random_value(w);
		break;
	case 3:
		write_person(w);
		write_both(w, ",,");
		break;
	case 4:
		write_person(w);
		write_both(w, ",");
		write_random_value(w);
		break;
	default:
		for (unsigned i = 1; i < columns; i++) {
			write_random_value(w);
			write_both(w, ",");
		}
		write_person(w);
	}
	write_both(w, end);
}

static void
write_list(struct written *w)
{
	static const char *const header[] = {
	    "", "Phone Numbers", "email", "custom"};
	unsigned columns = draw(3) == 0 ? 2 + (unsigned)draw(2) : 1;
	unsigned style = (unsigned)draw(5);
	uint64_t rows = draw(ROWS_MAX);

	if (draw(20) == 0)
		rows += ROWS_MAX;
	if (draw(6) == 0)
		write_both(w, "\xef\xbb\xbf");
	for (unsigned i = 1; i < columns; i++)
		write_both(w, i == 1 ? "name," : "city,");
	write_value(w, rc_slice_str(header[channel.identifier]));
	write_both(w, random_end(style));
	while (rows-- > 0)
		write_row(w, columns, random_end(style));
	if (draw(3) == 0)
		write_person(w);
	/* What ends the reading: no text, or another encoding. */
	if (draw(20) == 0) {
		rc_buf_add(&w->plain, "\0", 1);
		rc_buf_add(&w->quoted, "\0", 1);
	}
	if (draw(20) == 0)
		write_both(w, draw(2) == 0 ? "\xe9t\xe9\n" : "\xe2\x82");
}

/* --- tests ---------------------------------------------------------------- */

static void
read_both(struct written *w, bool at_every_byte)
{
	static struct outcome want = {{.max = BYTES_MAX}, {.max = BYTES_MAX}};
	struct rc_slice way[] = {
	    rc_buf_slice(&w->plain), rc_buf_slice(&w->quoted)};

	read_list(way[0], way[0].len, way[0].len, &want);
	for (size_t i = 0; i < 2; i++) {
		assert_same(way[i], way[i].len, way[i].len, &want);
		for (size_t cut = 1; at_every_byte && cut < way[i].len; cut++)
			assert_same(way[i], cut, way[i].len, &want);
		assert_same(way[i], 1, 1, &want);
		assert_same(way[i], 1 + draw(20), 1 + draw(20), &want);
	}
}

static void
read_lists(enum rc_ident_type type)
{
	struct written w = {{.max = BYTES_MAX}, {.max = BYTES_MAX}};

	channel = (struct rc_channel){
	    .number = 1, .name = (char *)"acme", .identifier = type};
	for (int round = 0; round < ROUNDS; round++) {
		rc_buf_reset(&w.plain);
		rc_buf_reset(&w.quoted);
		write_list(&w);
		read_both(&w, round % 16 == 0);
	}
	rc_buf_free(&w.plain);
	rc_buf_free(&w.quoted);
}

static void
numbers_are_read_the_same_by_every_road(void **arg)
{
	(void)arg;
	read_lists(RC_IDENT_PHONE);
}

static void
addresses_are_read_the_same_by_every_road(void **arg)
{
	(void)arg;
	read_lists(RC_IDENT_EMAIL);
}

static void
custom_ids_are_read_the_same_by_every_road(void **arg)
{
	(void)arg;
	read_lists(RC_IDENT_CUSTOM);
}

static void
read_long_list(enum rc_ident_type type, const char *header)
{
	struct written w = {{.max = BYTES_MAX}, {.max = BYTES_MAX}};

	channel = (struct rc_channel){
	    .number = 1, .name = (char *)"acme", .identifier = type};
	max_rows = 20000;
	write_both(&w, header);
	while (w.quoted.len < BYTES_MAX / 4)
		write_row(&w, 1, draw(40) == 0 ? "\r\n" : "\n");
	read_both(&w, false);
	rc_buf_free(&w.plain);
	rc_buf_free(&w.quoted);
}

/* Longer than what the shortcuts take at once. */
static void
long_lists_are_read_the_same_by_every_road(void **arg)
{
	(void)arg;
	read_long_list(RC_IDENT_PHONE, "phone numbers\n");
	read_long_list(RC_IDENT_EMAIL, "email\n");
}

/* --- what is packed ------------------------------------------------------- */

/* So many that texts are kept apart by their fronts and packed by two. */
#define TEXTS 300000

struct texts {
	struct rc_buf bytes;
	struct rc_slice text[TEXTS];
};

/* What a list has to come to: by the key, and of equal ones by the place. */
static int
cmp_texts(const void *a, const void *b)
{
	const struct rc_slice *x = a, *y = b;
	unsigned char kx[RC_MEMBER_MAX], ky[RC_MEMBER_MAX];
	enum rc_pack_format format = rc_list_format(channel.identifier);
	struct rc_member mx = {.str = *x}, my = {.str = *y};
	size_t lx = rc_member_key(format, &mx, kx);
	size_t ly = rc_member_key(format, &my, ky);
	int order = rc_slice_cmp(rc_slice_of(kx, lx), rc_slice_of(ky, ly));

	return order != 0 ? order : (x->p > y->p) - (x->p < y->p);
}

static bool
same_key(struct rc_slice a, struct rc_slice b)
{
	enum rc_pack_format format = rc_list_format(channel.identifier);
	struct rc_member x = {.str = a}, y = {.str = b};

	return rc_member_cmp(format, &x, &y) == 0;
}

static void
assert_packs(struct texts *t)
{
	struct rc_sync_members m;
	struct rc_list_blocks blocks;
	struct rc_list_walk walk;
	struct rc_member member;
	uint64_t duplicates, repeated = 0;

	rc_sync_members_init(&m, channel.identifier);
	rc_list_blocks_init(&blocks);
	for (size_t i = 0; i < TEXTS; i++)
		assert_ok(rc_sync_members_add(
		    &m, t->text[i], rc_slice_of("", 0), &err));
	assert_ok(rc_sync_members_pack(&m, &blocks, &duplicates, &err));
	qsort(t->text, TEXTS, sizeof(t->text[0]), cmp_texts);
	rc_list_walk_start(&walk, &blocks);
	for (size_t i = 0; i < TEXTS; i++) {
		if (i > 0 && same_key(t->text[i - 1], t->text[i])) {
			repeated++;
			continue;
		}
		assert_ok(rc_list_walk_next(&walk, &member, &err));
		if (!rc_slice_eq(member.str, t->text[i]))
			fail_msg("%.*s in place of %.*s", (int)member.str.len,
			    member.str.p, (int)t->text[i].len, t->text[i].p);
	}
	assert_int_equal(rc_list_walk_next(&walk, &member, &err), RC_END);
	assert_int_equal(duplicates, repeated);
	assert_int_equal(blocks.members, TEXTS - repeated);
	rc_list_blocks_free(&blocks);
}

/* Letters of both cases from a few, so that many are the same when folded. */
static void
make_texts(struct texts *t, const char *front, size_t letters, size_t len_max)
{
	static const char from[] = "aAbBcC09._-zZ";

	rc_buf_reset(&t->bytes);
	for (size_t i = 0; i < TEXTS; i++) {
		size_t before = t->bytes.len;
		struct rc_slice *text = &t->text[i];

		rc_buf_adds(&t->bytes, front);
		for (size_t n = 1 + draw(len_max); n > 0; n--)
			rc_buf_addc(&t->bytes, from[draw(letters)]);
		text->p = t->bytes.data + before;
		text->len = t->bytes.len - before;
	}
}

static void
many_texts_are_packed_in_order_and_the_first_of_equal_ones_kept(void **arg)
{
	static const char *const front[] = {"", "", "all begin alike"};
	static const size_t letters[] = {13, 4, 13}, len_max[] = {30, 9, 9};
	static struct texts t;

	(void)arg;
	t.bytes = RC_BUF_INIT(64 * BYTES_MAX);
	/* So that slices stay: it never has to grow. */
	assert_non_null(rc_buf_room(&t.bytes, 32 * BYTES_MAX));
	channel = (struct rc_channel){.number = 1, .name = (char *)"acme"};
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 2; k++) {
			channel.identifier =
			    k == 0 ? RC_IDENT_EMAIL : RC_IDENT_CUSTOM;
			make_texts(&t, front[i], letters[i], len_max[i]);
			assert_packs(&t);
		}
	}
	rc_buf_free(&t.bytes);
}

/* The row that found no room is left to say so. */
static void
lines_without_room_are_not_taken(void **arg)
{
	struct rc_buf text = RC_BUF_INIT(BYTES_MAX);
	struct rc_sync_members m;
	struct rc_list_blocks blocks;
	uint64_t lines, duplicates;
	size_t taken;

	(void)arg;
	for (int i = 0; i < 2000; i++)
		rc_buf_addf(&text, "person.%04d@example.com\n", i);
	rc_sync_members_init(&m, RC_IDENT_EMAIL);
	rc_list_blocks_init(&blocks);
	m.text.max = 20000;
	taken =
	    rc_sync_members_add_lines(&m, rc_buf_slice(&text), 2000, &lines);
	assert_in_range(lines, 500, 1000);
	assert_int_equal(taken, lines * strlen("person.0000@example.com\n"));
	assert_int_equal(
	    rc_sync_members_add_lines(&m, rc_buf_slice(&text), 1, &duplicates),
	    0);
	assert_int_equal(
	    rc_sync_members_add(&m, RC_SLICE_LIT("person.2000@example.com"),
		RC_SLICE_LIT(""), &err),
	    RC_EDATA);
	assert_ok(rc_sync_members_pack(&m, &blocks, &duplicates, &err));
	assert_int_equal(blocks.members, lines);
	rc_list_blocks_free(&blocks);
	rc_buf_free(&text);
}

/* Around the length from which on a value is cut and its row refused. */
static void
long_values_are_read_the_same_by_every_road(void **arg)
{
	struct written w = {{.max = BYTES_MAX}, {.max = BYTES_MAX}};
	struct rc_buf value = RC_BUF_INIT(BYTES_MAX);

	(void)arg;
	channel = (struct rc_channel){
	    .number = 1, .name = (char *)"acme", .identifier = RC_IDENT_PHONE};
	for (size_t len = RC_CSV_FIELD_MAX - 2; len < RC_CSV_FIELD_MAX + 3;
	     len++) {
		rc_buf_reset(&value);
		while (value.len < len)
			rc_buf_adds(&value, "x");
		rc_buf_reset(&w.plain);
		rc_buf_reset(&w.quoted);
		write_both(&w, "name,phone numbers,city\n");
		write_value(&w, rc_buf_slice(&value));
		write_both(&w, ",15550120001,\r");
		write_both(&w, "x,");
		write_value(&w, rc_buf_slice(&value));
		write_both(&w, "\r\nx,15550120002,\n");
		read_both(&w, false);
	}
	rc_buf_free(&value);
	rc_buf_free(&w.plain);
	rc_buf_free(&w.quoted);
}

static void
assert_refused(const char *text, const char *message)
{
	struct outcome o = {{.max = BYTES_MAX}, {.max = BYTES_MAX}};

	for (size_t cut = 1; cut <= strlen(text); cut++) {
		read_list(rc_slice_str(text), cut, 1, &o);
		if (strstr(rc_buf_str(&o.text), message) == NULL)
			fail_msg("no '%s' in: %s", message, o.text.data);
	}
	rc_buf_free(&o.text);
	rc_buf_free(&o.blocks);
}

static void
the_line_of_a_byte_that_is_no_text_is_right(void **arg)
{
	(void)arg;
	channel = (struct rc_channel){
	    .number = 1, .name = (char *)"acme", .identifier = RC_IDENT_PHONE};
	assert_refused("phone numbers,\xe9\n1\n", "line 1 is not UTF-8");
	assert_refused("phone numbers\n15550120001\n15550120002\n\xe9\n",
	    "line 4 is not UTF-8");
	assert_refused("name,phone numbers\n\"Ada\n\n\",15550120001\n"
		       "\"New\r\nY\xf6rk\",15550120002\n",
	    "line 6 is not UTF-8 (byte 0xf6)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_read_the_same_by_every_road),
	    cmocka_unit_test(addresses_are_read_the_same_by_every_road),
	    cmocka_unit_test(custom_ids_are_read_the_same_by_every_road),
	    cmocka_unit_test(long_lists_are_read_the_same_by_every_road),
	    cmocka_unit_test(
		many_texts_are_packed_in_order_and_the_first_of_equal_ones_kept),
	    cmocka_unit_test(lines_without_room_are_not_taken),
	    cmocka_unit_test(long_values_are_read_the_same_by_every_road),
	    cmocka_unit_test(the_line_of_a_byte_that_is_no_text_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
