/* The server is tests/tools/s3d, which verifies signatures by itself. */
#include "s3d.h"

#include "base/log.h"
#include "sys/s3_priv.h"
#include "sys/s3_xml.h"

#define LISTED_MAX 2000

struct bucket {
	struct s3d server;
	struct rc_s3_config config;
	struct rc_s3 *s3;
	struct rc_error e;
	struct rc_log log;
	unsigned logged;
	char line[512]; /* the last one */
	/* What a listing told. */
	size_t n;
	char *key[LISTED_MAX], etag[64];
	bool is_prefix;
	uint64_t size, modified_ms;
};

static void
count_line(void *arg, enum rc_log_level level, const char *line)
{
	struct bucket *b = arg;

	(void)level;
	assert_null(strstr(line, S3D_SECRET));
	b->logged++;
	snprintf(b->line, sizeof(b->line), "%s", line);
}

/* A server, and what asks it; the caller may change the configuration. */
static void
start(struct bucket *b, const char *const *options)
{
	memset(b, 0, sizeof(*b));
	s3d_put("bucket/list.csv", "phone numbers\n", 14);
	s3d_start(&b->server, options);
	b->log = (struct rc_log){count_line, b, RC_LOG_DEBUG};
	b->config = (struct rc_s3_config){.endpoint = b->server.url,
	    .access_key = "AKIDTEST",
	    .secret_key = S3D_SECRET,
	    .path_style = true,
	    .retry_ms = 1,
	    .log = &b->log};
}

static void
open_bucket(struct bucket *b, const char *name)
{
	rc_s3_close(b->s3);
	assert_int_equal(rc_s3_open(&b->s3, &b->config, name, &b->e), RC_OK);
}

static void
forget(struct bucket *b)
{
	while (b->n > 0)
		free(b->key[--b->n]);
}

static void
end(struct bucket *b)
{
	forget(b);
	rc_s3_close(b->s3);
	s3d_stop(&b->server);
}

static enum rc_err
keep(void *arg, const struct rc_s3_object *o, struct rc_error *e)
{
	struct bucket *b = arg;

	(void)e;
	assert_true(b->n < LISTED_MAX);
	b->key[b->n++] = strdup(o->key);
	snprintf(b->etag, sizeof(b->etag), "%s", o->etag);
	b->is_prefix = o->is_prefix;
	b->size = o->size;
	b->modified_ms = o->last_modified_ms;
	return RC_OK;
}

static enum rc_err
list(struct bucket *b, const char *prefix, const char *delimiter)
{
	forget(b);
	return rc_s3_list(b->s3, prefix, delimiter, keep, b, &b->e);
}

/* Whether an object's whole body is text. */
static enum rc_err
get(struct bucket *b, const char *key, const char *etag, const char *text)
{
	const struct rc_http_head *head;
	struct rc_http_stream *stream;
	struct rc_buf body = RC_BUF_INIT(4096);
	enum rc_err err = rc_s3_get(b->s3, key, etag, &stream, &head, &b->e);

	if (err != RC_OK) {
		assert_null(stream);
		return err;
	}
	assert_int_equal(head->status, 200);
	err = rc_s3_read_all(stream, &body, &b->e);
	if (err == RC_OK)
		assert_string_equal(rc_buf_str(&body), text);
	rc_http_stream_close(stream);
	rc_buf_free(&body);
	return err;
}

/* --- names ---------------------------------------------------------------- */

static bool
parses(const char *url, const char *bucket, const char *prefix)
{
	struct rc_slice b, p;
	struct rc_error e;
	enum rc_err err = rc_s3_parse(url, &b, &p, &e);

	if (err != RC_OK)
		assert_int_equal(err, RC_EDATA);
	return err == RC_OK && rc_slice_is(b, bucket) && rc_slice_is(p, prefix);
}

