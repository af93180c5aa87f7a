#include "text/phone.h"

#include <endian.h>
#include <string.h>

#define MIN_DIGITS 7
#define MAX_DIGITS 15
#define LENIENT_MAX 64 /* bytes; more than any way to write 15 digits */

/*
 * The assigned calling codes by their first two digits: either the two are
 * the code, or the bits tell which third digits complete it.  1 and 7 are
 * codes by themselves.
 */
#define D(n) (1u << (n))
#define ALL 0x3ffu
#define WHOLE 0x400u

static const uint16_t codes[100] = {
    [20] = WHOLE,
    [21] = D(1) | D(2) | D(3) | D(6) | D(8),
    [22] = ALL,
    [23] = ALL,
    [24] = ALL,
    [25] = ALL & ~D(9),
    [26] = ALL,
    [27] = WHOLE,
    [29] = D(0) | D(1) | D(7) | D(8) | D(9),
    [30] = WHOLE,
    [31] = WHOLE,
    [32] = WHOLE,
    [33] = WHOLE,
    [34] = WHOLE,
    [35] = ALL,
    [36] = WHOLE,
    [37] = ALL & ~D(9),
    [38] = ALL & ~(D(4) | D(8)),
    [39] = WHOLE,
    [40] = WHOLE,
    [41] = WHOLE,
    [42] = D(0) | D(1) | D(3),
    [43] = WHOLE,
    [44] = WHOLE,
    [45] = WHOLE,
    [46] = WHOLE,
    [47] = WHOLE,
    [48] = WHOLE,
    [49] = WHOLE,
    [50] = ALL,
    [51] = WHOLE,
    [52] = WHOLE,
    [53] = WHOLE,
    [54] = WHOLE,
    [55] = WHOLE,
    [56] = WHOLE,
    [57] = WHOLE,
    [58] = WHOLE,
    [59] = ALL,
    [60] = WHOLE,
    [61] = WHOLE,
    [62] = WHOLE,
    [63] = WHOLE,
    [64] = WHOLE,
    [65] = WHOLE,
    [66] = WHOLE,
    [67] = ALL & ~D(1),
    [68] = ALL & ~D(4),
    [69] = D(0) | D(1) | D(2),
    [80] = D(0) | D(8),
    [81] = WHOLE,
    [82] = WHOLE,
    [84] = WHOLE,
    [85] = D(0) | D(2) | D(3) | D(5) | D(6),
    [86] = WHOLE,
    [87] = D(0) | D(8),
    [88] = D(0) | D(1) | D(2) | D(3) | D(6) | D(8),
    [90] = WHOLE,
    [91] = WHOLE,
    [92] = WHOLE,
    [93] = WHOLE,
    [94] = WHOLE,
    [95] = WHOLE,
    [96] = ALL & ~D(9),
    [97] = ALL & ~D(8),
    [98] = WHOLE,
    [99] = D(2) | D(3) | D(4) | D(5) | D(6) | D(8),
};

/* The calling code among the first three digits, 100 to 999; 0: none. */
static unsigned
code_of(unsigned first3)
{
	unsigned first = first3 / 100, two = first3 / 10;

	if (first == 1 || first == 7)
		return first;
	if (codes[two] & WHOLE)
		return two;
	return codes[two] & D(first3 % 10) ? first3 : 0;
}

