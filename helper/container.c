/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container: see container.h. Read it from the bottom: cs_container_find. */
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf_stamp.h"
#include "create.h"
#include "entries.h"
#include "environment.h"
#include "fd.h"
#include "sftp.h"
#include "places.h"
#include "refuse.h"
#include "roster.h"
#include "stop.h"
#include "tidy.h"

#define LOCK_TIMEOUT_MS 30000	/* another login of the same user may be making the container */

void cs_container_release(struct cs_container *container)
{
	cs_join_close(&container->join);
	cs_create_let_go(&container->creation);
	cs_fd_close(&container->lease);
	cs_fd_close(&container->slot);
}

/*
 * SECURITY: the line goes to the caller's standard error, which may take it never
 * (a terminal that nobody reads, a file of a FUSE server): not with the lock held.
 */
static _Noreturn void refuse(const struct cs_caller *caller, int user_fd, const char *what,
			     const char *why)
{
	cs_record_unlock(&user_fd);
	cs_refuse(caller, what, why);
}

/* Hold the container of @container->record; the lock of @user_fd is held. 0 or -errno. */
static int hold(int user_fd, struct cs_container *container)
{
	int result;

	result = cs_join_open(&container->record, &container->join);
	if (result < 0)
		return result;
	result = cs_record_take_lease(user_fd, container->record.instance, &container->lease);
	if (result < 0)
		cs_join_close(&container->join);
	return result;
}

int cs_container_hold(uid_t uid, const char *instance, struct cs_container *ret_container,
		      int *ret_user_fd)
{
	int user_fd = -1;
	int result = cs_record_lock_existing(uid, LOCK_TIMEOUT_MS, &user_fd);

	if (result == 0)
		result = cs_record_read(user_fd, instance, &ret_container->record);
	if (result == 0)
		result = hold(user_fd, ret_container);
	if (result == 0) {
		*ret_user_fd = user_fd;
		return 0;
	}
	cs_record_unlock(&user_fd);
	return result == -ENOENT ? -ESRCH : result;
}

/* ---- as it runs ------------------------------------------------------------- */

/* Made from the config files as they are, for the same groups, and to be shared. */
static bool is_current(const struct cs_record *record, struct cs_conf_stamp stamp,
		       uint64_t groups)
{
	cs_conf_stamp_add(&stamp, record->fstab);	/* of its class */
	cs_conf_stamp_add(&stamp, record->image);
	return memcmp(record->stamp, stamp.hash, sizeof(record->stamp)) == 0 &&
	       record->groups == groups && record->per_session == 0;
}

/*
 * The container that this user would get anyway. Then neither NSS nor the
 * configuration is asked.
 */
static int hold_current(const struct cs_caller *caller, int user_fd,
			struct cs_container *container)
{
	const uint64_t groups = cs_record_hash_groups(caller->gid, caller->groups,
						      caller->group_count);
	struct cs_conf_stamp stamp;
	struct cs_entries entries;
	int result = -ENOENT;
	const char *name;

	if (cs_conf_stamp_now(CS_MAIN_FILE, CS_DROPIN_DIR, &stamp) < 0)
		return -ENOENT;
	cs_entries_begin(&entries, user_fd);
	while (result < 0 && (name = cs_entries_next(&entries)) != NULL)
		if (cs_record_is_instance(name) &&
		    cs_record_read(user_fd, name, &container->record) == 0 &&
		    is_current(&container->record, stamp, groups))
			result = hold(user_fd, container);
	return result;
}

/* The lock of *@ret_user_fd is held if it does run. */
static bool find_running(const struct cs_caller *caller, struct cs_container *container,
			 int *ret_user_fd)
{
	int result = cs_record_lock_existing(caller->uid, LOCK_TIMEOUT_MS, ret_user_fd);

	if (result == -ENOENT)
		return false;
	if (result < 0)
		cs_refuse(caller, "look for the container", strerror(-result));
	if (hold_current(caller, *ret_user_fd, container) == 0)
		return true;
	cs_record_remove_user(caller->uid);	/* nothing stays if we refuse */
	cs_record_unlock(ret_user_fd);
	return false;
}

/* ---- newly made -------------------------------------------------------------- */

/* What could not be made leaves nothing. */
static void forget(const struct cs_caller *caller, const char *instance, int user_fd)
{
	(void)cs_create_forget(user_fd, NULL, instance);
	cs_record_remove_user(caller->uid);
}

