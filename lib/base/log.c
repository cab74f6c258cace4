/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log: see log.h. Not syslog(3): glibc's reads the time zone and the locale at
 * each line, which a set-uid process must not, and connects anew by path.
 * The line has no time stamp, as the receivers (journald, rsyslog, syslog-ng,
 * busybox) put their own: RFC 3164, section 4.3.2.
 */
#include "log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

/* The log target: the one piece of state that is not handed along. */
static struct {
	int fd;
	bool tried;
	const char *ident;
} target = { .fd = -1, .tried = true, .ident = "" };

void cs_log_open(const char *ident)
{
	target.ident = ident;
	target.tried = false;
}

void cs_log_connect(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	/* A log that does not read must not hold up a login. */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	target.tried = true;
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		target.fd = fd;
	else if (fd >= 0)
		(void)close(fd);	/* no log on this host */
}

void cs_log_close(void)
{
	if (target.fd >= 0)
		(void)close(target.fd);
	target.fd = -1;
	target.tried = true;
}

void cs_log(int priority, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list arguments;
	int used, wanted;

	if (!target.tried)
		cs_log_connect();
	if (target.fd < 0)
		return;
	used = snprintf(line, sizeof(line), "<%d>%s[%d]: ", LOG_AUTHPRIV | priority, target.ident,
			(int)getpid());
	if (used < 0 || (size_t)used >= sizeof(line))
		return;
	va_start(arguments, format);
	wanted = vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
	va_end(arguments);
	if (wanted < 0)
		return;
	/* Nobody can be told that the log does not work. */
	(void)send(target.fd, line, strlen(line), MSG_NOSIGNAL);
}

void cs_log_user(const char *format, ...)
{
	static const char prefix[] = "container-shell: ";
	char line[LINE_MAX_BYTES];
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
	va_list arguments;
	size_t used = sizeof(prefix) - 1;
	int wanted;

	memcpy(line, prefix, used);
	va_start(arguments, format);
	wanted = vsnprintf(line + used, sizeof(line) - used - 1, format, arguments);
	va_end(arguments);
	if (wanted < 0)
		return;
	used = strlen(line);
	line[used++] = '\n';
	/*
	 * SECURITY: standard error is the caller's, and may be a pipe that nobody
	 * reads: a root process must not wait there for ever. Who does not read in
	 * a second misses the line, which is in the log too.
	 */
	if (poll(&ready, 1, 1000) != 1)
		return;
	/* Nobody can be told that standard error does not work. */
	ssize_t written = write(STDERR_FILENO, line, used);
	(void)written;
}
