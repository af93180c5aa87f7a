#include "sys/httpd_priv.h"

#include "base/clock.h"

#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define CONNECTIONS 1024
#define OTHER_FILES 64 /* descriptors that connections leave to the process */
#define PATIENCE_US 2000000 /* with a slow client while others wait */

/*
 * Asks for as many descriptors as it takes, and goes without connections rather
 * than without files: whoever opens many could keep keys and clicks from us.
 */
static unsigned
connections_possible(unsigned wanted)
{
	rlim_t needed = (rlim_t)wanted + OTHER_FILES;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= needed)
		return wanted;
	files.rlim_cur = files.rlim_max < needed ? files.rlim_max : needed;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= needed)
		return wanted;
	if (files.rlim_cur >= 2 * OTHER_FILES)
		return (unsigned)files.rlim_cur - OTHER_FILES;
	return files.rlim_cur < 2 ? 1 : (unsigned)files.rlim_cur / 2;
}

static enum rc_err
open_daemon(
    struct rc_httpd *h, const struct rc_httpd_config *cfg, struct rc_error *e)
{
	unsigned possible = connections_possible(
	    cfg->connections == 0 ? CONNECTIONS : cfg->connections);
	const union MHD_DaemonInfo *info;

	h->crowded = possible - possible / 8;
	h->daemon = rc_httpd_daemon(h, possible, cfg->per_address);
	if (h->daemon == NULL)
		return rc_err_set(e, RC_EINTERNAL,
		    "libmicrohttpd %s does not start", MHD_get_version());
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		return rc_err_set(e, RC_EINTERNAL,
		    "libmicrohttpd %s is built without epoll",
		    MHD_get_version());
	h->epoll_fd = info->epoll_fd;
	return RC_OK;
}

enum rc_err
rc_httpd_open(struct rc_httpd **out, const struct rc_httpd_config *cfg,
    struct rc_error *e)
{
	unsigned deadline_ms =
	    cfg->deadline_ms == 0 ? RC_HTTPD_DEADLINE_MS : cfg->deadline_ms;
	struct rc_httpd *h = calloc(1, sizeof(*h));
	enum rc_err err;

	*out = NULL;
	if (h == NULL)
		return rc_err_nomem(e);
	h->moving.length_us = deadline_ms * 1000ull;
	h->idle.length_us = h->moving.length_us * RC_HTTPD_IDLE_FACTOR;
	h->handler = cfg->handler;
	h->refuse = cfg->refuse;
	h->arg = cfg->arg;
	err = rc_listener_open(&h->listener, cfg->listen, e);
	if (err == RC_OK)
		err = open_daemon(h, cfg, e);
	if (err != RC_OK) {
		rc_httpd_close(h);
		return err;
	}
	*out = h;
	return RC_OK;
}

void
rc_httpd_close(struct rc_httpd *h)
{
	if (h == NULL)
		return;
	h->closing = true;
	while (h->kept.first != NULL)
		rc_httpd_drop(h->kept.first->owner);
	if (h->daemon != NULL) {
		MHD_run(h->daemon); /* suspended ones must be resumed first */
		MHD_stop_daemon(h->daemon);
	}
	if (h->listener.path[0] != '\0')
		unlink(h->listener.path);
	free(h);
}

uint16_t
rc_httpd_port(const struct rc_httpd *h)
{
	return h->listener.port;
}

int
rc_httpd_fd(const struct rc_httpd *h)
{
	return h->epoll_fd;
}

int
rc_httpd_timeout_ms(const struct rc_httpd *h)
{
	uint64_t now_us = rc_clock_mono_us();
	unsigned long long wanted;
	int timeout_ms = -1;

	/* libmicrohttpd does not count a resumed connection as work. */
	if (h->resumed)
		return 0;
	if (MHD_get_timeout(h->daemon, &wanted) == MHD_YES)
		timeout_ms = wanted > INT_MAX ? INT_MAX : (int)wanted;
	timeout_ms = rc_httpd_line_sooner(&h->moving, timeout_ms, now_us);
	return rc_httpd_line_sooner(&h->idle, timeout_ms, now_us);
}

/* Browsers keep connections that they never use again. */
static void
make_room(struct rc_httpd *h, uint64_t now_us)
{
	size_t open = h->moving.n + h->idle.n + h->kept.n;

	if (open > h->crowded)
		open -=
		    rc_httpd_line_trim(&h->idle, open - h->crowded, 0, now_us);
	if (open > h->crowded)
		rc_httpd_line_trim(
		    &h->moving, open - h->crowded, PATIENCE_US, now_us);
}

void
rc_httpd_run(struct rc_httpd *h)
{
	uint64_t now_us = rc_clock_mono_us();

	rc_httpd_line_cut(&h->moving, now_us);
	rc_httpd_line_cut(&h->idle, now_us);
	make_room(h, now_us);
	h->resumed = false;
	MHD_run(h->daemon);
}
