/*
 * GetObject of s3d, with all that may be wrong with a body on its way.
 */
#ifndef S3D_OBJECT_H
#define S3D_OBJECT_H

#include "s3d_list.h"

#include <poll.h>
#include <sys/stat.h>

#define BLOCK 65536
#define LOOK_MS 10 /* between two looks for a pause's file */

struct object {
	char path[PATH_ROOM], etag[64];
	int fd;
	struct stat st;
};

static void
add_digest(struct rc_buf *headers, const struct object *o, const char *kind)
{
	bool md5 = strcmp(kind, "md5") == 0, repr = strcmp(kind, "repr") == 0;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char block[BLOCK], digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	ssize_t n;

	EVP_DigestInit_ex(c, md5 ? EVP_md5() : EVP_sha256(), NULL);
	while ((n = read(o->fd, block, sizeof(block))) > 0)
		EVP_DigestUpdate(c, block, (size_t)n);
	EVP_DigestFinal_ex(c, digest, &len);
	EVP_MD_CTX_free(c);
	lseek(o->fd, 0, SEEK_SET);
	digest[0] ^= fault("digest") != NULL;
	rc_buf_adds(headers, md5    ? "Content-MD5: "
			     : repr ? "Repr-Digest: sha-256=:"
			     : strcmp(kind, "aws") == 0
				 ? "x-amz-checksum-sha256: "
				 : "Digest: sha-256=");
	rc_base64(headers, rc_slice_of(digest, len));
	rc_buf_adds(headers, repr ? ":\r\n" : "\r\n");
}

static void
send_object_head(struct request *r, const struct object *o)
{
	struct rc_buf b = RC_BUF_INIT(REQUEST_MAX);
	long long size = (long long)o->st.st_size;
	const char *encoding = fault("encoding");
	char when[64];
	struct tm tm;

	gmtime_r(&o->st.st_mtime, &tm);
	strftime(when, sizeof(when), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	size += fault("longer") != NULL ? 10 : 0;
	size -= fault("shorter") != NULL ? 10 : 0;
	rc_buf_addf(&b, "Content-Type: text/csv\r\nETag: %s\r\n", o->etag);
	if (fault("old") == NULL)
		rc_buf_addf(&b, "Last-Modified: %s\r\n", when);
	if (fault("chunked") != NULL)
		rc_buf_adds(&b, "Transfer-Encoding: chunked\r\n");
	else if (fault("no-length") != NULL)
		rc_buf_adds(&b, "Connection: close\r\n");
	else
		rc_buf_addf(&b, "Content-Length: %lld\r\n", size);
	if (fault("identity") != NULL)
		rc_buf_adds(&b, "Transfer-Encoding: identity\r\n");
	if (encoding != NULL)
		rc_buf_addf(&b, "Content-Encoding: %s\r\n", encoding);
	if (opt.digest != NULL)
		add_digest(&b, o, opt.digest);
	send_head(r, "200 OK", rc_buf_str(&b));
	rc_buf_free(&b);
}

/* From where the file was read to, at most n bytes. */
static void
send_part(struct request *r, struct object *o, off_t n)
{
	bool chunked = fault("chunked") != NULL;
	char block[BLOCK], line[32];
	ssize_t got;

	while (n > 0 && !r->close) {
		got = read(o->fd, block, n < BLOCK ? (size_t)n : BLOCK);
		if (got <= 0)
			return;
		n -= got;
		snprintf(line, sizeof(line), "%zx\r\n", (size_t)got);
		if (chunked)
			r->close |= !write_all(r->fd, line, strlen(line));
		r->close |= !write_all(r->fd, block, (size_t)got);
		if (chunked)
			r->close |= !write_all(r->fd, "\r\n", 2);
	}
}

static void
wait_for_file(const char *path)
{
	while (access(path, F_OK) != 0)
		poll(NULL, 0, LOOK_MS);
}

static void
wait_for_client(int fd)
{
	char c;

	while (recv(fd, &c, 1, 0) > 0)
		;
}

static void
reset(int fd)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

/* Where the fault strikes; a body without one is sent whole. */
static void
send_broken_body(struct request *r, struct object *o)
{
	static const char *const name[] = {"cut", "reset", "stall"};
	const char *bytes = NULL;

	for (size_t i = 0; i < 3 && bytes == NULL; i++)
		bytes = fault(name[i]);
	send_part(r, o,
	    *bytes == '\0' ? o->st.st_size / 2 : strtoll(bytes, NULL, 10));
	if (fault("stall") != NULL)
		wait_for_client(r->fd);
	if (fault("reset") != NULL)
		reset(r->fd);
	r->close = true;
}

static void
send_body(struct request *r, struct object *o)
{
	const char *pause = fault("pause");

	if (fault("cut") || fault("reset") || fault("stall")) {
		send_broken_body(r, o);
		return;
	}
	if (pause != NULL) {
		send_part(r, o, o->st.st_size / 2);
		wait_for_file(pause);
	}
	send_part(r, o, o->st.st_size);
	if (fault("chunked") != NULL)
		write_all(r->fd, "0\r\n\r\n", 5);
	r->close |= fault("longer") || fault("shorter") || fault("no-length") ||
		    fault("identity") != NULL;
}

static bool
matches(const struct request *r, const struct object *o)
{
	char wanted[256];

	header(r, "If-Match", wanted, sizeof(wanted));
	return wanted[0] == '\0' || fault("deaf") != NULL ||
	       strcmp(wanted, o->etag) == 0 || strcmp(wanted, "*") == 0;
}

static inline void
get_object(struct request *r)
{
	struct object o = {.fd = -1};
	const char *key = rc_buf_str(&r->key);
	size_t n = strlen(key);

	snprintf(o.path, sizeof(o.path), "%s/%s/%s", opt.dir,
	    rc_buf_str(&r->bucket), key);
	if (n == r->key.len && strstr(key, "..") == NULL &&
	    fault("gone") == NULL)
		o.fd = open(o.path, O_RDONLY | O_CLOEXEC);
	if (o.fd < 0 || fstat(o.fd, &o.st) != 0 ||
	    S_ISDIR(o.st.st_mode) != (key[n - 1] == '/')) {
		send_error(r, "404 Not Found", "NoSuchKey",
		    "The specified key does not exist.", "", "");
	} else {
		if (S_ISDIR(o.st.st_mode))
			o.st.st_size = 0;
		etag_of(o.path, false, o.etag);
		if (!matches(r, &o)) {
			send_error(r, "412 Precondition Failed",
			    "PreconditionFailed",
			    "At least one of the pre-conditions you specified "
			    "did not hold",
			    "<Condition>If-Match</Condition>", "");
		} else {
			send_object_head(r, &o);
			send_body(r, &o);
		}
	}
	if (o.fd >= 0)
		close(o.fd);
}

#endif
