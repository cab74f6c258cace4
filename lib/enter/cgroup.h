/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cgroup: a container's place in the cgroup v2 hierarchy, cgroups(7).
 *
 * Floor 2. /sys/fs/cgroup/container-shell/NAME holds two groups: "container"
 * for init and all sessions, "monitor" for the monitor. Neither lives where
 * the first login happened to be, so that its end does not take them along.
 * A host without cgroup v2 gets no groups: -ENOENT, which callers tolerate as
 * long as no limit is configured.
 */
#ifndef CS_CGROUP_H
#define CS_CGROUP_H

#define CS_CGROUP_NAME_MAX 96
#define CS_CGROUP_CONTAINER "container"
#define CS_CGROUP_MONITOR "monitor"

/* Make the groups of @name. 0, -ENOENT (no cgroup v2 here) or -errno. */
int cs_cgroup_make(const char *name);

/* Open cgroup.procs of @name's group @part for writing; -ENOENT as above. */
int cs_cgroup_open(const char *name, const char *part, int *ret_fd);

/* Move this process into the group whose cgroup.procs @fd is. */
int cs_cgroup_join(int fd);

/* Move this process to the root group, so that its own group can be removed. */
int cs_cgroup_leave(void);

/*
 * Remove the groups of @name; a group with a member cannot be removed. 0, -EBUSY while any process is in
 * them, or -errno; what is not there is removed.
 */
int cs_cgroup_remove(const char *name);

#endif
