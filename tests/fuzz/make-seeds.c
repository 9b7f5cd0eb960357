/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the fuzzers' first inputs: FOLDER/NAME/… for each target fuzz-NAME. Small files of every kind
 * that a reader knows, made from numbers; no ultrasound.
 */
#include "engine/core/nmd-file.h"
#include "engine/experiment/nmd-experiment.h"
#include "engine/image/nmd-png-writer.h"
#include "engine/nn/nmd-weights.h"
#include "engine/report/nmd-file-list.h"
#include "engine/report/nmd-pack.h"
#include "engine/train/nmd-run-private.h"
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include <archive.h>
#include <archive_entry.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

static const char *top;

static char *
path_of (const char *target, const char *name)
{
  g_autofree char *folder = g_build_filename (top, target, NULL);

  if (!nmd_file_make_folder (folder, NULL))
    g_error ("No folder %s", folder);
  return g_build_filename (folder, name, NULL);
}

static void
save (const char *target, const char *name, gconstpointer data, gsize length)
{
  g_autofree char *path = path_of (target, name);
  g_autoptr (GError) error = NULL;

  if (!nmd_file_write (path, data, length, &error))
    g_error ("%s", error->message);
}

static void
save_text (const char *target, const char *name, const char *text)
{
  save (target, name, text, strlen (text));
}

static void
make_texts (void)
{
  save_text ("csv", "comma", "image,label\r\na.png,1\r\n\"b \"\"x\"\", c\",healthy\r\n");
  save_text ("csv", "semicolon",
             "\xEF\xBB\xBF"
             "Bild;Wert\n\n ä ;0,5\n");
  save_text ("pairing", "beside",
             "\nbenign/a (1).png\nbenign/a (1)_mask.png\nbenign/a (1)_mask_1.png\n");
  save_text ("pairing", "folders",
             "GT\ntrain/images/A/1.png\ntrain/GT/A/1.png\nmasks/A/1.png\nA_mask/1.png\n");
  save_text ("csv", "sep", "sep=;\r\na;b\r\n1,5;NA\r\n;\r\n1\r\n1;2;;\r\n");
  save ("csv", "utf-16",
        (const guint8 *)"\xFF\xFE"
                        "a\0,\0b\0\n\0"
                        "1\0,\0\xD7\0\n\0",
        18);
  save_text ("csv", "tab", "a\tb\n\"1\n2\"\t\n");
  save_text ("json", "run",
             "{\"format\": 1, \"state\": \"finished\", \"seed\": 9007199254740991,\n"
             " \"split\": {\"parts\": {\"train\": [\"a.png\", \"b.png\"]}},\n"
             " \"lr\": 1e-3, \"clahe\": true, \"none\": null, \"list\": [[], {}, -0.5]}");
  save_text ("reference", "one",
             "{\"name\": \"r\", \"device\": null, \"models\": {\"BB\": {\"terms\": "
             "[\"Age\", \"Male\"],\n\"b\": [40, 0.5, -3], \"mse\": 25, \"dfe\": 20, "
             "\"n\": 23, \"range\": {\"Age\": [18, 85]},\n\"C\": [[1, 0, 0], [0, 0.01, "
             "0], [0, 0, 0.2]]}}}");
  save_text ("json", "escapes", "{\"\\u00e4\\n\\\"\": \"\\ud83d\\ude00\\u0001 é\"}");
}

