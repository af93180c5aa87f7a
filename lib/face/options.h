/*
 * The option table of a tool: the common options after its own, --help
 * printed from it, and which verbs an option is for.  Private to face.
 */
#ifndef RC_FACE_OPTIONS_H
#define RC_FACE_OPTIONS_H

#include "face/cli.h"

/* The i-th option, the tool's own before the common; NULL at the end. */
const struct rc_option *rc_options_at(const struct rc_tool *, size_t i);

/*
 * Whether an option goes with a verb.  A help text that begins with verbs and
 * a colon ("in, out: what proves it") says which ones; others go with all.
 */
bool rc_options_go_with(
    const struct rc_tool *, const struct rc_option *, const char *verb);

/* Prints --help to stdout, folded at 80 columns. */
void rc_options_print(const struct rc_tool *);

#endif
