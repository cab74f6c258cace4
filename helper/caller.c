/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caller: see caller.h. */
#include "caller.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "fd.h"
#include "request.h"
#include "rlimits.h"
#include "sys.h"

#define INITIAL_USER_NAMESPACE 4026531837U	/* PROC_USER_INIT_INO, linux/nsfs.h */
#define GET_USER_NAMESPACE _IO(0xFF, 9)		/* PIDFD_GET_USER_NAMESPACE, Linux 6.11 */
#define DESCRIPTORS 512		/* up to 320 mounts of a plan are held, and what else there is */
#define STACK_BYTES (8U << 20)
#define GROUPS_MAX 65536	/* NGROUPS_MAX, limits.h */
#define SIGNAL_SET_BYTES 8	/* the kernel's sigset_t: 64 signals */

extern char **environ;

/*
 * The number of our user namespace; 0 if it cannot be told. SECURITY: a user's own
 * namespace may have a /proc of its making; asked is a real procfs, with nothing
 * mounted over any part of the way (RESOLVE_NO_XDEV).
 */
static ino_t user_namespace_by_proc(void)
{
	cs_autoclose int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cs_autoclose int ns_dir_fd = -1;
	struct statfs info;
	char link[64];
	ssize_t length;

	if (proc_fd < 0 || fstatfs(proc_fd, &info) < 0 || info.f_type != PROC_SUPER_MAGIC)
		return 0;
	ns_dir_fd = cs_sys_openat2(proc_fd, "thread-self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC,
				   RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
	if (ns_dir_fd < 0)
		return 0;
	length = readlinkat(ns_dir_fd, "user", link, sizeof(link) - 1);
	if (length < 0)
		return 0;
	link[length] = '\0';
	return strncmp(link, "user:[", 6) == 0 ? (ino_t)strtoull(link + 6, NULL, 10) : 0;
}

/* The same, of the kernel itself, and in a fifth of the time: ioctl_nsfs(2), fstat(2) of nsfs. */
static ino_t user_namespace(void)
{
	cs_autoclose int self = cs_sys_pidfd_open(getpid());
	cs_autoclose int namespace = self < 0 ? -1 : ioctl(self, GET_USER_NAMESPACE, 0);
	struct stat info;

	return namespace >= 0 && fstat(namespace, &info) == 0 ? info.st_ino :
							  user_namespace_by_proc();
}

const char *cs_caller_refuse(void)
{
	if (geteuid() != 0)
		return "container-shell-helper is not set-uid root here";
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0)
		return "no_new_privs is set";
	if (user_namespace() != INITIAL_USER_NAMESPACE)
		return "this is not the host's user namespace";
	return NULL;
}

/* Descriptors 0 to 2 must be something, or what we open next would be "stderr". */
static int standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (errno != EBADF)
			return -errno;
		if (open("/dev/null", fd == 0 ? O_RDONLY : O_RDWR) != fd)
			return -EBADF;
	}
	return 0;
}

