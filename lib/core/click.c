#include "core/click.h"

#include <string.h>

/*
 * Words in user agents of machines that open links to preview or scan them,
 * lower case; taken from what these services document of themselves.
 */
static const char *const BOT_WORD[] = {
    "bot",
    "crawl",
    "spider",
    "preview",
    "facebookexternalhit",
    "facebot",
    "whatsapp",
    "googleimageproxy",
    "slurp",
    "scanner",
    "monitor",
    "headlesschrome",
    "phantomjs",
    "lighthouse",
    "bitlybot",
    "embedly",
    "skypeuri",
    "snap url",
    "vkshare",
    "pingdom",
    "uptime",
};

/* HTTP libraries and command-line clients, lower case. */
static const char *const LIBRARY_WORD[] = {
    "curl/",
    "wget/",
    "okhttp",
    "python-requests",
    "python-urllib",
    "aiohttp",
    "go-http-client",
    "java/",
    "apache-httpclient",
    "libwww-perl",
    "axios/",
    "node-fetch",
    "undici",
    "httpx",
    "ruby",
    "php/",
    "guzzle",
    "postman",
    "dart:io",
    "cfnetwork",
};

/* Whether the lower-cased agent has one of the words. */
static bool
has_word(struct rc_slice lower, const char *const *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memmem(lower.p, lower.len, word[i], strlen(word[i])) !=
		    NULL)
			return true;
	return false;
}

static struct rc_slice
lower(struct rc_slice s, char out[RC_AGENT_MAX])
{
	size_t n = s.len < RC_AGENT_MAX ? s.len : RC_AGENT_MAX;

	for (size_t i = 0; i < n; i++)
		out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z'
			     ? (char)(s.p[i] + ('a' - 'A'))
			     : s.p[i];
	return (struct rc_slice){out, n};
}

static enum rc_click_class
by_agent(struct rc_slice agent, enum rc_click_reason *why)
{
	char buf[RC_AGENT_MAX];
	struct rc_slice low = lower(rc_slice_trim(agent), buf);

	*why = RC_WHY_NONE;
	if (low.len == 0)
		*why = RC_WHY_NO_AGENT;
	else if (has_word(
		     low, BOT_WORD, sizeof(BOT_WORD) / sizeof(BOT_WORD[0])))
		*why = RC_WHY_BOT_AGENT;
	else if (has_word(low, LIBRARY_WORD,
		     sizeof(LIBRARY_WORD) / sizeof(LIBRARY_WORD[0])))
		*why = RC_WHY_LIBRARY_AGENT;
	return *why == RC_WHY_NONE ? RC_CLICK_HUMAN : RC_CLICK_BOT;
}

enum rc_click_class
rc_click_classify(const struct rc_hit *hit, uint64_t last_human_ms,
    bool same_agent, enum rc_click_reason *why)
{
	enum rc_click_class class;

	if (hit->prefetch) {
		*why = RC_WHY_PREFETCH_HEADER;
		return RC_CLICK_PREFETCH;
	}
	class = by_agent(hit->agent, why);
	if (class != RC_CLICK_HUMAN)
		return class;
	if (hit->head) {
		*why = RC_WHY_HEAD;
		return RC_CLICK_BOT;
	}
	/* Both ways: a clock set back is not a long row of repeats. */
	if (last_human_ms != 0 && same_agent &&
	    hit->at_ms < last_human_ms + RC_CLICK_AGAIN_MS &&
	    last_human_ms < hit->at_ms + RC_CLICK_AGAIN_MS) {
		*why = RC_WHY_REPEATED;
		return RC_CLICK_DUPLICATE;
	}
	return RC_CLICK_HUMAN;
}
