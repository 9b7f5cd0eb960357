/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of protocol buffers, appended to a message in memory: what event files and ONNX files are made of.
 * Source: Google, "Protocol Buffers: Encoding". Threads: any.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* int32, int64, enum, bool: field @field of @value. */
void nmd_protobuf_add_int     (GByteArray       *message,
                               guint             field,
                               gint64            value);
/* string, bytes. */
void nmd_protobuf_add_bytes   (GByteArray       *message,
                               guint             field,
                               gconstpointer     data,
                               gsize             length);
/* NUL-terminated text. */
void nmd_protobuf_add_text    (GByteArray       *message,
                               guint             field,
                               const char       *text);
/* A message within. */
void nmd_protobuf_add_message (GByteArray       *message,
                               guint             field,
                               const GByteArray *inner);
void nmd_protobuf_add_double  (GByteArray       *message,
                               guint             field,
                               double            value);
void nmd_protobuf_add_float   (GByteArray       *message,
                               guint             field,
                               float             value);

G_END_DECLS
