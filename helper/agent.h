/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agent: the one thing of the caller's that is bound into the container: the
 * socket of a forwarded ssh agent, and nothing else of the directory it is in.
 *
 * Set-uid, real root; first on the host, then inside.
 */
#ifndef CS_AGENT_H
#define CS_AGENT_H

#include "step.h"

/* On the host: a detached mount of the caller's socket, or -1 if there is none. */
int cs_agent_copy(const struct cs_caller *caller);

/* SESSION, inside: bind it at the first free /run/host/agent/N. */
int cs_agent_place(const struct cs_plan *plan, struct cs_run *run);

#endif
