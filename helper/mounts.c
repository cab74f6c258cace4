/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounts: see mounts.h. The new mount API: fsopen(2) and its kin, Linux 5.2 to 5.12. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dev.h"
#include "fd.h"
#include "filesystem.h"
#include "home.h"
#include "image.h"
#include "network.h"
#include "overlay.h"
#include "place.h"
#include "source.h"
#include "sys.h"

#define PROPAGATION_PRIVATE (1U << 18)	/* MS_PRIVATE, mount(2) */
#define RESOLVE_PLAIN (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

/* ---- on the host: sources ------------------------------------------------ */

/* Not there, or not for this user: an optional mount is then left out. */
static bool is_absence(int result)
{
	switch (result) {
	case -ENOENT:
	case -ENOTDIR:
	case -EACCES:
	case -ELOOP:
	case -ESTALE:	/* an NFS server that forgot the directory */
	case -EIO:
	case -EHOSTDOWN:
	case -ENXIO:
		return true;
	default:
		return false;
	}
}

static bool is_wanted_type(const struct cs_mount *mount, mode_t mode)
{
	if ((mount->flags & CS_MOUNT_GIVEN) != 0)
		return S_ISDIR(mode) || S_ISREG(mode) || S_ISSOCK(mode);
	if ((mount->flags & CS_MOUNT_FILE) != 0)
		return S_ISREG(mode) || S_ISSOCK(mode);
	return S_ISDIR(mode);
}

/*
 * What is root's there is the container's root's. What cannot be mapped stays as
 * it is and is nobody's inside, and so may what is mounted below.
 */
static int map_owners(int tree, unsigned int depth, int userns_fd)
{
	const struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (__u64)userns_fd,
	};
	int result = cs_sys_mount_setattr(tree, AT_EMPTY_PATH | depth, &attr);

	if ((result == -EINVAL || result == -EPERM) && depth != 0)
		result = cs_sys_mount_setattr(tree, AT_EMPTY_PATH, &attr);
	/* mount_setattr(2): a file system that cannot, or a mount that has been mapped. */
	return result == -EINVAL || result == -EPERM ? 0 : result;
}

