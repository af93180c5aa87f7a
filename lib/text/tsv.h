/*
 * TSV out: one record a line, fields parted by tabs (reconnect-output(5)).
 * Tab, line feed, carriage return and backslash become \t \n \r \\ and other
 * control characters \xHH, so that cut(1) and awk(1) never see a broken
 * record.
 */
#ifndef RC_TEXT_TSV_H
#define RC_TEXT_TSV_H

#include "base/buf.h"

/* first: no tab before it.  A full buffer shows in rc_buf_check. */
void rc_tsv_field(struct rc_buf *, struct rc_slice, bool first);
/* The line feed. */
void rc_tsv_end(struct rc_buf *);

#endif
