/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of event files. What is recorded, and where the file lies, is engine/train's.
 */
#include "engine/core/nmd-event-file.h"

#include "engine/core/nmd-protobuf.h"

#include <math.h>

#define MASK 0xa282ead8u

guint32
nmd_crc32c (gconstpointer data, gsize length)
{
  const guint8 *bytes = data;
  guint32 crc = G_MAXUINT32;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= bytes[i];
      for (int bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
    }
  return ~crc;
}

static void
append_fixed (GByteArray *bytes, guint64 value, int n)
{
  for (int i = 0; i < n; i++)
    {
      const guint8 byte = (guint8)(value >> (8 * i));

      g_byte_array_append (bytes, &byte, 1);
    }
}

static guint32
mask (guint32 crc)
{
  return (crc >> 15 | crc << 17) + MASK;
}

static void
append_frame (GByteArray *bytes, const GByteArray *event)
{
  const guint start = bytes->len;

  append_fixed (bytes, event->len, 8);
  append_fixed (bytes, mask (nmd_crc32c (bytes->data + start, 8)), 4);
  g_byte_array_append (bytes, event->data, event->len);
  append_fixed (bytes, mask (nmd_crc32c (event->data, event->len)), 4);
}

void
nmd_event_append_version (GByteArray *bytes, double wall_time)
{
  static const char version[] = "brain.Event:2";
  g_autoptr (GByteArray) event = g_byte_array_new ();

  nmd_protobuf_add_double (event, 1, wall_time);
  nmd_protobuf_add_text (event, 3, version);
  append_frame (bytes, event);
}

void
nmd_event_append_scalars (GByteArray *bytes,
                          double wall_time,
                          gint64 step,
                          const NmdEventScalar *scalars,
                          guint n)
{
  g_autoptr (GByteArray) event = g_byte_array_new ();
  g_autoptr (GByteArray) summary = g_byte_array_new ();

  g_return_if_fail (bytes != NULL && step >= 0);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GByteArray) value = g_byte_array_new ();

      if (isnan (scalars[i].value))
        continue;
      nmd_protobuf_add_text (value, 1, scalars[i].tag);
      nmd_protobuf_add_float (value, 2, (float)scalars[i].value);
      nmd_protobuf_add_message (summary, 1, value);
    }
  if (summary->len == 0)
    return;
  nmd_protobuf_add_double (event, 1, wall_time);
  if (step > 0) /* 0 is what a reader takes where there is none */
    nmd_protobuf_add_int (event, 2, step);
  nmd_protobuf_add_message (event, 5, summary);
  append_frame (bytes, event);
}
