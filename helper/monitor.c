/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container-shell-monitor: waits for the end of a container and removes it.
 *
 * Runs on the host, as root without any capability, in a session and a control
 * group of its own; parent of the container's init. Static and small, as there
 * is one of it per container. Started by helper/create.c:
 *   container-shell-monitor UID CLASS CGROUP STOP-TIMEOUT-MS INIT-PID USER
 * with the descriptors below and nothing else open.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "cgroup.h"
#include "fd.h"
#include "log.h"
#include "record.h"
#include "report.h"
#include "sys.h"

enum { REPORT_FD = 3, LEASE_FD = 4, INIT_FD = 5, USER_FD = 6, READY_FD = 7 };	/* create.c's keep[] */
#define LOCK_TRY_MS 60000

struct monitor {
	uid_t uid;
	pid_t init;
	int stop_timeout_ms;
	const char *class_name, *cgroup, *user;
	int signal_fd;
};

static bool hangs_up(int fd)
{
	struct pollfd state = { .fd = fd };

	return poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
}

/* Wait until the container is to end, and say why. The lock is held then. */
static const char *wait_for_reason(const struct monitor *monitor)
{
	for (;;) {
		struct pollfd waited[] = {
			{ .fd = LEASE_FD }, { .fd = INIT_FD, .events = POLLIN },
			{ .fd = monitor->signal_fd, .events = POLLIN },
		};

		bool failed = poll(waited, 3, -1) < 0 && errno != EINTR;
		int user_fd;

		/* Holders of the lock always end: the user cannot stop them. */
		while (cs_record_relock(USER_FD, LOCK_TRY_MS) < 0)
			;
		if (failed)
			return "the monitor could not wait";
		if (waited[1].revents != 0)
			return "its init was killed";
		if (waited[2].revents != 0)
			return "the monitor was told to";
		if (hangs_up(LEASE_FD))
			return "its last session ended";
		user_fd = dup(USER_FD);	/* the lock is the open file's, whichever descriptor says so */
		cs_record_unlock(&user_fd);
	}
}

/* TERM to everything inside, by init; KILL when the time is over. */
static void end_processes(const struct monitor *monitor)
{
	(void)cs_sys_pidfd_kill(INIT_FD, SIGTERM);	/* ESRCH: it is gone already */
	if (cs_fd_wait_readable(INIT_FD, monitor->stop_timeout_ms) < 0)
		(void)cs_sys_pidfd_kill(INIT_FD, SIGKILL);
	while (waitpid(monitor->init, NULL, 0) < 0 && errno == EINTR)
		;
}

static void end(const struct monitor *monitor, const char *reason)
{
	int user_fd = dup(USER_FD);
	struct cs_record record;
	/* A login that found our init dead may have made the next container already. */
	int found = cs_record_read(USER_FD, monitor->class_name, &record);
	bool ours = found == -ENOENT ||
		    (found == 0 && record.monitor_pid == getpid());

	/* First the record, under the lock: a login from now on makes a new container. */
	if (ours && cs_record_remove(USER_FD, monitor->class_name) < 0)
		cs_log(LOG_WARNING, "cannot remove the record of user=%s class=%s", monitor->user,
		       monitor->class_name);
	cs_record_remove_user(monitor->uid);
	cs_record_unlock(&user_fd);
	(void)close(USER_FD);
	end_processes(monitor);
	cs_log(LOG_INFO, "container ended: user=%s class=%s container=%d because %s", monitor->user,
	       monitor->class_name, (int)monitor->init, reason);
	if (monitor->cgroup[0] != '\0')
		(void)cs_cgroup_remove(monitor->cgroup);	/* the next login sweeps what stays */
}

/*
 * Until init says that it is ready there is no container: the helper, which
 * waits with the lock held, removes what has been made of it.
 */
static int await_init(const struct monitor *monitor)
{
	struct cs_report report;
	int result = cs_report_read(READY_FD, CS_REPORT_BUILD_TIMEOUT_MS, &report);

	if (result == 0 && report.kind == CS_REPORT_READY) {
		result = cs_record_commit(USER_FD, monitor->class_name);
		if (result == 0)
			return 0;
	}
	(void)cs_sys_pidfd_kill(INIT_FD, SIGKILL);	/* it may be gone already, or hang */
	(void)waitpid(monitor->init, NULL, 0);
	if (result < 0)
		cs_report_failed(REPORT_FD, -result, 125, "start container-shell-init");
	else
		cs_report_failed(REPORT_FD, report.error, report.exit_status, "%s", report.what);
	return -1;
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char *argv[])
{
	struct monitor monitor;

	if (argc != 7 || getuid() != 0)
		return 125;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);	/* cannot fail with 0 */
	monitor = (struct monitor){
		.uid = (uid_t)strtoul(argv[1], NULL, 10), .class_name = argv[2], .cgroup = argv[3],
		.stop_timeout_ms = atoi(argv[4]), .init = atoi(argv[5]), .user = argv[6],
		.signal_fd = catch_signals(),
	};
	if (await_init(&monitor) < 0)
		return 125;
	cs_report_ready(REPORT_FD);
	(void)close(REPORT_FD);
	(void)close(READY_FD);
	cs_log_open("container-shell");
	end(&monitor, wait_for_reason(&monitor));
	return 0;
}
