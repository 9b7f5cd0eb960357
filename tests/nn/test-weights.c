/* SPDX-License-Identifier: Apache-2.0
 *
 * Safetensors: what is written comes back bit for bit, other float types are converted,
 * and each kind of damage is refused with its own reason.
 */
#include "engine/nn/nmd-transfer.h"

#include <glib/gstdio.h>
#include <string.h>

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
test_round_trip (void)
{
  static const float values[6] = { 1.5f, -0.0f, 1e-42f, 3.4e38f, -1e-30f, 0.1f };
  const NmdShape matrix = { 2, { 2, 3 } }, one = { 1, { 1 } };
  g_autofree char *path = path_of ("round.safetensors");
  g_autoptr (NmdWeights) weights = nmd_weights_new (), back = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) keys = NULL;
  NmdShape shape;

  memcpy (nmd_weights_add (weights, "z.weight", &matrix), values, sizeof values);
  nmd_weights_add (weights, "a \"quoted\" náme", &one)[0] = 7;
  nmd_weights_set_meta (weights, "word", "mus\"cle\n");
  nmd_weights_set_meta (weights, "network", "nmdassistnet");
  g_assert_true (nmd_weights_save (weights, path, &error));
  g_assert_no_error (error);
  back = nmd_weights_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_weights_get_n (back), ==, 2);
  g_assert_cmpstr (nmd_weights_get_name (back, 0), ==, "z.weight");
  g_assert_cmpmem (nmd_weights_get (back, "z.weight", &shape), sizeof values, values,
                   sizeof values);
  g_assert_true (nmd_shape_equal (&shape, &matrix));
  g_assert_cmpfloat (nmd_weights_get (back, "a \"quoted\" náme", &shape)[0], ==, 7);
  g_assert_null (nmd_weights_get (back, "z", NULL));
  g_assert_cmpstr (nmd_weights_get_meta (back, "word"), ==, "mus\"cle\n");
  g_assert_cmpstr (nmd_weights_get_meta (back, "format"), ==, "pt");
  keys = nmd_weights_list_meta (back);
  g_assert_cmpuint (g_strv_length (keys), ==, 3);
  g_assert_cmpstr (keys[1], ==, "network");
}

static void
test_replace (void)
{
  const NmdShape small = { 1, { 2 } }, large = { 1, { 5 } };
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  NmdShape shape;

  nmd_weights_add (weights, "w", &small)[1] = 3;
  nmd_weights_add (weights, "v", &small);
  g_assert_cmpfloat (nmd_weights_add (weights, "w", &large)[1], ==, 0);
  g_assert_cmpuint (nmd_weights_get_n (weights), ==, 2);
  nmd_weights_get (weights, "w", &shape);
  g_assert_true (nmd_shape_equal (&shape, &large));
}

/* Writes a file with @header (its length counted unless @claimed ≥ 0) and @n data bytes.
 */
static char *
write_file (const char *header, gint64 claimed, const void *data, gsize n)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint64 length
      = GUINT64_TO_LE (claimed >= 0 ? (guint64)claimed : (guint64)strlen (header));
  char *path = path_of ("made.safetensors");

  g_byte_array_append (bytes, (const guint8 *)&length, 8);
  g_byte_array_append (bytes, (const guint8 *)header, (guint)strlen (header));
  g_byte_array_append (bytes, data, (guint)n);
  g_file_set_contents (path, (const char *)bytes->data, (gssize)bytes->len, &error);
  g_assert_no_error (error);
  return path;
}