static void
a_url_is_a_bucket_and_a_prefix_as_it_stands(void **state)
{
	(void)state;
	assert_true(parses("s3://acme", "acme", ""));
	assert_true(parses("s3://acme/", "acme", ""));
	assert_true(
	    parses("s3://acme/a b+c%20d?e#f/", "acme", "a b+c%20d?e#f/"));
	assert_true(parses("s3://A.b_c-1//x", "A.b_c-1", "/x"));
	assert_false(parses("s3://", "", ""));
	assert_false(parses("s3:///x", "", "x"));
	assert_false(parses("s3://a b/", "a b", ""));
	assert_false(parses("s3://../x", "..", "x"));
	assert_false(parses("s3://a@b/x", "a@b", "x"));
	assert_false(parses("https://acme/", "acme", ""));
}

static void
assert_base(
    const struct rc_s3_config *config, const char *bucket, const char *url)
{
	struct rc_s3 *s;
	struct rc_error e;

	assert_int_equal(rc_s3_open(&s, config, bucket, &e), RC_OK);
	assert_string_equal(rc_buf_str(&s->base), url);
	rc_s3_close(s);
}

static void
a_bucket_is_in_the_host_or_in_the_path(void **state)
{
	struct rc_s3_config c = {.endpoint = NULL};

	(void)state;
	assert_base(&c, "acme", "https://acme.s3.us-east-1.amazonaws.com/");
	c.region = "cn-north-1";
	assert_base(&c, "acme", "https://acme.s3.cn-north-1.amazonaws.com.cn/");
	c.region = "eu-west-1";
	/* No certificate has two stars. */
	assert_base(&c, "a.b", "https://s3.eu-west-1.amazonaws.com/a.b/");
	c.path_style = true;
	assert_base(&c, "acme", "https://s3.eu-west-1.amazonaws.com/acme/");
	c.endpoint = "https://s3.example:8443/base//";
	assert_base(&c, "acme", "https://s3.example:8443/base/acme/");
	c.endpoint = "http://[::1]:9000";
	assert_base(&c, "acme", "http://[::1]:9000/acme/");
	c.path_style = false;
	c.endpoint = "https://s3.example:8443/";
	assert_base(&c, "acme", "https://acme.s3.example:8443/");
}

static void
refuses(const struct rc_s3_config *c, const char *bucket, enum rc_err wanted)
{
	struct rc_s3 *s;
	struct rc_error e;

	assert_int_equal(rc_s3_open(&s, c, bucket, &e), wanted);
	assert_null(s);
	assert_null(strstr(e.msg, "sesame"));
}

static void
a_configuration_that_cannot_work_is_refused(void **state)
{
	(void)state;
	refuses(&(struct rc_s3_config){.access_key = "a"}, "b", RC_ECONFIG);
	refuses(
	    &(struct rc_s3_config){.secret_key = "sesame"}, "b", RC_ECONFIG);
	refuses(
	    &(struct rc_s3_config){.session_token = "sesame"}, "b", RC_ECONFIG);
	refuses(&(struct rc_s3_config){.region = "eu west"}, "b", RC_ECONFIG);
	refuses(&(struct rc_s3_config){.region = "x.evil/"}, "b", RC_ECONFIG);
	refuses(&(struct rc_s3_config){.endpoint = NULL}, "a/b", RC_EDATA);
	refuses(&(struct rc_s3_config){.endpoint = NULL}, "", RC_EDATA);
	refuses(
	    &(struct rc_s3_config){.endpoint = "s3.example"}, "b", RC_EDATA);
	refuses(&(struct rc_s3_config){.endpoint = "https://k:sesame@h/"}, "b",
	    RC_EDATA);
	refuses(&(struct rc_s3_config){.endpoint = "https://h/?sesame"}, "b",
	    RC_EDATA);
	refuses(&(struct rc_s3_config){.endpoint = "http://127.0.0.1"}, "b",
	    RC_EDATA); /* b.127.0.0.1 */
}

/* --- listing and reading -------------------------------------------------- */

static const char *const odd_names[] = {"a b", "a!b'c", "a#b", "a$b", "a%20b",
    "a&b", "a(b)", "a*b", "a+b", "a,b;c", "a:b", "a<b>", "a=b", "a?b=c&d",
    "a@b", "a[b]", "a\\b", "a^b`c", "a{b|c}", "a~b", "\xc3\xa9t\xc3\xa9",
    "\xf0\x9f\x93\xb1"};
