/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_limits: the converters of the keys that limit what may be taken, in the
 * words of systemd.resource-control(5) and systemd.exec(5).
 *
 * Floor 1. As conf_keys.c: must not look at the system.
 */
#ifndef CS_CONF_LIMITS_H
#define CS_CONF_LIMITS_H

#include "conf_keys.h"

/* Of a struct cs_limit, of the row's kind; the row's default is no limit. */
cs_conf_convert_fn cs_conf_limits_size;		/* 2G, 50% */
cs_conf_convert_fn cs_conf_limits_count;	/* 4096 */
cs_conf_convert_fn cs_conf_limits_quota;	/* 150% */
cs_conf_convert_fn cs_conf_limits_weight;	/* 1 to 10000, or the row's first word for 0 */
cs_conf_convert_fn cs_conf_limits_word;		/* the row's words: the second is 1 */
cs_conf_convert_fn cs_conf_limits_nice;		/* -20 to 19 */
cs_conf_convert_fn cs_conf_limits_oom_score;	/* -1000 to 1000 */
/* SOFT:HARD, or both in one. */
cs_conf_convert_fn cs_conf_limits_process_size, cs_conf_limits_process_count,
	cs_conf_limits_process_time;

/* Of a text, which is "0-3,5" or empty. */
cs_conf_convert_fn cs_conf_limits_cpus;

#endif