static void
test_types (void)
{
  /* half: 1.5, −2, smallest subnormal, 65504; bfloat: 1.5, −3; double: 0.1; int: 42 */
  static const guint8 data[36]
      = { 0x00, 0x3e, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0xc0, 0x3f, 0x40, 0xc0, /* 12 */
          0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f, 42,   0,    0,    0,    /* 24 */
          0,    0,    0,    0,    0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0xc0 };
  g_autofree char *path = write_file (
      "{\"h\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},"
      "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[8,12]},"
      "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[12,20]},"
      "\"num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[20,28]},"
      "\"f\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[28,36]}}  ",
      -1, data, sizeof data);
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdWeights) weights = nmd_weights_load (path, &error);
  const float *h;

  g_assert_no_error (error);
  g_assert_cmpuint (nmd_weights_get_n (weights), ==, 4);
  h = nmd_weights_get (weights, "h", NULL);
  g_assert_cmpfloat (h[0], ==, 1.5f);
  g_assert_cmpfloat (h[1], ==, -2.0f);
  g_assert_cmpfloat (h[2], ==, 0x1p-24f);
  g_assert_cmpfloat (h[3], ==, 65504);
  g_assert_cmpfloat (nmd_weights_get (weights, "b", NULL)[0], ==, 1.5f);
  g_assert_cmpfloat (nmd_weights_get (weights, "b", NULL)[1], ==, -3.0f);
  g_assert_cmpfloat (nmd_weights_get (weights, "d", NULL)[0], ==, 0.1f);
  g_assert_cmpfloat (nmd_weights_get (weights, "f", NULL)[1], ==, -2.0f);
}

