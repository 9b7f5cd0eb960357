/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of protocol buffers. What messages there are is their users' business.
 */
#include "engine/core/nmd-protobuf.h"

#include <string.h>

enum
{
  VARINT = 0,
  FIXED_64 = 1,
  BYTES = 2,
  FIXED_32 = 5,
};

static void
append_varint (GByteArray *message, guint64 value)
{
  do
    {
      const guint8 byte = (guint8)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));

      g_byte_array_append (message, &byte, 1);
      value >>= 7;
    }
  while (value > 0);
}

static void
append_key (GByteArray *message, guint field, guint type)
{
  append_varint (message, field << 3 | type);
}

static void
append_fixed (GByteArray *message, guint64 value, int n)
{
  for (int i = 0; i < n; i++)
    {
      const guint8 byte = (guint8)(value >> (8 * i));

      g_byte_array_append (message, &byte, 1);
    }
}

void
nmd_protobuf_add_int (GByteArray *message, guint field, gint64 value)
{
  append_key (message, field, VARINT);
  append_varint (message, (guint64)value);
}

void
nmd_protobuf_add_bytes (GByteArray *message,
                        guint field,
                        gconstpointer data,
                        gsize length)
{
  append_key (message, field, BYTES);
  append_varint (message, length);
  g_byte_array_append (message, data, (guint)length);
}

void
nmd_protobuf_add_text (GByteArray *message, guint field, const char *text)
{
  nmd_protobuf_add_bytes (message, field, text, strlen (text));
}

void
nmd_protobuf_add_message (GByteArray *message, guint field, const GByteArray *inner)
{
  nmd_protobuf_add_bytes (message, field, inner->data, inner->len);
}

void
nmd_protobuf_add_double (GByteArray *message, guint field, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  append_key (message, field, FIXED_64);
  append_fixed (message, bits, 8);
}

void
nmd_protobuf_add_float (GByteArray *message, guint field, float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  append_key (message, field, FIXED_32);
  append_fixed (message, bits, 4);
}
