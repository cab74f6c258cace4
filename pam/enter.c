/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enter: see enter.h. */
#include "enter.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "fd.h"
#include "ids.h"
#include "log.h"
#include "seccomp.h"
#include "sys.h"

#define GROUPS_MAX 65536

static int join(const struct cs_enter *enter)
{
	return cs_join_self(&enter->offer->join);
}

static int make_keyring(const struct cs_enter *enter)
{
	int result = cs_sys_new_keyring();

	(void)enter;
	return result == -ENOSYS ? 0 : result;	/* a kernel without keyrings */
}

/* The groups are sshd's: initgroups(3) and what other modules added. */
static int become_user(const struct cs_enter *enter)
{
	cs_autofree gid_t *groups = calloc(GROUPS_MAX, sizeof(groups[0]));
	struct cs_ids ids = { .uid = enter->uid, .gid = enter->gid, .groups = groups };
	int count;

	if (groups == NULL)
		return -ENOMEM;
	count = getgroups(GROUPS_MAX, groups);
	if (count < 0)
		return -errno;
	ids.group_count = (size_t)count;
	return cs_ids_become(&ids);
}

static int filter_calls(const struct cs_enter *enter)
{
	(void)enter;
	return cs_seccomp_install();
}

static const struct {
	int (*run)(const struct cs_enter *enter);
	const char *words;	/* completes "cannot …" */
} steps[] = {
	{ join, "enter the container" },
	{ make_keyring, "make a session keyring" },
	{ become_user, "become the user" },
	/* Last: the filter refuses what the steps above do. */
	{ filter_calls, "install the system call filter" },
};

static int run_one(size_t number, const struct cs_enter *enter)
{
#ifdef CS_FAULT
	int wanted = cs_fault_wanted(steps[number].words);

	if (wanted < 0)
		return wanted;
#endif
	return steps[number].run(enter);
}

void cs_pam_enter(const struct cs_enter *enter)
{
	/* Before /dev/log is out of reach; the socket is O_CLOEXEC. */
	cs_log_open("container-shell");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int result = run_one(i, enter);

		if (result >= 0)
			continue;
		cs_log(LOG_ERR, "session ended: user=%s class=%s cannot %s: %s",
		       enter->offer->record.user, enter->offer->record.class_name, steps[i].words,
		       strerror(-result));
		/* SECURITY: not exit(3), whose handlers are sshd's, and nothing that can be caught. */
		(void)kill(getpid(), SIGKILL);
		for (;;)
			_exit(125);
	}
	cs_log(LOG_INFO, "session opened: user=%s class=%s by PAM container=%d",
	       enter->offer->record.user, enter->offer->record.class_name,
	       enter->offer->record.init_pid);
}
