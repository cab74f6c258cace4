/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idle: see idle.h. */
#include "idle.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "log.h"
#include "roster.h"
#include "sys.h"

#define TICK_MIN_MS 250
#define TICK_MAX_MS 60000

uint64_t cs_idle_tick(uint64_t timeout_ms)
{
	if (timeout_ms == CS_RECORD_FOREVER)
		return CS_RECORD_FOREVER;
	if (timeout_ms / 4 < TICK_MIN_MS)
		return TICK_MIN_MS;
	return timeout_ms / 4 < TICK_MAX_MS ? timeout_ms / 4 : TICK_MAX_MS;
}

#define CHILDREN_MAX 16

/* The children of @pid, or -1 if the kernel does not say or there are more than fit. */
static int children_of(pid_t pid, pid_t children[CHILDREN_MAX])
{
	char path[64], text[CHILDREN_MAX * 12 + 1], *cursor = text, *end;
	cs_autoclose int fd = -1;
	ssize_t got;
	int count = 0;

	/* proc_pid_children(5): "PID PID ", complete only if none ends meanwhile; then we look again. */
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0 || (size_t)got == sizeof(text) - 1)
		return -1;
	text[got] = '\0';
	for (long child; count < CHILDREN_MAX && (child = strtol(cursor, &end, 10)) > 1; cursor = end)
		children[count++] = (pid_t)child;
	return count < CHILDREN_MAX ? count : -1;
}

/*
 * The session's shell: of the children of the process that waits, which may have
 * made the container and so have us as a child too, the other one.
 */
static pid_t shell_of(pid_t waiting)
{
	pid_t children[CHILDREN_MAX], found = -1;
	int count = children_of(waiting, children);

	for (int i = 0; i < count; i++) {
		if (children[i] == getpid())
			continue;
		if (found > 0)
			return -1;	/* the planner, still ending: look again */
		found = children[i];
	}
	return found;
}

static bool is_childless(pid_t pid)
{
	pid_t children[CHILDREN_MAX];

	return children_of(pid, children) == 0;
}

/*
 * A read of the terminal sets its atime only if that is of another eighth second
 * (tty_update_time() in the kernel's tty_io.c): the last key may have come up to
 * that one's end. Nobody is hung up too early, but perhaps 8 seconds late.
 */
static bool is_quiet(const struct cs_roster_entry *entry, uint64_t timeout_ms)
{
	char path[80];
	struct timespec now;
	struct stat info;
	uint64_t typed_ms, now_ms;

	snprintf(path, sizeof(path), "/dev/%s", entry->tty);
	if (stat(path, &info) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0)
		return false;
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	typed_ms = (((uint64_t)info.st_atim.tv_sec | 7) + 1) * 1000;
	if (typed_ms < entry->since_ms)
		typed_ms = entry->since_ms;
	return now_ms > typed_ms && now_ms - typed_ms >= timeout_ms;
}

static bool is_idle(const struct cs_roster_entry *entry, uint64_t timeout_ms)
{
	pid_t shell;

	if (entry->tty[0] == '\0' || entry->by_admin || !is_quiet(entry, timeout_ms))
		return false;
	shell = shell_of(entry->pid);
	return shell > 0 && is_childless(shell);
}

/* The slot was taken before and after the pidfd was opened: it is that process's. */
static void hang_up(int roster, size_t number, const struct cs_roster_entry *entry,
		    const struct cs_idle *who)
{
	cs_autoclose int pidfd = cs_sys_pidfd_open(entry->pid);
	struct cs_roster_entry again;

	if (pidfd < 0 || cs_roster_read(roster, number, &again) != 1 || again.pid != entry->pid)
		return;
	cs_log(LOG_INFO, "session idle: user=%s class=%s tty=%s, hung up", who->user,
	       who->class_name, entry->tty);
	(void)cs_sys_pidfd_kill(pidfd, SIGHUP);	/* ESRCH: it has just ended */
}

void cs_idle_hang_up(int user_fd, const struct cs_idle *who)
{
	cs_autoclose int roster = cs_roster_open(user_fd, who->instance);
	struct cs_roster_entry entry;
	int taken;

	if (roster < 0)
		return;
	for (size_t number = 0; (taken = cs_roster_read(roster, number, &entry)) >= 0; number++)
		if (taken == 1 && is_idle(&entry, who->timeout_ms))
			hang_up(roster, number, &entry, who);
}
