/*
 * Questions to whoever sits at a terminal: prompts on stderr, answers from
 * stdin, secrets without echo.
 */
#ifndef RC_FACE_TERMINAL_H
#define RC_FACE_TERMINAL_H

#include "base/buf.h"

#define RC_ANSWER_MAX 4096 /* bytes; a terminal's lines are no longer */

/* Whether there is somebody to ask. */
bool rc_terminal_there(void);
/* Says something on a line of its own; control characters become '?'. */
void rc_terminal_say(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
/*
 * Asks, and replaces what answer holds by the line, without blanks around it;
 * the caller wipes it.  RC_END: the terminal was closed, or Ctrl-D.  RC_EIO;
 * RC_EDATA: longer than RC_ANSWER_MAX.  A signal that ends the tool does so
 * once the terminal is as it was before.
 */
enum rc_err rc_terminal_ask(const char *prompt, bool secret,
    struct rc_buf *answer, struct rc_error *) RC_MUST_USE;

#endif
