/*
 * What S3 answers: pages of listings and errors, in XML, read with expat;
 * private to s3.  A document that declares a type, and with it entities, is
 * refused, and so are deep nesting and long texts: the server is not trusted.
 */
#ifndef RC_SYS_S3_XML_H
#define RC_SYS_S3_XML_H

#include "sys/s3.h"

#define RC_S3_TEXT_MAX 16384 /* bytes of an element's text */

struct rc_s3_page {
	bool truncated;	     /* there is one more */
	bool end_told;	     /* whether there is one more is told at all */
	bool url_encoded;    /* names are escaped as in a URL */
	struct rc_buf token; /* for the next page; the caller frees it */
};

/*
 * Reads a page of ListObjectsV2 and checks all of it.  RC_EPROTO: it is none;
 * one that is truncated has a token.
 */
enum rc_err rc_s3_page_scan(
    struct rc_slice xml, struct rc_s3_page *, struct rc_error *) RC_MUST_USE;
/*
 * Calls a function with everything that a scanned page lists, until it
 * returns something else than RC_OK, which is returned.  Keys with a NUL byte
 * are left out: they cannot be asked for.
 */
enum rc_err rc_s3_page_each(struct rc_slice xml, const struct rc_s3_page *,
    rc_s3_fn *, void *arg, struct rc_error *) RC_MUST_USE;

struct rc_s3_fault { /* each "" when not told; what is longer is cut */
	char code[64], message[256], region[64], endpoint[128];
};

/* Whatever can be read of S3's error document; nothing if it is none. */
void rc_s3_fault_read(struct rc_slice xml, struct rc_s3_fault *);

#endif
