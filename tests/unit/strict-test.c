/* SPDX-License-Identifier: GPL-3.0-or-later */
/* strict-test: what lib/base/strict.c takes and, above all, what it refuses. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "strict.h"
#include "tap.h"

#define UNTOUCHED UINT64_C(4711)

/* Each of @texts gives @expected and leaves the result alone. */
static void refuses(int (*convert)(const char *, uint64_t *), const char *const *texts,
		    int expected)
{
	for (; *texts; texts++) {
		uint64_t value = UNTOUCHED;
		int err = convert(*texts, &value);

		if (err != expected)
			printf("# \"%s\": %d\n", *texts, err);
		CHECK(err == expected);
		CHECK(value == UNTOUCHED);
	}
}

static int u64_full(const char *text, uint64_t *ret_value)
{
	return cs_strict_u64(text, UINT64_MAX, ret_value);
}

static void u64__takes_digits_up_to_max(void)
{
	uint64_t value = UNTOUCHED;

	CHECK(u64_full("0", &value) == 0 && value == 0);
	CHECK(u64_full("18446744073709551615", &value) == 0 && value == UINT64_MAX);
	CHECK(cs_strict_u64("10", 10, &value) == 0 && value == 10);
	CHECK(cs_strict_u64("11", 10, &value) == -ERANGE && value == 10);
}

static void u64__refuses_all_else(void)
{
	static const char *const invalid[] = { "", " 1", "1 ", "+1", "-1", "0x1", "1e3", "1.0",
					       "99999999999999999999999x", "\xd9\xa1", NULL };
	static const char *const large[] = { "18446744073709551616", "99999999999999999999999999",
					     NULL };

	refuses(u64_full, invalid, -EINVAL);
	refuses(u64_full, large, -ERANGE);
}

static void size__takes_suffixes(void)
{
	uint64_t value = UNTOUCHED;

	CHECK(cs_strict_size("512", &value) == 0 && value == 512);
	CHECK(cs_strict_size("1K", &value) == 0 && value == 1024);
	CHECK(cs_strict_size("2G", &value) == 0 && value == UINT64_C(2) << 30);
	CHECK(cs_strict_size("16777215T", &value) == 0 && value == UINT64_C(16777215) << 40);
}

static void size__refuses_all_else(void)
{
	static const char *const invalid[] = { "", "K", "1k", "1KB", "1 K", "1KK", "-1M", "1M ",
					       "1.5G", "1E", NULL };
	static const char *const large[] = { "16777216T", "18446744073709551616K", NULL };

	refuses(cs_strict_size, invalid, -EINVAL);
	refuses(cs_strict_size, large, -ERANGE);
}

static void time__takes_pairs_and_seconds(void)
{
	uint64_t value = UNTOUCHED;

	CHECK(cs_strict_time("0", &value) == 0 && value == 0);
	CHECK(cs_strict_time("90", &value) == 0 && value == 90000);
	CHECK(cs_strict_time("250ms", &value) == 0 && value == 250);
	CHECK(cs_strict_time("1min 30s", &value) == 0 && value == 90000);
	CHECK(cs_strict_time("1min30s", &value) == 0 && value == 90000);
	CHECK(cs_strict_time("1d 2h", &value) == 0 && value == UINT64_C(93600000));
}

static void time__refuses_all_else(void)
{
	static const char *const invalid[] = { "", " ", "s", " 1s", "1s ", "1 s", "1min 30",
					       "5 5", "1m", "1S", "-1s", "1s,2s", "1.5s", NULL };
	static const char *const large[] = { "18446744073709551615", "18446744073709551616ms",
					     "18446744073709551615ms 1ms",
					     "99999999999999999999d", NULL };

	refuses(cs_strict_time, invalid, -EINVAL);
	refuses(cs_strict_time, large, -ERANGE);
}

