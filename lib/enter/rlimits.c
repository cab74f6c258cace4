/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rlimits: see rlimits.h. setrlimit(2), sched(7), ioprio_set(2), proc(5). */
#include "rlimits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpus.h"
#include "fd.h"

#define OTHER 0			/* SCHED_OTHER */
#define IOPRIO_PROCESS 1	/* IOPRIO_WHO_PROCESS, linux/ioprio.h */
#define IOPRIO_OF_NICE 0	/* none of its own */

static const struct {
	const char *key;
	int resource;
} resources[] = {
	[CS_LIMIT_AS] = { "limit-as", RLIMIT_AS },
	[CS_LIMIT_CORE] = { "limit-core", RLIMIT_CORE },
	[CS_LIMIT_CPU] = { "limit-cpu", RLIMIT_CPU },
	[CS_LIMIT_DATA] = { "limit-data", RLIMIT_DATA },
	[CS_LIMIT_FSIZE] = { "limit-fsize", RLIMIT_FSIZE },
	[CS_LIMIT_MEMLOCK] = { "limit-memlock", RLIMIT_MEMLOCK },
	[CS_LIMIT_MSGQUEUE] = { "limit-msgqueue", RLIMIT_MSGQUEUE },
	[CS_LIMIT_NOFILE] = { "limit-nofile", RLIMIT_NOFILE },
	[CS_LIMIT_NPROC] = { "limit-nproc", RLIMIT_NPROC },
	[CS_LIMIT_SIGPENDING] = { "limit-sigpending", RLIMIT_SIGPENDING },
	[CS_LIMIT_STACK] = { "limit-stack", RLIMIT_STACK },
};
_Static_assert(sizeof(resources) / sizeof(resources[0]) == CS_LIMIT_KINDS,
	       "each limit of a process has its resource");

static int set_resource(const struct cs_limit *limit)
{
	const struct rlimit both = { .rlim_cur = (rlim_t)limit->soft, .rlim_max = (rlim_t)limit->hard };

	return setrlimit(resources[limit->kind].resource, &both) < 0 ? -errno : 0;
}

int cs_rlimits_set(const struct cs_limit *limits, size_t count, const char **ret_key)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		const struct cs_limit *limit = &limits[i];

		if (limit->kind >= CS_LIMIT_KINDS)
			return -EINVAL;
		if (limit->kind >= CS_LIMIT_OF_PROCESS) {
			*ret_key = resources[limit->kind].key;
			result = set_resource(limit);
		} else if (limit->kind == CS_LIMIT_NICE) {
			*ret_key = "nice";
			if (setpriority(PRIO_PROCESS, 0, (int)limit->hard - CS_LIMIT_NICE_OFFSET) < 0)
				result = -errno;
		}
	}
	return result;
}

int cs_rlimits_adjust_oom(const struct cs_limit *limits, size_t count)
{
	cs_autoclose int fd = -1;
	char text[16];

	for (size_t i = 0; i < count; i++) {
		if (limits[i].kind != CS_LIMIT_OOM_SCORE)
			continue;
		snprintf(text, sizeof(text), "%d", (int)limits[i].hard - CS_LIMIT_OOM_SCORE_OFFSET);
		fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
		return fd < 0 ? -errno : cs_fd_write_all(fd, text, strlen(text));
	}
	return 0;
}

/* By number: musl has no sched_setscheduler(2) of the kernel's kind, and no ioprio_set(2) at all. */
int cs_rlimits_schedule(int nice)
{
	const struct {
		int priority;
	} none = { 0 };
	struct cs_cpus all;

	memset(&all, 0xff, sizeof(all));
	if (syscall(SYS_sched_setscheduler, 0, OTHER, &none) < 0 ||
	    setpriority(PRIO_PROCESS, 0, nice) < 0 ||
	    syscall(SYS_sched_setaffinity, 0, sizeof(all), &all) < 0 ||
	    syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_OF_NICE) < 0)
		return -errno;
	return 0;
}
