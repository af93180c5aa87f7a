#include "base/log.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

void
rc_log(const struct rc_log *log, enum rc_log_level level, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (log == NULL || log->sink == NULL || level > log->level)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	rc_err_defuse(line);
	log->sink(log->arg, level, line);
}