static void bool__takes_systemds_words_only(void)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	static const char *const neither[] = { "", "Yes", "YES", "y", "t", "2", " yes", "yes " };
	bool value;

	for (size_t i = 0; i < TAP_COUNT(yes); i++) {
		value = false;
		CHECK(cs_strict_bool(yes[i], &value) == 0 && value);
		value = true;
		CHECK(cs_strict_bool(no[i], &value) == 0 && !value);
	}
	for (size_t i = 0; i < TAP_COUNT(neither); i++)
		CHECK(cs_strict_bool(neither[i], &value) == -EINVAL);
}

static void is_class_name__keeps_to_its_form(void)
{
	CHECK(cs_strict_is_class_name("a"));
	CHECK(cs_strict_is_class_name("students-2"));
	CHECK(cs_strict_is_class_name("a2345678901234567890123456789012"));
	CHECK(!cs_strict_is_class_name("a23456789012345678901234567890123"));
	CHECK(!cs_strict_is_class_name(""));
	CHECK(!cs_strict_is_class_name("2a"));
	CHECK(!cs_strict_is_class_name("-a"));
	CHECK(!cs_strict_is_class_name("A"));
	CHECK(!cs_strict_is_class_name("a:b"));
	CHECK(!cs_strict_is_class_name("a/b"));
	CHECK(!cs_strict_is_class_name("a "));
	CHECK(!cs_strict_is_class_name("\xc3\xa4"));
}

static void is_user_name__takes_what_useradd_takes(void)
{
	char longest[257];

	CHECK(cs_strict_is_user_name("alice"));
	CHECK(cs_strict_is_user_name("Alice.B"));
	CHECK(cs_strict_is_user_name("alice@example.org"));
	CHECK(cs_strict_is_user_name("machine$"));
	CHECK(cs_strict_is_user_name("0day"));
	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	CHECK(cs_strict_is_user_name(longest));
	longest[255] = 'a';
	longest[256] = '\0';
	CHECK(!cs_strict_is_user_name(longest));
}

static void is_user_name__refuses_what_misleads(void)
{
	static const char *const bad[] = { "", "-alice", "0", "1000", "a b", "a\tb", "a\nb", "a:b",
					   "a,b", "a/b", "../a", "a\\b", "a\"", "a'", "a`", "*",
					   "a\x7f", "\xc3\xa4" };

	for (size_t i = 0; i < TAP_COUNT(bad); i++)
		CHECK(!cs_strict_is_user_name(bad[i]));
}

static void is_env_name__keeps_to_its_form(void)
{
	char longest[65];

	CHECK(cs_strict_is_env_name("LANG"));
	CHECK(cs_strict_is_env_name("_a1"));
	CHECK(!cs_strict_is_env_name(""));
	CHECK(!cs_strict_is_env_name("1A"));
	CHECK(!cs_strict_is_env_name("A=B"));
	CHECK(!cs_strict_is_env_name("A-B"));
	CHECK(!cs_strict_is_env_name("BASH_FUNC_x%%"));
	memset(longest, 'A', sizeof(longest));
	longest[64] = '\0';
	CHECK(!cs_strict_is_env_name(longest));
	longest[63] = '\0';
	CHECK(cs_strict_is_env_name(longest));
}

static void is_verity__keeps_to_its_form(void)
{
	char digest[160];
	static const char *const wrong[] = {
		"", "sha256:", "sha1:0", "md5:", "SHA256:", ":",
	};

	(void)snprintf(digest, sizeof(digest), "sha256:%064d", 7);
	CHECK(cs_strict_is_verity(digest));
	digest[70] = 'a';
	CHECK(cs_strict_is_verity(digest));
	digest[70] = 'A';
	CHECK(!cs_strict_is_verity(digest));
	digest[70] = '\0';
	CHECK(!cs_strict_is_verity(digest));
	(void)snprintf(digest, sizeof(digest), "sha256:%065d", 7);
	CHECK(!cs_strict_is_verity(digest));
	(void)snprintf(digest, sizeof(digest), "sha512:%064d", 7);
	CHECK(!cs_strict_is_verity(digest));
	(void)snprintf(digest, sizeof(digest), "sha512:%0128d", 7);
	CHECK(cs_strict_is_verity(digest));
	(void)snprintf(digest, sizeof(digest), "sha384:%096d", 7);
	CHECK(!cs_strict_is_verity(digest));
	for (size_t i = 0; i < TAP_COUNT(wrong); i++)
		CHECK(!cs_strict_is_verity(wrong[i]));
}

