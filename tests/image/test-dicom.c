/* SPDX-License-Identifier: Apache-2.0
 *
 * DICOM files: grey levels of every kind of pixels against the pattern that golden/dicom.py wrote, frames, calibrated
 * areas, damaged files, the header, and copies without names.
 */
#include "config.h"

#include "engine/image/nmd-dicom-rules-private.h"
#include "engine/image/nmd-dicom.h"
#include "engine/image/nmd-measure.h"
#include "engine/image/nmd-reader.h"

#include <math.h>
#include <string.h>

#define W 36
#define H 24

static GBytes *
read_golden (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".dcm", NULL);
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "image", "golden", "dicom", file, NULL);
  char *data = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  return g_bytes_new_take (data, length);
}

static NmdDicom *
open_golden (const char *name)
{
  g_autoptr (GBytes) bytes = read_golden (name);
  g_autofree char *file = g_strconcat (name, ".dcm", NULL);
  g_autoptr (GError) error = NULL;
  NmdDicom *dicom = nmd_dicom_open (bytes, file, &error);

  g_assert_no_error (error);
  return dicom;
}

static gboolean
is_missing (void)
{
  if (nmd_dicom_get_missing () == NULL)
    return FALSE;
  g_assert_false (HAVE_DICOM);
  g_test_skip (nmd_dicom_get_missing ());
  return TRUE;
}

/* The pattern, and what became of it */

static int
pattern (int x, int y, int shift)
{
  return ((x - shift + W) % W * 7 + y * 5) % 256;
}

static int
luma (int r, int g, int b)
{
  return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
}

static gboolean
is_painted (int x, int y)
{
  return x >= 3 && x < 12 && y >= 2 && y < 6;
}

typedef enum
{
  PLAIN,
  INVERSE,
  TWELVE,
  WINDOW,
  EXACT,
  PAINTED,
  PALETTE,
} Kind;

static int
cut (double y)
{
  return (int)CLAMP (floor (y + 0.5), 0, 255);
}

static int
expect (Kind kind, int x, int y)
{
  const int v = pattern (x, y, 0);

  switch (kind)
    {
    case INVERSE:
      return 255 - v;
    case TWELVE:
      return cut (v * 16 * 255 / 4095.0);
    case WINDOW:
      return cut (255 * (((v * 10 - 1000) * 2 - 100 - (500 - 0.5)) / 1499.0 + 0.5));
    case EXACT:
      return cut ((v - 50) * 255 / 100.0);
    case PAINTED:
      return is_painted (x, y) ? luma (200, 30, 90) : v;
    case PALETTE:
      return luma (v, 255 - v, v / 2);
    default:
      return v;
    }
}

static const struct
{
  const char *name;
  Kind kind;
  int tolerance; /* of compression with loss */
  gboolean is_lossy;
} pictures[] = {
  { "grey8", PLAIN, 0, FALSE },       { "implicit", PLAIN, 0, FALSE },
  { "big", TWELVE, 0, FALSE },        { "mono1", INVERSE, 0, FALSE },
  { "grey12", TWELVE, 0, FALSE },     { "window16", WINDOW, 0, FALSE },
  { "window8", PLAIN, 0, FALSE },     { "exact", EXACT, 0, FALSE },
  { "rgb", PAINTED, 0, FALSE },       { "planar", PAINTED, 0, FALSE },
  { "ybr", PAINTED, 0, FALSE },       { "ybr422", PAINTED, 0, FALSE },
  { "palette", PALETTE, 0, FALSE },   { "rgb-rle", PAINTED, 0, FALSE },
  { "rgb-jls", PAINTED, 0, FALSE },   { "grey12-jls", TWELVE, 0, FALSE },
  { "near-jls", PLAIN, 3, TRUE },     { "rgb-jll", PAINTED, 0, FALSE },
  { "grey12-jll", TWELVE, 0, FALSE }, { "rgb-jpg", PAINTED, 7, TRUE },
  { "rgb-jpgrgb", PAINTED, 7, TRUE }, { "grey12-jpg", TWELVE, 2, TRUE },
  { "img2dcm", PAINTED, 7, TRUE },    { "liar", PAINTED, 7, TRUE },
  { "highdicom", PLAIN, 0, FALSE },
};

