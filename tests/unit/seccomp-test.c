/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp-test: the filters that are linked into the programs, asked call by call.
 *
 * Each question is put by a child that has the real filter on it. A call that
 * the filter lets pass fails for another reason, as its arguments are no good:
 * what is compared is the error, so that most of this needs no privilege.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomp.h"
#include "seccomp_filter.h"
#include "tap.h"

#define HIGH_BITS UINT64_C(0xdeadbeef00000000)
#define TIOCSTI_REQUEST UINT64_C(0x5412)
#define TIOCLINUX_REQUEST UINT64_C(0x541c)
#define NO_FILTER 99

struct call {
	const char *name;
	long number;
	int expected;		/* errno; 0: it succeeds */
	uint64_t arguments[3];
};

/* The filter on a child, @ask in it: what it returns, 128+n for signal n. */
static int ask(int (*question)(const void *), const void *argument)
{
	pid_t pid;
	int status;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || cs_seccomp_install(false) < 0)
			_exit(NO_FILTER);
		_exit(question(argument));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int make(const void *argument)
{
	const struct call *call = argument;

	errno = 0;
	/* 0L: of an int the upper half of an argument on the stack is anything. */
	if (syscall(call->number, call->arguments[0], call->arguments[1], call->arguments[2], 0L, 0L,
		    0L) >= 0)
		return 0;
	return errno;
}

static void expect(const struct call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int got = ask(make, &calls[i]);

		if (got != calls[i].expected)
			printf("# %s: %s, not %s\n", calls[i].name, strerror(got),
			       strerror(calls[i].expected));
		CHECK(got == calls[i].expected);
	}
}

static int nothing(const void *argument)
{
	(void)argument;
	return 0;
}

static void install__with_no_new_privs(void)
{
	CHECK(ask(nothing, NULL) == 0);
}

/* Descriptor -1: EBADF says that the filter let it pass, ENOTTY that the number was unknown. */
static void ioctl__cannot_type_into_a_terminal(void)
{
	static const struct call calls[] = {
		{ "TIOCSTI", SYS_ioctl, EPERM, { ~0ULL, TIOCSTI_REQUEST } },
		{ "TIOCSTI with high bits", SYS_ioctl, EPERM, { ~0ULL, HIGH_BITS | TIOCSTI_REQUEST } },
		{ "TIOCSTI with one high bit", SYS_ioctl, EPERM,
		  { ~0ULL, 1ULL << 32 | TIOCSTI_REQUEST } },
		{ "TIOCLINUX", SYS_ioctl, EPERM, { ~0ULL, TIOCLINUX_REQUEST } },
		{ "TIOCLINUX with high bits", SYS_ioctl, EPERM,
		  { ~0ULL, HIGH_BITS | TIOCLINUX_REQUEST } },
		{ "TIOCGWINSZ", SYS_ioctl, EBADF, { ~0ULL, TIOCGWINSZ } },
		{ "TIOCSCTTY", SYS_ioctl, EBADF, { ~0ULL, TIOCSCTTY } },
		{ "a neighbour of TIOCSTI", SYS_ioctl, EBADF, { ~0ULL, TIOCSTI_REQUEST + 1 } },
	};

	expect(calls, TAP_COUNT(calls));
}

