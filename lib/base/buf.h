/*
 * Slices and growing buffers.
 *
 * A slice borrows bytes; it is valid until an event its source names.  A
 * buffer owns its bytes and is born with a ceiling.  Appending never fails
 * loudly: a buffer that could not grow, or would pass its ceiling, becomes
 * broken, keeps what it has and ignores what follows, until rc_buf_check
 * tells or rc_buf_reset forgives.  Whoever uses the content calls
 * rc_buf_check first.
 */
#ifndef RC_BASE_BUF_H
#define RC_BASE_BUF_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct rc_slice {
	const char *p; /* not terminated; may hold NUL bytes */
	size_t len;
};

#define RC_SLICE_LIT(s) ((struct rc_slice){(s), sizeof(s) - 1})

/* n bytes at p; valid as long as they are. */
static inline struct rc_slice
rc_slice_of(const void *p, size_t n)
{
	return (struct rc_slice){p, n};
}

/* Slice of a terminated string; valid as long as the string. */
struct rc_slice rc_slice_str(const char *);
/* The same bytes. */
bool rc_slice_eq(struct rc_slice, struct rc_slice);
/* Equal to a terminated string, byte for byte, or with ASCII case folded. */
bool rc_slice_is(struct rc_slice, const char *);
bool rc_slice_is_nocase(struct rc_slice, const char *);
/* Whether it begins with prefix; rest (or NULL) takes what follows. */
bool rc_slice_starts(
    struct rc_slice, struct rc_slice prefix, struct rc_slice *rest);
/* Without the ASCII white space around it. */
struct rc_slice rc_slice_trim(struct rc_slice);
/* Bytes of the line end at p: 1 for LF, 2 for CR LF, 0 when it is none. */
static inline size_t
rc_line_end(const char *p)
{
	if (p[0] == '\n')
		return 1;
	return p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}
/* Eight characters at once, ASCII capitals made small. */
static inline uint64_t
rc_fold8(uint64_t v)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t low = v & each * 0x7f;
	uint64_t from_a = low + each * (0x80 - 'A');
	uint64_t above_z = low + each * (0x7f - 'Z');

	return v | (from_a & ~above_z & ~v & each * 0x80) >> 2;
}
/* Copies to `to`, ASCII capitals made small. */
void rc_slice_fold(struct rc_slice, void *to);
/* memcmp order, the shorter one first when it is a prefix. */
int rc_slice_cmp(struct rc_slice, struct rc_slice);

struct rc_buf {
	char *data; /* NULL until first growth; data[len] is 0 after */
	size_t len;
	size_t cap;
	size_t max; /* ceiling of len, in bytes */
	enum {
		RC_BUF_FINE,
		RC_BUF_FULL,
		RC_BUF_NOMEM
	} state;
};

/* An empty buffer that allocates nothing yet; free it with rc_buf_free. */
#define RC_BUF_INIT(ceiling)                                                   \
	((struct rc_buf){.data = NULL, .max = (ceiling), .state = RC_BUF_FINE})

/* NULL is fine; it is empty after, with its ceiling. */
void rc_buf_free(struct rc_buf *);
void rc_buf_reset(struct rc_buf *);	      /* empty and fine, memory kept */
void rc_buf_cut(struct rc_buf *, size_t len); /* shorten to len */
/*
 * Each appends, or breaks the buffer and appends nothing.  The bytes may not
 * lie in the buffer itself, which may move.
 */
static inline void rc_buf_add(struct rc_buf *, const void *, size_t);
static inline void rc_buf_addc(struct rc_buf *, char);
static inline void rc_buf_addv(struct rc_buf *, struct rc_slice);
void rc_buf_adds(struct rc_buf *, const char *);
void rc_buf_addf(struct rc_buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Room for n more bytes at data + len, uninitialised, or NULL when the buffer
 * is or becomes broken.  The caller adds to len what it wrote.
 */
char *rc_buf_room(struct rc_buf *, size_t n);

/* The content; valid until the buffer is next changed.  Never NULL. */
struct rc_slice rc_buf_slice(const struct rc_buf *);
const char *rc_buf_str(const struct rc_buf *);

/*
 * RC_OK, or RC_EDATA "what is larger than N bytes", or RC_EAGAIN when memory
 * is short.
 */
static inline enum rc_err rc_buf_check(
    const struct rc_buf *, const char *what, struct rc_error *) RC_MUST_USE;

/* --- what loops over millions do not call -------------------------------- */

/* rc_buf_add where there may be no room; why a buffer is broken. */
void rc_buf_add_growing(struct rc_buf *, const void *, size_t);
enum rc_err rc_buf_broken(
    const struct rc_buf *, const char *what, struct rc_error *) RC_MUST_USE;

static inline void
rc_buf_add(struct rc_buf *b, const void *p, size_t n)
{
	if (b->state != RC_BUF_FINE || n == 0 || b->data == NULL ||
	    n >= b->cap - b->len || n > b->max - b->len) {
		rc_buf_add_growing(b, p, n);
		return;
	}
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

static inline void
rc_buf_addc(struct rc_buf *b, char c)
{
	rc_buf_add(b, &c, 1);
}

static inline void
rc_buf_addv(struct rc_buf *b, struct rc_slice s)
{
	rc_buf_add(b, s.p, s.len);
}

static inline enum rc_err
rc_buf_check(const struct rc_buf *b, const char *what, struct rc_error *e)
{
	return b->state == RC_BUF_FINE ? RC_OK : rc_buf_broken(b, what, e);
}

#endif
