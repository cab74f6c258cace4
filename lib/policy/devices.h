/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices: those of /dev that the helper knows by number. Floor 1. */
#ifndef CS_DEVICES_H
#define CS_DEVICES_H

enum cs_device {
	CS_DEVICE_NULL,
	CS_DEVICE_ZERO,
	CS_DEVICE_FULL,
	CS_DEVICE_RANDOM,
	CS_DEVICE_URANDOM,
	CS_DEVICE_TTY,
	CS_DEVICE_PTMX,
	CS_DEVICE_FUSE,
	CS_DEVICE_COUNT,
};

/* One bit for each. */
#define CS_DEVICES_ALL ((1U << CS_DEVICE_COUNT) - 1)

#endif