#define NODD (sizeof(odd_names) / sizeof(odd_names[0]))

static void
put_odd_names(const char *content)
{
	char key[128];

	for (size_t i = 0; i < NODD; i++) {
		snprintf(
		    key, sizeof(key), "bucket/odd/%s/data.csv", odd_names[i]);
		s3d_put(key, content, strlen(content));
	}
}

static void
lists_and_gets_odd_names(struct bucket *b)
{
	char key[128], etag[64];

	open_bucket(b, "bucket");
	assert_int_equal(list(b, "odd/", "/"), RC_OK);
	assert_int_equal(b->n, NODD);
	assert_true(b->is_prefix);
	for (size_t i = 0; i < NODD; i++) {
		snprintf(key, sizeof(key), "odd/%s/", odd_names[i]);
		assert_string_equal(b->key[i], key);
	}
	for (size_t i = 0; i < NODD; i++) {
		snprintf(key, sizeof(key), "odd/%s/", odd_names[i]);
		assert_int_equal(list(b, key, NULL), RC_OK);
		assert_int_equal(b->n, 1);
		assert_int_equal(b->size, 4);
		assert_false(b->is_prefix);
		snprintf(key, sizeof(key), "%s", b->key[0]);
		snprintf(etag, sizeof(etag), "%s", b->etag);
		assert_int_equal(get(b, key, etag, "text"), RC_OK);
	}
}

/* Pages of two: tokens with '+', '/' and '=' lead through the names. */
static void
names_of_any_kind_are_listed_and_read(void **state)
{
	struct bucket b;
	char url[64];

	(void)state;
	start(&b, S3D_OPTIONS("--max-keys", "2"));
	put_odd_names("text");
	lists_and_gets_odd_names(&b);
	/* The same with the bucket in the host. */
	snprintf(url, sizeof(url), "http://localhost:%u", b.server.port);
	b.config.endpoint = url;
	b.config.path_style = false;
	lists_and_gets_odd_names(&b);
	end(&b);
}

/* An URL's "/../" would be taken out, and another object be asked for. */
static void
a_key_with_dots_is_asked_for_as_it_is(void **state)
{
	struct bucket b;
	char line[256] = "";
	FILE *log;

	(void)state;
	start(&b, S3D_OPTIONS("--fault", "none"));
	open_bucket(&b, "bucket");
	assert_int_equal(get(&b, "a/.././b", NULL, ""), RC_ENOINPUT);
	end(&b);
	log = fopen(scratch("s3d.log"), "r");
	assert_non_null(fgets(line, sizeof(line), log));
	fclose(log);
	assert_string_equal(line, "GET /bucket/a/.././b 404\n");
}

static void
more_folders_than_a_page_holds_are_listed(void **state)
{
	struct bucket b;
	char key[64];

	(void)state;
	start(&b, S3D_OPTIONS(NULL));
	for (int i = 0; i < 1205; i++) {
		snprintf(key, sizeof(key), "bucket/upload_%04d/data.csv", i);
		s3d_put(key, "text", 4);
	}
	open_bucket(&b, "bucket");
	assert_int_equal(list(&b, "upload_", "/"), RC_OK);
	assert_int_equal(b.n, 1205);
	assert_string_equal(b.key[1204], "upload_1204/");
	assert_int_equal(s3d_requests(), 2);
	end(&b);
}

static void
an_object_is_told_in_full(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS(NULL));
	open_bucket(&b, "bucket");
	assert_int_equal(list(&b, "", NULL), RC_OK);
	assert_int_equal(b.n, 1);
	assert_string_equal(b.key[0], "list.csv");
	assert_int_equal(b.size, 14);
	assert_string_equal(b.etag, "\"74beddc0e78bb04720813de1b914111e\"");
	assert_true(b.modified_ms > 1700000000000);
	assert_int_equal(list(&b, "no such", "/"), RC_OK);
	assert_int_equal(b.n, 0);
	end(&b);
}