static void is_path__keeps_to_the_plain_form(void)
{
	static const char *const good[] = { "/", "/a", "/a/b", "/a/..b", "/...", "/a b",
					    "/home/\xc3\xa4" };
	static const char *const bad[] = { "", "a", "./a", "//", "//a", "/a//b", "/a/", "/.",
					   "/..", "/a/.", "/a/../b", "/a\nb", "/a\x7f", "/a/\x01" };
	char longest[PATH_MAX + 1];

	for (size_t i = 0; i < TAP_COUNT(good); i++)
		CHECK(cs_strict_is_path(good[i]));
	for (size_t i = 0; i < TAP_COUNT(bad); i++)
		CHECK(!cs_strict_is_path(bad[i]));
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[PATH_MAX] = '\0';
	CHECK(!cs_strict_is_path(longest));
	longest[PATH_MAX - 1] = '\0';
	CHECK(cs_strict_is_path(longest));
}

static void path_within__compares_components(void)
{
	CHECK(cs_strict_path_within("/srv/a", "/srv/a"));
	CHECK(cs_strict_path_within("/srv/a/b", "/srv/a"));
	CHECK(cs_strict_path_within("/srv", "/"));
	CHECK(cs_strict_path_within("/", "/"));
	CHECK(!cs_strict_path_within("/srv/ab", "/srv/a"));
	CHECK(!cs_strict_path_within("/srv", "/srv/a"));
	CHECK(!cs_strict_path_within("/", "/srv"));
}

static void escape__leaves_nothing_that_a_terminal_obeys(void)
{
	static const char text[] = "a\x1b[m\\\n\x9b\x7f\0z";
	char out[64];

	cs_strict_escape(text, sizeof(text) - 1, out, sizeof(out));
	CHECK(strcmp(out, "a\\x1b[m\\x5c\\x0a\\x9b\\x7f\\x00z") == 0);
}

static void escape__cuts_between_bytes(void)
{
	char out[8];

	cs_strict_escape("abc\n", 4, out, sizeof(out));
	CHECK(strcmp(out, "abc\\x0a") == 0);
	cs_strict_escape("abcd\n", 5, out, sizeof(out));
	CHECK(strcmp(out, "abcd") == 0);
	cs_strict_escape("abc", 3, out, 1);
	CHECK(strcmp(out, "") == 0);
	out[0] = 'x';
	cs_strict_escape("abc", 3, out, 0);
	CHECK(out[0] == 'x');
}

static const struct tap_test tests[] = {
	TAP_TEST(u64__takes_digits_up_to_max),
	TAP_TEST(u64__refuses_all_else),
	TAP_TEST(size__takes_suffixes),
	TAP_TEST(size__refuses_all_else),
	TAP_TEST(time__takes_pairs_and_seconds),
	TAP_TEST(time__refuses_all_else),
	TAP_TEST(bool__takes_systemds_words_only),
	TAP_TEST(is_class_name__keeps_to_its_form),
	TAP_TEST(is_user_name__takes_what_useradd_takes),
	TAP_TEST(is_user_name__refuses_what_misleads),
	TAP_TEST(is_env_name__keeps_to_its_form),
	TAP_TEST(is_verity__keeps_to_its_form),
	TAP_TEST(is_path__keeps_to_the_plain_form),
	TAP_TEST(path_within__compares_components),
	TAP_TEST(escape__leaves_nothing_that_a_terminal_obeys),
	TAP_TEST(escape__cuts_between_bytes),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
