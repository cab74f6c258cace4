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
#include "container.h"
#include "request.h"

/*
 * Run the caller's shell in @container, which it takes over, and let go of the
 * user's lock (@user_fd), as the lease stands in for it now. Ends the process as the session ended: the same exit
 * status, or the same signal. Returns only if the container ended before the
 * session was in, with nothing of it left and all of it closed: look again.
 */
void cs_session_run(const struct cs_caller *caller, const struct cs_request *request,
		    struct cs_container *container, int *user_fd);

#endif
