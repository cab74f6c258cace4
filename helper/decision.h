/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decision: what container the caller gets, found out by another program.
 *
 * Set-uid, on the host. NSS, the configuration's parser and the loader that
 * they need are never in the set-uid process: container-shell-planner has them,
 * without a capability, and sends the plan. Where it follows from files of this
 * host alone it is kept (plan_kept.h), and not asked for while they are the same.
 */
#ifndef CS_DECISION_H
#define CS_DECISION_H

#include "caller.h"
#include "plan.h"
#include "plan_wire.h"

struct cs_decision {
	bool made;
	struct cs_plan plan;
	struct cs_conf_stamp stamp;	/* of the config files that it was made from */
};

/*
 * 0 with a decision; -ECANCELED with the planner's refusal; -EPIPE if it ended
 * without a word; -ETIMEDOUT; -EBADMSG; or -errno. Its process may still be
 * ending: whoever waits for children reaps it in passing.
 */
int cs_decision_make(const struct cs_caller *caller, struct cs_decision *ret_decision,
		     struct cs_plan_refusal *ret_refusal);

#endif