/* A TIFF of two pages, 3 × 2 grey pixels each. */
static const guint8 two_pages[] = {
  0x49, 0x49, 0x2a, 0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x01, 0x04, 0x00,
  0x01, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x01, 0x04, 0x00, 0x01, 0x00,
  0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00,
  0x08, 0x00, 0x00, 0x00, 0x03, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00,
  0x00, 0x00, 0x06, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
  0x11, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x6e, 0x00, 0x00, 0x00, 0x16, 0x01,
  0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x17, 0x01, 0x04, 0x00,
  0x01, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x74, 0x00, 0x00, 0x00, 0x0a, 0x0b,
  0x0c, 0x0d, 0x0e, 0x0f, 0x08, 0x00, 0x00, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00,
  0x03, 0x00, 0x00, 0x00, 0x01, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00,
  0x00, 0x00, 0x02, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00,
  0x03, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x06, 0x01,
  0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x11, 0x01, 0x04, 0x00,
  0x01, 0x00, 0x00, 0x00, 0xda, 0x00, 0x00, 0x00, 0x16, 0x01, 0x04, 0x00, 0x01, 0x00,
  0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x17, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00,
  0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f
};
/* A PNG of 3 × 2 grey pixels with an eXIf chunk that turns them by a quarter. */
static const guint8 turned[]
    = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49,
        0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00,
        0x00, 0x00, 0x00, 0xb8, 0x1f, 0x39, 0xc6, 0x00, 0x00, 0x00, 0x1a, 0x65, 0x58,
        0x49, 0x66, 0x4d, 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x01,
        0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0xd6, 0x67, 0x4b, 0x69, 0x00, 0x00, 0x00, 0x10, 0x49, 0x44, 0x41,
        0x54, 0x78, 0x9c, 0x63, 0x60, 0xe0, 0x12, 0x61, 0xd0, 0x30, 0xb2, 0x01, 0x00,
        0x01, 0xc0, 0x00, 0xb5, 0xe8, 0x55, 0x88, 0x6a, 0x00, 0x00, 0x00, 0x00, 0x49,
        0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82 };

static void
make_turned (void)
{
  g_autofree char *tiff = path_of ("image", "pages.tif"),
                  *png = path_of ("image", "turned.png");

  if (!nmd_file_write (tiff, two_pages, sizeof two_pages, NULL)
      || !nmd_file_write (png, turned, sizeof turned, NULL))
    g_error ("No images %s and %s", tiff, png);
}

/* A picture of 9 × 7 pixels in each kind and depth that is read. */
static void
make_images (void)
{
  static const char *const kinds[] = { "jpeg", "bmp", "tiff", "png" };
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 9, 7);
  g_autoptr (NmdImage) image = nmd_image_new (9, 7);
  const char *texts[] = { "Comment", "SYNTHETIC", NULL };

  for (int y = 0; y < 7; y++)
    for (int x = 0; x < 9; x++)
      {
        guchar *p = gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf)
                    + 3 * x;

        p[0] = (guchar)(31 * x + 11 * y);
        p[1] = (guchar)(7 * x * y);
        p[2] = (guchar)(x == y ? 255 : 0);
        image->pixels[y * 9 + x] = (guint8)(x + y > 7 ? 255 : 0);
      }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = path_of ("image", kinds[i]);

      /* a system without the loader has a seed less */
      gdk_pixbuf_save (pixbuf, path, kinds[i], NULL, NULL);
    }
  for (int depth = 1; depth <= 8; depth += 7)
    {
      g_autofree char *name = g_strdup_printf ("grey-%d.png", depth);
      g_autofree char *path = path_of ("image", name);

      if (!nmd_image_save_png (image, path, depth, texts, NULL))
        g_error ("No image %s", path);
    }
  make_turned ();
}

static void
make_weights (void)
{
  static const NmdShape shapes[] = { { 1, { 3 } }, { 4, { 2, 1, 3, 3 } } };
  static const char half[]
      = "{\"a\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]},"
        "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[2,10]}}";
  g_autoptr (NmdWeights) weights = nmd_weights_new ();
  g_autofree char *path = path_of ("safetensors", "float");
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (strlen (half));

  nmd_weights_add (weights, "conv.bias", &shapes[0])[1] = 0.5f;
  nmd_weights_add (weights, "conv.weight", &shapes[1])[7] = -1;
  nmd_weights_set_meta (weights, "epoch", "3");
  if (!nmd_weights_save (weights, path, NULL))
    g_error ("No weights %s", path);
  g_byte_array_append (bytes, (const guint8 *)&length, 8);
  g_byte_array_append (bytes, (const guint8 *)half, (guint)strlen (half));
  g_byte_array_append (bytes, (const guint8 *)"0123456789", 10);
  save ("safetensors", "half", bytes->data, bytes->len);
}

