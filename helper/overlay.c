/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay: see overlay.h. Documentation/filesystems/overlayfs.rst of the kernel. */
#include "overlay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "filesystem.h"

#define VALUE_MAX 256	/* of fsconfig(2): 8 lower directories, by their numbers, fit */

/* Append the name of the held layer to @value. */
static int append(char *value, int fd)
{
	const size_t used = strlen(value);
	const int wanted = snprintf(value + used, VALUE_MAX - used, "%s/proc/self/fd/%d",
				    used > 0 ? ":" : "", fd);

	return wanted < 0 || (size_t)wanted >= VALUE_MAX - used ? -E2BIG : 0;
}

int cs_overlay_make(const struct cs_plan *plan, const struct cs_mount *overlay,
		    const struct cs_source *sources, int *ret_mount)
{
	char lower[VALUE_MAX] = "", upper[VALUE_MAX] = "", work[VALUE_MAX] = "";
	const struct cs_option options[] = {
		{ "lowerdir", lower }, { "upperdir", upper }, { "workdir", work },
	};
	int result = 0;

	for (size_t i = 0; result == 0 && i < plan->mount_count; i++) {
		const struct cs_mount *layer = &plan->mounts[i];

		if (strcmp(layer->target, overlay->target) != 0)
			continue;
		if (layer->kind == CS_MOUNT_LOWER)
			result = sources[i].fd < 0 ? -ENOENT : append(lower, sources[i].fd);
		else if (layer->kind == CS_MOUNT_UPPER)
			result = sources[i].fd < 0 ? -ENOENT : append(upper, sources[i].fd);
		else if (layer->kind == CS_MOUNT_WORK)
			result = sources[i].fd < 0 ? -ENOENT : append(work, sources[i].fd);
	}
	if (result < 0)
		return result;
	return cs_filesystem_make("overlay", options, upper[0] != '\0' ? 3 : 1,
				  cs_filesystem_attributes(overlay->flags), ret_mount);
}
