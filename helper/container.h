/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container: the one that a login gets, as it runs or newly made.
 *
 * Set-uid, real root, before the session. There is one way in: create if
 * absent, then join.
 */
#ifndef CS_CONTAINER_H
#define CS_CONTAINER_H

#include "caller.h"
#include "create.h"
#include "decision.h"
#include "join.h"
#include "record.h"
#include "request.h"

/*
 * A container that runs or is being made, held: it does not end before the lease
 * is given up.
 */
struct cs_container {
	struct cs_record record;
	struct cs_join join;
	struct cs_creation creation;
	int lease;
	int slot;	/* of the roster: this session's */
};

#define CS_CONTAINER_NONE                                                             \
	{                                                                             \
		.join = CS_JOIN_NONE, .creation = CS_CREATION_NONE, .lease = -1, .slot = -1 \
	}

/*
 * Hold the caller's container, begun to be made if need be (cs_container_settle),
 * with a slot for this session. The lock of *@ret_user_fd is held then. @decision is kept over attempts: what
 * has been decided once is not asked again. Refuses, and then does not return.
 */
void cs_container_find(const struct cs_caller *caller, const struct cs_request *request,
		       struct cs_decision *decision, struct cs_container *ret_container,
		       int *ret_user_fd);

/*
 * Hold init of @container, if it is being made: from here on a session can be forked
 * into it. Refuses, and then does not return.
 */
void cs_container_wait_for_init(const struct cs_caller *caller, struct cs_container *container,
				int user_fd);

/*
 * Wait until @container is made, if it is being made. 0 with its record as it is
 * on file; or -errno with *@ret_report filled, and nothing of it is left. The
 * lock of @user_fd is held before and after.
 */
int cs_container_settle(const struct cs_caller *caller, struct cs_container *container,
			int user_fd, struct cs_report *ret_report);

/*
 * Hold the running container @instance of user @uid, for an entry. 0 with the
 * lock held, -ESRCH if it does not run, or -errno.
 */
int cs_container_hold(uid_t uid, const char *instance, struct cs_container *ret_container,
		      int *ret_user_fd);

/* Put this session on the container's roster; the lock is held. 0 or -errno. */
int cs_container_take_slot(const struct cs_caller *caller, bool by_admin, int user_fd,
			   struct cs_container *container);

/* Close all that is held. */
void cs_container_release(struct cs_container *container);

#endif
