/*
 * What sealing and the key file share: the key.
 */
#ifndef RC_SYS_SEAL_PRIV_H
#define RC_SYS_SEAL_PRIV_H

#include "sys/seal.h"

struct cipher; /* OpenSSL's, set up at first use */

struct rc_seal {
	unsigned char key[RC_SEAL_KEY_LEN];
	struct cipher *cipher;
};

/* A seal whose key is zeros, to be filled in. */
enum rc_err rc_seal_new(struct rc_seal **, struct rc_error *) RC_MUST_USE;

#endif
