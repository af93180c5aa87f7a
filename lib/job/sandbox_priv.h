/*
 * The parts of the sandbox, private to it.
 *
 * sandbox.c loops, routes and answers; sandbox_twilio.c, sandbox_json.c and
 * sandbox_oauth.c are the endpoints; sandbox_shape.c has what JSON providers
 * ask for and answer; sandbox_log.c writes records and keeps messages;
 * sandbox_callback.c posts status callbacks.  An endpoint fills an
 * answer, which leaves when its time has come and the records are flushed.
 */
#ifndef RC_JOB_SANDBOX_PRIV_H
#define RC_JOB_SANDBOX_PRIV_H

#include "job/sandbox.h"
#include "job/sandbox_fault.h"
#include "sys/httpd.h"

#define RC_SANDBOX_ID_LEN 34	 /* "SM" and 32 hex digits */
#define RC_SANDBOX_CALLBACKS 64	 /* under way at once */
#define RC_SANDBOX_BUCKETS 65536 /* of kept messages */
#define RC_SANDBOX_API "/2010-04-01/Accounts/"

struct rc_sandbox_answer {
	struct rc_sandbox_answer *next;
	struct rc_httpd_request *request;
	uint64_t due_us;
	bool drop; /* close instead */
	struct rc_httpd_reply reply;
	struct rc_buf body;
	char extra_value[64];
};

/* Faults that struck one request; NULL: did not. */
struct rc_sandbox_luck {
	const struct rc_sandbox_fault *status, *garbage, *close_after;
};

/* A message that was taken; one allocation, strings behind it. */
struct rc_sandbox_message {
	uint64_t created_ms;
	uint64_t before; /* number of the one before in its bucket; 0: none */
	unsigned error;	 /* 0, or why it will not be delivered */
	char id[RC_SANDBOX_ID_LEN + 1];
	const char *to; /* of a JSON endpoint: its ref */
	const char *from, *body;
	char text[];
};

/* Of Twilio's form; the others are ignored. */
enum rc_sandbox_field {
	RC_FIELD_TO,
	RC_FIELD_FROM,
	RC_FIELD_SERVICE,
	RC_FIELD_BODY,
	RC_FIELD_CALLBACK,
	RC_FIELDS
};

/* What a JSON provider asks for, and what it answers. */
enum rc_sandbox_auth {
	RC_SANDBOX_OPEN,
	RC_SANDBOX_BASIC,
	RC_SANDBOX_BEARER, /* an access token */
	RC_SANDBOX_KEY	   /* scheme and password, or an access token */
};

enum rc_sandbox_writing { /* of recipients */
	RC_SANDBOX_ANY,
	RC_SANDBOX_PLUS,
	RC_SANDBOX_NO_PLUS,
	RC_SANDBOX_ADDRESS
};

enum rc_sandbox_refusal {
	RC_REFUSE_CREDENTIALS,
	RC_REFUSE_DOCUMENT,
	RC_REFUSE_RECIPIENT,
	RC_REFUSALS
};

struct rc_sandbox_shape {
	const char *name, *path; /* a path's '*' is one segment */
	enum rc_sandbox_auth auth;
	const char *scheme;   /* of RC_SANDBOX_KEY */
	const char *header;   /* must be there, or NULL */
	const char *to;	      /* pointers into the document; */
	const char *from;     /* NULL: none */
	const char *needs[4]; /* strings that must be there */
	enum rc_sandbox_writing plus;
	int status;
	const char *answer, *error; /* see rc_sandbox_shape_fill */
	const char *rejected;	    /* of a recipient, instead; or NULL */
	struct {
		int status;
		const char *code, *message; /* NULL: no body */
	} refusal[RC_REFUSALS];
};

struct rc_sandbox_callbacks;

