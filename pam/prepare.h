/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prepare: the user's container, by the helper, for the module.
 *
 * In sshd's monitor, as root. The work is done in a child with nothing of
 * sshd's: no descriptor, no environment, no signal set-up.
 */
#ifndef CS_PAM_PREPARE_H
#define CS_PAM_PREPARE_H

#include <pwd.h>
#include <stddef.h>

#include "offer.h"

/*
 * 0 with @ret_offer; or -errno, with the helper's own line in @ret_why (without
 * a newline, "" if it said none). @tty and @from as PAM has them, "" for none.
 */
int cs_pam_prepare(const struct passwd *user, const char *tty, const char *from,
		   struct cs_offer *ret_offer, char *ret_why, size_t why_size);

/*
 * The user's container has ended in another way than by its last session: remove what
 * one that was killed has left. There may be nothing to do, or no way to do it.
 */
void cs_pam_tidy(uid_t uid, gid_t gid);

#endif
