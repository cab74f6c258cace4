/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * confine: the steps that close behind init and behind every session.
 *
 * Set-uid, inside. Their places in the order are the tables' to say.
 */
#ifndef CS_CONFINE_H
#define CS_CONFINE_H

#include "step.h"

/* A session keyring of its own: keyrings know no namespaces, keyrings(7). */
int cs_confine_keyring(const struct cs_plan *plan, struct cs_run *run);

/* The session's system call filter, for good. */
/* SESSION, on the host: read the class's own filter, if it has one. */
int cs_confine_read(const struct cs_plan *plan, struct cs_run *run);
int cs_confine_calls(const struct cs_plan *plan, struct cs_run *run);

#endif
