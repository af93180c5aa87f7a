/*
 * rc-identify data: loading, listing and removing feeds of user data, and what
 * rc-identify show prints of them.
 */
#ifndef RC_FACE_IDENTIFY_DATA_H
#define RC_FACE_IDENTIFY_DATA_H

#include "face/cli.h"

enum rc_identify_data_option {
	RC_IDENTIFY_COLUMN = 300,
	RC_IDENTIFY_BY,
	RC_IDENTIFY_REJECTS,
	RC_IDENTIFY_MAX_BAD,
	RC_IDENTIFY_MAX_SHRINK,
	RC_IDENTIFY_LIST,
	RC_IDENTIFY_REMOVE
};

/* Rows of a tool's table. */
#define RC_IDENTIFY_DATA_OPTIONS                                               \
	{RC_IDENTIFY_COLUMN, "column", "NAME",                                 \
	    "data: the column that says who it is (the first)"},               \
	    {RC_IDENTIFY_BY, "by", "NAME",                                     \
		"data: what that column holds, such as id or email"},          \
	    {RC_IDENTIFY_REJECTS, "rejects", "FILE",                           \
		"data: bad rows: line, reason, identifier"},                   \
	    {RC_IDENTIFY_MAX_BAD, "max-bad", "PCT",                            \
		"data: refuse from so many bad rows on (30)"},                 \
	    {RC_IDENTIFY_MAX_SHRINK, "max-shrink", "PCT",                      \
		"data: refuse a feed smaller by more than this (50)"},         \
	    {RC_IDENTIFY_LIST, "list", NULL, "data: which feeds there are"},   \
	{                                                                      \
		RC_IDENTIFY_REMOVE, "remove", NULL, "data: forget the feed"    \
	}

struct rc_identify_data { /* what the options said; all zeros: nothing */
	const char *column, *by, *rejects, *max_bad, *max_shrink;
	bool list, remove;
};
/* Takes an option; false when id is none of these. */
bool rc_identify_data_take(
    struct rc_identify_data *, int id, const char *value);

/* The verb, with the operands; exits 64 when they do not go together. */
enum rc_err rc_identify_data(
    struct rc_cli *, const struct rc_identify_data *) RC_MUST_USE;
/*
 * Prints what all feeds have of a person, in the records of rc-identify show;
 * RC_NOTFOUND when that is nothing.
 */
enum rc_err rc_identify_show_data(
    struct rc_cli *, struct rc_slice name, struct rc_slice value) RC_MUST_USE;

#endif
