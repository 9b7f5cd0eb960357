/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of outlines: ImageJ's .roi files.
 */
#include "tests/fuzz/outlines.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  fuzz_outlines ("a.roi", data, length);
  return 0;
}
