/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mapping: can owners be mapped where the plan would have it? Tried, as no interface says it. */
#ifndef CS_MAPPING_H
#define CS_MAPPING_H

#include "plan.h"

/*
 * Print a line for each mount of @plan whose file system cannot map owners, or could not
 * be tried. Nothing for who is not root: it is root who may try (mount_setattr(2)).
 */
void cs_mapping_print(const struct cs_plan *plan);

#endif