static void
test_pixels (void)
{
  if (is_missing ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autoptr (GBytes) bytes = read_golden (pictures[i].name);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, "f", &error);
      int worst = 0;

      g_test_message ("%s", pictures[i].name);
      g_assert_no_error (error);
      g_assert_cmpint (image->width, ==, W);
      g_assert_cmpint (image->height, ==, H);
      g_assert_cmpint (image->is_lossy, ==, pictures[i].is_lossy);
      for (int k = 0; k < W * H; k++)
        {
          const int wanted = expect (pictures[i].kind, k % W, k / W);

          worst = MAX (worst, ABS (image->pixels[k] - wanted));
          if (pictures[i].kind == PAINTED && pictures[i].tolerance == 0
              && !g_str_equal (pictures[i].name, "ybr422")) /* shares colours */
            g_assert_cmpint (image->coloured[k], ==, is_painted (k % W, k / W));
        }
      g_assert_cmpint (worst, <=, pictures[i].tolerance);
      if (pictures[i].kind < PAINTED)
        g_assert_null (image->coloured);
    }
}

static void
test_cine (void)
{
  static const struct
  {
    const char *name;
    int tolerance;
  } cines[] = {
    { "cine", 0 },     { "cine-rle", 0 }, { "cine-jls", 0 },
    { "cine-jll", 0 }, { "cine-jpg", 7 },
  };

  if (is_missing ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cines); i++)
    {
      g_autoptr (NmdDicom) dicom = open_golden (cines[i].name);
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (nmd_dicom_get_n_frames (dicom), ==, 5);
      g_assert_cmpfloat (nmd_dicom_get_frame_ms (dicom), ==, 50);
      for (guint frame = 5; frame >= 1; frame--)
        {
          g_autoptr (NmdImage) image = nmd_dicom_read_frame (dicom, frame, &error);
          int worst = 0;

          g_assert_no_error (error);
          for (int k = 0; k < W * H; k++)
            worst = MAX (worst,
                         ABS (image->pixels[k] - pattern (k % W, k / W, (int)frame - 1)));
          g_assert_cmpint (worst, <=, cines[i].tolerance);
          g_assert_cmpuint (image->n_regions, ==, 1);
          g_assert_cmpfloat (image->regions[0].cm_x, ==, 0.01 * frame);
        }
      g_assert_null (nmd_dicom_read_frame (dicom, 6, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
      g_assert_true (g_str_has_suffix (error->message, " has no frame 6: its last is 5"));
    }
}

/* A cine is no image: its frame has to be named. */
static void
test_frame_is_asked (void)
{
  g_autoptr (GBytes) bytes = read_golden ("cine");
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "image", "golden", "dicom", "cine.dcm", NULL);
  g_autoptr (GError) error = NULL;

  if (is_missing ())
    return;
  g_assert_null (nmd_image_load_bytes (bytes, "c.dcm", &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_cmpstr (
      error->message, ==,
      "c.dcm is a DICOM file of 5 frames; save the one that is meant as PNG");
  g_clear_error (&error);
  g_assert_cmpuint (nmd_image_count_pages (path, NULL), ==, 5);
  g_autoptr (NmdImage) third = nmd_image_load_page (path, 3, &error);
  g_assert_no_error (error);
  g_assert_cmpint (third->pixels[5], ==, pattern (5, 0, 2));
  g_assert_null (nmd_mask_load (path, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
}

static void
test_regions (void)
{
  if (is_missing ())
    return;
  g_autoptr (NmdDicom) dicom = open_golden ("grey8");
  g_autoptr (NmdImage) image = nmd_dicom_read_frame (dicom, 1, NULL);
  const NmdBox inside = { 2, 3, 31, 21 }, across = { 1, 3, 31, 21 };
  const double ends[] = { 10, 10, 13, 12 };
  const NmdBox box = nmd_measure_box_of_points (ends, 2);
  NmdRegion scale = { 0 };
  gboolean is_cm = FALSE;

  g_assert_cmpuint (image->n_regions, ==, 1); /* the spectrum is none */
  g_assert_true (nmd_measure_get_scale (image, &inside, 0, &scale));
  g_assert_false (nmd_measure_get_scale (image, &across, 1, &scale));
  g_assert_true (nmd_measure_get_scale (image, &box, 0, &scale));
  /* 3 pixels of 0.01 cm, 2 of 0.02 cm */
  g_assert_cmpfloat_with_epsilon (nmd_measure_by_scale (image, ends, 2, 9, &is_cm), 0.05,
                                  1e-12);
  g_assert_true (is_cm);
  const double outside[] = { 10, 10, 13, 22 }, corner[] = { 13, 10, 10, 10, 13, 11.5 };
  g_assert_cmpfloat_with_epsilon (nmd_measure_by_scale (image, outside, 2, 9, &is_cm),
                                  hypot (3, 12), 1e-12);
  g_assert_false (is_cm);
  g_assert_cmpfloat_with_epsilon (nmd_measure_by_scale (image, corner, 3, 0, &is_cm), 45,
                                  1e-9);
  g_assert_cmpfloat (nmd_measure_get_cm (image, 1), ==, 0); /* not square */
  NmdRegion twice[] = { image->regions[0], { { 0, 0, W, H }, 0.01, 0.01 } };
  g_free (image->regions);
  image->regions = g_memdup2 (twice, sizeof twice);
  image->n_regions = 2;
  g_assert_false (nmd_measure_get_scale (image, &box, 0, &scale)); /* they disagree */
  g_assert_cmpfloat (nmd_measure_get_cm (image, 1), ==, 0.01);
}

/* What is refused */

static void
test_refused (void)
{
  static const struct
  {
    const char *name;
    NmdError code;
    const char *words;
  } cases[] = {
    { "j2k", NMD_ERROR_UNSUPPORTED, "f is a DICOM file in JPEG 2000, which is not read" },
    { "cut", NMD_ERROR_FORMAT, "f is a DICOM file whose pixels cannot be decoded" },
    { "broken", NMD_ERROR_FORMAT,
      "f is a damaged DICOM file: its compressed pixels have errors" },
    { "short", NMD_ERROR_FORMAT,
      "f is a damaged DICOM file: it has fewer pixels than it says" },
  };

  if (is_missing ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = read_golden (cases[i].name);
      g_autoptr (GError) error = NULL;

      g_assert_null (nmd_image_load_bytes (bytes, "f", &error));
      g_assert_error (error, NMD_ERROR, (int)cases[i].code);
      g_assert_true (g_str_has_prefix (error->message, cases[i].words));
    }
}

static void
assert_damaged (const guint8 *data, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdImage) image = nmd_image_load_bytes (bytes, "f.dcm", &error);

  g_assert_null (image);
  g_assert_nonnull (error);
}

/* A file cut anywhere is damaged. */
static void
test_cut (void)
{
  static const char *const names[] = { "grey8", "implicit", "rgb-jpg", "cine-rle" };

  if (is_missing ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) bytes = read_golden (names[i]);
      gsize length = 0;
      const guint8 *data = g_bytes_get_data (bytes, &length);

      for (gsize n = 1; n < length; n += 7)
        assert_damaged (data, n);
      g_autofree guint8 *longer = g_malloc0 (length + 3);
      memcpy (longer, data, length);
      assert_damaged (longer, length + 3);
    }
}

/* A frame of run lengths whose segments begin beyond it, or in another order, is not handed on. */
static void
test_rle_header (void)
{
  static const struct
  {
    int at; /* in the header */
    guint32 value;
  } changes[] = { { 0, 0 },          { 0, 16 }, { 0, 200000 },      { 4, 0 },
                  { 8, 0x000700fa }, { 8, 64 }, { 12, 0xfa000700 }, { 12, 65 } };

  if (is_missing ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GBytes) bytes = read_golden ("rgb-rle");
      gsize length = 0;
      const guint8 *data = g_bytes_get_data (bytes, &length);
      g_autofree guint8 *copy = g_memdup2 (data, length);
      const guint32 value = GUINT32_TO_LE (changes[i].value);
      guint8 *header = memmem (copy, length, "\3\0\0\0\x40\0\0\0", 8);

      g_assert_nonnull (header);
      memcpy (header + changes[i].at, &value, 4);
      assert_damaged (copy, length);
    }
}

static void
put (GByteArray *bytes, const char *text, gsize n)
{
  g_byte_array_append (bytes, (const guint8 *)text, (guint)n);
}

/* Sequences in sequences, up to and beyond what is read. */
static void
test_nesting (void)
{
  if (is_missing ())
    return;
  for (int depth = 4; depth <= 100000; depth *= 25)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GError) error = NULL;

      for (int i = 0; i < depth; i++)
        {
          put (bytes, "\10\0\x40\x11SQ\0\0\xff\xff\xff\xff", 12);
          put (bytes, "\xfe\xff\0\xe0\xff\xff\xff\xff", 8);
        }
      for (int i = 0; i < depth; i++)
        put (bytes, "\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0", 16);
      g_autoptr (GBytes) all = g_bytes_new (bytes->data, bytes->len);
      g_assert_null (nmd_dicom_open (all, "f.dcm", &error));
      g_assert_nonnull (error);
      g_assert_cmpint (strstr (error->message, "nested too deep") != NULL, ==, depth > 8);
    }
}

