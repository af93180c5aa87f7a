/*
 * Link codes and message ids: numbers in an order that cannot be guessed
 * without the key, by permutation, so that nothing need be stored to go back.
 *
 * A code is 8 base62 characters, a permutation of 0 .. 62^8 - 1; a message id
 * is 16 lowercase hex digits, a permutation of all 64-bit numbers.  Both are
 * 8-round Feistel networks on SipHash; the code's works on 48 bits and walks
 * the cycle until it is below 62^8.
 */
#ifndef RC_TEXT_CODE_H
#define RC_TEXT_CODE_H

#include "base/buf.h"

#define RC_CODE_LEN 8
#define RC_CODE_SPACE 218340105584896ULL /* 62^8 */
#define RC_MESSAGE_ID_LEN 16

/* id < RC_CODE_SPACE; out is terminated. */
void rc_code_encode(
    const unsigned char key[16], uint64_t id, char out[RC_CODE_LEN + 1]);
/* False when text is not exactly 8 base62 characters in range. */
bool rc_code_decode(
    const unsigned char key[16], struct rc_slice, uint64_t *id) RC_MUST_USE;
/* out is terminated. */
void rc_message_id_encode(const unsigned char key[16], uint32_t campaign,
    uint32_t ordinal, char out[RC_MESSAGE_ID_LEN + 1]);
/* False when text is not 16 hex digits; any such is some message's. */
bool rc_message_id_decode(const unsigned char key[16], struct rc_slice,
    uint32_t *campaign, uint32_t *ordinal) RC_MUST_USE;

#endif
