#include "face/options.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 27
#define HELP_WIDTH 80

static const struct {
	unsigned need; /* enum rc_cli_common; 0: every tool */
	struct rc_option option;
} COMMON[] = {
    {RC_CLI_STATE, {'s', "state", "FILE", "the state file"}},
    {RC_CLI_CHANNEL, {'c', "channel", "NAME", "the channel"}},
    {RC_CLI_JSON, {'j', "json", NULL, "print NDJSON instead of TSV"}},
    {RC_CLI_DRY_RUN,
	{'n', "dry-run", NULL, "show what would change, change nothing"}},
    {0, {'q', "quiet", NULL, "no warnings, no progress"}},
    {0, {'v', "verbose", NULL, "say more; twice: everything"}},
    {0, {'h', "help", NULL, "print this help"}},
    {0, {'V', "version", NULL, "print the version"}},
};
#define NCOMMON (sizeof(COMMON) / sizeof(COMMON[0]))

const struct rc_option *
rc_options_at(const struct rc_tool *tool, size_t i)
{
	size_t own = 0;

	while (tool->options != NULL && tool->options[own].name != NULL)
		own++;
	if (i < own)
		return &tool->options[i];
	i -= own;
	for (size_t k = 0; k < NCOMMON; k++)
		if ((COMMON[k].need & ~tool->common) == 0 && i-- == 0)
			return &COMMON[k].option;
	return NULL;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

static bool
is_verb(const struct rc_tool *tool, const char *text, size_t len)
{
	const char *const *verbs = tool->verbs;

	for (; *verbs != NULL; verbs++)
		if (is_word(text, len, *verbs))
			return true;
	return false;
}

bool
rc_options_go_with(
    const struct rc_tool *tool, const struct rc_option *o, const char *verb)
{
	const char *word = o->help, *colon = strchr(o->help, ':');
	bool named = false;
	size_t len;

	if (colon == NULL || tool->verbs == NULL)
		return true;
	for (; word < colon; word += len + strspn(word + len, ", ")) {
		len = strcspn(word, ",:");
		if (!is_verb(tool, word, len))
			return true;
		named = named || is_word(word, len, verb);
	}
	return named;
}

/* A help text from HELP_COLUMN on, folded between words. */
static void
print_folded(const char *text)
{
	size_t column = HELP_COLUMN, len;

	while (*text != '\0') {
		len = strcspn(text, " ");
		if (column + 1 + len > HELP_WIDTH) {
			printf("\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		if (column > HELP_COLUMN)
			column += (size_t)printf(" ");
		column += (size_t)printf("%.*s", (int)len, text);
		text += len + strspn(text + len, " ");
	}
	printf("\n");
}

static void
print_option(const struct rc_option *o)
{
	char left[HELP_WIDTH];
	int n;

	n = snprintf(
	    left, sizeof(left), o->id < 256 ? "  -%c, " : "      ", o->id);
	n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s", o->name,
	    o->value == NULL ? "" : " ", o->value == NULL ? "" : o->value);
	if (n > HELP_COLUMN - 2)
		printf("%s\n%*s", left, HELP_COLUMN, "");
	else
		printf("%-*s", HELP_COLUMN, left);
	print_folded(o->help);
}

void
rc_options_print(const struct rc_tool *tool)
{
	const struct rc_option *o;

	printf("%s: %s\n\n", tool->name, tool->summary);
	for (size_t i = 0; tool->usage[i] != NULL; i++)
		printf("%s %s %s\n", i == 0 ? "usage:" : "      ", tool->name,
		    tool->usage[i]);
	printf("\n");
	for (size_t i = 0; (o = rc_options_at(tool, i)) != NULL; i++)
		print_option(o);
	printf("\nSee %s(1).\n", tool->name);
}
