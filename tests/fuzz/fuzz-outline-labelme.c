/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of outlines: labelme's JSON, with its masks (PNG within base64).
 */
#include "tests/fuzz/outlines.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  fuzz_outlines ("a.json", data, length);
  return 0;
}
