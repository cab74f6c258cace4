/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * environment: what of the caller's environment the session may see.
 *
 * Set-uid. The helper itself reads none of it: strings are passed by, uninterpreted.
 */
#ifndef CS_ENVIRONMENT_H
#define CS_ENVIRONMENT_H

#include <stddef.h>

#include "caller.h"
#include "record.h"

/* What PATH is inside. */
#define CS_ENVIRONMENT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"

/*
 * A new environment, an array that the caller frees (its strings live on): HOME
 * USER LOGNAME SHELL PATH and XDG_RUNTIME_DIR from @record; of @inherited what
 * is on the built-in list, on @record's own list, or works inside; and
 * SSH_AUTH_SOCK if @agent_slot is not negative. NULL: no memory.
 */
char **cs_environment_make(char *const inherited[], const struct cs_record *record, uid_t uid,
			   int agent_slot);

/* The home of @uid, as it is called inside: root's, or the user's of @record. */
const char *cs_environment_home(const struct cs_record *record, uid_t uid);

/* The value of @name in @inherited, for the log; NULL if it is not there. */
const char *cs_environment_value(char *const inherited[], const char *name);

/*
 * For log and roster: the terminal that @caller leads, without "/dev/", and the
 * address it says to come from; each "" for none. Both are the caller's word.
 */
void cs_environment_where(const struct cs_caller *caller, char *ret_tty, size_t tty_size,
			  char *ret_from, size_t from_size);

#endif