#define T(name, shape, offsets)                                                          \
  "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct
{
  const char *header;
  gint64 claimed; /* header length that the file claims; −1: the true one */
  gsize data;
  const char *message;
} damaged[] = {
  { "{" T ("a", "[2]", "[0,8]") "}", 1000, 8,
    "*its header claims 1000 bytes, the file has*" },
  { "{" T ("a", "[2]", "[0,8]") "}", G_MAXINT64, 8,
    "*its header claims 9223372036854775807*" },
  { "{" T ("a", "[2]", "[0,8]") "}", 10, 8, "*its header is not valid JSON, line 1: *" },
  { "[]", -1, 0, "*its header is not valid JSON, line 1: *" },
  { "{\"a\":1}", -1, 0,
    "*its header: a has the wrong type: object expected, number found" },
  { "{\"a\":[[[[[[[[[[[[1]]]]]]]]]]]]}", -1, 0,
    "*its header: a has the wrong type: object expected, array found" },
  { "{" T ("a", "[2]", "[0,8]") "," T ("a", "[2]", "[0,8]") "}", -1, 8,
    "*the name “a” comes twice*" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[1],\"data_offsets\":[0,8]}}", -1,
    8, "*the name “shape” comes twice*" },
  { "{" T ("a", "[2]", "[0,8]") "}", -1, 4,
    "*tensor a lies at bytes 0 to 8, the data has 4*" },
  { "{" T ("a", "[2]", "[0,8]") "}", -1, 12,
    "*its tensors end at byte 8, the data has 12*" },
  { "{" T ("a", "[2]", "[8,0]") "}", -1, 8, "*tensor a lies at bytes 8 to 0*" },
  { "{" T ("a", "[3]", "[0,8]") "}", -1, 8,
    "*tensor a has 8 bytes, its shape needs 12*" },
  { "{" T ("a", "[-1]", "[0,8]") "}", -1, 8,
    "*: a.shape[0] is -1: a whole number from 0 *" },
  { "{" T ("a", "[2.5]", "[0,8]") "}", -1, 8, "*: a.shape[0] is 2.5: a whole number *" },
  { "{" T ("a", "[0]", "[0,0]") "}", -1, 0, "*tensor a has an impossible shape*" },
  { "{" T ("a", "[2147483647,2147483647,2147483647,4]", "[0,8]") "}", -1, 8,
    "*tensor a has an impossible shape*" },
  { "{" T ("a", "[4611686018427387904,4]", "[0,0]") "}", -1, 0,
    "*tensor a has an impossible shape*" },
  { "{" T ("a", "[1,1,1,1,2]", "[0,8]") "}", -1, 8,
    "*tensor a has 5 dimensions, at most 4 are read" },
  { "{" T ("a", "[1,1,1,1,1,1,1,1,2]", "[0,8]") "}", -1, 8,
    "*: a.shape has 9 elements, at most 8 are read" },
  { "{" T ("a", "[1e-1]", "[0,4]") "}", -1, 4, "*: a.shape[0] is 0.1*" },
  { "{" T ("a", "2", "[0,8]") "}", -1, 8,
    "*: a.shape has the wrong type: array expected*" },
  { "{" T ("a", "[[2]]", "[0,8]") "}", -1, 8, "*: a.shape[0] has the wrong type*" },
  { "{" T ("a", "[true]", "[0,4]") "}", -1, 4, "*: a.shape[0] has the wrong type*" },
  { "{" T ("a", "[99999999999999999999]", "[0,8]") "}", -1, 8, "*99999 is too large" },
  { "{" T ("a", "[2]", "[0,8]") "," T ("b", "[2]", "[4,12]") "}", -1, 12,
    "*tensors a and b overlap*" },
  { "{" T ("a", "[2]", "[0,8]") "," T ("b", "[1]", "[12,16]") "}", -1, 16,
    "*there is a hole before tensor b*" },
  { "{" T ("a", "[2]", "[0]") "}", -1, 8, "*: a.data_offsets has 1 elements, 2 *" },
  { "{" T ("a", "[2]", "[0,8,8]") "}", -1, 8, "*: a.data_offsets has 3 elements*" },
  { "{" T ("a", "[2]", "[-8,0]") "}", -1, 8, "*: a.data_offsets[?] *" },
  { "{" T ("a", "[2]", "[0.5,8.0]") "}", -1, 8, "*: a.data_offsets[?] *" },
  { "{" T ("a", "[2]", "[0,7.5]") "}", -1, 8, "*: a.data_offsets[?] *" },
  { "{" T ("a", "[2]", "[99999999999999999999,8]") "}", -1, 8, "*99999 is too large" },
  { "{" T ("a", "[2]", "[9223372036854775800,9223372036854775807]") "}", -1, 8,
    "*tensor a lies at bytes 9223372036854775800 to*" },
  { "{" T ("a", "[2]", "[8,16]") "}", -1, 16, "*there is a hole before tensor a*" },
  { "{" T ("a", "[2]", "[0,8]") "," T ("b", "[2]", "[0,8]") "}", -1, 8,
    "*tensors * and * overlap*" },
  { "{" T ("a", "[2]", "[0,\"8\"]") "}", -1, 8, "*: a.data_offsets[?] *" },
  { "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 8, "*: a.dtype *" },
  { "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}", -1, 8,
    "*tensor a has dtype U8; F32, F16, BF16 and F64 are read*" },
  { "{\"a\":{\"dtype\":\"F12\",\"shape\":[8],\"data_offsets\":[0,8]}}", -1, 8,
    "*: a.dtype is “F12”: it is not known" },
  { "{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 8,
    "*: a.dtype *" },
  { "{\"a\\nb\":{\"dtype\":\"F12\"}}", -1, 0,
    "*: a\\x0ab.dtype is “F12”: it is not known" },
  { "{} {}", -1, 0, "*its header is not valid JSON, line 1: *" },
  { "{" T ("a", "[2]", "[0,8]") "} x", -1, 8,
    "*its header is not valid JSON, line 1: *" },
  { "{\"a\":", -1, 0, "*its header is not valid JSON, line 1: *" },
  { "{" T ("", "[2]", "[0,8]") "}", -1, 8, "*a tensor has no name" },
  { "{\"a\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]}}", -1, 16,
    "*tensor a has dtype I64 and 2 values*" },
  { "{\"__metadata__\":{\"k\":3}," T ("a", "[2]", "[0,8]") "}", -1, 8,
    "*: __metadata__.k has the wrong type: text expected*" },
  { "{\"__metadata__\":[]}", -1, 0,
    "*: __metadata__ has the wrong type: object expected*" },
  { "{\"\xff\":1}", -1, 0, "*its header is not valid JSON, line 1: *" },
  { "", 0, 0, "*its header is not valid JSON, line 1: *" },
};

static void
test_damaged (void)
{
  static const guint8 zeros[64] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autofree char *path
          = write_file (damaged[i].header, damaged[i].claimed, zeros, damaged[i].data);
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdWeights) weights = nmd_weights_load (path, &error);

      if (weights != NULL)
        g_error ("%u: is read, not refused with %s", i, damaged[i].message);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_true (g_str_has_prefix (error->message, "Weights file "));
      g_assert_nonnull (strstr (error->message, "made.safetensors"));
      g_assert_null (strchr (error->message, '\n'));
      if (!g_pattern_match_simple (damaged[i].message, error->message))
        g_error ("%u: %s, not %s", i, error->message, damaged[i].message);
    }
}

