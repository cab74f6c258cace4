/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stop: the end of a container that somebody asks for.
 *
 * Floor 2. As root. Its monitor does the work: TERM to all that is inside, KILL
 * after the container's stop-timeout, and nothing is left.
 */
#ifndef CS_STOP_H
#define CS_STOP_H

#include "record.h"

/* Tell the monitor: a pidfd of it, -ESRCH if it is gone, or -errno. Needs no lock. */
int cs_stop_tell(const struct cs_record *record);

/*
 * Wait for the end, as long as the stop-timeout allows and some more. Closes
 * @pidfd. Not with the user's lock held, which the monitor needs. 0, -ETIMEDOUT
 * or -errno.
 */
int cs_stop_wait(const struct cs_record *record, int pidfd);

#endif
