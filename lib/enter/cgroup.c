/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup: see cgroup.h. Kernel's Documentation/admin-guide/cgroup-v2.rst. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fd.h"

#define PARENT "container-shell"
#define PATH_BYTES (sizeof(PARENT) + CS_CGROUP_NAME_MAX + 32)
#define MAKE_ATTEMPTS 16
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

/* PARENT, PARENT/NAME or PARENT/NAME/PART, as many as are given. */
static int path_of(const char *name, const char *part, char *ret_path, size_t size)
{
	int length = snprintf(ret_path, size, PARENT "%s%s%s%s", name != NULL ? "/" : "",
			      name != NULL ? name : "", part != NULL ? "/" : "",
			      part != NULL ? part : "");

	return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

struct group {
	const char *name, *part;
};

static int make_once(int root_fd, const char *name)
{
	const struct group groups[] = {
		{ NULL, NULL }, { name, NULL },
		{ name, CS_CGROUP_CONTAINER }, { name, CS_CGROUP_MONITOR },
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		char path[PATH_BYTES];
		int result = path_of(groups[i].name, groups[i].part, path, sizeof(path));

		if (result < 0)
			return result;
		if (mkdirat(root_fd, path, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int cs_cgroup_make(const char *name)
{
	cs_autoclose int root_fd = open_root();
	int result = -ENOENT;

	if (root_fd < 0)
		return root_fd;
	/* Another container's end may remove the common parent between two of our calls. */
	for (int attempt = 0; attempt < MAKE_ATTEMPTS; attempt++) {
		result = make_once(root_fd, name);
		if (result != -ENOENT && result != -ENODEV)
			return result;
	}
	return -EAGAIN;
}

int cs_cgroup_open(const char *name, const char *part, int *ret_fd)
{
	cs_autoclose int root_fd = open_root();
	cs_autoclose int group_fd = -1;
	char path[PATH_BYTES];
	int result, fd;

	if (root_fd < 0)
		return root_fd;
	result = path_of(name, part, path, sizeof(path));
	if (result < 0)
		return result;
	group_fd = openat(root_fd, path, DIRECTORY);
	if (group_fd < 0)
		return -errno;
	fd = openat(group_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int cs_cgroup_join(int fd)
{
	return cs_fd_write_all(fd, "0", 1);
}

int cs_cgroup_leave(void)
{
	cs_autoclose int root_fd = open_root();
	cs_autoclose int fd = -1;

	if (root_fd < 0)
		return root_fd;
	fd = openat(root_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : cs_cgroup_join(fd);
}

int cs_cgroup_remove(const char *name)
{
	const struct group groups[] = {
		{ name, CS_CGROUP_CONTAINER }, { name, CS_CGROUP_MONITOR },
		{ name, NULL }, { NULL, NULL },
	};
	cs_autoclose int root_fd = open_root();

	if (root_fd < 0)
		return root_fd;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		char path[PATH_BYTES];
		int result = path_of(groups[i].name, groups[i].part, path, sizeof(path));

		if (result < 0)
			return result;
		if (unlinkat(root_fd, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		/* The common parent is in use as long as there is another container. */
		if (groups[i].name == NULL && (errno == EBUSY || errno == ENOTEMPTY))
			return 0;
		return -errno;
	}
	return 0;
}
