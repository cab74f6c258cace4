/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spawn: the stop-watch of bench/run. Times fork + exec + wait of one command
 * after the other, in the order in which they are asked for.
 *
 *	spawn UID GID HOME
 *
 * A line on stdin is one sample to take: "user" or "root", then the words of the
 * command, separated by tabs. "user" becomes UID, GID (and no other group) in the
 * child, before exec; nothing like sudo stands between. The answer is a line on
 * stdout: nanoseconds, wait status as a shell tells it, and the nanoseconds until
 * everything that the command left behind was gone. The command has /dev/null
 * as 0, 1 and 2, and nothing else.
 *
 * What a command leaves running (a monitor, an init that is still dying) would
 * slow down the next sample, and a container left alive would make the next cold
 * start a warm one. So spawn is the reaper of all orphans below it, and answers
 * only when it has no child left. That wait is not part of the time.
 *
 * Runs as root, on the host. Small and static, so that fork has little to copy.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 1024
#define GONE_MAX_NS 20000000000	/* then the command counts as never gone */

static int64_t now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		abort();
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value == 0 || value > INT_MAX) {
		fprintf(stderr, "spawn: not a number above 0: %s\n", text);
		exit(2);
	}
	return (unsigned int)value;
}

/* Cuts @line at its tabs. Returns how many words there are, 0 when too many. */
static size_t split(char *line, char **ret_words)
{
	size_t count = 0;
	char *word;

	line[strcspn(line, "\n")] = '\0';
	for (word = strtok(line, "\t"); word; word = strtok(NULL, "\t")) {
		if (count == WORDS_MAX - 1)
			return 0;
		ret_words[count++] = word;
	}
	ret_words[count] = NULL;
	return count;
}

static void become(uid_t uid, gid_t gid, const char *home)
{
	if (setgroups(1, &gid) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0 || chdir(home) < 0)
		_exit(125);
}

/* Wait for orphans until none is left. False when some will not go. */
static bool wait_gone(int64_t since)
{
	const struct timespec pause = { .tv_nsec = 200000 };

	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid > 0)
			continue;
		if (now() - since > GONE_MAX_NS)
			return false;
		(void)nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	static char *words[WORDS_MAX];
	FILE *in, *out;
	char *line = NULL;
	size_t size = 0;
	uid_t uid;
	gid_t gid;
	int null;

	if (argc != 4) {
		fputs("usage: spawn UID GID HOME\n", stderr);
		return 2;
	}
	uid = number(argv[1]);
	gid = number(argv[2]);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	in = fdopen(fcntl(0, F_DUPFD_CLOEXEC, 3), "r");
	out = fdopen(fcntl(1, F_DUPFD_CLOEXEC, 3), "w");
	if (null < 0 || !in || !out || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
	    dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return 125;

	while (getline(&line, &size, in) > 0) {
		int64_t begin, end;
		int status;
		bool gone;
		pid_t pid;

		if (split(line, words) < 2)
			return 125;
		begin = now();
		pid = fork();
		if (pid == 0) {
			if (strcmp(words[0], "user") == 0)
				become(uid, gid, argv[3]);
			execv(words[1], words + 1);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 125;
		end = now();
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		gone = wait_gone(end);
		fprintf(out, "%lld %d %lld\n", (long long)(end - begin), status,
			gone ? (long long)(now() - end) : -1LL);
		if (fflush(out) != 0)
			return 125;
	}
	return 0;
}
