/*
 * LD_PRELOAD: libcurl speaks HTTP/2 where the server does, many streams a
 * connection, although it was told not to.  So a test can see what the guard
 * of lib/sys/http.c is worth there.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>

/* They are macros as well, which look at their argument's type. */
#undef curl_easy_setopt
#undef curl_multi_setopt

/* Long, pointer or curl_off_t: each is one word here. */
CURLcode
curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	static CURLcode (*next)(CURL *, CURLoption, ...);
	va_list ap;
	void *value;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "curl_easy_setopt");
	va_start(ap, option);
	value = va_arg(ap, void *);
	va_end(ap);
	if (option == CURLOPT_HTTP_VERSION)
		return next(easy, option, (long)CURL_HTTP_VERSION_2TLS);
	return next(easy, option, value);
}

CURLMcode
curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
	static CURLMcode (*next)(CURLM *, CURLMoption, ...);
	va_list ap;
	void *value;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "curl_multi_setopt");
	va_start(ap, option);
	value = va_arg(ap, void *);
	va_end(ap);
	if (option == CURLMOPT_PIPELINING)
		return next(multi, option, (long)CURLPIPE_MULTIPLEX);
	return next(multi, option, value);
}
