/* SPDX-License-Identifier: GPL-3.0-or-later */
/* home: see home.h. */
#include "home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entries.h"
#include "fd.h"
#include "ids.h"
#include "sys.h"

#define SKEL "/etc/skel"
#define DEPTH_MAX 8		/* of directories in it */
#define ENTRIES_MAX 4096	/* in all: it is copied at a login */
#define NO_LINKS (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* ---- what a new one has in it ----------------------------------------------------- */

static int copy_bytes(int from, int to)
{
	char block[16384];

	for (;;) {
		ssize_t got = read(from, block, sizeof(block));
		int result;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		result = cs_fd_write_all(to, block, (size_t)got);
		if (result < 0)
			return result;
	}
}

/* A copy that was begun before, and not ended, is there: it is written anew. */
static int copy_file(int from_dir, int to_dir, const char *name, mode_t mode)
{
	cs_autoclose int from = openat(from_dir, name,
				       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	cs_autoclose int to = -1;

	if (from < 0)
		return errno == EACCES ? 0 : -errno;	/* not for users */
	(void)unlinkat(to_dir, name, 0);	/* ENOENT: as a rule */
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    mode & 0755);
	return to < 0 ? -errno : copy_bytes(from, to);
}

static int copy_link(int from_dir, int to_dir, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(from_dir, name, target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	return symlinkat(target, to_dir, name) < 0 && errno != EEXIST ? -errno : 0;
}

static int copy_tree(int from, int to, int depth, int *count);

static int copy_directory(int from_dir, int to_dir, const char *name, mode_t mode, int depth,
			  int *count)
{
	cs_autoclose int from = openat(from_dir, name, DIRECTORY | O_NOFOLLOW);
	cs_autoclose int to = -1;

	if (from < 0)
		return errno == EACCES ? 0 : -errno;	/* not for users */
	if (mkdirat(to_dir, name, (mode & 0755) | 0700) < 0 && errno != EEXIST)
		return -errno;
	to = openat(to_dir, name, DIRECTORY | O_NOFOLLOW);
	return to < 0 ? -errno : copy_tree(from, to, depth + 1, count);
}

static int copy_entry(int from, int to, const char *name, int depth, int *count)
{
	struct stat info;

	if (++*count > ENTRIES_MAX)
		return -EFBIG;
	if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	switch (info.st_mode & S_IFMT) {
	case S_IFREG:
		return copy_file(from, to, name, info.st_mode);
	case S_IFLNK:
		return copy_link(from, to, name);
	case S_IFDIR:
		return copy_directory(from, to, name, info.st_mode, depth, count);
	default:
		return 0;	/* devices and the like are no part of a home */
	}
}

static int copy_tree(int from, int to, int depth, int *count)
{
	struct cs_entries entries;
	const char *name;
	int result = 0;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	cs_entries_begin(&entries, from);
	while (result == 0 && (name = cs_entries_next(&entries)) != NULL)
		result = copy_entry(from, to, name, depth, count);
	return result < 0 ? result : entries.error;
}

/*
 * SECURITY: as the user. What the user may not read is not given away, and what
 * is written is the user's, within the user's quota.
 */
int cs_home_fill(const struct cs_caller *caller, int home_fd)
{
	const struct cs_ids ids = cs_caller_ids(caller);
	cs_autoclose int skel = -1;
	cs_autoclose int home = -1;
	int count = 0, result, regained;

	result = cs_ids_assume(&ids);
	if (result < 0)
		return result;
	skel = cs_sys_openat2(AT_FDCWD, SKEL, DIRECTORY, NO_LINKS);
	home = openat(home_fd, ".", DIRECTORY);
	if (home < 0)
		result = -errno;
	else if (skel >= 0)
		result = copy_tree(skel, home, 0, &count);
	else	/* a host without one has empty homes */
		result = skel == -ENOENT ? 0 : skel;
	regained = cs_ids_regain_root();
	return regained < 0 ? regained : result;
}

/* ---- a private one ------------------------------------------------------------------- */

/* CS_HOMESDIR, root's alone. */
static int open_homes(int *ret_fd)
{
	cs_autoclose int fd = -1;
	struct stat info;

	if (mkdir(CS_HOMESDIR, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = cs_sys_openat2(AT_FDCWD, CS_HOMESDIR, O_PATH | O_DIRECTORY, NO_LINKS);
	if (fd < 0)
		return fd;
	if (fstat(fd, &info) < 0)
		return -errno;
	if (info.st_uid != 0 || (info.st_mode & 0022) != 0)
		return -EPERM;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/* The directory @name below @homes, if it is the user's. */
static int open_own(int homes, const char *name, const struct cs_caller *caller, int *ret_fd)
{
	cs_autoclose int fd = cs_sys_openat2(homes, name, O_PATH | O_DIRECTORY,
					     RESOLVE_BENEATH | NO_LINKS);
	struct stat info;

	if (fd < 0)
		return fd;
	if (fstat(fd, &info) < 0)
		return -errno;
	if (info.st_uid != caller->uid)
		return -EPERM;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/* Filled under another name, so that a home that is there is whole. */
static int make_private(int homes, const char *name, const struct cs_caller *caller)
{
	cs_autoclose int fd = -1;
	char new_name[24];
	int result;

	snprintf(new_name, sizeof(new_name), "%s.new", name);	/* ten digits */
	if (mkdirat(homes, new_name, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (fchownat(homes, new_name, caller->uid, caller->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	result = open_own(homes, new_name, caller, &fd);
	if (result == 0)
		result = cs_home_fill(caller, fd);
	if (result < 0)
		return result;
	return renameat(homes, new_name, homes, name) < 0 ? -errno : 0;
}

int cs_home_open_private(const struct cs_caller *caller, int *ret_fd)
{
	cs_autoclose int homes = -1;
	char name[16];
	int result = open_homes(&homes);

	if (result < 0)
		return result;
	snprintf(name, sizeof(name), "%u", (unsigned int)caller->uid);
	result = open_own(homes, name, caller, ret_fd);
	if (result != -ENOENT)
		return result;
	result = make_private(homes, name, caller);
	return result < 0 ? result : open_own(homes, name, caller, ret_fd);
}