static enum rc_err
stop_at_once(void *arg, const struct rc_s3_object *o, struct rc_error *e)
{
	unsigned *calls = arg;

	(void)o;
	(void)e;
	++*calls;
	return RC_END;
}

static void
a_listing_ends_when_it_is_told_to(void **state)
{
	struct bucket b;
	unsigned calls = 0;

	(void)state;
	start(&b, S3D_OPTIONS("--max-keys", "2"));
	put_odd_names("text");
	open_bucket(&b, "bucket");
	assert_int_equal(
	    rc_s3_list(b.s3, "odd/", "/", stop_at_once, &calls, &b.e), RC_END);
	assert_int_equal(calls, 1);
	end(&b);
	assert_int_equal(s3d_requests(), 1);
}

/* --- who asks ------------------------------------------------------------- */

static void
is_refused(struct bucket *b, enum rc_err wanted, const char *says)
{
	open_bucket(b, "bucket");
	assert_int_equal(list(b, "", NULL), wanted);
	assert_says(b->e, says);
	assert_int_equal(get(b, "list.csv", NULL, "phone numbers\n"), wanted);
	assert_says(b->e, says);
	assert_null(strstr(b->e.msg, b->config.secret_key));
	assert_null(strstr(b->e.msg, b->config.access_key));
}

static void
wrong_keys_are_refused_in_the_servers_words(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--region", "eu-west-1"));
	b.config.region = "eu-west-1";
	b.config.secret_key = "s3cret/KEY";
	is_refused(&b, RC_EPERM, "403 SignatureDoesNotMatch: The request");
	b.config.secret_key = S3D_SECRET;
	b.config.access_key = "AKIDOTHER";
	is_refused(&b, RC_EPERM, "403 InvalidAccessKeyId: The AWS Access Key");
	b.config.access_key = "AKIDTEST";
	b.config.session_token = "sesame";
	is_refused(&b, RC_EPERM, "400 InvalidToken: ");
	b.config.session_token = NULL;
	b.config.region = "us-east-1";
	is_refused(&b, RC_ECONFIG,
	    "bucket 'bucket' is in region 'eu-west-1', not in 'us-east-1': "
	    "set it with --region");
	end(&b);
	assert_int_equal(s3d_requests(), 8); /* none of them was repeated */
}

static void
is_let_in(struct bucket *b)
{
	open_bucket(b, "bucket");
	assert_int_equal(list(b, "", NULL), RC_OK);
	assert_int_equal(b->n, 1);
	assert_int_equal(get(b, "list.csv", NULL, "phone numbers\n"), RC_OK);
}

static void
a_session_token_goes_along(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--session-token", "FwoGZXIvYXdzE/+=="));
	is_refused(&b, RC_EPERM, "InvalidToken");
	b.config.session_token = "FwoGZXIvYXdzE/+==";
	is_let_in(&b);
	end(&b);
}

static void
a_public_bucket_needs_no_keys(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--anonymous"));
	b.config.access_key = b.config.secret_key = NULL;
	is_let_in(&b);
	end(&b);
	start(&b, S3D_OPTIONS(NULL));
	b.config.access_key = b.config.secret_key = NULL;
	open_bucket(&b, "bucket");
	assert_int_equal(list(&b, "", NULL), RC_EPERM);
	assert_says(b.e, "403 AccessDenied");
	end(&b);
}

static void
keys_leave_for_nobody_but_the_endpoint(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS(NULL));
	b.config.endpoint = "http://192.0.2.1";
	is_refused(&b, RC_EPERM, "unencrypted: use https");
	end(&b);
	start(&b, S3D_OPTIONS("--fault", "moved=/elsewhere"));
	is_refused(&b, RC_EPROTO, "redirects, which is not followed");
	end(&b);
	assert_int_equal(s3d_requests(), 2);
}

/* A server may print what it was sent into its words. */
static void
a_key_in_the_servers_words_is_not_repeated(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--fault", "tell-tale"));
	is_refused(&b, RC_EPERM, "403 AccessDenied");
	assert_null(strstr(b.e.msg, "you are"));
	b.config.access_key = "AKIDOTHER";
	b.config.secret_key = "other";
	open_bucket(&b, "bucket");
	assert_int_equal(list(&b, "", NULL), RC_EPERM);
	assert_says(b.e, "403 AccessDenied: you are");
	end(&b);
}

