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
#include "join.h"
#include "plan.h"
#include "record.h"
#include "report.h"

/* A container that is being made; nothing of it is known to others yet. */
struct cs_creation {
	pid_t monitor;
	int report_fd;		/* -1: it is made, or there is none */
	int gate_fd;		/* the session's end of the gate (gate.h) */
	pid_t session;		/* the caller's child that was forked into it; -1: none yet */
};

#define CS_CREATION_NONE { .monitor = -1, .report_fd = -1, .gate_fd = -1, .session = -1 }

/*
 * Begin to make the container of @plan. *@ret_record says what it will be but for
 * its processes. @ret_lease_write is the caller's lease, taken before anything else:
 * should the caller die, the monitor sees it and ends what it began. 0, or -errno
 * with @ret_report filled: what could not be done. Nothing is left of a container
 * that could not be made.
 */
int cs_create(const struct cs_plan *plan, const struct cs_caller *caller,
	      const struct cs_conf_stamp *stamp, const char *instance, int user_fd,
	      struct cs_record *ret_record, int *ret_lease_write,
	      struct cs_creation *ret_creation, struct cs_report *ret_report);

/*
 * Wait until init has been started, and hold it: so that a session can be forked
 * into its namespaces, while it builds. 0 with *@record telling init; or as above,
 * and @creation is ended. What need not know init is done before: there is time.
 */
int cs_create_hold(struct cs_creation *creation, struct cs_record *record,
		   struct cs_join *ret_join, struct cs_report *ret_report);

/*
 * Wait until it is made and recorded, with a deadline: 0 and *@record as it is
 * on file; or as above, and the session has ended and is reaped. Ends @creation
 * in any case.
 */
int cs_create_await(struct cs_creation *creation, int user_fd, struct cs_record *record,
		    struct cs_report *ret_report);

/* Close what @creation holds. */
void cs_create_let_go(struct cs_creation *creation);

/*
 * Remove the record, and with @record the group, of a container that is no more.
 * The lock is held. 0 or -errno.
 */
int cs_create_forget(int user_fd, const struct cs_record *record, const char *instance);

/*
 * Remove empty groups of @instance ("": of any) of this user's that a killed
 * helper has left. Those with a process in them stay. The lock is held.
 */
void cs_create_sweep(uid_t uid, const char *instance);

#endif
