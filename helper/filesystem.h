/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * filesystem: a new file system, mounted nowhere yet.
 *
 * Set-uid, real root. By fsopen(2) and its kin, Linux 5.2: the attributes are
 * those of the mount before anybody can see it.
 */
#ifndef CS_FILESYSTEM_H
#define CS_FILESYSTEM_H

#include <stddef.h>

struct cs_option {
	const char *key, *value;	/* NULL, or at most 255 bytes: the kernel's limit */
};

/* The MOUNT_ATTR_* of the plan's CS_MOUNT_*. */
unsigned int cs_filesystem_attributes(unsigned int flags);

/* One of @type: its superblock's options, then the mount's attributes. 0 or -errno. */
int cs_filesystem_make(const char *type, const struct cs_option *options, size_t count,
		       unsigned int attributes, int *ret_mount);

#endif
