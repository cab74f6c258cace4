/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trust: opening files that only root can have written.
 *
 * Floor 0. Runs as root in the planner and as anyone in --explain. Must not
 * look at a path twice: what is checked is the descriptor that is then used.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "sys.h"
#include "trust.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY)
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

/* SECURITY: one component at a time, so that no directory on the way is unchecked. */
#define RESOLVE (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

/* Is what @fd holds root's alone, and of the type @type (S_IFREG or S_IFDIR)? */
static int check(int fd, mode_t type, const char **ret_why)
{
	struct stat info;
	const char *why = NULL;

	if (fstat(fd, &info) < 0)
		return -errno;
	/* An ACL that lets others write shows in the group bits, which hold its mask. */
	if ((info.st_mode & S_IFMT) != type)
		why = type == S_IFDIR ? "is not a directory" : "is not a regular file";
	else if (info.st_uid != 0)
		why = "does not belong to root";
	else if (info.st_mode & (S_IWGRP | S_IWOTH))
		why = "can be written by others than root";
	if (!why)
		return 0;
	*ret_why = why;
	return -EPERM;
}

/* Open the one component @name below @dir_fd and check it. */
static int open_component(int dir_fd, const char *name, uint64_t flags, int *ret_fd,
			  const char **ret_why)
{
	cs_autoclose int fd = cs_sys_openat2(dir_fd, name, flags, RESOLVE);
	int err;

	if (fd == -ELOOP) {
		*ret_why = "is a symbolic link";
		return -EPERM;
	}
	if (fd == -ENXIO) {	/* a socket */
		*ret_why = "is not a regular file";
		return -EPERM;
	}
	if (fd < 0)
		return fd;
	err = check(fd, flags & O_DIRECTORY ? S_IFDIR : S_IFREG, ret_why);
	if (err < 0)
		return err;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

static int open_root(int *ret_fd, const char **ret_why)
{
	cs_autoclose int fd = cs_sys_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	int err;

	if (fd < 0)
		return fd;
	err = check(fd, S_IFDIR, ret_why);
	if (err < 0)
		return err;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/* Walk down @path; the last component is opened with @flags. */
static int open_path(const char *path, uint64_t flags, int *ret_fd, const char **ret_why)
{
	cs_autoclose int dir = -1;
	char name[256];		/* NAME_MAX and its end */
	int err;

	*ret_why = NULL;
	if (path[0] != '/')
		return -EINVAL;
	err = open_root(&dir, ret_why);
	while (err == 0) {
		size_t length;
		bool last;
		int next = -1;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length == 0)
			return -EINVAL;
		if (length >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, path, length);
		name[length] = '\0';
		path += length;
		last = path[strspn(path, "/")] == '\0';
		err = open_component(dir, name, last ? flags : O_PATH | O_DIRECTORY, &next,
				     ret_why);
		if (err < 0)
			break;
		if (last) {
			*ret_fd = next;
			return 0;
		}
		cs_fd_close(&dir);
		dir = next;
	}
	return err;
}

int cs_trust_open_file(const char *path, int *ret_fd, const char **ret_why)
{
	return open_path(path, FILE_FLAGS, ret_fd, ret_why);
}

int cs_trust_open_dir(const char *path, int *ret_fd, const char **ret_why)
{
	return open_path(path, DIR_FLAGS, ret_fd, ret_why);
}

int cs_trust_open_at(int dir_fd, const char *name, int *ret_fd, const char **ret_why)
{
	*ret_why = NULL;
	if (name[0] == '\0' || strchr(name, '/'))
		return -EINVAL;
	return open_component(dir_fd, name, FILE_FLAGS, ret_fd, ret_why);
}
