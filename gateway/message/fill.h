/* Filling facts from parts of checked messages. The views point into the message. */
#ifndef FEDGATE_MESSAGE_FILL_H
#define FEDGATE_MESSAGE_FILL_H

#include "message/facts.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* Each accepts NULL for what is absent. */
void fill_header(struct facts *f, const Fedgate__V1__Header *h);
void fill_actor(struct facts *f, const Fedgate__V1__Actor *a);
void fill_basis(struct facts *f, const Fedgate__V1__LegalBasis *b);

/* One more piece of evidence, from the body; an empty value is none. What has no room is left out.
 */
void fill_evidence(struct facts *f, const char *kind, const char *value);
void fill_subject(struct facts *f, const Fedgate__V1__SubjectRef *s);
void fill_consent(struct facts *f, const Fedgate__V1__Consent *c);

/* A person's position: without origin it counts as obtained under LIA 29, as the contract says. */
void fill_person(struct facts *f, const Fedgate__V1__Position *p);

/* A place that is not a person's: where something happened, or a camera is missing. Without origin
 * it counts as just that (bit 0). */
void fill_place(struct facts *f, const Fedgate__V1__Position *p);

/* The same for each point of an area; the facts' place is the mean of its points,
 * their route is the points. */
void fill_area(struct facts *f, const Fedgate__V1__Area *a);

/* Many, or one that may be empty. */
void fill_cameras(struct facts *f, char *const *id, size_t n);
void fill_camera(struct facts *f, char *id);

#endif
