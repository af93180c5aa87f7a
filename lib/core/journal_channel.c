#include "core/journal.h"

#include <stdio.h>

enum rc_err
rc_journal_channel_name(struct rc_txn *txn, struct rc_journal_channel *c,
    uint32_t number, struct rc_error *e)
{
	struct rc_channel *channel = NULL;
	enum rc_err err = RC_OK;

	if (c->name[0] != '\0' && c->number == number)
		return RC_OK;
	c->number = number;
	if (number == 0) {
		snprintf(c->name, sizeof(c->name), "*");
		return RC_OK;
	}
	err = rc_channel_by_number(txn, number, &channel, e);
	if (err == RC_OK)
		snprintf(c->name, sizeof(c->name), "%s", channel->name);
	else if (err == RC_NOTFOUND)
		snprintf(c->name, sizeof(c->name), "#%u", number);
	rc_channel_free(channel);
	return err == RC_NOTFOUND ? RC_OK : err;
}
