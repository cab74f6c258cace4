/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fault: what the driver and the helper of the fault tests share: one page,
 * written to by both. The driver, tests/fault/stage.py, knows this layout.
 */
#ifndef CS_FAULT_H
#define CS_FAULT_H

#include <stdatomic.h>
#include <stdint.h>

#define FAULT_ROWS_MAX 60
#define FAULT_WORDS_MAX 72

struct fault {
	_Atomic uint32_t calls;		/* rows that were about to be carried out */
	uint32_t at;			/* the one to stop at, counted from 1; 0: none, or by name */
	uint32_t error;			/* the errno it fails with; 0: it waits for the driver */
	_Atomic uint32_t released;	/* by the driver: go on */
	_Atomic uint32_t reached;	/* the one to stop at has been */
	char row[FAULT_WORDS_MAX];	/* the one to stop at, by name; "": none, or by number */
	char words[FAULT_ROWS_MAX][FAULT_WORDS_MAX];	/* of each, in order */
};

#endif
