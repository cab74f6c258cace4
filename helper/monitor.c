/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container-shell-monitor: waits until a container's init is ready and puts its
 * record in force; then waits for the end of the container and removes it.
 *
 * Runs on the host, as root without any capability (but for CAP_KILL where the
 * record has an idle-timeout), in a session and a control group of its own;
 * parent of the container's init. Static and small, as there is one of it per
 * container. Started by helper/create.c:
 *   container-shell-monitor UID INSTANCE
 * with the descriptors below and nothing else open. What it goes by is in the
 * record.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "fd.h"
#include "idle.h"
#include "log.h"
#include "record.h"
#include "report.h"
#include "sys.h"

/* create.c's keep[]; behind them the lock of what is written for good, if there is any */
enum { REPORT_FD = 3, LEASE_FD = 4, INIT_FD = 5, USER_FD = 6, READY_FD = 7, LOCK_FD = 8 };
#define LOCK_TRY_MS 2000	/* all three together: less than --stop waits (lib/enter/stop.c) */
#define REAP_MS 3000
#define NEVER UINT64_MAX

/* Of the record what is needed until the end: it is there as long as the container. */
struct monitor {
	uid_t uid;
	pid_t init;
	uint64_t linger_ms, stop_timeout_ms;
	char cgroup[CS_CGROUP_PATH_MAX];
	struct cs_idle who;
	int signal_fd;
	uint64_t age_deadline;		/* CLOCK_MONOTONIC, ms; NEVER */
	uint64_t idle_check;		/* when to look for idle sessions next */
	bool lingers;			/* nobody is in; if so: */
	int watch_fd;			/* hangs up when somebody has come and gone; -1: cannot be seen */
	uint64_t linger_deadline;	/* NEVER with linger = yes, too */
};

static uint64_t now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);	/* cannot fail */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t deadline_after(uint64_t ms)
{
	return ms == CS_RECORD_FOREVER ? NEVER : now_ms() + ms;
}

static bool hangs_up(int fd)
{
	struct pollfd state = { .fd = fd };

	return poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
}

/* The last session has gone: until somebody comes, the clock runs, from the start each time. */
static void start_lingering(struct monitor *monitor)
{
	cs_fd_close(&monitor->watch_fd);
	/* Without it nobody is seen to come: then the clock is not started anew, but runs. */
	(void)cs_record_watch_lease(USER_FD, monitor->who.instance, &monitor->watch_fd);
	monitor->linger_deadline = deadline_after(monitor->linger_ms);
	monitor->lingers = true;
}

/* The lock is held. Is nobody in, and has nobody been for long enough? */
static bool is_over(struct monitor *monitor)
{
	if (!hangs_up(LEASE_FD)) {
		cs_fd_close(&monitor->watch_fd);
		monitor->linger_deadline = NEVER;
		monitor->lingers = false;
		return false;
	}
	if (monitor->linger_ms == 0)
		return true;
	if (!monitor->lingers || hangs_up(monitor->watch_fd))
		start_lingering(monitor);
	return now_ms() >= monitor->linger_deadline;
}

/* How long poll(2) may wait, at most a day. */
static int next_timeout(const struct monitor *monitor)
{
	const uint64_t deadlines[] = { monitor->age_deadline, monitor->idle_check,
				       monitor->linger_deadline };
	const uint64_t now = now_ms();
	uint64_t wait = UINT64_C(24) * 3600 * 1000;

	for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
		if (deadlines[i] <= now)
			return 0;
		if (deadlines[i] - now < wait)
			wait = deadlines[i] - now;
	}
	return (int)wait;
}

static void check_idle(struct monitor *monitor)
{
	if (now_ms() < monitor->idle_check)
		return;
	cs_idle_hang_up(USER_FD, &monitor->who);
	monitor->idle_check = deadline_after(cs_idle_tick(monitor->who.timeout_ms));
}

/*
 * Why it must end now, lock or no lock; or NULL. SECURITY: a holder of the lock
 * may be frozen or blocked by its user (a control group of the user's own, a
 * standard error that nobody reads): that puts off no max-age and no --stop.
 */
