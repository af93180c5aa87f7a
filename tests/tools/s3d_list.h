/*
 * ListObjectsV2 of s3d: a folder's files, sorted by their bytes, in pages.
 */
#ifndef S3D_LIST_H
#define S3D_LIST_H

#include "s3d_http.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <time.h>

struct keys {
	char **key;
	size_t n, room;
};

struct listing {
	struct rc_buf prefix, delimiter, after;
	bool v2, url;
	unsigned max_keys, count;
	bool truncated;
	struct rc_buf contents, prefixes, last;
};

/* MD5 of a file in hex; "" when it cannot be read. */
static void
md5_of(const char *path, char hex[33])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char block[65536], digest[EVP_MAX_MD_SIZE];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	hex[0] = '\0';
	EVP_DigestInit_ex(c, EVP_md5(), NULL);
	while (fd >= 0 && (n = read(fd, block, sizeof(block))) > 0)
		EVP_DigestUpdate(c, block, (size_t)n);
	EVP_DigestFinal_ex(c, digest, NULL);
	EVP_MD_CTX_free(c);
	if (fd < 0)
		return;
	close(fd);
	rc_hex(digest, 16, hex);
}

/* As listed and as given by GetObject, unless a fault makes them differ. */
static void
etag_of(const char *path, bool listed, char out[64])
{
	char hex[33];

	md5_of(path, hex);
	if (fault("etag") != NULL || (listed && fault("changed") != NULL))
		hex[0] = hex[0] == '0' ? '1' : '0';
	snprintf(
	    out, 64, "\"%s%s\"", hex, fault("multipart") != NULL ? "-2" : "");
}

static void
add_key(struct keys *k, const char *key)
{
	if (k->n == k->room) {
		k->room = k->room * 2 + 64;
		k->key = realloc(k->key, k->room * sizeof(*k->key));
	}
	k->key[k->n++] = strdup(key);
}

static void
walk(struct keys *k, const char *top, const char *below)
{
	char path[PATH_ROOM], key[4096];
	struct dirent *entry;
	struct stat st;
	DIR *d;
	unsigned seen = 0;

	snprintf(path, sizeof(path), "%s/%s", top, below);
	d = opendir(path);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		seen++;
		snprintf(key, sizeof(key), "%s%s", below, entry->d_name);
		snprintf(path, sizeof(path), "%s/%s", top, key);
		if (stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			snprintf(
			    key, sizeof(key), "%s%s/", below, entry->d_name);
			walk(k, top, key);
		} else {
			add_key(k, key);
		}
	}
	if (d != NULL)
		closedir(d);
	if (seen == 0 && below[0] != '\0')
		add_key(k, below);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As Amazon: a space is '+', a slash stays. */
static void
add_encoded(struct rc_buf *b, bool url, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (url && c == ' ')
			rc_buf_addc(b, '+');
		else if (url && c != '/')
			rc_url_escape(b, rc_slice_of(&c, 1));
		else if (c == '&')
			rc_buf_adds(b, "&amp;");
		else if (c == '<')
			rc_buf_adds(b, "&lt;");
		else
			rc_buf_addc(b, c);
	}
}

