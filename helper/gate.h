/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate: how far the first session may go into a container that is being made.
 *
 * Set-uid. The session's process is forked when its init is, and gets itself
 * ready while that one builds. A pipe says when it may go on: JOIN from the
 * builder, when the new root is in its place, and RUN from init itself, when the
 * host's is out of reach and init is confined. SECURITY: before RUN nothing of
 * the user's is executed. End of file: there will be no container.
 */
#ifndef CS_GATE_H
#define CS_GATE_H

#include "gate_words.h"
#include "plan.h"
#include "step.h"

/* A step of the builder's: say JOIN. */
int cs_gate_let_join(const struct cs_plan *plan, struct cs_run *run);

/* Steps of the session's: wait for the word, if the container is a new one. -ESRCH at its end. */
int cs_gate_await_join(const struct cs_plan *plan, struct cs_run *run);
int cs_gate_await_run(const struct cs_plan *plan, struct cs_run *run);

#endif
