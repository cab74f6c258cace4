/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan_kept: a user's plan, kept for the next login that would get the same one.
 *
 * Floor 1. A plan follows from files and numbers: the configuration, the files
 * of the name service, this package's planner, and the caller's ids. Their stamp
 * is the plan's basis; while it is the same, the planner has nothing to find out.
 * The planner keeps (only what it knows to come from these files, local.h); the
 * set-uid helper reads.
 */
#ifndef CS_PLAN_KEPT_H
#define CS_PLAN_KEPT_H

#include <sys/types.h>

#include "conf_stamp.h"
#include "plan.h"

/*
 * The basis of the plan of a process with these ids, as it is now: of inodes and
 * numbers, no file is read. 0 or -errno.
 */
int cs_plan_kept_basis(uid_t uid, gid_t gid, const gid_t *groups, size_t group_count,
		       struct cs_conf_stamp *ret_basis);

/*
 * Have the files of the name service been as they are for longer than a clock's
 * tick? A change within one and the same tick may not be seen in their times.
 */
bool cs_plan_kept_is_settled(void);

/*
 * Keep @plan, made from @conf, under @basis: CS_PLANS_DIR/UID, root's alone. 0,
 * -EWOULDBLOCK when another planner is at it, or -errno; then there is the plan
 * before, or none.
 */
int cs_plan_kept_write(const struct cs_conf_stamp *basis, const struct cs_plan *plan,
		       const struct cs_conf_stamp *conf);

/*
 * The plan kept for @uid and @gid under @basis, as checked as one that the
 * planner sends. 0, -ENOENT, -ESTALE for another basis, or another -errno: then
 * the planner has to be asked.
 */
int cs_plan_kept_read(const struct cs_conf_stamp *basis, uid_t uid, gid_t gid,
		      struct cs_plan *ret_plan, struct cs_conf_stamp *ret_conf);

#endif
