/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prepare: see prepare.h. */
#include "prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "ids.h"
#include "sys.h"

#define HELPER CS_LIBEXECDIR "/container-shell-helper"
#define TIMEOUT_MS 100000	/* more than the helper's own: it gives the better reason */
#define END_TIMEOUT_MS 5000
#define TIDY_TIMEOUT_MS 15000	/* more than the helper waits for the lock */
#define GROUPS_MAX 65536	/* NGROUPS_MAX, limits.h */
#define ID_BYTES 12
#define FIXED 7			/* words before the groups */

static int compare(const void *left, const void *right)
{
	const gid_t a = *(const gid_t *)left, b = *(const gid_t *)right;

	return a < b ? -1 : a > b;
}

/* As initgroups(3) will set them, in the order in which the kernel keeps them. */
static int find_groups(const struct passwd *user, gid_t **ret_groups, int *ret_count)
{
	int count = 64;
	gid_t *groups = NULL;

	for (;;) {
		gid_t *grown = reallocarray(groups, (size_t)count, sizeof(*groups));
		int room = count;

		if (grown == NULL) {
			free(groups);
			return -ENOMEM;
		}
		groups = grown;
		/* It says how many there are; where it does not, there is more room each time. */
		if (getgrouplist(user->pw_name, user->pw_gid, groups, &count) >= 0)
			break;
		count = count > room ? count : 2 * room;
		if (count > GROUPS_MAX) {
			free(groups);
			return -E2BIG;
		}
	}
	qsort(groups, (size_t)count, sizeof(*groups), compare);
	*ret_groups = groups;
	*ret_count = count;
	return 0;
}

/* container-shell-helper prepare UID GID PID TTY FROM [GROUP…]: @numbers has room for all. */
static void fill_arguments(const struct passwd *user, char *tty, char *from, const gid_t *groups,
			   int count, char *numbers, char **arguments)
{
	static char name[] = "container-shell-helper", verb[] = "prepare";
	const unsigned int fixed[] = { user->pw_uid, user->pw_gid, (unsigned int)getpid() };

	arguments[0] = name;
	arguments[1] = verb;
	arguments[5] = tty;
	arguments[6] = from;
	for (size_t i = 0; i < 3 + (size_t)count; i++) {
		char *number = numbers + i * ID_BYTES;

		(void)snprintf(number, ID_BYTES, "%u", i < 3 ? fixed[i] : groups[i - 3]);	/* ten digits */
		arguments[i < 3 ? 2 + i : FIXED + i - 3] = number;
	}
}

/* In the child. No malloc(3), no stdio: sshd may have threads' locks held. */
static _Noreturn void become_helper(char *const arguments[], int socket, int said)
{
	char *const environment[] = { NULL };
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;
	/* Out of the way of 0 to 3, into which they are moved: dup2(2) to itself keeps O_CLOEXEC. */
	int null_fd = fcntl(open("/dev/null", O_RDWR | O_CLOEXEC), F_DUPFD_CLOEXEC, 10);
	int socket_fd = fcntl(socket, F_DUPFD_CLOEXEC, 10);
	int said_fd = fcntl(said, F_DUPFD_CLOEXEC, 10);

	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &plain, NULL);	/* KILL, STOP and two of libc's cannot be */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (null_fd < 0 || socket_fd < 0 || said_fd < 0 || dup2(null_fd, 0) < 0 ||
	    dup2(null_fd, 1) < 0 || dup2(said_fd, 2) < 0 || dup2(socket_fd, 3) < 0 ||
	    cs_sys_close_range(4, ~0U) < 0)
		_exit(125);
	(void)execve(HELPER, arguments, environment);
	_exit(127);
}

/* The first line of what the helper said, without "container-shell: ". */
static void read_reason(int said, char *ret_why, size_t why_size)
{
	static const char name[] = "container-shell: ";
	char text[512];
	const char *start = text;
	ssize_t got = cs_fd_wait_readable(said, 0) == 0 ? read(said, text, sizeof(text) - 1) : 0;

	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, name, sizeof(name) - 1) == 0)
		start += sizeof(name) - 1;
	(void)snprintf(ret_why, why_size, "%s", start);
}

