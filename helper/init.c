/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container-shell-init: PID 1 of a container. Reaps, and at the end passes the
 * end on. Nothing else.
 *
 * Runs inside, as uid 0 with CAP_KILL alone, and under a system call filter of its
 * own, the calls below and no other: the user can neither signal nor trace it.
 * Static and small, as there is one of it per container. Descriptor 3 is the pipe
 * to say "ready" on, 4 the gate of the first session (gate.h).
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "gate_words.h"
#include "report.h"
#include "seccomp.h"
#include "seccomp_filter.h"

#define REPORT_FD 3
#define GATE_FD 4

static void tell_ready(void)
{
	static const char word = CS_GATE_RUN;

	/* Who does not read is gone, and we are ended with the container. */
	(void)cs_fd_write_all(GATE_FD, &word, sizeof(word));
	(void)close(GATE_FD);
	cs_report_ready(REPORT_FD);
	(void)close(REPORT_FD);
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* As a login's end does it: TERM; HUP for shells, which ignore TERM; CONT for the stopped. */
static void tell_all(void)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGCONT };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)kill(-1, signals[i]);	/* ESRCH: nobody is left */
}

static bool is_alone(void)
{
	return kill(-1, 0) < 0 && errno == ESRCH;
}

int main(void)
{
	bool ending = false;
	sigset_t set;
	int result;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0)
		return 125;
	/* SECURITY: before the word that lets the first session in. A refused call kills. */
	result = cs_seccomp_load(cs_seccomp_init, sizeof(cs_seccomp_init) / sizeof(cs_seccomp_init[0]));
	if (result < 0) {
		cs_report_failed_plain(REPORT_FD, -result, 125, "install init's system call filter");
		return 125;
	}
	tell_ready();
	for (;;) {
		/* A session's parent is outside: its end is no SIGCHLD here, so look. */
		const struct timespec tick = { .tv_nsec = 20 * 1000 * 1000 };
		int number = ending ? sigtimedwait(&set, NULL, &tick) : sigwaitinfo(&set, NULL);

		reap();
		if (number == SIGTERM) {
			ending = true;
			tell_all();
		}
		if (ending && is_alone())
			return 0;
	}
}
