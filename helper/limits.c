/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limits: see limits.h. The kernel's Documentation/admin-guide/cgroup-v2.rst. */
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "cgroup.h"
#include "cpus.h"
#include "fd.h"
#include "step.h"

#define TEXT_MAX 4096		/* cpuset.cpus.effective of the worst kind */
#define PERIOD_US 100000	/* of cpu.max: the kernel's default, and systemd's */
#define CPUSET UINT32_MAX	/* no kind of struct cs_limit: it is a text */

struct group {
	int root_fd, fd;
	const char *path;
};

/* A file of a group's: what it limits, and what it is set to. */
struct knob {
	uint32_t kind;
	const char *controller;
	const char *file;
	const char *words;	/* completes "cannot …" */
};

static const struct knob knobs[] = {
	{ CS_LIMIT_MEMORY_MAX, "memory", "memory.max", "limit memory" },
	{ CS_LIMIT_MEMORY_HIGH, "memory", "memory.high", "limit memory" },
	{ CS_LIMIT_SWAP_MAX, "memory", "memory.swap.max", "limit swap space" },
	{ CS_LIMIT_OOM_GROUP, "memory", "memory.oom.group", "say who is killed without memory" },
	{ CS_LIMIT_PIDS_MAX, "pids", "pids.max", "limit processes" },
	{ CS_LIMIT_CPU_WEIGHT, "cpu", "cpu.weight", "weigh processor time" },
	{ CS_LIMIT_CPU_QUOTA, "cpu", "cpu.max", "limit processor time" },
	{ CPUSET, "cpuset", "cpuset.cpus", "choose processors" },
	{ CS_LIMIT_IO_WEIGHT, "io", "io.weight", "weigh I/O" },
};
/* A weight of 0 is another file. */
static const struct knob idle_knob = { CS_LIMIT_CPU_WEIGHT, "cpu", "cpu.idle",
				       "weigh processor time" };

/* What is told of a limit that cannot be had: @why, or the error's name if it is NULL. */
static int refuse(struct cs_report *ret_report, const struct knob *knob, int result,
		  const char *why)
{
	*ret_report = (struct cs_report){ .kind = CS_REPORT_FAILED, .error = -result,
					  .exit_status = 125 };
	snprintf(ret_report->what, sizeof(ret_report->what), "%s", knob->words);
	snprintf(ret_report->why, sizeof(ret_report->why), "%s", why != NULL ? why : "");
	return result;
}

