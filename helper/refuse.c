/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refuse: see refuse.h. */
#include "refuse.h"

#include <stdlib.h>
#include <syslog.h>

#include "log.h"

_Noreturn void cs_refuse(const struct cs_caller *caller, const char *what, const char *why)
{
	cs_log(LOG_ERR, "session refused: uid=%u cannot %s: %s", (unsigned int)caller->uid, what,
	       why);
	cs_log_user("cannot %s: %s", what, why);
	exit(CS_REFUSED);
}

_Noreturn void cs_refuse_for_maintenance(const struct cs_caller *caller, const char *message)
{
	cs_log(LOG_INFO, "session refused: uid=%u maintenance", (unsigned int)caller->uid);
	cs_log_user("%s", message);
	exit(CS_REFUSED);
}
