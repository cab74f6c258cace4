/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sys: system calls that the C library lacks on some of our systems, and the
 * few that we always use in one form.
 *
 * Floor 0. Each returns a result >= 0 or -errno; nothing is retried or hidden.
 * The constants come from the kernel's own <linux/mount.h>; <sys/mount.h> is
 * not included anywhere, because the two collide on glibc 2.36.
 */
#ifndef CS_SYS_H
#define CS_SYS_H

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef MNT_DETACH
#define MNT_DETACH 2 /* umount2(2) */
#endif

int cs_sys_openat2(int dir_fd, const char *path, uint64_t flags, uint64_t resolve);
int cs_sys_open_tree(int dir_fd, const char *path, unsigned int flags);
int cs_sys_move_mount(int from_fd, int to_dir_fd, const char *to_path);
int cs_sys_mount_setattr(int fd, unsigned int flags, const struct mount_attr *attr);
int cs_sys_fsopen(const char *fs_type);
int cs_sys_fsconfig(int fs_fd, unsigned int command, const char *key, const char *value);
int cs_sys_fsmount(int fs_fd, unsigned int attributes);
int cs_sys_make_private(void);	/* "/" and all below it: MS_REC | MS_PRIVATE */
int cs_sys_umount(const char *path, int flags);
int cs_sys_pivot_root(const char *new_root, const char *put_old);
int cs_sys_pidfd_open(pid_t pid);
int cs_sys_pidfd_kill(int pidfd, int signal);
int cs_sys_close_range(unsigned int first, unsigned int last);
int cs_sys_new_keyring(void);	/* keyctl(2) KEYCTL_JOIN_SESSION_KEYRING, anonymous */
int cs_sys_execveat(int fd, char *const argv[], char *const envp[]);	/* AT_EMPTY_PATH */

/*
 * setresuid(2) and its kin for the calling thread alone, as the kernel has them: the
 * C library's stop all threads first, at five system calls each.
 */
int cs_sys_setresuid(uid_t real, uid_t effective, uid_t saved);
int cs_sys_setresgid(gid_t real, gid_t effective, gid_t saved);
int cs_sys_setgroups(size_t count, const gid_t *groups);

/*
 * fork(2) with @flags of clone(2) (no CLONE_VM), into the control group
 * @cgroup_fd unless that is negative: the pid, and 0 in the child. Linux 5.7.
 */
int cs_sys_clone(uint64_t flags, int cgroup_fd);

#endif
