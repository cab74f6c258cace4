/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz: what all targets have in common. A target takes bytes, gives them to one
 * function of the project's, and aborts if what must always hold does not.
 */
#ifndef CS_FUZZ_H
#define CS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "plan.h"

/* libFuzzer takes an abort as a crash, and keeps the input. */
#define REQUIRE(condition)                                                                  \
	do {                                                                                \
		if (!(condition)) {                                                         \
			(void)fprintf(stderr, "%s:%d: %s: does not hold: %s\n", __FILE__,   \
				      __LINE__, __func__, #condition);                      \
			abort();                                                            \
		}                                                                           \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file of these bytes, read from its start; one for each process, not to be closed. */
int fuzz_file(const void *data, size_t size);
/* Its name. */
const char *fuzz_file_path(void);

/*
 * The words of @data, a NUL between each two, as a vector with NULL at the end, each an
 * allocation of its own so that reading past its end is seen.
 */
struct fuzz_words {
	char **list;
	size_t count;
};

struct fuzz_words fuzz_words_of(const uint8_t *data, size_t size, size_t max);
void fuzz_words_free(struct fuzz_words *words);

/* Is @text one line that a terminal shows as it is? With @high, bytes above 0x7e as well. */
bool fuzz_is_line(const char *text, bool high);
/* Each problem is such a line, of "FILE:". */
void fuzz_check_problems(const struct cs_conf_problems *problems, const char *file);

/* What holds for each plan, made or received: its texts are its own, and end; no path is odd. */
void fuzz_check_plan(const struct cs_plan *plan);
/*
 * Send @plan and receive it: the same, and sent again the same bytes. With @full, it is no
 * fault if it has no room. The bytes are in fuzz_file().
 */
void fuzz_check_round_trip(const struct cs_plan *plan, bool full);

#endif
