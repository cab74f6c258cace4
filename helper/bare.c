/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bare: see bare.h. Read it from the bottom: cs_bare_enter. */
#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "places.h"

#define NAME "(kdevtmpfs)"
#define KNOWN CS_PLANS_DIR "/kdevtmpfs"	/* a link: its target is the pid, or NONE */
#define KNOWN_NEW KNOWN ".new"
#define NONE "0"
#define PID_MAX 8192			/* it starts with the kernel: 25 with 2 processors */
#define STAT_BYTES 1024
#define PF_KTHREAD 0x00200000		/* linux/sched.h: a thread of the kernel's */

/*
 * /proc/PID/stat, proc_pid_stat(5): PID (NAME) and then fields 3 on, of which the
 * 9th is the flags. A process can give itself the name, but not the flag.
 */
static bool is_it(const char *stat)
{
	const char *name = strchr(stat, '(');
	const char *cursor = strrchr(stat, ')');

	if (name == NULL || cursor == NULL || cursor - name != sizeof(NAME) - 2 ||
	    memcmp(name, NAME, sizeof(NAME) - 1) != 0)
		return false;
	for (int field = 2; field < 9; field++) {
		cursor = strchr(cursor + 1, ' ');
		if (cursor == NULL)
			return false;
	}
	return (strtoul(cursor + 1, NULL, 10) & PF_KTHREAD) != 0;
}

/* Its mount namespace; -1 if the process is another, or may not be looked at. */
static int open_namespace(long pid)
{
	char path[32], stat[STAT_BYTES];
	cs_autoclose int proc_fd = -1;
	cs_autoclose int stat_fd = -1;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%ld", pid);
	proc_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0)
		return -1;
	stat_fd = openat(proc_fd, "stat", O_RDONLY | O_CLOEXEC);
	if (stat_fd < 0)
		return -1;
	got = read(stat_fd, stat, sizeof(stat) - 1);
	if (got < 0)
		return -1;
	stat[got] = '\0';
	return is_it(stat) ? openat(proc_fd, "ns/mnt", O_RDONLY | O_CLOEXEC) : -1;
}

/* Once a boot, as it never ends: some microseconds for each thread that is before it. */
static int search(char *pid, size_t size)
{
	for (long number = 2; number < PID_MAX; number++) {
		int fd = open_namespace(number);

		if (fd >= 0) {
			snprintf(pid, size, "%ld", number);
			return fd;
		}
	}
	snprintf(pid, size, NONE);
	return -1;
}

/* Found or not, the next one need not search. Without the directory, it does. */
static void make_known(const char *pid)
{
	(void)unlink(KNOWN_NEW);
	if (symlink(pid, KNOWN_NEW) == 0)
		(void)rename(KNOWN_NEW, KNOWN);
}

static int open_bare(void)
{
	char pid[24];
	ssize_t length = readlink(KNOWN, pid, sizeof(pid) - 1);
	int fd;

	if (length > 0) {
		pid[length] = '\0';
		if (strcmp(pid, NONE) == 0)
			return -1;
		/* From another boot, where /run is not in memory, it may be anything. */
		fd = open_namespace(strtol(pid, NULL, 10));
		if (fd >= 0)
			return fd;
	}
	fd = search(pid, sizeof(pid));
	make_known(pid);
	return fd;
}

void cs_bare_enter(void)
{
	cs_autoclose int fd = open_bare();

	if (fd >= 0)
		(void)setns(fd, CLONE_NEWNS);	/* what a copy of the host's mounts is made of, too */
}
