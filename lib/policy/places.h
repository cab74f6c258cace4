/* SPDX-License-Identifier: GPL-3.0-or-later */
/* places: where the configuration is. Floor 1. CS_SYSCONFDIR is configure's. */
#ifndef CS_PLACES_H
#define CS_PLACES_H

#define CS_MAIN_FILE CS_SYSCONFDIR "/container-shell/container-shell.conf"
#define CS_DROPIN_DIR CS_SYSCONFDIR "/container-shell/conf.d"

#endif
