/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container-shell-planner: finds out what container a user gets.
 *
 * The one program on the way in that asks NSS and reads the configuration, and
 * so the one that loads libraries. Started by helper/decision.c as root without
 * any capability, with an empty environment and /dev/null as 0 to 2:
 *   container-shell-planner UID GID [GROUP…]
 * Descriptor 3 is the pipe that the plan goes to, and all that the helper takes
 * from it; plan_wire.c refuses what has not the form of a plan.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "conf.h"
#include "conf_keys.h"
#include "local.h"
#include "log.h"
#include "places.h"
#include "plan.h"
#include "plan_kept.h"
#include "plan_wire.h"
#include "user.h"

#define PLAN_FD 3

static _Noreturn void refuse(const char *what, const char *why)
{
	exit(cs_plan_send_refusal(PLAN_FD, what, why) < 0);
}

/* A problem to the log; the user learns that there is one, not where. */
static _Noreturn void refuse_line(const char *line)
{
	cs_log(LOG_ERR, "%s", line);
	refuse("read the configuration", "the administrator has to mend it");
}

/* The same, with all of them. */
static _Noreturn void refuse_config(const struct cs_conf_problems *problems)
{
	for (size_t i = 0; i + 1 < problems->count; i++)
		cs_log(LOG_ERR, "%s", problems->lines[i]);
	refuse_line(problems->count > 0 ? problems->lines[problems->count - 1] :
					  "the configuration cannot be read: out of memory");
}

/* The helper printed them with %u: no sign, no blank, nothing behind. */
static int parse_id(const char *text, uint32_t *ret_id)
{
	unsigned long id;
	char *end;

	errno = 0;
	id = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || id > UINT32_MAX)
		return -EINVAL;
	*ret_id = (uint32_t)id;
	return 0;
}

static int parse(int argc, char *argv[], uid_t *ret_uid, gid_t *ret_gid, gid_t *ret_groups)
{
	if (argc < 3 || parse_id(argv[1], ret_uid) < 0 || parse_id(argv[2], ret_gid) < 0)
		return -EINVAL;
	for (int i = 3; i < argc; i++)
		if (parse_id(argv[i], &ret_groups[i - 3]) < 0)
			return -EINVAL;
	return 0;
}

/* The helper goes on meanwhile: it has the plan, and needs not wait for our end. */
static void keep(const struct cs_conf_stamp *basis, const struct cs_user *user,
		 const struct cs_conf *conf, const struct cs_plan *plan)
{
	static const struct cs_local_files files = { CS_NSSWITCH_FILE, "/etc/passwd", "/etc/group" };
	const struct cs_conf_stamp read = cs_conf_stamp_of(conf);
	struct cs_conf_stamp now;

	/* Subordinate ids follow from more than the basis has, and may be a directory server's. */
	if (plan->identity != CS_IDENTITY_HOST)
		return;
	/* So may the names of groups be, of which the basis has those that the configuration names. */
	if (plan->root != CS_ROOT_HOST)
		return;
	if (!cs_plan_kept_is_settled() || !cs_local_decides(&files, user, conf))
		return;
	/* All that was read is what it was at the start, and is now. */
	if (cs_plan_kept_basis(user->uid, user->gid, user->groups, user->group_count, &now) < 0 ||
	    memcmp(&now, basis, sizeof(now)) != 0)
		return;
	(void)cs_plan_kept_write(basis, plan, &read);	/* without it, the next login asks us again */
}

static void find_subids(const struct cs_conf *conf, const struct cs_conf_class *class,
			struct cs_user *user)
{
	const struct cs_subid_range reserved = cs_conf_id_range(conf);
	char error[256];
	int err = cs_subid_find(&class->id_range, &reserved, &cs_subid_files_of_host, user, error,
				sizeof(error));

	if (err < 0)
		refuse("plan the container", err == -EINVAL ? error : strerror(-err));
}

static void plan_for(struct cs_user *user, const struct cs_conf_stamp *basis)
{
	static struct cs_plan plan;	/* too large for the stack */
	struct cs_conf_problems problems = { 0 };
	const struct cs_conf_class *class;
	struct cs_conf_stamp stamp;
	struct cs_conf *conf = NULL;
	enum cs_conf_match match;
	const char *name;
	char error[256];
	int result;

	if (cs_conf_load(CS_MAIN_FILE, CS_DROPIN_DIR, true, &conf, &problems) < 0)
		refuse_config(&problems);
	class = cs_conf_class_of(conf, user, &match, &name);
	if (class != NULL && cs_conf_read_fstab(conf, class, &problems) < 0)
		refuse_config(&problems);
	if (class != NULL && class->identity != CS_IDENTITY_HOST)
		find_subids(conf, class, user);
	if (class != NULL && cs_conf_keys_root(class->root) != CS_ROOT_HOST &&
	    cs_user_name_groups(user) < 0)
		refuse("plan the container", "the group database does not answer");
	result = cs_plan_make(class, user, &plan, error, sizeof(error));
	if (result == -EBADMSG)
		refuse_line(error);
	if (result < 0)
		refuse("plan the container", error);
	stamp = cs_conf_stamp_of(conf);
	if (cs_plan_send(PLAN_FD, &plan, &stamp) < 0)
		exit(1);
	(void)close(PLAN_FD);
	keep(basis, user, conf, &plan);
}

int main(int argc, char *argv[])
{
	gid_t *groups = calloc((size_t)argc + 1, sizeof(groups[0]));
	struct cs_conf_stamp basis;
	struct cs_user user = { 0 };
	uid_t uid;
	gid_t gid;
	int result;

	cs_log_open("container-shell");
	if (groups == NULL)
		refuse("plan the container", strerror(ENOMEM));
	if (parse(argc, argv, &uid, &gid, groups) < 0)
		return 1;
	/* Before anything is asked or read: a change from now on makes it another. */
	result = cs_plan_kept_basis(uid, gid, groups, (size_t)(argc - 3), &basis);
	if (result < 0)
		refuse("look at the configuration", strerror(-result));
	result = cs_user_of_process(uid, gid, groups, (size_t)(argc - 3), &user);
	if (result < 0)
		refuse("find the user's entry", strerror(-result));
	plan_for(&user, &basis);
	_exit(0);	/* nothing to flush or free: the kernel does it sooner */
}