static const char *pressing_reason(const struct monitor *monitor, const struct pollfd *waited)
{
	if (waited[1].revents != 0)
		return "its init was killed";
	if (waited[2].revents != 0)
		return "the monitor was told to";
	if (now_ms() >= monitor->age_deadline)
		return "its max-age was reached";
	return NULL;
}

/* Wait until the container is to end, and say why, and whether the lock is held then. */
static const char *wait_for_reason(struct monitor *monitor, bool *ret_locked)
{
	for (;;) {
		/* While it lingers the lease hangs up all the time: then the watch tells. */
		struct pollfd waited[] = {
			{ .fd = monitor->lingers ? monitor->watch_fd : LEASE_FD },
			{ .fd = INIT_FD, .events = POLLIN },
			{ .fd = monitor->signal_fd, .events = POLLIN },
		};
		bool failed = poll(waited, 3, next_timeout(monitor)) < 0 && errno != EINTR;
		const char *reason = failed ? "the monitor could not wait" : NULL;
		int user_fd;

		*ret_locked = cs_record_relock(USER_FD, LOCK_TRY_MS) == 0;
		if (reason == NULL)
			reason = pressing_reason(monitor, waited);
		if (*ret_locked)
			check_idle(monitor);	/* no slot of the roster changes hands meanwhile */
		if (reason == NULL && *ret_locked && is_over(monitor))
			reason = "its last session ended";
		if (reason != NULL)
			return reason;
		if (!*ret_locked)
			continue;	/* poll(2) says again what it said */
		user_fd = dup(USER_FD);	/* the lock is the open file's, whichever descriptor says so */
		cs_record_unlock(&user_fd);
	}
}

/*
 * TERM to everything inside, by init; KILL when the time is over. A PID 1 has
 * not ended before all of its namespace are reaped: one whose parent outside is
 * stopped by its user, and does not reap, is not waited for.
 */
static void end_processes(const struct monitor *monitor)
{
	const struct cs_idle *who = &monitor->who;

	(void)cs_sys_pidfd_kill(INIT_FD, SIGTERM);	/* ESRCH: it is gone already */
	if (cs_fd_wait_readable(INIT_FD, (int)monitor->stop_timeout_ms) < 0) {
		(void)cs_sys_pidfd_kill(INIT_FD, SIGKILL);
		if (cs_fd_wait_readable(INIT_FD, REAP_MS) < 0)
			cs_log(LOG_WARNING, "cannot see the end of user=%s class=%s container=%d",
			       who->user, who->class_name, (int)monitor->init);
	}
	(void)waitpid(monitor->init, NULL, WNOHANG);
}

/* The lock is held. A login that found our init dead may have made the next container already. */
static void remove_record(const struct monitor *monitor)
{
	const struct cs_idle *who = &monitor->who;
	struct cs_record found;
	int result = cs_record_read(USER_FD, who->instance, &found);
	bool ours = result == -ENOENT || (result == 0 && found.monitor_pid == getpid());
	int user_fd = dup(USER_FD);

	if (ours && cs_record_remove(USER_FD, who->instance) < 0)
		cs_log(LOG_WARNING, "cannot remove the record of user=%s class=%s", who->user,
		       who->class_name);
	cs_record_remove_user(monitor->uid);
	cs_record_unlock(&user_fd);
}

/*
 * What the container has taken in all, for the log: as far as the kernel has counted.
 * SECURITY: the numbers are the kernel's; nothing in them is the user's.
 */
static void describe_usage(const struct monitor *monitor, char *ret_text, size_t size)
{
	static const struct {
		const char *file, *key, *word;
	} numbers[] = {
		{ "memory.peak", "", "memory-peak" },	/* Linux 5.19 */
		{ "memory.events", "oom_kill", "oom-kills" },
		{ "cpu.stat", "usage_usec", "cpu-us" },
	};
	size_t used = 0;
	uint64_t number;

	ret_text[0] = '\0';
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (cs_cgroup_read_number(monitor->cgroup, numbers[i].file, numbers[i].key,
					  &number) == 0)
			used += (size_t)snprintf(ret_text + used, size - used, " %s=%llu",
						 numbers[i].word, (unsigned long long)number);
}

