#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void
rc_err_defuse(char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		/* U+0080 to U+009F in UTF-8: some terminals obey them too. */
		if (c == 0xc2 && (unsigned char)s[1] >= 0x80 &&
		    (unsigned char)s[1] < 0xa0)
			s[1] = *s = '?';
		else if (c < 0x20 || c == 0x7f)
			*s = '?';
	}
}

enum rc_err
rc_err_set(struct rc_error *e, enum rc_err code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	rc_err_defuse(e->msg);
	return e->code = code;
}

enum rc_err
rc_err_errno(struct rc_error *e, enum rc_err code, const char *fmt, ...)
{
	const char *why = strerror(errno);
	bool starved = errno == ENOMEM;
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", why);
	rc_err_defuse(e->msg);
	return e->code = starved ? RC_EAGAIN : code;
}

enum rc_err
rc_err_prefix(struct rc_error *e, const char *fmt, ...)
{
	char old[RC_ERROR_MAX];
	size_t len;
	va_list ap;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", old);
	rc_err_defuse(e->msg);
	return e->code;
}
