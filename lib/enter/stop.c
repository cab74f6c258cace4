/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stop: see stop.h. */
#include "stop.h"

#include <signal.h>

#include "fd.h"
#include "sys.h"

#define GRACE_MS 10000	/* for killing and removing, once the time-out is over */

int cs_stop_tell(const struct cs_record *record)
{
	cs_autoclose int pidfd = -1;
	int result = cs_record_open_monitor(record, &pidfd);

	if (result == 0)
		result = cs_sys_pidfd_kill(pidfd, SIGTERM);
	return result < 0 ? result : cs_fd_steal(&pidfd);
}

int cs_stop_wait(const struct cs_record *record, int pidfd)
{
	cs_autoclose int monitor = pidfd;

	return cs_fd_wait_readable(monitor, (int)record->stop_timeout_ms + GRACE_MS);
}