static int extra_descriptor(const struct cs_request *request, uid_t uid, int *ret_fd)
{
	struct stat info;

	*ret_fd = -1;
	if (request->verb == CS_VERB_PREPARE) {
		if (fcntl(CS_REQUEST_SOCKET_FD, F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
		return cs_sys_close_range(CS_REQUEST_SOCKET_FD + 1, ~0U);
	}
	if (!request->agent)
		return cs_sys_close_range(3, ~0U);
	/* On a FUSE mount root may not look: that costs the agent, not the login. */
	if (fstat(CS_REQUEST_AGENT_FD, &info) < 0)
		return errno == EACCES ? cs_sys_close_range(3, ~0U) : -errno;
	if (!S_ISSOCK(info.st_mode) || info.st_uid != uid)
		return -EPERM;
	if (fcntl(CS_REQUEST_AGENT_FD, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	*ret_fd = CS_REQUEST_AGENT_FD;
	return cs_sys_close_range(CS_REQUEST_AGENT_FD + 1, ~0U);
}

static int take_groups(struct cs_caller *caller)
{
	static gid_t groups[GROUPS_MAX];	/* of which the kernel gives us what is used */
	int count = getgroups(GROUPS_MAX, groups);

	if (count < 0)
		return -errno;
	caller->groups = groups;
	caller->group_count = (size_t)count;
	return 0;
}

/*
 * Ours: no core, enough descriptors, nothing that can run out and end us
 * halfway. A hard limit is never lowered: a root without CAP_SYS_RESOURCE (in
 * a machine that is a container itself) could not give it back to the session;
 * nor can that root raise one, and then has to do with what there is.
 */
static int set_limit(int resource, rlim_t wanted, rlim_t hard)
{
	const struct rlimit raised = { wanted, wanted > hard ? wanted : hard };
	const struct rlimit allowed = { wanted > hard ? hard : wanted, hard };

	if (setrlimit(resource, &raised) == 0)
		return 0;
	if (errno != EPERM)
		return -errno;
	return setrlimit(resource, &allowed) < 0 ? -errno : 0;
}

int cs_caller_take_limits(struct cs_caller *caller)
{
	static const struct {
		int resource;
		rlim_t wanted;
	} ours[] = {
		{ RLIMIT_CORE, 0 },		  { RLIMIT_NOFILE, DESCRIPTORS },
		{ RLIMIT_FSIZE, RLIM_INFINITY },  { RLIMIT_CPU, RLIM_INFINITY },
		{ RLIMIT_AS, RLIM_INFINITY },	  { RLIMIT_DATA, RLIM_INFINITY },
		{ RLIMIT_NPROC, RLIM_INFINITY },  { RLIMIT_MEMLOCK, RLIM_INFINITY },
		{ RLIMIT_SIGPENDING, RLIM_INFINITY }, { RLIMIT_STACK, STACK_BYTES },
	};

	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (getrlimit(i, &caller->limits[i]) < 0)
			return -errno;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		const struct rlimit *limit = &caller->limits[ours[i].resource];
		int result;

		if (limit->rlim_cur == ours[i].wanted)
			continue;
		result = set_limit(ours[i].resource, ours[i].wanted, limit->rlim_max);
		if (result < 0)
			return result;
	}
	return 0;
}

static int reset_signals(void)
{
	static const int timers[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
	/* The kernel's struct sigaction: all zero is SIG_DFL on every architecture. */
	static const unsigned long default_action[8];
	const struct itimerval off = { 0 };
	const uint64_t all = ~UINT64_C(0);

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		if (setitimer(timers[i], &off, NULL) < 0)
			return -errno;
	/* Not signal(3): it keeps 32 and 33 to itself, and they may be ignored too. */
	for (int number = 1; number < NSIG; number++)
		if (syscall(SYS_rt_sigaction, number, default_action, NULL, SIGNAL_SET_BYTES) < 0 &&
		    number != SIGKILL && number != SIGSTOP)
			return -errno;
	/* Writing to a reader that is gone is an error to handle, not a death. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	/*
	 * SECURITY: a key typed on the caller's terminal, or its hang-up, signals us
	 * whatever our ids are: ^C would end a helper halfway. The session gets an
	 * empty mask, and the waiting process picks the signals up (session.c).
	 */
	return syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, SIGNAL_SET_BYTES) < 0 ? -errno : 0;
}

/* The terminal that we are session leader of: a login's, not one su was typed on. */
static int led_terminal(void)
{
	pid_t self = getpid();

	for (int fd = 0; fd <= 2; fd++)
		if (getsid(0) == self && tcgetsid(fd) == self)
			return fd;
	return -1;
}

int cs_caller_take(const struct cs_request *request, struct cs_caller *ret_caller)
{
	static char *nothing[] = { NULL };
	struct cs_caller caller = *ret_caller;
	int result;

	caller.uid = getuid();
	caller.gid = getgid();

	/*
	 * First of all: from here on the user can neither stop, kill nor trace us,
	 * but for the terminal's signals, which reset_signals() sees to.
	 */
	result = take_groups(&caller);
	if (result < 0)
		return result;
	result = cs_ids_be_root();
	if (result < 0)
		return result;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	result = reset_signals();
	if (result < 0)
		return result;
	result = standard_descriptors();
	if (result < 0)
		return result;
	result = extra_descriptor(request, caller.uid, &caller.agent_fd);
	if (result < 0)
		return result;
	caller.environment = environ;
	environ = nothing;
	caller.umask = umask(0022);
	caller.terminal_fd = led_terminal();
	if (chdir("/") < 0)
		return -errno;
	*ret_caller = caller;
	return 0;
}

int cs_caller_restore(const struct cs_caller *caller)
{
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (setrlimit(i, &caller->limits[i]) < 0)
			return -errno;
	(void)umask(caller->umask);	/* cannot fail */
	return 0;
}

struct cs_ids cs_caller_ids(const struct cs_caller *caller)
{
	return (struct cs_ids){ .uid = caller->uid, .gid = caller->gid,
				.groups = caller->groups, .group_count = caller->group_count };
}

/*
 * SECURITY: what runs in the session may be of the user's making, from the first line of
 * ~/.profile on: it gets no more than a login of the user's, whatever the administrator has.
 */
static int take_limits_of_login(struct cs_caller *caller, const struct cs_record *record)
{
	const struct cs_limit plain = { .kind = CS_LIMIT_OOM_SCORE, .form = CS_LIMIT_NUMBER,
					.soft = CS_LIMIT_OOM_SCORE_OFFSET,
					.hard = CS_LIMIT_OOM_SCORE_OFFSET };
	int result;

	for (size_t i = 0; i < CS_RECORD_RLIMITS; i++)
		caller->limits[i] = (struct rlimit){
			.rlim_cur = (rlim_t)record->login_limits[i].soft,
			.rlim_max = (rlim_t)record->login_limits[i].hard,
		};
	result = cs_rlimits_adjust_oom(&plain, 1);
	return result < 0 ? result : cs_rlimits_schedule(record->login_nice);
}

int cs_caller_become(struct cs_caller *caller, int user_fd, const struct cs_record *record)
{
	static char *environment[2];
	gid_t *groups = NULL;
	size_t count = 0;
	int result = cs_record_read_groups(user_fd, record->instance, &groups, &count);

	if (result == 0)
		result = take_limits_of_login(caller, record);
	if (result < 0)
		return result;
	for (size_t i = 0; caller->environment[i] != NULL; i++)
		if (strncmp(caller->environment[i], "TERM=", 5) == 0)
			environment[0] = caller->environment[i];
	caller->uid = record->uid;
	caller->gid = record->gid;
	caller->groups = groups;
	caller->group_count = count;
	caller->environment = environment;
	caller->umask = 0022;
	return 0;
}

int cs_caller_become_root(struct cs_caller *caller, const struct cs_record *record)
{
	if (record->root_uid == 0)	/* it has none */
		return -EPERM;
	if (record->root_uid == record->uid)	/* who it is already */
		return 0;
	caller->uid = record->root_uid;
	caller->gid = record->root_gid;
	caller->group_count = 0;
	return 0;
}

int cs_caller_stand_for(struct cs_caller *caller, const struct cs_request *request)
{
	static char *nothing[] = { NULL };
	size_t count = 0;

	while (request->argv[count] != NULL)
		count++;
	caller->groups = calloc(count + 1, sizeof(caller->groups[0]));
	if (caller->groups == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)	/* request.c has checked them */
		caller->groups[i] = (gid_t)strtoul(request->argv[i], NULL, 10);
	caller->group_count = count;
	caller->uid = request->uid;
	caller->gid = request->gid;
	caller->environment = nothing;
	caller->holder = request->pid;
	caller->tty = request->tty;
	caller->from = request->from;
	return 0;
}

void cs_caller_note_login_uid(struct cs_caller *caller)
{
	cs_autoclose int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	char text[sizeof(caller->login_uid)] = "";
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	/* 4294967295: nobody logged in. Digits only, in any case: it goes to the log. */
	snprintf(caller->login_uid, sizeof(caller->login_uid), "%.*s",
		 got > 0 ? (int)strspn(text, "0123456789") : 0, text);
}
