/* SPDX-License-Identifier: GPL-3.0-or-later */
/* root: see root.h. */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "filesystem.h"
#include "sys.h"

#define ROOT_BYTES "1048576"		/* directories, links and a few bytes of text */
#define OLD_ROOT "run/host/old-root"

int cs_root_make(const struct cs_plan *plan, struct cs_run *run)
{
	static const struct cs_option options[] = { { "mode", "0755" }, { "size", ROOT_BYTES } };
	cs_autoclose int fd = -1;
	int result;

	(void)plan;
	result = cs_filesystem_make("tmpfs", options, 2, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &fd);
	if (result < 0)
		return result;
	/*
	 * Mounts can be attached only below one that is attached itself (until
	 * 6.15), so the root goes on top of "/" of this private namespace: every
	 * path below is taken from root_fd, and pivot_root(2) takes it from there.
	 */
	result = cs_sys_move_mount(fd, AT_FDCWD, "/");
	if (result < 0)
		return result;
	run->root_fd = cs_fd_steal(&fd);
	return 0;
}

int cs_root_seal(const struct cs_plan *plan, struct cs_run *run)
{
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	(void)plan;
	return cs_sys_mount_setattr(run->root_fd, AT_EMPTY_PATH, &attr);
}

int cs_root_enter(const struct cs_plan *plan, struct cs_run *run)
{
	int result;

	(void)plan;
	/* On /run, which can be written to, so that it is not there in the end. */
	if (mkdirat(run->root_fd, OLD_ROOT, 0700) < 0 || fchdir(run->root_fd) < 0)
		return -errno;
	/*
	 * Not pivot_root(".", "."), which leaves the old root on top of the new one
	 * until it is unmounted: a session that joins meanwhile would land there.
	 */
	result = cs_sys_pivot_root(".", OLD_ROOT);
	if (result < 0)
		return result;
	return chdir("/") < 0 ? -errno : 0;
}

/* With many mounts on the host this takes longer than all else of the INSIDE phase. */
int cs_root_leave_host(const struct cs_plan *plan, struct cs_run *run)
{
	char where[8];
	int result;

	(void)plan;
	(void)run;
	result = cs_sys_umount("/" OLD_ROOT, MNT_DETACH);
	if (result < 0)
		return result;
	if (rmdir("/" OLD_ROOT) < 0)
		return -errno;
	/* SECURITY: a directory outside the root would read as "(unreachable)…" (runc CVE-2024-21626). */
	return getcwd(where, sizeof(where)) != NULL && strcmp(where, "/") == 0 ? 0 : -EXDEV;
}
