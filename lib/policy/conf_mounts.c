/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_mounts: the mounts that a class asks for.
 *
 * Floor 1. Runs as root in the planner and as anyone in --check-config. Must not
 * look at the sources: see mount_check.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_keys.h"
#include "conf_mounts.h"
#include "conf_scan.h"
#include "fd.h"
#include "mount_text.h"
#include "strict.h"

/* Where a mount is asked for, for messages. */
struct place {
	struct cs_conf_class *class;
	enum cs_conf_key key;
	struct cs_conf_problems *problems;
};

/* "FILE:LINE: [class] key: WORD is …". */
static int refuse(const struct place *place, const char *word, const char *what)
{
	const struct cs_conf_origin *origin = &place->class->origin[place->key];
	char shown[256], text[512];

	cs_strict_escape(word[0] ? word : "(nothing)", word[0] ? strlen(word) : 9, shown,
			 sizeof(shown));
	(void)snprintf(text, sizeof(text), "%s %s", shown, what);	/* may be cut */
	return cs_conf_scan_problem(place->problems, origin->file, origin->line,
				    place->class->name, cs_conf_keys_at(place->key)->name, text);
}

int cs_conf_mounts_add(struct cs_conf_class *class, const struct cs_conf_mount *mount)
{
	cs_autofree char *source = strdup(mount->source);
	cs_autofree char *target = strdup(mount->target);
	struct cs_conf_mount *grown;

	if (class->mount_count == CS_CONF_MOUNTS_MAX)
		return -E2BIG;
	if (!source || !target)
		return -ENOMEM;
	grown = reallocarray(class->mounts, class->mount_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	class->mounts = grown;
	grown[class->mount_count] = *mount;
	grown[class->mount_count].source = source;
	grown[class->mount_count].target = target;
	class->mount_count++;
	source = NULL;
	target = NULL;
	return 0;
}

/* What is wrong with @text by @rule, too, if it is the same for every user; or NULL. */
static const char *fault_of(const char *text, const char *(*rule)(const char *path))
{
	const char *fault = cs_mount_text_fault(text);

	if (fault)
		return fault;
	/* with words in it, the plan is what judges */
	return strchr(text, '%') ? NULL : rule(text);
}

/* A word SRC or SRC=DEST of expose or share. */
static int add_word(const struct place *place, const char *word, unsigned int flags)
{
	const char *equals = strchr(word, '=');
	cs_autofree char *source = strndup(word, equals ? (size_t)(equals - word) : strlen(word));
	cs_autofree char *target = strdup(equals ? equals + 1 : word);
	struct cs_conf_mount mount;
	const char *fault;
	int err;

	if (!source || !target)
		return -ENOMEM;
	fault = fault_of(source, cs_mount_text_source_fault);
	if (fault)
		return refuse(place, source, fault);
	fault = fault_of(target, cs_mount_text_target_fault);
	if (fault)
		return refuse(place, target, fault);
	mount = (struct cs_conf_mount){
		.kind = CS_MOUNT_BIND, .mode = 0755, .source = source, .target = target,
		.flags = CS_MOUNT_GIVEN | CS_MOUNT_NOSUID | CS_MOUNT_NODEV | flags,
		.key = place->key, .where = place->class->origin[place->key],
	};
	err = cs_conf_mounts_add(place->class, &mount);
	return err == -E2BIG ?
	       refuse(place, word, "is one mount too many: a class has at most 256") : err;
}

static int add_list(const struct place *place, const struct cs_conf_list *list,
		    unsigned int flags)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < list->count; i++)
		err = add_word(place, list->names[i], flags);
	return err;
}

/* A path of hide. */
static int add_hidden(const struct place *place, char *path)
{
	char source[] = "";
	const char *fault = fault_of(path, cs_mount_text_hidden_fault);
	const struct cs_conf_mount mount = {
		.kind = CS_MOUNT_HIDE, .source = source, .target = path,
		.flags = CS_MOUNT_GIVEN | CS_MOUNT_RO | CS_MOUNT_NOSUID | CS_MOUNT_NODEV |
			 CS_MOUNT_NOEXEC,
		.key = place->key, .where = place->class->origin[place->key],
	};
	int err;

	if (fault)
		return refuse(place, path, fault);
	err = cs_conf_mounts_add(place->class, &mount);
	return err == -E2BIG ?
	       refuse(place, path, "is one mount too many: a class has at most 256") : err;
}

int cs_conf_mounts_gather(struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	const struct place expose = { class, CS_KEY_EXPOSE, problems };
	const struct place share = { class, CS_KEY_SHARE, problems };
	const struct place hide = { class, CS_KEY_HIDE, problems };
	int err = add_list(&expose, &class->expose, CS_MOUNT_RO);

	if (err == 0)
		err = add_list(&share, &class->share, 0);
	for (size_t i = 0; err == 0 && i < class->hide.count; i++)
		err = add_hidden(&hide, class->hide.names[i]);
	return err;
}

void cs_conf_mounts_free(struct cs_conf_class *class)
{
	for (size_t i = 0; i < class->mount_count; i++) {
		free(class->mounts[i].source);
		free(class->mounts[i].target);
	}
	free(class->mounts);
	class->mounts = NULL;
	class->mount_count = 0;
}
