/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sys: system calls that the C library lacks on some of our systems.
 *
 * Floor 0. Runs as whoever calls. Must not retry, print, or decide anything.
 */
#include <errno.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys.h"

static int result(long value)
{
	return value < 0 ? -errno : (int)value;
}

int cs_sys_openat2(int dir_fd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = 0, .resolve = resolve };

	return result(syscall(SYS_openat2, dir_fd, path, &how, sizeof(how)));
}

int cs_sys_open_tree(int dir_fd, const char *path, unsigned int flags)
{
	return result(syscall(SYS_open_tree, dir_fd, path, flags | OPEN_TREE_CLOEXEC));
}

int cs_sys_move_mount(int from_fd, int to_dir_fd, const char *to_path)
{
	/* Without MOVE_MOUNT_T_SYMLINKS a link at the end of @to_path is not followed. */
	return result(syscall(SYS_move_mount, from_fd, "", to_dir_fd, to_path,
			      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

int cs_sys_mount_setattr(int fd, unsigned int flags, const struct mount_attr *attr)
{
	return result(syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, attr,
			      sizeof(*attr)));
}

int cs_sys_fsopen(const char *fs_type)
{
	return result(syscall(SYS_fsopen, fs_type, FSOPEN_CLOEXEC));
}

int cs_sys_fsconfig(int fs_fd, unsigned int command, const char *key, const char *value)
{
	return result(syscall(SYS_fsconfig, fs_fd, command, key, value, 0));
}

int cs_sys_fsmount(int fs_fd, unsigned int attributes)
{
	return result(syscall(SYS_fsmount, fs_fd, FSMOUNT_CLOEXEC, attributes));
}

int cs_sys_make_private(void)
{
	return result(syscall(SYS_mount, NULL, "/", NULL, (unsigned long)(MS_REC | MS_PRIVATE),
			      NULL));
}

int cs_sys_umount(const char *path, int flags)
{
	return result(syscall(SYS_umount2, path, flags));
}

int cs_sys_pivot_root(const char *new_root, const char *put_old)
{
	return result(syscall(SYS_pivot_root, new_root, put_old));
}

int cs_sys_pidfd_open(pid_t pid)
{
	return result(syscall(SYS_pidfd_open, pid, 0));	/* always close-on-exec */
}

int cs_sys_pidfd_kill(int pidfd, int signal)
{
	return result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

int cs_sys_close_range(unsigned int first, unsigned int last)
{
	return result(syscall(SYS_close_range, first, last, 0));
}

int cs_sys_new_keyring(void)
{
	return result(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
}

int cs_sys_execveat(int fd, char *const argv[], char *const envp[])
{
	return result(syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH));
}

/* Without a number in the name these are the calls of 16 bits, where both are there. */
#ifdef SYS_setresuid32
#define SET_UIDS SYS_setresuid32
#define SET_GIDS SYS_setresgid32
#define SET_GROUPS SYS_setgroups32
#else
#define SET_UIDS SYS_setresuid
#define SET_GIDS SYS_setresgid
#define SET_GROUPS SYS_setgroups
#endif

int cs_sys_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	return result(syscall(SET_UIDS, real, effective, saved));
}

int cs_sys_setresgid(gid_t real, gid_t effective, gid_t saved)
{
	return result(syscall(SET_GIDS, real, effective, saved));
}

int cs_sys_setgroups(size_t count, const gid_t *groups)
{
	return result(syscall(SET_GROUPS, count, groups));
}

int cs_sys_clone(uint64_t flags, int cgroup_fd)
{
	struct clone_args arguments = { .flags = flags, .exit_signal = SIGCHLD };

	if (cgroup_fd >= 0) {
		arguments.flags |= CLONE_INTO_CGROUP;
		arguments.cgroup = (__u64)(unsigned int)cgroup_fd;
	}
	return result(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}
