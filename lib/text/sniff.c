#include "text/sniff.h"

const char *
rc_sniff_packed(struct rc_slice front)
{
	static const struct {
		struct rc_slice magic;
		const char *what;
	} kinds[] = {
	    {RC_SLICE_LIT("PK\3\4"),
		"a spreadsheet or zip archive: export it as CSV (UTF-8)"},
	    {RC_SLICE_LIT("\xd0\xcf\x11\xe0"),
		"a spreadsheet: export it as CSV (UTF-8)"},
	    {RC_SLICE_LIT("\x1f\x8b"),
		"compressed by gzip: pipe it through gunzip"},
	    {RC_SLICE_LIT("\x28\xb5\x2f\xfd"),
		"compressed by zstd: pipe it through unzstd"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (rc_slice_starts(front, kinds[i].magic, NULL))
			return kinds[i].what;
	return NULL;
}

const char *
rc_sniff_encoding(struct rc_slice front)
{
	/* The longer mark first: UTF-32LE's begins with UTF-16LE's. */
	static const struct {
		struct rc_slice mark;
		const char *name;
	} marks[] = {
	    {RC_SLICE_LIT("\xff\xfe\0\0"), "UTF-32LE"},
	    {RC_SLICE_LIT("\0\0\xfe\xff"), "UTF-32BE"},
	    {RC_SLICE_LIT("\xff\xfe"), "UTF-16LE"},
	    {RC_SLICE_LIT("\xfe\xff"), "UTF-16BE"},
	};
	unsigned zero = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (rc_slice_starts(front, marks[i].mark, NULL))
			return marks[i].name;
	/* The header is ASCII, so each unit of it has zeros, all alike. */
	for (size_t i = 0; i < 4 && i < front.len; i++)
		zero |= (unsigned)(front.p[i] == '\0') << i;
	if (front.len < 2)
		return NULL;
	switch (zero) {
	case 0xa:
		return "UTF-16LE";
	case 0x2:
		return front.len < 4 ? "UTF-16LE" : NULL;
	case 0x5:
		return "UTF-16BE";
	case 0x1:
		return front.len < 4 ? "UTF-16BE" : NULL;
	case 0xe:
		return "UTF-32LE";
	case 0x7:
		return "UTF-32BE";
	default:
		return NULL;
	}
}