/* The same of three digits in a text. */
static unsigned
first_code(const char *p)
{
	return code_of(
	    (unsigned)((p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0'));
}

unsigned
rc_phone_code(uint64_t n)
{
	if (n < 1000000 || n > 999999999999999)
		return 0;
	while (n > 999)
		n /= 10;
	return code_of((unsigned)n);
}

uint64_t
rc_phone_twin(uint64_t n)
{
	/* A digit that 13 digits have behind the front, and 12 have not. */
	static const struct {
		unsigned code, digit;
		uint64_t tail; /* 10 to the digits behind it */
	} plans[] = {
	    {52, 1, 10000000000},
	    {54, 9, 10000000000},
	    {55, 9, 100000000},
	};
	unsigned code = rc_phone_code(n);

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		uint64_t tail = plans[i].tail, front = n / tail;

		if (plans[i].code != code)
			continue;
		if (n >= 100000000000 && n < 1000000000000)
			return (front * 10 + plans[i].digit) * tail + n % tail;
		if (n >= 1000000000000 && n < 10000000000000 &&
		    front % 10 == plans[i].digit)
			return front / 10 * tail + n % tail;
	}
	return 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A spreadsheet's "4.41E+11" or "4,41E+11", against any other rubbish. */
static enum rc_phone_result
classify_rubbish(struct rc_slice s)
{
	bool exponent = false;

	if (!is_digit(s.p[0]))
		return RC_PHONE_CHARACTER;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == 'e' || c == 'E')
			exponent = true;
		else if (!is_digit(c) && c != '.' && c != ',' && c != '+')
			return RC_PHONE_CHARACTER;
	}
	return exponent ? RC_PHONE_EXPONENT : RC_PHONE_CHARACTER;
}

/* --- eight digits at a time ---------------------------------------------- */

#define EACH(byte) ((byte)*0x0101010101010101ULL)

static const uint64_t power[8] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

/* Eight characters minus '0' each, the first in the lowest byte. */
static uint64_t
load_digits(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v) ^ EACH('0');
}

/* How many of them are digits, up to the first that is none. */
static unsigned
count_digits(uint64_t v)
{
	/* What carries out of a byte only spoils those behind it. */
	uint64_t others = ((v + EACH(0x76ULL)) | v) & EACH(0x80ULL);

	return others == 0 ? 8 : (unsigned)__builtin_ctzll(others) / 8;
}

/* The number that eight digits make. */
static uint64_t
join_digits(uint64_t v)
{
	v = v * 10 + (v >> 8);
	v = (v & 0x00ff00ff00ff00ff) * 100 + (v >> 16 & 0x00ff00ff00ff00ff);
	return (v & 0xffff) * 10000 + (v >> 32 & 0xffff);
}

/* --- one number ---------------------------------------------------------- */

/* Whether 8 to 15 characters are all digits; then *out is the number. */
static bool
join_all(struct rc_slice s, uint64_t *out)
{
	uint64_t first = load_digits(s.p);
	uint64_t last = load_digits(s.p + s.len - 8);
	size_t more = s.len - 8;

	if (count_digits(first) < 8 || count_digits(last) < 8)
		return false;
	*out = join_digits(first);
	if (more > 0)
		*out = *out * power[more] +
		       join_digits(last & ~(UINT64_MAX >> 8 * more));
	return true;
}

static enum rc_phone_result
parse_digits(struct rc_slice s, uint64_t *out)
{
	uint64_t n = 0;
	bool joined = s.len >= 8 && s.len <= MAX_DIGITS && join_all(s, &n);

	for (size_t i = 0; !joined && i < s.len; i++) {
		unsigned d = (unsigned char)s.p[i] - (unsigned)'0';

		if (d > 9)
			return classify_rubbish(s);
		n = n * 10 + d; /* wraps only in what is too long */
	}
	if (s.len == 0)
		return RC_PHONE_EMPTY;
	if (s.p[0] == '0')
		return RC_PHONE_ZERO;
	if (s.len < MIN_DIGITS)
		return RC_PHONE_SHORT;
	if (s.len > MAX_DIGITS)
		return RC_PHONE_LONG;
	if (first_code(s.p) == 0)
		return RC_PHONE_CODE;
	*out = n;
	return RC_PHONE_OK;
}

enum rc_phone_result
rc_phone_strict(struct rc_slice s, uint64_t *out)
{
	enum rc_phone_result r;

	if (s.len == 0 || s.p[0] != '+')
		return parse_digits(s, out);
	s.p++;
	s.len--;
	if (s.len == 0)
		return RC_PHONE_CHARACTER;
	r = parse_digits(s, out);
	return r == RC_PHONE_OK ? RC_PHONE_REPAIRED : r;
}

/* --- lines of a list ------------------------------------------------------ */

#define LINE_ROOM (MAX_DIGITS + 2) /* with its end */

