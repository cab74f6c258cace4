/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tap: the Test Anything Protocol in one page, for the unit tests.
 *
 * A test is a function <function>__<situation> in the program's one table.
 * For tests only, hence the file-scope state.
 */
#ifndef CS_TAP_H
#define CS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct tap_test {
	const char *name;
	void (*run)(void);
};

#define TAP_TEST(function) { #function, function }
#define TAP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool tap_failed;
static const char *tap_skipped;

/* Go on after a failure: the next check may say more. */
#define CHECK(condition)                                                              \
	do {                                                                          \
		if (!(condition)) {                                                   \
			tap_failed = true;                                            \
			printf("# %s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
		}                                                                     \
	} while (0)

/* Leave the test: it cannot be run here. */
#define SKIP(reason)                    \
	do {                            \
		tap_skipped = (reason); \
		return;                 \
	} while (0)

static inline int tap_run(const struct tap_test *tests, size_t count)
{
	int status = 0;

	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		tap_failed = false;
		tap_skipped = NULL;
		tests[i].run();
		printf("%s %zu - %s%s%s\n", tap_failed ? "not ok" : "ok", i + 1, tests[i].name,
		       tap_skipped ? " # SKIP " : "", tap_skipped ? tap_skipped : "");
		(void)fflush(stdout);	/* a crash of the next must not take it along */
		if (tap_failed)
			status = 1;
	}
	return status;
}

#endif