static void create(const struct cs_caller *caller, const struct cs_decision *decision,
		   const char *instance, int user_fd, struct cs_container *container)
{
	struct cs_report report = { 0 };
	int result;

	result = cs_tidy_instance(user_fd, instance);
	/* A name that never comes again: what was killed on the way is swept by others. */
	if (result == 0 && decision->plan.scope == CS_SCOPE_SESSION)
		(void)cs_tidy_all(user_fd);	/* another login's, and may wait */
	if (result < 0)
		refuse(caller, user_fd, "remove a container that has ended", strerror(-result));
	result = cs_create(&decision->plan, caller, &decision->stamp, instance, user_fd,
			   &container->record, &container->lease,
			   &container->creation, &report);
	if (result == 0)
		return;
	forget(caller, instance, user_fd);
	refuse(caller, user_fd, report.what, cs_report_why(&report));
}

void cs_container_wait_for_init(const struct cs_caller *caller, struct cs_container *container,
				int user_fd)
{
	struct cs_report report = { 0 };
	char instance[CS_RECORD_INSTANCE_MAX];

	if (container->creation.report_fd < 0)
		return;
	snprintf(instance, sizeof(instance), "%s", container->record.instance);
	if (cs_create_hold(&container->creation, &container->record, &container->join, &report) == 0)
		return;
	forget(caller, instance, user_fd);
	refuse(caller, user_fd, report.what, cs_report_why(&report));
}

int cs_container_settle(const struct cs_caller *caller, struct cs_container *container,
			int user_fd, struct cs_report *ret_report)
{
	char instance[CS_RECORD_INSTANCE_MAX];
	int result;

	if (container->creation.report_fd < 0)
		return 0;
	snprintf(instance, sizeof(instance), "%s", container->record.instance);
	/* There is time now. Its own group has a process in it, or is not wanted any more. */
	cs_create_sweep(caller->uid, instance);
	result = cs_create_await(&container->creation, user_fd, &container->record, ret_report);
	if (result < 0)
		forget(caller, instance, user_fd);
	return result;
}

/* Of an older configuration, and to be replaced by this login? */
static bool is_outdated(const struct cs_record *record, const struct cs_decision *decision,
			int user_fd)
{
	if (memcmp(record->stamp, decision->stamp.hash, sizeof(record->stamp)) == 0)
		return false;
	switch (decision->plan.recycle) {
	case CS_RECYCLE_NOW:
		return true;
	case CS_RECYCLE_IDLE:
		return cs_roster_count(user_fd, record->instance) == 0;
	case CS_RECYCLE_NEVER:
		break;
	}
	return false;
}

/* A name of its own for this login's container: the clock never gives one twice. */
static void name_instance(const struct cs_plan *plan, char *ret_instance, size_t size)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);	/* cannot fail */
	if (plan->scope == CS_SCOPE_SESSION)
		snprintf(ret_instance, size, "%s.%llx%08lx", plan->class_name,
			 (unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec);
	else
		snprintf(ret_instance, size, "%s", plan->class_name);
}

static void lock(const struct cs_caller *caller, int *ret_user_fd)
{
	int result = cs_record_lock(caller->uid, LOCK_TIMEOUT_MS, ret_user_fd);

	if (result < 0)
		cs_refuse(caller, "look for the container", strerror(-result));
}

/* Sessions of this user in containers of this class; more than one with scope = session. */
static uint64_t count_sessions(int user_fd, const char *class_name)
{
	const size_t length = strlen(class_name);
	struct cs_entries entries;
	uint64_t count = 0;
	const char *name;

	cs_entries_begin(&entries, user_fd);
	while ((name = cs_entries_next(&entries)) != NULL) {
		int here;

		if (!cs_record_is_instance(name) || strncmp(name, class_name, length) != 0 ||
		    (name[length] != '\0' && name[length] != '.'))
			continue;
		here = cs_roster_count(user_fd, name);
		count += here > 0 ? (uint64_t)here : 0;
	}
	return count;
}

static void check_number(const struct cs_caller *caller, const char *class_name, uint64_t max,
			 int user_fd)
{
	char why[64];

	if (max == CS_RECORD_FOREVER || count_sessions(user_fd, class_name) < max)
		return;
	snprintf(why, sizeof(why), "the limit is %llu", (unsigned long long)max);
	refuse(caller, user_fd, "start another session", why);
}

