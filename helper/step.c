/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step: see step.h. */
#include "step.h"

#include <errno.h>
#include <stdio.h>

#include "report.h"

#ifdef CS_FAULT
static int fault_wanted(const struct cs_step *step)
{
	static const char *const phases[] = { "BEFORE", "BUILD", "INSIDE", "SESSION" };
	char name[128];

	snprintf(name, sizeof(name), "%s: %s", phases[step->phase], step->words);
	return cs_fault_wanted(name);
}
#endif

static int run_one(const struct cs_step *step, const struct cs_plan *plan, struct cs_run *run)
{
#ifdef CS_FAULT
	int wanted = fault_wanted(step);

	if (wanted < 0)
		return wanted;
#endif
	return step->run(plan, run);
}

int cs_step_run(const struct cs_step *steps, size_t count, enum cs_phase phase,
		const struct cs_plan *plan, struct cs_run *run)
{
	for (size_t i = 0; i < count; i++) {
		int result;

		if (steps[i].phase != phase)
			continue;
		run->detail = "";
		result = run_one(&steps[i], plan, run);
		if (result < 0) {
			cs_report_failed(run->report_fd, -result, 125, "%s%s%s", steps[i].words,
					 run->detail[0] != '\0' ? " " : "", run->detail);
			return result;
		}
	}
	return 0;
}