/* The first line of a file of the group's. */
static int read_line(int group_fd, const char *file, char *ret_line, size_t size)
{
	cs_autoclose int fd = openat(group_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = fd < 0 ? -1 : read(fd, ret_line, size - 1);

	if (got < 0)
		return -errno;
	ret_line[got] = '\0';
	ret_line[strcspn(ret_line, "\n")] = '\0';
	return 0;
}

/* ---- controllers -------------------------------------------------------------------- */

/* For the children of one group. */
static int enable_below(int root_fd, const char *path, size_t length, const char *controller)
{
	char file[CS_CGROUP_PATH_MAX + 32], word[16];
	cs_autoclose int fd = -1;

	/* The lengths of a path and of a controller's name: they fit. */
	snprintf(file, sizeof(file), "%.*s%scgroup.subtree_control", (int)length, path,
		 length > 0 ? "/" : "");
	snprintf(word, sizeof(word), "+%s", controller);
	fd = openat(root_fd, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	return cs_fd_write_all(fd, word, strlen(word));
}

/*
 * From the root down to the group above ours. systemd turns a controller off where no
 * unit of its own wants it; not in a group whose children have it on: it stays.
 */
static int enable(const struct group *group, const struct knob *knob, struct cs_report *ret_report)
{
	const char *end = group->path;
	char why[CS_REPORT_WHY_MAX];
	int result = enable_below(group->root_fd, "", 0, knob->controller);

	while (result == 0 && (end = strchr(end, '/')) != NULL) {
		result = enable_below(group->root_fd, group->path, (size_t)(end - group->path),
				      knob->controller);
		end++;
	}
	if (result == 0)
		return 0;
	snprintf(why, sizeof(why), "%s", "");
	/* EINVAL: the kernel has none; ENOENT: it is a hierarchy of its own, of cgroup v1. */
	if (result == -EINVAL || result == -ENOENT)
		snprintf(why, sizeof(why), "no %s controller of cgroup v2 on this host",
			 knob->controller);
	if (result == -EBUSY)
		snprintf(why, sizeof(why), "a control group above the container's has processes");
	return refuse(ret_report, knob, result, why);
}

/* ---- one limit ------------------------------------------------------------------------ */

static int open_knob(const struct group *group, const struct knob *knob,
		     struct cs_report *ret_report)
{
	char why[CS_REPORT_WHY_MAX];
	int fd = openat(group->fd, knob->file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	int result;

	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		return refuse(ret_report, knob, -errno, NULL);
	result = enable(group, knob, ret_report);
	if (result < 0)
		return result;
	fd = openat(group->fd, knob->file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		return fd;
	result = -errno;
	snprintf(why, sizeof(why), "the kernel has no %s", knob->file);
	return refuse(ret_report, knob, result, result == -ENOENT ? why : NULL);
}

/* Write @text, and see that it is what the file's first line says then: @expected. */
static int set(const struct group *group, const struct knob *knob, const char *text,
	       const char *expected, struct cs_report *ret_report)
{
	cs_autoclose int fd = -1;
	char line[TEXT_MAX];
	int result = 0;

#ifdef CS_FAULT
	result = cs_fault_wanted(knob->file);
	if (result < 0)
		return refuse(ret_report, knob, result, NULL);
#endif
	fd = open_knob(group, knob, ret_report);
	if (fd < 0)
		return fd;
	result = cs_fd_write_all(fd, text, strlen(text));
	if (result == 0)
		result = read_line(group->fd, knob->file, line, sizeof(line));
	if (result < 0)
		return refuse(ret_report, knob, result, NULL);
	if (strcmp(line, expected) != 0)
		return refuse(ret_report, knob, -EIO, "the kernel has taken another value");
	return 0;
}

/* Of the host's memory, or of its swap space, and in whole pages, as the kernel counts. */
static uint64_t bytes_of(const struct cs_limit *limit)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t bytes = limit->hard;
	struct sysinfo host = { 0 };

	if (limit->form == CS_LIMIT_PERCENT) {
		(void)sysinfo(&host);	/* cannot fail */
		bytes = limit->kind == CS_LIMIT_SWAP_MAX ? host.totalswap : host.totalram;
		bytes = bytes * host.mem_unit / 100 * limit->hard;
	}
	return bytes - bytes % page;
}

static int set_limit(const struct group *group, const struct knob *knob,
		     const struct cs_limit *limit, struct cs_report *ret_report)
{
	unsigned long long number = limit->hard;
	char text[64], line[64];

	snprintf(text, sizeof(text), "%llu", number);
	snprintf(line, sizeof(line), "%s", text);
	switch (limit->kind) {
	case CS_LIMIT_MEMORY_MAX:
	case CS_LIMIT_MEMORY_HIGH:
	case CS_LIMIT_SWAP_MAX:
		number = bytes_of(limit);
		snprintf(text, sizeof(text), "%llu", number);
		snprintf(line, sizeof(line), "%s", text);
		break;
	case CS_LIMIT_CPU_QUOTA:
		number = number * PERIOD_US / 100;
		snprintf(text, sizeof(text), "%llu %u", number, (unsigned int)PERIOD_US);
		snprintf(line, sizeof(line), "%s", text);
		break;
	case CS_LIMIT_IO_WEIGHT:
		snprintf(line, sizeof(line), "default %llu", number);
		break;
	case CS_LIMIT_CPU_WEIGHT:
		if (number == 0)
			return set(group, &idle_knob, "1", "1", ret_report);
		break;
	default:
		break;
	}
	return set(group, knob, text, line, ret_report);
}

/*
 * SECURITY: of processors that are not there the kernel says nothing: with none of
 * them it takes those of the group above.
 */
static int set_cpus(const struct group *group, const struct knob *knob, const char *text,
		    struct cs_report *ret_report)
{
	struct cs_cpus wanted, given;
	char line[TEXT_MAX];
	int result = set(group, knob, text, text, ret_report);

	if (result < 0)
		return result;
	result = read_line(group->fd, "cpuset.cpus.effective", line, sizeof(line));
	if (result < 0)
		return refuse(ret_report, knob, result, NULL);
	if (cs_cpus_parse(text, &wanted) < 0 || cs_cpus_parse(line, &given) < 0 ||
	    !cs_cpus_within(&given, &wanted))
		return refuse(ret_report, knob, -ENODEV, "they are not there");
	return 0;
}

/* ---- all of them ---------------------------------------------------------------------- */

static const struct cs_limit *find(const struct cs_plan *plan, uint32_t kind)
{
	for (size_t i = 0; i < plan->limit_count; i++)
		if (plan->limits[i].kind == kind)
			return &plan->limits[i];
	return NULL;
}

static bool is_wanted(const struct cs_plan *plan, const struct knob *knob)
{
	return knob->kind == CPUSET ? plan->cpuset[0] != '\0' : find(plan, knob->kind) != NULL;
}

const char *cs_limits_wanted(const struct cs_plan *plan)
{
	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++)
		if (is_wanted(plan, &knobs[i]))
			return knobs[i].words;
	return NULL;
}

int cs_limits_set(const struct cs_plan *plan, int root_fd, const char *path, int group_fd,
		  struct cs_report *ret_report)
{
	const struct group group = { .root_fd = root_fd, .fd = group_fd, .path = path };
	int result = 0;

	for (size_t i = 0; result == 0 && i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		const struct knob *knob = &knobs[i];

		if (!is_wanted(plan, knob))
			continue;
		if (knob->kind == CPUSET)
			result = set_cpus(&group, knob, plan->cpuset, ret_report);
		else
			result = set_limit(&group, knob, find(plan, knob->kind), ret_report);
	}
	return result;
}
