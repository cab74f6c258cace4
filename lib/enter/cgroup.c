/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup: see cgroup.h. Kernel's Documentation/admin-guide/cgroup-v2.rst. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "entries.h"
#include "fd.h"

#define REMOVE_TICK_MS 5
#define REMOVE_ATTEMPTS 200
#define NUMBERS_MAX 4096	/* of what a group says of itself */
#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

/* Unified hosts have it at the first place, hybrid ones (systemd's name) at the second. */
int cs_cgroup_open_root(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		cs_autoclose int fd = open(places[i], DIRECTORY);
		struct statfs info;

		if (fd >= 0 && fstatfs(fd, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC)
			return cs_fd_steal(&fd);
	}
	return -ENOENT;
}

/* ENOENT would mean that there is no cgroup v2; here something has just gone. */
static int open_made(int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name, DIRECTORY);

	if (fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	return fd;
}

int cs_cgroup_make(const char *path, int *ret_fd, int *ret_monitor_fd)
{
	cs_autoclose int root_fd = cs_cgroup_open_root();
	cs_autoclose int parent_fd = -1;
	cs_autoclose int monitor_fd = -1;
	const char *name = strrchr(path, '/');
	char parent[CS_CGROUP_PATH_MAX];
	int fd;

	if (root_fd < 0)
		return root_fd;
	if (name == NULL || strlen(path) >= sizeof(parent))
		return -EINVAL;
	snprintf(parent, sizeof(parent), "%.*s", (int)(name++ - path), path);
	if (mkdirat(root_fd, parent, 0755) < 0 && errno != EEXIST)
		return -errno;
	parent_fd = open_made(root_fd, parent);
	if (parent_fd < 0)
		return parent_fd;
	if (mkdirat(parent_fd, CS_CGROUP_MONITOR, 0755) < 0 && errno != EEXIST)
		return errno == ENOENT ? -EAGAIN : -errno;
	monitor_fd = open_made(parent_fd, CS_CGROUP_MONITOR);
	if (monitor_fd < 0)
		return monitor_fd;
	if (mkdirat(parent_fd, name, 0755) < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	fd = open_made(parent_fd, name);
	if (fd < 0) {
		(void)unlinkat(parent_fd, name, AT_REMOVEDIR);	/* the next sweep sees it, too */
		return fd;
	}
	*ret_fd = fd;
	*ret_monitor_fd = cs_fd_steal(&monitor_fd);
	return 0;
}

int cs_cgroup_open(const char *path, int *ret_fd)
{
	cs_autoclose int root_fd = cs_cgroup_open_root();
	int fd;

	if (root_fd < 0)
		return root_fd;
	fd = openat(root_fd, path, DIRECTORY);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int cs_cgroup_read_number(const char *path, const char *file, const char *key,
			  uint64_t *ret_number)
{
	cs_autoclose int root_fd = cs_cgroup_open_root();
	cs_autoclose int fd = -1;
	char name[CS_CGROUP_PATH_MAX + 32], text[NUMBERS_MAX];
	const size_t length = strlen(key);
	const char *line = text;
	ssize_t got;

	if (root_fd < 0)
		return root_fd;
	snprintf(name, sizeof(name), "%s/%s", path, file);	/* of the kernel's own names: fits */
	fd = openat(root_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	while (length > 0 && (strncmp(line, key, length) != 0 || line[length] != ' ')) {
		line += strcspn(line, "\n");
		if (*line++ == '\0')
			return -ENOENT;
	}
	line += length;
	*ret_number = strtoull(line, NULL, 10);
	return 0;
}

/* cgroup.kill, Linux 5.14: all of them, with no pid that could be another's by then. */
static void end_processes(int root_fd, const char *path)
{
	char file[CS_CGROUP_PATH_MAX + sizeof("/cgroup.kill")];
	int length = snprintf(file, sizeof(file), "%s/cgroup.kill", path);
	cs_autoclose int fd = -1;

	if (length < 0 || (size_t)length >= sizeof(file))
		return;
	fd = openat(root_fd, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		(void)cs_fd_write_all(fd, "1", 1);	/* what stays makes the removal fail */
}

int cs_cgroup_remove(const char *path)
{
	const struct timespec moment = { .tv_nsec = REMOVE_TICK_MS * 1000 * 1000 };
	cs_autoclose int root_fd = cs_cgroup_open_root();

	if (root_fd < 0)
		return root_fd == -ENOENT ? 0 : root_fd;
	if (unlinkat(root_fd, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	end_processes(root_fd, path);
	for (int attempt = 0; attempt < REMOVE_ATTEMPTS; attempt++) {
		if (unlinkat(root_fd, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -errno;
		(void)nanosleep(&moment, NULL);
	}
	return -EBUSY;
}

void cs_cgroup_sweep(const char *parent, const char *prefix)
{
	cs_autoclose int root_fd = cs_cgroup_open_root();
	cs_autoclose int parent_fd = -1;
	struct cs_entries entries;
	const char *name;

	if (root_fd < 0)
		return;
	parent_fd = openat(root_fd, parent, DIRECTORY);
	if (parent_fd < 0)
		return;
	cs_entries_begin(&entries, parent_fd);
	while ((name = cs_entries_next(&entries)) != NULL)
		if (strncmp(name, prefix, strlen(prefix)) == 0)
			(void)unlinkat(parent_fd, name, AT_REMOVEDIR);	/* EBUSY: it ends yet, or runs */
}
