/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tidy: what is left of containers whose monitor was killed.
 *
 * Set-uid, real root. For the caller's own containers only; one that runs is
 * left alone, so that anyone may ask at any time.
 */
#ifndef CS_TIDY_H
#define CS_TIDY_H

#include <sys/types.h>

/* 0, or -errno of what could not be removed. */
int cs_tidy(uid_t uid);

/*
 * The lock of @user_fd is held: remove class @instance's leftovers if its
 * init is gone or its monitor is; a lone init dies with its monitor anyway.
 * 0 (nothing is left), -EBUSY (it runs), or -errno.
 */
int cs_tidy_instance(int user_fd, const char *instance);

/* The same for all instances of the user's. 0, or the first -errno. */
int cs_tidy_all(int user_fd);

#endif
