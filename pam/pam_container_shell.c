/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pam_container_shell: contains a whole ssh session.
 *
 * In sshd's root monitor pam_sm_open_session() has the user's container ready,
 * and changes nothing of that process: it must never be moved into a container.
 * The user's own child of sshd calls pam_setcred(3) once more, still root: there
 * the process goes in, and is the user from then on. sshd and libpam ignore a
 * setcred that fails, so this module ends its process rather than fail there.
 *
 * What the module knows is PAM data: the note, by whom pam_setcred(3) was called
 * first, and the session. Children of that process have copies of both.
 */
#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "enter.h"
#include "fd.h"
#include "offer.h"
#include "options.h"
#include "prepare.h"

#define NOTE "container_shell_auth"	/* pid of who called setcred first: the auth line is there */
#define SESSION "container_shell_session"
#define WHY_MAX 512

enum state {
	STATE_LET_THROUGH,	/* root, and who is exempt */
	STATE_REFUSED,		/* the service has been told, and ends the session itself */
	STATE_READY,		/* @offer holds the container */
	STATE_JOINED,		/* in the child that went in */
};

struct session {
	enum state state;
	pid_t opener;		/* the monitor; another process is its child */
	uid_t uid;
	gid_t gid;
	bool prepare_only, by_child;
	struct cs_offer offer;
};

/*
 * Also in children of the opener's (PAM_DATA_SILENT), which have copies of the
 * descriptors: to close those ends nothing for the opener.
 */
static void end_session(pam_handle_t *pamh, void *data, int status)
{
	struct session *session = data;

	(void)pamh;
	(void)status;
	cs_offer_close(&session->offer);
	free(session);
}

static struct session *find_session(pam_handle_t *pamh)
{
	union {
		const void *constant;
		struct session *session;
	} data = { NULL };

	return pam_get_data(pamh, SESSION, &data.constant) == PAM_SUCCESS ? data.session : NULL;
}

static int keep_session(pam_handle_t *pamh, const struct session *session)
{
	struct session *kept = malloc(sizeof(*kept));

	if (kept == NULL)
		return PAM_BUF_ERR;
	*kept = *session;
	if (pam_set_data(pamh, SESSION, kept, end_session) != PAM_SUCCESS) {
		free(kept);
		return PAM_SYSTEM_ERR;
	}
	return PAM_SUCCESS;
}

/* 0 if there is no note. */
static pid_t noted_pid(pam_handle_t *pamh)
{
	const void *data = NULL;

	return pam_get_data(pamh, NOTE, &data) == PAM_SUCCESS ? (pid_t)(intptr_t)data : 0;
}

static const char *item(pam_handle_t *pamh, int type)
{
	const void *value = NULL;

	return pam_get_item(pamh, type, &value) == PAM_SUCCESS && value != NULL ? value : "";
}

/* ---- who is let through ------------------------------------------------------- */

static bool is_exempt(pam_handle_t *pamh, const struct cs_pam_options *options,
		      const struct passwd *user)
{
	for (size_t i = 0; options->exempt_users[i] != NULL; i++)
		if (strcmp(options->exempt_users[i], user->pw_name) == 0)
			return true;
	for (size_t i = 0; options->exempt_groups[i] != NULL; i++)
		if (pam_modutil_user_in_group_nam_nam(pamh, user->pw_name,
						      options->exempt_groups[i]) == 1)
			return true;
	return false;
}

static int find_user(pam_handle_t *pamh, struct passwd **ret_user)
{
	const char *name = NULL;

	if (pam_get_user(pamh, &name, NULL) != PAM_SUCCESS || name == NULL)
		return PAM_USER_UNKNOWN;
	*ret_user = pam_modutil_getpwnam(pamh, name);
	return *ret_user != NULL ? PAM_SUCCESS : PAM_USER_UNKNOWN;
}

/* ---- open --------------------------------------------------------------------- */

/*
 * Never PAM_SESSION_ERR, which sudo takes for harmless. The user gets the reason
 * that the helper gives users; the log gets all.
 */
static int refuse(pam_handle_t *pamh, int flags, const char *user, const char *why)
{
	const struct session session = { .state = STATE_REFUSED, .opener = getpid(),
					 .offer = CS_OFFER_NONE };

	pam_syslog(pamh, LOG_ERR, "session refused: user=%s %s", user, why);
	if (((unsigned int)flags & PAM_SILENT) == 0)	/* whether it is shown is the service's */
		(void)pam_error(pamh, "container-shell: %s", why);
	(void)keep_session(pamh, &session);	/* if it is not kept, the child is killed instead */
	return PAM_SYSTEM_ERR;
}

