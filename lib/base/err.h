/*
 * Errors: what went wrong, in one line that can be shown as it is.
 *
 * Every function that can fail returns enum rc_err and takes a struct rc_error
 * last.  The deepest function writes the message, one caller may put context
 * before it.  Messages: lower case, no full stop, the subject in single quotes,
 * what to do at the end; never a secret.  Nothing here prints or exits.
 */
#ifndef RC_BASE_ERR_H
#define RC_BASE_ERR_H

#include <stddef.h>

#define RC_ERROR_MAX 512
#define RC_MUST_USE __attribute__((warn_unused_result))

/*
 * The first three are answers and write no message.  The others are kinds of
 * failure, one an exit code of sysexits.h (reconnect-output(5)).
 */
enum rc_err {
	RC_OK = 0,
	RC_END,	      /* no more of it */
	RC_NOTFOUND,  /* it is not there */
	RC_EUSAGE,    /* 64: wrong command line */
	RC_EDATA,     /* 65: wrong input data */
	RC_ENOINPUT,  /* 66: the input does not exist or is not readable */
	RC_EUNAVAIL,  /* 69: provider or server cannot be reached */
	RC_EINTERNAL, /* 70: our bug */
	RC_ECREATE,   /* 73: a file cannot be created */
	RC_EIO,	      /* 74: reading or writing failed, disk full */
	RC_EAGAIN,    /* 75: locked, or memory is short: try again */
	RC_EPROTO,    /* 76: the remote spoke nonsense */
	RC_EPERM,     /* 77: permission or credentials */
	RC_ECONFIG    /* 78: configuration or state does not fit */
};

struct rc_error {
	enum rc_err code;
	char msg[RC_ERROR_MAX]; /* always terminated */
};

/*
 * Writes the message and returns code.  A message that does not fit is cut.
 * Control characters in it become '?', so that it can go to a terminal.
 */
enum rc_err rc_err_set(struct rc_error *, enum rc_err code, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * As rc_err_set, followed by ": " and strerror(errno).  When that is ENOMEM the
 * code is RC_EAGAIN: it is not the file's fault.
 */
enum rc_err rc_err_errno(struct rc_error *, enum rc_err code, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* Puts context and ": " before the message; returns the code it holds. */
enum rc_err rc_err_prefix(struct rc_error *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Control characters, those of U+0080 to U+009F too, become '?', in place; for
 * text that is not ours.
 */
void rc_err_defuse(char *);

/* "out of memory".  In sight, so that analyzers know it is never RC_OK. */
static inline enum rc_err
rc_err_nomem(struct rc_error *e)
{
	rc_err_set(e, RC_EAGAIN, "out of memory");
	return RC_EAGAIN;
}

#endif
