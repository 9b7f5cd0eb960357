/* SPDX-License-Identifier: Apache-2.0
 *
 * The records of a TensorBoard event file, made in memory: TFRecord frames around Event messages of protocol
 * buffers, as far as curves need them.
 *
 *     frame   length (8 bytes, little endian), masked CRC of it, data, masked CRC of that
 *     masked  ((c » 15 | c « 17) + 0xa282ead8) of the CRC-32C c
 *     Event   1: wall_time (double), 2: step (int64), 3: file_version, 5: Summary
 *     Summary 1: Value, of which 1: tag, 2: simple_value (float)
 *
 * A file is the version's record and any number of others; it can be appended to, and readers wait for the rest of
 * a frame that is cut. Source: TensorFlow, "TFRecord and tf.train.Example", and event.proto. Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A value of a curve. */
typedef struct
{
  const char *tag; /* "loss/train" */
  double value;    /* stored as float; NaN: left out */
} NmdEventScalar;

/* Appends the record that a file begins with. @wall_time: seconds since 1970. */
void    nmd_event_append_version (GByteArray           *bytes,
                                  double                wall_time);

/* Appends one record with all @n scalars at @step ≥ 0; nothing if all are NaN. */
void    nmd_event_append_scalars (GByteArray           *bytes,
                                  double                wall_time,
                                  gint64                step,
                                  const NmdEventScalar *scalars,
                                  guint                 n);

/* CRC-32C (Castagnoli), as in iSCSI (RFC 3720, B.4): of "123456789" it is 0xE3069283. */
guint32 nmd_crc32c               (gconstpointer         data,
                                  gsize                 length);

G_END_DECLS
