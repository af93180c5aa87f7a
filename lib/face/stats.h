/*
 * The reports of rc-stats, each from asking the library to the last line: of
 * the campaigns that are operands, or of all.
 */
#ifndef RC_FACE_STATS_H
#define RC_FACE_STATS_H

#include "face/cli.h"

/* A row a campaign; table: a block of lines each instead. */
enum rc_err rc_stats_campaigns(struct rc_cli *, bool table) RC_MUST_USE;
/* A row a variant; table: a table a campaign instead. */
enum rc_err rc_stats_variants(struct rc_cli *, bool table) RC_MUST_USE;

#endif
