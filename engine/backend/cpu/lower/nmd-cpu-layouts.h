/* SPDX-License-Identifier: Apache-2.0
 *
 * Layouts of values, and views of the same memory.
 */
#pragma once

#include "engine/backend/cpu/lower/nmd-cpu-builder.h"

G_BEGIN_DECLS

/* @node's value as images of rows, or as one row-major vector: the value itself, a view, or a copy that
 * is made once. */
int  nmd_cpu_as_rows       (NmdCpuLower *self, NmdNode node);
int  nmd_cpu_as_plain      (NmdCpuLower *self, NmdNode node);
/* A copy of value @v. */
int  nmd_cpu_copy_of       (NmdCpuLower *self, int v);
/* The memory of value @of, without gaps, in another geometry. */
int  nmd_cpu_reshaped_view (NmdCpuLower *self, int of, int n, int h, int w, int c);
/* @v or, where it is a slice of several rows, a copy of it. */
int  nmd_cpu_without_gaps  (NmdCpuLower *self, int v);
/* @v, or a copy where it lies in a store tensor that the program overwrites: a node without work of
 * its own has the value of its place in the list. */
int  nmd_cpu_stable        (NmdCpuLower *self, int v);

/* Channels @from … of @x without a copy, to read; the same for a step to write; the newest step has
 * written such a part of @y. */
int  nmd_cpu_slice_of      (NmdCpuLower *self, int x, int from, int count);
int  nmd_cpu_part_of       (NmdCpuLower *self, int y, int from, int count);
void nmd_cpu_wrote_part    (NmdCpuLower *self, int y);

/* Where a sum alone reads gradient @node and its other side is there: that side's value as images,
 * and @result, the sum, is computed in @node's place. Else -1. */
int  nmd_cpu_summand       (NmdCpuLower *self, NmdNode node, NmdNode *result);

G_END_DECLS