/* EINVAL of two flags that exclude each other: the kernel's own answer, not the filter's. */
static void namespaces__cannot_be_made(void)
{
	static const struct call calls[] = {
		{ "unshare user", SYS_unshare, EPERM, { CLONE_NEWUSER } },
		{ "unshare mnt", SYS_unshare, EPERM, { CLONE_NEWNS } },
		{ "unshare net", SYS_unshare, EPERM, { CLONE_NEWNET } },
		{ "unshare pid", SYS_unshare, EPERM, { CLONE_NEWPID } },
		{ "unshare ipc", SYS_unshare, EPERM, { CLONE_NEWIPC } },
		{ "unshare uts", SYS_unshare, EPERM, { CLONE_NEWUTS } },
		{ "unshare cgroup", SYS_unshare, EPERM, { CLONE_NEWCGROUP } },
		{ "unshare time", SYS_unshare, EPERM, { CLONE_NEWTIME } },
		{ "unshare user among others", SYS_unshare, EPERM, { CLONE_FILES | CLONE_NEWUSER } },
		{ "unshare files", SYS_unshare, 0, { CLONE_FILES } },
		{ "unshare fs", SYS_unshare, 0, { CLONE_FS } },
		{ "clone user", SYS_clone, EPERM, { CLONE_NEWUSER | SIGCHLD } },
		{ "clone mnt", SYS_clone, EPERM, { CLONE_NEWNS | SIGCHLD } },
		{ "clone all", SYS_clone, EPERM,
		  { CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | SIGCHLD } },
		{ "clone3", SYS_clone3, ENOSYS, { 0 } },
		{ "setns", SYS_setns, EPERM, { ~0ULL } },
	};

	expect(calls, TAP_COUNT(calls));
}

static void mounts__cannot_be_changed(void)
{
	static const struct call calls[] = {
		{ "mount", SYS_mount, EPERM, { 0 } },
		{ "umount2", SYS_umount2, EPERM, { 0 } },
		{ "pivot_root", SYS_pivot_root, EPERM, { 0 } },
		{ "chroot", SYS_chroot, EPERM, { 0 } },
		{ "open_tree", SYS_open_tree, EPERM, { ~0ULL } },
		{ "move_mount", SYS_move_mount, EPERM, { ~0ULL } },
		{ "fsopen", SYS_fsopen, EPERM, { 0 } },
		{ "fsconfig", SYS_fsconfig, EPERM, { ~0ULL } },
		{ "fsmount", SYS_fsmount, EPERM, { ~0ULL } },
		{ "fspick", SYS_fspick, EPERM, { ~0ULL } },
		{ "mount_setattr", SYS_mount_setattr, EPERM, { ~0ULL } },
	};

	expect(calls, TAP_COUNT(calls));
}

static void kernel__is_out_of_reach(void)
{
	static const struct call calls[] = {
		{ "keyctl", SYS_keyctl, EPERM, { 0 } },
		{ "add_key", SYS_add_key, EPERM, { 0 } },
		{ "request_key", SYS_request_key, EPERM, { 0 } },
		{ "bpf", SYS_bpf, EPERM, { 0 } },
		{ "userfaultfd", SYS_userfaultfd, EPERM, { 0 } },
		{ "perf_event_open", SYS_perf_event_open, EPERM, { 0 } },
		{ "io_uring_setup", SYS_io_uring_setup, EPERM, { 0 } },
		{ "open_by_handle_at", SYS_open_by_handle_at, EPERM, { ~0ULL } },
		{ "name_to_handle_at", SYS_name_to_handle_at, EPERM, { ~0ULL } },
		{ "kexec_load", SYS_kexec_load, EPERM, { 0 } },
		{ "init_module", SYS_init_module, EPERM, { 0 } },
		{ "syslog", SYS_syslog, EPERM, { 10 } },
		{ "kcmp", SYS_kcmp, EPERM, { 1, 1 } },
		{ "pidfd_getfd", SYS_pidfd_getfd, EPERM, { ~0ULL } },
		{ "vhangup", SYS_vhangup, EPERM, { 0 } },
	};

	expect(calls, TAP_COUNT(calls));
}

/* A C library, or a program, does without what a kernel has not. */
static void unknown__is_not_there(void)
{
	static const struct call calls[] = {
		{ "number 600", 600, ENOSYS, { 0 } },
		{ "number 1023", 1023, ENOSYS, { 0 } },
		{ "number 471", 471, ENOSYS, { 0 } },
		{ "a negative number", -2, ENOSYS, { 0 } },
		{ "statmount", 457, ENOSYS, { 0 } },
		{ "listmount", 458, ENOSYS, { 0 } },
		{ "open_tree_attr", 467, EPERM, { 0 } },
	};

	expect(calls, TAP_COUNT(calls));
}

