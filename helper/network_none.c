/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * network = none: a net namespace with a loopback device in it and nothing else.
 *
 * Set-uid, real root, the builder. Abstract Unix sockets belong to a net
 * namespace, so the host's are out of reach as well.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "network.h"

/* netdevice(7). The kernel gives it 127.0.0.1 and ::1 when it comes up. */
static int raise_loopback(const struct cs_plan *plan, struct cs_run *run)
{
	struct ifreq request = { .ifr_name = "lo" };
	cs_autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)plan;
	(void)run;
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	request.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

const struct cs_network_kind cs_network_none = {
	.word = "none",
	.namespaces = CLONE_NEWNET,
	.set_up = raise_loopback,
};
