/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enter: see enter.h. */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "fd.h"
#include "ids.h"
#include "log.h"
#include "rlimits.h"
#include "seccomp.h"
#include "seccomp_file.h"
#include "sys.h"

#ifdef CS_FAULT
#include "step.h"
#endif

#define GROUPS_MAX 65536	/* NGROUPS_MAX, limits.h */

struct run {
	const struct cs_enter *enter;
	int userns_fd;		/* the container's user namespace; -1: it has none of its own */
	struct sock_filter *filter;	/* the class's own, with seccomp = FILE */
	size_t filter_count;
	int outside_fd;		/* hangs up when the process that waits outside is gone; -1: none */
};

/* Asked before the ids change: who is not the opener's child would outlive it. */
static int check_opener(struct run *run)
{
	return getppid() == run->enter->opener ? 0 : -ESRCH;
}

/* By the host's /proc, before it is out of reach. */
static int adjust_oom(struct run *run)
{
	const struct cs_record *record = &run->enter->offer->record;

	return cs_rlimits_adjust_oom(record->limits, record->limit_count);
}

/* On the host, before it is out of reach. */
static int read_filter(struct run *run)
{
	const struct cs_record *record = &run->enter->offer->record;

	if (record->seccomp != CS_RECORD_SECCOMP_FILE)
		return 0;
	return cs_seccomp_file_read(record->seccomp_file, &run->filter, &run->filter_count);
}

static int join(struct run *run)
{
	const struct cs_offer *offer = run->enter->offer;
	int result = cs_join_find_userns(&offer->record, &offer->join, &run->userns_fd);

	return result < 0 ? result : cs_join_self(&offer->join);
}

/* In the place of those that other modules have set. Not of the process that waits outside. */
static int set_limits(struct run *run)
{
	const struct cs_record *record = &run->enter->offer->record;
	const char *key;

	return cs_rlimits_set(record->limits, record->limit_count, &key);
}

static int make_keyring(struct run *run)
{
	int result = cs_sys_new_keyring();

	(void)run;
	return result == -ENOSYS ? 0 : result;	/* a kernel without keyrings */
}

/* The groups are the service's: initgroups(3) and what other modules added. */
static int be_user(const struct cs_enter *enter)
{
	cs_autofree gid_t *groups = calloc(GROUPS_MAX, sizeof(groups[0]));
	struct cs_ids ids = { .uid = enter->uid, .gid = enter->gid, .groups = groups };
	int count;

	if (groups == NULL)
		return -ENOMEM;
	count = getgroups(GROUPS_MAX, groups);
	if (count < 0)
		return -errno;
	ids.group_count = (size_t)count;
	return cs_ids_become(&ids);
}

/* ---- the process that waits outside, if the caller goes in by a child ----------- */

/* End as the child ended, so that the service sees no difference. */
static _Noreturn void end_as(int status)
{
	sigset_t none;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)kill(getpid(), WTERMSIG(status));
	_exit(128 + WTERMSIG(status));
}

/*
 * The service's own process. Its pid stays the host's, so it may run nothing of
 * the user's: it becomes the user too, holds no file of the job's, and waits.
 */
static _Noreturn void wait_for(pid_t child, const struct cs_enter *enter, int alive_fd)
{
	int status;

	(void)signal(SIGCHLD, SIG_DFL);
	if (alive_fd > 0 && (cs_sys_close_range(0, (unsigned int)alive_fd - 1) < 0))
		(void)kill(child, SIGKILL);
	if (cs_sys_close_range((unsigned int)alive_fd + 1, ~0U) < 0 || be_user(enter) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != enter->opener)
		(void)kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			_exit(125);
	end_as(status);
}

/*
 * SECURITY: setns(2) puts only the children of a process into a pid namespace. A
 * user's program in this process could signal, and ptrace(2), what runs of the
 * user's on the host: user@.service for one.
 */
static int go_by_child(struct run *run)
{
	int ends[2];
	pid_t child;

	if (!run->enter->by_child)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (child > 0)
		wait_for(child, run->enter, ends[1]);
	(void)close(ends[1]);
	run->outside_fd = ends[0];
	return 0;
}