static int open_container(pam_handle_t *pamh, int flags, const struct cs_pam_options *options,
			  const struct passwd *user)
{
	/* sshd's child forks for what the user runs; of another service's that is not known. */
	struct session session = { .state = STATE_READY, .opener = getpid(),
				   .uid = user->pw_uid, .gid = user->pw_gid,
				   .prepare_only = options->prepare_only,
				   .by_child = strncmp(item(pamh, PAM_SERVICE), "sshd", 4) != 0,
				   .offer = CS_OFFER_NONE };
	char why[WHY_MAX];
	int result;

	result = cs_pam_prepare(user, item(pamh, PAM_TTY), item(pamh, PAM_RHOST), &session.offer, why,
				sizeof(why));
	if (result < 0)
		return refuse(pamh, flags, user->pw_name,
			      why[0] != '\0' ? why : "cannot prepare the container");
	result = keep_session(pamh, &session);
	if (result != PAM_SUCCESS) {
		cs_offer_close(&session.offer);
		return result;
	}
	if (options->debug)
		pam_syslog(pamh, LOG_DEBUG, "container ready: user=%s class=%s container=%d",
			   user->pw_name, session.offer.record.class_name,
			   session.offer.record.init_pid);
	return PAM_SUCCESS;
}

/* Without the mark the child's setcred would take the session line for missing. */
static int let_through(pam_handle_t *pamh)
{
	const struct session session = { .state = STATE_LET_THROUGH, .opener = getpid(),
					 .offer = CS_OFFER_NONE };

	return keep_session(pamh, &session);
}

int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *service = item(pamh, PAM_SERVICE);
	struct session *session = find_session(pamh);
	struct cs_pam_options options;
	struct passwd *user = NULL;
	int result = find_user(pamh, &user);

	/* uid 0 before all else: whatever is broken, root gets in, without a mark too. */
	if (result == PAM_SUCCESS && user->pw_uid == 0) {
		(void)let_through(pamh);
		return PAM_SUCCESS;
	}
	if (result == PAM_SUCCESS)
		result = cs_pam_options_parse(pamh, argc, argv, &options);
	if (result != PAM_SUCCESS)
		return result;
	/* systemd's own service for user managers: it is no login. */
	if (is_exempt(pamh, &options, user) || strcmp(service, "systemd-user") == 0)
		return let_through(pamh);
	if (session != NULL && session->state == STATE_READY && session->uid == user->pw_uid)
		return PAM_SUCCESS;	/* opened twice: it is ready */
	if (!options.prepare_only && !cs_pam_options_has_service(&options, service))
		return refuse(pamh, flags, user->pw_name,
			      "cannot contain this service by PAM: set container-shell as the login shell");
	if (!options.prepare_only && noted_pid(pamh) == 0)
		return refuse(pamh, flags, user->pw_name,
			      "cannot contain the session: pam_container_shell.so has no auth line");
	return open_container(pamh, flags, &options, user);
}

int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const struct session *session = find_session(pamh);

	(void)flags;
	(void)argc;
	(void)argv;
	if (session == NULL)
		return PAM_IGNORE;
	/* In another process it is not that one's to give up. */
	if (session->opener == getpid()) {
		const uid_t uid = session->uid;
		const gid_t gid = session->gid;
		const bool ended = session->state == STATE_READY &&
				   cs_fd_wait_readable(session->offer.join.pidfd, 0) == 0;

		(void)pam_set_data(pamh, SESSION, NULL, NULL);	/* its clean-up closes the lease */
		if (ended)
			cs_pam_tidy(uid, gid);
	}
	return PAM_SUCCESS;
}

/* ---- going in ------------------------------------------------------------------- */

static int join(struct session *session)
{
	struct cs_enter enter = { .offer = &session->offer, .uid = session->uid,
				  .gid = session->gid, .opener = session->opener,
				  .by_child = session->by_child };

	cs_pam_enter(&enter);	/* returns inside, as the user, or not at all */
	/* They stay with the monitor: here the user's code is near. */
	cs_offer_close(&session->offer);
	session->state = STATE_JOINED;
	return PAM_SUCCESS;
}

/*
 * No session is known. The first call: that it was made is the note, without which
 * open_session refuses.
 *
 * SECURITY: a call in another process than the first is the user's child of sshd or
 * cron, and open_session has not been asked: its line is missing, or was passed by
 * on the way. To return would be a login on the host.
 */
static int note_or_end(pam_handle_t *pamh, int argc, const char **argv)
{
	struct cs_pam_options options;
	struct passwd *user = NULL;
	const pid_t first = noted_pid(pamh);

	if (first == 0)
		(void)pam_set_data(pamh, NOTE, (void *)(intptr_t)getpid(), NULL);
	if (first == 0 || first == getpid())
		return PAM_IGNORE;
	if (find_user(pamh, &user) == PAM_SUCCESS && user->pw_uid == 0)
		return PAM_IGNORE;
	if (cs_pam_options_parse(pamh, argc, argv, &options) == PAM_SUCCESS &&
	    (options.prepare_only ||
	     !cs_pam_options_has_service(&options, item(pamh, PAM_SERVICE)) ||
	     (user != NULL && is_exempt(pamh, &options, user))))
		return PAM_IGNORE;
	pam_syslog(pamh, LOG_ERR,
		   "session ended: user=%s pam_container_shell.so has no session line that was reached",
		   user != NULL ? user->pw_name : "?");
	cs_pam_end_process();
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct session *session = find_session(pamh);

	if (((unsigned int)flags & PAM_DELETE_CRED) != 0)
		return PAM_IGNORE;
	if (session == NULL)
		return note_or_end(pamh, argc, argv);
	if (session->state != STATE_READY || session->opener == getpid() || session->prepare_only)
		return PAM_IGNORE;
	return join(session);
}

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
