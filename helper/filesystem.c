/* SPDX-License-Identifier: GPL-3.0-or-later */
/* filesystem: see filesystem.h. */
#include "filesystem.h"

#include <linux/mount.h>

#include "fd.h"
#include "mount.h"
#include "sys.h"

unsigned int cs_filesystem_attributes(unsigned int flags)
{
	return ((flags & CS_MOUNT_RO) != 0 ? MOUNT_ATTR_RDONLY : 0U) |
	       ((flags & CS_MOUNT_NOSUID) != 0 ? MOUNT_ATTR_NOSUID : 0U) |
	       ((flags & CS_MOUNT_NODEV) != 0 ? MOUNT_ATTR_NODEV : 0U) |
	       ((flags & CS_MOUNT_NOEXEC) != 0 ? MOUNT_ATTR_NOEXEC : 0U);
}

int cs_filesystem_make(const char *type, const struct cs_option *options, size_t count,
		       unsigned int attributes, int *ret_mount)
{
	cs_autoclose int fs = cs_sys_fsopen(type);
	int result;

	if (fs < 0)
		return fs;
	for (size_t i = 0; i < count; i++) {
		result = cs_sys_fsconfig(fs, options[i].value != NULL ? FSCONFIG_SET_STRING :
					 FSCONFIG_SET_FLAG, options[i].key, options[i].value);
		if (result < 0)
			return result;
	}
	result = cs_sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (result < 0)
		return result;
	result = cs_sys_fsmount(fs, attributes);
	if (result < 0)
		return result;
	*ret_mount = result;
	return 0;
}
