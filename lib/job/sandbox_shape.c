#include "job/sandbox_priv.h"

#include <string.h>

#define REFUSED_NUMBER "15005550001" /* as Twilio's invalid number */

/* Nobody's in particular: it needs nothing, not even a recipient. */
#define JSON_SHAPE(at, by)                                                     \
	{                                                                      \
		.name = "json", .path = (at), .auth = (by), .to = "/to",       \
		.from = "/from", .status = 202, .answer = "{\"id\":\"%\"}",    \
		.error = "{\"error\":{\"message\":\"%\"}}", .refusal = {       \
			{401, "", "unauthorized"},                             \
			{400, "", "the body is not JSON"},                     \
			{400, "", "invalid recipient"}                         \
		}                                                              \
	}

/*
 * What each provider's documentation shows of one message's way: "%" is our id
 * or the message of an error, "#" the provider's code.
 */
static const struct rc_sandbox_shape SHAPES[] = {
    JSON_SHAPE("/json/none", RC_SANDBOX_OPEN),
    JSON_SHAPE("/json/basic", RC_SANDBOX_BASIC),
    JSON_SHAPE("/json/bearer", RC_SANDBOX_BEARER),
    {.name = "vonage",
	.path = "/v1/messages",
	.auth = RC_SANDBOX_BASIC,
	.to = "/to",
	.from = "/from",
	.needs = {"/channel", "/message_type", "/text"},
	.plus = RC_SANDBOX_NO_PLUS,
	.status = 202,
	.answer = "{\"message_uuid\":\"%\"}",
	.error = "{\"type\":\"https://developer.vonage.com/api-errors#\","
		 "\"title\":\"Not sent\",\"detail\":\"%\","
		 "\"instance\":\"bf0ca0bf927b3b52e3cb03217e1a1ddf\"}",
	.refusal = {{401, "/unauthorized",
			"You did not provide correct credentials."},
	    {422, "/messages/1150",
		"The value of one or more parameters is invalid."},
	    {422, "/messages/1170", "Invalid or Missing Msisdn Param"}}},
    {.name = "vonage-legacy", /* 200, whatever comes of it */
	.path = "/sms/json",
	.auth = RC_SANDBOX_BASIC,
	.to = "/to",
	.from = "/from",
	.needs = {"/text"},
	.plus = RC_SANDBOX_NO_PLUS,
	.status = 200,
	.answer = "{\"message-count\":\"1\",\"messages\":[{\"message-id\":"
		  "\"%\",\"status\":\"0\",\"remaining-balance\":\"3.14\","
		  "\"message-price\":\"0.0333\",\"network\":\"12345\"}]}",
	.error = "{\"message-count\":\"1\",\"messages\":[{\"status\":\"#\","
		 "\"error-text\":\"%\"}]}",
	.refusal = {{200, "4", "Bad Credentials"}, {200, "2", "Missing Params"},
	    {200, "3", "Invalid to address"}}},
    {.name = "sinch",
	.path = "/xms/v1/*/batches",
	.auth = RC_SANDBOX_KEY,
	.scheme = "Bearer",
	.to = "/to/0",
	.from = "/from",
	.needs = {"/body"},
	.plus = RC_SANDBOX_PLUS,
	.status = 201,
	.answer = "{\"id\":\"%\",\"type\":\"mt_text\",\"canceled\":false,"
		  "\"delivery_report\":\"none\"}",
	.error = "{\"code\":\"#\",\"text\":\"%\"}",
	.refusal = {{401, "", NULL},
	    {400, "syntax_constraint_violation", "missing parameter"},
	    {400, "syntax_invalid_parameter_format",
		"must be a phone number"}}},
    {.name = "infobip", /* and this one can say 200 to nothing */
	.path = "/sms/3/messages",
	.auth = RC_SANDBOX_KEY,
	.scheme = "App",
	.to = "/messages/0/destinations/0/to",
	.from = "/messages/0/sender",
	.needs = {"/messages/0/content/text"},
	.plus = RC_SANDBOX_NO_PLUS,
	.status = 200,
	.answer = "{\"bulkId\":\"1\",\"messages\":[{\"messageId\":\"%\","
		  "\"status\":{\"groupId\":1,\"groupName\":\"PENDING\","
		  "\"id\":26,\"name\":\"PENDING_ACCEPTED\",\"description\":"
		  "\"Message sent to next instance\"}}]}",
	.error = "{\"requestError\":{\"serviceException\":{\"messageId\":"
		 "\"#\",\"text\":\"%\"}}}",
	.rejected = "{\"messages\":[{\"messageId\":\"%\",\"status\":{"
		    "\"groupId\":5,\"groupName\":\"REJECTED\",\"id\":52,"
		    "\"name\":\"REJECTED_DESTINATION\",\"description\":"
		    "\"Invalid destination address.\"}}]}",
	.refusal = {{401, "UNAUTHORIZED", "Invalid login details"},
	    {400, "BAD_REQUEST", "Bad request"}, {200, "", NULL}}},
    {.name = "plivo",
	.path = "/v1/Account/*/Message/",
	.auth = RC_SANDBOX_BASIC,
	.to = "/dst",
	.from = "/src",
	.needs = {"/text"},
	.status = 202,
	.answer = "{\"message\":\"message(s) queued\",\"message_uuid\":["
		  "\"%\"],\"api_id\":\"db342550-7e9d-11e1-8ea7\"}",
	.error = "{\"api_id\":\"db342550-7e9d-11e1-8ea7\",\"error\":\"%\"}",
	.refusal = {{401, "", "Invalid AUTH ID or AUTH TOKEN"},
	    {400, "", "mandatory parameter missing"},
	    {400, "", "dst parameter is invalid"}}},
    {.name = "telnyx",
	.path = "/v2/messages",
	.auth = RC_SANDBOX_KEY,
	.scheme = "Bearer",
	.to = "/to",
	.from = "/from",
	.needs = {"/text"},
	.plus = RC_SANDBOX_PLUS,
	.status = 200,
	.answer = "{\"data\":{\"record_type\":\"message\",\"direction\":"
		  "\"outbound\",\"id\":\"%\",\"type\":\"SMS\"}}",
	.error = "{\"errors\":[{\"code\":\"#\",\"title\":\"Not sent\","
		 "\"detail\":\"%\"}]}",
	.refusal = {{401, "10009",
			"Could not understand the provided credentials."},
	    {422, "10004", "The text parameter is required."},
	    {400, "40310", "The 'to' address is not a phone number."}}},
    {.name = "messagebird",
	.path = "/messages",
	.auth = RC_SANDBOX_KEY,
	.scheme = "AccessKey",
	.to = "/recipients/0",
	.from = "/originator",
	.needs = {"/body"},
	.status = 201,
	.answer = "{\"id\":\"%\",\"direction\":\"mt\",\"type\":\"sms\","
		  "\"recipients\":{\"totalCount\":1,\"totalSentCount\":1}}",
	.error = "{\"errors\":[{\"code\":#,\"description\":\"%\","
		 "\"parameter\":null}]}",
	.refusal = {{401, "2", "Request not allowed (incorrect access_key)"},
	    {422, "9", "body is required"},
	    {422, "9", "no (correct) recipients found"}}},
    {.name = "event-api", /* 202, and nothing to read */
	.path = "/api/events",
	.auth = RC_SANDBOX_KEY,
	.scheme = "Klaviyo-API-Key",
	.header = "revision",
	.to = "/data/attributes/profile/data/attributes/email",
	.needs = {"/data/type", "/data/attributes/metric/data/attributes/name"},
	.plus = RC_SANDBOX_ADDRESS,
	.status = 202,
	.answer = "",
	.error = "{\"errors\":[{\"status\":400,\"code\":\"#\",\"title\":"
		 "\"Invalid input.\",\"detail\":\"%\"}]}",
	.refusal = {{401, "not_authenticated",
			"Missing or invalid private key."},
	    {400, "invalid", "a metric and a revision are required"},
	    {400, "invalid", "Invalid email address"}}},
};

