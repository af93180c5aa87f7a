#include "text/country.h"

#include "base/num.h"
#include "text/phone.h"

#include <string.h>

#define KEY_DIGITS 8 /* as many as the longest prefix has */
#define KEY_END 100000000
#define AREA_FIRST 200 /* area codes of +1 are 200 to 999 */

/* The area codes of +1 by number, two letters each. */
static const char area[] = "--USUSUSCAUSUSUSUSUSUS--USUSUSUSUSUSUSUS" /* 200 */
			   "US----USUSUSCAUSUSUS--US----USUSCA----US" /* 220 */
			   "US--BS------BB--USCACAUSUSUSUS--USCA----" /* 240 */
			   "US--USCAAI----USAGUSUS--US--US--US----US" /* 260 */
			   "--US--USVG--------CA--------------------" /* 280 */
			   "--USUSUSUSUSCAUSUSUSUS--USUSUSUSUSUSUSUS" /* 300 */
			   "USUS--USUSUSUSUS--USUSUSUS--US--USUS--US" /* 320 */
			   "VIUS--CA--KYUSUS----USUSUSUSCA----US----" /* 340 */
			   "USUS--USUSCA--CACAUS--------------------" /* 360 */
			   "US--CA----USUS--------------------------" /* 380 */
			   "--USUSCAUSUSUSUSUSUSUS--USUSUSUSCAUSCAUS" /* 400 */
			   "------USUSUS----CA--USCAUS--USUSUSCACA--" /* 420 */
			   "USBMUSUS--US--USUS--CA------------USUS--" /* 440 */
			   "------USUS------CAUSUSUSUSGDCAUS----USUS" /* 460 */
			   "US----USUS------------------------------" /* 480 */
			   "--USUSUSUSUSCAUSUSUSUS--USUSCAUSUSUSUSCA" /* 500 */
			   "US------------------USUS----US--------US" /* 520 */
			   "USUS------------CA----US----------US--US" /* 540 */
			   "--USUSUSUS----US----USUSUSUSUSUS------CA" /* 560 */
			   "USCAUS--CAUSUSCA------------------------" /* 580 */
			   "CAUSUSUSCAUSUSUSUSUSUS--USCAUSUSUSUSUSUS" /* 600 */
			   "USUSCAUSUS--US--USUSUSUS--CA----US----CA" /* 620 */
			   "USUS----CAUSUSCA--TCUSUS------CAUSUSJMUS" /* 640 */
			   "USUSUS--MS----US--USMPGUCA--------CAUSUS" /* 660 */
			   "USUSUSCAAS--US--CAUS--------------------" /* 680 */
			   "--USUSUSUSCAUSUSUSCAUS--USUSUSUSUSUSUSUS" /* 700 */
			   "USSX----USUSUSUSUS--USUSUS--US----USUS--" /* 720 */
			   "US--CAUS------USUS--------CAUS----USLC--" /* 740 */
			   "US--USUS--US--DM--USUSUSUSUSUSUS----CAUS" /* 760 */
			   "CAUSCA--VCUSUSPR------------------------" /* 780 */
			   "--USUSUSUSUSUSCAUSDOUS--USUSUSUSUSUSUSCA" /* 800 */
			   "USUS------CAUS--USDOUSUSUS----US--USUSUS" /* 820 */
			   "US----US--US--USUSDOUS------US--USUSUSUS" /* 840 */
			   "USUSUSUSUSUS--CATTKNUS--USCA----JM--USCA" /* 860 */
			   "----------------------------------------" /* 880 */
			   "--USCAUSUSCAUSUSUSUSUS--USUSUSUSUSUSUSUS" /* 900 */
			   "US------USUS----USUSUSUS----US--USUSUSPR" /* 920 */
			   "USUSCAUS--US--USUSUS--USUS--US--US----US" /* 940 */
			   "--------------------USUSUSUS--US----USUS" /* 960 */
			   "US----USUSUSUS----US--------------------" /* 980 */;

