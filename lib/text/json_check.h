/*
 * The grammar of RFC 8259, checked before cJSON sees a text: cJSON takes
 * invalid UTF-8, control characters, "01" and trailing garbage, stops at
 * \u0000 and cuts numbers at 63 bytes.  Used by json.c alone.
 */
#ifndef RC_TEXT_JSON_CHECK_H
#define RC_TEXT_JSON_CHECK_H

#include "base/buf.h"

#define RC_JSON_DEPTH_MAX 64

/*
 * RC_OK when the text is one value and nothing else, or RC_EDATA that names
 * the byte, counted from 1, and never quotes the text: it may hold secrets.
 */
enum rc_err rc_json_check(struct rc_slice, struct rc_error *) RC_MUST_USE;
/*
 * The next number of a text that passed the check; the rest of the text then
 * starts behind it.  There must be one.
 */
struct rc_slice rc_json_next_number(struct rc_slice *rest);

#endif
