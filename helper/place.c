/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place: see place.h. */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "sys.h"

#define HIDDEN "run/host/hidden"		/* root's alone */
#define RESOLVE_PLAIN (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

/*
 * Links are followed, inside this root, but not in a tree of the host's that the
 * user may be changing meanwhile.
 */
static int open_place(const struct cs_mount *mount, int root_fd, const char *path)
{
	const bool in_place = (mount->flags & CS_MOUNT_IN_PLACE) != 0;

	return cs_sys_openat2(root_fd, path, O_PATH | O_CLOEXEC, RESOLVE_NO_MAGICLINKS |
			      (in_place ? RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS : RESOLVE_IN_ROOT));
}

/* One directory or file @name in @parent, which is a tree of our own or read-only. */
static int make_one(int parent, const char *name, bool is_file)
{
	cs_autoclose int fd = -1;

	if (!is_file)
		return mkdirat(parent, name, 0755) < 0 ? -errno : 0;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	return fd < 0 ? -errno : 0;
}

/* The way down to @mount's target, one component at a time; what is not there is made. */
static int make_way(const struct cs_mount *mount, int root_fd, bool is_file, struct cs_where *where,
		    int *ret_fd)
{
	cs_autoclose int parent = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
	char path[CS_PLAN_PATH_MAX];
	size_t start = 0, length = strlen(mount->target) - 1;

	if (parent < 0)
		return -errno;
	memcpy(path, mount->target + 1, length + 1);
	while (start <= length) {
		size_t end = start + strcspn(path + start, "/");
		const bool is_last = end == length;
		int fd, result;

		path[end] = '\0';
		fd = open_place(mount, root_fd, path);
		if (fd == -ENOENT) {
			result = make_one(parent, path + start, is_last && is_file);
			fd = result < 0 ? result : open_place(mount, root_fd, path);
		}
		if (fd < 0)
			return fd;
		if (is_last) {
			cs_fd_close(&where->fd);
			*where = (struct cs_where){ cs_fd_steal(&parent), mount->target, start };
			*ret_fd = fd;
			return 0;
		}
		cs_fd_close(&parent);
		parent = fd;
		path[end] = '/';
		start = end + 1;
	}
	return -ENOENT;		/* not reached: a target has a last component */
}

/* One beside the last, which is a new name in a directory that was made: no link is met. */
static int make_beside(const struct cs_mount *mount, const struct cs_where *where, bool is_file)
{
	const char *name = mount->target + where->length + 1;
	int result;

	result = make_one(where->fd, name, is_file);
	if (result < 0)
		return result;
	return cs_sys_openat2(where->fd, name, O_PATH | O_CLOEXEC, RESOLVE_PLAIN);
}

static bool is_beside(const struct cs_mount *mount, const struct cs_where *where)
{
	return where->fd >= 0 && strncmp(mount->target, where->path, where->length) == 0 &&
	       mount->target[where->length] == '/' &&
	       strchr(mount->target + where->length + 1, '/') == NULL;
}

/*
 * SECURITY: nothing is made on the host, where it would stay: in a tree of the
 * host's that can be written, the mount point must be there.
 */
int cs_place_find(const struct cs_mount *mount, int root_fd, bool is_file,
		  struct cs_where *where, int *ret_fd)
{
	const bool in_place = (mount->flags & CS_MOUNT_IN_PLACE) != 0;
	int fd = -EEXIST;

	if (!in_place && is_beside(mount, where))
		fd = make_beside(mount, where, is_file);
	if (fd == -EEXIST)
		fd = open_place(mount, root_fd, mount->target + 1);
	if (fd == -ENOENT && !in_place)
		return make_way(mount, root_fd, is_file, where, ret_fd);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int cs_place_find_own(const struct cs_mount *mount, int root_fd, int *ret_fd)
{
	struct cs_where where = { .fd = -1 };
	struct cs_mount plain = *mount;
	cs_autoclose int fd = -1;
	struct stat info;
	int result;

	plain.flags |= CS_MOUNT_IN_PLACE;	/* what is there is no link */
	fd = open_place(&plain, root_fd, mount->target + 1);
	if (fd == -ENOENT && (mount->flags & CS_MOUNT_IN_PLACE) == 0) {
		result = make_way(&plain, root_fd, false, &where, ret_fd);
		cs_fd_close(&where.fd);
		return result;
	}
	if (fd < 0)
		return cs_fd_steal(&fd);
	if (fstat(fd, &info) < 0)
		return -errno;
	if (!S_ISDIR(info.st_mode))
		return -ENOTDIR;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

int cs_place_open(const struct cs_mount *mount, int root_fd)
{
	return open_place(mount, root_fd, mount->target + 1);
}

/* ---- what hides ---------------------------------------------------------------- */

/* What lies over a hidden file or directory: one that is empty, and that nobody may open. */
int cs_place_make_cover(int root_fd, bool is_file, int *ret_tree)
{
	const struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			    MOUNT_ATTR_NOEXEC,
	};
	const char *path = is_file ? HIDDEN "/file" : HIDDEN "/directory";
	cs_autoclose int fd = -1;
	cs_autoclose int tree = -1;
	int result;

	if (mkdirat(root_fd, HIDDEN, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (is_file)
		fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0);
	if (is_file ? fd < 0 : mkdirat(root_fd, path, 0) < 0 && errno != EEXIST)
		return -errno;
	tree = cs_sys_open_tree(root_fd, path, OPEN_TREE_CLONE);
	if (tree < 0)
		return cs_fd_steal(&tree);
	result = cs_sys_mount_setattr(tree, AT_EMPTY_PATH, &attr);
	if (result < 0)
		return result;
	*ret_tree = cs_fd_steal(&tree);
	return 0;
}
