/* SPDX-License-Identifier: GPL-3.0-or-later */
/* confine: see confine.h. */
#include "confine.h"

#include <errno.h>

#include "seccomp.h"
#include "seccomp_file.h"
#include "sys.h"

int cs_confine_keyring(const struct cs_plan *plan, struct cs_run *run)
{
	int result = cs_sys_new_keyring();

	(void)plan;
	(void)run;
	return result == -ENOSYS ? 0 : result;	/* a kernel without keyrings */
}

int cs_confine_read(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	if (run->record->seccomp != CS_RECORD_SECCOMP_FILE)
		return 0;
	return cs_seccomp_file_read(run->record->seccomp_file, &run->filter, &run->filter_count);
}

int cs_confine_calls(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	if (run->record->seccomp == CS_RECORD_SECCOMP_NONE)
		return 0;
	if (run->record->seccomp == CS_RECORD_SECCOMP_FILE)
		return cs_seccomp_load(run->filter, run->filter_count);
	return cs_seccomp_install(run->record->nested != 0);
}
