/* SPDX-License-Identifier: Apache-2.0
 *
 * Event files: the bytes that TensorBoard's own writer gives (golden/event-file.py checks them with its reader).
 */
#include "engine/core/nmd-event-file.h"

#include <math.h>
#include <string.h>

static void
test_crc (void)
{
  guint8 zeros[32] = { 0 };

  /* RFC 3720, B.4 */
  g_assert_cmphex (nmd_crc32c ("123456789", 9), ==, 0xE3069283u);
  g_assert_cmphex (nmd_crc32c (zeros, 32), ==, 0x8A9136AAu);
  memset (zeros, 0xff, sizeof zeros);
  g_assert_cmphex (nmd_crc32c (zeros, 32), ==, 0x62A8AB43u);
  g_assert_cmphex (nmd_crc32c ("", 0), ==, 0);
}

/* As golden/event-file.py has them from tensorboard 2.21. */
static const char *const golden =
#include "golden/event-file.inc"
    ;

static void
test_golden (void)
{
  const NmdEventScalar first[] = { { "loss/train", 0.6931471805599453 },
                                   { "auc/validation", NAN },
                                   { "learning_rate", 0.001 } };
  const NmdEventScalar second[] = { { "loss/train", -1.5 } }, none[] = { { "a", NAN } };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GString) hex = g_string_new (NULL);

  nmd_event_append_version (bytes, 1700000000);
  nmd_event_append_scalars (bytes, 1700000012.5, 0, first, 3);
  nmd_event_append_scalars (bytes, 1700000013, 1, none, 1);
  nmd_event_append_scalars (bytes, 1700000400.25, 300, second, 1);
  for (guint i = 0; i < bytes->len; i++)
    g_string_append_printf (hex, "%02x", bytes->data[i]);
  g_assert_cmpstr (hex->str, ==, golden);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-file/crc", test_crc);
  g_test_add_func ("/event-file/golden", test_golden);
  return g_test_run ();
}
