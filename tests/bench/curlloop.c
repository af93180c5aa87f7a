/*
 * The peer of rc-send: a bare loop on libcurl's multi interface that posts one
 * body again and again and keeps nothing.
 *
 *	curlloop URL MESSAGES CONCURRENCY BODY CONTENT-TYPE
 *
 * Prints seconds and messages a second, parted by a tab.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t
drop(char *data, size_t size, size_t n, void *arg)
{
	(void)data, (void)arg;
	return size * n;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static CURL *
open_one(const char *url, const char *body, struct curl_slist *headers)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		return NULL;
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(
	    easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	return easy;
}

/* Counts what is done and puts each handle back while messages are left. */
static long
reap(CURLM *multi, long *to_start, long *failed)
{
	struct CURLMsg *msg;
	long done = 0, status;
	int left;

	while ((msg = curl_multi_info_read(multi, &left)) != NULL) {
		CURL *easy = msg->easy_handle;

		status = 0;
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		*failed += msg->data.result != CURLE_OK || status / 100 != 2;
		done++;
		curl_multi_remove_handle(multi, easy);
		if (*to_start > 0 && (*to_start)-- > 0)
			curl_multi_add_handle(multi, easy);
	}
	return done;
}

int
main(int argc, char **argv)
{
	long messages, to_start, done = 0, failed = 0;
	struct curl_slist *headers = NULL;
	int concurrency, running;
	char type[200];
	double began;
	CURLM *multi;

	if (argc != 6) {
		fprintf(stderr, "usage: curlloop URL MESSAGES CONCURRENCY "
				"BODY CONTENT-TYPE\n");
		return 64;
	}
	to_start = messages = strtol(argv[2], NULL, 10);
	concurrency = (int)strtol(argv[3], NULL, 10);
	snprintf(type, sizeof(type), "Content-Type: %s", argv[5]);
	headers = curl_slist_append(headers, type);
	headers = curl_slist_append(headers, "Expect:");
	multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)concurrency);
	began = now();
	for (int i = 0; i < concurrency && to_start > 0; i++, to_start--) {
		CURL *easy = open_one(argv[1], argv[4], headers);

		if (easy == NULL || curl_multi_add_handle(multi, easy) != 0)
			return 75;
	}
	while (done < messages) {
		curl_multi_perform(multi, &running);
		done += reap(multi, &to_start, &failed);
		if (done < messages)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	printf("%.3f\t%.0f\n", now() - began, (double)done / (now() - began));
	if (failed > 0)
		fprintf(stderr, "curlloop: %ld failed\n", failed);
	return failed > 0;
}