static void
add_entry (struct archive *archive, const char *name, gconstpointer data, gsize length)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0600);
  archive_entry_set_size (entry, (la_int64_t)length);
  if (archive_write_header (archive, entry) != ARCHIVE_OK
      || archive_write_data (archive, data, length) != (la_ssize_t)length)
    g_error ("No entry %s", name);
  archive_entry_free (entry);
}

/* The same as a tar, plain and compressed: what is unpacked is told by its first bytes. */
static void
make_tars (GBytes *png, GBytes *mask)
{
  for (int k = 0; k < 2; k++)
    {
      struct archive *archive = archive_write_new ();
      g_autofree guint8 *bytes = g_malloc (1 << 16);
      gsize used = 0;

      archive_write_set_format_pax_restricted (archive);
      if (k == 1)
        archive_write_add_filter_gzip (archive);
      archive_write_open_memory (archive, bytes, 1 << 16, &used);
      add_entry (archive, "BB/Healthy/Images/BB_anon_1_1.png",
                 g_bytes_get_data (png, NULL), g_bytes_get_size (png));
      add_entry (archive, "BB/Healthy/Masks/BB_anon_1_1.png",
                 g_bytes_get_data (mask, NULL), g_bytes_get_size (mask));
      archive_write_close (archive);
      archive_write_free (archive);
      save ("zip", k == 0 ? "tar" : "tar-gz", bytes, used);
    }
}

/* A zip of one picture with its mask and a table, and a zip around that. */
static void
make_zips (void)
{
  static const char table[] = "ID,age\n1,50\n";
  g_autoptr (NmdImage) image = nmd_image_new (9, 7);
  g_autoptr (GBytes) png = NULL, mask = NULL;
  guint8 outer[8192], inner[8192];
  gsize used = 0, all = 0;

  image->pixels[30] = image->pixels[31] = 200;
  png = nmd_image_to_png (image, 8, NULL, NULL);
  mask = nmd_image_to_png (image, 1, NULL, NULL);
  for (int k = 0; k < 2; k++)
    {
      struct archive *archive = archive_write_new ();

      archive_write_set_format_zip (archive);
      archive_write_open_memory (archive, k == 0 ? inner : outer, sizeof inner,
                                 k == 0 ? &used : &all);
      if (k == 0)
        {
          add_entry (archive, "BB/Healthy/Images/BB_anon_1_1.png",
                     g_bytes_get_data (png, NULL), g_bytes_get_size (png));
          add_entry (archive, "BB/Healthy/Masks/BB_anon_1_1.png",
                     g_bytes_get_data (mask, NULL), g_bytes_get_size (mask));
          add_entry (archive, "BB/Healthy/characteristics.csv", table, strlen (table));
        }
      else
        add_entry (archive, "set.zip", inner, used);
      archive_write_close (archive);
      archive_write_free (archive);
    }
  save ("zip", "plain", inner, used);
  save ("zip", "nested", outer, all);
  make_tars (png, mask);
}

