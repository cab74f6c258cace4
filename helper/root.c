/* SPDX-License-Identifier: GPL-3.0-or-later */
/* root: see root.h. */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "fd.h"
#include "filesystem.h"
#include "image.h"
#include "layer.h"
#include "sys.h"
#include "trust.h"
#include "verity.h"

#define ROOT_BYTES "1048576"		/* directories, links and a few bytes of text */
#define LAYER_BYTES 4194304		/* the same, and the files of etc.c */
#define OLD_ROOT "run/host/old-root"

/* ---- an image ------------------------------------------------------------------- */

static int open_directory(const struct cs_plan *plan, int *ret_fd)
{
	cs_autoclose int fd = -1;
	struct statvfs info;
	const char *why;
	int result = cs_trust_open_dir(plan->image, &fd, &why);

	if (result < 0)
		return result;
	/* What the administrator closed to programs is not opened by being shown. */
	if (fstatvfs(fd, &info) < 0)
		return -errno;
	if ((info.f_flag & ST_NOEXEC) != 0)
		return -EACCES;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/*
 * SECURITY: root's alone, and so is every directory on the way: who could exchange
 * it would say what root's programs inside are, and for an image what the kernel reads.
 */
int cs_root_open_image(const struct cs_plan *plan, struct cs_run *run)
{
	const char *why;
	int result;

	if (plan->root == CS_ROOT_HOST)
		return 0;
	result = plan->root == CS_ROOT_DIRECTORY ? open_directory(plan, &run->image_fd) :
		 cs_trust_open_file(plan->image, &run->image_fd, &why);
	return result < 0 ? result : cs_layer_name(plan, run->image_fd, run);
}

int cs_root_verify_image(const struct cs_plan *plan, struct cs_run *run)
{
	return plan->root_verity[0] != '\0' ? cs_verity_check(run->image_fd, plan) : 0;
}

/* Detached and flat: an overlay does not show what is mounted below its layers. */
static int attach_directory(int fd, int *ret_mount)
{
	int result = cs_sys_open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (result < 0)
		return result;
	*ret_mount = result;
	return 0;
}

static int attach_file(int fd, enum cs_mount_kind kind, int *ret_mount)
{
	const struct cs_mount image = {
		.kind = kind, .flags = CS_MOUNT_RO | CS_MOUNT_NOSUID | CS_MOUNT_NODEV,
	};

	return cs_image_make(&image, fd, ret_mount);
}

int cs_root_attach_image(const struct cs_plan *plan, struct cs_run *run)
{
	cs_autoclose int fd = cs_fd_steal(&run->image_fd);

	switch (plan->root) {
	case CS_ROOT_HOST:
		return 0;
	case CS_ROOT_DIRECTORY:
		return attach_directory(fd, &run->image_fd);
	case CS_ROOT_EROFS:
		return attach_file(fd, CS_MOUNT_EROFS, &run->image_fd);
	case CS_ROOT_SQUASHFS:
		return attach_file(fd, CS_MOUNT_SQUASHFS, &run->image_fd);
	}
	return -EINVAL;
}

/*
 * With a user namespace what root owns in the image is its root's, and not nobody's: the
 * mount says so, the files stay what they are, and the overlay never writes to them.
 */
int cs_root_map_owners(const struct cs_plan *plan, struct cs_run *run)
{
	const struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (__u64)run->userns_fd,
	};
	int result;

	if (plan->root == CS_ROOT_HOST || plan->identity == CS_IDENTITY_HOST)
		return 0;
	result = cs_sys_mount_setattr(run->image_fd, AT_EMPTY_PATH, &attr);
	/* mount_setattr(2): it means that the file system cannot. */
	return result == -EINVAL ? -EOPNOTSUPP : result;
}

/*
 * Here and now: the tmpfs of all layers, at /, with the image in it; and what is written
 * for good, if it is.
 */
