/* The fields of decoded messages by their descriptors, for what is the same for every type:
 * checking, transforming, JSON. */
#ifndef FEDGATE_MESSAGE_REFLECT_H
#define FEDGATE_MESSAGE_REFLECT_H

#include "base/bytes.h"

#include <protobuf-c/protobuf-c.h>

/* The field with this name in the contract; NULL when there is none. */
const ProtobufCFieldDescriptor *reflect_named(const ProtobufCMessageDescriptor *type,
                                              struct bytes name);

/* The type of a field that holds messages; NULL for others. */
const ProtobufCMessageDescriptor *reflect_type_of(const ProtobufCFieldDescriptor *f);

/* How many values the field holds: the items of a repeated one; else 1, or 0 for the default value
 * and for a oneof's other members. */
size_t reflect_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* The address of value `i`: of a char *, a ProtobufCMessage *, a ProtobufCBinaryData, or a number
 * of the field's type. */
void *reflect_value(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i);

/* Sets a repeated field to `n` items of its type at `items`, which live as long as the message. */
void reflect_set_items(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, void *items,
                       size_t n);

/* Takes item `i` out of a repeated field. */
void reflect_remove(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i);

/* As if the field had not been sent. Nothing is freed: messages live in arenas. */
void reflect_clear(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

#endif
