/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_config: is the configuration valid?
 *
 * Runs as anyone who may read it. Must not judge by itself: it asks the code
 * that the planner uses at a login.
 */
#include <errno.h>
#include <stdio.h>

#include "admin.h"
#include "conf.h"
#include "log.h"
#include "mount_check.h"
#include "places.h"

static void print_problems(struct cs_conf_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		cs_log_user("%s", problems->lines[i]);
	cs_conf_problems_free(problems);
}

struct cs_conf *cs_check_config_load(void)
{
	struct cs_conf_problems problems;
	struct cs_conf *conf = NULL;
	int err = cs_conf_load(CS_MAIN_FILE, CS_DROPIN_DIR, true, &conf, &problems);

	print_problems(&problems);
	if (err == -ENOMEM)
		cs_log_user("cannot read the configuration: out of memory");
	return conf;
}

bool cs_check_config_read_fstab(struct cs_conf *conf, const struct cs_conf_class *class)
{
	struct cs_conf_problems problems = { 0 };
	int err = cs_conf_read_fstab(conf, class, &problems);

	print_problems(&problems);
	return err == 0;
}

/* Beside what a login needs the files for: would the mounts work? */
static bool check_mounts(struct cs_conf *conf)
{
	struct cs_conf_problems problems = { 0 };
	const struct cs_conf_class *class;
	bool good = true;
	int err = 0;

	for (size_t i = 0; err == 0 && (class = cs_conf_class_at(conf, i)) != NULL; i++) {
		if (cs_check_config_read_fstab(conf, class))
			err = cs_mount_check(class, &problems);
		else
			good = false;
	}
	good = good && err == 0 && problems.count == 0;
	print_problems(&problems);
	return good;
}

int cs_check_config(char *const operands[])
{
	struct cs_conf *conf;
	size_t count = 0;

	if (operands[0])
		return cs_admin_usage("too many arguments");
	conf = cs_check_config_load();
	if (!conf)
		return CS_ADMIN_FAILED;
	if (!check_mounts(conf)) {
		cs_conf_free(conf);
		return CS_ADMIN_FAILED;
	}
	while (cs_conf_class_at(conf, count))
		count++;
	printf("configuration is valid: %zu %s\n", count, count == 1 ? "class" : "classes");
	cs_conf_free(conf);
	return 0;
}
