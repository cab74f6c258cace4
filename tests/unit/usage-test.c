/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage-test: sizes and times of shell/usage.c, as people read them. */
#include <string.h>

#include "tap.h"
#include "usage.h"

#define KIB UINT64_C(1024)
#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct expected {
	uint64_t value;
	const char *text;
};

static void gives(void (*print)(uint64_t, char *, size_t), const struct expected *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[24];	/* what usage.h asks for */

		print(rows[i].value, text, sizeof(text));
		if (strcmp(text, rows[i].text) != 0)
			printf("# \"%s\" instead of \"%s\"\n", text, rows[i].text);
		CHECK(strcmp(text, rows[i].text) == 0);
	}
}

static void print_size__has_one_decimal_from_1k(void)
{
	static const struct expected rows[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 1023, "1023" },
		{ KIB, "1.0K" },
		{ KIB + KIB / 2, "1.5K" },
		{ 10 * KIB, "10.0K" },
		{ 4096, "4.0K" },
		{ KIB * KIB, "1.0M" },
		{ 3 * KIB * KIB * KIB + KIB * KIB * KIB / 4, "3.2G" },
	};

	gives(cs_usage_print_size, rows, TAP_COUNT(rows));
}

static void print_size__cuts_and_never_rounds_up(void)
{
	static const struct expected rows[] = {
		{ 2 * KIB - 1, "1.9K" },
		{ KIB * KIB - 1, "1023.9K" },
		{ KIB * KIB * KIB - 1, "1023.9M" },
	};

	gives(cs_usage_print_size, rows, TAP_COUNT(rows));
}

static void print_size__takes_every_number(void)
{
	static const struct expected rows[] = {
		{ KIB * KIB * KIB * KIB, "1.0T" },
		{ KIB * KIB * KIB * KIB * KIB, "1.0P" },
		{ KIB * KIB * KIB * KIB * KIB * KIB, "1.0E" },
		{ UINT64_MAX, "15.9E" },
	};

	gives(cs_usage_print_size, rows, TAP_COUNT(rows));
}

static void print_time__has_one_unit_below_a_minute(void)
{
	static const struct expected rows[] = {
		{ 0, "0ms" },
		{ 1, "1ms" },
		{ 999, "999ms" },
		{ SECOND, "1s" },
		{ 1500, "1s" },
		{ MINUTE - 1, "59s" },
	};

	gives(cs_usage_print_time, rows, TAP_COUNT(rows));
}

static void print_time__has_two_units_above(void)
{
	static const struct expected rows[] = {
		{ MINUTE, "1min" },
		{ MINUTE + 999, "1min" },
		{ MINUTE + SECOND, "1min 1s" },
		{ 90 * SECOND, "1min 30s" },
		{ HOUR - 1, "59min 59s" },
		{ HOUR + MINUTE + SECOND, "1h 1min" },
		{ 2 * HOUR + 30 * MINUTE, "2h 30min" },
		{ DAY - 1, "23h 59min" },
		{ DAY, "1d" },
		{ 3 * DAY + 4 * HOUR, "3d 4h" },
		{ 366 * DAY, "366d" },
	};

	gives(cs_usage_print_time, rows, TAP_COUNT(rows));
}

/* The second unit is the next one or none: "1d 5min" would be read as 1d 5h. */
static void print_time__leaves_out_a_second_unit_of_nothing(void)
{
	static const struct expected rows[] = {
		{ HOUR + 59 * SECOND, "1h" },
		{ DAY + 59 * MINUTE, "1d" },
	};

	gives(cs_usage_print_time, rows, TAP_COUNT(rows));
}

static void print_time__takes_every_number(void)
{
	static const struct expected rows[] = { { UINT64_MAX, "213503982334d 14h" } };

	gives(cs_usage_print_time, rows, TAP_COUNT(rows));
}

static const struct tap_test tests[] = {
	TAP_TEST(print_size__has_one_decimal_from_1k),
	TAP_TEST(print_size__cuts_and_never_rounds_up),
	TAP_TEST(print_size__takes_every_number),
	TAP_TEST(print_time__has_one_unit_below_a_minute),
	TAP_TEST(print_time__has_two_units_above),
	TAP_TEST(print_time__leaves_out_a_second_unit_of_nothing),
	TAP_TEST(print_time__takes_every_number),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
