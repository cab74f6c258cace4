/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * driver: a service that uses PAM, as the words on its command line say.
 *
 *	driver CONFDIR SERVICE USER WORD...
 *
 * Carries out the words in order and prints a line for each. "fork" is what sshd and
 * cron do: the words up to "exit" are the child's, then the parent goes on.
 * Run as root, by pam-test, on the stage. Its files are O_CLOEXEC; it opens none later.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FDS 256

static pam_handle_t *handle;
static struct passwd user;
static char before[FDS];	/* which descriptors are open */

static int converse(int count, const struct pam_message **messages,
		    struct pam_response **ret_answers, void *data)
{
	(void)data;
	*ret_answers = calloc((size_t)count, sizeof(**ret_answers));
	for (int i = 0; i < count; i++)
		printf("message: %s\n", messages[i]->msg);
	return *ret_answers != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

static const char *name_of(int result)
{
	switch (result) {
	case PAM_SUCCESS: return "SUCCESS";
	case PAM_SYSTEM_ERR: return "SYSTEM_ERR";
	case PAM_SERVICE_ERR: return "SERVICE_ERR";
	case PAM_USER_UNKNOWN: return "USER_UNKNOWN";
	case PAM_PERM_DENIED: return "PERM_DENIED";
	case PAM_SESSION_ERR: return "SESSION_ERR";
	case PAM_IGNORE: return "IGNORE";
	default: return pam_strerror(handle, result);
	}
}

static void say(const char *word, int result)
{
	printf("%s: %s\n", word, name_of(result));
}

static void end_line(const char *what, int status)
{
	if (WIFEXITED(status))
		printf("%s: exit %d\n", what, WEXITSTATUS(status));
	else
		printf("%s: signal %d\n", what, WTERMSIG(status));
}

static void note_fds(char held[FDS])
{
	for (int fd = 0; fd < FDS; fd++)
		held[fd] = fcntl(fd, F_GETFD) >= 0;
}

/* What is open and was not when the driver began, and whether an exec would keep it. */
static void list_fds(void)
{
	char now[FDS];
	int more = 0, kept = 0;

	note_fds(now);
	for (int fd = 0; fd < FDS; fd++) {
		if (!now[fd] || before[fd])
			continue;
		more++;
		kept += (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
	}
	printf("fds: %d more, %d kept over exec\n", more, kept);
}

/* No /proc is needed: from inside it has not this process. */
static void look(void)
{
	struct stat file;
	uid_t r, e, s;

	(void)getresuid(&r, &e, &s);
	printf("uid: %u %u %u gid %u groups %d\n", r, e, s, getgid(), getgroups(0, NULL));
	printf("nnp: %d seccomp %d dumpable %d bounding %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
	       prctl(PR_GET_SECCOMP, 0, 0, 0, 0), prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
	       prctl(PR_CAPBSET_READ, 0, 0, 0, 0));
	printf("inside: %d\n", stat("/run/host/container-manager", &file) == 0);
	printf("regain: %d\n", setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0 || seteuid(0) == 0);
}

static void run(const char *command)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pid < 0) {
		printf("run: %s\n", strerror(errno));
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	end_line("run", status);
}

static void on_child(int number)
{
	(void)number;
}

static void check_signals(bool set)
{
	const struct sigaction ours = { .sa_handler = on_child, .sa_flags = SA_NOCLDSTOP };
	struct sigaction found;
	sigset_t mask;

	if (set) {
		(void)sigaction(SIGCHLD, &ours, NULL);
		return;
	}
	(void)sigaction(SIGCHLD, NULL, &found);
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	printf("signals: %s, mask %s\n",
	       found.sa_handler == on_child && (found.sa_flags & SA_NOCLDSTOP) ? "kept" : "changed",
	       sigismember(&mask, SIGCHLD) || sigismember(&mask, SIGALRM) ? "changed" : "kept");
}

/* As sshd does it before pam_setcred(3): permanently_set_uid() comes after. */
static void drop(void)
{
	if (setresgid(user.pw_gid, user.pw_gid, user.pw_gid) < 0 ||
	    setresuid(user.pw_uid, user.pw_uid, user.pw_uid) < 0)
		printf("drop: %s\n", strerror(errno));
	else
		printf("drop: done\n");
}

static bool call_pam(const char *word)
{
	static const struct {
		const char *word;
		int (*call)(pam_handle_t *pamh, int flags);
		int flags;
	} calls[] = {
		{ "authenticate", pam_authenticate, 0 },
		{ "setcred", pam_setcred, PAM_ESTABLISH_CRED },
		{ "reinitialize", pam_setcred, PAM_REINITIALIZE_CRED },
		{ "refresh", pam_setcred, PAM_REFRESH_CRED },
		{ "delete", pam_setcred, PAM_DELETE_CRED },
		{ "open", pam_open_session, 0 },
		{ "open-silent", pam_open_session, PAM_SILENT },
		{ "close", pam_close_session, 0 },
		{ "end", pam_end, PAM_SUCCESS },
		{ "end-silent", pam_end, PAM_SUCCESS | PAM_DATA_SILENT },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(word, calls[i].word) == 0) {
			say(word, calls[i].call(handle, calls[i].flags));
			return true;
		}
	return false;
}

static void hold(void)
{
	char byte;

	printf("holding %d\n", (int)getpid());
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
}

/* Returns the word after the child's last. */
static char **fork_and_wait(char **word)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		return word;
	while (*word != NULL && strcmp(*word, "exit") != 0)
		word++;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	end_line("child", status);
	return *word != NULL ? word + 1 : word;
}

int main(int argc, char *argv[])
{
	const struct pam_conv conversation = { .conv = converse };
	const struct passwd *found;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc < 4)
		return 2;
	found = getpwnam(argv[3]);
	if (found != NULL)
		user = *found;
	note_fds(before);
	if (pam_start_confdir(argv[2], argv[3], &conversation, argv[1], &handle) != PAM_SUCCESS)
		return 3;
	(void)pam_set_item(handle, PAM_TTY, "ssh");
	(void)pam_set_item(handle, PAM_RHOST, "192.0.2.7");
	for (char **word = argv + 4; *word != NULL; word++) {
		if (call_pam(*word))
			continue;
		if (strcmp(*word, "fork") == 0)
			word = fork_and_wait(word + 1) - 1;
		else if (strcmp(*word, "exit") == 0)
			_exit(9);
		else if (strcmp(*word, "groups") == 0)
			printf("groups: %d\n", setgid(user.pw_gid) | initgroups(user.pw_name, user.pw_gid));
		else if (strcmp(*word, "drop") == 0)
			drop();
		else if (strcmp(*word, "look") == 0)
			look();
		else if (strcmp(*word, "fds") == 0)
			list_fds();
		else if (strcmp(*word, "signals") == 0)
			check_signals(true);
		else if (strcmp(*word, "signals?") == 0)
			check_signals(false);
		else if (strcmp(*word, "hold") == 0)
			hold();
		else if (strcmp(*word, "run") == 0 && word[1] != NULL)
			run(*++word);
		else
			return 4;
	}
	return 0;
}
