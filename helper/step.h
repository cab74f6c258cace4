/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * step: the executor. A table row is one thing to do, where, and the words that
 * complete "cannot …" when it fails.
 *
 * Set-uid. The plan says it all: no step asks NSS, parses, or reads the environment.
 */
#ifndef CS_STEP_H
#define CS_STEP_H

#include <stddef.h>

#include "caller.h"
#include "join.h"
#include "plan.h"
#include "request.h"

enum cs_phase {
	CS_PHASE_BEFORE,	/* the monitor to be: root, host, the host's namespaces */
	CS_PHASE_BUILD,		/* the builder: PID 1 of the new container, still on the host's mounts */
	CS_PHASE_INSIDE,	/* the builder, when the new root is its root; a session may be on its way */
	CS_PHASE_SESSION,	/* a session's own process, on its way in */
};

#define CS_ETC_HELD 2

/* What a bind shows, pinned on the host. */
struct cs_source {
	int fd;		/* a detached mount, or a link's own inode; -1: not there */
	bool is_link;	/* the host has a link there, and so will the container */
	bool is_file;	/* or a socket: not a directory */
};

/* What the steps share: descriptors that one opens and a later one uses. */
struct cs_run {
	const struct cs_caller *caller;
	const struct cs_record *record;		/* SESSION: the container to join */
	struct cs_join *join;			/* SESSION */
	const struct cs_request *request;	/* SESSION: what to run */
	struct cs_source sources[CS_PLAN_MOUNTS_MAX];	/* by number of the plan's mount */
	int init_fd;				/* container-shell-init, opened on the host */
	int image_fd;				/* the root's image, and then a detached mount of it; -1 with root = host */
	int layer_fd;				/* detached mount of what is written for good, or -1 */
	int layer_lock;				/* its lock, for the monitor; or -1 */
	char layer_name[CS_RECORD_LAYER_MAX];	/* which it is; or "" */
	int etc_fds[CS_ETC_HELD];		/* etc.c: the host's files for an image; -1: none */
	int network_fd;				/* a net namespace of the host's to enter, or -1 */
	int resolver_fd;			/* detached mount of a resolv.conf, or -1 */
	int root_fd;				/* the new root */
	int userns_fd;				/* the user namespace; -1 with identity = host */
	uid_t inside_uid;			/* SESSION: who to be, as it is called inside */
	gid_t inside_gid;
	bool has_rights;			/* SESSION: root's, in the user namespace */
	int agent_tree;				/* SESSION: detached mount of the agent socket, or -1 */
	int agent_slot;				/* SESSION: its number inside, or -1 */
	struct sock_filter *filter;		/* SESSION: of system calls, with seccomp = FILE */
	size_t filter_count;
	char **environment;			/* SESSION: the user's program's */
	int report_fd;				/* where failures are told */
	int gate_fd;				/* of a new container, gate.h; -1: it has been there */
	const char *detail;			/* what the step is at, of the plan's text; or "" */
};

struct cs_step {
	enum cs_phase phase;
	int (*run)(const struct cs_plan *plan, struct cs_run *run);
	const char *words;		/* completes "cannot …" */
};

/*
 * Carry out the rows of @phase, in order. 0, or the -errno of the first that
 * fails, after it has been told to @run->report_fd with exit status 125.
 */
int cs_step_run(const struct cs_step *steps, size_t count, enum cs_phase phase,
		const struct cs_plan *plan, struct cs_run *run);

#ifdef CS_FAULT
/* Test builds alone: -errno if the test wants the step of this name to fail. */
int cs_fault_wanted(const char *name);
#endif

#endif