/* Prefixes of all others in order of their digits. */
static const struct {
	uint32_t digits;
	char iso[RC_COUNTRY_LEN];
} prefix[] = {{20, "EG"}, {211, "SS"}, {212, "MA"}, {2125288, "EH"},
    {2125289, "EH"}, {213, "DZ"}, {216, "TN"}, {218, "LY"}, {220, "GM"},
    {221, "SN"}, {222, "MR"}, {223, "ML"}, {224, "GN"}, {225, "CI"},
    {226, "BF"}, {227, "NE"}, {228, "TG"}, {229, "BJ"}, {230, "MU"},
    {231, "LR"}, {232, "SL"}, {233, "GH"}, {234, "NG"}, {235, "TD"},
    {236, "CF"}, {237, "CM"}, {238, "CV"}, {239, "ST"}, {240, "GQ"},
    {241, "GA"}, {242, "CG"}, {243, "CD"}, {244, "AO"}, {245, "GW"},
    {246, "IO"}, {247, "SH"}, {248, "SC"}, {249, "SD"}, {250, "RW"},
    {251, "ET"}, {252, "SO"}, {253, "DJ"}, {254, "KE"}, {255, "TZ"},
    {256, "UG"}, {257, "BI"}, {258, "MZ"}, {260, "ZM"}, {261, "MG"},
    {262, "RE"}, {262269, "YT"}, {262639, "YT"}, {2627093, "YT"}, {263, "ZW"},
    {264, "NA"}, {265, "MW"}, {266, "LS"}, {267, "BW"}, {268, "SZ"},
    {269, "KM"}, {27, "ZA"}, {290, "SH"}, {291, "ER"}, {297, "AW"}, {298, "FO"},
    {299, "GL"}, {30, "GR"}, {31, "NL"}, {32, "BE"}, {33, "FR"}, {34, "ES"},
    {350, "GI"}, {351, "PT"}, {352, "LU"}, {353, "IE"}, {354, "IS"},
    {355, "AL"}, {356, "MT"}, {357, "CY"}, {358, "FI"}, {35818, "AX"},
    {359, "BG"}, {36, "HU"}, {370, "LT"}, {371, "LV"}, {372, "EE"}, {373, "MD"},
    {374, "AM"}, {375, "BY"}, {376, "AD"}, {377, "MC"}, {378, "SM"},
    {380, "UA"}, {381, "RS"}, {382, "ME"}, {383, "XK"}, {385, "HR"},
    {386, "SI"}, {387, "BA"}, {389, "MK"}, {39, "IT"}, {390549, "SM"},
    {3906698, "VA"}, {40, "RO"}, {41, "CH"}, {420, "CZ"}, {421, "SK"},
    {423, "LI"}, {43, "AT"}, {44, "GB"}, {441481, "GG"}, {441534, "JE"},
    {441624, "IM"}, {4474576, "IM"}, {447509, "JE"}, {447524, "IM"},
    {447624, "IM"}, {4477003, "JE"}, {4477007, "JE"}, {4477008, "JE"},
    {447781, "GG"}, {447797, "JE"}, {447829, "JE"}, {447839, "GG"},
    {4479111, "GG"}, {4479117, "GG"}, {447924, "IM"}, {447937, "JE"},
    {45, "DK"}, {46, "SE"}, {47, "NO"}, {4779, "SJ"}, {48, "PL"}, {49, "DE"},
    {500, "FK"}, {501, "BZ"}, {502, "GT"}, {503, "SV"}, {504, "HN"},
    {505, "NI"}, {506, "CR"}, {507, "PA"}, {508, "PM"}, {509, "HT"}, {51, "PE"},
    {52, "MX"}, {53, "CU"}, {54, "AR"}, {55, "BR"}, {56, "CL"}, {57, "CO"},
    {58, "VE"}, {590, "GP"}, {59059027, "BL"}, {59059087, "MF"}, {591, "BO"},
    {592, "GY"}, {593, "EC"}, {594, "GF"}, {595, "PY"}, {596, "MQ"},
    {597, "SR"}, {598, "UY"}, {599, "CW"}, {5993, "BQ"}, {5994, "BQ"},
    {5997, "BQ"}, {60, "MY"}, {61, "AU"}, {6189162, "CC"}, {6189164, "CX"},
    {62, "ID"}, {63, "PH"}, {64, "NZ"}, {65, "SG"}, {66, "TH"}, {670, "TL"},
    {672, "NF"}, {6721, "AQ"}, {673, "BN"}, {674, "NR"}, {675, "PG"},
    {676, "TO"}, {677, "SB"}, {678, "VU"}, {679, "FJ"}, {680, "PW"},
    {681, "WF"}, {682, "CK"}, {683, "NU"}, {685, "WS"}, {686, "KI"},
    {687, "NC"}, {688, "TV"}, {689, "PF"}, {690, "TK"}, {691, "FM"},
    {692, "MH"}, {7, "RU"}, {76, "KZ"}, {77, "KZ"}, {800, "001"}, {808, "001"},
    {81, "JP"}, {82, "KR"}, {84, "VN"}, {850, "KP"}, {852, "HK"}, {853, "MO"},
    {855, "KH"}, {856, "LA"}, {86, "CN"}, {870, "001"}, {878, "001"},
    {880, "BD"}, {881, "001"}, {882, "001"}, {883, "001"}, {886, "TW"},
    {888, "001"}, {90, "TR"}, {91, "IN"}, {92, "PK"}, {93, "AF"}, {94, "LK"},
    {95, "MM"}, {960, "MV"}, {961, "LB"}, {962, "JO"}, {963, "SY"}, {964, "IQ"},
    {965, "KW"}, {966, "SA"}, {967, "YE"}, {968, "OM"}, {970, "PS"},
    {971, "AE"}, {972, "IL"}, {973, "BH"}, {974, "QA"}, {975, "BT"},
    {976, "MN"}, {977, "NP"}, {979, "001"}, {98, "IR"}, {992, "TJ"},
    {993, "TM"}, {994, "AZ"}, {995, "GE"}, {996, "KG"}, {998, "UZ"}};
#define PREFIXES (sizeof(prefix) / sizeof(prefix[0]))

