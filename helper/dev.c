/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev: see dev.h. Numbers from the kernel's Documentation/admin-guide/devices.txt. */
#include "dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "devices.h"

struct node {
	const char *name;
	unsigned int major, minor;
};

static const struct node nodes[] = {
	[CS_DEVICE_NULL] = { "null", 1, 3 },	   [CS_DEVICE_ZERO] = { "zero", 1, 5 },
	[CS_DEVICE_FULL] = { "full", 1, 7 },	   [CS_DEVICE_RANDOM] = { "random", 1, 8 },
	[CS_DEVICE_URANDOM] = { "urandom", 1, 9 }, [CS_DEVICE_TTY] = { "tty", 5, 0 },
	/* A bind of the host's could not be opened beside a bound pts (ENOENT, 6.1 and 6.18). */
	[CS_DEVICE_PTMX] = { "ptmx", 5, 2 },
	[CS_DEVICE_FUSE] = { "fuse", 10, 229 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
};

static const char *const directories[] = { "pts", "shm", "mqueue" };

int cs_dev_fill(int fd, unsigned int devices)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		if ((devices & 1U << i) == 0)
			continue;
		if (mknodat(fd, nodes[i].name, S_IFCHR | 0666,
			    makedev(nodes[i].major, nodes[i].minor)) < 0)
			return -errno;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlinkat(links[i].target, fd, links[i].name) < 0)
			return -errno;
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if (mkdirat(fd, directories[i], 0755) < 0)
			return -errno;
	return 0;
}

int cs_dev_copy(int host_fd, int root_fd, const char *path)
{
	struct stat info;

	if (fstat(host_fd, &info) < 0)
		return -errno;
	/* SECURITY: a disk is read and written past all modes of the files on it. */
	if (!S_ISCHR(info.st_mode))
		return -ENODEV;
	if (mknodat(root_fd, path, S_IFCHR | (info.st_mode & 0777), info.st_rdev) < 0)
		return -errno;
	return fchownat(root_fd, path, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0 ?
	       -errno : 0;
}
