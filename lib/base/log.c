/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log: see log.h. syslog(3) does the work; lines are bounded and single. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

void cs_log_open(const char *ident)
{
	openlog(ident, LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
}

void cs_log(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsyslog(LOG_AUTHPRIV | priority, format, arguments);
	va_end(arguments);
}

void cs_log_user(const char *format, ...)
{
	static const char prefix[] = "container-shell: ";
	char line[LINE_MAX_BYTES];
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
	/* Nobody can be told that standard error does not work. */
	ssize_t written = write(STDERR_FILENO, line, used);
	(void)written;
}