/* It has done what it is for, or is given no more time. */
static void reap(pid_t helper, int pidfd, int timeout_ms)
{
	if (pidfd < 0 || cs_fd_wait_readable(pidfd, timeout_ms) < 0)
		(void)kill(helper, SIGKILL);	/* not reaped yet, so the pid is its own */
	while (waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
}

static int run_helper(char *const arguments[], uid_t uid, struct cs_offer *ret_offer,
		      char *ret_why, size_t why_size)
{
	cs_autoclose int ours = -1;
	cs_autoclose int theirs = -1;
	cs_autoclose int said_read = -1;
	cs_autoclose int said_write = -1;
	cs_autoclose int pidfd = -1;
	int pair[2], pipe_ends[2], result;
	pid_t helper;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	ours = pair[0];
	theirs = pair[1];
	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	said_read = pipe_ends[0];
	said_write = pipe_ends[1];
	helper = fork();
	if (helper < 0)
		return -errno;
	if (helper == 0)
		become_helper(arguments, theirs, said_write);
	pidfd = cs_sys_pidfd_open(helper);
	cs_fd_close(&theirs);
	cs_fd_close(&said_write);
	result = cs_offer_receive(ours, TIMEOUT_MS, ret_offer);
	reap(helper, pidfd, END_TIMEOUT_MS);
	if (result < 0)
		read_reason(said_read, ret_why, why_size);
	/* SECURITY: whose container it is, by the record that we join by. */
	if (result == 0 && ret_offer->record.uid != uid) {
		cs_offer_close(ret_offer);
		return -EBADMSG;
	}
	return result;
}

int cs_pam_prepare(const struct passwd *user, const char *tty, const char *from,
		   struct cs_offer *ret_offer, char *ret_why, size_t why_size)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	struct sigaction before;
	cs_autofree gid_t *groups = NULL;
	cs_autofree char *tty_word = strdup(tty);
	cs_autofree char *from_word = strdup(from);
	cs_autofree char *numbers = NULL;
	cs_autofree char **arguments = NULL;
	int count = 0;
	int result = find_groups(user, &groups, &count);

	ret_why[0] = '\0';
	if (result < 0)
		return result;
	numbers = calloc(3 + (size_t)count, ID_BYTES);
	arguments = calloc(FIXED + (size_t)count + 1, sizeof(arguments[0]));
	if (tty_word == NULL || from_word == NULL || numbers == NULL || arguments == NULL)
		return -ENOMEM;
	fill_arguments(user, tty_word, from_word, groups, count, numbers, arguments);
	/* Whoever called us may reap any child in a handler, or ignore their ends. */
	if (sigaction(SIGCHLD, &plain, &before) < 0)
		return -errno;
	result = run_helper(arguments, user->pw_uid, ret_offer, ret_why, why_size);
	(void)sigaction(SIGCHLD, &before, NULL);	/* cannot fail: it was in force before */
	return result;
}

void cs_pam_tidy(uid_t uid, gid_t gid)
{
	char *const arguments[] = { (char[]){ "container-shell-helper" }, (char[]){ "tidy" }, NULL };
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	const struct cs_ids ids = { .uid = uid, .gid = gid };
	cs_autoclose int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	cs_autoclose int pidfd = -1;
	struct sigaction before;
	pid_t helper;

	if (null_fd < 0 || sigaction(SIGCHLD, &plain, &before) < 0)
		return;
	helper = fork();
	if (helper == 0) {
		/* The helper tidies up after who calls it: the real uid. */
		if (cs_ids_drop(&ids) < 0)
			_exit(125);
		become_helper(arguments, null_fd, null_fd);
	}
	if (helper > 0) {
		pidfd = cs_sys_pidfd_open(helper);
		reap(helper, pidfd, TIDY_TIMEOUT_MS);
	}
	(void)sigaction(SIGCHLD, &before, NULL);
}
