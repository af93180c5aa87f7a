/*
 * Prints a subscriber list of any size: genlist [-n ROWS] [-s SEED] [-c PCT].
 *
 * Distinct numbers in 13 national ranges in no order, the same for a seed on
 * any machine; -c replaces that percentage of them by others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BITS 27 /* of a member's place; its spread makes 9 digits */
#define PLACES (1u << BITS)
#define SPREAD 7
#define ROWS_MAX (PLACES / 2) /* the other half is for changed rows */

/* Nine digits follow: the first three are North America. */
static const char *const country[] = {"12", "13", "14", "33", "34", "353", "39",
    "44", "46", "48", "49", "55", "61"};

struct list {
	uint64_t rows, seed;
	double changed; /* percent */
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

static void
print_row(const struct list *list, uint64_t row)
{
	uint64_t dice = mix(row ^ list->seed << 32) % 1000000;
	uint32_t place, number;

	if ((double)dice < list->changed * 10000)
		row += ROWS_MAX;
	place = place_of(row, list->seed);
	number = place * SPREAD + (uint32_t)(mix(place) % SPREAD);
	printf("%s%09" PRIu32 "\n",
	    country[mix(place + 1) % (sizeof(country) / sizeof(country[0]))],
	    number);
}

static int
usage(void)
{
	fprintf(stderr, "usage: genlist [-n ROWS] [-s SEED] [-c PERCENT]\n");
	return 64;
}

int
main(int argc, char **argv)
{
	struct list list = {.rows = 1000000, .seed = 1};
	uint64_t row;
	int option;

	while ((option = getopt(argc, argv, "n:s:c:")) != -1) {
		if (option == 'n')
			list.rows = strtoull(optarg, NULL, 10);
		else if (option == 's')
			list.seed = strtoull(optarg, NULL, 10);
		else if (option == 'c')
			list.changed = strtod(optarg, NULL);
		else
			return usage();
	}
	if (optind != argc || list.rows > ROWS_MAX)
		return usage();
	puts("phone numbers");
	for (row = 0; row < list.rows; row++)
		print_row(&list, row);
	return fflush(stdout) == 0 ? 0 : 74;
}
