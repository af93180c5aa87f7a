/*
 * Short links as records on stdout, and the filter over stdin (rc-shorten(1)).
 * All print what they can; cli.error tells of a failure.
 */
#ifndef RC_FACE_LINKS_H
#define RC_FACE_LINKS_H

#include "core/shorten.h"
#include "face/cli.h"

/* A link for each operand, all checked before the first is made: the link
 * alone, with -j link, url. */
enum rc_err rc_links_mint(
    struct rc_cli *, const struct rc_shorten *) RC_MUST_USE;
/*
 * stdin to stdout with its URLs shortened, as it comes.  RC_EDATA for 1 MiB
 * without white space.
 */
enum rc_err rc_links_filter(
    struct rc_cli *, const struct rc_shorten *) RC_MUST_USE;
/*
 * What each code or short link, an operand or a line, stands for: code, url,
 * campaign, ordinal.  RC_NOTFOUND when one is unknown; a warning names it.
 */
enum rc_err rc_links_expand(struct rc_cli *) RC_MUST_USE;
/* Every block of links: first code, url, campaign, links. */
enum rc_err rc_links_list(struct rc_cli *) RC_MUST_USE;

#endif