/* --- what is not there ---------------------------------------------------- */

static void
what_is_missing_is_named(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS(NULL));
	open_bucket(&b, "nobody");
	assert_int_equal(list(&b, "", NULL), RC_ENOINPUT);
	assert_says(b.e, "bucket 'nobody' does not exist");
	assert_int_equal(get(&b, "list.csv", NULL, ""), RC_ENOINPUT);
	open_bucket(&b, "bucket");
	assert_int_equal(get(&b, "other.csv", NULL, ""), RC_ENOINPUT);
	assert_says(b.e, "'other.csv' is not in bucket 'bucket'");
	end(&b);
}

static void
an_object_that_changed_is_for_another_time(void **state)
{
	static const char *const how[] = {"changed", "gone"};
	struct bucket b;
	char etag[64];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		/* The third server does not know If-Match. */
		start(&b, S3D_OPTIONS("--fault", how[i % 2], "--fault",
			      i == 2 ? "deaf" : "none"));
		open_bucket(&b, "bucket");
		assert_int_equal(list(&b, "", NULL), RC_OK);
		snprintf(etag, sizeof(etag), "%s", b.etag);
		assert_int_equal(get(&b, "list.csv", etag, ""), RC_EAGAIN);
		assert_says(b.e, "'list.csv' ");
		assert_says(b.e, "since it was listed: try again");
		end(&b);
	}
}

static void
a_bucket_elsewhere_is_named(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--fault", "redirect=ap-south-1"));
	is_refused(&b, RC_ECONFIG,
	    "bucket 'bucket' is in region 'ap-south-1', not in 'us-east-1'");
	b.config.region = "ap-south-1";
	is_refused(&b, RC_ECONFIG,
	    "bucket 'bucket' is at 'elsewhere.example': set --region or "
	    "--endpoint");
	end(&b);
}

/* --- a server with troubles ----------------------------------------------- */

static void
passing_troubles_are_waited_out(void **state)
{
	static const char *const how[] = {
	    "slow-down=3", "internal=3", "hang-up=3", "cut-list=3"};
	struct bucket b;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		start(&b, S3D_OPTIONS("--fault", how[i]));
		open_bucket(&b, "bucket");
		assert_int_equal(list(&b, "", NULL), RC_OK);
		assert_int_equal(b.n, 1); /* and it is told once */
		assert_int_equal(b.logged, 3);
		end(&b);
	}
}

static void
a_server_may_ask_for_more_time(void **state)
{
	struct bucket b;

	(void)state;
	start(&b,
	    S3D_OPTIONS("--fault", "slow-down=1", "--fault", "retry-after=1"));
	open_bucket(&b, "bucket");
	assert_int_equal(list(&b, "", NULL), RC_OK);
	assert_non_null(strstr(b.line, "trying again in 1000 ms"));
	end(&b);
}

static void
an_object_is_asked_for_again(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--fault", "slow-down=3"));
	open_bucket(&b, "bucket");
	assert_int_equal(get(&b, "list.csv", NULL, "phone numbers\n"), RC_OK);
	end(&b);
}

static void
lasting_troubles_end_it(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--fault", "slow-down"));
	is_refused(&b, RC_EUNAVAIL,
	    "answers 503 SlowDown: Please reduce your request rate.");
	end(&b);
	assert_int_equal(s3d_requests(), 2 * RC_S3_TRIES);
	start(&b, S3D_OPTIONS("--fault", "hang-up"));
	is_refused(&b, RC_EUNAVAIL, "no answer from '127.0.0.1:");
	end(&b);
	start(&b, S3D_OPTIONS("--fault", "status=404"));
	is_refused(&b, RC_EPROTO, "answers 404: is --endpoint right?");
	end(&b);
	start(&b, S3D_OPTIONS("--fault", "status=501"));
	is_refused(&b, RC_EPROTO, "answers 501");
	end(&b);
}

