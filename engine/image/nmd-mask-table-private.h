/* SPDX-License-Identifier: Apache-2.0
 *
 * The values of a mask file, as decoders hand them over: a plane of codes, and a table of what each code
 * stands for. Up to 256 different values keep apart; beyond that codes are grey levels. What the values
 * mean is nmd-mask-check.c's business.
 *
 * Memory: the plane, and 8 KiB. Threads: one.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

#define NMD_MASK_TABLE_SIZE 256

typedef struct
{
  guint16 v[4];       /* red, green, blue, alpha, as stored */
  gint16 index;       /* in the file's palette, −1 without one */
} NmdMaskValue;

typedef struct
{
  NmdMaskValue values[NMD_MASK_TABLE_SIZE]; /* by code */
  guint n;
  guint16 full;                             /* 255 or 65535: the most a sample can be */
  gboolean is_levels;                       /* codes are the largest of red, green and blue, 0 … 255 */
  guint last;
  guint16 slots[1024];                      /* code + 1 by hash */
} NmdMaskTable;

/* An empty table for samples of @depth 8 or 16 bits. */
void nmd_mask_table_init (NmdMaskTable *self,
                          guint         depth);

/* Stores the code of @value as pixel @i of @plane. */
void nmd_mask_table_put  (NmdMaskTable        *self,
                          NmdImage            *plane,
                          gsize                i,
                          const NmdMaskValue  *value);

G_END_DECLS
