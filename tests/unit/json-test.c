/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json-test: that what shell/json.c writes parses, whatever it was given. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "tap.h"

#define REPLACED "\\ufffd"

static bool gives(const char *text, const char *expected)
{
	char *out = NULL, *wanted = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&out, &size);
	bool same;

	if (stream == NULL || asprintf(&wanted, "\"%s\"", expected) < 0)
		return false;
	cs_json_string(stream, text);
	same = fclose(stream) == 0 && strcmp(out, wanted) == 0;
	if (!same)
		printf("# %s instead of %s\n", out, wanted);
	free(out);
	free(wanted);
	return same;
}

static void string__is_quoted(void)
{
	CHECK(gives("", ""));
	CHECK(gives("alice", "alice"));
	CHECK(gives("a/b c,d:e[f]{g}'h'", "a/b c,d:e[f]{g}'h'"));
}

static void string__escapes_what_would_end_it(void)
{
	CHECK(gives("a\"b", "a\\\"b"));
	CHECK(gives("a\\b", "a\\\\b"));
	CHECK(gives("\\\"", "\\\\\\\""));
}

static void string__escapes_control_characters(void)
{
	for (int byte = 1; byte < 0x20; byte++) {
		const char text[] = { (char)byte, '\0' };
		char expected[8];

		snprintf(expected, sizeof(expected), "\\u%04x", byte);
		CHECK(gives(text, expected));
	}
	CHECK(gives("\x7f", "\\u007f"));
	CHECK(gives("a\x1b[2Jb\n", "a\\u001b[2Jb\\u000a"));
}

/* U+0080 to U+009F: valid, and obeyed by some terminals that the output may be shown on. */
static void string__escapes_c1_control_characters(void)
{
	CHECK(gives("\xc2\x80", "\\u0080"));
	CHECK(gives("a\xc2\x9b" "2J", "a\\u009b2J"));
	CHECK(gives("\xc2\x9f", "\\u009f"));
	CHECK(gives("\xc2\xa0", "\xc2\xa0"));
}

static void string__passes_valid_utf_8(void)
{
	static const char *const valid[] = {
		"\xc3\xa4", "\xdf\xbf",				/* two bytes, to U+07FF */
		"\xe0\xa0\x80", "\xe2\x82\xac", "\xed\x9f\xbf",	/* three, around the surrogates */
		"\xee\x80\x80", "\xef\xbf\xbd", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",		/* four, to U+10FFFF */
	};

	for (size_t i = 0; i < TAP_COUNT(valid); i++)
		CHECK(gives(valid[i], valid[i]));
	CHECK(gives("x\xc3\xa4y\xe2\x82\xacz", "x\xc3\xa4y\xe2\x82\xacz"));
}

static void string__replaces_bytes_that_begin_nothing(void)
{
	CHECK(gives("\x80", REPLACED));
	CHECK(gives("a\xbf" "b", "a" REPLACED "b"));
	CHECK(gives("\xf8\xfc\xfe\xff", REPLACED REPLACED REPLACED REPLACED));
	CHECK(gives("\xf5\x80\x80\x80", REPLACED REPLACED REPLACED REPLACED));
}

static void string__replaces_a_sequence_cut_short(void)
{
	CHECK(gives("\xc3", REPLACED));
	CHECK(gives("\xe2\x82", REPLACED REPLACED));
	CHECK(gives("\xf0\x90\x80", REPLACED REPLACED REPLACED));
	CHECK(gives("\xc3" "a", REPLACED "a"));
	CHECK(gives("\xe2\x82" "a", REPLACED REPLACED "a"));
	/* what follows keeps its meaning */
	CHECK(gives("\xc3\"", REPLACED "\\\""));
	CHECK(gives("\xf0\x90\xc3\xa4", REPLACED REPLACED "\xc3\xa4"));
}

static void string__replaces_overlong_forms(void)
{
	CHECK(gives("\xc0\xa2", REPLACED REPLACED));		/* '"' in two bytes */
	CHECK(gives("\xc1\xbf", REPLACED REPLACED));
	CHECK(gives("\xe0\x80\xa2", REPLACED REPLACED REPLACED));
	CHECK(gives("\xe0\x9f\xbf", REPLACED REPLACED REPLACED));
	CHECK(gives("\xf0\x80\x80\xa2", REPLACED REPLACED REPLACED REPLACED));
	CHECK(gives("\xf0\x8f\xbf\xbf", REPLACED REPLACED REPLACED REPLACED));
}

static void string__replaces_surrogates_and_what_is_above_unicode(void)
{
	CHECK(gives("\xed\xa0\x80", REPLACED REPLACED REPLACED));
	CHECK(gives("\xed\xbf\xbf", REPLACED REPLACED REPLACED));
	CHECK(gives("\xf4\x90\x80\x80", REPLACED REPLACED REPLACED REPLACED));
}

static void member__has_commas_between(void)
{
	char *out = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&out, &size);
	int first = 1;

	cs_json_member(stream, "na\"me", "val\nue", &first);
	CHECK(!first);
	cs_json_number(stream, "least", 0, &first);
	cs_json_number(stream, "most", UINT64_MAX, &first);
	cs_json_key(stream, "key", &first);
	CHECK(fclose(stream) == 0);
	CHECK(strcmp(out, "\"na\\\"me\": \"val\\u000aue\", \"least\": 0, "
			  "\"most\": 18446744073709551615, \"key\": ") == 0);
	free(out);
}

static const struct tap_test tests[] = {
	TAP_TEST(string__is_quoted),
	TAP_TEST(string__escapes_what_would_end_it),
	TAP_TEST(string__escapes_control_characters),
	TAP_TEST(string__escapes_c1_control_characters),
	TAP_TEST(string__passes_valid_utf_8),
	TAP_TEST(string__replaces_bytes_that_begin_nothing),
	TAP_TEST(string__replaces_a_sequence_cut_short),
	TAP_TEST(string__replaces_overlong_forms),
	TAP_TEST(string__replaces_surrogates_and_what_is_above_unicode),
	TAP_TEST(member__has_commas_between),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
