/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refuse: see refuse.h. */
#include "refuse.h"

#include <signal.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "log.h"

#define SECONDS 3

static void give_up(int number)
{
	(void)number;
	_exit(CS_REFUSED);
}

/*
 * SECURITY: poll(2) says that a terminal takes more when it takes one byte: the
 * caller's standard error must not keep a process of root's for ever.
 */
static void limit_time(void)
{
	const struct sigaction action = { .sa_handler = give_up };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	(void)sigaction(SIGALRM, &action, NULL);	/* cannot fail, neither of them */
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)alarm(SECONDS);
}

_Noreturn void cs_refuse(const struct cs_caller *caller, const char *what, const char *why)
{
	cs_log(LOG_ERR, "session refused: uid=%u cannot %s: %s", (unsigned int)caller->uid, what,
	       why);
	limit_time();
	cs_log_user("cannot %s: %s", what, why);
	exit(CS_REFUSED);
}

_Noreturn void cs_refuse_for_maintenance(const struct cs_caller *caller, const char *message)
{
	cs_log(LOG_INFO, "session refused: uid=%u maintenance", (unsigned int)caller->uid);
	limit_time();
	cs_log_user("%s", message);
	exit(CS_REFUSED);
}
