/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup: see cgroup.h. Kernel's Documentation/admin-guide/cgroup-v2.rst. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"

#define PARENT "container-shell"
#define REMOVE_TICK_MS 5
#define REMOVE_ATTEMPTS 200
#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

/* Unified hosts have it at the first place, hybrid ones (systemd's name) at the second. */
static int open_root(void)
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

/* The project's own group, which holds all others by their names. */
int cs_cgroup_open_parent(void)
{
	cs_autoclose int root_fd = open_root();
	int fd;

	if (root_fd < 0)
		return root_fd;
	fd = openat(root_fd, PARENT, DIRECTORY);
	return fd < 0 ? -errno : fd;
}

int cs_cgroup_make(const char *name)
{
	cs_autoclose int root_fd = open_root();
	cs_autoclose int parent_fd = -1;

	if (root_fd < 0)
		return root_fd;
	if (mkdirat(root_fd, PARENT, 0755) < 0 && errno != EEXIST)
		return -errno;
	parent_fd = openat(root_fd, PARENT, DIRECTORY);
	if (parent_fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;	/* ENOENT means no cgroup v2 */
	if ((mkdirat(parent_fd, CS_CGROUP_MONITOR, 0755) < 0 && errno != EEXIST) ||
	    mkdirat(parent_fd, name, 0755) < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	return 0;
}

int cs_cgroup_open(const char *name, int *ret_fd)
{
	cs_autoclose int parent_fd = cs_cgroup_open_parent();
	int fd;

	if (parent_fd < 0)
		return parent_fd;
	fd = openat(parent_fd, name, DIRECTORY);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* cgroup.kill, Linux 5.14: all of them, with no pid that could be another's by then. */
static void end_processes(int parent_fd, const char *name)
{
	char path[CS_CGROUP_NAME_MAX + sizeof("/cgroup.kill")];
	int length = snprintf(path, sizeof(path), "%s/cgroup.kill", name);
	cs_autoclose int fd = -1;

	if (length < 0 || (size_t)length >= sizeof(path))
		return;
	fd = openat(parent_fd, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		(void)cs_fd_write_all(fd, "1", 1);	/* what stays makes the removal fail */
}

int cs_cgroup_remove(const char *name)
{
	const struct timespec moment = { .tv_nsec = REMOVE_TICK_MS * 1000 * 1000 };
	cs_autoclose int parent_fd = cs_cgroup_open_parent();

	if (parent_fd < 0)
		return parent_fd == -ENOENT ? 0 : parent_fd;
	if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	end_processes(parent_fd, name);
	for (int attempt = 0; attempt < REMOVE_ATTEMPTS; attempt++) {
		if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -errno;
		(void)nanosleep(&moment, NULL);
	}
	return -EBUSY;
}

void cs_cgroup_sweep(const char *prefix)
{
	int parent_fd = cs_cgroup_open_parent();
	struct dirent *entry;
	DIR *directory;

	if (parent_fd < 0)
		return;
	directory = fdopendir(parent_fd);
	if (directory == NULL) {
		(void)close(parent_fd);
		return;
	}
	while ((entry = readdir(directory)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			(void)unlinkat(parent_fd, entry->d_name, AT_REMOVEDIR);	/* EBUSY: it ends yet */
	(void)closedir(directory);
}
