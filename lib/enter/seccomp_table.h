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

/*
 * What is answered: one of these, or an errno that the call fails with. ABSENT is for
 * calls of which no kernel that we run on has more than the number: it fails them
 * with ENOSYS by itself, and what the filter says is what its neighbours are told.
 */
enum { SECCOMP_ALLOW = 0, SECCOMP_KILL = -1, SECCOMP_ABSENT = -2 };

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
	const struct seccomp_group *overrides;	/* in the place of what the groups say */
	size_t override_count;
	const struct seccomp_check *checks;
	size_t check_count;
	int unknown;		/* the answer to calls that the table does not name */
	bool all_abis;		/* those of older programs too; else only the machine's own */
	bool cached;		/* it makes calls often enough that the kernel should know them */
};

#define SECCOMP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- a session: all that a user runs ------------------------------------------ */

/*
 * Every call that Linux 6.18 has on x86-64, i386, aarch64 and arm stands in one of
 * these groups. What is not needed is refused, whether or not the kernel would:
 *
 *	EPERM	a program may ask for it and should hear that it may not
 *	ENOSYS	the program, or the C library, does without it, as on a kernel that
 *		is older or was built without it. Also what calls that are newer
 *		than this table get, and whatever has another architecture's number
 */
static const struct seccomp_group seccomp_session_groups[] = {
	/* files: open, read, write. What is read is the file system's permissions' affair. */
	{ SECCOMP_ALLOW,
	  "open openat openat2 creat close close_range read readv pread64 preadv preadv2 write writev "
	  "pwrite64 pwritev pwritev2 lseek _llseek sendfile sendfile64 splice tee copy_file_range "
	  "dup dup2 dup3 fcntl fcntl64 flock pipe pipe2 truncate truncate64 ftruncate ftruncate64 "
	  "fallocate readahead fadvise64 fadvise64_64 arm_fadvise64_64 sync fsync fdatasync syncfs "
	  "sync_file_range sync_file_range2 arm_sync_file_range" },
	/* files: names and what belongs to them. A device node needs a capability. */
	{ SECCOMP_ALLOW,
	  "stat stat64 lstat lstat64 fstat fstat64 newfstatat fstatat64 statx statfs statfs64 fstatfs "
	  "fstatfs64 access faccessat faccessat2 getcwd chdir fchdir mkdir mkdirat rmdir mknod mknodat "
	  "link linkat symlink symlinkat unlink unlinkat rename renameat renameat2 readlink readlinkat "
	  "getdents getdents64 chmod fchmod fchmodat fchmodat2 chown chown32 lchown lchown32 fchown "
	  "fchown32 fchownat utime utimes futimesat utimensat utimensat_time64 umask "
	  "getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr "
	  "llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat "
	  "file_getattr file_setattr inotify_init inotify_init1 inotify_add_watch inotify_rm_watch" },
	/* waiting for files */
	{ SECCOMP_ALLOW,
	  "select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create "
	  "epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd "
	  "signalfd4 timerfd_create timerfd_settime timerfd_settime64 timerfd_gettime "
	  "timerfd_gettime64 io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents "
	  "io_pgetevents_time64" },
	/* terminals and devices; the checks below */
	{ SECCOMP_ALLOW, "ioctl" },
	/* memory. NUMA policies are what programs of high-performance computing set. */
	{ SECCOMP_ALLOW,
	  "brk mmap mmap2 munmap mremap mprotect madvise process_madvise msync mincore mlock mlock2 "
	  "munlock mlockall munlockall remap_file_pages memfd_create memfd_secret mseal "
	  "map_shadow_stack pkey_alloc pkey_free pkey_mprotect membarrier mbind get_mempolicy "
	  "set_mempolicy set_mempolicy_home_node" },
	/* processes and threads; clone, unshare and personality are checked below */
	{ SECCOMP_ALLOW,
	  "clone fork vfork unshare execve execveat exit exit_group wait4 waitid waitpid "
	  "set_tid_address gettid getpid getppid getpgid setpgid getpgrp getsid setsid getpriority "
	  "setpriority nice getrlimit ugetrlimit setrlimit prlimit64 getrusage times prctl arch_prctl "
	  "personality set_thread_area get_thread_area set_tls get_tls rseq getcpu restart_syscall pidfd_open "
	  "process_mrelease breakpoint cacheflush" },
	/* threads' locks */
	{ SECCOMP_ALLOW, "futex futex_time64 futex_waitv set_robust_list get_robust_list" },
	/* the scheduler. What needs a capability fails without. */
	{ SECCOMP_ALLOW,
	  "sched_yield sched_getscheduler sched_setscheduler sched_getparam sched_setparam "
	  "sched_getattr sched_setattr sched_getaffinity sched_setaffinity sched_get_priority_max "
	  "sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64 ioprio_get "
	  "ioprio_set" },
	/* signals: to a user's own processes, of which those outside have no number inside */
	{ SECCOMP_ALLOW,
	  "kill tkill tgkill pidfd_send_signal rt_sigaction rt_sigprocmask rt_sigpending "
	  "rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_sigqueueinfo rt_tgsigqueueinfo "
	  "rt_sigreturn sigaltstack pause signal sigaction sigprocmask sigpending sigsuspend "
	  "sigreturn" },
	/*
	 * gdb, strace and their like: of a user's own processes, inside. Since Linux 4.8
	 * a filter is asked after the tracer, so that none is a way round it.
	 */
	{ SECCOMP_ALLOW, "ptrace process_vm_readv process_vm_writev" },
	/* ids. Without a capability they change nothing that matters; sudo and su ask. */
	{ SECCOMP_ALLOW,
	  "getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 "
	  "getresgid getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid "
	  "setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32 setfsuid "
	  "setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset" },
	/* time: reading, sleeping, own timers. adjtimex reads; to set needs a capability. */
	{ SECCOMP_ALLOW,
	  "time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 nanosleep "
	  "clock_nanosleep clock_nanosleep_time64 alarm getitimer setitimer timer_create "
	  "timer_settime timer_settime64 timer_gettime timer_gettime64 timer_getoverrun timer_delete "
	  "adjtimex clock_adjtime clock_adjtime64" },
	/*
	 * sockets; socket's family is checked below. socketcall is how C libraries of i386
	 * do all of them. Its arguments are in memory, where no filter can see them.
	 */
	{ SECCOMP_ALLOW,
	  "socket socketpair bind listen accept accept4 connect getsockname getpeername setsockopt "
	  "getsockopt shutdown send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg "
	  "recvmmsg_time64 socketcall" },
	/* System V's and POSIX's messages, semaphores, memory: of the container's namespace */
	{ SECCOMP_ALLOW,
	  "ipc shmget shmat shmdt shmctl semget semop semtimedop semtimedop_time64 semctl msgget "
	  "msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedsend_time64 mq_timedreceive "
	  "mq_timedreceive_time64 mq_notify mq_getsetattr" },
	/* what a program confines itself by: browsers, ssh, systemd's tools */
	{ SECCOMP_ALLOW,
	  "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self" },
	/* the machine: its name, load, and random numbers */
	{ SECCOMP_ALLOW, "uname sysinfo getrandom" },

	/* namespaces and mounts: the layout is the administrator's */
	{ EPERM,
	  "setns mount umount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen "
	  "fsconfig fsmount fspick mount_setattr sethostname setdomainname" },
	/*
	 * SO_PEERPIDFD gives a pidfd of a process outside that serves a socket we
	 * can reach; its descriptors are not ours, even if its uid is.
	 */
	{ EPERM, "pidfd_getfd" },
	/* keyrings are not namespaced: a key of a neighbour's session could be linked */
	{ EPERM, "add_key keyctl request_key" },
	/* kernel interfaces with a long history of holes, of no use to a login user */
	{ EPERM,
	  "bpf userfaultfd perf_event_open io_uring_setup io_uring_enter io_uring_register vmsplice "
	  "fanotify_init fanotify_mark kcmp" },
	/* descriptor tables and code of 16 bits: kernels are built without */
	{ EPERM, "modify_ldt vm86 vm86old" },
	/* files by number, past the directories that hide them */
	{ EPERM, "open_by_handle_at name_to_handle_at" },
	/* pages of memory between NUMA nodes, of processes by number */
	{ EPERM, "migrate_pages move_pages" },
	/* the machine itself */
	{ EPERM,
	  "acct quotactl quotactl_fd swapon swapoff reboot kexec_load kexec_file_load init_module "
	  "finit_module delete_module settimeofday clock_settime clock_settime64 stime syslog vhangup "
	  "iopl ioperm pciconfig_read pciconfig_write pciconfig_iobase" },

	/* Its flags are in memory, where no filter can see them (flatpak CVE-2021-41133). */
	{ ENOSYS, "clone3" },
	/* new, and nothing needs it: /proc, the older call, or less speed does */
	{ ENOSYS,
	  "statmount listmount listns lsm_get_self_attr lsm_set_self_attr lsm_list_modules cachestat "
	  "futex_wait futex_wake futex_requeue" },
	/* old, and no program of this century makes them */
	{ ENOSYS,
	  "lookup_dcookie oldfstat oldlstat oldolduname oldstat olduname readdir sgetmask ssetmask "
	  "sysfs uselib usr26 usr32 ustat" },
	{ SECCOMP_ABSENT,
	  "_sysctl afs_syscall bdflush break create_module epoll_ctl_old epoll_wait_old ftime "
	  "get_kernel_syms getpmsg gtty idle lock mpx nfsservctl prof profil putpmsg query_module "
	  "security stty tuxcall ulimit vserver" },
};