/* The header and copies without names */

static const NmdDicomLine *
find_line (GPtrArray *lines, const char *tag)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const NmdDicomLine *line = g_ptr_array_index (lines, i);

      if (g_str_equal (line->tag, tag))
        return line;
    }
  return NULL;
}

static void
test_header (void)
{
  if (is_missing ())
    return;
  g_autoptr (NmdDicom) dicom = open_golden ("grey8");
  g_autoptr (GPtrArray) lines = nmd_dicom_get_header (dicom);
  const NmdDicomLine *name = find_line (lines, "(0010,0010)");
  const NmdDicomLine *rows = find_line (lines, "(0028,0010)");
  const NmdDicomLine *delta = find_line (lines, "(0018,602c)");

  g_assert_cmpstr (name->value, ==, "Secret^Person");
  g_assert_cmpstr (name->name, ==, "PatientName");
  g_assert_true (name->identifies);
  g_assert_cmpstr (rows->value, ==, "24");
  g_assert_false (rows->identifies);
  g_assert_cmpuint (delta->depth, ==, 1);
  g_assert_true (find_line (lines, "(0011,1001)")->identifies);
  g_assert_true (find_line (lines, "(0008,0020)")->identifies);
  g_assert_cmpstr (nmd_dicom_get_scanner (dicom), ==, "Esaote MyLab 36 × 24");
}

