/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cgroup: a container's place in the cgroup v2 hierarchy, cgroups(7).
 *
 * Floor 2. Below /sys/fs/cgroup/container-shell each container has a group of
 * its own, for init and all sessions, and all monitors share the group "monitor".
 * Nothing lives where the first login happened to be, so that its end does not
 * take it along. A host without cgroup v2 gets no groups: -ENOENT, which callers
 * tolerate as long as no limit is configured.
 *
 * A process gets into its group by being born there (CLONE_INTO_CGROUP, Linux
 * 5.7), never by a write to cgroup.procs: moving a process waits for an RCU
 * grace period with every fork of the host held up, 8 to 30 ms (measured, 6.18).
 * By PAM there is no other way: sshd's process is there before its container is known.
 * For the same reason the parent and "monitor" stay, empty, until the next boot:
 * a monitor could remove them only after moving itself out.
 */
#ifndef CS_CGROUP_H
#define CS_CGROUP_H

#include <stdint.h>

#define CS_CGROUP_PARENT "container-shell"
#define CS_CGROUP_MONITOR "monitor"
#define CS_CGROUP_PATH_MAX 512		/* of a group's path: from the hierarchy's root, without a slash */

/* The root of the hierarchy. A descriptor; -ENOENT (no cgroup v2 here) or -errno. */
int cs_cgroup_open_root(void);

/*
 * Make the group @path, its parent and "monitor" beside it, and open it and
 * "monitor". 0, -ENOENT (no cgroup v2 here), -EEXIST (another container's) or -errno.
 */
int cs_cgroup_make(const char *path, int *ret_fd, int *ret_monitor_fd);

/* Open the group @path, for cs_sys_clone(); -ENOENT if there is none. */
int cs_cgroup_open(const char *path, int *ret_fd);

/*
 * The number behind @key, a word and a blank, in @file of the group @path; with "" as
 * @key the first of the file. 0, -ENOENT (no such file or key: no controller, or an older
 * kernel) or -errno.
 */
int cs_cgroup_read_number(const char *path, const char *file, const char *key,
			  uint64_t *ret_number);

/* Remove every group in @parent whose name begins with @prefix and that no process is in. */
void cs_cgroup_sweep(const char *parent, const char *prefix);

/*
 * End what is in @path and remove it: a container that is over. Waits a second at
 * most: a process that has just died counts for a moment (cgroups(7)). What init
 * cannot end is sshd's process for a user who came in by PAM: it is in the group,
 * and not in the pid namespace. 0 (also if it is not there), -EBUSY, or -errno.
 */
int cs_cgroup_remove(const char *path);

#endif