#define NEW_NAMESPACES 0x7e020080U	/* CLONE_NEW*, sched.h: ns cgroup uts ipc user pid net time */

static const struct seccomp_check seccomp_session_checks[] = {
	{ "ioctl", 1, SECCOMP_EQUALS, 0x5412, EPERM },	/* TIOCSTI: type into a terminal */
	{ "ioctl", 1, SECCOMP_EQUALS, 0x541c, EPERM },	/* TIOCLINUX: the same on a console */
	/*
	 * AF_ALG: the kernel's ciphers, a way to write to files that one may only read
	 * (CVE-2026-31431). AF_VSOCK: other machines and the one beneath, past the network.
	 * As a kernel without them answers. i386's socketcall is a way past these two
	 * rows; a host that wants to close it starts with ia32_emulation=0.
	 */
	{ "socket", 0, SECCOMP_EQUALS, 38, EAFNOSUPPORT },
	{ "socket", 0, SECCOMP_EQUALS, 40, EAFNOSUPPORT },
	/*
	 * What may be: the question, a 32-bit machine (0x8), an old release number
	 * (0x20000), and addresses that are not random (0x40000), for gdb, setarch -R
	 * and some old compilers. That makes the program that asks for it easier to attack,
	 * and no other. The rest makes memory executable, or is another system's.
	 */
	{ "personality", 0, SECCOMP_EQUALS, 0xffffffff, SECCOMP_ALLOW },
	{ "personality", 0, SECCOMP_HAS_ANY_OF, ~0x60008U, EPERM },
	/* Last: a session with nested-namespaces has all but these two. */
	{ "unshare", 0, SECCOMP_HAS_ANY_OF, NEW_NAMESPACES, EPERM },
	/* 0x80 is part of the exit signal */
	{ "clone", 0, SECCOMP_HAS_ANY_OF, NEW_NAMESPACES & ~0x80U, EPERM },
};

