/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * places: where the configuration is, and what the planner needs beside it.
 * Floor 1. CS_SYSCONFDIR, CS_LIBEXECDIR and CS_RUNDIR are configure's.
 */
#ifndef CS_PLACES_H
#define CS_PLACES_H

#define CS_MAIN_FILE CS_SYSCONFDIR "/container-shell/container-shell.conf"
#define CS_DROPIN_DIR CS_SYSCONFDIR "/container-shell/conf.d"
#define CS_PLANNER CS_LIBEXECDIR "/container-shell-planner"
#define CS_PLANS_DIR CS_RUNDIR "-plans"		/* beside: the other one is empty when nobody is in */
#ifndef CS_NSSWITCH_FILE			/* a test has its own */
#define CS_NSSWITCH_FILE "/etc/nsswitch.conf"
#endif

#endif