static int make_layers(const struct cs_plan *plan, const struct cs_run *run, int *ret_fd)
{
	char size[32];
	const struct cs_option options[] = { { "mode", "0700" }, { "size", size } };
	static const char *const names[] = { "lower", "own", "own/upper", "own/work" };
	cs_autoclose int fd = -1;
	int result;

	snprintf(size, sizeof(size), "%llu", plan->writable == CS_WRITABLE_EPHEMERAL ?
		 (unsigned long long)plan->writable_size : (unsigned long long)LAYER_BYTES);
	result = cs_filesystem_make("tmpfs", options, 2, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &fd);
	if (result == 0)
		result = cs_sys_move_mount(fd, AT_FDCWD, "/");
	if (result < 0)
		return result;
	/* The mode of the upper directory is that of / inside. */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (mkdirat(fd, names[i], 0755) < 0)
			return -errno;
	result = cs_sys_move_mount(run->image_fd, fd, "lower");
	if (result == 0 && run->layer_fd >= 0)
		result = cs_sys_move_mount(run->layer_fd, fd, "own");
	if (result < 0)
		return result;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/*
 * SECURITY: nothing that attributes of the image's files say leads from one layer
 * to another place: redirects are not followed, and data is where its name is.
 */
static int make_overlay(const struct cs_plan *plan, int *ret_mount)
{
	/* Whose owner is root inside at most: nothing but the image and what was written inside. */
	const unsigned int suid = plan->allow_root ? 0 : MOUNT_ATTR_NOSUID;
	static const struct cs_option options[] = {
		{ "lowerdir", "lower" }, { "upperdir", "own/upper" }, { "workdir", "own/work" },
		{ "redirect_dir", "nofollow" }, { "metacopy", "off" }, { "index", "off" },
	};

	return cs_filesystem_make("overlay", options, sizeof(options) / sizeof(options[0]),
				  suid | MOUNT_ATTR_NODEV, ret_mount);
}

/*
 * Layers have to be mounted in the namespace of who makes the overlay (until Linux
 * 6.15). It has mounts of its own of them, so these go again; what is written is
 * then reached through the overlay alone.
 */
static int make_of_image(const struct cs_plan *plan, struct cs_run *run, int *ret_mount)
{
	cs_autoclose int layers = -1;
	cs_autoclose int mount = -1;
	int result = make_layers(plan, run, &layers);

	if (result < 0)
		return result;
	if (fchdir(layers) < 0)
		return -errno;
	result = make_overlay(plan, &mount);
	if (result < 0)
		return result;
	result = cs_sys_umount(".", MNT_DETACH);
	if (result < 0)
		return result;
	if (chdir("/") < 0)
		return -errno;
	cs_fd_close(&run->image_fd);
	cs_fd_close(&run->layer_fd);
	*ret_mount = cs_fd_steal(&mount);
	return 0;
}

/* ---- the root directory ------------------------------------------------------------ */

static int make_empty(int *ret_mount)
{
	static const struct cs_option options[] = { { "mode", "0755" }, { "size", ROOT_BYTES } };

	return cs_filesystem_make("tmpfs", options, 2, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
				  ret_mount);
}

int cs_root_make(const struct cs_plan *plan, struct cs_run *run)
{
	cs_autoclose int fd = -1;
	int result = plan->root == CS_ROOT_HOST ? make_empty(&fd) : make_of_image(plan, run, &fd);

	if (result < 0)
		return result;
	/*
	 * Mounts can be attached only below one that is attached itself (until
	 * 6.15), so the root goes on top of "/" of this private namespace: every
	 * path below is taken from root_fd, and pivot_root(2) takes it from there.
	 */
	result = cs_sys_move_mount(fd, AT_FDCWD, "/");
	if (result < 0)
		return result;
	run->root_fd = cs_fd_steal(&fd);
	return 0;
}

int cs_root_seal(const struct cs_plan *plan, struct cs_run *run)
{
	const struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (plan->writable != CS_WRITABLE_NO)
		return 0;
	return cs_sys_mount_setattr(run->root_fd, AT_EMPTY_PATH, &attr);
}

int cs_root_enter(const struct cs_plan *plan, struct cs_run *run)
{
	int result;

	(void)plan;
	/* On /run, which can be written to, so that it is not there in the end. */
	if (mkdirat(run->root_fd, OLD_ROOT, 0700) < 0 || fchdir(run->root_fd) < 0)
		return -errno;
	/*
	 * Not pivot_root(".", "."), which leaves the old root on top of the new one
	 * until it is unmounted: a session that joins meanwhile would land there.
	 */
	result = cs_sys_pivot_root(".", OLD_ROOT);
	if (result < 0)
		return result;
	return chdir("/") < 0 ? -errno : 0;
}

/* With many mounts on the host this takes longer than all else of the INSIDE phase. */
int cs_root_leave_host(const struct cs_plan *plan, struct cs_run *run)
{
	char where[8];
	int result;

	(void)plan;
	(void)run;
	result = cs_sys_umount("/" OLD_ROOT, MNT_DETACH);
	if (result < 0)
		return result;
	if (rmdir("/" OLD_ROOT) < 0)
		return -errno;
	/* SECURITY: a directory outside the root would read as "(unreachable)…" (runc CVE-2024-21626). */
	return getcwd(where, sizeof(where)) != NULL && strcmp(where, "/") == 0 ? 0 : -EXDEV;
}