/* Digits as a key: the first KEY_DIGITS, filled up with zeros. */
struct key {
	uint32_t key;
	uint32_t width; /* keys that begin with these digits */
	uint64_t scale; /* numbers a key stands for; 0: ten keys a number */
};

static struct key
key_of(uint64_t digits)
{
	struct key k = {.width = 1, .scale = 1};

	while (digits >= KEY_END) {
		digits /= 10;
		k.scale *= 10;
	}
	for (; digits < KEY_END / 10; digits *= 10) {
		k.width *= 10;
		k.scale = 0;
	}
	k.key = (uint32_t)digits;
	return k;
}

static const char *
area_cell(uint32_t code)
{
	return area + 2 * (code - AREA_FIRST);
}

/* What all keys from the one asked for to last have in common. */
struct place {
	char iso[RC_COUNTRY_LEN];
	uint32_t last;
};

static struct place
find_area(uint32_t key)
{
	uint32_t code = key / (KEY_END / 10000) % 1000;
	struct place p = {
	    .last = key - key % (KEY_END / 10000) + KEY_END / 10000 - 1};

	if (code >= AREA_FIRST && *area_cell(code) != '-')
		memcpy(p.iso, area_cell(code), 2);
	return p;
}

/* The last prefix whose key is at most this one; the first begins with 2. */
static size_t
seek(uint32_t key)
{
	size_t low = 0, high = PREFIXES;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (key_of(prefix[middle].digits).key <= key)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

static struct place
find(uint32_t key)
{
	struct place p = {.last = KEY_END - 1};
	struct key k;
	size_t i;

	if (key < 2 * (KEY_END / 10))
		return find_area(key);
	i = seek(key);
	if (i + 1 < PREFIXES)
		p.last = key_of(prefix[i + 1].digits).key - 1;
	/* Shorter prefixes stand before the longer ones within them. */
	for (; i < PREFIXES; i--) {
		k = key_of(prefix[i].digits);
		if (key - k.key < k.width)
			break;
	}
	if (i >= PREFIXES)
		return p;
	memcpy(p.iso, prefix[i].iso, sizeof(p.iso));
	if (p.last > k.key + k.width - 1)
		p.last = k.key + k.width - 1;
	return p;
}

void
rc_country_of(uint64_t phone, char iso[RC_COUNTRY_LEN])
{
	memcpy(iso, find(key_of(phone).key).iso, RC_COUNTRY_LEN);
}

/* --- choices ------------------------------------------------------------- */

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Which of 26 x 26 two letters of any case are. */
static size_t
iso_index(const char *iso)
{
	return (size_t)(((iso[0] & 0x1f) - 1) * 26 + (iso[1] & 0x1f) - 1);
}

static bool
is_known(size_t index)
{
	for (size_t i = 0; i < PREFIXES; i++)
		if (is_letter(prefix[i].iso[0]) &&
		    iso_index(prefix[i].iso) == index)
			return true;
	for (const char *cell = area; *cell != '\0'; cell += 2)
		if (*cell != '-' && iso_index(cell) == index)
			return true;
	return false;
}

static bool
choose_word(struct rc_country_choice *c, struct rc_slice word)
{
	static const uint64_t shift[] = {10000000, 1000000, 100000, 10000};
	uint64_t code;

	if (rc_slice_is(word, "001")) {
		c->world = true;
		return true;
	}
	if (word.len == 2 && is_letter(word.p[0]) && is_letter(word.p[1])) {
		c->iso[iso_index(word.p)] = true;
		return is_known(iso_index(word.p));
	}
	if (word.len > 0 && word.p[0] == '+') {
		word.p++;
		word.len--;
	}
	if (word.len > 3 || !rc_num_u64(word, 999, &code) ||
	    rc_phone_code(code * shift[word.len]) != code || code == 0)
		return false;
	c->code[code] = true;
	return true;
}

enum rc_err
rc_country_choose(
    struct rc_country_choice *c, struct rc_slice list, struct rc_error *e)
{
	struct rc_slice word = list;
	const char *comma;

	c->low = c->high = 0;
	for (;;) {
		comma = memchr(word.p, ',', word.len);
		if (comma != NULL)
			word.len = (size_t)(comma - word.p);
		if (!choose_word(c, rc_slice_trim(word)))
			return rc_err_set(e, RC_EUSAGE,
			    "'%.*s' is no country: give ISO 3166 letters such "
			    "as GB, or a calling code",
			    (int)(word.len > 40 ? 40 : word.len), word.p);
		if (comma == NULL)
			return RC_OK;
		word.p = comma + 1;
		word.len = (size_t)(list.p + list.len - word.p);
	}
}

void
rc_country_look(struct rc_country_choice *c, uint64_t phone)
{
	struct key k = key_of(phone);
	struct place p = find(k.key);
	bool known = p.iso[0] != '\0', lettered = is_letter(p.iso[0]);

	c->low = phone;
	c->high = k.scale > 0 ? (p.last + 1) * k.scale - 1 : p.last / k.width;
	c->chosen = c->code[rc_phone_code(phone)] ||
		    (lettered && c->iso[iso_index(p.iso)]) ||
		    (known && !lettered && c->world);
	c->unknown = !known && !c->chosen;
}
