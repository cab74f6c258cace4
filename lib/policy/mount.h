/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mount: the words for one mount, which the configuration and the plan share. Floor 1. */
#ifndef CS_MOUNT_H
#define CS_MOUNT_H

#include <stdbool.h>

enum cs_mount_kind {
	CS_MOUNT_BIND,		/* of the host's @source, with everything mounted below it */
	CS_MOUNT_BIND_OR_LINK,	/* /bin and its like: where the host has a link, the same link */
	CS_MOUNT_TMPFS,
	CS_MOUNT_PROC,
	CS_MOUNT_SYSFS,
	CS_MOUNT_CGROUP2,
	CS_MOUNT_MQUEUE,
	CS_MOUNT_DEV,		/* a tmpfs, filled by helper/dev.c */
	CS_MOUNT_DIR,		/* no mount: a directory in what is already there */
	CS_MOUNT_DEVPTS,	/* one of its own */
	CS_MOUNT_OVERLAY,	/* of the layers that have the same target */
	CS_MOUNT_LOWER,		/* no mount: a layer of an overlay; the first is on top */
	CS_MOUNT_UPPER,
	CS_MOUNT_WORK,
	CS_MOUNT_SQUASHFS,	/* of an image that is a file of root's */
	CS_MOUNT_EROFS,
	CS_MOUNT_ISO9660,
	CS_MOUNT_NODE,		/* no mount: a character device like the host's @source */
	CS_MOUNT_HIDE,		/* what is there is not to be seen */
	CS_MOUNT_PRIVATE_HOME,	/* a bind of the user's own, which helper/home.c finds or makes */
	CS_MOUNT_KINDS,		/* how many there are */
};

enum cs_mount_flag {
	CS_MOUNT_RO = 1 << 0,
	CS_MOUNT_NOSUID = 1 << 1,
	CS_MOUNT_NODEV = 1 << 2,
	CS_MOUNT_NOEXEC = 1 << 3,
	CS_MOUNT_OPTIONAL = 1 << 4,	/* a source that is not there is left out */
	CS_MOUNT_AS_USER = 1 << 5,	/* the source is opened with the user's credentials */
	CS_MOUNT_FILE = 1 << 6,		/* the source is a file or socket, not a directory */
	CS_MOUNT_USER_OWNS = 1 << 7,	/* a DIR that belongs to the user */
	CS_MOUNT_GIVEN = 1 << 8,	/* the configuration asks for it: the source is doubted */
	CS_MOUNT_FLAT = 1 << 9,		/* a bind without what is mounted below the source */
	CS_MOUNT_IN_PLACE = 1 << 10,	/* the mount point is the host's: it must be there */
	CS_MOUNT_SKEL = 1 << 11,	/* a home that is not the host's; a TMPFS is filled from /etc/skel */
	CS_MOUNT_IDMAP = 1 << 12,	/* its owners are as the user namespace calls them, where it can be */
	CS_MOUNT_FLAGS_ALL = (1 << 13) - 1,
};

static inline bool cs_mount_is_image(enum cs_mount_kind kind)
{
	return kind == CS_MOUNT_SQUASHFS || kind == CS_MOUNT_EROFS || kind == CS_MOUNT_ISO9660;
}

/* Has one of @kind something of the host's that it shows? */
static inline bool cs_mount_has_source(enum cs_mount_kind kind)
{
	return kind == CS_MOUNT_BIND || kind == CS_MOUNT_BIND_OR_LINK || kind == CS_MOUNT_LOWER ||
	       kind == CS_MOUNT_UPPER || kind == CS_MOUNT_WORK || kind == CS_MOUNT_NODE ||
	       cs_mount_is_image(kind);
}

#endif
