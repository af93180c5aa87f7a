/*
 * Sandbox: a provider on loopback that texts nobody and misbehaves on demand
 * (rc-sandbox(1)): Twilio's message API with signed status callbacks, JSON
 * endpoints without auth, with Basic and with Bearer, and an OAuth2 token
 * endpoint.
 *
 * One thread.  No answer leaves before the records of what it answers have
 * been handed over and flushed, so that a log is complete whenever a client
 * has its answer.
 */
#ifndef RC_JOB_SANDBOX_H
#define RC_JOB_SANDBOX_H

#include "base/log.h"
#include "core/provider.h"

#include <stdatomic.h>

#define RC_SANDBOX_FAULTS 32
#define RC_SANDBOX_KEPT 100000 /* newest messages that can be listed */

/* Credentials when none are given; they open nothing but a sandbox. */
#define RC_SANDBOX_ACCOUNT_SID "AC00000000000000000000000000000000"
#define RC_SANDBOX_AUTH_TOKEN "sandbox-auth-token"
#define RC_SANDBOX_API_KEY_SID "SK00000000000000000000000000000000"
#define RC_SANDBOX_API_KEY_SECRET "sandbox-api-key-secret"
#define RC_SANDBOX_USERNAME "sandbox"
#define RC_SANDBOX_PASSWORD "sandbox-password"
#define RC_SANDBOX_CLIENT_ID "sandbox-client"
#define RC_SANDBOX_CLIENT_SECRET "sandbox-client-secret"
#define RC_SANDBOX_TOKEN_TTL_S 3600

struct rc_sandbox;

/* Strings are borrowed until rc_sandbox_close; NULL ones get defaults. */
struct rc_sandbox_config {
	const char *listen;
	const char *const *faults; /* specs, NULL-terminated; or NULL */
	const char *callback; /* of messages that name none; or NULL: none */
	const char *account_sid, *auth_token;	  /* Twilio's */
	const char *api_key_sid, *api_key_secret; /* its alternative */
	const char *username, *password;       /* Basic of the JSON endpoint */
	const char *client_id, *client_secret; /* OAuth2 */
	uint64_t token_ttl_s;		       /* 0: RC_SANDBOX_TOKEN_TTL_S */
	/* One NDJSON record, without line feed. */
	enum rc_err (*record)(void *arg, struct rc_slice, struct rc_error *);
	/* The records so far are to be seen; once for many of them. */
	enum rc_err (*flush)(void *arg, struct rc_error *);
	void *arg;
	const struct rc_log *log;
};

/*
 * Listens, and records that.  RC_EUSAGE: a fault, a URL or an address that is
 * none; RC_EUNAVAIL: the address is taken; what record and flush return.
 */
enum rc_err rc_sandbox_open(struct rc_sandbox **,
    const struct rc_sandbox_config *, struct rc_error *) RC_MUST_USE;
/* As bound; unix: 0. */
uint16_t rc_sandbox_port(const struct rc_sandbox *);
/*
 * Serves until *stop is not 0 (a signal interrupts the wait), then for at most
 * two seconds more, until answers and callbacks under way are out.  What record
 * and flush return ends it at once.
 */
enum rc_err rc_sandbox_run(
    struct rc_sandbox *, const atomic_int *stop, struct rc_error *) RC_MUST_USE;
void rc_sandbox_close(struct rc_sandbox *); /* NULL is fine */

#endif
