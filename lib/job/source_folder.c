#include "job/source_priv.h"

#include "base/clock.h"
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDERS_MAX 1000000
#define WARNED_MAX 5 /* wrong names that are named */
#define SHOWN_MAX 100
#define AHEAD_MAX_MS 86400000ULL /* a name in local time is not wrong */

typedef char folder_name[RC_FOLDER_LEN + 1];

/* upload_2026-03-01_04-30 to its time, taken as UTC; false for others. */
static bool
folder_time(struct rc_slice name, uint64_t *ms)
{
	struct rc_error ignored;
	char time[32];
	const char *p;

	if (name.len != RC_FOLDER_LEN ||
	    !rc_slice_starts(name, RC_SLICE_LIT("upload_"), NULL))
		return false;
	p = name.p + strlen("upload_");
	if (p[10] != '_' || p[13] != '-')
		return false;
	snprintf(time, sizeof(time), "%.10sT%.2s:%.2s:00Z", p, p + 11, p + 14);
	return rc_time_parse(rc_slice_str(time), ms, &ignored) == RC_OK;
}

static enum rc_err
get_done(struct rc_txn *txn, void *arg, struct rc_error *e)
{
	struct rc_folders *f = arg;

	return rc_feed_get(txn, f->config->channel, f->feed, &f->done, e);
}

enum rc_err
rc_folders_open(struct rc_folders *f, const struct rc_source_config *config,
    const char *feed, struct rc_error *e)
{
	enum rc_err err = RC_OK;

	*f = (struct rc_folders){.config = config,
	    .feed = feed,
	    .done = RC_BUF_INIT(RC_FEED_FOLDER_MAX),
	    .newer = RC_BUF_INIT(FOLDERS_MAX * sizeof(folder_name))};
	if (config->state != NULL)
		err = rc_store_read(config->state->store, get_done, f, e);
	return err == RC_NOTFOUND ? RC_OK : err;
}

void
rc_folders_close(struct rc_folders *f)
{
	rc_buf_free(&f->done);
	rc_buf_free(&f->newer);
}

static void
skip(const struct rc_folders *f, struct rc_slice name, const char *why)
{
	rc_log(f->config->log, RC_LOG_WARN,
	    "'%s': folder '%.*s' is skipped: %s", f->config->where,
	    (int)(name.len > SHOWN_MAX ? SHOWN_MAX : name.len), name.p, why);
}

enum rc_err
rc_folders_add(struct rc_folders *f, struct rc_slice name, struct rc_error *e)
{
	uint64_t ms;

	if (!folder_time(name, &ms)) {
		if (f->wrong++ < WARNED_MAX)
			skip(f, name,
			    "its name is not upload_yyyy-MM-dd_HH-mm with a "
			    "date that exists");
		return RC_OK;
	}
	/* Once taken, nothing would be newer until that day. */
	if (ms > rc_clock_now_ms() + AHEAD_MAX_MS) {
		skip(f, name, "its date lies ahead");
		return RC_OK;
	}
	if (rc_slice_cmp(name, rc_buf_slice(&f->done)) <= 0)
		return RC_OK;
	rc_buf_addv(&f->newer, name);
	rc_buf_addc(&f->newer, '\0');
	return rc_buf_check(&f->newer, "the list of upload folders", e);
}

static int
newest_first(const void *a, const void *b)
{
	return strcmp(b, a);
}

void
rc_source_made_in_folder(struct rc_source *s)
{
	const char *end = strrchr(s->name, '/'), *at = end;
	uint64_t ms;

	if (end == NULL)
		return;
	while (at > s->name && at[-1] != '/')
		at--;
	if (folder_time(rc_slice_of(at, (size_t)(end - at)), &ms))
		rc_source_made(s, ms);
}

static enum rc_err
mark(const struct rc_folders *f, struct rc_source *s, const char *folder,
    struct rc_error *e)
{
	s->feed = strdup(f->feed);
	s->folder = strdup(folder);
	return s->feed == NULL || s->folder == NULL ? rc_err_nomem(e) : RC_OK;
}

static enum rc_err
find_none(const struct rc_folders *f, struct rc_error *e)
{
	if (f->done.len > 0)
		return RC_END;
	return rc_err_set(e, RC_ENOINPUT,
	    "'%s' has no folder upload_yyyy-MM-dd_HH-mm with a %s in it",
	    f->config->where, RC_FOLDER_FILE);
}

enum rc_err
rc_folders_pick(struct rc_folders *f, struct rc_source **out,
    enum rc_err (*open)(
	void *arg, const char *folder, struct rc_source **, struct rc_error *),
    void *arg, struct rc_error *e)
{
	size_t n = f->newer.len / sizeof(folder_name);
	const folder_name *names = (const folder_name *)f->newer.data;
	enum rc_err err = RC_NOTFOUND;

	if (f->wrong > WARNED_MAX)
		rc_log(f->config->log, RC_LOG_WARN,
		    "'%s': %" PRIu64 " more %s skipped for %s",
		    f->config->where, f->wrong - WARNED_MAX,
		    rc_plural(
			f->wrong - WARNED_MAX, "folder is", "folders are"),
		    rc_plural(
			f->wrong - WARNED_MAX, "its name", "their names"));
	if (n > 0)
		qsort(f->newer.data, n, sizeof(folder_name), newest_first);
	for (size_t i = 0; err == RC_NOTFOUND && i < n; i++) {
		err = open(arg, names[i], out, e);
		if (err == RC_NOTFOUND)
			skip(f, rc_slice_str(names[i]),
			    "there is no " RC_FOLDER_FILE " in it");
		if (err == RC_OK)
			err = mark(f, *out, names[i], e);
	}
	return err == RC_NOTFOUND ? find_none(f, e) : err;
}
