/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log: the one place where text leaves the program: the system log and the
 * user's standard error.
 *
 * Floor 0. The library never calls it; programs report with it, once. On the
 * host only: inside a container there is no log socket, and steps there report
 * through a pipe (lib/enter/report.h).
 */
#ifndef CS_LOG_H
#define CS_LOG_H

/*
 * Log to the system log from now on, as LOG_AUTHPRIV with a constant @ident. The
 * first line connects: most processes have none to write while somebody waits.
 */
void cs_log_open(const char *ident);

/* Connect now, where it will be out of reach later. Not being able to is no error. */
void cs_log_connect(void);

/* Let go of it again: in a process that goes on as another program's. */
void cs_log_close(void);

/*
 * One line to the system log. @priority as in syslog(3). Arguments that a user
 * can choose must have gone through cs_strict_escape().
 */
void cs_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line to standard error, in one write(2): "container-shell: <format>". */
void cs_log_user(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
