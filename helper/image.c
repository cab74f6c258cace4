/* SPDX-License-Identifier: GPL-3.0-or-later */
/* image: see image.h. loop(4); LOOP_CONFIGURE since Linux 5.8. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fd.h"
#include "filesystem.h"

#define ATTEMPTS 64	/* a free one may be taken by another before we have it */
#define LOOP_DEVICES 7	/* their major number, Documentation/admin-guide/devices.txt */

static const char *type_of(enum cs_mount_kind kind)
{
	switch (kind) {
	case CS_MOUNT_SQUASHFS:
		return "squashfs";
	case CS_MOUNT_EROFS:
		return "erofs";
	case CS_MOUNT_ISO9660:
		return "iso9660";
	default:
		return NULL;
	}
}

/* For reading, what is held: what was looked at is what is read. */
static int open_image(int fd, int *ret_image)
{
	char name[32];
	struct stat info;
	int image;

	if (fstat(fd, &info) < 0)
		return -errno;
	if (!S_ISREG(info.st_mode))
		return -ENODEV;
	/* SECURITY: one of a user's making may attack the kernel (Apptainer CVE-2023-30549). */
	if (info.st_uid != 0 || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return -EPERM;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);	/* fits */
	image = open(name, O_RDONLY | O_CLOEXEC);
	if (image < 0)
		return -errno;
	*ret_image = image;
	return 0;
}

/* Put @image on the loop device of @number. -EBUSY if it has been taken meanwhile. */
static int configure(int number, int image, char *ret_name, size_t size, int *ret_loop)
{
	const struct loop_config config = {
		.fd = (__u32)image,
		/* it goes by itself when nobody has it open or mounted any more */
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR,
	};
	cs_autoclose int loop = -1;
	struct stat info;

	snprintf(ret_name, size, "/dev/loop%d", number);	/* fits */
	loop = open(ret_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (loop < 0)
		return -errno;
	if (fstat(loop, &info) < 0)
		return -errno;
	if (!S_ISBLK(info.st_mode) || major(info.st_rdev) != LOOP_DEVICES)
		return -ENODEV;
	if (ioctl(loop, LOOP_CONFIGURE, &config) < 0)
		return -errno;
	*ret_loop = cs_fd_steal(&loop);
	return 0;
}

/* @ret_loop keeps it until the file system does. */
static int attach(int image, char *ret_name, size_t size, int *ret_loop)
{
	cs_autoclose int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int result = -EBUSY;

	if (control < 0)
		return -errno;
	for (int attempt = 0; attempt < ATTEMPTS && result == -EBUSY; attempt++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		if (number < 0)
			return -errno;
		result = configure(number, image, ret_name, size, ret_loop);
	}
	return result;
}

int cs_image_make(const struct cs_mount *mount, int fd, int *ret_mount)
{
	cs_autoclose int image = -1;
	cs_autoclose int loop = -1;
	char name[32];
	const struct cs_option options[] = { { "source", name }, { "ro", NULL } };
	int result = open_image(fd, &image);

	if (result == 0)
		result = attach(image, name, sizeof(name), &loop);
	if (result < 0)
		return result;
	return cs_filesystem_make(type_of(mount->kind), options, 2,
				  cs_filesystem_attributes(mount->flags), ret_mount);
}
