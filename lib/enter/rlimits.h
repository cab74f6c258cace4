/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rlimits: what each session may take: setrlimit(2), nice(2) and what the kernel
 * goes by when there is no memory.
 *
 * Floor 2. In the process that becomes the session, while it is root of the host:
 * to raise a hard limit needs CAP_SYS_RESOURCE. What cannot be set stops the login.
 */
#ifndef CS_RLIMITS_H
#define CS_RLIMITS_H

#include <stddef.h>

#include "limit.h"

/*
 * Set those of @limits that setrlimit(2) and setpriority(2) know. 0, or -errno with
 * the key of the one that failed in *@ret_key.
 */
int cs_rlimits_set(const struct cs_limit *limits, size_t count, const char **ret_key);

/* Set oom_score_adj, if it is one of @limits; by the host's /proc. 0 or -errno. */
int cs_rlimits_adjust_oom(const struct cs_limit *limits, size_t count);

/*
 * Be scheduled as a login is: with @nice, on every processor that the control group
 * has, without any of the priorities that whoever started us may have. 0 or -errno.
 */
int cs_rlimits_schedule(int nice);

#endif
