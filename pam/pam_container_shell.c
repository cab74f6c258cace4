/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pam_container_shell: contains a whole ssh session.
 *
 * In sshd's root monitor pam_sm_open_session() has the user's container ready,
 * and changes nothing of that process: it must never be moved into a container.
 * The user's own child of sshd calls pam_setcred(3) once more, still root: there
 * the process goes in, and is the user from then on. sshd and libpam ignore a
 * setcred that fails, so this module ends its process rather than fail there.
 */
#include <errno.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "enter.h"
#include "offer.h"
#include "options.h"
#include "prepare.h"

#define NOTE "container_shell_auth"	/* that the auth line is there */
#define SESSION "container_shell_session"
#define WHY_MAX 512

struct session {
	pid_t opener;		/* the monitor; another process is its child */
	uid_t uid;
	gid_t gid;
	bool prepare_only;
	struct cs_offer offer;
};

/* Also in children of the opener's, which have copies of the descriptors. */
static void end_session(pam_handle_t *pamh, void *data, int status)
{
	struct session *session = data;

	(void)pamh;
	(void)status;
	cs_offer_close(&session->offer);
	free(session);
}

static void end_note(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)data;
	(void)status;
}

static const char *item(pam_handle_t *pamh, int type)
{
	const void *value = NULL;

	return pam_get_item(pamh, type, &value) == PAM_SUCCESS && value != NULL ? value : "";
}

/* ---- who is let through ------------------------------------------------------- */

/* uid 0 before all else: whatever is broken, root gets in. */
static bool is_exempt(pam_handle_t *pamh, const struct cs_pam_options *options,
		      const struct passwd *user)
{
	if (user->pw_uid == 0)
		return true;
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
static int refuse(pam_handle_t *pamh, const char *user, const char *why)
{
	pam_syslog(pamh, LOG_ERR, "session refused: user=%s %s", user, why);
	(void)pam_error(pamh, "container-shell: %s", why);	/* whether it is shown is the service's */
	return PAM_SYSTEM_ERR;
}

static int open_container(pam_handle_t *pamh, const struct cs_pam_options *options,
			  const struct passwd *user)
{
	struct session *session = calloc(1, sizeof(*session));
	char why[WHY_MAX];
	int result;

	if (session == NULL)
		return PAM_BUF_ERR;
	*session = (struct session){ .opener = getpid(), .uid = user->pw_uid, .gid = user->pw_gid,
				     .prepare_only = options->prepare_only, .offer = CS_OFFER_NONE };
	result = cs_pam_prepare(user, item(pamh, PAM_TTY), item(pamh, PAM_RHOST), &session->offer, why,
				sizeof(why));
	if (result < 0) {
		free(session);
		return refuse(pamh, user->pw_name, why[0] != '\0' ? why : strerror(-result));
	}
	if (pam_set_data(pamh, SESSION, session, end_session) != PAM_SUCCESS) {
		end_session(pamh, session, 0);
		return PAM_SYSTEM_ERR;
	}
	if (options->debug)
		pam_syslog(pamh, LOG_DEBUG, "container ready: user=%s class=%s container=%d",
			   user->pw_name, session->offer.record.class_name,
			   session->offer.record.init_pid);
	return PAM_SUCCESS;
}

int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *service = item(pamh, PAM_SERVICE);
	struct cs_pam_options options;
	const void *data = NULL;
	struct passwd *user = NULL;
	int result = find_user(pamh, &user);

	(void)flags;
	if (result == PAM_SUCCESS && user->pw_uid == 0)
		return PAM_SUCCESS;
	if (result == PAM_SUCCESS)
		result = cs_pam_options_parse(pamh, argc, argv, &options);
	if (result != PAM_SUCCESS)
		return result;
	/* systemd's own service for user managers: it is no login. */
	if (is_exempt(pamh, &options, user) || strcmp(service, "systemd-user") == 0)
		return PAM_SUCCESS;
	if (pam_get_data(pamh, SESSION, &data) == PAM_SUCCESS && data != NULL)
		return PAM_SUCCESS;	/* opened twice: it is ready */
	if (!options.prepare_only && !cs_pam_options_has_service(&options, service))
		return refuse(pamh, user->pw_name,
			      "cannot contain this service by PAM: set container-shell as the login shell");
	if (!options.prepare_only && pam_get_data(pamh, NOTE, &data) != PAM_SUCCESS)
		return refuse(pamh, user->pw_name,
			      "cannot contain the session: pam_container_shell.so has no auth line");
	return open_container(pamh, &options, user);
}

int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;
	const struct session *session;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, SESSION, &data) != PAM_SUCCESS || data == NULL)
		return PAM_IGNORE;
	session = data;
	/* In another process it is not that one's to give up. */
	if (session->opener == getpid())
		(void)pam_set_data(pamh, SESSION, NULL, NULL);	/* its clean-up closes the lease */
	return PAM_SUCCESS;
}

/* ---- going in ------------------------------------------------------------------- */

static int join(pam_handle_t *pamh, struct session *session)
{
	struct cs_enter enter = { .offer = &session->offer, .uid = session->uid, .gid = session->gid };

	cs_pam_enter(&enter);	/* returns inside, as the user, or not at all */
	/* They stay with the monitor: here the user's code is near. */
	cs_offer_close(&session->offer);
	(void)pamh;
	return PAM_SUCCESS;
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	static char note;	/* its address is the note; it holds nothing */
	union {
		const void *constant;
		struct session *session;
	} data = { NULL };

	(void)argc;
	(void)argv;
	if (((unsigned int)flags & PAM_DELETE_CRED) != 0)
		return PAM_IGNORE;
	if (pam_get_data(pamh, SESSION, &data.constant) != PAM_SUCCESS || data.constant == NULL) {
		(void)pam_set_data(pamh, NOTE, &note, end_note);	/* without it open_session refuses */
		return PAM_IGNORE;
	}
	if (data.session->opener == getpid() || data.session->prepare_only ||
	    data.session->offer.join.pidfd < 0)
		return PAM_IGNORE;
	return join(pamh, data.session);
}

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
