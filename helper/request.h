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
	/* root alone: enter UID INSTANCE [-l] [-s SHELL] [-c STRING | -- COMMAND…] */
	CS_VERB_ENTER,
};

struct cs_request {
	enum cs_verb verb;
	bool login;		/* -l: start the shell as a login shell */
	bool agent;		/* -a: descriptor 3 is the caller's agent socket */
	const char *command;	/* -c: for the shell, untouched; NULL for none */
	/* enter: */
	uid_t uid;
	const char *instance;
	const char *shell;	/* NULL: the container's own */
	char *const *argv;	/* instead of a shell; NULL for none */
};

#define CS_REQUEST_AGENT_FD 3

/*
 * 0, or -EINVAL for anything else than the forms above. @by_root: the real uid
 * is 0; for nobody else does "enter" exist.
 */
int cs_request_parse(int argc, char *const argv[], bool by_root, struct cs_request *ret_request);

#endif
