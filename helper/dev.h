/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dev: what is in a container's /dev.
 *
 * Set-uid, real root. Nodes are made, not bound from the host: the numbers of
 * those that everybody needs stand in the code, so no file of another kind can
 * take their place; others are looked at first.
 */
#ifndef CS_DEV_H
#define CS_DEV_H

/*
 * Fill the new, empty file system @fd: nodes, of which @devices has a bit for
 * each of devices.h, links and mount points. 0 or -errno.
 */
int cs_dev_fill(int fd, unsigned int devices);

/*
 * Make a node as the host has at @host_fd (O_PATH): its number, owner and mode, so
 * that nobody may do more with it than outside. @path is relative to @root_fd, and
 * all of /dev is ours. -ENODEV if it is no character device. 0 or -errno.
 */
int cs_dev_copy(int host_fd, int root_fd, const char *path);

#endif
