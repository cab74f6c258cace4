/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain: what a user's container would be, and why.
 *
 * Runs as anyone, with the rights of the caller. Must not decide anything:
 * class and plan come from the code that the planner uses at a login.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "conf.h"
#include "conf_keys.h"
#include "fd.h"
#include "log.h"
#include "mapping.h"
#include "plan.h"
#include "strict.h"
#include "user.h"

/* The caller, with the groups that this process has. */
static int find_caller(struct cs_user *ret_user)
{
	cs_autofree gid_t *groups = NULL;
	int count = getgroups(0, NULL);

	if (count < 0)
		return -errno;
	groups = calloc((size_t)count + 1, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	count = getgroups(count, groups);
	if (count < 0)
		return -errno;
	return cs_user_of_process(getuid(), getgid(), groups, (size_t)count, ret_user);
}

static int find_user(const char *name, struct cs_user *ret_user)
{
	char shown[128];
	int err = name ? cs_user_by_name(name, ret_user) : find_caller(ret_user);

	if (err == 0)
		return 0;
	cs_strict_escape(name ? name : "", name ? strlen(name) : 0, shown, sizeof(shown));
	if (err == -ENOENT)
		cs_log_user("cannot find the user %s: there is no such entry", shown);
	else if (err == -EINVAL)
		cs_log_user("cannot use the user %s: the entry's name or home is not of a plain "
			    "form", shown);
	else
		cs_log_user("cannot find the user %s: %s", shown, strerror(-err));
	return err;
}

/* The line that says why it is this class. */
static void print_reason(const struct cs_conf_class *class, enum cs_conf_match match,
			 const char *name)
{
	const bool by_user = match == CS_MATCH_USER;
	const struct cs_conf_origin *origin = &class->origin[by_user ? CS_KEY_USERS : CS_KEY_GROUPS];

	if (match == CS_MATCH_DEFAULT)
		printf("reason: no class names the user or a group of the user\n");
	else
		printf("reason: the class names the %s %s  (%s:%u)\n", by_user ? "user" : "group",
		       name, origin->file, origin->line);
}

static int print_plan(const struct cs_conf_class *class, const struct cs_user *user)
{
	struct cs_plan plan;
	char error[256];
	int err;

	if (cs_plan_make(class, user, &plan, error, sizeof(error)) < 0) {
		cs_log_user("cannot plan the container: %s", error);
		return CS_ADMIN_FAILED;
	}
	err = cs_plan_print(&plan, class, stdout);
	if (err < 0) {
		cs_log_user("cannot print the plan: %s", strerror(-err));
		return CS_ADMIN_FAILED;
	}
	cs_mapping_print(&plan);
	return 0;
}

static int find_subids(const struct cs_conf *conf, const struct cs_conf_class *class,
		       struct cs_user *user)
{
	const struct cs_subid_range reserved = cs_conf_id_range(conf);
	char error[256];
	int err;

	if (class->identity == CS_IDENTITY_HOST)
		return 0;
	err = cs_subid_find(&class->id_range, &reserved, &cs_subid_files_of_host, user, error,
			    sizeof(error));
	if (err < 0)
		cs_log_user("cannot plan the container: %s", err == -EINVAL ? error : strerror(-err));
	return err;
}

static int explain_user(struct cs_conf *conf, struct cs_user *user)
{
	const struct cs_conf_class *class;
	enum cs_conf_match match;
	const char *name;

	if (user->uid == 0) {
		printf("user: %s\nreason: root is never put into a container\n", user->name);
		return 0;
	}
	class = cs_conf_class_of(conf, user, &match, &name);
	if (!class) {
		cs_log_user("cannot look up the group %s: the database does not answer", name);
		return CS_ADMIN_FAILED;
	}
	if (!cs_check_config_read_fstab(conf, class))
		return CS_ADMIN_FAILED;
	print_reason(class, match, name);
	if (find_subids(conf, class, user) < 0)
		return CS_ADMIN_FAILED;
	if (cs_conf_keys_root(class->root) != CS_ROOT_HOST && cs_user_name_groups(user) < 0) {
		cs_log_user("cannot plan the container: the group database does not answer");
		return CS_ADMIN_FAILED;
	}
	return print_plan(class, user);
}

int cs_explain(char *const operands[])
{
	struct cs_conf *conf;
	struct cs_user user;
	int status = CS_ADMIN_FAILED;

	if (operands[0] && (operands[1] || operands[0][0] == '-'))
		return cs_admin_usage("too many arguments");
	conf = cs_check_config_load();
	if (conf && find_user(operands[0], &user) == 0) {
		status = explain_user(conf, &user);
		cs_user_free(&user);
	}
	cs_conf_free(conf);
	return status;
}
