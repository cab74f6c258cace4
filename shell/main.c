/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container-shell: the login shell.
 *
 * Runs as the user, on the host, and has no privilege and no policy: it finds
 * out how it was called, gives the helper the agent's socket, and becomes the
 * helper. Static, as it is started at each login and needs nothing of NSS.
 * Every option that begins with "--" is the administrator's command line and
 * goes to container-shell-admin.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "relay.h"

#define REFUSED 125
#define AGENT_FD 3				/* helper/request.h */
#define SHELL_INSIDE "/run/host/login-shell"	/* made by helper/mounts.c */

struct call {
	bool login;
	const char *command;	/* NULL: none */
};

static _Noreturn void refuse(const char *what, int error)
{
	cs_log_user("cannot %s: %s", what, strerror(error));
	exit(REFUSED);
}

/* As sh(1) has them: -c STRING and -l, in any order. */
static int parse(int argc, char *argv[], struct call *ret_call)
{
	struct call call = { .login = argv[0][0] == '-' };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-l") == 0)
			call.login = true;
		else if (strcmp(argv[i], "-c") == 0 && i == argc - 2)
			call.command = argv[++i];
		else
			return -EINVAL;
	}
	*ret_call = call;
	return 0;
}

/* Become @shell, called as we were. */
static _Noreturn void become_shell(const char *shell, const struct call *call)
{
	const char *base = strrchr(shell, '/');
	static char dash_c[] = "-c";
	char name[NAME_MAX + 2];
	char *arguments[4] = { name };

	if (call->command != NULL) {
		arguments[1] = dash_c;
		arguments[2] = strdup(call->command);
		if (arguments[2] == NULL)
			refuse("pass the command on", ENOMEM);
	}
	snprintf(name, sizeof(name), "%s%s", call->login ? "-" : "", base != NULL ? base + 1 : shell);
	execv(shell, arguments);
	cs_log_user("cannot run %s: %s", shell, strerror(errno));
	exit(errno == ENOENT ? 127 : 126);
}

/*
 * Inside a container already (su, tmux, a script with our path): the real
 * shell. The link is root's, in a directory where only root can write.
 */
static void become_shell_if_inside(const struct call *call)
{
	static char shell[PATH_MAX];
	ssize_t length = readlink(SHELL_INSIDE, shell, sizeof(shell) - 1);

	if (length <= 0)
		return;
	shell[length] = '\0';
	become_shell(shell, call);
}

/*
 * The ssh agent's socket, opened here with the user's own rights. The helper
 * takes the descriptor, never a path.
 */
static bool open_agent(void)
{
	const char *path = getenv("SSH_AUTH_SOCK");
	struct stat info;
	int fd;

	if (path == NULL || path[0] != '/')
		return false;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &info) < 0 || !S_ISSOCK(info.st_mode) || info.st_uid != getuid())
		return false;
	if (fd == AGENT_FD)
		return fcntl(fd, F_SETFD, 0) == 0;
	return dup2(fd, AGENT_FD) == AGENT_FD;
}

static _Noreturn void become_helper(const struct call *call)
{
	static char name[] = "container-shell-helper", run[] = "run";
	static char login[] = "-l", agent[] = "-a", command[] = "-c";
	char *arguments[8] = { name, run };
	size_t count = 2;

	if (call->login)
		arguments[count++] = login;
	if (open_agent())
		arguments[count++] = agent;
	if (call->command != NULL) {
		arguments[count++] = command;
		arguments[count++] = strdup(call->command);
		if (arguments[count - 1] == NULL)
			refuse("pass the command on", ENOMEM);
	}
	execv(CS_LIBEXECDIR "/container-shell-helper", arguments);
	refuse("start container-shell-helper", errno);
}

static _Noreturn void become_admin(char *argv[])
{
	execv(CS_LIBEXECDIR "/container-shell-admin", argv);
	refuse("start container-shell-admin", errno);
}

int main(int argc, char *argv[])
{
	struct call call;

	if (argc < 1)
		return REFUSED;
	if (argc > 1 && strncmp(argv[1], "--", 2) == 0)
		become_admin(argv);
	if (parse(argc, argv, &call) < 0) {
		cs_log_user("cannot understand the arguments: "
			    "usage: container-shell [-l] [-c COMMAND], or see --help");
		return REFUSED;
	}
	become_shell_if_inside(&call);
	/* Root is never contained and never locked out, whatever passwd(5) says. */
	if (getuid() == 0)
		become_shell(access(CS_DEFAULT_SHELL, X_OK) == 0 ? CS_DEFAULT_SHELL : "/bin/sh", &call);
	/* A terminal that another process leads (su, sudo) stays that one's. */
	if (cs_relay_is_needed()) {
		int result = cs_relay_start();

		if (result < 0)
			refuse("make a terminal", -result);
	}
	become_helper(&call);
}
