/* SPDX-License-Identifier: Apache-2.0
 *
 * The single steps of a compiled program, timed: `nmd bench --layers`.
 */
#pragma once

#include "engine/backend/nmd-session.h"

#include <json-glib/json-glib.h>

/**
 * nmd_bench_report_steps:
 * @program: a compiled program whose inputs are filled
 * @flop_rate: operations a second of the whole network, measured without profiling
 * @object: gets "layers", "ceiling_flop_per_second" and "ceiling_bytes_per_second"
 *
 * Runs the program ten times with profiling and, without --json, prints each step's mean time, its
 * share, and its rates beside the device's ceilings.
 *
 * Errors: those of the device.
 *
 * Returns: %TRUE on success
 */
gboolean nmd_bench_report_steps (NmdSession  *session,
                                 NmdProgram  *program,
                                 double       flop_rate,
                                 JsonObject  *object,
                                 GError     **error);
