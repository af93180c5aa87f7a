#include "text/tsv.h"

static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f && c != '\\';
}

static void
escape(struct rc_buf *out, char c)
{
	switch (c) {
	case '\t':
		rc_buf_adds(out, "\\t");
		break;
	case '\n':
		rc_buf_adds(out, "\\n");
		break;
	case '\r':
		rc_buf_adds(out, "\\r");
		break;
	case '\\':
		rc_buf_adds(out, "\\\\");
		break;
	default:
		rc_buf_addf(out, "\\x%02x", (unsigned char)c);
		break;
	}
}

void
rc_tsv_field(struct rc_buf *out, struct rc_slice s, bool first)
{
	if (!first)
		rc_buf_addc(out, '\t');
	while (s.len > 0) {
		size_t n = 0;

		while (n < s.len && is_plain(s.p[n]))
			n++;
		rc_buf_add(out, s.p, n);
		if (n < s.len)
			escape(out, s.p[n++]);
		s.p += n;
		s.len -= n;
	}
}

void
rc_tsv_end(struct rc_buf *out)
{
	rc_buf_addc(out, '\n');
}
