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
#include "places.h"

struct cs_conf *cs_check_config_load(void)
{
	struct cs_conf_problems problems;
	struct cs_conf *conf = NULL;
	int err = cs_conf_load(CS_MAIN_FILE, CS_DROPIN_DIR, true, &conf, &problems);

	for (size_t i = 0; i < problems.count; i++)
		cs_log_user("%s", problems.lines[i]);
	cs_conf_problems_free(&problems);
	if (err == -ENOMEM)
		cs_log_user("cannot read the configuration: out of memory");
	return conf;
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
	while (cs_conf_class_at(conf, count))
		count++;
	printf("configuration is valid: %zu %s\n", count, count == 1 ? "class" : "classes");
	cs_conf_free(conf);
	return 0;
}
