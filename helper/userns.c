/* SPDX-License-Identifier: GPL-3.0-or-later */
/* userns: see userns.h. Written against user_namespaces(7), mount_namespaces(7), setns(2). */
#include "userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "idmap.h"
#include "ids.h"
#include "report.h"
#include "sys.h"

#define LOCK_TIMEOUT_MS 5000

/* ---- the namespace ---------------------------------------------------------- */

static int write_file(int proc_fd, const char *name, const char *text)
{
	cs_autoclose int fd = openat(proc_fd, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : cs_fd_write_all(fd, text, strlen(text));
}

static int write_maps(int proc_fd, const struct cs_plan *plan)
{
	/* Before the map of groups, or never. */
	int result = plan->keep_groups ? write_file(proc_fd, "setgroups", "deny") : 0;

	if (result == 0)
		result = write_file(proc_fd, "uid_map", plan->uid_map);
	return result < 0 ? result : write_file(proc_fd, "gid_map", plan->gid_map);
}

/* What the namespace of process @pid, our child, needs, and a descriptor of it. */
static int finish(pid_t pid, const struct cs_plan *plan, int *ret_userns_fd)
{
	cs_autoclose int proc_fd = -1;
	char path[32];
	int result;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	proc_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0)
		return -errno;
	result = write_maps(proc_fd, plan);
	if (result < 0)
		return result;
	*ret_userns_fd = openat(proc_fd, "ns/user", O_RDONLY | O_CLOEXEC);
	return *ret_userns_fd < 0 ? -errno : 0;
}

/* Who is in the namespace until it has its maps: ends when @fd hangs up. */
static _Noreturn void hold(int fd)
{
	char byte;

	_exit(read(fd, &byte, 1) != 0);
}

/*
 * SECURITY: a child of effective uid 0 makes it, not the user: whoever makes a
 * user namespace has all capabilities in it from outside, for good.
 */
static int make_namespace(const struct cs_plan *plan, int *ret_userns_fd)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	int result = cs_report_pipe(&read_fd, &write_fd);
	pid_t child;

	if (result < 0)
		return result;
	child = cs_sys_clone(CLONE_NEWUSER, -1);
	if (child < 0)
		return child;
	if (child == 0) {
		cs_fd_close(&write_fd);
		hold(read_fd);
	}
	result = finish(child, plan, ret_userns_fd);
	cs_fd_close(&write_fd);
	(void)waitpid(child, NULL, 0);	/* it has nothing to say */
	return result;
}

static uint32_t find_zero(const char *text)
{
	struct cs_idmap map;
	uint32_t outside = 0;

	/* Neither can fail: plan_wire.c takes no map in which they do. */
	if (cs_idmap_parse(text, &map) == 0)
		(void)cs_idmap_outside(&map, 0, &outside);
	return outside;
}

void cs_userns_find_root(const struct cs_plan *plan, uid_t *ret_uid, gid_t *ret_gid)
{
	*ret_uid = plan->identity == CS_IDENTITY_HOST ? 0 : find_zero(plan->uid_map);
	*ret_gid = plan->identity == CS_IDENTITY_HOST ? 0 : find_zero(plan->gid_map);
}

int cs_userns_make(const struct cs_plan *plan, struct cs_run *run)
{
	if (plan->identity == CS_IDENTITY_HOST)
		return 0;
	return make_namespace(plan, &run->userns_fd);
}

/* ---- the mounts ------------------------------------------------------------- */

int cs_userns_own_files(const struct cs_plan *plan, struct cs_run *run)
{
	uid_t uid;
	gid_t gid;

	(void)run;
	if (plan->identity == CS_IDENTITY_HOST)
		return 0;
	cs_userns_find_root(plan, &uid, &gid);
	return cs_ids_make_as(uid, gid);
}

/* In the user namespace for good, so a child does it. */
static int copy_mounts(int userns_fd)
{
	if (setns(userns_fd, CLONE_NEWUSER) < 0)
		return -errno;
	return unshare(CLONE_NEWNS) < 0 ? -errno : 0;
}

static _Noreturn void show_copy(int userns_fd, int said_fd, int over_fd)
{
	int result = copy_mounts(userns_fd);

	if (result < 0)
		cs_report_failed(said_fd, -result, 125, "lock the mounts");
	else
		cs_report_ready(said_fd);
	hold(over_fd);
}

/* Go into the mounts of process @pidfd, once it has said that they are the copy. */
static int follow(int pidfd, int said_fd)
{
	struct cs_report report;
	int result = cs_report_read(said_fd, LOCK_TIMEOUT_MS, &report);

	if (result < 0)
		return result;
	if (report.kind != CS_REPORT_READY)
		return report.error > 0 ? -report.error : -EPROTO;
	return setns(pidfd, CLONE_NEWNS) < 0 ? -errno : 0;
}

/*
 * SECURITY: a copy for a user namespace of fewer rights is locked: root inside can
 * unmount, uncover or make writable nothing of it (mount_namespaces(7)). The mounts
 * themselves, moved into such a namespace, would not be. init goes there, but
 * not into the user namespace: to root inside it is a process of the host's root.
 */
static int go_to_copy(int userns_fd)
{
	cs_autoclose int said_read = -1;
	cs_autoclose int said_write = -1;
	cs_autoclose int over_read = -1;
	cs_autoclose int over_write = -1;
	cs_autoclose int pidfd = -1;
	int result;
	pid_t child;

	result = cs_report_pipe(&said_read, &said_write);
	if (result == 0)
		result = cs_report_pipe(&over_read, &over_write);
	if (result < 0)
		return result;
	child = cs_sys_clone(0, -1);
	if (child < 0)
		return child;
	if (child == 0) {
		cs_fd_close(&over_write);
		show_copy(userns_fd, said_write, over_read);
	}
	cs_fd_close(&said_write);
	pidfd = cs_sys_pidfd_open(child);
	result = pidfd < 0 ? pidfd : follow(pidfd, said_read);
	cs_fd_close(&over_write);
	(void)waitpid(child, NULL, 0);	/* it has said all */
	return result;
}

int cs_userns_lock_mounts(const struct cs_plan *plan, struct cs_run *run)
{
	int result;

	if (plan->identity == CS_IDENTITY_HOST)
		return 0;
	result = cs_ids_make_as(0, 0);
	if (result == 0)
		result = go_to_copy(run->userns_fd);
	cs_fd_close(&run->userns_fd);
	if (result < 0)
		return result;
	return chdir("/") < 0 ? -errno : 0;
}

/* ---- a session -------------------------------------------------------------- */

int cs_userns_enter(const struct cs_plan *plan, struct cs_run *run)
{
	const struct cs_ids ids = cs_caller_ids(run->caller);
	int result;

	(void)plan;
	if (run->userns_fd < 0)
		return 0;
	/* Not inside: there a group without a name cannot be taken, and perhaps none at all. */
	result = cs_ids_take_groups(&ids);
	if (result < 0)
		return result;
	/* SECURITY: what it may not get hold of is closed before root inside may come near. */
	cs_join_close(run->join);
	return cs_join_enter_userns(&run->userns_fd);
}
