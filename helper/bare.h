/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bare: a mount namespace with next to nothing in it, to make new ones from.
 *
 * Set-uid, real root, the builder. A new mount namespace is a copy of the one its
 * maker is in, so on a host with 1,000 mounts most of a cold login would be making
 * 1,000 and taking them away again. The kernel's own thread kdevtmpfs, which looks
 * after /dev, is in a namespace of its own, with the first root and a devtmpfs
 * (drivers/base/devtmpfs.c, since Linux 2.6.32).
 */
#ifndef CS_BARE_H
#define CS_BARE_H

/*
 * Enter that namespace, if it is to be found: a host that is a container itself
 * does not see it. Nothing depends on it but time, so whatever the obstacle, the
 * caller stays where it is. The root and working directory change with it; open
 * descriptors do not.
 */
void cs_bare_enter(void);

#endif