static void personality__of_debuggers_and_32_bit_programs_alone(void)
{
	static const struct call calls[] = {
		{ "question", SYS_personality, 0, { 0xffffffff } },
		{ "PER_LINUX", SYS_personality, 0, { 0 } },
		{ "PER_LINUX32", SYS_personality, 0, { 8 } },
		{ "UNAME26", SYS_personality, 0, { 0x20000 } },
		{ "UNAME26 | PER_LINUX32", SYS_personality, 0, { 0x20008 } },
		{ "ADDR_NO_RANDOMIZE", SYS_personality, 0, { 0x40000 } },
		{ "ADDR_NO_RANDOMIZE | PER_LINUX32", SYS_personality, 0, { 0x40008 } },
		{ "READ_IMPLIES_EXEC", SYS_personality, EPERM, { 0x400000 } },
		{ "READ_IMPLIES_EXEC with high bits", SYS_personality, EPERM,
		  { HIGH_BITS | 0x400000 } },
		{ "MMAP_PAGE_ZERO", SYS_personality, EPERM, { 0x100000 } },
		{ "PER_SVR4", SYS_personality, EPERM, { 0x4100001 } },
		{ "PER_BSD", SYS_personality, EPERM, { 6 } },
		{ "all but one bit", SYS_personality, EPERM, { 0xfffffffe } },
	};

	expect(calls, TAP_COUNT(calls));
}

static void socket__of_the_network_and_unix(void)
{
	static const struct call calls[] = {
		{ "AF_UNIX", SYS_socket, 0, { AF_UNIX, SOCK_STREAM } },
		{ "AF_INET", SYS_socket, 0, { AF_INET, SOCK_STREAM } },
		{ "AF_NETLINK", SYS_socket, 0, { AF_NETLINK, SOCK_RAW } },
		{ "AF_ALG", SYS_socket, EAFNOSUPPORT, { 38, SOCK_SEQPACKET } },
		{ "AF_ALG with high bits", SYS_socket, EAFNOSUPPORT, { HIGH_BITS | 38, SOCK_SEQPACKET } },
		{ "AF_VSOCK", SYS_socket, EAFNOSUPPORT, { 40, SOCK_STREAM } },
	};

	expect(calls, TAP_COUNT(calls));
}

/* What debuggers, browsers, servers and the runtimes of languages are made of. */
static void programs__get_what_they_need(void)
{
	static const struct call calls[] = {
		{ "ptrace TRACEME", SYS_ptrace, 0, { 0 } },
		{ "process_vm_readv", SYS_process_vm_readv, 0, { 0, 0, 0 } },
		{ "seccomp get action", SYS_seccomp, EFAULT, { 2 } },
		{ "memfd_create", SYS_memfd_create, EFAULT, { 0 } },
		{ "inotify_init1", SYS_inotify_init1, 0, { 0 } },
		{ "epoll_create1", SYS_epoll_create1, 0, { 0 } },
		{ "timerfd_create", SYS_timerfd_create, 0, { 0 } },
		{ "eventfd2", SYS_eventfd2, 0, { 0 } },
		{ "pidfd_open", SYS_pidfd_open, EINVAL, { 0 } },
		{ "pidfd_send_signal", SYS_pidfd_send_signal, EBADF, { ~0ULL } },
		{ "membarrier", SYS_membarrier, 0, { 0 } },
		{ "rseq", SYS_rseq, EINVAL, { 0 } },
		{ "mq_unlink", SYS_mq_unlink, EFAULT, { 0 } },
		{ "shmget", SYS_shmget, EINVAL, { 0 } },
		{ "io_setup", SYS_io_setup, EFAULT, { 1 } },
		{ "execveat", SYS_execveat, EFAULT, { 0 } },
		{ "close_range", SYS_close_range, EINVAL, { 2, 1 } },
		{ "openat2", SYS_openat2, EINVAL, { 0 } },
		{ "copy_file_range", SYS_copy_file_range, EBADF, { ~0ULL, 0, ~0ULL } },
		{ "clock_adjtime", SYS_clock_adjtime, EFAULT, { 0 } },
		{ "sched_setaffinity", SYS_sched_setaffinity, EFAULT, { 0, 8, 0 } },
		{ "ioctl FIONREAD", SYS_ioctl, EBADF, { ~0ULL, 0x541b } },
		{ "unshare nothing", SYS_unshare, 0, { 0 } },
	};

	expect(calls, TAP_COUNT(calls));
}