/* ---- the process that goes in ------------------------------------------------------ */

/* The groups are the service's, and stay. The process that waits outside stays outside here, too. */
static int enter_userns(struct run *run)
{
	return run->userns_fd < 0 ? 0 : cs_join_enter_userns(&run->userns_fd);
}

static int become_user(struct run *run)
{
	const struct cs_record *record = &run->enter->offer->record;

	if (record->identity == CS_RECORD_IDENTITY_HOST)
		return be_user(run->enter);
	/* Never with root's rights: allow-root is for who cannot come in here. */
	return cs_ids_become_inside(record->inside_uid, record->inside_gid, false);
}

/*
 * Without the opener the session has no lease: it ends with it, as it would if it
 * were a shell whose helper is gone. sshd may have SIGHUP ignored by whoever
 * started it, so what stays sshd's gets the signal that cannot be.
 */
static int die_with_opener(struct run *run)
{
	struct pollfd outside = { .fd = run->outside_fd };
	bool gone;

	if (prctl(PR_SET_PDEATHSIG, run->enter->by_child ? SIGHUP : SIGKILL, 0, 0, 0) < 0)
		return -errno;
	gone = run->enter->by_child ? poll(&outside, 1, 0) != 0 :
				      getppid() != run->enter->opener;
	cs_fd_close(&run->outside_fd);
	return gone ? -ESRCH : 0;
}

static int filter_calls(struct run *run)
{
	const struct cs_record *record = &run->enter->offer->record;

	if (record->seccomp == CS_RECORD_SECCOMP_NONE)
		return 0;
	if (record->seccomp == CS_RECORD_SECCOMP_FILE)
		return cs_seccomp_load(run->filter, run->filter_count);
	return cs_seccomp_install(record->nested != 0);
}

static const struct {
	int (*run)(struct run *run);
	const char *words;	/* completes "cannot …" */
} steps[] = {
	{ check_opener, "find the session's holder" },
	{ adjust_oom, "set oom-score-adjust" },
	{ read_filter, "read the system call filter" },
	{ join, "enter the container" },
	/* After the namespaces: they are the child's, too. */
	{ go_by_child, "start a process in the container" },
	{ make_keyring, "make a session keyring" },
	/* While we are root of the host. */
	{ set_limits, "set the session's limits" },
	{ enter_userns, "enter the user namespace" },
	{ become_user, "become the user" },
	/* After the change of ids, which clears it. */
	{ die_with_opener, "tie the session to its holder" },
	/* Last: the filter refuses what the steps above do. */
	{ filter_calls, "install the system call filter" },
};

static int run_one(size_t number, struct run *run)
{
#ifdef CS_FAULT
	int wanted = cs_fault_wanted(steps[number].words);

	if (wanted < 0)
		return wanted;
#endif
	return steps[number].run(run);
}

_Noreturn void cs_pam_end_process(void)
{
	/* SECURITY: not exit(3), whose handlers are sshd's, and nothing that can be caught. */
	(void)kill(getpid(), SIGKILL);
	for (;;)
		_exit(125);
}

void cs_pam_enter(const struct cs_enter *enter)
{
	struct run run = { .enter = enter, .userns_fd = -1, .outside_fd = -1 };

	/* Before /dev/log is out of reach. */
	cs_log_open("container-shell");
	cs_log_connect();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int result = run_one(i, &run);

		if (result >= 0)
			continue;
		cs_log(LOG_ERR, "session ended: user=%s class=%s cannot %s: %s",
		       enter->offer->record.user, enter->offer->record.class_name, steps[i].words,
		       strerror(-result));
		cs_pam_end_process();
	}
	cs_log(LOG_INFO, "session opened: user=%s class=%s by PAM container=%d",
	       enter->offer->record.user, enter->offer->record.class_name,
	       enter->offer->record.init_pid);
	/* SECURITY: what runs from here on is the user's, or near it. */
	cs_log_close();
}