static void end(const struct monitor *monitor, const char *reason, bool locked)
{
	const struct cs_idle *who = &monitor->who;
	char usage[128];	/* three words and numbers of 20 digits: fit */

	/* First the record, under the lock: a login from now on makes a new container. */
	if (locked)
		remove_record(monitor);
	end_processes(monitor);
	describe_usage(monitor, usage, sizeof(usage));
	cs_log(LOG_INFO, "container ended: user=%s class=%s container=%d%s because %s", who->user,
	       who->class_name, (int)monitor->init, usage, reason);
	if (monitor->cgroup[0] != '\0')
		(void)cs_cgroup_remove(monitor->cgroup);	/* the next login sweeps what stays */
	/* What stays is a record of the dead, and the next login's to remove. */
	if (!locked && cs_record_relock(USER_FD, LOCK_TRY_MS) == 0)
		remove_record(monitor);
}

static void take_record(struct monitor *monitor, const struct cs_record *record)
{
	monitor->init = record->init_pid;
	monitor->linger_ms = record->linger_ms;
	monitor->stop_timeout_ms = record->stop_timeout_ms;
	monitor->who.timeout_ms = record->idle_timeout_ms;
	memcpy(monitor->cgroup, record->cgroup, sizeof(monitor->cgroup));
	memcpy(monitor->who.user, record->user, sizeof(monitor->who.user));
	memcpy(monitor->who.class_name, record->class_name, sizeof(monitor->who.class_name));
	monitor->age_deadline = deadline_after(record->max_age_ms);
	monitor->idle_check = deadline_after(cs_idle_tick(record->idle_timeout_ms));
}

/*
 * The whole record is larger than all else that a monitor keeps: not on the stack,
 * whose pages would stay as long as the container does.
 */
static int read_record(struct monitor *monitor)
{
	struct cs_record *record = mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int result;

	if (record == MAP_FAILED)
		return -errno;
	result = cs_record_read(USER_FD, monitor->who.instance, record);
	if (result == 0)
		take_record(monitor, record);
	(void)munmap(record, sizeof(*record));	/* all of a mapping: cannot fail */
	return result;
}

/*
 * Until init says that it is ready there is no container: the helper, which
 * waits with the lock held, removes what has been made of it. We hold that lock
 * too: if the helper dies, no other login comes between.
 */
static int await_init(struct monitor *monitor)
{
	struct cs_report report;
	int result = cs_report_read(READY_FD, CS_REPORT_BUILD_TIMEOUT_MS, &report);

	if (result == 0 && report.kind == CS_REPORT_READY) {
		result = cs_record_commit(USER_FD, monitor->who.instance);
		if (result == 0)
			result = read_record(monitor);
		if (result == 0)
			return 0;
	}
	(void)cs_sys_pidfd_kill(INIT_FD, SIGKILL);	/* it may be gone already, or hang */
	if (result < 0)
		cs_report_failed(REPORT_FD, -result, 125, "start container-shell-init");
	else
		cs_report_failed(REPORT_FD, report.error, report.exit_status, "%s", report.what);
	/* Last: it ends when the helper, which has been told, has reaped the session in it. */
	(void)waitpid(-1, NULL, 0);	/* we have no other child */
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
	static struct monitor monitor;
	const char *reason;
	bool locked = false;

	if (argc != 3 || getuid() != 0)
		return 125;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);	/* cannot fail with 0 */
	monitor.uid = (uid_t)strtoul(argv[1], NULL, 10);
	monitor.who.instance = argv[2];
	monitor.signal_fd = catch_signals();
	monitor.watch_fd = -1;
	monitor.linger_deadline = NEVER;
	if (await_init(&monitor) < 0)
		return 125;
	cs_report_ready(REPORT_FD);
	(void)close(REPORT_FD);
	(void)close(READY_FD);
	(void)close(LOCK_FD);	/* the helper has the same lock, if it lives */
	cs_log_open("container-shell");
	reason = wait_for_reason(&monitor, &locked);
	end(&monitor, reason, locked);
	return 0;
}
