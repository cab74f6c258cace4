/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp_table: which system calls a process may make.
 *
 * Read when the project is built, by seccomp_compile.c, which makes a program of
 * each policy; and by tests/unit/seccomp-test, which holds the programs against it.
 * Names are the kernel's; a name may be one that some architectures have not.
 */
#ifndef CS_SECCOMP_TABLE_H
#define CS_SECCOMP_TABLE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* What is answered: one of these, or an errno that the call fails with. */
enum { SECCOMP_ALLOW = 0, SECCOMP_KILL = -1 };

/* Calls of one answer, their names with blanks between them. */
struct seccomp_group {
	int answer;
	const char *calls;
};

/*
 * An answer that depends on the low 32 bits of an argument, which is all that the
 * kernel reads of these: to compare all 64 could be passed by (snapd CVE-2019-7303).
 * The first row that applies is the answer; without one, that of the call's group is.
 */
struct seccomp_check {
	const char *call;
	unsigned int index;
	enum seccomp_test { SECCOMP_EQUALS, SECCOMP_HAS_ANY_OF } test;
	unsigned int value;
	int answer;
};

struct seccomp_policy {
	const char *name;
	const struct seccomp_group *groups;
	size_t group_count;
	const struct seccomp_check *checks;
	size_t check_count;
	int unknown;		/* the answer to calls that the table does not name */
	bool all_abis;		/* those of older programs too; else only the machine's own */
	bool cached;		/* it makes calls often enough that the kernel should know them */
};

#define SECCOMP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- a session: all that a user runs ------------------------------------------ */

/*
 * Everything else is allowed: the process has no capability and cannot get one,
 * so that calls which need one fail anyway; those are listed where their code has
 * been a way out before.
 */
static const struct seccomp_group seccomp_session_groups[] = {
	/*
	 * Its flags are in memory, where no filter can see them (flatpak CVE-2021-41133).
	 * ENOSYS makes the C library try the older call.
	 */
	{ ENOSYS, "clone3" },
	/* namespaces and mounts: the layout is the administrator's */
	{ EPERM, "setns mount umount2 umount pivot_root chroot open_tree move_mount fsopen fsconfig "
		 "fsmount fspick mount_setattr" },
	/*
	 * SO_PEERPIDFD gives a pidfd of a process outside that serves a socket we
	 * can reach; its descriptors are not ours, even if its uid is.
	 */
	{ EPERM, "pidfd_getfd" },
	/* keyrings are not namespaced: a key of a neighbour's session could be linked */
	{ EPERM, "add_key keyctl request_key" },
	/* kernel interfaces with a long history of holes, of no use to a login user */
	{ EPERM, "bpf userfaultfd perf_event_open io_uring_setup io_uring_enter io_uring_register "
		 "open_by_handle_at name_to_handle_at vmsplice fanotify_init lookup_dcookie kcmp" },
	/* the machine itself */
	{ EPERM, "acct quotactl quotactl_fd swapon swapoff reboot kexec_load kexec_file_load "
		 "init_module finit_module delete_module settimeofday clock_settime clock_settime64 "
		 "clock_adjtime clock_adjtime64 syslog vhangup iopl ioperm modify_ldt" },
	{ ENOSYS, "nfsservctl" },
};

#define NEW_NAMESPACES 0x7e020080U	/* CLONE_NEW*, sched.h: ns cgroup uts ipc user pid net time */

static const struct seccomp_check seccomp_session_checks[] = {
	{ "ioctl", 1, SECCOMP_EQUALS, 0x5412, EPERM },	/* TIOCSTI: type into a terminal */
	{ "ioctl", 1, SECCOMP_EQUALS, 0x541c, EPERM },	/* TIOCLINUX: the same on a console */
	{ "unshare", 0, SECCOMP_HAS_ANY_OF, NEW_NAMESPACES, EPERM },
	/* 0x80 is part of the exit signal */
	{ "clone", 0, SECCOMP_HAS_ANY_OF, NEW_NAMESPACES & ~0x80U, EPERM },
};

/* ---- init: PID 1 of a container, helper/init.c ---------------------------------- */

static const struct seccomp_group seccomp_init_groups[] = {
	{ SECCOMP_ALLOW, "write close"		/* "ready", once */
			 " rt_sigtimedwait wait4 kill"
			 " exit_group" },
};

/* ---- all of them ----------------------------------------------------------------- */

static const struct seccomp_policy seccomp_policies[] = {
	{ "session", seccomp_session_groups, SECCOMP_COUNT(seccomp_session_groups),
	  seccomp_session_checks, SECCOMP_COUNT(seccomp_session_checks), SECCOMP_ALLOW, true, true },
	{ "init", seccomp_init_groups, SECCOMP_COUNT(seccomp_init_groups), NULL, 0,
	  SECCOMP_KILL, false, false },
};

#endif
