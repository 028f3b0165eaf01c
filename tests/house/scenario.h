/*
 * Scenarios: scripts that a person reads, run in a house (house.h). One statement a line, '#'
 * begins a comment, a JSON object may go over several lines.
 *
 *   clock TIME                        turns the clock
 *   advance DURATION                  lets time pass, doing all that is due
 *   connect NAME UNIT                 a session
 *   disconnect NAME
 *   send NAME KIND {fields}           publishes; "header" is filled in where it is silent
 *   let-record NAME PERSON            $NAME is the index in the log of the delivery last looked at
 *   let-order NAME PERSON             $NAME is the id of the order last looked at
 *   let-watch NAME PERSON             $NAME is the index in the log of what it began to watch
 *   let NAME VALUE                    $NAME in JSON and words from then on; `new` is a fresh UUID
 *   receipt NAME VERDICT [UNIT REASON]...
 *                                     the oldest receipt not looked at: accepted, partly, refused
 *   because NAME TEXT                 the receipt last looked at names this clause or condition
 *   unsaid NAME WORD                  the same receipt does not hold this word
 *   again NAME                        sends the same bytes again
 *   no-receipt NAME                   none has come
 *   subscribe NAME [QUEUE [KIND...]]  a consumer
 *   unsubscribe NAME
 *   delivered NAME KIND               the oldest delivery not looked at is of this kind
 *   has NAME PATH [VALUE]             in that delivery; PATH is as videoRequest.cameraId[0]
 *   lacks NAME PATH
 *   must NAME PATH VALUE              in its obligations
 *   flagged NAME REASON               it is flagged with this; unflagged NAME: with nothing
 *   redelivered NAME                  it is marked as a redelivery
 *   ack NAME | refuse NAME            the delivery last looked at
 *   nothing NAME                      no delivery has come
 *   keys NAME                         its unit's key for receipts is in the inventory from now on
 *   destroyed NAME [tampered] {fields}
 *                                     its signed receipt of the order last looked at: all was
 *                                     destroyed, where the fields are silent
 *   stream NAME STREAM {fields}       opens a stream; then:
 *   opened NAME | stream-refused NAME REASON
 *   feed NAME PACKETS [FROM]          so many packets of the clip, from its start or from a packet
 *   watchers NAME COUNT               what the sender was told last
 *   stopped NAME REASON               the sender's stream was stopped
 *   watch NAME STREAM {fields}        a watcher; then:
 *   watching NAME | watch-refused NAME REASON
 *   sees NAME BYTES                   at least so much came, beginning where a decoder can start
 *   slow NAME | quick NAME            takes nothing from now on; takes everything again
 *   waits NAME BYTES                  at most so much waits for it in the gateway
 *   gaps NAME COUNT                   so many gaps it was told of
 *   digest NAME EVENT                 such an entry has the SHA-256 of all that came, and its gaps
 *   ended NAME REASON                 the watch ended
 *   scopes COUNT                      live key scopes
 *   entries COUNT                     entries in queues
 *   leaves EVENT COUNT                in the log
 *   verifies                          the log does
 *   restart ROLE                      kill -9 and start: ledger, keeper, edge
 *   kill ledger
 *   policy FOLDER                     another policy set, relative to the scenario's folder
 *   memorandum FILE                   the policy set with one memorandum more, from there too
 */
#ifndef FEDGATE_TESTS_SCENARIO_H
#define FEDGATE_TESTS_SCENARIO_H

#include <stdbool.h>

/* Runs a scenario file; what is wrong is printed as file:line: text. */
bool scenario_run(const char *path);

/* The same; then `after` looks at what the house has come to. */
struct house;
bool scenario_run_and(const char *path, void (*after)(struct house *h, void *arg), void *arg);

#endif
