/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate: see gate.h. */
#include "gate.h"

#include <errno.h>
#include <unistd.h>

#include "fd.h"

int cs_gate_let_join(const struct cs_plan *plan, struct cs_run *run)
{
	static const char word = CS_GATE_JOIN;

	(void)plan;
	/* Nobody there: sshd's child comes in later (PAM), or the helper is gone, which ends us. */
	(void)cs_fd_write_all(run->gate_fd, &word, sizeof(word));
	return 0;
}

/* No deadline: the helper, which has one, ends us. */
static int await(int gate_fd, char word)
{
	char said;
	ssize_t got;

	if (gate_fd < 0)
		return 0;
	do
		got = read(gate_fd, &said, sizeof(said));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (got == 0)
		return -ESRCH;
	return said == word ? 0 : -EPROTO;
}

int cs_gate_await_join(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	return await(run->gate_fd, CS_GATE_JOIN);
}

int cs_gate_await_run(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	return await(run->gate_fd, CS_GATE_RUN);
}
