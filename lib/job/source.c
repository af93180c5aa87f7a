#include "job/source_priv.h"

#include "base/clock.h"
#include "text/url.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WHERE_MAX 8192 /* bytes of a path or an address */

void *
rc_source_new(const struct rc_source_kind *kind, size_t size, const char *name)
{
	struct rc_source *s = calloc(1, size);

	if (s == NULL)
		return NULL;
	s->kind = kind;
	s->fd = -1;
	s->time_ms = rc_clock_now_ms();
	s->name = strdup(name);
	if (s->name == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
rc_source_made(struct rc_source *s, uint64_t time_ms)
{
	if (time_ms < s->time_ms)
		s->time_ms = time_ms;
}

static enum rc_err
refuse_address(const char *where, struct rc_error *e)
{
	struct rc_buf shown;
	enum rc_err err = rc_source_shown(where, &shown, e);

	if (err == RC_OK)
		err = rc_err_set(e, RC_EUSAGE,
		    "'%s' cannot be read: of addresses, only those with "
		    "http://, https:// and s3:// can",
		    rc_buf_str(&shown));
	rc_buf_free(&shown);
	return err;
}

static enum rc_err
open_kind(struct rc_source **out, const struct rc_source_config *config,
    struct rc_error *e)
{
	const char *where = config->where;
	struct stat st;

	if (strcmp(where, "-") == 0)
		return rc_source_file_open(out, where, "stdin", e);
	if (rc_url_scheme_len(rc_slice_str(where)) > 0)
		return rc_source_http_open(out, config, e);
	if (strncmp(where, "s3://", 5) == 0)
		return rc_source_s3_open(out, config, e);
	if (strstr(where, "://") != NULL)
		return refuse_address(where, e);
	if (stat(where, &st) == 0 && S_ISDIR(st.st_mode))
		return rc_source_drop_open(out, config, e);
	return rc_source_file_open(out, where, where, e);
}

enum rc_err
rc_source_open(struct rc_source **out, const struct rc_source_config *config,
    struct rc_error *e)
{
	enum rc_err err;

	*out = NULL;
	err = open_kind(out, config, e);
	if (err == RC_OK) {
		rc_source_made_in_folder(*out);
	} else {
		rc_source_close(*out);
		*out = NULL;
	}
	return err;
}

/*
 * Bytes of an address in which user and password may stand.  They end with the
 * host, unless what looks like its port is the password up to a slash.
 */
static size_t
authority_len(const char *rest)
{
	size_t host = strcspn(rest, "/?#");
	const char *colon = memrchr(rest, ':', host);

	if (colon == NULL || *rest == '[' || memchr(rest, '@', host) != NULL ||
	    colon + 1 + strspn(colon + 1, "0123456789") == rest + host)
		return host;
	return strlen(rest);
}

enum rc_err
rc_source_shown(const char *where, struct rc_buf *shown, struct rc_error *e)
{
	const char *colon = strstr(where, "://");
	const char *rest = colon == NULL ? where : colon + 3;
	size_t scheme = (size_t)(rest - where);
	const char *at =
	    colon == NULL ? NULL : memrchr(rest, '@', authority_len(rest));
	bool has_query = colon != NULL && strncmp(where, "s3://", scheme) != 0;

	*shown = RC_BUF_INIT(WHERE_MAX);
	rc_buf_add(shown, where, scheme);
	if (at != NULL)
		rest = at + 1;
	rc_buf_add(shown, rest, has_query ? strcspn(rest, "?#") : strlen(rest));
	return rc_buf_check(shown, "where the list lies", e);
}

void
rc_source_close(struct rc_source *s)
{
	if (s == NULL)
		return;
	s->kind->close(s);
	free(s->name);
	free(s->feed);
	free(s->folder);
	free(s);
}

const char *
rc_source_name(const struct rc_source *s)
{
	return s->name;
}

const char *
rc_source_folder(const struct rc_source *s)
{
	return s->folder;
}

const char *
rc_source_feed(const struct rc_source *s)
{
	return s->feed;
}

uint64_t
rc_source_time_ms(const struct rc_source *s)
{
	return s->time_ms;
}

uint64_t
rc_source_size(const struct rc_source *s)
{
	return s->size;
}

int
rc_source_fd(const struct rc_source *s)
{
	return s->fd;
}

enum rc_err
rc_source_read(
    struct rc_source *s, char *at, size_t room, size_t *n, struct rc_error *e)
{
	return s->kind->read(s, at, room, n, e);
}

enum rc_err
rc_source_finish(struct rc_source *s, struct rc_error *e)
{
	return s->kind->finish == NULL ? RC_OK : s->kind->finish(s, e);
}
