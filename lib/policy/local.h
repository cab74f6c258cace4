/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * local: did NSS say what this host's own files say?
 *
 * Floor 1. Runs as root in the planner. A directory server may answer otherwise
 * tomorrow, and nothing on this host would tell; files have times that tell.
 */
#ifndef CS_LOCAL_H
#define CS_LOCAL_H

#include <stdbool.h>

#include "conf.h"
#include "user.h"

/* Where the databases are; for tests. */
struct cs_local_files {
	const char *nsswitch;	/* nsswitch.conf(5) */
	const char *passwd;
	const char *group;
};

/*
 * Are the name and home of @user, and the number of each group that @conf names,
 * what @files say, and would NSS ask these first? False, too, if it cannot be
 * said (no nsswitch.conf, "compat", an unknown group). Reads the files whole:
 * for when nobody waits.
 */
bool cs_local_decides(const struct cs_local_files *files, const struct cs_user *user,
		      const struct cs_conf *conf);

#endif
