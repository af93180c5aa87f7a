#include "text/ident_json.h"

enum rc_err
rc_ident_from_json(const struct rc_json_value *object, enum rc_ident_type want,
    struct rc_ident *id, struct rc_error *e)
{
	const struct rc_json_value *type = rc_json_get(object, "type");
	const struct rc_json_value *value = rc_json_get(object, "value");
	enum rc_ident_type given;

	if (rc_json_type(type) != RC_JSON_STRING ||
	    rc_json_type(value) != RC_JSON_STRING)
		return rc_err_set(e, RC_EDATA,
		    "'identifier' is no object with the strings 'type' and "
		    "'value'");
	if (rc_ident_type_parse(rc_json_str(type), &given, e) != RC_OK)
		return e->code = RC_EDATA;
	if (given != want)
		return rc_err_set(e, RC_EDATA,
		    "identifier type %s, but the channel's is %s",
		    rc_ident_type_name(given), rc_ident_type_name(want));
	return rc_ident_parse(want, rc_json_str(value), id, e);
}