/* Nothing of what tells who it is in the bytes of a copy, wherever it stood. */
static void
assert_clean (GBytes *copy)
{
  static const char *const secrets[]
      = { "Secret", "Person",  "4711", "19700102", "20200304", "Hidden",
          "Doctor", "Private", "ACME", "SN99",     "Comment",  "1.2.3." };
  gsize length = 0;
  gconstpointer bytes = g_bytes_get_data (copy, &length);
  g_autofree char *data = g_memdup2 (bytes, length);

  /* New identifiers are random: their digits may be anything. */
  for (char *at = data;
       (at = memmem (at, length - (gsize)(at - data), "2.25.", 5)) != NULL;)
    for (at += 5; at < data + length && g_ascii_isdigit (*at); at++)
      *at = '-';
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    if (memmem (data, length, secrets[i], strlen (secrets[i])) != NULL)
      g_error ("%s is in the copy", secrets[i]);
}

/* Of what identifies only emptied elements, new identifiers and the copy's own remarks are there. */
static void
assert_identity (NmdDicom *copy)
{
  static const char *const renewed[]
      = { "(0002,0003)", "(0008,0018)", "(0020,000d)", "(0020,000e)" };
  g_autoptr (GPtrArray) lines = nmd_dicom_get_header (copy);

  for (guint i = 0; i < lines->len; i++)
    {
      const NmdDicomLine *line = g_ptr_array_index (lines, i);
      gboolean is_renewed = FALSE;

      for (guint k = 0; k < G_N_ELEMENTS (renewed); k++)
        is_renewed = is_renewed || g_str_equal (line->tag, renewed[k]);
      if (!line->identifies)
        continue;
      if (is_renewed)
        g_assert_true (g_str_has_prefix (line->value, "2.25."));
      else
        g_assert_cmpstr (line->value, ==, "");
    }
  g_assert_cmpstr (find_line (lines, "(0012,0062)")->value, ==, "YES");
  g_assert_cmpstr (find_line (lines, "(0008,1090)")->value, ==, "MyLab");
  g_assert_cmpstr (find_line (lines, "(0008,0100)")->value, ==, "113100");
}

