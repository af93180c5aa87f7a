/*
 * The numbers of a report's row, by the names they are shown under.  Included
 * by stats_*.c alone.
 */
#ifndef RC_FACE_STATS_PRIV_H
#define RC_FACE_STATS_PRIV_H

#include "face/stats.h"
#include "job/report.h"

#include <string.h>

struct rc_stats_column {
	const char *title;
	size_t offset; /* of a uint64_t in struct rc_report_row */
	bool seldom;   /* a table leaves it out when it is 0 everywhere */
};

#define RC_STATS_COLUMN(field)                                                 \
	.title = #field, .offset = offsetof(struct rc_report_row, field)

static inline uint64_t
rc_stats_number(
    const struct rc_report_row *row, const struct rc_stats_column *column)
{
	uint64_t n;

	memcpy(&n, (const char *)row + column->offset, sizeof(n));
	return n;
}

#endif
