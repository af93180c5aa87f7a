/*
 * Log: one line at a time to whoever runs the library.
 *
 * The library never prints; a tool gives it a sink.  Control characters in a
 * line are replaced before the sink sees it.  Secrets never reach a log.
 */
#ifndef RC_BASE_LOG_H
#define RC_BASE_LOG_H

enum rc_log_level {
	RC_LOG_WARN,
	RC_LOG_INFO,
	RC_LOG_DEBUG
};

struct rc_log {
	void (*sink)(void *arg, enum rc_log_level, const char *line);
	void *arg;
	enum rc_log_level level; /* more detailed lines are dropped */
};

/* A NULL log, or one without a sink, drops the line.  Cut at 1,023 bytes. */
void rc_log(const struct rc_log *, enum rc_log_level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
