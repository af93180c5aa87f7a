#include "text/json.h"

#include "text/json_check.h"

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

struct rc_json {
	cJSON *root;
};

static const cJSON *
item_of(const struct rc_json_value *v)
{
	return (const cJSON *)v;
}

static const struct rc_json_value *
value_of(const cJSON *item)
{
	return (const struct rc_json_value *)item;
}

/*
 * cJSON keeps a number as a double alone, which rounds 9007199254740993 and
 * forgets that 1.10 had a zero.  Its text goes where a string would have its
 * bytes; cJSON frees that with the item, whatever the type.
 */
static enum rc_err
keep_number(cJSON *item, struct rc_slice *rest, struct rc_error *e)
{
	struct rc_slice number = rc_json_next_number(rest);

	item->valuestring = cJSON_malloc(number.len + 1);
	if (item->valuestring == NULL)
		return rc_err_nomem(e);
	memcpy(item->valuestring, number.p, number.len);
	item->valuestring[number.len] = '\0';
	return RC_OK;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By sorting: a document of 16 MB can hold a million keys. */
static enum rc_err
refuse_duplicate_keys(const cJSON *object, struct rc_error *e)
{
	size_t n = rc_json_count(value_of(object)), i = 0;
	const cJSON *item;
	const char **keys;
	enum rc_err r = RC_OK;

	if (n < 2)
		return RC_OK;
	keys = calloc(n, sizeof(*keys));
	if (keys == NULL)
		return rc_err_nomem(e);
	for (item = object->child; item != NULL; item = item->next)
		keys[i++] = item->string;
	qsort(keys, n, sizeof(*keys), by_text);
	for (i = 1; i < n && r == RC_OK; i++)
		if (strcmp(keys[i - 1], keys[i]) == 0)
			r = rc_err_set(e, RC_EDATA,
			    "broken JSON: the key '%.60s' is twice in one "
			    "object",
			    keys[i]);
	free(keys);
	return r;
}

/* In the order of the text; as deep as the check of the text allowed. */
static enum rc_err
complete(cJSON *item, struct rc_slice *rest, struct rc_error *e)
{
	enum rc_err r = RC_OK;

	if (cJSON_IsNumber(item))
		return keep_number(item, rest, e);
	if (cJSON_IsObject(item))
		r = refuse_duplicate_keys(item, e);
	if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
		return RC_OK;
	for (item = item->child; item != NULL && r == RC_OK; item = item->next)
		r = complete(item, rest, e);
	return r;
}

static struct rc_slice
without_byte_order_mark(struct rc_slice s)
{
	if (s.len >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0) {
		s.p += 3;
		s.len -= 3;
	}
	return s;
}

enum rc_err
rc_json_parse(struct rc_json **out, struct rc_slice text, struct rc_error *e)
{
	struct rc_json *doc = NULL;
	enum rc_err r;

	*out = NULL;
	if (text.len > RC_JSON_MAX)
		return rc_err_set(e, RC_EDATA,
		    "JSON of %zu bytes is larger than %u bytes", text.len,
		    RC_JSON_MAX);
	text = without_byte_order_mark(text);
	if ((r = rc_json_check(text, e)) != RC_OK)
		return r;
	doc = calloc(1, sizeof(*doc));
	if (doc == NULL)
		return rc_err_nomem(e);
	doc->root = cJSON_ParseWithLengthOpts(text.p, text.len, NULL, 0);
	/* The text is sound, so cJSON can only have run out of memory. */
	r = doc->root == NULL ? rc_err_nomem(e) : complete(doc->root, &text, e);
	if (r != RC_OK) {
		rc_json_free(doc);
		return r;
	}
	*out = doc;
	return RC_OK;
}

void
rc_json_free(struct rc_json *doc)
{
	if (doc == NULL)
		return;
	cJSON_Delete(doc->root);
	free(doc);
}

const struct rc_json_value *
rc_json_root(const struct rc_json *doc)
{
	return value_of(doc->root);
}

enum rc_json_type
rc_json_type(const struct rc_json_value *v)
{
	switch (v == NULL ? cJSON_Invalid : item_of(v)->type & 0xff) {
	case cJSON_NULL:
		return RC_JSON_NULL;
	case cJSON_True:
	case cJSON_False:
		return RC_JSON_BOOL;
	case cJSON_Number:
		return RC_JSON_NUMBER;
	case cJSON_String:
		return RC_JSON_STRING;
	case cJSON_Array:
		return RC_JSON_ARRAY;
	case cJSON_Object:
		return RC_JSON_OBJECT;
	default:
		return RC_JSON_ABSENT;
	}
}

const struct rc_json_value *
rc_json_get(const struct rc_json_value *v, const char *key)
{
	if (rc_json_type(v) != RC_JSON_OBJECT)
		return NULL;
	return value_of(cJSON_GetObjectItemCaseSensitive(item_of(v), key));
}

const struct rc_json_value *
rc_json_first(const struct rc_json_value *v)
{
	enum rc_json_type type = rc_json_type(v);

	if (type != RC_JSON_OBJECT && type != RC_JSON_ARRAY)
		return NULL;
	return value_of(item_of(v)->child);
}

const struct rc_json_value *
rc_json_next(const struct rc_json_value *v)
{
	return v == NULL ? NULL : value_of(item_of(v)->next);
}

size_t
rc_json_count(const struct rc_json_value *v)
{
	size_t n = 0;

	for (v = rc_json_first(v); v != NULL; v = rc_json_next(v))
		n++;
	return n;
}

const struct rc_json_value *
rc_json_at(const struct rc_json_value *v, size_t i)
{
	for (v = rc_json_first(v); v != NULL && i > 0; i--)
		v = rc_json_next(v);
	return v;
}

struct rc_slice
rc_json_key(const struct rc_json_value *v)
{
	if (v == NULL || item_of(v)->string == NULL)
		return RC_SLICE_LIT("");
	return rc_slice_str(item_of(v)->string);
}

struct rc_slice
rc_json_str(const struct rc_json_value *v)
{
	if (rc_json_type(v) != RC_JSON_STRING)
		return RC_SLICE_LIT("");
	return rc_slice_str(item_of(v)->valuestring);
}

bool
rc_json_bool(const struct rc_json_value *v)
{
	return v != NULL && cJSON_IsTrue(item_of(v));
}

void
rc_json_to_text(const struct rc_json_value *v, struct rc_buf *out)
{
	switch (rc_json_type(v)) {
	case RC_JSON_STRING:
	case RC_JSON_NUMBER:
		rc_buf_adds(out, item_of(v)->valuestring);
		break;
	case RC_JSON_BOOL:
		rc_buf_adds(out, rc_json_bool(v) ? "true" : "false");
		break;
	default:
		break;
	}
}