/* What is no number is refused by the name of its tensor, in each type, wherever it stands. */
static void
test_not_finite (void)
{
  static const struct
  {
    const char *dtype, *bytes, *words;
  } cases[] = {
    { "F32", "\x00\x00\xc0\x7f", "NaN" },
    { "F32", "\x00\x00\x80\x7f", "infinity" },
    { "F32", "\x00\x00\x80\xff", "infinity" },
    { "F16", "\x00\x7c", "infinity" },
    { "F16", "\x01\x7e", "NaN" },
    { "BF16", "\x80\xff", "infinity" },
    { "F64", "\0\0\0\0\0\0\xf8\x7f", "NaN" },
    { "F64", "\0\0\0\0\0\0\xf0\x4f", "infinity" },
  };
  static const int count = 70000; /* more than are converted at a time */

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const int size = g_str_equal (cases[i].dtype, "F64")   ? 8
                       : g_str_equal (cases[i].dtype, "F32") ? 4
                                                             : 2;
      g_autofree char *bytes = g_malloc0 ((gsize)(count * size));
      g_autofree char *header = g_strdup_printf (
          "{\"good\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,%d]},"
          "\"bad.weight\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[%d,%d]}}",
          cases[i].dtype, size, cases[i].dtype, count - 1, size, count * size);
      g_autofree char *path = NULL, *expected = NULL;
      g_autoptr (GError) error = NULL;

      memcpy (bytes + (count - 2) * size, cases[i].bytes, (gsize)size);
      path = write_file (header, -1, bytes, (gsize)(count * size));
      expected = g_strdup_printf ("*: tensor bad.weight holds %s (value %d of %d); *",
                                  cases[i].words, count - 2, count - 1);
      g_assert_null (nmd_weights_load (path, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      if (!g_pattern_match_simple (expected, error->message))
        g_error ("%u: %s, not %s", i, error->message, expected);
    }
}

/* A literal, which may hold zeros, and its length. */
#define BYTES(literal) literal, sizeof (literal) - 1

/* Files of PyTorch and Keras are named, and how to convert them; nothing in them is read. */
static void
test_foreign (void)
{
  static const struct
  {
    const char *name, *bytes;
    gsize length;
    const char *words, *line;
  } cases[] = {
    { "net.pth",
      BYTES ("PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\22\0archive/"
             "data.pkl"),
      "*: it is a PyTorch file (a zip with a pickle), *",
      "*torch.load('net.pth', *weights_only=True*'net.safetensors')\"" },
    { "weights", /* told by its first name, not its ending */
      BYTES ("PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\14\0\0\0net/data.pkl"),
      "*: it is a PyTorch file (a zip *", "*'weights', *'weights.safetensors')\"" },
    { "old.pt", BYTES ("\x80\2\x8a\12l\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."),
      "*: it is a PyTorch file (a pickle), *", "*'old.pt', *'old.safetensors')\"" },
    { "module.bin", BYTES ("\x80\4\x95\0\1\0\0\0\0\0\0}\x94."),
      "*: it is a PyTorch file (a pickle), *", "*'module.bin', *" },
    { "it's.ckpt", BYTES ("PK\3\4"), "*: it is a PyTorch file *",
      "*torch.load('FILE', *'FILE.safetensors')\"" },
    { "set.zip",
      BYTES ("PK\3\4\0\0\10\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.png"),
      "*: it is a zip archive, not a safetensors file", NULL },
    { "net.h5", BYTES ("\211HDF\r\n\032\n\0\0"), "*: it is an HDF5 file, *", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = path_of (cases[i].name);
      g_autoptr (GError) error = NULL, listed = NULL;

      g_assert_true (
          g_file_set_contents (path, cases[i].bytes, (gssize)cases[i].length, NULL));
      g_assert_null (nmd_weights_load (path, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      if (!g_pattern_match_simple (cases[i].words, error->message)
          || (cases[i].line != NULL
              && !g_pattern_match_simple (cases[i].line, error->message)))
        g_error ("%u: %s", i, error->message);
      g_assert_null (nmd_weights_list (path, NULL, &listed));
      g_assert_cmpstr (listed->message, ==, error->message);
      g_remove (path);
    }
}

/* A header whose length has a pickle's first bytes is a header. */
static void
test_pickle_length (void)
{
  const gsize length = 0x280280; /* 80 02 28, then zeros */
  g_autofree char *header = g_strnfill (length, ' ');
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdWeights) weights = NULL;

  memcpy (header, "{}", 2);
  path = write_file (header, -1, "", 0);
  weights = nmd_weights_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nmd_weights_get_n (weights), ==, 0);
}

/* Listing reads no values: it shows what cannot be loaded too. */
static void
test_list (void)
{
  static const guint8 zeros[64] = { 0 };
  g_autofree char *path = write_file (
      "{\"__metadata__\":{\"format\":\"pt\",\"k\":\"v\"},"
      "\"index\":{\"dtype\":\"I64\",\"shape\":[2,3],\"data_offsets\":[8,56]},"
      "\"none\":{\"dtype\":\"U8\",\"shape\":[0,4],\"data_offsets\":[0,0]},"
      "\"deep\":{\"dtype\":\"F16\",\"shape\":[1,1,2,1,1],\"data_offsets\":[0,4]},"
      "\"x\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
      -1, zeros, 56);
  g_autoptr (NmdWeights) meta = nmd_weights_new (), loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = nmd_weights_list (path, meta, &error);
  const NmdWeightsEntry *entry;

  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 4);
  entry = list->pdata[0];
  g_assert_cmpstr (entry->name, ==, "index");
  g_assert_cmpstr (entry->dtype, ==, "I64");
  g_assert_cmpint (entry->n_dims, ==, 2);
  g_assert_cmpint (entry->dims[1], ==, 3);
  g_assert_cmpint (entry->count, ==, 6);
  g_assert_cmpint (entry->bytes, ==, 48);
  entry = list->pdata[1];
  g_assert_cmpint (entry->count, ==, 0);
  entry = list->pdata[2];
  g_assert_cmpint (entry->n_dims, ==, 5);
  entry = list->pdata[3];
  g_assert_cmpint (entry->n_dims, ==, 0);
  g_assert_cmpint (entry->count, ==, 1);
  g_assert_cmpstr (nmd_weights_get_meta (meta, "k"), ==, "v");
  loaded = nmd_weights_load (path, &error);
  g_assert_null (loaded);
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
}

/* A name of a mebibyte is refused in one short line. */
static void
test_long_name (void)
{
  g_autofree char *name = g_strnfill (1 << 20, 'a');
  g_autofree char *header = g_strdup_printf ("{\"%s\":1}", name);
  g_autofree char *path = write_file (header, -1, "", 0);
  g_autoptr (GError) error = NULL;

  memcpy (name + (1 << 20) - 3, "ä", 2);
  g_assert_null (nmd_weights_load (path, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_assert_cmpuint (strlen (error->message), <, 500);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* Cut anywhere, a good file is refused and never read past its end. */
static void
test_truncated (void)
{
  const NmdShape shape = { 1, { 3 } };
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  g_autofree char *path = path_of ("whole.safetensors"),
                  *cut = path_of ("cut.safetensors");
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  nmd_weights_add (weights, "w", &shape);
  g_assert_true (nmd_weights_save (weights, path, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_cmpuint (length % 4, ==, 0);
  for (gsize n = 0; n < length; n++)
    {
      g_assert_true (g_file_set_contents (cut, bytes, (gssize)n, NULL));
      g_assert_null (nmd_weights_load (cut, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_clear_error (&error);
    }
}

static void
test_files (void)
{
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  g_autofree char *missing = path_of ("none.safetensors");
  g_autofree char *inside = path_of ("no-folder/w.safetensors");
  g_autoptr (GError) error = NULL;

  g_assert_null (nmd_weights_load (missing, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (nmd_weights_load (folder, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (nmd_weights_save (weights, inside, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
entry_free (gpointer data)
{
  g_free (((NmdWeightsEntry *)data)->name);
  g_free (data);
}

/* The tensors of @network for @n_classes as a file would list them. */
static GPtrArray *
list_network (const NmdNetwork *network, int n_classes)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (entry_free);
  g_auto (NmdNetworkGraph) graph = { NULL };

  g_assert_true (nmd_network_inference (&graph, network, n_classes, 1, NULL));
  for (NmdNode i = 0; i < nmd_graph_get_n_nodes (graph.graph); i++)
    {
      const NmdNodeInfo *node = nmd_graph_get (graph.graph, i);
      NmdWeightsEntry *entry = g_new0 (NmdWeightsEntry, 1);

      entry->name = g_strdup (node->name);
      entry->dtype = "F16";
      entry->n_dims = node->shape.n_dims;
      for (int d = 0; d < entry->n_dims; d++)
        entry->dims[d] = node->shape.dims[d];
      if (node->op == NMD_OP_STORE)
        g_ptr_array_add (list, entry);
      else
        entry_free (entry);
    }
  return list;
}

/* Each network's own file fits it and no other; for two classes all but the head is
 * taken. */
static void
test_transfer (void)
{
  guint n = 0;
  const NmdNetwork *networks = nmd_networks_list (NMD_TASK_CLASSIFY, &n);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GPtrArray) entries = list_network (&networks[i], 1000);
      g_autoptr (NmdTransfer) found = nmd_transfer_find (entries), taken = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (found);
      g_assert_cmpstr (found->network->name, ==, networks[i].name);
      g_assert_cmpint (found->n_classes, ==, 1000);
      g_assert_cmpuint (found->n_used, ==, entries->len);
      taken = nmd_transfer_new (entries, "f", &networks[i], 2, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (taken->left_out->len, ==, 2);
      g_assert_cmpuint (taken->n_used, ==, entries->len - 2);
      g_assert_cmpuint (taken->missing->len, ==, 0);
      g_assert_cmpuint (taken->unknown->len, ==, 0);
      g_assert_cmpstr (taken->converted->pdata[0], ==, "F16");
      g_clear_pointer (&taken, nmd_transfer_free);
      taken = nmd_transfer_new (entries, "f", &networks[(i + 1) % n], 2, &error);
      g_assert_null (taken);
      g_assert_nonnull (strstr (error->message, "; it fits "));
      g_assert_true (g_str_has_suffix (error->message, networks[i].name));
    }
}

static void
rename_entry (NmdWeightsEntry *entry, const char *prefix)
{
  g_autofree char *old = entry->name;

  entry->name = g_strconcat (prefix, old, NULL);
}

/* Wrappers' words before the names are passed over, beside names that have none. */
static void
test_prefix (void)
{
  static const char *const prefixes[]
      = { "module.", "_orig_mod.", "model.", "model._orig_mod.", "module.module.", "" };
  const NmdNetwork *network = nmd_network_find ("nmdassistnet", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      g_autoptr (GPtrArray) entries = list_network (network, 2);
      g_autoptr (NmdWeights) file = nmd_weights_new (), target = NULL;
      g_autoptr (NmdTransfer) taken = NULL, twice = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_strconcat (prefixes[i], "fc.bias", NULL);
      NmdWeightsEntry *last = entries->pdata[entries->len - 1];
      NmdShape two = { 1, { 2 } };

      for (guint k = 0; k + 1 < entries->len; k++)
        rename_entry (entries->pdata[k], prefixes[i]);
      g_free (last->name); /* the network's fc.bias becomes a counter of its wrapper */
      last->name = g_strdup ("n_averaged");
      taken = nmd_transfer_new (entries, "f", network, 2, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (taken->prefix, ==, prefixes[i]);
      g_assert_cmpuint (taken->n_used, ==, entries->len - 1);
      g_assert_cmpuint (taken->missing->len, ==, 1);
      g_assert_cmpuint (taken->unknown->len, ==, 1);
      g_assert_cmpstr (taken->unknown->pdata[0], ==, "n_averaged");
      nmd_weights_add (file, name, &two)[1] = 7;
      target = nmd_network_init (network, 2, 1);
      g_assert_cmpuint (nmd_transfer_apply (taken, file, target), ==, 1);
      g_assert_cmpfloat (nmd_weights_get (target, "fc.bias", NULL)[1], ==, 7);
      if (*prefixes[i] == '\0')
        continue;
      g_free (last->name); /* two of one name */
      last->name = g_strdup (((NmdWeightsEntry *)entries->pdata[0])->name
                             + strlen (prefixes[i]));
      twice = nmd_transfer_new (entries, "f", network, 2, &error);
      g_assert_null (twice);
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, " have one name without “"));
    }
}

/* Without the entry called @name, if there is one. */
static void
remove_entry (GPtrArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    if (g_str_equal (((NmdWeightsEntry *)entries->pdata[i])->name, name))
      {
        g_ptr_array_remove_index (entries, i);
        return;
      }
}

/* A classifier's file starts a segmentation network with its encoder and the other way
 * round: all of the encoder and nothing of the rest, or it does not fit. */
static void
test_encoder (void)
{
  const NmdNetwork *pair[2]
      = { nmd_network_find ("nmdassistnet", NULL), nmd_network_find ("ghostunet", NULL) };

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) entries = list_network (pair[i], 2);
      g_autoptr (NmdTransfer) whole = nmd_transfer_find (entries);
      g_autoptr (NmdTransfer) other = NULL;
      g_autoptr (GError) error = NULL;
      NmdWeightsEntry *more;

      g_assert_cmpstr (whole->network->name, ==, pair[i]->name);
      other = nmd_transfer_new (entries, "f", pair[1 - i], 2, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (other->n_used, >, 300);
      g_assert_cmpuint (other->n_used + other->missing->len, ==, other->n_tensors);
      g_assert_cmpuint (other->n_used + other->unknown->len, ==, entries->len);
      g_assert_cmpint (other->n_classes, ==, 0);
      g_clear_pointer (&other, nmd_transfer_free);
      /* one tensor of the other's own is half a network */
      more = g_new0 (NmdWeightsEntry, 1);
      more->name = g_strdup (i == 0 ? "decoder.0.pw.bn.weight" : "expand_dw.bn.weight");
      more->dtype = "F32";
      more->n_dims = 1;
      more->dims[0] = i == 0 ? 128 : 160;
      g_ptr_array_add (entries, more);
      g_assert_null (nmd_transfer_new (entries, "f", pair[1 - i], 2, NULL));
      remove_entry (entries, more->name);
      remove_entry (entries, "stages.4.cbam.fc2.bias");
      g_assert_null (nmd_transfer_new (entries, "f", pair[1 - i], 2, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("nmd-weights-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/weights/round-trip", test_round_trip);
  g_test_add_func ("/weights/replace", test_replace);
  g_test_add_func ("/weights/types", test_types);
  g_test_add_func ("/weights/damaged", test_damaged);
  g_test_add_func ("/weights/not-finite", test_not_finite);
  g_test_add_func ("/weights/foreign", test_foreign);
  g_test_add_func ("/weights/pickle-length", test_pickle_length);
  g_test_add_func ("/weights/list", test_list);
  g_test_add_func ("/weights/long-name", test_long_name);
  g_test_add_func ("/weights/truncated", test_truncated);
  g_test_add_func ("/weights/files", test_files);
  g_test_add_func ("/weights/transfer", test_transfer);
  g_test_add_func ("/weights/prefix", test_prefix);
  g_test_add_func ("/weights/encoder", test_encoder);
  status = g_test_run ();
  for (const char *const *name
       = (const char *const[]){ "round", "made", "whole", "cut", NULL };
       *name != NULL; name++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.safetensors", folder, *name);

      g_remove (path);
    }
  g_rmdir (folder);
  g_free (folder);
  return status;
}