static int fork_and_exec(const void *argument)
{
	int status;
	pid_t pid = fork();

	(void)argument;
	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}

static void fork__works(void)
{
	CHECK(ask(fork_and_exec, NULL) == 0);
}

static void *thread(void *argument)
{
	return argument;
}

/* glibc tries clone3 first and clone after its ENOSYS. */
static int start_thread(const void *argument)
{
	pthread_t id;
	int value = 1;
	void *returned = NULL;

	(void)argument;
	if (pthread_create(&id, NULL, thread, &value) != 0 || pthread_join(id, &returned) != 0)
		return 1;
	return returned == &value ? 0 : 1;
}

static void threads__work(void)
{
	CHECK(ask(start_thread, NULL) == 0);
}

static int unshare_after_exec(const void *argument)
{
	(void)argument;
	(void)close(STDERR_FILENO);	/* its complaint is what is hoped for */
	execl("/usr/bin/unshare", "unshare", "-U", "true", (char *)NULL);
	return 127;
}

static void filter__is_kept_over_exec(void)
{
	int status = ask(unshare_after_exec, NULL);

	if (status == 127)
		SKIP("no /usr/bin/unshare");
	CHECK(status == 1);
}

/* ---- init's own ------------------------------------------------------------------ */

/* The one call, and then the end; 128+n for signal n. */
static int ask_init(const struct call *call)
{
	pid_t pid;
	int status;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    cs_seccomp_load(cs_seccomp_init, TAP_COUNT(cs_seccomp_init)) < 0)
			_exit(NO_FILTER);
		_exit(make(call));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void init__may_do_its_work(void)
{
	static const struct call calls[] = {
		{ "write", SYS_write, EBADF, { ~0ULL } },
		{ "close", SYS_close, EBADF, { ~0ULL } },
		{ "rt_sigtimedwait", SYS_rt_sigtimedwait, EINVAL, { 0 } },
		{ "wait4", SYS_wait4, ECHILD, { ~0ULL } },
		{ "kill", SYS_kill, EINVAL, { 0, 1000 } },
	};

	for (size_t i = 0; i < TAP_COUNT(calls); i++) {
		int got = ask_init(&calls[i]);

		if (got != calls[i].expected)
			printf("# %s: %d, not %d\n", calls[i].name, got, calls[i].expected);
		CHECK(got == calls[i].expected);
	}
}

/*
 * uretprobe and uprobe, which the kernel shows no filter since Linux 6.14: they are
 * for code that it has put there itself.
 */
static bool is_seen_by_filters(long number)
{
#ifdef __x86_64__
	return number != 335 && number != 336;
#else
	(void)number;
	return true;
#endif
}

/* Every number that there is, and some that there are not. */
static void init__dies_of_anything_else(void)
{
	static const long allowed[] = {
		SYS_write, SYS_close, SYS_rt_sigtimedwait, SYS_wait4, SYS_kill, SYS_exit_group,
	};

	for (long number = 0; number < 600; number++) {
		const struct call call = { .number = number };
		bool is_allowed = false;

		for (size_t i = 0; i < TAP_COUNT(allowed); i++)
			is_allowed = is_allowed || allowed[i] == number;
		if (!is_allowed && is_seen_by_filters(number)) {
			const int status = ask_init(&call);

			CHECK(status == 128 + SIGSYS);
			if (status != 128 + SIGSYS)
				printf("# call %ld\n", number);
		}
	}
	CHECK(true);
}

