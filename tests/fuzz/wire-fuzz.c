/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire-fuzz: what the helper takes from the planner, of any bytes. What is taken for a plan is
 * one, and stays the same when it is sent on.
 *
 * Not that it is sent as the same bytes at once: texts may lie in any order, and two rows may
 * have one. What it is sent as then is the one form, which fuzz_check_round_trip() holds it to.
 */
#include <errno.h>

#include "fuzz.h"
#include "plan_wire.h"

#define TIMEOUT_MS 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cs_plan plan;
	struct cs_plan_refusal refusal;
	struct cs_conf_stamp stamp;
	const int result = cs_plan_receive(fuzz_file(data, size), TIMEOUT_MS, &plan, &stamp, &refusal);

	REQUIRE(result == 0 || result == -EBADMSG || result == -ECANCELED ||
		(result == -EPIPE && size == 0));
	if (result == -ECANCELED) {
		REQUIRE(memchr(refusal.what, '\0', sizeof(refusal.what)));
		REQUIRE(memchr(refusal.why, '\0', sizeof(refusal.why)));
	}
	if (result < 0)
		return 0;
	fuzz_check_plan(&plan);
	fuzz_check_round_trip(&plan, true);
	return 0;
}
