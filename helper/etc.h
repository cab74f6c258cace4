/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * etc: what an image cannot know, in its /etc: the user and the groups, the name
 * servers, names of hosts, its own name.
 *
 * Set-uid, real root. Files of the host are opened in the monitor to be and copied by
 * the builder. Nothing is done with root = host.
 */
#ifndef CS_ETC_H
#define CS_ETC_H

#include "step.h"

/* BEFORE: hold the host's hosts and resolv.conf. */
int cs_etc_hold(const struct cs_plan *plan, struct cs_run *run);
/*
 * BUILD: write passwd, group, hosts, hostname and resolv.conf, each in the place of the
 * image's, or of the link that the image has there. Only /etc itself is no link.
 */
int cs_etc_write(const struct cs_plan *plan, struct cs_run *run);

#endif