/* Join if it runs, else make it; the lock of *@ret_user_fd is held. */
static void hold_or_create(const struct cs_caller *caller, const struct cs_decision *decision,
			   struct cs_container *container, int *ret_user_fd)
{
	char instance[CS_RECORD_INSTANCE_MAX];
	struct cs_record *record = &container->record;

	name_instance(&decision->plan, instance, sizeof(instance));
	lock(caller, ret_user_fd);
	if (cs_record_read(*ret_user_fd, instance, record) == 0 &&
	    is_outdated(record, decision, *ret_user_fd)) {
		int result = cs_stop_tell(record);

		/* Its monitor needs the lock to end it. */
		cs_record_unlock(ret_user_fd);
		if (result >= 0)
			result = cs_stop_wait(record, result);
		if (result < 0 && result != -ESRCH)
			cs_refuse(caller, "replace the container", strerror(-result));
		lock(caller, ret_user_fd);
	}
	/* Last: others may have waited with us, and have been first. */
	check_number(caller, decision->plan.class_name, decision->plan.max_sessions, *ret_user_fd);
	if (cs_record_read(*ret_user_fd, instance, record) == 0 && hold(*ret_user_fd, container) == 0)
		return;
	create(caller, decision, instance, *ret_user_fd, container);
}

/* ---- who may come in ------------------------------------------------------------ */

static void decide(const struct cs_caller *caller, struct cs_decision *ret_decision)
{
	struct cs_plan_refusal refusal;
	int result = cs_decision_make(caller, ret_decision, &refusal);

	if (result == -ECANCELED)
		cs_refuse(caller, refusal.what, refusal.why);
	if (result < 0)
		cs_refuse(caller, "find out what container to make", strerror(-result));
}

/* @user_fd: the lock, or -1. */
static void check_maintenance(const struct cs_caller *caller, const struct cs_request *request,
			      const char *message, bool allow_sftp, int user_fd)
{
	if (message[0] == '\0' || (allow_sftp && cs_sftp_is_asked(request)))
		return;
	cs_record_unlock(&user_fd);	/* as in refuse() */
	cs_refuse_for_maintenance(caller, message);
}

/*
 * sshd and cron set the uid of the user database once more, and end when they are
 * somebody else: who is 0 inside cannot come in so. @user_fd as above.
 */
static void check_way_in(const struct cs_caller *caller, const struct cs_request *request,
			 uint32_t identity, int user_fd)
{
	if (request->verb != CS_VERB_PREPARE || identity != CS_IDENTITY_ROOT)
		return;
	cs_record_unlock(&user_fd);	/* as in refuse() */
	cs_refuse(caller, "contain the session",
		  "identity = root needs container-shell as the login shell");
}

int cs_container_take_slot(const struct cs_caller *caller, bool by_admin, int user_fd,
			   struct cs_container *container)
{
	struct cs_roster_entry entry = {
		.pid = caller->holder != 0 ? caller->holder : getpid(), .by_admin = by_admin,
	};
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);	/* cannot fail: for people to read, anyway */
	entry.since_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	cs_environment_where(caller, entry.tty, sizeof(entry.tty), entry.from, sizeof(entry.from));
	return cs_roster_join(user_fd, container->record.instance, &entry, &container->slot);
}

void cs_container_find(const struct cs_caller *caller, const struct cs_request *request,
		       struct cs_decision *decision, struct cs_container *ret_container,
		       int *ret_user_fd)
{
	const struct cs_record *record = &ret_container->record;
	int result;

	if (!decision->made && find_running(caller, ret_container, ret_user_fd)) {
		check_maintenance(caller, request, record->maintenance,
				  record->maintenance_sftp != 0, *ret_user_fd);
		check_way_in(caller, request, record->identity, *ret_user_fd);
		check_number(caller, record->class_name, record->max_sessions, *ret_user_fd);
	} else {
		/* NSS may be slow: not while another login of this user waits for the lock. */
		if (!decision->made)
			decide(caller, decision);
		check_maintenance(caller, request, decision->plan.maintenance,
				  decision->plan.maintenance_sftp, -1);
		check_way_in(caller, request, (uint32_t)decision->plan.identity, -1);
		hold_or_create(caller, decision, ret_container, ret_user_fd);
	}
	result = cs_container_take_slot(caller, false, *ret_user_fd, ret_container);
	if (result < 0)
		refuse(caller, *ret_user_fd, "note the session", strerror(-result));
}
