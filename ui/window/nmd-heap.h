/* SPDX-License-Identifier: Apache-2.0
 *
 * How the C library's heap serves a window: each frame takes and frees surfaces of some megabytes.
 */
#pragma once

/* Freed memory, up to 64 MiB, stays with the process, blocks up to 32 MiB come from it. As the C library begins, each block over
 * 128 KiB comes from the system and goes back: it is mapped, filled with zeros page by page, and unmapped for all threads, which
 * a training's threads wait for and make wait. For main(), before other threads start. Nothing is done without glibc. */
void nmd_heap_keep_freed (void);
