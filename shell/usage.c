/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage: see usage.h. proc_pid_stat(5), and the kernel's cgroup-v2.rst. */
#include "usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "fd.h"
#include "strict.h"

#define FILE_MAX (4U << 20)	/* cgroup.procs of 100,000 processes is below that */

/* ---- the control group --------------------------------------------------------- */

/* The text of @name below @dir_fd, which the caller frees; NULL if it is not there. */
static char *read_file(int dir_fd, const char *name)
{
	cs_autoclose int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	char text[4096], *copy;
	ssize_t got;
	size_t size;

	if (fd < 0)
		return NULL;
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return NULL;
	if ((size_t)got < sizeof(text) - 1) {
		text[got] = '\0';
		return strdup(text);
	}
	return cs_fd_read_all(fd, FILE_MAX, &copy, &size) < 0 ? NULL : copy;
}

/* @name of the group @group: one open less than by way of its directory. */
static char *read_of_group(int groups_fd, const char *group, const char *name)
{
	char path[CS_CGROUP_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", group, name);
	return read_file(groups_fd, path);
}

static bool read_number(int groups_fd, const char *group, const char *name, uint64_t *ret_number)
{
	cs_autofree char *text = read_of_group(groups_fd, group, name);

	if (text == NULL)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return cs_strict_u64(text, UINT64_MAX, ret_number) == 0;
}

/* The resident pages of one process, the second number of proc_pid_statm(5); 0 if it is gone. */
static uint64_t resident(unsigned long pid)
{
	char path[48], text[128], *end;
	cs_autoclose int fd = -1;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%lu/statm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (got <= 0)
		return 0;
	text[got] = '\0';
	(void)strtoull(text, &end, 10);
	return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* "PID\n" each; without a memory controller their resident sets are what can be said. */
static void count_processes(const char *text, struct cs_usage *usage)
{
	char *end;

	for (unsigned long pid; (pid = strtoul(text, &end, 10)) > 0 && end != text; text = end) {
		usage->processes++;
		if (!usage->has_memory)
			usage->memory += resident(pid);
	}
	usage->has_processes = usage->has_memory = true;
}

/* false: there is no such group. */
static bool from_group(int groups_fd, const char *group, struct cs_usage *usage)
{
	static const char key[] = "usage_usec ";
	cs_autofree char *processes = read_of_group(groups_fd, group, "cgroup.procs");
	cs_autofree char *cpu = read_of_group(groups_fd, group, "cpu.stat");
	const char *line = cpu != NULL ? strstr(cpu, key) : NULL;

	if (processes == NULL)
		return false;
	usage->has_memory = read_number(groups_fd, group, "memory.current", &usage->memory);
	usage->has_peak = cs_cgroup_read_number(group, "memory.peak", "", &usage->peak) == 0;
	usage->has_kills = cs_cgroup_read_number(group, "memory.events", "oom_kill",
						 &usage->kills) == 0;
	count_processes(processes, usage);
	if (line != NULL) {
		usage->cpu_us = strtoull(line + sizeof(key) - 1, NULL, 10);
		usage->has_cpu = true;
	}
	return true;
}

/* ---- /proc ------------------------------------------------------------------------ */

/* Fields 3, 4, 14, 15 and 24; field 2 may hold anything, so from its last ')'. */
static int parse_stat(char *text, struct cs_process *process)
{
	const uint64_t tick_us = 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	unsigned long long user = 0, system = 0;
	long rss = 0;
	char *field;

	if (name == NULL || end == NULL || end < name)
		return -EBADMSG;
	*end = '\0';
	snprintf(process->name, sizeof(process->name), "%s", name + 1);
	field = end + 2;
	process->state = *field;
	process->parent = (pid_t)strtol(field + 1, NULL, 10);
	for (int number = 3; number < 24 && field != NULL; number++) {
		if (number == 14)
			user = strtoull(field, NULL, 10);
		if (number == 15)
			system = strtoull(field, NULL, 10);
		field = strchr(field, ' ');
		field = field != NULL ? field + 1 : NULL;
	}
	if (field == NULL)
		return -EBADMSG;
	rss = strtol(field, NULL, 10);
	process->cpu_us = (user + system) * tick_us;
	process->rss = rss > 0 ? (uint64_t)rss * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
	return 0;
}

/* -ENOENT: it has just ended, or we may not look. */
static int read_process(int proc_fd, const char *pid, struct cs_process *ret_process)
{
	cs_autoclose int dir_fd = openat(proc_fd, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cs_autofree char *text = dir_fd < 0 ? NULL : read_file(dir_fd, "stat");
	struct stat info;

	if (text == NULL)
		return -ENOENT;
	/* Of others only root may know it; without it the process is in no container. */
	ret_process->namespace = fstatat(dir_fd, "ns/pid", &info, 0) < 0 ? 0 : info.st_ino;
	ret_process->pid = (pid_t)strtol(pid, NULL, 10);
	return parse_stat(text, ret_process);
}

static int compare(const void *left, const void *right)
{
	const struct cs_process *a = left, *b = right;

	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

int cs_usage_scan(struct cs_processes *ret_processes)
{
	DIR *directory = opendir("/proc");
	struct cs_processes found = { 0 };
	struct dirent *entry;
	size_t room = 0;

	if (directory == NULL)
		return -errno;
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		if (found.count == room) {
			struct cs_process *grown;

			room = room == 0 ? 256 : 2 * room;
			grown = reallocarray(found.list, room, sizeof(*grown));
			if (grown == NULL) {
				closedir(directory);
				cs_usage_free(&found);
				return -ENOMEM;
			}
			found.list = grown;
		}
		if (read_process(dirfd(directory), entry->d_name, &found.list[found.count]) == 0)
			found.count++;
	}
	closedir(directory);
	if (found.count > 1)
		qsort(found.list, found.count, sizeof(found.list[0]), compare);
	found.groups_fd = ret_processes->groups_fd;
	*ret_processes = found;
	return 0;
}

void cs_usage_free(struct cs_processes *processes)
{
	free(processes->list);
	if (processes->groups_fd > 0)
		(void)close(processes->groups_fd);
	memset(processes, 0, sizeof(*processes));
}

static void from_processes(const struct cs_record *record, struct cs_processes *processes,
			   struct cs_usage *usage)
{
	if (processes->list == NULL && cs_usage_scan(processes) < 0)
		return;
	usage->has_processes = usage->has_memory = usage->has_cpu = true;
	for (size_t i = 0; i < processes->count; i++) {
		const struct cs_process *process = &processes->list[i];

		if (process->namespace != record->init_namespace)
			continue;
		usage->processes++;
		usage->memory += process->rss;
		usage->cpu_us += process->cpu_us;
	}
}

void cs_usage_of(const struct cs_record *record, struct cs_processes *processes,
		 struct cs_usage *ret_usage)
{
	memset(ret_usage, 0, sizeof(*ret_usage));
	if (processes->groups_fd == 0)
		processes->groups_fd = cs_cgroup_open_root();
	if (record->cgroup[0] == '\0' || processes->groups_fd < 0 ||
	    !from_group(processes->groups_fd, record->cgroup, ret_usage))
		from_processes(record, processes, ret_usage);
}

/* ---- for people --------------------------------------------------------------------- */

void cs_usage_print_size(uint64_t bytes, char *ret_text, size_t size)
{
	static const char units[] = " KMGTPE";
	uint64_t whole = bytes, rest = 0;
	size_t unit = 0;

	while (whole >= 1024) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(ret_text, size, "%llu", (unsigned long long)whole);
	else
		snprintf(ret_text, size, "%llu.%llu%c", (unsigned long long)whole,
			 (unsigned long long)(rest * 10 / 1024), units[unit]);
}

void cs_usage_print_time(uint64_t ms, char *ret_text, size_t size)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {
		{ "d", UINT64_C(24) * 3600 * 1000 }, { "h", 3600 * 1000 }, { "min", 60000 },
		{ "s", 1000 }, { "ms", 1 },
	};
	size_t i = 0;

	while (i < 4 && ms < units[i].ms)
		i++;
	/* two units are enough, and one below a minute */
	if (i < 3 && ms % units[i].ms >= units[i + 1].ms)
		snprintf(ret_text, size, "%llu%s %llu%s", (unsigned long long)(ms / units[i].ms),
			 units[i].name, (unsigned long long)(ms % units[i].ms / units[i + 1].ms),
			 units[i + 1].name);
	else
		snprintf(ret_text, size, "%llu%s", (unsigned long long)(ms / units[i].ms),
			 units[i].name);
}
