/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan_wire: a plan's way from the planner, which may ask NSS and read the
 * configuration, to the set-uid helper, which may not.
 *
 * Floor 1. Both are root's and of one build; the receiver still takes nothing
 * for granted: it bounds every count, ends every text and checks every path.
 */
#ifndef CS_PLAN_WIRE_H
#define CS_PLAN_WIRE_H

#include "conf_stamp.h"
#include "plan.h"

#define CS_PLAN_REFUSAL_MAX 512

/* Instead of a plan: "cannot @what: @why". */
struct cs_plan_refusal {
	char what[CS_PLAN_REFUSAL_MAX];
	char why[CS_PLAN_REFUSAL_MAX];
};

/* Write @plan and the stamp of what it was made from, or a refusal. 0 or -errno of write(2). */
int cs_plan_send(int fd, const struct cs_plan *plan, const struct cs_conf_stamp *stamp);
int cs_plan_send_refusal(int fd, const char *what, const char *why);

/*
 * Read what the sender wrote until it closes its end, waiting @timeout_ms at
 * the most for each part. 0 with a plan; -ECANCELED with a refusal; -EPIPE
 * without a word; -ETIMEDOUT; -EBADMSG for what no planner of ours sends; or -errno.
 */
int cs_plan_receive(int fd, int timeout_ms, struct cs_plan *ret_plan,
		    struct cs_conf_stamp *ret_stamp, struct cs_plan_refusal *ret_refusal);

#endif
