/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json: see json.h. */
#include "json.h"

/* Length of the valid UTF-8 sequence at @text (RFC 3629), 0 if it is none. */
static int sequence(const unsigned char *text)
{
	static const struct {
		unsigned char mask, lead;
		int length;
	} forms[] = { { 0xe0, 0xc0, 2 }, { 0xf0, 0xe0, 3 }, { 0xf8, 0xf0, 4 } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((text[0] & forms[i].mask) != forms[i].lead)
			continue;
		for (int k = 1; k < forms[i].length; k++)
			if ((text[k] & 0xc0) != 0x80)
				return 0;
		/* overlong, a surrogate, or above U+10FFFF */
		if (text[0] < 0xc2 || (text[0] == 0xe0 && text[1] < 0xa0) ||
		    (text[0] == 0xed && text[1] > 0x9f) || (text[0] == 0xf0 && text[1] < 0x90) ||
		    text[0] > 0xf4 || (text[0] == 0xf4 && text[1] > 0x8f))
			return 0;
		return forms[i].length;
	}
	return 0;
}

void cs_json_string(FILE *out, const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;

	(void)fputc('"', out);
	while (*byte != '\0') {
		int length = *byte < 0x80 ? 1 : sequence(byte);

		if (*byte == '"' || *byte == '\\')
			(void)fprintf(out, "\\%c", *byte);
		else if (*byte < 0x20 || *byte == 0x7f)
			(void)fprintf(out, "\\u%04x", *byte);
		else if (length == 0)
			(void)fputs("\\ufffd", out);
		else if (*byte == 0xc2 && byte[1] < 0xa0)	/* C1: a terminal may obey it */
			(void)fprintf(out, "\\u%04x", byte[1]);
		else
			(void)fwrite(byte, 1, (size_t)length, out);
		byte += length > 0 ? length : 1;
	}
	(void)fputc('"', out);
}

void cs_json_key(FILE *out, const char *name, int *first)
{
	if (!*first)
		(void)fputs(", ", out);
	*first = 0;
	cs_json_string(out, name);
	(void)fputs(": ", out);
}

void cs_json_member(FILE *out, const char *name, const char *text, int *first)
{
	cs_json_key(out, name, first);
	cs_json_string(out, text);
}

void cs_json_number(FILE *out, const char *name, uint64_t number, int *first)
{
	cs_json_key(out, name, first);
	(void)fprintf(out, "%llu", (unsigned long long)number);
}
