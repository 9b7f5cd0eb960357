/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of outlines: zips of ImageJ's .roi files.
 */
#include "tests/fuzz/outlines.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  fuzz_outlines ("a.zip", data, length);
  return 0;
}
