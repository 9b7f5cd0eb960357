/* SPDX-License-Identifier: Apache-2.0
 *
 * mallopt(3); 32 MiB is the most that it takes for the threshold.
 */
#include "ui/window/nmd-heap.h"

#include <stdlib.h> /* defines __GLIBC__ where it is glibc's */

#ifdef __GLIBC__
#include <malloc.h>
#endif

void
nmd_heap_keep_freed (void)
{
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, 32 * 1024 * 1024);
  mallopt (M_TRIM_THRESHOLD, 64 * 1024 * 1024);
  mallopt (M_TOP_PAD, 4 * 1024 * 1024);
#endif
}
