/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * enter: a process of a service's becomes the user, inside.
 *
 * In the user's own child of sshd or cron, root, after initgroups(3). The steps are
 * those of a login's session (helper/session.c) as far as they concern a process
 * that goes in itself and is not executed anew.
 */
#ifndef CS_PAM_ENTER_H
#define CS_PAM_ENTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "offer.h"

struct cs_enter {
	const struct cs_offer *offer;
	uid_t uid;
	gid_t gid;
	pid_t opener;	/* who holds the session: our parent */
	/*
	 * The caller executes the user's own program (cron): it goes in by a child.
	 * sshd's process forks for each of these, and stays.
	 */
	bool by_child;
};

/*
 * Returns when the process is inside and is the user for good. If any step
 * fails the process is killed: nothing of the user's ever runs outside.
 */
void cs_pam_enter(const struct cs_enter *enter);

/* Kill the calling process. */
_Noreturn void cs_pam_end_process(void);

#endif