#ifdef __x86_64__

/* The numbers of i386: the same calls through the kernel's other door. */
static long int80(long number, long first, long second)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static int int80_exists(const void *argument)
{
	(void)argument;
	return int80(20, 0, 0) > 0 ? 0 : 1;	/* getpid */
}

static int int80_calls(const void *argument)
{
	static const struct {
		long number, first, second, expected;
	} calls[] = {
		{ 310, CLONE_NEWUSER, 0, -EPERM },			/* unshare */
		{ 120, CLONE_NEWUSER | SIGCHLD, 0, -EPERM },		/* clone */
		{ 435, 0, 0, -ENOSYS },					/* clone3 */
		{ 54, -1, (long)TIOCSTI_REQUEST, -EPERM },		/* ioctl */
		{ 54, -1, TIOCGWINSZ, -EBADF },
		{ 21, 0, 0, -EPERM },					/* mount */
		{ 288, 0, 0, -EPERM },					/* keyctl */
		{ 357, 0, 0, -EPERM },					/* bpf */
		{ 425, 0, 0, -EPERM },					/* io_uring_setup */
		{ 136, 0x400000, 0, -EPERM },				/* personality */
		{ 359, 38, SOCK_SEQPACKET, -EAFNOSUPPORT },		/* socket AF_ALG */
		{ 113, 0, 0, -EPERM },					/* vm86old */
		{ 600, 0, 0, -ENOSYS },
	};

	(void)argument;
	for (size_t i = 0; i < TAP_COUNT(calls); i++)
		if (int80(calls[i].number, calls[i].first, calls[i].second) != calls[i].expected)
			return (int)i + 1;
	return 0;
}

/* A kernel built or started without 32-bit calls (ia32_emulation=0) sends SIGSEGV. */
static void int80__does_not_pass_the_filter_by(void)
{
	pid_t pid;
	int status = 0;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(int80_exists(NULL));
	CHECK(waitpid(pid, &status, 0) == pid);
	if (status != 0)
		SKIP("this kernel has no 32-bit system calls");
	status = ask(int80_calls, NULL);
	if (status != 0)
		printf("# row %d\n", status);
	CHECK(status == 0);
}

#define X32 0x40000000L

static int x32_unshare(const void *argument)
{
	(void)argument;
	return syscall(X32 | SYS_unshare, CLONE_NEWUSER) < 0 ? errno : 0;
}

/* As on a kernel without x32. */
static void x32__does_not_pass_the_filter_by(void)
{
	int status = ask(x32_unshare, NULL);

	CHECK(status == ENOSYS);
}

#endif

static const struct tap_test tests[] = {
	TAP_TEST(install__with_no_new_privs),
	TAP_TEST(ioctl__cannot_type_into_a_terminal),
	TAP_TEST(namespaces__cannot_be_made),
	TAP_TEST(mounts__cannot_be_changed),
	TAP_TEST(kernel__is_out_of_reach),
	TAP_TEST(unknown__is_not_there),
	TAP_TEST(personality__of_debuggers_and_32_bit_programs_alone),
	TAP_TEST(socket__of_the_network_and_unix),
	TAP_TEST(programs__get_what_they_need),
	TAP_TEST(fork__works),
	TAP_TEST(threads__work),
	TAP_TEST(filter__is_kept_over_exec),
	TAP_TEST(init__may_do_its_work),
	TAP_TEST(init__dies_of_anything_else),
#ifdef __x86_64__
	TAP_TEST(int80__does_not_pass_the_filter_by),
	TAP_TEST(x32__does_not_pass_the_filter_by),
#endif
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