/* Returns how many digits begin at p, 0 when it is not 7 to 15. */
static size_t
plain_number(const char *p, uint64_t *out)
{
	uint64_t v = load_digits(p), rest;
	unsigned n = count_digits(v), more;

	if (n < 8) {
		*out = join_digits(v << 8);
		return n == MIN_DIGITS ? n : 0;
	}
	*out = join_digits(v);
	rest = load_digits(p + 8);
	more = count_digits(rest);
	if (more == 8)
		return 0;
	if (more > 0)
		*out =
		    *out * power[more] + join_digits(rest << (64 - 8 * more));
	return n + more;
}

size_t
rc_phone_lines(struct rc_slice text, uint64_t *numbers, size_t max, size_t *n)
{
	const char *p = text.p, *end = p + text.len;

	for (*n = 0; *n < max && end - p >= LINE_ROOM; ++*n) {
		size_t len = plain_number(p, &numbers[*n]), ends;

		if (len == 0 || first_code(p) == 0)
			break;
		ends = rc_line_end(p + len);
		if (ends == 0)
			break;
		p += len + ends;
	}
	return (size_t)(p - text.p);
}

/* ------------------------------------------------------------------------ */

static bool
is_decoration(char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')';
}

static bool
has_trunk_zero(struct rc_slice s)
{
	size_t met = 0;

	for (size_t i = 0; i < s.len && met < 3; i++)
		if (s.p[i] != ' ')
			met = s.p[i] == "(0)"[met] ? met + 1 : s.p[i] == '(';
	return met == 3;
}

static bool
has_decimals(struct rc_slice s)
{
	const char *dot = memchr(s.p, '.', s.len);
	size_t zeros = 0;

	while (zeros < s.len && s.p[s.len - 1 - zeros] == '0')
		zeros++;
	return zeros > 0 && dot != NULL && dot + 1 + zeros == s.p + s.len;
}

enum rc_phone_result
rc_phone_lenient(struct rc_slice s, uint64_t *out)
{
	char bare[LENIENT_MAX];
	size_t len = 0;
	enum rc_phone_result r;

	s = rc_slice_trim(s);
	if (s.len > LENIENT_MAX)
		return RC_PHONE_LONG;
	for (size_t i = 0; i < s.len; i++)
		if (!is_decoration(s.p[i]))
			bare[len++] = s.p[i];
	if (len == 0)
		return s.len == 0 ? RC_PHONE_EMPTY : RC_PHONE_CHARACTER;
	r = rc_phone_strict((struct rc_slice){bare, len}, out);
	if (r > RC_PHONE_REPAIRED || len == s.len)
		return r;
	if (has_trunk_zero(s))
		return RC_PHONE_TRUNK;
	return has_decimals(s) ? RC_PHONE_DECIMALS : RC_PHONE_REPAIRED;
}

const char *
rc_phone_reason(enum rc_phone_result r)
{
	switch (r) {
	case RC_PHONE_OK:
		return "fine";
	case RC_PHONE_REPAIRED:
		return "repaired";
	case RC_PHONE_EMPTY:
		return "empty";
	case RC_PHONE_CHARACTER:
		return "not a digit";
	case RC_PHONE_SHORT:
		return "too short";
	case RC_PHONE_LONG:
		return "too long";
	case RC_PHONE_ZERO:
		return "leading zero";
	case RC_PHONE_CODE:
		return "unknown calling code";
	case RC_PHONE_EXPONENT:
		return "spreadsheet exponent";
	case RC_PHONE_TRUNK:
		return "leave out the (0)";
	case RC_PHONE_DECIMALS:
		return "spreadsheet decimals";
	}
	return "unknown";
}

size_t
rc_phone_format(uint64_t n, char out[RC_PHONE_LEN])
{
	/* Two digits a division: lists print ten million of these. */
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";
	char digits[20];
	size_t at = sizeof(digits), len;

	for (; n >= 100; n /= 100)
		memcpy(digits + (at -= 2), pairs + 2 * (n % 100), 2);
	if (n >= 10)
		memcpy(digits + (at -= 2), pairs + 2 * n, 2);
	else
		digits[--at] = (char)('0' + n);
	len = sizeof(digits) - at;
	if (len > MAX_DIGITS)
		len = MAX_DIGITS;
	memcpy(out, digits + sizeof(digits) - len, len);
	out[len] = '\0';
	return len;
}
