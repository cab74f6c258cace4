/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fault: makes one row of the step tables fail, or hold there while the driver
 * kills somebody.
 *
 * Linked into the test build of the helper alone, which is never installed and
 * is set-uid only in the test's own mount namespace. What to do comes through
 * shared memory: the helper's environment and descriptors are gone by then, and
 * the steps run in three processes, one of which sees another root and other pids.
 */
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "step.h"

static struct fault *fault;

/* Before main(): later the file may be out of reach. Without it nothing ever fails. */
__attribute__((constructor)) static void attach(void)
{
	int fd = open(CS_FAULT_FILE, O_RDWR | O_CLOEXEC);
	void *page;

	if (fd < 0)
		return;
	page = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (page != MAP_FAILED)
		fault = page;
}

/* Two processes may carry out rows at once, so a number is not always the same row's. */
static int is_meant(const char *words, uint32_t call)
{
	return fault->row[0] != '\0' ? strcmp(fault->row, words) == 0 : call + 1 == fault->at;
}

int cs_fault_wanted(const char *words)
{
	uint32_t call;

	if (fault == NULL)
		return 0;
	call = atomic_fetch_add(&fault->calls, 1);
	if (call < FAULT_ROWS_MAX)
		snprintf(fault->words[call], sizeof(fault->words[call]), "%s", words);
	if (!is_meant(words, call))
		return 0;
	atomic_store(&fault->reached, 1);
	if (fault->error != 0)
		return -(int)fault->error;
	/* No event reaches every process here; the driver's deadline ends this wait. */
	while (atomic_load(&fault->released) == 0)
		(void)poll(NULL, 0, 1);
	return 0;
}
