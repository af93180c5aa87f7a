#include "face/send.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

/*
 * The weight at the end of TEMPLATE:WEIGHT, cut off; 1 when there is none: a
 * path may have colons of its own, so only digits behind the last one are a
 * weight.
 */
static uint32_t
take_weight(struct rc_send_tool *t, const char *value, char *path)
{
	char *colon = strrchr(path, ':');
	uint64_t weight;

	if (colon == NULL || colon[1] == '\0' ||
	    colon[1 + strspn(colon + 1, "0123456789")] != '\0')
		return 1;
	if (!rc_num_u64(
		rc_slice_str(colon + 1), RC_VARIANT_WEIGHT_MAX, &weight) ||
	    weight == 0)
		rc_cli_usage(&t->cli,
		    "variant '%s': a weight is a whole number from 1 to %d",
		    value, RC_VARIANT_WEIGHT_MAX);
	*colon = '\0';
	return (uint32_t)weight;
}

static struct rc_slice
take_name(struct rc_send_tool *t, const char *value, const char *equals)
{
	struct rc_slice name = {value, (size_t)(equals - value)};

	if (!rc_variant_name_ok(name))
		rc_cli_usage(&t->cli,
		    "'%.*s' is no name of a variant: 1 to %d letters, digits, "
		    "'.', '_' and '-'",
		    (int)name.len, name.p, RC_VARIANT_NAME_MAX);
	for (size_t i = 0; i < t->config.nvariants; i++)
		if (rc_slice_eq(t->variant[i].name, name))
			rc_cli_usage(&t->cli, "variant '%.*s' is given twice",
			    (int)name.len, name.p);
	return name;
}

void
rc_send_take_variant(struct rc_send_tool *t, const char *value)
{
	const char *equals = strchr(value, '=');
	size_t n = t->config.nvariants;
	char *path;

	if (equals == NULL || equals == value || equals[1] == '\0')
		rc_cli_usage(&t->cli,
		    "'%s' is no variant: NAME=FILE or NAME=FILE:WEIGHT", value);
	if (n == RC_VARIANTS_MAX)
		rc_cli_usage(&t->cli, "more than %d variants", RC_VARIANTS_MAX);
	path = strdup(equals + 1);
	if (path == NULL) {
		rc_cli_check(&t->cli, rc_err_nomem(&t->cli.error));
		return;
	}
	t->variant[n].name = take_name(t, value, equals);
	t->variant[n].weight = take_weight(t, value, path);
	rc_send_read_template(t, path, &t->variant_text[n]);
	free(path);
	t->variant[n].text = rc_buf_slice(&t->variant_text[n]);
	t->config.variants = t->variant;
	t->config.nvariants = n + 1;
}

void
rc_send_free_variants(struct rc_send_tool *t)
{
	for (size_t i = 0; i < t->config.nvariants; i++)
		rc_buf_free(&t->variant_text[i]);
}

void
rc_send_take_holdout(struct rc_send_tool *t, const char *value)
{
	double percent, hundredths = 0;

	if (rc_num_double(rc_slice_str(value), &percent) && percent > 0 &&
	    percent < 100)
		hundredths = percent * RC_HOLDOUT_ALL / 100;
	t->config.holdout = (unsigned)(hundredths + 0.5);
	hundredths -= t->config.holdout;
	if (t->config.holdout == 0 || hundredths < -1e-6 || hundredths > 1e-6)
		rc_cli_usage(&t->cli,
		    "'%s' is no holdout: a percentage above 0 and below 100, "
		    "with at most two decimals",
		    value);
}
