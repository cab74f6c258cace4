/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handover: see handover.h. */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fd.h"
#include "sys.h"

#define KEPT_ABOVE 64	/* above all that the helper opens, below its limit */

int cs_handover_let_go(void)
{
	cs_autoclose int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0)
		return -errno;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null_fd, fd) < 0)
			return -errno;
	return 0;
}

int cs_handover_lift(int fd)
{
	int lifted = fcntl(fd, F_DUPFD_CLOEXEC, KEPT_ABOVE);

	if (lifted < 0)
		return -errno;
	cs_fd_close(&fd);
	return lifted;
}

int cs_handover_exec(int program, char *const arguments[], char *const environment[],
		     const int *keep, size_t count)
{
	int program_fd = fcntl(program, F_DUPFD_CLOEXEC, KEPT_ABOVE);
	int moved[8];

	if (count > sizeof(moved) / sizeof(moved[0]))
		return -E2BIG;
	if (program_fd < 0)
		return -errno;
	/* Out of the way first, so that no descriptor is overwritten before it is moved. */
	for (size_t i = 0; i < count; i++) {
		moved[i] = fcntl(keep[i], F_DUPFD_CLOEXEC, KEPT_ABOVE);
		if (moved[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < count; i++)
		if (dup2(moved[i], CS_HANDOVER_FIRST_FD + (int)i) < 0)
			return -errno;
	/* What is left open says O_CLOEXEC, all of it: opened so, here or in the library. */
	return cs_sys_execveat(program_fd, arguments, environment);
}
