/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate_words: what is said through a gate (gate.h), a byte each. For init, too. */
#ifndef CS_GATE_WORDS_H
#define CS_GATE_WORDS_H

#define CS_GATE_JOIN 'j'
#define CS_GATE_RUN 'r'

#endif
