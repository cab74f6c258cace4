/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * create: a new container, from the plan to a running init.
 *
 * Set-uid, real root, with the user's lock held. The helper forks what will be
 * the monitor; that one forks the builder, which becomes init.
 */
#ifndef CS_CREATE_H
#define CS_CREATE_H

#include "caller.h"
#include "conf.h"
#include "plan.h"
#include "record.h"
#include "report.h"

/*
 * Make the container of @plan and its record. @ret_lease_write is the caller's
 * lease, taken before anything else: should the caller die, the monitor sees it
 * and ends what it began. 0, or -errno with @ret_report filled: what could not
 * be done. Nothing is left of a container that could not be made.
 */
int cs_create(const struct cs_plan *plan, const struct cs_caller *caller,
	      const struct cs_conf_stamp *stamp, const char *instance, int user_fd,
	      struct cs_record *ret_record, int *ret_lease_write, struct cs_report *ret_report);

/*
 * Remove the record and the group of a container that is no more, and any empty
 * group that a killed helper has left of one that was not recorded yet. The lock
 * is held.
 */
int cs_create_forget(int user_fd, const struct cs_record *record, const char *instance,
		     uid_t uid);

#endif
