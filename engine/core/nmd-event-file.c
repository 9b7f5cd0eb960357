/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of event files. What is recorded, and where the file lies, is engine/train's.
 */
#include "engine/core/nmd-event-file.h"

#include <math.h>
#include <string.h>

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

static void
append_varint (GByteArray *bytes, guint64 value)
{
  do
    {
      const guint8 byte = (guint8)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));

      g_byte_array_append (bytes, &byte, 1);
      value >>= 7;
    }
  while (value > 0);
}

enum
{
  VARINT = 0,
  FIXED_64 = 1,
  BYTES = 2,
  FIXED_32 = 5,
};

static void
append_key (GByteArray *bytes, guint field, guint type)
{
  append_varint (bytes, field << 3 | type);
}

static void
append_bytes (GByteArray *bytes, guint field, gconstpointer data, gsize length)
{
  append_key (bytes, field, BYTES);
  append_varint (bytes, length);
  g_byte_array_append (bytes, data, (guint)length);
}

static void
append_double (GByteArray *bytes, guint field, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  append_key (bytes, field, FIXED_64);
  append_fixed (bytes, bits, 8);
}

static void
append_float (GByteArray *bytes, guint field, float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  append_key (bytes, field, FIXED_32);
  append_fixed (bytes, bits, 4);
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

  append_double (event, 1, wall_time);
  append_bytes (event, 3, version, strlen (version));
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
      append_bytes (value, 1, scalars[i].tag, strlen (scalars[i].tag));
      append_float (value, 2, (float)scalars[i].value);
      append_bytes (summary, 1, value->data, value->len);
    }
  if (summary->len == 0)
    return;
  append_double (event, 1, wall_time);
  if (step > 0) /* 0 is what a reader takes where there is none */
    {
      append_key (event, 2, VARINT);
      append_varint (event, (guint64)step);
    }
  append_bytes (event, 5, summary->data, summary->len);
  append_frame (bytes, event);
}
