/*
 * Any bytes as a block: either they are called damaged, or the members ascend,
 * pack again and are found.
 */
#include "text/pack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

struct copy {
	unsigned char bytes[RC_PACK_BLOCK_MAX];
	size_t blocks, members;
};

static enum rc_err
count_block(
    void *arg, struct rc_slice key, struct rc_slice block, struct rc_error *e)
{
	struct copy *copy = arg;

	(void)e;
	if (key.len == 0 || key.len > RC_MEMBER_MAX)
		abort();
	copy->blocks++;
	copy->members += rc_pack_count(block);
	return RC_OK;
}

static enum rc_err
unpack_and_pack(struct rc_slice block, struct copy *copy)
{
	struct rc_packer p;
	struct rc_unpacker u;
	struct rc_member m;
	struct rc_error e;
	enum rc_err r = rc_unpacker_start(&u, block, &e);

	if (r != RC_OK)
		return r;
	rc_packer_start(&p, u.format, count_block, copy);
	while ((r = rc_unpacker_next(&u, &m, &e)) == RC_OK) {
		if (rc_packer_add(&p, &m, &e) != RC_OK ||
		    rc_pack_find(block, &m, &e) != RC_OK)
			abort();
	}
	if (rc_packer_finish(&p, &e) != RC_OK)
		abort();
	return r;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct rc_slice block = {(const char *)data, len};
	struct rc_member m = {.num = 42, .str = {"probe", 5}};
	struct copy copy = {0};
	struct rc_error e;

	if (unpack_and_pack(block, &copy) == RC_END &&
	    copy.members != rc_pack_count(block))
		abort();
	(void)!rc_pack_find(block, &m, &e);
	return 0;
}