static void
a_body_that_breaks_off_is_the_readers(void **state)
{
	struct bucket b;

	(void)state;
	start(&b, S3D_OPTIONS("--fault", "cut"));
	open_bucket(&b, "bucket");
	assert_int_equal(get(&b, "list.csv", NULL, ""), RC_EUNAVAIL);
	end(&b);
}

static void
what_is_no_listing_is_refused(void **state)
{
	static const struct {
		const char *fault, *says;
	} no[] = {{"garbage", "is not XML"}, {"doctype", "document type"},
	    {"same-token", "does not end"}, {"endless", "does not end"}};
	struct bucket b;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		start(&b, S3D_OPTIONS("--fault", no[i].fault));
		b.config.max_pages = 20;
		open_bucket(&b, "bucket");
		assert_int_equal(list(&b, "", NULL), RC_EPROTO);
		assert_says(b.e, no[i].says);
		assert_says(b.e, "bucket 'bucket'");
		if (i < 2)
			assert_int_equal(b.n, 0);
		end(&b);
	}
	assert_int_equal(s3d_requests(), 1 + 1 + 2 + 20);
}

/* --- pages ---------------------------------------------------------------- */

#define HEAD "<ListBucketResult><IsTruncated>false</IsTruncated>"
#define TAIL "</ListBucketResult>"

static enum rc_err
read_page(struct bucket *b, const char *text)
{
	struct rc_s3_page page = {.token = RC_BUF_INIT(RC_S3_TEXT_MAX)};
	enum rc_err err = rc_s3_page_scan(rc_slice_str(text), &page, &b->e);

	forget(b);
	if (err == RC_OK)
		err =
		    rc_s3_page_each(rc_slice_str(text), &page, keep, b, &b->e);
	rc_buf_free(&page.token);
	return err;
}

static void
a_page_is_read_in_any_order(void **state)
{
	struct bucket b = {.n = 0};

	(void)state;
	assert_int_equal(
	    read_page(&b,
		"<?xml version='1.0'?><ListBucketResult><Contents><Size>7"
		"</Size><Owner><ID>x</ID></Owner><Key>a+b%2Bc%20d</Key>"
		"<LastModified>2026-03-01T12:00:00.000Z</LastModified>"
		"<ETag>&quot;0&quot;</ETag></Contents>\n<CommonPrefixes>"
		"<Prefix>%26</Prefix></CommonPrefixes><Prefix>x</Prefix>"
		"<EncodingType>url</EncodingType><IsTruncated>false"
		"</IsTruncated>" TAIL),
	    RC_OK);
	assert_int_equal(b.n, 2);
	assert_string_equal(b.key[0], "a b+c d");
	assert_string_equal(b.key[1], "&");
	assert_true(b.is_prefix);
	assert_string_equal(b.etag, ""); /* not that of the one before */
	assert_int_equal(b.size, 0);
	/* Without the encoding, as it stands. */
	assert_int_equal(
	    read_page(&b, HEAD "<Contents><Key>a+b%2B&amp;</Key><Size>7"
			       "</Size><ETag>\"0\"</ETag></Contents>" TAIL),
	    RC_OK);
	assert_string_equal(b.key[0], "a+b%2B&");
	assert_string_equal(b.etag, "\"0\"");
	assert_int_equal(b.size, 7);
	forget(&b);
}

static void
what_is_no_page_is_refused(void **state)
{
	static const char *const no[] = {"", "text", "<html/>", "<Error/>",
	    "<ListBucketResult/>", HEAD,
	    "<ListBucketResult><IsTruncated>true</IsTruncated>" TAIL,
	    "<ListBucketResult><IsTruncated>maybe</IsTruncated>" TAIL,
	    HEAD "<Contents><Size>1</Size></Contents>" TAIL,
	    HEAD "<Contents><Key>a</Key></Contents>" TAIL,
	    HEAD "<Contents><Key>a</Key><Size>-1</Size></Contents>" TAIL,
	    HEAD "<EncodingType>url</EncodingType><Contents><Key>%zz</Key>"
		 "<Size>1</Size></Contents>" TAIL,
	    HEAD "<a><a><a><a><a><a><a><a><a>", HEAD TAIL HEAD TAIL,
	    HEAD TAIL "x", "<!DOCTYPE a>" HEAD TAIL,
	    "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" HEAD TAIL,
	    "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" HEAD
	    "<Contents><Key>&b;</Key><Size>1</Size></Contents>" TAIL};
	struct bucket b = {.n = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (read_page(&b, no[i]) != RC_EPROTO)
			fail_msg("it was read: %s", no[i]);
		assert_int_equal(b.n, 0);
	}
}

