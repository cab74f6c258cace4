/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limits: what a container may take, said to the kernel by its control group.
 *
 * Set-uid, on the host, with the user's lock held; before any process is in the
 * group. A limit that the kernel does not take, or does not have afterwards, is
 * no limit: then there is no container either.
 */
#ifndef CS_LIMITS_H
#define CS_LIMITS_H

#include "plan.h"
#include "report.h"

/* What is limited first, as a report's words; NULL: the plan has no limit of this kind. */
const char *cs_limits_wanted(const struct cs_plan *plan);

/*
 * Give the group @group_fd, which is @path below @root_fd, the plan's limits, and
 * read them back. The controllers are made available down the path, where they are
 * not. 0, or -errno with @ret_report saying which limit, and why not.
 */
int cs_limits_set(const struct cs_plan *plan, int root_fd, const char *path, int group_fd,
		  struct cs_report *ret_report);

#endif
