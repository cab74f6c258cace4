/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container-shell-helper: the one program that a user can start and that runs
 * as root. Set-uid, on the host.
 *
 * The walk: refuse → request → the process made ours → a running container of
 * this user's, or: user → config → plan, sealed → create → and, either way,
 * join → become the user → exec. What it may be told is in request.h, what it
 * undoes in caller.h, the steps in create.c and session.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "caller.h"
#include "conf_stamp.h"
#include "create.h"
#include "decision.h"
#include "fd.h"
#include "join.h"
#include "log.h"
#include "places.h"
#include "record.h"
#include "request.h"
#include "session.h"
#include "strict.h"
#include "tidy.h"

#define REFUSED 125
#define ATTEMPTS 3
#define LOCK_TIMEOUT_MS 30000	/* another login of the same user may be making the container */

struct container {
	struct cs_record record;
	struct cs_join join;
	int lease;
};

static _Noreturn void refuse(const struct cs_caller *caller, const char *what, const char *why)
{
	cs_log(LOG_ERR, "session refused: uid=%u cannot %s: %s", (unsigned int)caller->uid, what,
	       why);
	cs_log_user("cannot %s: %s", what, why);
	exit(REFUSED);
}

/* Hold the running container of @ret_container->record; the lock of @user_fd is held. 0 or -errno. */
static int hold(int user_fd, struct container *ret_container)
{
	int result;

	result = cs_join_open(&ret_container->record, &ret_container->join);
	if (result < 0)
		return result;
	result = cs_record_take_lease(user_fd, ret_container->record.class_name,
				      &ret_container->lease);
	if (result < 0)
		cs_join_close(&ret_container->join);
	return result;
}

/*
 * The container that this user would get anyway: made from the config files as
 * they are, for the same groups. Then neither NSS nor the config is asked.
 */
static int hold_current(const struct cs_caller *caller, int user_fd,
			struct container *ret_container)
{
	const uint64_t groups = cs_record_hash_groups(caller->gid, caller->groups,
						      caller->group_count);
	struct cs_conf_stamp stamp;
	int result = -ENOENT;
	struct dirent *entry;
	DIR *directory;

	if (cs_conf_stamp_now(CS_MAIN_FILE, CS_DROPIN_DIR, &stamp) < 0)
		return -ENOENT;
	directory = fdopendir(fcntl(user_fd, F_DUPFD_CLOEXEC, 0));
	while (directory != NULL && result < 0 && (entry = readdir(directory)) != NULL) {
		struct cs_record *record = &ret_container->record;

		if (!cs_strict_is_class_name(entry->d_name) ||
		    cs_record_read(user_fd, entry->d_name, record) < 0 ||
		    memcmp(record->stamp, stamp.hash, sizeof(record->stamp)) != 0 ||
		    record->groups != groups)
			continue;
		result = hold(user_fd, ret_container);
	}
	if (directory != NULL)
		closedir(directory);
	return result;
}

static void decide(const struct cs_caller *caller, struct cs_decision *ret_decision)
{
	struct cs_plan_refusal refusal;
	int result = cs_decision_make(caller, ret_decision, &refusal);

	if (result == -ECANCELED)
		refuse(caller, refusal.what, refusal.why);
	if (result < 0)
		refuse(caller, "find out what container to make", strerror(-result));
}

static void lock(const struct cs_caller *caller, int *ret_user_fd)
{
	int result = cs_record_lock(caller->uid, LOCK_TIMEOUT_MS, ret_user_fd);

	if (result < 0)
		refuse(caller, "look for the container", strerror(-result));
}

/* Join if it runs, else make it; the lock is held. */
static void hold_or_create(const struct cs_caller *caller, const struct cs_plan *plan,
			   const struct cs_conf_stamp *stamp, int user_fd,
			   struct container *ret_container)
{
	struct cs_report report = { 0 };
	int result;

	if (cs_record_read(user_fd, plan->class_name, &ret_container->record) == 0 &&
	    hold(user_fd, ret_container) == 0)
		return;
	result = cs_tidy_class(user_fd, plan->class_name, caller->uid);
	if (result < 0)
		refuse(caller, "remove a container that has ended", strerror(-result));
	result = cs_create(plan, caller, stamp, user_fd, &ret_container->record,
			   &ret_container->lease, &report);
	if (result == 0) {
		result = cs_join_open(&ret_container->record, &ret_container->join);
		if (result == 0)
			return;
		report.error = -result;
		snprintf(report.what, sizeof(report.what), "find the new container");
	}
	(void)cs_create_forget(user_fd, NULL, plan->class_name, caller->uid);
	cs_record_remove_user(caller->uid);
	refuse(caller, report.what, strerror(report.error));
}

/* The caller's container as it runs now, if it does; the lock of *@ret_user_fd is held then. */
static bool find_running(const struct cs_caller *caller, struct container *ret_container,
			 int *ret_user_fd)
{
	int result = cs_record_lock_existing(caller->uid, LOCK_TIMEOUT_MS, ret_user_fd);

	if (result == -ENOENT)
		return false;
	if (result < 0)
		refuse(caller, "look for the container", strerror(-result));
	if (hold_current(caller, *ret_user_fd, ret_container) == 0)
		return true;
	cs_record_remove_user(caller->uid);	/* nothing stays if we refuse */
	cs_record_unlock(ret_user_fd);
	return false;
}

/* Hold the caller's container, made if need be; the lock of *@ret_user_fd is held. */
static void find_container(const struct cs_caller *caller, struct cs_decision *decision,
			   struct container *ret_container, int *ret_user_fd)
{
	if (!decision->made && find_running(caller, ret_container, ret_user_fd))
		return;
	/* NSS may be slow: not while another login of this user waits for the lock. */
	if (!decision->made)
		decide(caller, decision);
	lock(caller, ret_user_fd);
	hold_or_create(caller, &decision->plan, &decision->stamp, *ret_user_fd, ret_container);
}

static _Noreturn void run(const struct cs_caller *caller, const struct cs_request *request)
{
	static struct cs_decision decision;	/* too large for the stack */

	/* A container can end in the moment that we go in; then it is the next one. */
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct container container = { .join = CS_JOIN_NONE, .lease = -1 };
		int user_fd = -1;

		find_container(caller, &decision, &container, &user_fd);
		cs_session_run(caller, request, &container.record, &container.join, &user_fd,
			       &container.lease);
	}
	refuse(caller, "enter the container", strerror(ESRCH));
}

int main(int argc, char *argv[])
{
	struct cs_caller caller = { 0 };
	struct cs_request request;
	const char *why;
	int result;

	if (argc < 1)
		return REFUSED;
	result = cs_caller_take_limits(&caller);
	if (result < 0) {
		cs_log_user("cannot start: %s", strerror(-result));
		return REFUSED;
	}
	why = cs_caller_refuse();
	if (why != NULL) {
		cs_log_user("cannot start: %s", why);
		return REFUSED;
	}
	if (cs_request_parse(argc, argv, &request) < 0) {
		cs_log_user("cannot start: container-shell-helper is for container-shell to call");
		return REFUSED;
	}
	result = cs_caller_take(request.agent, &caller);
	if (result < 0) {
		cs_log_user("cannot start: %s", strerror(-result));
		return REFUSED;
	}
	cs_log_open("container-shell");
	if (caller.uid == 0)
		refuse(&caller, "make a container for root", "root is never contained");
	if (request.verb == CS_VERB_TIDY)
		return cs_tidy(caller.uid) < 0 ? REFUSED : 0;
	run(&caller, &request);
}
