/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offer: see offer.h. */
#include "offer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"

#define FDS_MAX 4	/* pidfd, lease, slot, and the control group if there is one */

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

void cs_offer_close(struct cs_offer *offer)
{
	cs_join_close(&offer->join);
	cs_fd_close(&offer->lease);
	cs_fd_close(&offer->slot);
}

int cs_offer_send(int socket, const struct cs_offer *offer)
{
	struct cs_record record = offer->record;
	struct iovec data = { &record, sizeof(record) };
	const int fds[FDS_MAX] = { offer->join.pidfd, offer->lease, offer->slot,
				   offer->join.cgroup_fd };
	const size_t count = offer->join.cgroup_fd >= 0 ? 4 : 3;
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t sent;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	if (sent < 0)
		return -errno;
	return (size_t)sent == sizeof(record) ? 0 : -EMSGSIZE;
}

/* The descriptors of a message; those of one that is not as it should be are closed. */
static int take_fds(struct msghdr *message, struct cs_offer *offer)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fds[FDS_MAX] = { -1, -1, -1, -1 };
	size_t count;

	if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (count > FDS_MAX)
		count = FDS_MAX;	/* there was room for no more */
	memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	offer->join.pidfd = fds[0];
	offer->lease = fds[1];
	offer->slot = fds[2];
	offer->join.cgroup_fd = fds[3];
	return count >= 3 && (message->msg_flags & (MSG_CTRUNC | MSG_TRUNC)) == 0 ? 0 : -EBADMSG;
}

int cs_offer_receive(int socket, int timeout_ms, struct cs_offer *ret_offer)
{
	struct cs_offer offer = CS_OFFER_NONE;
	struct iovec data = { &offer.record, sizeof(offer.record) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	ssize_t got;
	int result = cs_fd_wait_readable(socket, timeout_ms);

	if (result < 0)
		return result;
	got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	if (got < 0)
		return -errno;
	if (got == 0)
		return -EPIPE;
	result = take_fds(&message, &offer);
	if (result == 0 && (size_t)got != sizeof(offer.record))
		result = -EBADMSG;
	if (result < 0) {
		cs_offer_close(&offer);
		return result;
	}
	*ret_offer = offer;
	return 0;
}
