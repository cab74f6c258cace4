/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hostile: what a contained user tries on whoever comes in.
 *
 * Runs inside, as the user or as root of the container, until it is killed: looks at every process it can
 * see, again and again, and tries to trace it, read its memory, its descriptors
 * and its environment. Its own and other programs of the user are fair game: a
 * success counts only on a process that is still the helper. Prints "rounds N seen M"
 * now and then, M being how often it met a helper on its way in, and "BREACH what
 * pid" for each success.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* Readable by all, and ours alone until another program is executed. */
static bool is_named_so(long pid)
{
	static const char name[] = "container-shell";
	char path[64], found[sizeof(name)];
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, found, sizeof(found) - 1);
	(void)close(fd);
	return got == (ssize_t)sizeof(name) - 1 && memcmp(found, name, sizeof(name) - 1) == 0;
}

/*
 * A process of the user's own: its program can be read. The helper's cannot, or says
 * so. Nor can that of a process of root's that ends and has no memory any more,
 * where the kernel looks at what it was (6.18): so the name is asked as well.
 */
static bool is_helper(long pid)
{
	char path[64], program[256];
	ssize_t length;

	if (!is_named_so(pid))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
	length = readlink(path, program, sizeof(program) - 1);
	if (length < 0)
		return errno == EACCES || errno == EPERM;
	program[length] = '\0';
	return strstr(program, "container-shell-helper") != NULL;
}

static void breach(const char *what, long pid)
{
	printf("BREACH %s %ld\n", what, pid);
	(void)fflush(stdout);
}

/* These open for everybody, and say something only to who may trace. */
static bool is_harmless(const char *name, int fd)
{
	char byte;

	return strcmp(name, "task") == 0 ||
	       ((strcmp(name, "syscall") == 0 || strcmp(name, "stack") == 0 ||
		 strcmp(name, "maps") == 0 || strcmp(name, "pagemap") == 0) &&
		read(fd, &byte, 1) <= 0);
}

static void try_files(long pid)
{
	static const char *const names[] = {
		"mem", "environ", "maps", "fd", "map_files", "auxv", "root", "cwd", "ns/mnt",
		"ns/user", "ns/net", "pagemap", "syscall", "stack", "task",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];
		int fd;

		(void)snprintf(path, sizeof(path), "/proc/%ld/%s", pid, names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && is_helper(pid) && !is_harmless(names[i], fd))
			breach(names[i], pid);
		if (fd >= 0)
			(void)close(fd);
	}
}

static void try_pidfd(long pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return;
	for (int number = 0; number < 16; number++) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);

		if (fd >= 0 && is_helper(pid))
			breach("pidfd_getfd", pid);
		if (fd >= 0)
			(void)close(fd);
	}
	(void)close(pidfd);
}

static void try_memory(long pid)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { (void *)0x400000, 1 };

	if (process_vm_readv((pid_t)pid, &local, 1, &remote, 1, 0) >= 0 && is_helper(pid))
		breach("process_vm_readv", pid);
}

static void try_trace(long pid)
{
	if (ptrace(PTRACE_SEIZE, (pid_t)pid, 0, 0) == 0 && is_helper(pid))
		breach("ptrace", pid);
}

/* Whose own pids these are: init is known, and whoever started us would wait for us. */
static bool is_fair_game(long pid, long self)
{
	return pid > 1 && pid != self && pid != getppid();
}

/* Once over all that can be seen; how many of them were the helper on its way in. */
static unsigned long look_around(bool trace, long self)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	unsigned long seen = 0;

	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (!is_fair_game(pid, self))
			continue;
		seen += is_helper(pid);
		if (trace) {
			try_trace(pid);
			continue;
		}
		try_files(pid);
		try_pidfd(pid);
		try_memory(pid);
	}
	if (proc != NULL)
		(void)closedir(proc);
	return seen;
}

int main(void)
{
	const long self = getpid();
	unsigned long seen = 0;

	(void)signal(SIGPIPE, SIG_DFL);
	for (unsigned long rounds = 1;; rounds++) {
		/* A tracer of its own, whose end lets go of all: two of us would stop each other. */
		pid_t tracer = fork();

		if (tracer == 0) {
			(void)look_around(true, self);
			_exit(0);
		}
		seen += look_around(false, self);
		if (tracer > 0)
			(void)waitpid(tracer, NULL, 0);
		if (rounds % 100 == 0) {
			printf("rounds %lu seen %lu\n", rounds, seen);
			(void)fflush(stdout);
		}
	}
}
