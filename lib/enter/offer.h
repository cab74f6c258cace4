/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offer: a running container, held, from the helper to who will go in.
 *
 * Floor 2. Between two processes of root's, over a socketpair(2): the record,
 * and the descriptors that hold the container (SCM_RIGHTS, unix(7)).
 */
#ifndef CS_OFFER_H
#define CS_OFFER_H

#include "join.h"
#include "record.h"

/* As long as lease and slot are open somewhere, this is a session of the container's. */
struct cs_offer {
	struct cs_record record;
	struct cs_join join;
	int lease, slot;
};

#define CS_OFFER_NONE { .join = CS_JOIN_NONE, .lease = -1, .slot = -1 }

/* 0 or -errno. The sender's descriptors stay its own. */
int cs_offer_send(int socket, const struct cs_offer *offer);
/*
 * Wait @timeout_ms for an offer; its descriptors are O_CLOEXEC. 0, -EPIPE when
 * the sender is gone without one, -ETIMEDOUT, -EBADMSG or -errno.
 */
int cs_offer_receive(int socket, int timeout_ms, struct cs_offer *ret_offer);
void cs_offer_close(struct cs_offer *offer);

#endif
