/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session: one login's way into a running container, and waiting for its end.
 *
 * Set-uid, real root until the session's process is on its way; then the
 * helper itself becomes the user for good and only waits.
 */
#ifndef CS_SESSION_H
#define CS_SESSION_H

#include "caller.h"
#include "join.h"
#include "record.h"
#include "request.h"

/*
 * Run the caller's shell in the container of @record. Takes over @join and
 * @lease, and lets go of the user's lock (@user_fd) as soon as the lease
 * stands in for it. Ends the process as the session ended: the same exit
 * status, or the same signal. Returns only if the container ended before the
 * session was in, with nothing of it left and all three closed: look again.
 */
void cs_session_run(const struct cs_caller *caller, const struct cs_request *request,
		    const struct cs_record *record, struct cs_join *join, int *user_fd,
		    int *lease);

#endif
