/*
 * rc-channel add on a terminal: Configure, Authenticate, Test, Save.
 */
#ifndef RC_FACE_CHANNEL_WIZARD_H
#define RC_FACE_CHANNEL_WIZARD_H

#include "face/cli.h"

/*
 * Asks for a channel, tries its credentials and, if wanted, a message, and
 * saves it at the end; until then nothing is.  What fails is told, and may be
 * answered anew.  RC_ECREATE: the name is taken; RC_EUSAGE: it was left
 * without saving.  A dry run saves nothing.
 */
enum rc_err rc_channel_wizard(
    struct rc_cli *, const char *name, struct rc_error *) RC_MUST_USE;

#endif