/* A pattern's '*' is one segment of a path. */
static bool
matches(const char *pattern, struct rc_slice path)
{
	size_t at = 0;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '*') {
			while (at < path.len && path.p[at] != '/')
				at++;
		} else if (at == path.len || path.p[at++] != *pattern) {
			return false;
		}
	}
	return at == path.len;
}

const struct rc_sandbox_shape *
rc_sandbox_shape_of(struct rc_slice path)
{
	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(SHAPES[0]); i++)
		if (matches(SHAPES[i].path, path))
			return &SHAPES[i];
	return NULL;
}

const struct rc_sandbox_shape *
rc_sandbox_shape_plain(struct rc_slice path, struct rc_slice *rest)
{
	for (size_t i = 0; strcmp(SHAPES[i].name, "json") == 0; i++) {
		if (!rc_slice_starts(path, rc_slice_str(SHAPES[i].path), rest))
			continue;
		if (rest->len == 0)
			return &SHAPES[i];
		if (rc_slice_starts(*rest, RC_SLICE_LIT("/"), rest))
			return &SHAPES[i];
	}
	return NULL;
}

bool
rc_sandbox_shape_is_whole(
    const struct rc_sandbox_shape *shape, const struct rc_json_value *root)
{
	size_t n = sizeof(shape->needs) / sizeof(shape->needs[0]);

	for (size_t i = 0; i < n && shape->needs[i] != NULL; i++)
		if (rc_json_type(rc_json_pointer(root, shape->needs[i])) !=
		    RC_JSON_STRING)
			return false;
	return true;
}

bool
rc_sandbox_shape_takes(const struct rc_sandbox_shape *shape, struct rc_slice to)
{
	bool plus = to.len > 0 && to.p[0] == '+';

	if (to.len == 0)
		return shape->needs[0] == NULL;
	if (shape->plus == RC_SANDBOX_ADDRESS)
		return memchr(to.p, '@', to.len) != NULL;
	if (plus ? shape->plus == RC_SANDBOX_NO_PLUS
		 : shape->plus == RC_SANDBOX_PLUS)
		return false;
	return !rc_slice_is(to, REFUSED_NUMBER) &&
	       !rc_slice_is(to, "+" REFUSED_NUMBER);
}

void
rc_sandbox_shape_fill(
    struct rc_buf *out, const char *shape, const char *code, const char *text)
{
	rc_buf_reset(out);
	for (; *shape != '\0'; shape++) {
		if (*shape == '%')
			rc_buf_adds(out, text);
		else if (*shape == '#')
			rc_buf_adds(out, code);
		else
			rc_buf_addc(out, *shape);
	}
}