struct rc_sandbox {
	struct rc_sandbox_config cfg;
	struct rc_httpd *httpd;
	struct rc_http *http;
	struct rc_sandbox_callbacks *callbacks;
	struct rc_sandbox_fault fault[RC_SANDBOX_FAULTS];
	size_t nfaults;
	struct rc_buf account_auth, key_auth, json_auth; /* "Basic ..." */
	unsigned char secret[16];			 /* signs tokens */
	unsigned char run[8];				 /* begins ids */
	uint64_t nids;

	struct rc_sandbox_answer *first, *last; /* by due_us */
	struct rc_sandbox_answer *spare;
	struct rc_buf record, name, value;
	struct rc_buf field[RC_FIELDS];
	bool unflushed;
	struct rc_error error; /* of record or flush; code RC_OK: none */

	struct rc_sandbox_message **kept; /* ring of RC_SANDBOX_KEPT */
	uint64_t nkept;
	uint64_t bucket[RC_SANDBOX_BUCKETS]; /* number of the newest, from 1 */
};

/* --- sandbox.c ------------------------------------------------------------ */

/* Asks every fault of a place but close-before; latency goes into answer. */
struct rc_sandbox_luck rc_sandbox_try(
    struct rc_sandbox *, enum rc_sandbox_place, struct rc_sandbox_answer *);
/* True when one of the faults of that kind strikes. */
bool rc_sandbox_strikes(
    struct rc_sandbox *, enum rc_sandbox_fault_kind, enum rc_sandbox_place);
/* Garbage and close-after, on an answer that is otherwise complete. */
void rc_sandbox_spoil(
    const struct rc_sandbox_luck *, struct rc_sandbox_answer *);
/* Adds the header, if the fault says one. */
void rc_sandbox_retry_after(
    struct rc_sandbox_answer *, const struct rc_sandbox_fault *);
/* Whether the request has that Authorization header. */
bool rc_sandbox_authorized(
    const struct rc_httpd_request *, const struct rc_buf *basic);

/* --- sandbox_log.c -------------------------------------------------------- */

struct rc_sandbox_event {
	const char *event, *channel; /* NULL channel: none */
	struct rc_slice to, from, body, id, callback;
	unsigned code;	   /* 0: none */
	const char *fault; /* or NULL */
	const char *style; /* of a token request; NULL: none */
	/* Its further parameters: name, NUL, value, NUL. */
	struct rc_slice params;
};
/* Each writes one NDJSON record; a failure stays in s->error. */
void rc_sandbox_record(struct rc_sandbox *, const struct rc_sandbox_event *);
void rc_sandbox_record_listening(struct rc_sandbox *);
void rc_sandbox_record_callback(struct rc_sandbox *, const char *id,
    const char *status, const struct rc_http_response *);
/* Hands a written record over; RC_EIO and the like stay in s->error. */
void rc_sandbox_flush(struct rc_sandbox *);
/* prefix (two letters) and 32 hex digits, different each time. */
void rc_sandbox_new_id(
    struct rc_sandbox *, const char *prefix, char id[RC_SANDBOX_ID_LEN + 1]);
/* Keeps a message for the list; the newest RC_SANDBOX_KEPT stay. */
const struct rc_sandbox_message *rc_sandbox_keep(struct rc_sandbox *,
    const char *id, struct rc_slice to, struct rc_slice from,
    struct rc_slice body);
/* For the record; NULL when none struck. */
const char *rc_sandbox_fault_name(const struct rc_sandbox_luck *);

/* --- sandbox_lookup.c ----------------------------------------------------- */

/* Notes the newest kept message by its recipient. */
void rc_sandbox_index(struct rc_sandbox *, struct rc_sandbox_message *);
/* Messages that may be to somebody, newest first; NULL: no more. */
const struct rc_sandbox_message *rc_sandbox_newest(
    const struct rc_sandbox *, struct rc_slice to);
const struct rc_sandbox_message *rc_sandbox_before(
    const struct rc_sandbox *, const struct rc_sandbox_message *);
