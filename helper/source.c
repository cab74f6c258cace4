/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source: see source.h. Read it from the bottom: cs_source_open. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "ids.h"
#include "strict.h"
#include "sys.h"

#define NO_LINKS (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
#define BENEATH (RESOLVE_BENEATH | NO_LINKS)

/* ---- the user's home ------------------------------------------------------------ */

/*
 * SECURITY: who may write to a directory on the way could put a link there, to
 * "/" say, where a user outside may go and one inside may not. Through a link
 * one gets to a directory of one's own only.
 */
static int open_home(const char *home, const struct cs_caller *caller, uint64_t flags)
{
	cs_autoclose int fd = cs_sys_openat2(AT_FDCWD, home, flags, NO_LINKS);
	struct stat info;

	if (fd != -ELOOP)
		return cs_fd_steal(&fd);
	fd = cs_sys_openat2(AT_FDCWD, home, flags, RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return cs_fd_steal(&fd);
	if (fstat(fd, &info) < 0)
		return -errno;
	return info.st_uid == caller->uid ? cs_fd_steal(&fd) : -EACCES;
}

/* A directory, so that an automount happens; if it is none, what else it is. */
static int open_any(int dir_fd, const char *path, uint64_t resolve)
{
	int fd = cs_sys_openat2(dir_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC, resolve);

	return fd == -ENOTDIR ? cs_sys_openat2(dir_fd, path, O_PATH | O_CLOEXEC, resolve) : fd;
}

/* @rest: "" or "/…", below the home. */
static int open_in_home(const char *home, const char *rest, const struct cs_caller *caller)
{
	cs_autoclose int fd = open_home(home, caller, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || rest[0] == '\0')
		return cs_fd_steal(&fd);
	return open_any(fd, rest + 1, BENEATH);
}

/*
 * With the user's rights: a link on the way leads nowhere the user could not go,
 * and NFS with root_squash works.
 */
static int open_as_user(const char *home, const char *rest, const struct cs_caller *caller)
{
	const struct cs_ids ids = cs_caller_ids(caller);
	int fd, result;

	result = cs_ids_assume(&ids);
	if (result < 0)
		return result;
	fd = open_in_home(home, rest, caller);
	result = cs_ids_regain_root();
	if (result < 0) {
		cs_fd_close(&fd);
		return result;
	}
	return fd;
}

/* ---- anywhere else ----------------------------------------------------------------- */

enum trust {
	ROOTS,		/* nobody but root can exchange what is in it */
	STICKY,		/* others can put things there, and exchange their own */
	OTHERS,
};

static enum trust trust_in(const struct stat *directory)
{
	if (directory->st_uid != 0)
		return OTHERS;
	if ((directory->st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return ROOTS;
	return (directory->st_mode & S_ISVTX) != 0 ? STICKY : OTHERS;
}

/* May what is @entry be shown to this user, found in a directory of @trust? */
static bool is_sure(enum trust trust, const struct stat *entry, const struct cs_caller *caller)
{
	if (trust == STICKY)
		return entry->st_uid == 0 || entry->st_uid == caller->uid;
	return trust == ROOTS;
}

/* One component, @name of @length bytes, below @directory, which *@info is of; then of it. */
static int enter(int directory, const char *name, size_t length,
		 const struct cs_caller *caller, struct stat *info)
{
	const enum trust trust = trust_in(info);
	char component[CS_PLAN_PATH_MAX];
	cs_autoclose int fd = -1;

	memcpy(component, name, length);
	component[length] = '\0';
	fd = open_any(directory, component, BENEATH);
	if (fd < 0)
		return cs_fd_steal(&fd);
	if (fstat(fd, info) < 0)
		return -errno;
	return is_sure(trust, info, caller) ? cs_fd_steal(&fd) : -EPERM;
}

/* Down to the directory of @length bytes of @path. */
static int go_way(const char *path, size_t length, const struct cs_caller *caller,
		  struct cs_way *way)
{
	cs_fd_close(&way->fd);
	way->fd = cs_sys_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (way->fd < 0)
		return way->fd;
	if (fstat(way->fd, &way->info) < 0)
		return -errno;
	way->path = path;
	way->length = length;
	for (size_t at = 0; at < length;) {
		const size_t part = strcspn(path + at + 1, "/");
		const int next = enter(way->fd, path + at + 1, part, caller, &way->info);

		cs_fd_close(&way->fd);
		if (next < 0)
			return next;
		way->fd = next;
		at += part + 1;
	}
	return 0;
}

/*
 * SECURITY: a component at a time, each below the descriptor of the one before,
 * which has been looked at: one that another user may exchange, for a link to
 * "/" or for a tree that is shown to nobody, is not gone through.
 */
static int walk(const char *path, const struct cs_caller *caller, struct cs_way *way)
{
	const char *name = strrchr(path, '/') + 1;
	const size_t length = (size_t)(name - path) - 1;
	struct stat info;
	int result = 0;

	if (way->fd < 0 || way->length != length || memcmp(way->path, path, length) != 0)
		result = go_way(path, length, caller, way);
	if (result < 0)
		return result;
	info = way->info;
	return enter(way->fd, name, strlen(name), caller, &info);
}

void cs_source_end(struct cs_way *way)
{
	cs_fd_close(&way->fd);
}

/* ---- which is which ---------------------------------------------------------------- */

int cs_source_open(const struct cs_plan *plan, const struct cs_mount *mount,
		   const struct cs_caller *caller, struct cs_way *way)
{
	uint64_t flags = O_PATH | O_CLOEXEC;

	if ((mount->flags & CS_MOUNT_AS_USER) != 0)
		return open_as_user(mount->source, "", caller);
	/* An overlay is not made of what the user changes beneath it: not of the home. */
	if (mount->kind == CS_MOUNT_BIND && (mount->flags & CS_MOUNT_GIVEN) != 0 &&
	    strcmp(plan->home, "/") != 0 &&
	    cs_strict_path_within(mount->source, plan->home))
		return open_as_user(plan->home, mount->source + strlen(plan->home), caller);
	if ((mount->flags & CS_MOUNT_GIVEN) != 0)
		return walk(mount->source, caller, way);
	if (mount->kind == CS_MOUNT_NODE)
		return cs_sys_openat2(AT_FDCWD, mount->source, flags, NO_LINKS);
	if (mount->kind == CS_MOUNT_BIND_OR_LINK)
		flags |= O_NOFOLLOW;
	else if ((mount->flags & CS_MOUNT_FILE) == 0)
		flags |= O_DIRECTORY;
	return cs_sys_openat2(AT_FDCWD, mount->source, flags, RESOLVE_NO_MAGICLINKS);
}