static void
add_object(struct listing *l, const char *top, const char *key)
{
	char path[PATH_ROOM], etag[64], when[64] = "";
	struct stat st;
	struct tm tm;

	snprintf(path, sizeof(path), "%s/%s", top, key);
	if (stat(path, &st) != 0)
		return;
	etag_of(path, true, etag);
	gmtime_r(&st.st_mtime, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
	rc_buf_adds(&l->contents, "<Contents><Key>");
	add_encoded(&l->contents, l->url, key, strlen(key));
	rc_buf_addf(&l->contents,
	    "</Key><LastModified>%s</LastModified><ETag>%s</ETag>"
	    "<Size>%lld</Size><StorageClass>STANDARD</StorageClass>"
	    "</Contents>",
	    when, etag, S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size);
}

static void
add_prefix(struct listing *l, struct rc_slice entry)
{
	rc_buf_adds(&l->prefixes, "<CommonPrefixes><Prefix>");
	add_encoded(&l->prefixes, l->url, entry.p, entry.len);
	rc_buf_adds(&l->prefixes, "</Prefix></CommonPrefixes>");
}

/* False: the page is full. */
static bool
list_key(struct listing *l, const char *top, const char *key)
{
	struct rc_slice entry = rc_slice_str(key), rest;
	const char *at = NULL;

	if (!rc_slice_starts(entry, rc_buf_slice(&l->prefix), &rest))
		return true;
	if (l->delimiter.len > 0)
		at = strstr(rest.p, rc_buf_str(&l->delimiter));
	if (at != NULL)
		entry.len = (size_t)(at - key) + l->delimiter.len;
	if (rc_slice_eq(entry, rc_buf_slice(&l->last)) ||
	    (l->after.len > 0 &&
		rc_slice_cmp(entry, rc_buf_slice(&l->after)) <= 0))
		return true;
	if (l->count == l->max_keys) {
		l->truncated = true;
		return false;
	}
	l->count++;
	rc_buf_reset(&l->last);
	rc_buf_addv(&l->last, entry);
	if (at != NULL)
		add_prefix(l, entry);
	else
		add_object(l, top, key);
	return true;
}

static void
list_all(struct listing *l, const char *top)
{
	struct keys k = {0};

	walk(&k, top, "");
	qsort(k.key, k.n, sizeof(*k.key), compare_keys);
	for (size_t i = 0; i < k.n && list_key(l, top, k.key[i]); i++)
		;
	for (size_t i = 0; i < k.n; i++)
		free(k.key[i]);
	free(k.key);
}

/* A page of one key that does not exist, and always one more. */
static void
list_without_end(struct listing *l)
{
	unsigned long n = strtoul(rc_buf_str(&l->after), NULL, 10) + 1;

	rc_buf_addf(&l->contents,
	    "<Contents><Key>k%08lu</Key><LastModified>2026-03-01T12:00:00.000Z"
	    "</LastModified><ETag>\"0\"</ETag><Size>1</Size></Contents>",
	    n);
	rc_buf_reset(&l->last);
	rc_buf_addf(&l->last, "%lu", fault("same-token") ? 1 : n);
	l->count = 1;
	l->truncated = true;
}

/* The token has '+', '/' and '=' in it, which must be escaped. */
static void
take_parameter(struct listing *l, struct rc_slice name, struct rc_slice value)
{
	uint64_t n;

	if (rc_slice_is(name, "list-type"))
		l->v2 = rc_slice_is(value, "2");
	else if (rc_slice_is(name, "encoding-type"))
		l->url = rc_slice_is(value, "url");
	else if (rc_slice_is(name, "prefix"))
		rc_buf_addv(&l->prefix, value);
	else if (rc_slice_is(name, "delimiter"))
		rc_buf_addv(&l->delimiter, value);
	else if (rc_slice_is(name, "continuation-token"))
		(void)!rc_unbase64(&l->after, value);
	else if (rc_slice_is(name, "max-keys") &&
		 rc_num_u64(value, l->max_keys, &n))
		l->max_keys = (unsigned)n;
}

static void
write_listing(const struct listing *l, const char *bucket, struct rc_buf *b)
{
	rc_buf_addf(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%s<ListBucketResult "
	    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>%s</Name>"
	    "<Prefix>",
	    fault("doctype") == NULL
		? ""
		: "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>",
	    bucket);
	add_encoded(b, l->url, l->prefix.data, l->prefix.len);
	rc_buf_adds(b, "</Prefix>");
	if (l->truncated) {
		rc_buf_adds(b, "<NextContinuationToken>");
		rc_base64(b, rc_buf_slice(&l->last));
		rc_buf_adds(b, "</NextContinuationToken>");
	}
	rc_buf_addf(b, "<KeyCount>%u</KeyCount><MaxKeys>%u</MaxKeys>%s",
	    l->count, l->max_keys,
	    l->url ? "<EncodingType>url</EncodingType>" : "");
	rc_buf_addf(b, "<IsTruncated>%s</IsTruncated>",
	    l->truncated ? "true" : "false");
	rc_buf_addv(b, rc_buf_slice(&l->contents));
	rc_buf_addv(b, rc_buf_slice(&l->prefixes));
	rc_buf_adds(b, "</ListBucketResult>\n");
}

static void
send_listing(struct request *r, const struct listing *l)
{
	struct rc_buf b = RC_BUF_INIT(TEXT_MAX);
	char length[64];

	write_listing(l, rc_buf_str(&r->bucket), &b);
	if (fault("garbage") != NULL) {
		send_text(r, "200 OK", "",
		    RC_SLICE_LIT("<ListBucketResult><Contents>\x01<<"));
	} else if (fault_now("cut-list")) {
		snprintf(
		    length, sizeof(length), "Content-Length: %zu\r\n", b.len);
		send_head(r, "200 OK", length);
		write_all(r->fd, b.data, b.len / 2);
		r->close = true;
	} else {
		send_text(r, "200 OK", "", rc_buf_slice(&b));
	}
	rc_buf_free(&b);
}

static void
list_bucket(struct request *r, const char *top)
{
	struct rc_buf name = RC_BUF_INIT(REQUEST_MAX), value = name;
	struct rc_slice rest = rc_slice_str(r->query);
	struct rc_error e;
	struct listing l = {.max_keys = opt.max_keys,
	    .prefix = name,
	    .delimiter = name,
	    .after = name,
	    .last = name,
	    .contents = RC_BUF_INIT(TEXT_MAX),
	    .prefixes = RC_BUF_INIT(TEXT_MAX)};

	while (rc_form_next(&rest, &name, &value, &e) == RC_OK)
		take_parameter(&l, rc_buf_slice(&name), rc_buf_slice(&value));
	if (fault("endless") != NULL || fault("same-token") != NULL)
		list_without_end(&l);
	else
		list_all(&l, top);
	if (l.v2)
		send_listing(r, &l);
	else
		send_error(r, "501 Not Implemented", "NotImplemented",
		    "only ListObjectsV2 is spoken here", "", "");
	rc_buf_free(&name);
	rc_buf_free(&value);
	rc_buf_free(&l.prefix);
	rc_buf_free(&l.delimiter);
	rc_buf_free(&l.after);
	rc_buf_free(&l.last);
	rc_buf_free(&l.contents);
	rc_buf_free(&l.prefixes);
}

#endif
