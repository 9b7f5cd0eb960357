/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer target of outlines: CVAT's XML.
 */
#include "tests/fuzz/outlines.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize length)
{
  fuzz_outlines ("a.xml", data, length);
  return 0;
}
