/*
 * Prints a subscriber list of any size:
 * genlist [-e] [-n ROWS] [-o FIRST] [-s SEED] [-c PERCENT].
 *
 * Distinct phone numbers of 13 countries, or with -e e-mail addresses, in no
 * order, the same for a seed on any machine.  -o leaves as many rows out at the
 * front, so that FIRST are other ones; -c replaces that percentage by others.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BITS 27 /* of a member's place; its spread makes 9 digits */
#define PLACES (1u << BITS)
#define SPREAD 7
#define ROWS_MAX (PLACES / 2) /* the other half is for changed rows */

/* Nine digits follow; who has how many in a hundred. */
static const struct {
	const char *front;
	unsigned share;
} range[] = {{"12", 10}, {"13", 9}, {"14", 8}, {"33", 9}, {"34", 7}, {"353", 1},
    {"39", 8}, {"44", 12}, {"46", 2}, {"48", 4}, {"49", 12}, {"52", 4},
    {"55", 7}, {"61", 3}, {"91", 4}};

static const char *const first[] = {"anna", "ben", "carla", "david", "Emma",
    "felix", "greta", "henry", "ines", "James", "jennifer", "john", "karla",
    "leo", "linda", "maria", "Mary", "michael", "nico", "olivia", "paul",
    "robert", "rosa", "sarah", "simon", "Thomas", "uwe", "vera", "walter",
    "william", "yannick", "zoe"};
static const char *const last[] = {"adams", "Baker", "becker", "brown",
    "campbell", "clark", "davis", "fischer", "flores", "garcia", "gonzalez",
    "green", "harris", "hoffmann", "jackson", "johnson", "jones", "king", "lee",
    "lopez", "martin", "Miller", "mueller", "nguyen", "perez", "roberts",
    "rossi", "schmidt", "silva", "smith", "taylor", "weber"};
static const char *const mailer[] = {"gmail.com", "gmail.com", "gmail.com",
    "gmail.com", "gmail.com", "yahoo.com", "yahoo.com", "hotmail.com",
    "hotmail.com", "outlook.com", "icloud.com", "gmx.de", "web.de", "orange.fr",
    "libero.it", "example.co.uk"};
#define NAMES 32
#define MAILERS 16

struct list {
	uint64_t first, rows, seed;
	double changed; /* percent */
	bool email;
};

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

/* A bijection of the places: each step can be undone. */
static uint32_t
place_of(uint64_t row, uint64_t seed)
{
	uint32_t x = (uint32_t)row & (PLACES - 1);
	int round;

	for (round = 0; round < 3; round++) {
		x = (x + (uint32_t)mix(seed + (uint64_t)round)) & (PLACES - 1);
		x = (x * 0x2c1b3c6du) & (PLACES - 1);
		x ^= x >> 14;
	}
	return x;
}

static const char *
front_of(uint32_t place)
{
	uint64_t dice = mix(place + 1) % 100;
	size_t i = 0;

	while (dice >= range[i].share)
		dice -= range[i++].share;
	return range[i].front;
}

static void
print_phone(uint32_t place)
{
	uint32_t number = place * SPREAD + (uint32_t)(mix(place) % SPREAD);

	printf("%s%09" PRIu32 "\n", front_of(place), number);
}

/* The place is in it, so that no two are the same. */
static void
print_email(uint32_t place)
{
	static const char *const between[] = {"", ".", "_", ""};
	uint64_t dice = mix(place);
	const char *name = first[dice % NAMES];
	const char *sign = between[dice >> 5 & 3];
	int letters = (dice >> 7 & 1) != 0 ? 1 : 99;

	printf("%.*s%s%s%" PRIu32 "@%s\n", letters, name, sign,
	    last[dice >> 8 & (NAMES - 1)], place,
	    mailer[dice >> 13 & (MAILERS - 1)]);
}

static void
print_row(const struct list *list, uint64_t row)
{
	uint64_t dice = mix(row ^ list->seed << 32) % 1000000;
	uint32_t place;

	if ((double)dice < list->changed * 10000)
		row += ROWS_MAX;
	place = place_of(row, list->seed);
	if (list->email)
		print_email(place);
	else
		print_phone(place);
}

static int
usage(void)
{
	fprintf(stderr, "usage: genlist [-e] [-n ROWS] [-o FIRST] [-s SEED] "
			"[-c PERCENT]\n");
	return 64;
}

int
main(int argc, char **argv)
{
	struct list list = {.rows = 1000000, .seed = 1};
	uint64_t row;
	int option;

	while ((option = getopt(argc, argv, "en:o:s:c:")) != -1) {
		if (option == 'n')
			list.rows = strtoull(optarg, NULL, 10);
		else if (option == 'e')
			list.email = true;
		else if (option == 'o')
			list.first = strtoull(optarg, NULL, 10);
		else if (option == 's')
			list.seed = strtoull(optarg, NULL, 10);
		else if (option == 'c')
			list.changed = strtod(optarg, NULL);
		else
			return usage();
	}
	if (optind != argc || list.first + list.rows > ROWS_MAX)
		return usage();
	puts(list.email ? "email" : "phone numbers");
	for (row = 0; row < list.rows; row++)
		print_row(&list, list.first + row);
	return fflush(stdout) == 0 ? 0 : 74;
}
