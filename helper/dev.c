/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev: see dev.h. Numbers from the kernel's Documentation/admin-guide/devices.txt. */
#include "dev.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct node {
	const char *name;
	unsigned int major, minor;
};

static const struct node nodes[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 },
	{ "urandom", 1, 9 }, { "tty", 5, 0 },
	/* A bind of the host's could not be opened beside a bound pts (ENOENT, 6.1 and 6.18). */
	{ "ptmx", 5, 2 },
	{ "fuse", 10, 229 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
};

static const char *const directories[] = { "pts", "shm", "mqueue" };

int cs_dev_fill(int fd)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
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
