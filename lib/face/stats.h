/*
 * The reports of rc-stats that have more than a row a campaign, each from
 * asking the library to the last line.
 */
#ifndef RC_FACE_STATS_H
#define RC_FACE_STATS_H

#include "face/cli.h"

/* Of the campaigns that are operands, or of all, by variant. */
enum rc_err rc_stats_variants(struct rc_cli *, bool table) RC_MUST_USE;

#endif