static void
a_key_that_cannot_be_asked_for_is_left_out(void **state)
{
	struct bucket b = {.n = 0};

	(void)state;
	assert_int_equal(
	    read_page(&b,
		HEAD "<EncodingType>url</EncodingType>"
		     "<Contents><Key>a%00b</Key><Size>1</Size></Contents>"
		     "<Contents><Key>c</Key><Size>1</Size></Contents>" TAIL),
	    RC_OK);
	assert_int_equal(b.n, 1);
	assert_string_equal(b.key[0], "c");
	forget(&b);
}

static void
a_long_text_is_refused(void **state)
{
	struct rc_buf page = RC_BUF_INIT(1u << 20);
	struct bucket b = {.n = 0};

	(void)state;
	for (size_t extra = 0; extra < 2; extra++) {
		rc_buf_reset(&page);
		rc_buf_adds(&page, HEAD "<Contents><Size>1</Size><Key>");
		for (size_t i = 0; i < RC_S3_TEXT_MAX + extra; i++)
			rc_buf_addc(&page, 'k');
		rc_buf_adds(&page, "</Key></Contents>" TAIL);
		assert_int_equal(read_page(&b, rc_buf_str(&page)),
		    extra == 0 ? RC_OK : RC_EPROTO);
	}
	forget(&b);
	rc_buf_free(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_url_is_a_bucket_and_a_prefix_as_it_stands),
	    cmocka_unit_test(a_bucket_is_in_the_host_or_in_the_path),
	    cmocka_unit_test(a_configuration_that_cannot_work_is_refused),
	    SCRATCH_TEST(names_of_any_kind_are_listed_and_read),
	    SCRATCH_TEST(a_key_with_dots_is_asked_for_as_it_is),
	    SCRATCH_TEST(more_folders_than_a_page_holds_are_listed),
	    SCRATCH_TEST(an_object_is_told_in_full),
	    SCRATCH_TEST(a_listing_ends_when_it_is_told_to),
	    SCRATCH_TEST(wrong_keys_are_refused_in_the_servers_words),
	    SCRATCH_TEST(a_session_token_goes_along),
	    SCRATCH_TEST(a_public_bucket_needs_no_keys),
	    SCRATCH_TEST(keys_leave_for_nobody_but_the_endpoint),
	    SCRATCH_TEST(a_key_in_the_servers_words_is_not_repeated),
	    SCRATCH_TEST(what_is_missing_is_named),
	    SCRATCH_TEST(an_object_that_changed_is_for_another_time),
	    SCRATCH_TEST(a_bucket_elsewhere_is_named),
	    SCRATCH_TEST(passing_troubles_are_waited_out),
	    SCRATCH_TEST(a_server_may_ask_for_more_time),
	    SCRATCH_TEST(an_object_is_asked_for_again),
	    SCRATCH_TEST(lasting_troubles_end_it),
	    SCRATCH_TEST(a_body_that_breaks_off_is_the_readers),
	    SCRATCH_TEST(what_is_no_listing_is_refused),
	    cmocka_unit_test(a_page_is_read_in_any_order),
	    cmocka_unit_test(what_is_no_page_is_refused),
	    cmocka_unit_test(a_key_that_cannot_be_asked_for_is_left_out),
	    cmocka_unit_test(a_long_text_is_refused),
	};

	alarm(120); /* a hang is a failure */
	return cmocka_run_group_tests_name("sys_s3", tests, NULL, NULL);
}