/* A copy with its attributes set before anyone can see it: there is no window. */
static int copy_tree(int fd, unsigned int flags, int userns_fd, int *ret_tree)
{
	const struct mount_attr attr = {
		.attr_set = cs_filesystem_attributes(flags), .propagation = PROPAGATION_PRIVATE,
	};
	const unsigned int depth = (flags & CS_MOUNT_FLAT) != 0 ? 0 : AT_RECURSIVE;
	cs_autoclose int tree = cs_sys_open_tree(fd, "", AT_EMPTY_PATH | depth |
						 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int result;

	if (tree < 0)
		return tree;
	result = cs_sys_mount_setattr(tree, AT_EMPTY_PATH | depth, &attr);
	if (result == 0 && (flags & CS_MOUNT_IDMAP) != 0)
		result = map_owners(tree, depth, userns_fd);
	if (result < 0)
		return result;
	*ret_tree = cs_fd_steal(&tree);
	return 0;
}

static int find_source(const struct cs_plan *plan, const struct cs_mount *mount,
		       const struct cs_run *run, struct cs_way *way,
		       struct cs_source *ret_source)
{
	cs_autoclose int fd = cs_source_open(plan, mount, run->caller, way);
	struct stat info;

	if (fd < 0)
		return (mount->flags & CS_MOUNT_OPTIONAL) != 0 && is_absence(fd) ? 0 : fd;
	if (fstat(fd, &info) < 0)
		return -errno;
	if (mount->kind == CS_MOUNT_BIND_OR_LINK && S_ISLNK(info.st_mode)) {
		ret_source->is_link = true;
		ret_source->fd = cs_fd_steal(&fd);
		return 0;
	}
	if (cs_mount_is_image(mount->kind))
		return cs_image_make(mount, fd, &ret_source->fd);
	if (mount->kind == CS_MOUNT_NODE) {
		ret_source->fd = cs_fd_steal(&fd);
		return 0;
	}
	if (mount->kind != CS_MOUNT_BIND && mount->kind != CS_MOUNT_BIND_OR_LINK) {
		ret_source->fd = cs_fd_steal(&fd);	/* a layer */
		return S_ISDIR(info.st_mode) ? 0 : -ENOTDIR;
	}
	if (!is_wanted_type(mount, info.st_mode))
		return (mount->flags & CS_MOUNT_OPTIONAL) != 0 ? 0 : -ENODEV;
	ret_source->is_file = !S_ISDIR(info.st_mode);
	return copy_tree(fd, mount->flags, run->userns_fd, &ret_source->fd);
}

static int make_tmpfs(const struct cs_mount *mount, int *ret_mount)
{
	char mode[16], size[32];
	const struct cs_option options[] = { { "mode", mode }, { "size", size } };

	snprintf(mode, sizeof(mode), "%o", mount->mode);
	snprintf(size, sizeof(size), "%llu", (unsigned long long)mount->size);
	return cs_filesystem_make("tmpfs", options, mount->size != 0 ? 2 : 1,
			       cs_filesystem_attributes(mount->flags), ret_mount);
}

/* A tmpfs that is the user's, with what a new home has in it: that is read here. */
static int make_home(const struct cs_mount *mount, const struct cs_caller *caller, int *ret_mount)
{
	cs_autoclose int fd = -1;
	int result = make_tmpfs(mount, &fd);

	if (result < 0)
		return result;
	if (fchownat(fd, "", caller->uid, caller->gid, AT_EMPTY_PATH) < 0)
		return -errno;
	result = cs_home_fill(caller, fd);
	if (result < 0)
		return result;
	*ret_mount = cs_fd_steal(&fd);
	return 0;
}

static int find_private_home(const struct cs_mount *mount, const struct cs_caller *caller,
			     struct cs_source *ret_source)
{
	cs_autoclose int fd = -1;
	int result = cs_home_open_private(caller, &fd);

	return result < 0 ? result : copy_tree(fd, mount->flags, -1, &ret_source->fd);
}

/* When all layers are held: here, as /proc is the host's, by which they are named. */
static int make_overlays(const struct cs_plan *plan, struct cs_run *run)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		int result;

		if (plan->mounts[i].kind != CS_MOUNT_OVERLAY)
			continue;
		run->detail = plan->mounts[i].target;
		result = cs_overlay_make(plan, &plan->mounts[i], run->sources, &run->sources[i].fd);
		if (result < 0 && ((plan->mounts[i].flags & CS_MOUNT_OPTIONAL) == 0 ||
				   !is_absence(result)))
			return result;
	}
	return 0;
}

int cs_mounts_find_sources(const struct cs_plan *plan, struct cs_run *run)
{
	struct cs_way way = CS_WAY_NONE;
	int result = 0;

	for (size_t i = 0; result == 0 && i < plan->mount_count; i++) {
		const struct cs_mount *mount = &plan->mounts[i];

		run->sources[i] = (struct cs_source){ .fd = -1 };
		run->detail = mount->target;
		if (mount->kind == CS_MOUNT_PRIVATE_HOME)
			result = find_private_home(mount, run->caller, &run->sources[i]);
		if (mount->kind == CS_MOUNT_TMPFS && (mount->flags & CS_MOUNT_SKEL) != 0)
			result = make_home(mount, run->caller, &run->sources[i].fd);
		if (!cs_mount_has_source(mount->kind))
			continue;
		result = find_source(plan, mount, run, &way, &run->sources[i]);
	}
	cs_source_end(&way);
	return result < 0 ? result : make_overlays(plan, run);
}

/* ---- in the builder: places ---------------------------------------------- */

