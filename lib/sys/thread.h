/*
 * A thread that helps another one along.  Signals are for the thread that knows
 * what they mean: this one gets none.
 */
#ifndef RC_SYS_THREAD_H
#define RC_SYS_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* False when there is none to be had: the caller does the work itself. */
bool rc_thread_start(pthread_t *, void *(*run)(void *), void *arg);

#endif