/* ---- a session with nested-namespaces = yes: bwrap, browsers, rootless podman ------- */

static const struct seccomp_group seccomp_nested_overrides[] = {
	/* in a user namespace of the user's own, where its capabilities are; else the kernel refuses */
	{ SECCOMP_ALLOW,
	  "setns mount umount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen "
	  "fsconfig fsmount fspick mount_setattr sethostname setdomainname" },
	/* container tools go on without, if they hear that there are none */
	{ ENOSYS, "add_key keyctl request_key" },
};

/* ---- init: PID 1 of a container, helper/init.c ---------------------------------- */

static const struct seccomp_group seccomp_init_groups[] = {
	{ SECCOMP_ALLOW, "write close"		/* "ready", once */
			 " rt_sigtimedwait wait4 kill"
			 " exit_group" },
};

/* ---- numbers ---------------------------------------------------------------------- */

/*
 * Calls that a libseccomp of today may not know, so that each build makes the same
 * programs. From 424 on a call has one number in all ABIs, or none.
 */
static const struct seccomp_number {
	unsigned int number;
	const char *call;
} seccomp_numbers[] = {
	{ 440, "process_madvise" }, { 441, "epoll_pwait2" }, { 442, "mount_setattr" },
	{ 443, "quotactl_fd" }, { 444, "landlock_create_ruleset" }, { 445, "landlock_add_rule" },
	{ 446, "landlock_restrict_self" }, { 447, "memfd_secret" }, { 448, "process_mrelease" },
	{ 449, "futex_waitv" }, { 450, "set_mempolicy_home_node" }, { 451, "cachestat" },
	{ 452, "fchmodat2" }, { 453, "map_shadow_stack" }, { 454, "futex_wake" },
	{ 455, "futex_wait" }, { 456, "futex_requeue" }, { 457, "statmount" }, { 458, "listmount" },
	{ 459, "lsm_get_self_attr" }, { 460, "lsm_set_self_attr" }, { 461, "lsm_list_modules" },
	{ 462, "mseal" }, { 463, "setxattrat" }, { 464, "getxattrat" }, { 465, "listxattrat" },
	{ 466, "removexattrat" }, { 467, "open_tree_attr" }, { 468, "file_getattr" },
	{ 469, "file_setattr" }, { 470, "listns" },
};

/* ---- all of them ----------------------------------------------------------------- */

static const struct seccomp_policy seccomp_policies[] = {
	{ "session", seccomp_session_groups, SECCOMP_COUNT(seccomp_session_groups), NULL, 0,
	  seccomp_session_checks, SECCOMP_COUNT(seccomp_session_checks), ENOSYS, true, true },
	{ "nested", seccomp_session_groups, SECCOMP_COUNT(seccomp_session_groups),
	  seccomp_nested_overrides, SECCOMP_COUNT(seccomp_nested_overrides),
	  seccomp_session_checks, SECCOMP_COUNT(seccomp_session_checks) - 2, ENOSYS, true, true },
	{ "init", seccomp_init_groups, SECCOMP_COUNT(seccomp_init_groups), NULL, 0, NULL, 0,
	  SECCOMP_KILL, false, false },
};

#endif