/* Make every directory of the way to @path (absolute) that is not there. */
static int make_parents(int root_fd, const char *path)
{
	char part[CS_PLAN_PATH_MAX];
	const char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		size_t length = (size_t)(slash - path) - 1;

		memcpy(part, path + 1, length);
		part[length] = '\0';
		if (mkdirat(root_fd, part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int make_place(int root_fd, const char *path, bool is_file, unsigned int mode)
{
	int result;

	/* As a rule the way is there: parents come first in a plan. */
	if (!is_file && (mkdirat(root_fd, path + 1, mode) == 0 || errno == EEXIST))
		return 0;
	result = make_parents(root_fd, path);
	if (result < 0)
		return result;
	if (is_file) {
		cs_autoclose int fd = openat(root_fd, path + 1,
					     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

		return fd < 0 && errno != EEXIST ? -errno : 0;
	}
	if (mkdirat(root_fd, path + 1, mode) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* ---- in the builder: what the configuration asks for ---------------------------- */

static int place_given(const struct cs_mount *mount, int root_fd, int mount_fd, bool is_file,
		       struct cs_where *where)
{
	cs_autoclose int place = -1;
	int result;

	if (mount_fd < 0)
		return 0;	/* optional and not there */
	result = cs_place_find(mount, root_fd, is_file, where, &place);
	if (result < 0)
		return (mount->flags & CS_MOUNT_OPTIONAL) != 0 && is_absence(result) ? 0 : result;
	return cs_sys_move_mount(mount_fd, place, "");
}

static int attach(int root_fd, const char *path, int mount_fd)
{
	cs_autoclose int place = cs_sys_openat2(root_fd, path + 1, O_PATH | O_CLOEXEC,
						RESOLVE_PLAIN);

	return place < 0 ? place : cs_sys_move_mount(mount_fd, place, "");
}

/*
 * One of the container's own at its place, which is there in a root of ours. SECURITY:
 * an image may have a link, or anything else, by the name of /proc or /dev.
 */
static int attach_own(const struct cs_plan *plan, const struct cs_mount *mount, int root_fd,
		      int mount_fd)
{
	cs_autoclose int place = -1;
	int result;

	if (plan->root == CS_ROOT_HOST)
		return attach(root_fd, mount->target, mount_fd);
	result = cs_place_find_own(mount, root_fd, &place);
	if (result < 0)
		return (mount->flags & CS_MOUNT_OPTIONAL) != 0 && is_absence(result) ? 0 : result;
	return cs_sys_move_mount(mount_fd, place, "");
}

static int make_dev(const struct cs_mount *mount, unsigned int devices, int *ret_mount)
{
	cs_autoclose int fd = -1;
	int result;

	result = make_tmpfs(mount, &fd);
	if (result < 0)
		return result;
	result = cs_dev_fill(fd, devices);
	if (result < 0)
		return result;
	*ret_mount = cs_fd_steal(&fd);
	return 0;
}

/* Of no use to the session's terminal, which is the host's: for programs that open their own. */
static int make_devpts(const struct cs_mount *mount, int *ret_mount)
{
	static const struct cs_option options[] = { { "ptmxmode", "0666" }, { "mode", "0620" } };

	return cs_filesystem_make("devpts", options, 2, cs_filesystem_attributes(mount->flags),
				  ret_mount);
}

/* proc, cgroup2 and mqueue show the namespaces of the process that mounts them. */
static int make_mount(const struct cs_plan *plan, const struct cs_mount *mount, int *ret_mount)
{
	const unsigned int attributes = cs_filesystem_attributes(mount->flags);

	switch (mount->kind) {
	case CS_MOUNT_TMPFS:
		return make_tmpfs(mount, ret_mount);
	case CS_MOUNT_DEV:
		return make_dev(mount, plan->devices, ret_mount);
	case CS_MOUNT_PROC:
		return cs_filesystem_make("proc", NULL, 0, attributes, ret_mount);
	case CS_MOUNT_SYSFS:
		return cs_filesystem_make("sysfs", NULL, 0, attributes, ret_mount);
	case CS_MOUNT_CGROUP2:
		return cs_filesystem_make("cgroup2", NULL, 0, attributes, ret_mount);
	case CS_MOUNT_MQUEUE:
		return cs_filesystem_make("mqueue", NULL, 0, attributes, ret_mount);
	case CS_MOUNT_DEVPTS:
		return make_devpts(mount, ret_mount);
	default:
		break;	/* has been made on the host, or is none */
	}
	return -EINVAL;
}

static int place_directory(const struct cs_mount *mount, const struct cs_run *run)
{
	int result = make_place(run->root_fd, mount->target, false, mount->mode);

	if (result < 0 || (mount->flags & CS_MOUNT_USER_OWNS) == 0)
		return result;
	return fchownat(run->root_fd, mount->target + 1, run->caller->uid, run->caller->gid,
			AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* The same link as the host has at @link_fd. */
static int copy_link(int link_fd, int root_fd, const char *path)
{
	char target[CS_PLAN_PATH_MAX];
	ssize_t length = readlinkat(link_fd, "", target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	if ((size_t)length == sizeof(target) - 1)
		return -ENAMETOOLONG;
	target[length] = '\0';
	return symlinkat(target, root_fd, path + 1) < 0 ? -errno : 0;
}

static int place_bind(const struct cs_plan *plan, const struct cs_mount *mount, int root_fd,
		      const struct cs_source *source, struct cs_where *where)
{
	int result = 0;

	if (source->fd < 0)
		return 0;	/* optional and not there */
	if (source->is_link)
		return copy_link(source->fd, root_fd, mount->target);
	if ((mount->flags & (CS_MOUNT_GIVEN | CS_MOUNT_AS_USER | CS_MOUNT_IN_PLACE)) != 0)
		return place_given(mount, root_fd, source->fd, source->is_file, where);
	if (plan->root == CS_ROOT_HOST)
		result = make_place(root_fd, mount->target, (mount->flags & CS_MOUNT_FILE) != 0,
				    0755);
	return result < 0 ? result : attach_own(plan, mount, root_fd, source->fd);
}

/* A character device like the one that is held. */
static int place_node(const struct cs_mount *mount, int root_fd, int host_fd)
{
	int result = make_parents(root_fd, mount->target);

	return result < 0 ? result : cs_dev_copy(host_fd, root_fd, mount->target + 1);
}

static int place_cover(const struct cs_mount *mount, int root_fd)
{
	cs_autoclose int place = cs_place_open(mount, root_fd);
	cs_autoclose int tree = -1;
	struct stat info;
	int result;

	if (place == -ENOENT || place == -ENOTDIR)
		return 0;	/* nothing is there to be seen */
	if (place < 0)
		return cs_fd_steal(&place);
	if (fstat(place, &info) < 0)
		return -errno;
	result = cs_place_make_cover(root_fd, !S_ISDIR(info.st_mode), &tree);
	return result < 0 ? result : cs_sys_move_mount(tree, place, "");
}

static int place(const struct cs_plan *plan, size_t number, const struct cs_run *run,
		 struct cs_where *where)
{
	const struct cs_mount *mount = &plan->mounts[number];
	cs_autoclose int fd = -1;
	int result;

	switch (mount->kind) {
	case CS_MOUNT_DIR:
		return place_directory(mount, run);
	case CS_MOUNT_BIND:
	case CS_MOUNT_BIND_OR_LINK:
		return place_bind(plan, mount, run->root_fd, &run->sources[number], where);
	case CS_MOUNT_OVERLAY:
	case CS_MOUNT_SQUASHFS:
	case CS_MOUNT_EROFS:
	case CS_MOUNT_ISO9660:
	case CS_MOUNT_PRIVATE_HOME:
		return place_given(mount, run->root_fd, run->sources[number].fd, false, where);
	case CS_MOUNT_LOWER:
	case CS_MOUNT_UPPER:
	case CS_MOUNT_WORK:
		return 0;	/* part of the overlay */
	case CS_MOUNT_NODE:
		return place_node(mount, run->root_fd, run->sources[number].fd);
	case CS_MOUNT_HIDE:
		return place_cover(mount, run->root_fd);
	default:
		break;
	}
	if ((mount->flags & CS_MOUNT_SKEL) != 0)
		return place_given(mount, run->root_fd, run->sources[number].fd, false, where);
	if ((mount->flags & CS_MOUNT_GIVEN) != 0) {
		result = make_mount(plan, mount, &fd);
		return result < 0 ? result : place_given(mount, run->root_fd, fd, false, where);
	}
	/* /sys/fs/cgroup exists in sysfs; the others are made here, or in attach_own(). */
	if (plan->root == CS_ROOT_HOST && mount->kind != CS_MOUNT_CGROUP2) {
		result = make_place(run->root_fd, mount->target, false, 0755);
		if (result < 0)
			return result;
	}
	result = make_mount(plan, mount, &fd);
	if (result == -ENODEV && (mount->flags & CS_MOUNT_OPTIONAL) != 0)
		return 0;	/* a kernel without that file system */
	return result < 0 ? result : attach_own(plan, mount, run->root_fd, fd);
}

int cs_mounts_place(const struct cs_plan *plan, struct cs_run *run)
{
	struct cs_where where = { .fd = -1 };
	int result = 0;

	for (size_t i = 0; result == 0 && i < plan->mount_count; i++) {
		run->detail = plan->mounts[i].target;
		result = place(plan, i, run, &where);
	}
	cs_fd_close(&where.fd);
	return result;
}

int cs_mounts_place_links(const struct cs_plan *plan, struct cs_run *run)
{
	for (size_t i = 0; i < plan->link_count; i++) {
		const struct cs_link *link = &plan->links[i];

		run->detail = link->path;
		if (symlinkat(link->target, run->root_fd, link->path + 1) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int write_mark(int root_fd, const char *path, const char *text)
{
	cs_autoclose int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	return fd < 0 ? -errno : cs_fd_write_all(fd, text, strlen(text));
}

/* "infinity" where there is no limit, as the configuration says it. */
static size_t describe(char *text, size_t size, const char *name, uint64_t number)
{
	int length = number == CS_CONF_FOREVER ?
		     snprintf(text, size, "%s=infinity\n", name) :
		     snprintf(text, size, "%s=%llu\n", name, (unsigned long long)number);

	return (size_t)length;
}

/* What the user may know of the container's policy, for --status inside: KEY=VALUE lines. */
static int write_description(const struct cs_plan *plan, int root_fd)
{
	const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {
		{ "linger_ms", plan->linger_ms }, { "stop_timeout_ms", plan->stop_timeout_ms },
		{ "max_sessions", plan->max_sessions }, { "max_age_ms", plan->max_age_ms },
		{ "idle_timeout_ms", plan->idle_timeout_ms },
	};
	static const char *const writable[] = { "no", "ephemeral", "persistent" };
	char text[1024];	/* names of at most 255, 32 and 80 bytes, and seven numbers */
	char network[CS_RECORD_NETWORK_MAX];
	struct timespec now = { 0 };
	size_t used;

	(void)clock_gettime(CLOCK_REALTIME, &now);	/* cannot fail: for people to read, anyway */
	(void)cs_network_print(plan, network, sizeof(network));	/* fits: create.c has looked */
	/* Not which image: where the host keeps them is the administrator's matter. */
	used = (size_t)snprintf(text, sizeof(text), "user=%s\nclass=%s\nscope=%s\nroot=%s\nwritable=%s\n"
				"network=%s\nsince_ms=%llu\n",
				plan->user, plan->class_name,
				plan->scope == CS_SCOPE_SESSION ? "session" : "user",
				plan->root == CS_ROOT_HOST ? "host" : "image",
				writable[plan->writable], network,
				(unsigned long long)now.tv_sec * 1000);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		used += describe(text + used, sizeof(text) - used, numbers[i].name,
				 numbers[i].number);
	return write_mark(root_fd, "run/host/container-shell", text);
}

/* systemd's Container Interface, so that systemd-detect-virt(1) and others know. */
int cs_mounts_place_marks(const struct cs_plan *plan, struct cs_run *run)
{
	int result = write_mark(run->root_fd, "run/host/container-manager", "container-shell\n");

	if (result == 0)
		result = write_description(plan, run->root_fd);
	if (result < 0)
		return result;
	/* What container-shell runs when it finds itself inside: see shell/main.c. */
	return symlinkat(plan->shell, run->root_fd, "run/host/login-shell") < 0 ? -errno : 0;
}
