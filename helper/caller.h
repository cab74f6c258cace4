/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * caller: who started the helper and with what, and making the process ours.
 *
 * Set-uid, on the host, first of all. A set-uid program inherits far more than
 * its arguments; THREATS: what survives the exec is umask, limits, timers,
 * blocked and ignored signals, descriptors, the environment and the directory.
 */
#ifndef CS_CALLER_H
#define CS_CALLER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "ids.h"
#include "record.h"
#include "request.h"

struct cs_caller {
	uid_t uid;
	gid_t gid;
	gid_t *groups;			/* for the life of the process */
	size_t group_count;
	mode_t umask;
	struct rlimit limits[RLIM_NLIMITS];
	char **environment;		/* as it came; only the session may see a part of it */
	char login_uid[16];		/* of an admin's entry: audit's, or "" */
	int agent_fd;			/* -1, or the caller's own socket */
	int terminal_fd;		/* 0 to 2: a terminal whose session we lead; or -1 */
	/* Of prepare: who is to hold the session, and where from, in PAM's words. */
	pid_t holder;
	const char *tty, *from;
};

/*
 * First of all, as even refusing needs descriptors: note the limits in
 * @caller and replace them by our own. 0 or -errno.
 */
int cs_caller_take_limits(struct cs_caller *caller);

/*
 * Refuse to run at all where the helper cannot do its work or where "root" may
 * not be the host's: NULL, or what is wrong.
 */
const char *cs_caller_refuse(void);

/*
 * Take note of the caller and undo all that came with the process. Afterwards
 * every id is 0, the environment empty, only descriptors 0 to 2 (and the one that
 * @request comes with) open. The environment strings stay where they are.
 * @ret_caller has its limits already.
 * 0, -EPERM for an agent descriptor that is not a socket of the caller's, or -errno.
 */
int cs_caller_take(const struct cs_request *request, struct cs_caller *ret_caller);

/*
 * For an entry by root: be who the container of @record is for, with nothing of
 * root's environment but TERM, and with the limits and the priority of the login that made
 * it. 0 or -errno.
 */
int cs_caller_become(struct cs_caller *caller, int user_fd, const struct cs_record *record);
/* After that: its root instead, without a group. 0, or -EPERM if it has none. */
int cs_caller_become_root(struct cs_caller *caller, const struct cs_record *record);
/* For PAM: be whom @request is about. 0 or -ENOMEM. */
int cs_caller_stand_for(struct cs_caller *caller, const struct cs_request *request);
/* Which user root was at login (audit's loginuid, proc(5)), for the log. */
void cs_caller_note_login_uid(struct cs_caller *caller);

/* Give the session back what belongs to it: limits (needs root) and umask. */
int cs_caller_restore(const struct cs_caller *caller);

struct cs_ids cs_caller_ids(const struct cs_caller *caller);

#endif
