/*
 * A file of TSV records that appears whole or not at all: it is written beside
 * its place and renamed at the end.  What the records mean is not known here.
 */
#ifndef RC_JOB_TSV_FILE_H
#define RC_JOB_TSV_FILE_H

#include "base/buf.h"

struct rc_tsv_file;
/*
 * what: what is written, for messages ("rejected rows").  RC_EUSAGE when path
 * is empty or it would replace the open list (list_fd; -1: that is no local
 * file), RC_ECREATE.
 */
enum rc_err rc_tsv_file_open(struct rc_tsv_file **, const char *what,
    const char *path, int list_fd, struct rc_error *) RC_MUST_USE;
/* A record of n fields; RC_EIO: disk full. */
enum rc_err rc_tsv_file_add(struct rc_tsv_file *, const struct rc_slice *field,
    size_t n, struct rc_error *) RC_MUST_USE;
/* A rejected row: line (from 1), reason, value; as rc_tsv_file_add. */
enum rc_err rc_tsv_file_reject(struct rc_tsv_file *, uint64_t line,
    const char *reason, struct rc_slice value, struct rc_error *) RC_MUST_USE;
/* Puts the file in place. */
enum rc_err rc_tsv_file_finish(
    struct rc_tsv_file *, struct rc_error *) RC_MUST_USE;
/* Drops an unfinished file; NULL is fine. */
void rc_tsv_file_close(struct rc_tsv_file *);

#endif
