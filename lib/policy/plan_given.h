/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan_given: the mounts that the configuration asks for, put into a plan that
 * has the container's own already.
 *
 * Floor 1. Pure, as plan.h is.
 */
#ifndef CS_PLAN_GIVEN_H
#define CS_PLAN_GIVEN_H

#include "plan.h"

/*
 * Add all that @class asks for, for @user. 0, or -EINVAL with a line in
 * @ret_error that names file, line and key of the one that cannot be.
 */
int cs_plan_add_given(const struct cs_conf_class *class, const struct cs_user *user,
		      struct cs_plan *plan, char *ret_error, size_t error_size);

#endif
