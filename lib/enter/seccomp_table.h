/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp_table: what a process inside may not ask of the kernel.
 *
 * Everything else is allowed: the process has no capability and cannot get
 * one, so that calls which need one fail anyway; those are listed where their
 * code has been a way out before. Read by seccomp_compile.c at build time.
 */
#ifndef CS_SECCOMP_TABLE_H
#define CS_SECCOMP_TABLE_H

#include <errno.h>

struct seccomp_call {
	const char *name;
	int error;
};

/* Refused whatever the arguments. ENOSYS makes the C library try the older call. */
static const struct seccomp_call seccomp_calls[] = {
	/* Its flags are in memory, where no filter can see them (flatpak CVE-2021-41133). */
	{ "clone3", ENOSYS },
	/* namespaces and mounts: the layout is the administrator's */
	{ "setns", EPERM }, { "mount", EPERM }, { "umount2", EPERM }, { "umount", EPERM },
	{ "pivot_root", EPERM }, { "chroot", EPERM }, { "open_tree", EPERM },
	{ "move_mount", EPERM }, { "fsopen", EPERM }, { "fsconfig", EPERM }, { "fsmount", EPERM },
	{ "fspick", EPERM }, { "mount_setattr", EPERM },
	/*
	 * SO_PEERPIDFD gives a pidfd of a process outside that serves a socket we
	 * can reach; its descriptors are not ours, even if its uid is.
	 */
	{ "pidfd_getfd", EPERM },
	/* keyrings are not namespaced: a key of a neighbour's session could be linked */
	{ "add_key", EPERM }, { "keyctl", EPERM }, { "request_key", EPERM },
	/* kernel interfaces with a long history of holes, of no use to a login user */
	{ "bpf", EPERM }, { "userfaultfd", EPERM }, { "perf_event_open", EPERM },
	{ "io_uring_setup", EPERM }, { "io_uring_enter", EPERM }, { "io_uring_register", EPERM },
	{ "open_by_handle_at", EPERM }, { "name_to_handle_at", EPERM }, { "vmsplice", EPERM },
	{ "fanotify_init", EPERM }, { "lookup_dcookie", EPERM }, { "kcmp", EPERM },
	/* the machine itself */
	{ "acct", EPERM }, { "quotactl", EPERM }, { "quotactl_fd", EPERM }, { "swapon", EPERM },
	{ "swapoff", EPERM }, { "reboot", EPERM }, { "kexec_load", EPERM },
	{ "kexec_file_load", EPERM }, { "init_module", EPERM }, { "finit_module", EPERM },
	{ "delete_module", EPERM }, { "settimeofday", EPERM }, { "clock_settime", EPERM },
	{ "clock_adjtime", EPERM }, { "syslog", EPERM }, { "vhangup", EPERM },
	{ "iopl", EPERM }, { "ioperm", EPERM }, { "nfsservctl", ENOSYS }, { "modify_ldt", EPERM },
};

/*
 * Refused if the argument, masked, has the value. The kernel reads ioctl's
 * request as 32 bits: a comparison of all 64 could be passed by (snapd CVE-2019-7303).
 */
struct seccomp_argument {
	const char *name;
	unsigned int index;
	unsigned long long mask, value;
	int error;
};

#define NEW_NAMESPACES 0x7e020080ULL	/* CLONE_NEW*, sched.h: ns cgroup uts ipc user pid net time */

static const struct seccomp_argument seccomp_arguments[] = {
	{ "ioctl", 1, 0xffffffffULL, 0x5412, EPERM },	/* TIOCSTI: type into a terminal */
	{ "ioctl", 1, 0xffffffffULL, 0x541c, EPERM },	/* TIOCLINUX: the same on a console */
};

/* Refused if any of the bits of @mask is set in the argument. */
static const struct seccomp_argument seccomp_bits[] = {
	{ "unshare", 0, NEW_NAMESPACES, 0, EPERM },
	{ "clone", 0, NEW_NAMESPACES & ~0x80ULL, 0, EPERM },	/* 0x80 is part of the exit signal */
};

#endif
