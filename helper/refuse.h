/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refuse: a session that is not to be. Set-uid, before anybody is let in. */
#ifndef CS_REFUSE_H
#define CS_REFUSE_H

#include "caller.h"

#define CS_REFUSED 125

/* One line to the log, "cannot @what: @why" to the user, and the end of the process. */
_Noreturn void cs_refuse(const struct cs_caller *caller, const char *what, const char *why);

/* The administrator's @message to the user, as it is, instead of a session. */
_Noreturn void cs_refuse_for_maintenance(const struct cs_caller *caller, const char *message);

#endif
