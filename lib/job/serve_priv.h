/*
 * What the parts of serve share: serve.c runs the loop, serve_route.c reads
 * requests, serve_webhook.c Twilio's, serve_commit.c commits what they ask for,
 * serve_reply.c writes answers.
 */
#ifndef RC_JOB_SERVE_PRIV_H
#define RC_JOB_SERVE_PRIV_H

#include "core/person.h"
#include "core/provider.h"
#include "core/review.h"
#include "job/serve.h"
#include "sys/httpd.h"
#include "text/url.h"

#include <pthread.h>

#define RC_SERVE_BATCH 1000 /* jobs a transaction at most */
#define RC_SERVE_FOLD_MS 500
#define RC_TRACE_LEN 32

enum rc_job_kind {
	RC_JOB_CONSENT,
	RC_JOB_EVENTS,
	RC_JOB_RECEIPT,
	RC_JOB_REVIEW,
	RC_JOB_SYNC
};

/* How an answer looks: each family of requests has its own forms. */
enum rc_serve_family {
	RC_FAMILY_USERDATA,
	RC_FAMILY_COLLECT,
	RC_FAMILY_TWILIO
};

/*
 * Something a request waits for: committed in one transaction with others, then
 * answered.  Owned by the queue, by the committer, and at last by the loop.
 */
struct rc_job {
	struct rc_job *next;
	enum rc_job_kind kind;
	enum rc_serve_family family;
	struct rc_httpd_request *request;
	enum rc_err result;
	struct rc_error error;
	/* consent */
	struct rc_consent_change change;
	struct rc_ident ident;
	char source[64];
	struct rc_buf evidence; /* at most RC_JOURNAL_EVIDENCE_MAX */
	/* events */
	struct rc_json *body;
	uint64_t now_ms;
	/* receipt */
	uint32_t campaign, ordinal, error_code;
	uint32_t now_ordinal; /* once committed: another if sent again */
	enum rc_message_state state;
	char provider_id[RC_REVIEW_ID_MAX]; /* of a reply, too */
	/* reply that may be a revocation, by ident */
	uint32_t channel;
	struct rc_buf text;
	/* redirect whose click must reach the disk */
	char *location;
};

/* The thread that writes, and the two queues between it and the loop. */
struct rc_committer {
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct rc_job *todo, **todo_end; /* under lock */
	struct rc_job *done, **done_end; /* under lock */
	bool quit;			 /* under lock */
	uint64_t clicks;		 /* under lock: since the last fold */
	uint64_t lost; /* under lock: not counted in the state yet */
	bool told;     /* the thread's: folding fails, and that is logged */
	int done_fd;   /* readable when done has something */
	struct rc_state *state;
	struct rc_click_file *clicks_file;
	const struct rc_log *log;
};

/* All is borrowed until rc_committer_free. */
enum rc_err rc_committer_start(struct rc_committer *, struct rc_state *,
    struct rc_click_file *, const struct rc_log *,
    struct rc_error *) RC_MUST_USE;
/* Commits what is queued, folds the clicks, ends the thread. */
void rc_committer_stop(struct rc_committer *);
/* Frees jobs that came too late, once stopped. */
void rc_committer_free(struct rc_committer *);
/* Takes the job; it comes back by rc_committer_take. */
void rc_committer_put(struct rc_committer *, struct rc_job *);
/* All that is done, as a list; NULL when nothing is. */
struct rc_job *rc_committer_take(struct rc_committer *);
/* A click was appended, or lost. */
void rc_committer_clicked(struct rc_committer *, bool lost);

struct rc_serve {
	struct rc_state *state;
	struct rc_httpd *httpd;
	struct rc_click_file *clicks;
	struct rc_committer committer;
	char *address;	  /* that is listened on, as a URL */
	char *public_url; /* without a slash at the end */
	bool click_sync;
	const struct rc_log *log;
	/* The channel whose webhook came last, with its secrets. */
	struct rc_channel *channel;
	uint64_t channel_read_ms;
};

/* rc_httpd_fn; arg is the rc_serve. */
void rc_serve_route(void *arg, struct rc_httpd_request *);
/* Twilio's webhooks for the channel of that name, each signed by it. */
void rc_serve_status(
    struct rc_serve *, struct rc_httpd_request *, struct rc_slice name);
void rc_serve_inbound(
    struct rc_serve *, struct rc_httpd_request *, struct rc_slice name);

/* Each answers the request: it is not to be used after.  type NULL: none. */
void rc_serve_reply(struct rc_httpd_request *, int status, const char *type,
    struct rc_slice body);
void rc_serve_redirect(struct rc_httpd_request *, const char *location);
/* A refusal in the form of its family. */
void rc_serve_refuse(struct rc_httpd_request *, enum rc_serve_family,
    int status, const char *message);
/* 400 and the error for wrong data; for anything else 503, to be sent again. */
void rc_serve_refuse_for(
    struct rc_httpd_request *, enum rc_serve_family, const struct rc_error *);
/* 401: the key, if there was one, is nobody's. */
void rc_serve_refuse_key(struct rc_httpd_request *, enum rc_serve_family);
/* Answers a job that is done, and frees it. */
void rc_serve_answer(struct rc_job *);

/* A job for a request, received now; NULL when it was refused: no memory. */
struct rc_job *rc_serve_job(
    struct rc_httpd_request *, enum rc_job_kind, enum rc_serve_family);
/* Fills the change from the job's ident, source and evidence, which is whole.
 */
enum rc_err rc_serve_set_change(struct rc_job *, enum rc_journal_kind,
    uint32_t channel, struct rc_error *) RC_MUST_USE;
/* Does not answer its request.  NULL is fine. */
void rc_job_free(struct rc_job *);

#endif
