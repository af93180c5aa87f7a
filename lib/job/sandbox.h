/*
 * Sandbox: a provider on loopback that misbehaves on demand (rc-sandbox(1)).
 */
#ifndef RC_JOB_SANDBOX_H
#define RC_JOB_SANDBOX_H

#include "base/log.h"
#include "core/provider.h"

struct rc_sandbox;
struct rc_sandbox_config {
	const char *listen;
	const char *const *faults; /* specs, NULL-terminated */
	const char *callback; /* status callbacks for all messages; or NULL */
	const char *account_sid, *auth_token;  /* Twilio's; defaults exist */
	const char *username, *password;       /* Basic of the JSON endpoint */
	const char *client_id, *client_secret; /* OAuth2 */
	uint64_t token_ttl_s;		       /* default 3600 */
	/* One NDJSON record, without line feed. */
	enum rc_err (*record)(void *arg, struct rc_slice, struct rc_error *);
	void *arg;
	const struct rc_log *log;
};
enum rc_err rc_sandbox_open(struct rc_sandbox **,
    const struct rc_sandbox_config *, struct rc_error *) RC_MUST_USE;
uint16_t rc_sandbox_port(const struct rc_sandbox *);
enum rc_err rc_sandbox_run(struct rc_sandbox *, const volatile int *stop,
    struct rc_error *) RC_MUST_USE;
void rc_sandbox_close(struct rc_sandbox *);

#endif
