/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layer: see layer.h. Read it from the bottom: cs_layer_open. */
#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "conf_stamp.h"
#include "fd.h"
#include "log.h"
#include "sys.h"
#include "trust.h"
#include "userns.h"

#define LAYER_TIMEOUT_MS 5000	/* what was before may be ending */
#define LAYER_TRY_MS 10
#define HEAD_SIZE 4096		/* of an image: where both kinds have their superblock */
#define RESOLVE_OWN (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
#define DIRECTORY (O_RDONLY | O_DIRECTORY)

/* ---- which image it is ------------------------------------------------------------- */

static int mix_head(struct cs_conf_stamp *stamp, int fd)
{
	uint64_t head[HEAD_SIZE / sizeof(uint64_t)] = { 0 };
	struct stat info;

	if (fstat(fd, &info) < 0 || pread(fd, head, sizeof(head), 0) < 0)
		return -errno;
	cs_conf_stamp_mix(stamp, (uint64_t)info.st_size);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		cs_conf_stamp_mix(stamp, head[i]);
	return 0;
}

/*
 * Not the device's number, nor the time that an inode was changed, which are others
 * after a reboot or a chmod(2). A program that is replaced or installed changes its directory.
 */
static int mix_directories(struct cs_conf_stamp *stamp, int fd)
{
	static const char *const names[] = {
		".", "etc", "usr", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/share",
		"var/lib/dpkg", "var/lib/rpm", "usr/lib/sysimage", "lib/apk/db", "var/lib/pacman/local",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cs_autoclose int directory = cs_sys_openat2(fd, names[i], O_PATH | O_DIRECTORY,
							    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
		struct stat info = { .st_ino = 0 };

		if (directory >= 0 && fstat(directory, &info) < 0)
			return -errno;
		cs_conf_stamp_mix(stamp, info.st_ino);
		cs_conf_stamp_mix(stamp, (uint64_t)info.st_mtim.tv_sec);
		cs_conf_stamp_mix(stamp, (uint64_t)info.st_mtim.tv_nsec);
	}
	return 0;
}

/* Whose ids root's are inside: a layer has the owners that they had when it was written. */
int cs_layer_name(const struct cs_plan *plan, int image_fd, struct cs_run *run)
{
	struct cs_conf_stamp stamp = { { 0, 0 } };
	uid_t uid;
	gid_t gid;
	int result;

	if (plan->writable != CS_WRITABLE_PERSISTENT)
		return 0;
	result = plan->root == CS_ROOT_DIRECTORY ? mix_directories(&stamp, image_fd) :
						   mix_head(&stamp, image_fd);
	if (result < 0)
		return result;
	cs_userns_find_root(plan, &uid, &gid);
	cs_conf_stamp_mix(&stamp, uid);
	cs_conf_stamp_mix(&stamp, gid);
	snprintf(run->layer_name, sizeof(run->layer_name), "%016" PRIx64, stamp.hash[0]);
	return 0;
}

/* ---- where it is ------------------------------------------------------------------ */

/*
 * SECURITY: root's alone, and closed to all others: what a layer has of set-uid programs
 * is for the container.
 */
static int check_closed(int fd)
{
	struct stat info;

	if (fstat(fd, &info) < 0)
		return -errno;
	return info.st_uid == 0 && (info.st_mode & 0077) == 0 ? 0 : -EPERM;
}

static int open_layers(int *ret_fd)
{
	cs_autoclose int fd = -1;
	const char *why;
	int result;

	if (mkdir(CS_LAYERSDIR, 0700) < 0 && errno != EEXIST)
		return -errno;
	result = cs_trust_open_dir(CS_LAYERSDIR, &fd, &why);
	if (result == 0)
		result = check_closed(fd);
	if (result < 0)
		return result;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/* *@ret_is_new: it was not there before. */
static int open_below(int parent, const char *name, int *ret_fd, bool *ret_is_new)
{
	cs_autoclose int fd = -1;
	int result;

	*ret_is_new = mkdirat(parent, name, 0700) == 0;
	if (!*ret_is_new && errno != EEXIST)
		return -errno;
	fd = cs_sys_openat2(parent, name, DIRECTORY, RESOLVE_OWN);
	if (fd < 0)
		return fd;
	result = check_closed(fd);
	if (result < 0)
		return result;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

static int open_class(const struct cs_plan *plan, int *ret_fd)
{
	cs_autoclose int layers = -1;
	cs_autoclose int user = -1;
	char uid[16];
	bool is_new;
	int result = open_layers(&layers);

	if (result < 0)
		return result;
	snprintf(uid, sizeof(uid), "%u", (unsigned int)plan->uid);	/* fits */
	result = open_below(layers, uid, &user, &is_new);
	/* a name of 1 to 32 of a-z, 0-9 and - */
	return result < 0 ? result : open_below(user, plan->class_name, ret_fd, &is_new);
}

/* Two overlays of one upper layer would spoil it: the kernel only warns. */
static int lock(int fd)
{
	for (int waited = 0;; waited += LAYER_TRY_MS) {
		const struct timespec pause = { .tv_nsec = LAYER_TRY_MS * 1000000L };

		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= LAYER_TIMEOUT_MS)
			return -EBUSY;
		(void)nanosleep(&pause, NULL);	/* EINTR: the next try is sooner */
	}
}

/*
 * The upper directory is / inside, and root's there. Made beside and renamed: one
 * that is there is whole.
 */
static int make_upper(const struct cs_plan *plan, int state)
{
	uid_t uid;
	gid_t gid;

	if (mkdirat(state, "work", 0700) < 0 && errno != EEXIST)
		return -errno;
	if (faccessat(state, "upper", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (mkdirat(state, "upper.new", 0755) < 0 && errno != EEXIST)
		return -errno;
	cs_userns_find_root(plan, &uid, &gid);
	if (fchmodat(state, "upper.new", 0755, 0) < 0 ||
	    fchownat(state, "upper.new", uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return renameat(state, "upper.new", state, "upper") < 0 ? -errno : 0;
}

int cs_layer_open(const struct cs_plan *plan, struct cs_run *run)
{
	cs_autoclose int class = -1;
	cs_autoclose int state = -1;
	bool is_new;
	int result;

	if (plan->writable != CS_WRITABLE_PERSISTENT)
		return 0;
	result = open_class(plan, &class);
	if (result == 0)
		result = lock(class);
	if (result == 0)
		result = open_below(class, run->layer_name, &state, &is_new);
	if (result == 0)
		result = make_upper(plan, state);
	if (result < 0)
		return result;
	if (is_new)
		cs_log(LOG_NOTICE, "a new layer for %s: %s/%u/%s/%s", plan->image, CS_LAYERSDIR,
		       (unsigned int)plan->uid, plan->class_name, run->layer_name);
	result = cs_sys_open_tree(state, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (result < 0)
		return result;
	run->layer_fd = result;
	run->layer_lock = cs_fd_steal(&class);
	return 0;
}
