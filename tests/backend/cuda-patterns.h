/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of what the CUDA backend fuses; part of test-cuda-host and test-device.
 */
#pragma once

#include "engine/backend/nmd-session.h"

/* The CUDA backend with the ending @numerics, or the reference where that is NULL; test-cuda-host.c's. */
NmdSession *cuda_test_open            (const char *numerics, GError **error);

/* Adds all tests of this file. */
void        cuda_patterns_add         (void);
/* One of them, for another way of computing convolutions. */
void        cuda_patterns_frozen_norm (void);
