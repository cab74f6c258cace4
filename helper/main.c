/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container-shell-helper: the one program that a user can start and that runs
 * as root. Set-uid, on the host.
 *
 * The walk: refuse → request → the process made ours → a running container of
 * this user's, or: a plan, by container-shell-planner → create → and, either way,
 * join → become the user → exec. What it may be told is in request.h, what it
 * undoes in caller.h, the steps in create.c and session.c. Static: it asks no
 * NSS, parses no configuration and loads no library.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"
#include "container.h"
#include "log.h"
#include "offer.h"
#include "refuse.h"
#include "request.h"
#include "session.h"
#include "tidy.h"

#define ATTEMPTS 3

static _Noreturn void run(struct cs_caller *caller, const struct cs_request *request)
{
	static struct cs_decision decision;	/* too large for the stack */

	/* A container can end in the moment that we go in; then it is the next one. */
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct cs_container container = CS_CONTAINER_NONE;
		int user_fd = -1;

		cs_container_find(caller, request, &decision, &container, &user_fd);
		cs_session_run(caller, request, &container, &user_fd);
	}
	cs_refuse(caller, "enter the container", strerror(ESRCH));
}

/* The administrator's way in: as the container's user, with nothing of root's but the terminal. */
static _Noreturn void enter(struct cs_caller *caller, const struct cs_request *request)
{
	struct cs_container container = CS_CONTAINER_NONE;
	int user_fd = -1;
	int result;

	cs_caller_note_login_uid(caller);
	result = cs_container_hold(request->uid, request->instance, &container, &user_fd);
	if (result == 0)
		result = cs_caller_become(caller, user_fd, &container.record);
	if (result == 0 && request->as_root)
		result = cs_caller_become_root(caller, &container.record);
	if (result == 0)
		result = cs_container_take_slot(caller, true, user_fd, &container);
	if (result == 0)
		cs_session_run(caller, request, &container, &user_fd);
	cs_refuse(caller, "enter the container", strerror(result < 0 ? -result : ESRCH));
}

/* What PAM needs: the user's container, held, over the socket; it is joined by sshd's own child. */
static _Noreturn void prepare(struct cs_caller *caller, const struct cs_request *request)
{
	static struct cs_decision decision;	/* too large for the stack */
	struct cs_container container = CS_CONTAINER_NONE;
	struct cs_report report = { 0 };
	struct cs_offer offer;
	int user_fd = -1;
	int result = cs_caller_stand_for(caller, request);

	if (result < 0)
		cs_refuse(caller, "prepare the container", strerror(-result));
	cs_container_find(caller, request, &decision, &container, &user_fd);
	cs_container_wait_for_init(caller, &container, user_fd);
	result = cs_container_settle(caller, &container, user_fd, &report);
	cs_record_unlock(&user_fd);	/* the lease keeps the container now */
	if (result < 0)
		cs_refuse(caller, report.what, cs_report_why(&report));
	offer = (struct cs_offer){ .record = container.record, .join = container.join,
				   .lease = container.lease, .slot = container.slot };
	result = cs_offer_send(CS_REQUEST_SOCKET_FD, &offer);
	if (result < 0)
		cs_refuse(caller, "hand over the container", strerror(-result));
	exit(0);
}

int main(int argc, char *argv[])
{
	struct cs_caller caller = { 0 };
	struct cs_request request;
	const char *why;
	int result;

	if (argc < 1)
		return CS_REFUSED;
	result = cs_caller_take_limits(&caller);
	if (result < 0) {
		cs_log_user("cannot start: %s", strerror(-result));
		return CS_REFUSED;
	}
	why = cs_caller_refuse();
	if (why != NULL) {
		cs_log_user("cannot start: %s", why);
		return CS_REFUSED;
	}
	if (cs_request_parse(argc, argv, getuid() == 0, &request) < 0) {
		cs_log_user("cannot start: container-shell-helper is for container-shell to call");
		return CS_REFUSED;
	}
	result = cs_caller_take(&request, &caller);
	if (result < 0) {
		cs_log_user("cannot start: %s", strerror(-result));
		return CS_REFUSED;
	}
	cs_log_open("container-shell");
	if (request.verb == CS_VERB_ENTER)
		enter(&caller, &request);
	if (request.verb == CS_VERB_PREPARE)
		prepare(&caller, &request);
	if (caller.uid == 0)
		cs_refuse(&caller, "make a container for root", "root is never contained");
	if (request.verb == CS_VERB_TIDY)
		return cs_tidy(caller.uid) < 0 ? CS_REFUSED : 0;
	run(&caller, &request);
}