/*
 * Whether a JSON endpoint has the message of a reference: the last part of the
 * path, or empty: ?ref=.
 */
void rc_sandbox_lookup(struct rc_sandbox *, struct rc_httpd_request *,
    const struct rc_sandbox_shape *, struct rc_slice ref,
    struct rc_sandbox_answer *);
/* Kept ones of JSON endpoints are not in Twilio's list. */
static inline bool
rc_sandbox_is_twilio(const struct rc_sandbox_message *m)
{
	return m->id[0] == 'S';
}

/* --- sandbox_shape.c ------------------------------------------------------ */

/* The one a path belongs to; NULL. */
const struct rc_sandbox_shape *rc_sandbox_shape_of(struct rc_slice path);
/* A JSON endpoint of nobody's in particular: by its path, or one part more. */
const struct rc_sandbox_shape *rc_sandbox_shape_plain(
    struct rc_slice path, struct rc_slice *rest);
/* Whether a document has what the provider needs beside the recipient. */
bool rc_sandbox_shape_is_whole(
    const struct rc_sandbox_shape *, const struct rc_json_value *root);
/* Whether a recipient is written as the provider wants it, and not refused. */
bool rc_sandbox_shape_takes(
    const struct rc_sandbox_shape *, struct rc_slice to);
/* Replaces what out holds by a shape with code and text put in. */
void rc_sandbox_shape_fill(
    struct rc_buf *out, const char *shape, const char *code, const char *text);

/* --- endpoints ------------------------------------------------------------ */

/* path is what follows RC_SANDBOX_API. */
void rc_sandbox_twilio(struct rc_sandbox *, struct rc_httpd_request *,
    struct rc_slice path, struct rc_sandbox_answer *);
/* GET of messages, newest first. */
void rc_sandbox_list(
    struct rc_sandbox *, struct rc_httpd_request *, struct rc_sandbox_answer *);
/* An error as Twilio writes it. */
void rc_sandbox_twilio_error(
    struct rc_sandbox_answer *, int status, unsigned code, const char *message);
/* One message as Twilio shows it. */
void rc_sandbox_twilio_message(struct rc_sandbox *,
    const struct rc_sandbox_message *, const char *status,
    struct rc_json_writer *);

/* Answers a request to an endpoint of that shape: a POST is a message. */
void rc_sandbox_json(struct rc_sandbox *, struct rc_httpd_request *,
    const struct rc_sandbox_shape *, struct rc_sandbox_answer *);
/* Whether the request has the credentials that the shape asks for. */
bool rc_sandbox_json_authorized(const struct rc_sandbox *,
    const struct rc_sandbox_shape *, const struct rc_httpd_request *);
/* The token endpoints: client credentials alone. */
bool rc_sandbox_is_token_path(struct rc_slice path);
/* Answers a request to one: a token, or why there is none. */
void rc_sandbox_token(
    struct rc_sandbox *, struct rc_httpd_request *, struct rc_sandbox_answer *);
/* Whether the request bears a token that was issued and has not expired. */
bool rc_sandbox_token_valid(
    const struct rc_sandbox *, const struct rc_httpd_request *);

/* --- sandbox_callback.c --------------------------------------------------- */

/* Before any endpoint is asked. */
enum rc_err rc_sandbox_callbacks_open(
    struct rc_sandbox *, struct rc_error *) RC_MUST_USE;
/* Before s->http is closed. */
void rc_sandbox_callbacks_close(struct rc_sandbox *);
/* Queues sent, then delivered or undelivered, to url. */
void rc_sandbox_call_back(struct rc_sandbox *,
    const struct rc_sandbox_message *, struct rc_slice url);
/* Starts what can be started. */
void rc_sandbox_callbacks_run(struct rc_sandbox *);
/* Whether none is queued or under way. */
bool rc_sandbox_callbacks_idle(const struct rc_sandbox *);

#endif
