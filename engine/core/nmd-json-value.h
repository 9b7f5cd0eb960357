/* SPDX-License-Identifier: Apache-2.0
 *
 * The typed reader of JSON files: a value together with where it stands, so that every refusal
 * names the file, the member's path and what was expected:
 *
 *     r1/run.json: split.parts.train[0] has the wrong type: text expected, object found
 *     r1/run.json: seed is -1: a whole number from 0 to 9007199254740991 expected
 *     r1/run.json: dataset.path is missing: text expected
 *
 * An example:
 *
 *     NmdJsonValue top = nmd_json_value_top (root, path), split, names;
 *     guint n;
 *
 *     if (!nmd_json_get_object (&top, "split", NMD_JSON_REQUIRED, &split, error)
 *         || !nmd_json_get_array (&split, "train", NMD_JSON_REQUIRED, &names, &n, error))
 *       return FALSE;
 *     for (guint i = 0; i < n; i++)
 *       {
 *         NmdJsonValue item = nmd_json_value_element (&names, i);
 *         const char *name;
 *
 *         if (!nmd_json_get_text (&item, NULL, NMD_JSON_REQUIRED, &name, error))
 *           return FALSE;
 *         …
 *
 * In all nmd_json_get_…():
 * @self: an object; an absent one (an optional object that was not there) has no members
 * @member: name of the member; %NULL reads @self itself, whatever it is
 * @need: %NMD_JSON_OPTIONAL: where the member is absent or null, the result is left as it is (for an
 *   object or array: becomes absent) and %TRUE is returned. A wrong type is an error all the same
 * Errors: %NMD_ERROR_FORMAT as above.
 * Returns: %FALSE with @error set and the result left as it was
 *
 * Nothing is copied: text and nodes belong to the tree that @self was made from. Threads: any.
 */
#pragma once

#include "engine/core/nmd-json.h"

G_BEGIN_DECLS

/**
 * NmdJsonValue:
 * @node: the value; %NULL: it is absent. May be read directly (iterating over an object's members)
 *
 * A plain struct, made by the functions below. The other fields are theirs. It points to the value
 * that it was read from, which must live as long.
 */
typedef struct _NmdJsonValue NmdJsonValue;
struct _NmdJsonValue
{
  JsonNode *node;
  const char *file;
  const NmdJsonValue *parent;
  const char *member;
  guint index;
};

typedef enum
{
  NMD_JSON_REQUIRED,
  NMD_JSON_OPTIONAL,
} NmdJsonNeed;

/* The top of the tree @root; @file is what errors name. Both are borrowed. */
NmdJsonValue nmd_json_value_top     (JsonNode            *root,
                                     const char          *file);

/* The element @index of the array @array, 0 ≤ @index < its length. */
NmdJsonValue nmd_json_value_element (const NmdJsonValue  *array,
                                     guint                index);

/* TRUE if @self is an object with the member @member and that is not null. */
gboolean     nmd_json_value_has     (const NmdJsonValue  *self,
                                     const char          *member);

/* An object. @object must not be @self. */
gboolean     nmd_json_get_object    (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     NmdJsonValue        *object,
                                     GError             **error);

/* An array and the number of its elements (0 where it is absent). @array must not be @self. */
gboolean     nmd_json_get_array     (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     NmdJsonValue        *array,
                                     guint               *n,
                                     GError             **error);

/* Text, borrowed. */
gboolean     nmd_json_get_text      (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     const char         **text,
                                     GError             **error);

/* A copy of text; a text that *@text held before is freed. */
gboolean     nmd_json_dup_text      (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     char               **text,
                                     GError             **error);

/* A whole number, @minimum ≤ value ≤ @maximum. 3.0 is one, 3.5 is not. */
gboolean     nmd_json_get_int       (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     gint64               minimum,
                                     gint64               maximum,
                                     gint64              *value,
                                     GError             **error);

/* How many there are of something: a whole number from 0 to %G_MAXINT, which must be there. */
gboolean     nmd_json_get_count     (const NmdJsonValue  *self,
                                     const char          *member,
                                     guint               *count,
                                     GError             **error);

/* A finite number, @minimum ≤ value ≤ @maximum (-INFINITY and INFINITY for no bound). */
gboolean     nmd_json_get_number    (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     double               minimum,
                                     double               maximum,
                                     double              *value,
                                     GError             **error);

/* true or false. */
gboolean     nmd_json_get_boolean   (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     gboolean            *value,
                                     GError             **error);

/* An array of texts as a new %NULL-terminated array; one that *@texts held before is freed. */
gboolean     nmd_json_dup_texts     (const NmdJsonValue  *self,
                                     const char          *member,
                                     NmdJsonNeed          need,
                                     char              ***texts,
                                     GError             **error);

/**
 * nmd_json_value_refuse:
 * @self: an object, or the value itself with @member %NULL
 * @member: (nullable): the member that is wrong
 * @format: what is wrong, continuing "FILE: MEMBER " ("names the part “x” twice")
 *
 * Sets %NMD_ERROR_FORMAT for a value whose type is right and whose content is not.
 *
 * Returns: always %FALSE
 */
gboolean     nmd_json_value_refuse  (const NmdJsonValue  *self,
                                     const char          *member,
                                     GError             **error,
                                     const char          *format,
                                     ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