static void
check_copy (const char *name, const NmdBox *black)
{
  g_autoptr (NmdDicom) dicom = open_golden (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = nmd_dicom_copy_without_names (dicom, black, NULL, &error);

  g_test_message ("%s", name);
  g_assert_no_error (error);
  assert_clean (bytes);
  g_autoptr (NmdDicom) copy = nmd_dicom_open (bytes, "copy", &error);
  g_assert_no_error (error);
  assert_identity (copy);
  g_assert_cmpuint (nmd_dicom_get_n_frames (copy), ==, nmd_dicom_get_n_frames (dicom));
  g_assert_cmpfloat (nmd_dicom_get_frame_ms (copy), ==, nmd_dicom_get_frame_ms (dicom));
  for (guint frame = 1; frame <= nmd_dicom_get_n_frames (dicom); frame++)
    {
      g_autoptr (NmdImage) before = nmd_dicom_read_frame (dicom, frame, NULL);
      g_autoptr (NmdImage) after = nmd_dicom_read_frame (copy, frame, NULL);

      g_assert_cmpint (after->is_lossy, ==, before->is_lossy);
      g_assert_cmpuint (after->n_regions, ==, before->n_regions);
      for (guint i = 0; i < after->n_regions; i++)
        g_assert_cmpfloat (after->regions[i].cm_y, ==, before->regions[i].cm_y);
      for (int k = 0; k < W * H; k++)
        {
          const int x = k % W, y = k / W;
          const gboolean is_black = black != NULL && x >= black->x0 && x < black->x1
                                    && y >= black->y0 && y < black->y1;

          g_assert_cmpint (after->pixels[k], ==, is_black ? 0 : before->pixels[k]);
        }
    }
}

static void
test_copy (void)
{
  const NmdBox black = { 0, 0, W, 4 }, beyond = { -5, 20, W + 9, H + 9 };

  if (is_missing ())
    return;
  check_copy ("grey8", &black);
  check_copy ("rgb", &beyond);
  check_copy ("rgb-jpg", NULL);
  check_copy ("liar", NULL); /* lossy, and its header does not say so */
  check_copy ("window16", &black);
  check_copy ("mono1", NULL);
  check_copy ("cine-rle", &black);
  g_autoptr (NmdDicom) dicom = open_golden ("grey8");
  g_autoptr (GBytes) bytes = nmd_dicom_copy_without_names (dicom, NULL, NULL, NULL);
  g_autoptr (NmdDicom) copy = nmd_dicom_open (bytes, "copy", NULL);
  g_autoptr (NmdImage) image = nmd_dicom_read_frame (copy, 1, NULL);
  g_assert_cmpuint (image->n_regions, ==, 1);
  g_assert_cmpfloat (image->regions[0].cm_y, ==, 0.02);
}

/* The two lists have nothing in common, and both are found by bisection. */
static void
test_rules (void)
{
  for (guint tag = 0x00080000; tag < 0x00290000; tag++)
    if (nmd_dicom_may_stay ((guint16)(tag >> 16), (guint16)tag))
      g_assert_false (nmd_dicom_identifies ((guint16)(tag >> 16), (guint16)tag, ""));
  g_assert_true (nmd_dicom_may_stay (0x0008, 0x0008));
  g_assert_true (nmd_dicom_may_stay (0x0018, 0x6011));
  g_assert_true (nmd_dicom_may_stay (0x0028, 0x0301));
  g_assert_true (nmd_dicom_may_stay (0x0028, 0x0a02));
  g_assert_true (nmd_dicom_may_stay (0x0028, 0x2114));
  g_assert_true (nmd_dicom_may_stay (0x5200, 0x9230));
  g_assert_true (nmd_dicom_identifies (0x0002, 0x0003, "UI"));
  g_assert_true (nmd_dicom_identifies (0xfffa, 0xfffa, "SQ"));
  g_assert_true (nmd_dicom_identifies (0x0008, 0x0080, "LO"));
  g_assert_true (nmd_dicom_identifies (0x0018, 0x0001, "PN"));
  g_assert_true (nmd_dicom_identifies (0x0029, 0x0010, "LO"));
  g_assert_false (nmd_dicom_identifies (0x0028, 0x0010, "US"));
}

/* Without the module each file gets a sentence that says what is missing and what to do. */
static void
test_missing (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GBytes) bytes = read_golden ("grey8");
      g_autoptr (GError) error = NULL;

      g_assert_null (nmd_image_load_bytes (bytes, "f.dcm", &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
      g_assert_true (g_str_has_prefix (
          error->message, "f.dcm is a DICOM file, which needs a part that is missing "
                          "(The module nmd-dicom.so is not "));
      g_assert_true (g_str_has_suffix (error->message, "); export its image as PNG"));
      return;
    }
  g_setenv ("NMD_MODULE_DIR", "/nonexistent", TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_unsetenv ("NMD_MODULE_DIR");
  g_test_trap_assert_passed ();
}

/* A marker without a segment before the frame header, which DCMTK does not get past. */
static void
test_jpeg_marker (void)
{
  g_autoptr (GBytes) golden = read_golden ("rgb-jpg");
  gsize n = 0;
  const guint8 *from = g_bytes_get_data (golden, &n);
  guint8 *data = g_memdup2 (from, n);
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, n);
  g_autoptr (NmdDicom) dicom = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 start[] = { 0xff, 0xd8, 0xff };
  guint8 *jpeg = memmem (data, n, start, sizeof start);

  if (is_missing ())
    return;
  g_assert_nonnull (jpeg);
  jpeg[3] = 0x01;
  dicom = nmd_dicom_open (bytes, "marker.dcm", &error);
  g_assert_null (dicom);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dicom/pixels", test_pixels);
  g_test_add_func ("/dicom/cine", test_cine);
  g_test_add_func ("/dicom/frame-is-asked", test_frame_is_asked);
  g_test_add_func ("/dicom/regions", test_regions);
  g_test_add_func ("/dicom/refused", test_refused);
  g_test_add_func ("/dicom/cut", test_cut);
  g_test_add_func ("/dicom/rle-header", test_rle_header);
  g_test_add_func ("/dicom/nesting", test_nesting);
  g_test_add_func ("/dicom/header", test_header);
  g_test_add_func ("/dicom/copy", test_copy);
  g_test_add_func ("/dicom/rules", test_rules);
  g_test_add_func ("/dicom/missing", test_missing);
  g_test_add_func ("/dicom/jpeg-marker", test_jpeg_marker);
  return g_test_run ();
}
