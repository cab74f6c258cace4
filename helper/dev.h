/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dev: what is in a container's /dev.
 *
 * Set-uid, real root. Nodes are made, not bound from the host: their numbers
 * stand in the code, so no file of another kind can take their place.
 */
#ifndef CS_DEV_H
#define CS_DEV_H

/* Fill the new, empty file system @fd: nodes, links and mount points. 0 or -errno. */
int cs_dev_fill(int fd);

#endif
