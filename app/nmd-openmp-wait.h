/* SPDX-License-Identifier: Apache-2.0
 *
 * How the OpenMP team waits. libgomp reads it from the environment before main().
 */
#pragma once

/* Starts this program again with OMP_WAIT_POLICY=passive, unless the user has set it: a team that
 * spins at its barriers takes the processor from the window and from other programs, and loses
 * its own time as soon as it does not have a core a thread. Returns if nothing was to be done. */
void nmd_openmp_wait_passively (char **argv);