static void
make_tables (void)
{
  save_text ("manifest", "plain",
             "image,mask,subject,label,muscle\n"
             "a.png,m.png,1,healthy,BB\nb.png,,2,pathological,\n"
             "bad.png,,3,healthy,TA\nnone.png,a.png,3,healthy,\n");
  save_text ("manifest", "word",
             "image;subject;label\n./a.png;1;yes\n\nb.png;2;no\n8<\nyes");
  save_text ("manifest", "paths",
             "image,subject,label\n../a.png,1,0\n/etc/passwd,1,1\n"
             "x/../a.png,1,1\nC:\\a.png,1,1\n");
  save_text ("manifest", "names",
             "sep=;\r\nimage;mask;subject;label;split\r\n.\\a;m;01;control;train\r\n"
             "D:\\x\\b.png;NA;1;patient;val\r\nb;;2;1\r\n");
  save_text ("manifest", "pattern",
             "image,subject,label\na,P1,-1\nb,p1,1.0\n8<\n1\n8<\n.\n8<\n{}.png");
  save_text ("sheet", "shared",
             "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c>"
             "<c r=\"C1\" t=\"s\"><v>1</v></c></row><row><c><v>348</v></c><c "
             "t=\"str\"><v>54,5</v></c></row></sheetData></worksheet>\n8<\n"
             "<sst><si><t>ID</t></si><si><r><t>a</t></r><r><t>ge</t></r></si></sst>");
  save_text ("sheet", "inline",
             "<x:worksheet><x:row><x:c t=\"inlineStr\"><x:is><x:t>Patient ID</x:t>"
             "</x:is></x:c></x:row><x:row><x:c t=\"str\"><x:v>BB_anon_007_1</x:v></x:c>"
             "</x:row></x:worksheet>\n8<\n<sst/>");
}

/* The JSON, history and predictions of a run of two epochs on four images, divided as fuzz-run.c
 * expects them. */
static char *
make_run (NmdRunState state, gboolean measured)
{
  static const char images[]
      = "[[\"a.png\", \"0011223344556677\", \"8899aabbccddeeff\", 0, \"s1\"],"
        " [\"b.png\", \"1011223344556677\", \"\", 1, \"s2\"],"
        " [\"c.png\", \"2011223344556677\", \"\", 0, \"s3\"],"
        " [\"d.png\", \"3011223344556677\", \"\", 1, \"s4\"]]";
  static const char split[]
      = "{\"kind\": \"paper\", \"grouping\": \"subject\","
        " \"caveat\": null, \"parts\": {\"train\": [\"a.png\", \"b.png\"],"
        " \"validation\": [\"c.png\", \"d.png\"], \"test\": []}}";
  static const char tables[]
      = "\n8<\nepoch,seconds,lr,train_loss,val_loss,val_auc,val_accuracy,wait,averaging,"
        "best\n"
        "0,1.5,0.001,0.7,0.69,0.5,0.5,0.1,0,1\n1,1.4,0.0005,0.6,,,,0.1,1,0\n\n8<\n"
        "image,subject,muscle,part,label,score,echo_intensity\n"
        "a.png,s1,BB,train,0,0.25,80.5\nc.png,s3,,validation,1,1,\n";
  g_autofree char *folder = g_build_filename (top, "run-made", NULL);
  g_autofree char *path = g_build_filename (folder, NMD_RUN_JSON, NULL);
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (NmdRunFile) file = { .state = state, .threads = 2 };

  file.started = g_strdup ("2026-01-02T03:04:05Z");
  file.network = nmd_network_find ("nmdassistnet", NULL);
  file.parameters = nmd_parameters_new ();
  file.passport = nmd_passport_new ();
  file.device = g_strdup ("cpu");
  file.dataset_path = g_strdup ("/data");
  file.dataset_hash = g_strdup ("00");
  file.images = json_from_string (images, NULL);
  file.split = json_from_string (split, NULL);
  if (!nmd_file_make_folder (folder, NULL) || !nmd_run_file_save (&file, folder, &error)
      || !g_file_get_contents (path, &json, NULL, &error))
    g_error ("No run in %s", folder);
  return g_strconcat (json, "\n8<\n",
                      measured
                          ? "{\"weights\": \"best\", \"part\": \"validation\", "
                            "\"device\": \"x\", \"parts\": {\"train\": null}, "
                            "\"metrics\": {\"part\": \"validation\", \"n_images\": 2, "
                            "\"unit\": \"image\", \"auc\": 0.5, \"tp\": 1}}\n"
                          : "",
                      tables, NULL);
}

