#include "sys/hasher.h"

#include "sys/thread.h"

#include <stdlib.h>

#define WORTH_IT 16384 /* bytes; hashing fewer is quicker than handing over */

struct rc_hasher {
	struct rc_hash *sha;
	pthread_t thread;
	bool started;
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* any of the following */
	struct rc_slice piece;
	bool busy; /* the piece is not hashed yet */
	bool over;
};

static void *
run(void *arg)
{
	struct rc_hasher *h = arg;

	pthread_mutex_lock(&h->mutex);
	while (h->busy || !h->over) {
		if (!h->busy) {
			pthread_cond_wait(&h->changed, &h->mutex);
			continue;
		}
		pthread_mutex_unlock(&h->mutex);
		rc_hash_add(h->sha, h->piece);
		pthread_mutex_lock(&h->mutex);
		h->busy = false;
		pthread_cond_signal(&h->changed);
	}
	pthread_mutex_unlock(&h->mutex);
	return NULL;
}

enum rc_err
rc_hasher_open(struct rc_hasher **out, struct rc_error *e)
{
	struct rc_hasher *h = calloc(1, sizeof(*h));
	enum rc_err err;

	*out = NULL;
	if (h == NULL)
		return rc_err_nomem(e);
	err = rc_hash_open(&h->sha, RC_HASH_SHA256, e);
	if (err != RC_OK) {
		free(h);
		return err;
	}
	pthread_mutex_init(&h->mutex, NULL);
	pthread_cond_init(&h->changed, NULL);
	*out = h;
	return RC_OK;
}

static bool
start(struct rc_hasher *h)
{
	if (!h->started)
		h->started = rc_thread_start(&h->thread, run, h);
	return h->started;
}

static void
wait_idle(struct rc_hasher *h)
{
	pthread_mutex_lock(&h->mutex);
	while (h->busy)
		pthread_cond_wait(&h->changed, &h->mutex);
}

void
rc_hasher_add(struct rc_hasher *h, struct rc_slice piece)
{
	wait_idle(h);
	if (piece.len < WORTH_IT || !start(h)) {
		rc_hash_add(h->sha, piece);
	} else {
		h->piece = piece;
		h->busy = true;
		pthread_cond_signal(&h->changed);
	}
	pthread_mutex_unlock(&h->mutex);
}

void
rc_hasher_finish(struct rc_hasher *h, unsigned char out[RC_SHA256_LEN])
{
	wait_idle(h);
	pthread_mutex_unlock(&h->mutex);
	rc_hash_finish(h->sha, out);
}

void
rc_hasher_close(struct rc_hasher *h)
{
	if (h == NULL)
		return;
	wait_idle(h);
	h->over = true;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->mutex);
	if (h->started)
		pthread_join(h->thread, NULL);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->mutex);
	rc_hash_close(h->sha);
	free(h);
}
