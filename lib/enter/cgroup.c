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
#include <unistd.h>

#include "fd.h"

#define PARENT "container-shell"
#define PATH_BYTES (sizeof(PARENT) + CS_CGROUP_NAME_MAX + 32)
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

static int path_of(const char *name, char *ret_path, size_t size)
{
	int length = snprintf(ret_path, size, PARENT "/%s", name);

	return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

int cs_cgroup_make(const char *name)
{
	cs_autoclose int root_fd = open_root();
	char path[PATH_BYTES];
	int result;

	if (root_fd < 0)
		return root_fd;
	result = path_of(name, path, sizeof(path));
	if (result < 0)
		return result;
	if ((mkdirat(root_fd, PARENT, 0755) < 0 && errno != EEXIST) ||
	    (mkdirat(root_fd, PARENT "/" CS_CGROUP_MONITOR, 0755) < 0 && errno != EEXIST) ||
	    mkdirat(root_fd, path, 0755) < 0)
		/* ENOENT is said of hosts without cgroup v2 alone */
		return errno == ENOENT ? -EAGAIN : -errno;
	return 0;
}

int cs_cgroup_open(const char *name, int *ret_fd)
{
	cs_autoclose int root_fd = open_root();
	char path[PATH_BYTES];
	int result, fd;

	if (root_fd < 0)
		return root_fd;
	result = path_of(name, path, sizeof(path));
	if (result < 0)
		return result;
	fd = openat(root_fd, path, DIRECTORY);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int cs_cgroup_remove(const char *name)
{
	cs_autoclose int root_fd = open_root();
	char path[PATH_BYTES];
	int result;

	if (root_fd < 0)
		return root_fd;
	result = path_of(name, path, sizeof(path));
	if (result < 0)
		return result;
	return unlinkat(root_fd, path, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

void cs_cgroup_sweep(const char *prefix)
{
	cs_autoclose int root_fd = open_root();
	struct dirent *entry;
	DIR *directory = NULL;
	int fd;

	if (root_fd < 0)
		return;
	fd = openat(root_fd, PARENT, DIRECTORY);
	if (fd >= 0)
		directory = fdopendir(fd);
	if (fd >= 0 && directory == NULL)
		(void)close(fd);
	while (directory != NULL && (entry = readdir(directory)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			(void)unlinkat(fd, entry->d_name, AT_REMOVEDIR);	/* EBUSY: it ends yet */
	if (directory != NULL)
		(void)closedir(directory);
}
