/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks through the elements of a DICOM file before a library reads them. Knows tags, lengths and nesting;
 * what elements mean is left to the module. Source: DICOM PS3.5, sections 7 and A.
 */
#include "engine/image/nmd-dicom-private.h"

#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

#define PREAMBLE 128
#define MAX_DEPTH 16 /* ultrasound has 3 */
#define MAX_ELEMENTS 400000
#define UNDEFINED 0xffffffffu

#define ITEM 0xfffee000u
#define ITEM_END 0xfffee00du
#define SEQUENCE_END 0xfffee0ddu
#define PIXEL_DATA 0x7fe00010u
#define TRANSFER 0x00020010u
#define RLE "1.2.840.10008.1.2.5"

/* A sequence or an item that is not at its end. */
typedef struct
{
  gsize end; /* G_MAXSIZE: a delimiter ends it */
  gboolean is_item;
  gboolean is_implicit; /* its elements have no value representation */
} Level;

typedef struct
{
  const guint8 *data;
  gsize at, length;
  gboolean is_big, is_rle;
  Level levels[MAX_DEPTH];
  guint depth;
  guint n_elements;
  NmdDicomProblem *problem;
} Walk;

/* What stands before a value. */
typedef struct
{
  guint32 tag, length;
  char vr[2]; /* 0 where there is none */
} Head;

