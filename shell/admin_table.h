/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin_table: the administrator's options: name, operands, function, help.
 *
 * An option exists only as a row here. admin.c runs the rows; --help shows them;
 * completion_make.c makes the shells' completion of them when the project is
 * built; tests/unit/documents-test holds the manual page to them. No guard: each
 * includes it once and says what a ROW is.
 *
 * Operands are written as a manual page has them, and completion goes by it: a
 * word with dashes is an option; one in capitals behind it, in the same
 * brackets, is its value. USER and NAME are login names, PATH is a file,
 * COMMAND is a program with its arguments.
 */
ROW("list", "[--json]", cs_list, "list the containers that run")
ROW("status", "[USER|PID [--json]]", cs_status, "show a container in full; inside: this one")
ROW("enter", "USER|PID [--user NAME] [--shell PATH] [-- COMMAND]", cs_enter,
    "start a shell, or COMMAND, in a container")
ROW("stop", "USER|PID|--all [--message TEXT]", cs_stop, "end a container")
ROW("explain", "[USER]", cs_explain, "show the container of USER, or yours, and why")
ROW("check-config", "", cs_check_config, "say whether the configuration is valid")
ROW("doctor", "[--json]", cs_doctor, "name what lets users past their containers")
ROW("help", "", help, "show this help")
ROW("version", "", version, "show the version")
