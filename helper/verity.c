/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verity: see verity.h. Documentation/filesystems/fsverity.rst, FS_IOC_MEASURE_VERITY. */
#include "verity.h"

#include <errno.h>
#include <linux/fsverity.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <syslog.h>

#include "log.h"

#define DIGEST_MAX 64	/* of SHA-512 */

union measured {
	struct fsverity_digest head;
	unsigned char bytes[sizeof(struct fsverity_digest) + DIGEST_MAX];
};

/* In the form of the configuration; "" for an algorithm that it has no word for. */
static void print(const union measured *measured, char text[CS_PLAN_VERITY_MAX])
{
	const bool is_512 = measured->head.digest_algorithm == FS_VERITY_HASH_ALG_SHA512;
	const unsigned char *digest = measured->bytes + sizeof(measured->head);
	size_t used;

	text[0] = '\0';
	if (!is_512 && measured->head.digest_algorithm != FS_VERITY_HASH_ALG_SHA256)
		return;
	used = (size_t)snprintf(text, CS_PLAN_VERITY_MAX, "%s:", is_512 ? "sha512" : "sha256");
	for (size_t i = 0; i < measured->head.digest_size && i < DIGEST_MAX; i++)
		used += (size_t)snprintf(text + used, CS_PLAN_VERITY_MAX - used, "%02x",
					 digest[i]);	/* fits: see its size */
}

int cs_verity_check(int fd, const struct cs_plan *plan)
{
	union measured measured = { .head.digest_size = DIGEST_MAX };
	char text[CS_PLAN_VERITY_MAX];

	if (ioctl(fd, (int)FS_IOC_MEASURE_VERITY, &measured) < 0)
		return -errno;
	print(&measured, text);
	if (strcmp(text, plan->root_verity) == 0)
		return 0;
	cs_log(LOG_ERR, "the fs-verity digest of %s is %s and not %s", plan->image, text,
	       plan->root_verity);
	return -EBADMSG;
}
