/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpus: sets of processors, in the words of cpuset(7): "0-3,5".
 *
 * Floor 0. Runs anywhere. Does not know which processors there are.
 */
#ifndef CS_CPUS_H
#define CS_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CS_CPUS_MAX 8192	/* CONFIG_NR_CPUS at its highest */
#define CS_CPUS_TEXT_MAX 256

struct cs_cpus {
	uint64_t set[CS_CPUS_MAX / 64];
};

/*
 * Numbers and ranges with a comma or a blank between them, in any order, and an end of line
 * as the kernel writes it; not none. 0 or -EINVAL.
 */
int cs_cpus_parse(const char *text, struct cs_cpus *ret_cpus);
/* The same as the kernel prints it: in order, each once. 0, or -E2BIG if it has no room. */
int cs_cpus_print(const struct cs_cpus *cpus, char *ret_text, size_t size);
/* Is each of @some one of @all, and is there one? */
bool cs_cpus_within(const struct cs_cpus *some, const struct cs_cpus *all);

#endif
