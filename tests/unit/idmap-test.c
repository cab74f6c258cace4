/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idmap-test: maps of ids, as text and back, and that nothing unsound is taken. */
#include <errno.h>
#include <string.h>

#include "idmap.h"
#include "tap.h"

static bool parses(const char *text)
{
	struct cs_idmap map;
	int result = cs_idmap_parse(text, &map);

	CHECK(result == 0 || result == -EBADMSG);
	return result == 0;
}

static void add__merges_what_goes_on(void)
{
	struct cs_idmap map = { 0 };

	CHECK(cs_idmap_add(&map, 0, 100000, 10) == 0);
	CHECK(cs_idmap_add(&map, 10, 100010, 5) == 0);
	CHECK(map.count == 1 && map.extents[0].count == 15);
	CHECK(cs_idmap_add(&map, 15, 200000, 1) == 0);
	CHECK(map.count == 2);
}

static void print__is_what_parse_takes(void)
{
	struct cs_idmap map = { 0 }, again;
	char text[CS_IDMAP_TEXT_MAX];
	uint32_t outside = 0;

	CHECK(cs_idmap_add(&map, 0, 100000, 1000) == 0);
	CHECK(cs_idmap_add(&map, 1000, 1000, 1) == 0);
	CHECK(cs_idmap_add(&map, 1001, 101000, 64535) == 0);
	CHECK(cs_idmap_print(&map, text, sizeof(text)) == 0);
	CHECK(strcmp(text, "0 100000 1000\n1000 1000 1\n1001 101000 64535\n") == 0);
	CHECK(cs_idmap_parse(text, &again) == 0 && again.count == 3);
	CHECK(cs_idmap_outside(&again, 999, &outside) && outside == 100999);
	CHECK(cs_idmap_outside(&again, 1000, &outside) && outside == 1000);
	CHECK(cs_idmap_outside(&again, 65535, &outside) && outside == 165534);
	CHECK(!cs_idmap_outside(&again, 65536, &outside));
}

/* The longest lines there can be: the kernel takes less than a page in one write. */
static void print__fits_a_write(void)
{
	struct cs_idmap map = { 0 };
	char text[CS_IDMAP_TEXT_MAX];

	for (uint32_t i = 0; i < CS_IDMAP_MAX; i++)
		CHECK(cs_idmap_add(&map, 3000000000U + 2 * i * 1000000U, 1000000000U + 3 * i * 1000000U,
				   1000000U) == 0);
	CHECK(cs_idmap_add(&map, 1, 1, 1) == -E2BIG);
	CHECK(cs_idmap_print(&map, text, sizeof(text)) == 0 && strlen(text) < 4096);
	CHECK(cs_idmap_print(&map, text, 100) == -E2BIG);
}

static void parse__takes_nothing_unsound(void)
{
	static const char *const wrong[] = {
		"", "\n", "0 100000 65536", "0 100000 65536\n\n", "0 100000\n", " 0 100000 1\n",
		"0  100000 1\n", "0 100000 1 \n", "0 100000 1\n1", "-1 100000 1\n", "+0 100000 1\n",
		"0x0 100000 1\n", "00 100000 1\n", "0 100000 0\n", "a 100000 1\n",
		/* the host's root */
		"0 0 1\n", "0 100000 10\n10 0 1\n", "0 0 4294967295\n",
		/* past the end */
		"0 4294967295 1\n", "0 4294967294 2\n", "4294967294 100000 2\n",
		"0 100000 4294967295\n", "0 4294967296 1\n", "0 99999999999 1\n",
		/* the same id twice, inside and outside */
		"0 100000 10\n9 200000 1\n", "0 100000 10\n10 100009 1\n", "0 100000 10\n10 99999 2\n",
		"5 100000 1\n0 200000 1\n",
	};

	for (size_t i = 0; i < TAP_COUNT(wrong); i++) {
		if (parses(wrong[i]))
			printf("# taken: %s\n", wrong[i]);
		CHECK(!parses(wrong[i]));
	}
	CHECK(parses("0 1000 1\n"));
	CHECK(parses("0 4294967294 1\n"));
	CHECK(parses("0 100000 10\n10 100010 1\n20 99999 1\n"));
}

static const struct tap_test tests[] = {
	TAP_TEST(add__merges_what_goes_on),
	TAP_TEST(print__is_what_parse_takes),
	TAP_TEST(print__fits_a_write),
	TAP_TEST(parse__takes_nothing_unsound),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
