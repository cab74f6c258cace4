/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request: the helper's argument vector, the only words it takes from a user.
 *
 * Set-uid, on the host, before anything else. Of a user it takes no mount, no
 * path, no option and no name: what the user gets is the administrator's to say.
 */
#ifndef CS_REQUEST_H
#define CS_REQUEST_H

#include <stdbool.h>
#include <sys/types.h>

enum cs_verb {
	CS_VERB_RUN,	/* run [-l] [-a] [-c STRING]: a session in the caller's container */
	CS_VERB_TIDY,	/* tidy: remove what a killed container of the caller's has left */
	/* root alone: enter UID INSTANCE [-l] [-r] [-s SHELL] [-c STRING | -- COMMAND…] */
	CS_VERB_ENTER,
	/* root alone: prepare UID GID PID TTY FROM [GROUP…], for PAM; descriptor 3 is a socket */
	CS_VERB_PREPARE,
};

struct cs_request {
	enum cs_verb verb;
	bool login;		/* -l: start the shell as a login shell */
	bool agent;		/* -a: descriptor 3 is the caller's agent socket */
	char *command;		/* -c: for the shell, untouched; NULL for none */
	/* enter: */
	uid_t uid;
	const char *instance;
	bool as_root;		/* -r: as the container's root, not its user */
	const char *shell;	/* NULL: the container's own */
	char *const *argv;	/* instead of a shell; NULL for none. Of prepare: the groups */
	/* prepare: */
	gid_t gid;
	pid_t pid;		/* who will hold the session */
	const char *tty, *from;
};

#define CS_REQUEST_AGENT_FD 3
#define CS_REQUEST_SOCKET_FD 3

/*
 * 0, or -EINVAL for anything else than the forms above. @by_root: the real uid
 * is 0; for nobody else do "enter" and "prepare" exist.
 */
int cs_request_parse(int argc, char *const argv[], bool by_root, struct cs_request *ret_request);

#endif
