/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * join: going into a container that runs. The first session and the tenth, a
 * login shell and an admin's entry all go in here, and nowhere else.
 *
 * Floor 2. Nothing inside is trusted: no file is read there, nothing is
 * executed before the process is the user's and that has been verified.
 */
#ifndef CS_JOIN_H
#define CS_JOIN_H

#include "record.h"

/* A running container, held so that it cannot become another one. */
struct cs_join {
	int pidfd;	/* of its init, from cs_record_open_init() */
	int cgroup_fd;	/* its control group; -1 without cgroup v2 */
};

#define CS_JOIN_NONE { .pidfd = -1, .cgroup_fd = -1 }

/* Find the container that @record is of. 0, -ESRCH if it is gone, or -errno. */
int cs_join_open(const struct cs_record *record, struct cs_join *ret_join);
void cs_join_close(struct cs_join *join);

/*
 * Fork a child that is born in the container's pid namespace and control group:
 * its pid, 0 in the child, or -errno. As with every raw clone(2), the child
 * must not use what glibc keeps of thread ids (raise(3), abort(3)).
 */
int cs_join_fork(const struct cs_join *join);

/*
 * The user namespace of the container, before going in: *@ret_fd is -1 with
 * identity = host. It is the owner of the mount namespace of init, which is in no
 * user namespace but the host's. 0, -ESRCH if the container is gone, or -errno.
 */
int cs_join_find_userns(const struct cs_record *record, const struct cs_join *join, int *ret_fd);

/* In that child, real root: into the other namespaces but the user's, then to "/". */
int cs_join_enter(const struct cs_join *join);

/*
 * After that, with the groups taken: into the user namespace, and close *@userns_fd.
 * Every capability inside is held then; the ids are the host's, and without a name
 * there: cs_ids_become_inside() is next. 0 or -errno.
 */
int cs_join_enter_userns(int *userns_fd);

/*
 * For a process that goes in itself instead of forking, sshd's child of a
 * session: into the control group and every namespace but the user's, then to "/". Its own pid
 * stays the host's; its children are the container's. 0 or -errno, and then the
 * process may be half in and must end.
 */
int cs_join_self(const struct cs_join *join);

#endif