/* The pack of the trained run as a zip, and as the texts that fuzz-pack.c makes a folder of: with the files'
 * hashes, and without. */
static void
make_packs (void)
{
  static const char *const files[]
      = { NMD_RUN_JSON, NMD_RUN_HISTORY, NMD_RUN_METRICS, NMD_RUN_PREDICTIONS };
  g_autofree char *zip = path_of ("pack", "whole");
  g_autofree char *made = g_strconcat (zip, ".zip", NULL), *sums = NULL, *seed = NULL;
  g_autoptr (GPtrArray) report = nmd_file_list_new ();
  g_autoptr (GString) text = g_string_new (NULL), listed = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!nmd_pack_write (fixture.unbroken, report, made, &sums, NULL, &error))
    g_error ("%s", error->message);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture.unbroken, files[i], NULL);
      g_autofree char *content = NULL;
      g_autofree char *sha256 = nmd_file_sha256 (path, NULL, NULL);

      if (!g_file_get_contents (path, &content, NULL, NULL))
        g_error ("No %s", path);
      g_string_append_printf (text, "\n8<\n%s", content);
      g_string_append_printf (listed, "%s  run/%s\n", sha256, files[i]);
    }
  save_text ("pack", "made", text->str);
  seed = g_strconcat (listed->str, text->str, NULL);
  save_text ("pack", "listed", seed);
}

/* Plans of an experiment with folds and of one with changes. */
static void
make_plans (void)
{
  static const char *const networks[] = { "tiny", NULL };
  static const gint64 seeds[] = { 1, 2 };
  g_autoptr (NmdParameters) parameters = nmd_parameters_new ();

  for (int i = 0; i < 2; i++)
    {
      const NmdPlanSettings settings
          = { .kind = i == 0 ? NMD_EXPERIMENT_CROSSVAL : NMD_EXPERIMENT_ABLATE,
              .ablation = NMD_ABLATE_RECIPE,
              .dataset_path = fixture.manifest,
              .dataset = fixture.dataset,
              .networks = networks,
              .seeds = seeds,
              .n_seeds = 2,
              .device = "reference",
              .threads = 1,
              .parameters = parameters };
      g_autoptr (GError) error = NULL;
      g_autoptr (NmdPlan) plan = nmd_plan_new (&settings, &error);
      g_autofree char *text = NULL;

      if (plan == NULL)
        g_error ("%s", error->message);
      text = nmd_plan_to_text (plan);
      save_text ("plan", i == 0 ? "crossval" : "ablate", text);
    }
}

/* The files of a whole training of the tiny network on 40 images. */
static void
make_trained_run (int *argc, char ***argv)
{
  static const char *const files[]
      = { NMD_RUN_JSON, NMD_RUN_METRICS, NMD_RUN_HISTORY, NMD_RUN_PREDICTIONS };
  g_autoptr (GString) text = g_string_new (NULL);

  nmd_networks_add (&tiny_network);
  fixture_open (argc, argv);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture.unbroken, files[i], NULL);
      g_autofree char *content = NULL;

      if (!g_file_get_contents (path, &content, NULL, NULL))
        g_error ("No %s", path);
      g_string_append_printf (text, "%s%s", i > 0 ? "\n8<\n" : "", content);
    }
  save_text ("run", "trained", text->str);
  make_packs ();
  make_plans ();
  fixture_close (0);
}

static void
make_runs (void)
{
  g_autofree char *started = make_run (NMD_RUN_STARTED, FALSE);
  g_autofree char *finished = make_run (NMD_RUN_FINISHED, TRUE);

  save_text ("run", "started", started);
  save_text ("run", "finished", finished);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      g_printerr ("Usage: %s FOLDER\n", argv[0]);
      return 2;
    }
  top = argv[1];
  make_texts ();
  make_images ();
  make_weights ();
  make_tables ();
  make_zips ();
  make_runs ();
  make_trained_run (&argc, &argv);
  return 0;
}
