/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decision: see decision.h. */
#include "decision.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fd.h"
#include "handover.h"
#include "places.h"
#include "plan_kept.h"
#include "report.h"
#include "sys.h"

#define TIMEOUT_MS 60000	/* a directory server that fails over to another is slow */
#define ID_BYTES 12		/* ten digits and the NUL */

/* container-shell-planner UID GID [GROUP…]. NULL without memory. */
static char **make_arguments(const struct cs_caller *caller)
{
	static char name[] = "container-shell-planner";
	const size_t count = caller->group_count + 2;
	char **arguments = calloc(count + 2, sizeof(arguments[0]));
	char *ids = calloc(count, ID_BYTES);

	if (arguments == NULL || ids == NULL)
		return NULL;
	arguments[0] = name;
	for (size_t i = 0; i < count; i++) {
		unsigned int id = i == 0 ? caller->uid : i == 1 ? caller->gid : caller->groups[i - 2];

		arguments[i + 1] = ids + i * ID_BYTES;
		snprintf(arguments[i + 1], ID_BYTES, "%u", id);
	}
	return arguments;
}

/* Only returns if it fails: -errno. */
static int become_planner(const struct cs_caller *caller, int plan_fd)
{
	cs_autoclose int program = open(CS_PLANNER, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	char *const environment[] = { NULL };
	char **arguments = make_arguments(caller);
	int result;

	if (program < 0)
		return -errno;
	if (arguments == NULL)
		return -ENOMEM;
	result = cs_handover_let_go();
	if (result < 0)
		return result;
	result = cs_ids_keep_only(0);
	if (result < 0)
		return result;
	/* Out of the login's session, and no longer there than who asked. */
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return cs_handover_exec(program, arguments, environment, &plan_fd, 1);
}

/* What the planner would say again, as it has said it before. */
static int recall(const struct cs_caller *caller, struct cs_decision *ret_decision)
{
	struct cs_conf_stamp basis;
	int result = cs_plan_kept_basis(caller->uid, caller->gid, caller->groups,
					caller->group_count, &basis);

	return result < 0 ? result : cs_plan_kept_read(&basis, caller->uid, caller->gid,
						       &ret_decision->plan, &ret_decision->stamp);
}

static int ask_planner(const struct cs_caller *caller, struct cs_decision *ret_decision,
		       struct cs_plan_refusal *ret_refusal)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	int result;
	pid_t planner;

	result = cs_report_pipe(&read_fd, &write_fd);
	if (result < 0)
		return result;
	planner = cs_sys_clone(0, -1);
	if (planner < 0)
		return planner;
	if (planner == 0) {
		result = become_planner(caller, write_fd);
		(void)cs_plan_send_refusal(write_fd, "start container-shell-planner",
					   strerror(-result));
		_exit(127);
	}
	cs_fd_close(&write_fd);
	result = cs_plan_receive(read_fd, TIMEOUT_MS, &ret_decision->plan, &ret_decision->stamp,
				 ret_refusal);
	if (result == 0 && ret_decision->plan.uid != caller->uid)
		result = -EBADMSG;
	if (result < 0)
		(void)kill(planner, SIGKILL);	/* not reaped yet, so the pid is its own */
	return result;
}

int cs_decision_make(const struct cs_caller *caller, struct cs_decision *ret_decision,
		     struct cs_plan_refusal *ret_refusal)
{
	int result = recall(caller, ret_decision);

	if (result < 0)	/* none kept, or not this one: whatever the reason, the planner knows */
		result = ask_planner(caller, ret_decision, ret_refusal);
	ret_decision->made = result == 0;
	return result;
}
