/* SPDX-License-Identifier: GPL-3.0-or-later */
/* join: see join.h. setns(2) on a pidfd, Linux 5.8. */
#include "join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cgroup.h"
#include "fd.h"
#include "sys.h"

/*
 * All that init has but the pid's. SECURITY: the network in any case, even where
 * that is the host's and nothing changes: who joins is never told which it is.
 */
#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET)

int cs_join_open(const struct cs_record *record, struct cs_join *ret_join)
{
	cs_autoclose int pidfd = -1;
	int cgroup_fd = -1;
	int result;

	result = cs_record_open_init(record, &pidfd);
	if (result < 0)
		return result;
	if (record->cgroup[0] != '\0') {
		result = cs_cgroup_open(record->cgroup, &cgroup_fd);
		if (result < 0)
			return result;
	}
	ret_join->pidfd = cs_fd_steal(&pidfd);
	ret_join->cgroup_fd = cgroup_fd;
	return 0;
}

void cs_join_close(struct cs_join *join)
{
	cs_fd_close(&join->pidfd);
	cs_fd_close(&join->cgroup_fd);
}

int cs_join_fork(const struct cs_join *join)
{
	cs_autoclose int self = cs_sys_pidfd_open(getpid());	/* of which setns(2) takes the own one */
	int pid;

	if (self < 0)
		return self;
	if (setns(join->pidfd, CLONE_NEWPID) < 0)
		return -errno;
	pid = cs_sys_clone(0, join->cgroup_fd);
	if (pid <= 0)
		return pid;
	/*
	 * SECURITY: later children of the caller must be the host's again. In the
	 * container's pid namespace "tidy" would look for init by the wrong pids and
	 * take a running container for dead, and could not be forked for a dead one.
	 */
	if (setns(self, CLONE_NEWPID) < 0) {
		int result = -errno;

		(void)kill(pid, SIGKILL);
		return result;
	}
	return pid;
}

int cs_join_find_userns(const struct cs_record *record, const struct cs_join *join, int *ret_fd)
{
	cs_autoclose int mounts_fd = -1;
	char path[48];
	int fd;

	if (record->identity == CS_RECORD_IDENTITY_HOST) {
		*ret_fd = -1;
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)record->init_pid);
	mounts_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (mounts_fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	/* SECURITY: alive now, so it was init whose it is, and no other process of that pid. */
	if (cs_fd_wait_readable(join->pidfd, 0) == 0)
		return -ESRCH;
	fd = ioctl(mounts_fd, NS_GET_USERNS);	/* ioctl_ns(2); O_CLOEXEC always */
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int cs_join_enter(const struct cs_join *join)
{
	/* SECURITY: before anything of the container's can see us: runc CVE-2016-9962. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	if (setns(join->pidfd, NAMESPACES) < 0)
		return -errno;
	return chdir("/") < 0 ? -errno : 0;
}

int cs_join_enter_userns(int *userns_fd)
{
	/*
	 * SECURITY: from here on the container's root has CAP_SYS_PTRACE over us, but for
	 * this: the memory is the host's user namespace's until the exec (ptrace(2)). Again,
	 * as a change of effective ids may have undone it (fs.suid_dumpable, proc(5)).
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	if (setns(*userns_fd, CLONE_NEWUSER) < 0)
		return -errno;
	cs_fd_close(userns_fd);
	return 0;
}

int cs_join_self(const struct cs_join *join)
{
	static const char self[] = "0";		/* cgroups(7): the writer */

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	if (join->cgroup_fd >= 0) {
		cs_autoclose int procs_fd = openat(join->cgroup_fd, "cgroup.procs",
						   O_WRONLY | O_CLOEXEC);
		int result = procs_fd < 0 ? -errno :
					    cs_fd_write_all(procs_fd, self, sizeof(self) - 1);

		if (result < 0)
			return result;
	}
	if (setns(join->pidfd, CLONE_NEWPID | NAMESPACES) < 0)
		return -errno;
	return chdir("/") < 0 ? -errno : 0;
}