static gboolean
fail (NmdDicomProblem *problem, NmdDicomTrouble trouble, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
fail (NmdDicomProblem *problem, NmdDicomTrouble trouble, const char *format, ...)
{
  va_list args;

  problem->trouble = trouble;
  va_start (args, format);
  g_vsnprintf (problem->text, sizeof problem->text, format, args);
  va_end (args);
  return FALSE;
}

static gboolean
damaged (Walk *walk, const char *what)
{
  /* Translators: after a file's name: what is wrong, and at which byte */
  return fail (walk->problem, NMD_DICOM_IS_DAMAGED,
               nmd_word ("is a damaged DICOM file: %s at byte %zu"), nmd_word (what),
               walk->at);
}

static guint32
get (const Walk *walk, gsize at, int n)
{
  guint32 value = 0;

  for (int i = 0; i < n; i++)
    value |= (guint32)walk->data[at + (gsize)i] << 8 * (walk->is_big ? n - 1 - i : i);
  return value;
}

static gboolean
is_one_of (const char vr[2], const char *list)
{
  for (const char *p = list; *p != '\0'; p += 2)
    if (p[0] == vr[0] && p[1] == vr[1])
      return TRUE;
  return FALSE;
}

static gboolean
is_short_vr (const char vr[2])
{
  return is_one_of (vr, "AEASATCSDADSDTFLFDISLOLTPNSHSLSSSTTMUIULUS");
}

static gboolean
is_long_vr (const char vr[2])
{
  return is_one_of (vr, "OBODOFOLOVOWSQSVUCUNURUTUV");
}

static gboolean
read_head (Walk *walk, gboolean is_implicit, Head *head)
{
  gsize size = 8;

  if (walk->length - walk->at < 8)
    return damaged (walk, N_ ("it ends in the middle of an element"));
  head->tag = get (walk, walk->at, 2) << 16 | get (walk, walk->at + 2, 2);
  memset (head->vr, 0, 2);
  if (is_implicit || head->tag >> 16 == 0xfffe)
    head->length = get (walk, walk->at + 4, 4);
  else
    {
      memcpy (head->vr, walk->data + walk->at + 4, 2);
      if (is_short_vr (head->vr))
        head->length = get (walk, walk->at + 6, 2);
      else if (!is_long_vr (head->vr))
        return damaged (walk, N_ ("an element of no known kind"));
      else if (walk->length - walk->at < (size = 12))
        return damaged (walk, N_ ("it ends in the middle of an element"));
      else
        head->length = get (walk, walk->at + 8, 4);
    }
  if (++walk->n_elements > MAX_ELEMENTS)
    return damaged (walk, N_ ("too many elements"));
  walk->at += size;
  if (head->length != UNDEFINED && head->length > walk->length - walk->at)
    return damaged (walk, N_ ("it ends before an element does"));
  return TRUE;
}

static gboolean
push (Walk *walk, guint32 length, gboolean is_item, gboolean is_implicit)
{
  const gsize within = walk->depth > 0 ? walk->levels[walk->depth - 1].end : walk->length;
  const gsize end = length == UNDEFINED ? G_MAXSIZE : walk->at + length;

  if (walk->depth == MAX_DEPTH)
    return damaged (walk, N_ ("sequences are nested too deep"));
  if (length != UNDEFINED && within != G_MAXSIZE && end > within)
    return damaged (walk, N_ ("a sequence is longer than what it lies in"));
  walk->levels[walk->depth++]
      = (Level){ .end = end, .is_item = is_item, .is_implicit = is_implicit };
  return TRUE;
}

/* Whether the segments of a JPEG stream that begins in a fragment lead to its frame header: DCMTK looks for that and
 * does not get past a marker without a segment, such as TEM. Other data are passed over. */
static gboolean
leads_to_frame_header (const guint8 *data, gsize length)
{
  if (length < 2 || data[0] != 0xff || data[1] != 0xd8)
    return TRUE;
  for (gsize at = 2; at + 4 <= length;)
    {
      const guint8 marker = data[at + 1];
      const gsize segment = (gsize)data[at + 2] << 8 | data[at + 3];

      if (data[at] != 0xff || segment < 2)
        return FALSE;
      if (marker == 0xf7
          || (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xcc))
        return TRUE;
      if (marker != 0xc4 && marker != 0xcc && !(marker >= 0xdb && marker <= 0xef)
          && marker != 0xf8 && marker != 0xfe)
        return FALSE;
      at += 2 + segment;
    }
  return TRUE;
}

#define RLE_HEADER 64 /* how many segments, and where up to 15 of them begin */

/* Whether a frame's header of run lengths (PS3.5, annex G) leads to its segments: DCMTK goes where it says. @at: of
 * the fragment. */
static gboolean
leads_to_segments (const Walk *walk, gsize at, guint32 length)
{
  guint32 n, least = RLE_HEADER;

  if (length < RLE_HEADER)
    return FALSE;
  n = get (walk, at, 4);
  for (guint32 i = 0; i < MIN (n, 15); i++)
    {
      const guint32 start = get (walk, at + 4 + 4 * i, 4);

      if (start < least || start >= length)
        return FALSE;
      least = start + 1;
    }
  return n >= 1 && n <= 15;
}

/* The fragments of compressed pixels up to their end; the first is a table of offsets. */
static gboolean
skip_fragments (Walk *walk)
{
  Head head = { 0 };
  gboolean is_first = TRUE;

  do
    {
      if (!read_head (walk, TRUE, &head))
        return FALSE;
      if ((head.tag != ITEM && head.tag != SEQUENCE_END) || head.length == UNDEFINED
          || (head.tag == SEQUENCE_END && head.length != 0))
        return damaged (walk, N_ ("its compressed pixels are not in fragments"));
      if (head.tag == ITEM && head.length <= walk->length - walk->at
          && !leads_to_frame_header (walk->data + walk->at, head.length))
        return damaged (walk, N_ ("its JPEG data have no frame header"));
      if (walk->is_rle && head.tag == ITEM && !is_first
          && head.length <= walk->length - walk->at
          && !leads_to_segments (walk, walk->at, head.length))
        return damaged (walk, N_ ("a frame's run lengths have no header"));
      is_first = FALSE;
      walk->at += head.length;
    }
  while (head.tag == ITEM);
  return TRUE;
}

/* A value that could be a sequence: counted as one, so that it is nowhere deeper than allowed. */
static gboolean
starts_like_item (const Walk *walk, guint32 length)
{
  return length >= 8
         && (get (walk, walk->at, 2) << 16 | get (walk, walk->at + 2, 2)) == ITEM;
}

static gboolean
take_element (Walk *walk, gboolean is_implicit)
{
  Head head = { 0 };

  if (!read_head (walk, is_implicit, &head))
    return FALSE;
  if (head.tag == ITEM_END)
    {
      if (walk->depth == 0 || walk->levels[walk->depth - 1].end != G_MAXSIZE
          || head.length != 0)
        return damaged (walk, N_ ("an end without a beginning"));
      walk->depth--;
      return TRUE;
    }
  if (head.tag >> 16 == 0xfffe || head.tag >> 16 < 0x0004)
    return damaged (walk, N_ ("an element in the wrong place"));
  if (is_one_of (head.vr, "SQ"))
    return push (walk, head.length, FALSE, is_implicit);
  if (head.length == UNDEFINED)
    {
      if (is_one_of (head.vr, "OBOW") && head.tag == PIXEL_DATA)
        return skip_fragments (walk);
      if (head.vr[0] != '\0' && !is_one_of (head.vr, "UN"))
        return damaged (walk, N_ ("an element without an end"));
      if (head.vr[0] != '\0' && walk->is_big)
        return damaged (walk, N_ ("an element of no known kind"));
      return push (walk, head.length, FALSE, TRUE);
    }
  if ((is_implicit || is_one_of (head.vr, "UN")) && head.tag != PIXEL_DATA
      && starts_like_item (walk, head.length))
    return push (walk, head.length, FALSE, TRUE);
  walk->at += head.length;
  return TRUE;
}

static gboolean
take_item (Walk *walk)
{
  const Level *sequence = &walk->levels[walk->depth - 1];
  const gboolean is_implicit = sequence->is_implicit;
  Head head = { 0 };

  if (!read_head (walk, TRUE, &head))
    return FALSE;
  if (head.tag == ITEM)
    return push (walk, head.length, TRUE, is_implicit);
  if (head.tag != SEQUENCE_END || head.length != 0 || sequence->end != G_MAXSIZE)
    return damaged (walk, N_ ("a sequence holds something else than items"));
  walk->depth--;
  return TRUE;
}

static gboolean
walk_data_set (Walk *walk, gboolean is_implicit)
{
  for (;;)
    {
      const Level *top = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
      gboolean ok = TRUE;

      if (top != NULL && top->end != G_MAXSIZE && walk->at >= top->end)
        {
          if (walk->at > top->end)
            return damaged (walk, N_ ("an element is longer than what it lies in"));
          walk->depth--;
          continue;
        }
      if (walk->at == walk->length)
        return top == NULL || damaged (walk, N_ ("it ends inside a sequence"));
      if (top == NULL)
        ok = take_element (walk, is_implicit);
      else if (top->is_item)
        ok = take_element (walk, top->is_implicit);
      else
        ok = take_item (walk);
      if (!ok)
        return FALSE;
    }
}

static gboolean
take_transfer_syntax (const char *uid, Walk *walk, NmdDicomForm *form)
{
  static const struct
  {
    const char *uid;
    NmdDicomForm form;
  } known[] = {
    { "1.2.840.10008.1.2", NMD_DICOM_IMPLICIT },
    { "1.2.840.10008.1.2.1", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.2", NMD_DICOM_EXPLICIT_BIG },
    { RLE, NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.50", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.51", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.53", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.55", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.57", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.70", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.80", NMD_DICOM_EXPLICIT },
    { "1.2.840.10008.1.2.4.81", NMD_DICOM_EXPLICIT },
  };
  static const struct
  {
    const char *prefix, *what;
  } others[] = {
    { "1.2.840.10008.1.2.4.9", "JPEG 2000" },
    { "1.2.840.10008.1.2.4.10", N_ ("MPEG video") },
    { "1.2.840.10008.1.2.4.20", "High-Throughput JPEG 2000" },
    { "1.2.840.10008.1.2.1.99", N_ ("deflated form") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (uid, known[i].uid))
      {
        *form = known[i].form;
        return TRUE;
      }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_has_prefix (uid, others[i].prefix))
      return fail (
          walk->problem, NMD_DICOM_IS_UNSUPPORTED,
          nmd_word ("is a DICOM file in %s, which is not read; export it as JPEG "
                    "or uncompressed"),
          nmd_word (others[i].what));
  return fail (
      walk->problem, NMD_DICOM_IS_UNSUPPORTED,
      nmd_word ("is a DICOM file in a transfer syntax that is not read; export it "
                "as JPEG or uncompressed"));
}

/* The group 0002 that a file begins with, and from it the form of the rest. */
static gboolean
take_meta (Walk *walk, NmdDicomForm *form)
{
  char uid[65] = "";

  while (walk->length - walk->at >= 8 && get (walk, walk->at, 2) == 2)
    {
      Head head = { 0 };
      gsize n = 0;

      if (!read_head (walk, FALSE, &head))
        return FALSE;
      if (head.length == UNDEFINED || is_one_of (head.vr, "SQUN"))
        return damaged (walk, N_ ("an element in the wrong place"));
      n = MIN (head.length, sizeof uid - 1);
      if (head.tag == TRANSFER)
        {
          memcpy (uid, walk->data + walk->at, n);
          uid[n] = '\0';
          g_strchomp (uid);
        }
      walk->at += head.length;
    }
  if (*uid == '\0')
    return damaged (walk, N_ ("it does not say how it is written"));
  walk->is_rle = g_str_equal (uid, RLE);
  return take_transfer_syntax (uid, walk, form);
}

gboolean
nmd_dicom_check (const guint8 *data,
                 gsize length,
                 NmdDicomShape *shape,
                 NmdDicomProblem *problem)
{
  Walk walk = { .data = data, .length = length, .problem = problem };

  if (length >= PREAMBLE + 4 && memcmp (data + PREAMBLE, "DICM", 4) == 0)
    {
      walk.at = PREAMBLE + 4;
      if (!take_meta (&walk, &shape->form))
        return FALSE;
    }
  else /* an old one without a beginning: little endian, either form */
    {
      if (length < 8)
        return damaged (&walk, N_ ("it ends in the middle of an element"));
      const char *vr = (const char *)data + 4;
      shape->form
          = is_short_vr (vr) || is_long_vr (vr) ? NMD_DICOM_EXPLICIT : NMD_DICOM_IMPLICIT;
    }
  shape->start = walk.at;
  walk.is_big = shape->form == NMD_DICOM_EXPLICIT_BIG;
  if (!walk_data_set (&walk, shape->form == NMD_DICOM_IMPLICIT))
    return FALSE;
  shape->n_elements = walk.n_elements;
  return TRUE;
}
