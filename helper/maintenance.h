/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maintenance: what still works while the configuration says maintenance. Set-uid; pure. */
#ifndef CS_MAINTENANCE_H
#define CS_MAINTENANCE_H

#include <stdbool.h>

#include "request.h"

/*
 * Is the request the file transfer that sshd starts for its subsystem sftp: the
 * path of a distribution's sftp-server with plain arguments, and nothing that a
 * shell would take for more than one command?
 */
bool cs_maintenance_is_sftp(const struct cs_request *request);

#endif
