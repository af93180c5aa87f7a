/*
 * The identifier object of Dynamic Yield's API:
 * {"type":"phoneNumber","value":"+15550100"}.
 */
#ifndef RC_TEXT_IDENT_JSON_H
#define RC_TEXT_IDENT_JSON_H

#include "text/ident.h"
#include "text/json.h"

/*
 * Reads one under the command line's rules.  RC_EDATA when it is no such
 * object, of another type than wanted, or its value is no identifier.
 */
enum rc_err rc_ident_from_json(const struct rc_json_value *,
    enum rc_ident_type want, struct rc_ident *, struct rc_error *) RC_MUST_USE;

#endif
