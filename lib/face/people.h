/*
 * Identifier lines in blocks: as many people as can be had without waiting,
 * so that a fast input is worked on in bulk and a slow pipe line by line.
 * Lines that name nobody are reported on stderr with their place, counted,
 * and left out.
 */
#ifndef RC_FACE_PEOPLE_H
#define RC_FACE_PEOPLE_H

#include "face/cli.h"

struct rc_people {
	struct rc_cli *cli;
	struct rc_input in;
	enum rc_ident_type type;
	struct rc_ident *person; /* of this block */
	size_t n, max;
	uint64_t used, bad; /* lines in all */
	/*
	 * Called before the next line is waited for, to be set after open, or
	 * NULL: deals with the blocks so far.  Stdout is flushed after it.
	 */
	enum rc_err (*settle)(void *arg, struct rc_error *);
	void *settle_arg;
	/* private */
	bool keep_lines;
	struct rc_buf lines, ends; /* of this block; size_t each */
	struct rc_error failure;   /* reading failed; told by the next call */
};

/*
 * Reads operands or stdin.  max: people a block at most; keep_lines: keep
 * their lines too.  Exits when memory is short.
 */
void rc_people_open(struct rc_people *, struct rc_cli *, enum rc_ident_type,
    size_t max, bool keep_lines);
/* After rc_people_open, once. */
void rc_people_close(struct rc_people *);
/*
 * The next block, of at least one person, valid until the next call; RC_END.
 * Errors are rc_input_next's, after the people before it were handed out, and
 * those of settling and flushing.
 */
enum rc_err rc_people_next(struct rc_people *, struct rc_error *) RC_MUST_USE;
/* The line that named person i, as it was read. */
struct rc_slice rc_people_line(const struct rc_people *, size_t i);
/* RC_OK, or RC_EDATA with a message when lines were left out. */
enum rc_err rc_people_check(
    const struct rc_people *, struct rc_error *) RC_MUST_USE;

#endif
