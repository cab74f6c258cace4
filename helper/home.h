/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * home: homes that are not the host's: a user's private one, and what a new one
 * has in it.
 *
 * Set-uid, on the host's mounts. Root makes the directory; what is copied into it
 * is read and written with the user's rights.
 */
#ifndef CS_HOME_H
#define CS_HOME_H

#include "caller.h"

/*
 * The private home of @caller, CS_HOMESDIR/UID, as a descriptor of O_PATH. It is
 * made and filled if it is not there, whole or not at all; the user's lock is held.
 * -EPERM if what is there is not the user's. 0 or -errno.
 */
int cs_home_open_private(const struct cs_caller *caller, int *ret_fd);

/* Copy what /etc/skel has and the user may read into @home_fd, which is the user's. 0 or -errno. */
int cs_home_fill(const struct cs_caller *caller, int home_fd);

#endif
