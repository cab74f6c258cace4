/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image: a file that holds a file system, mounted read-only.
 *
 * Set-uid, real root, in the monitor to be, on the host. By a loop device that
 * goes with the mount: nothing is left when the container has ended.
 */
#ifndef CS_IMAGE_H
#define CS_IMAGE_H

#include "plan.h"

/*
 * Mount the image held at @fd (O_PATH) as @mount says, nowhere yet. -EPERM if
 * another than root can write to it: the kernel reads it as its maker likes.
 */
int cs_image_make(const struct cs_mount *mount, int fd, int *ret_mount);

#endif
