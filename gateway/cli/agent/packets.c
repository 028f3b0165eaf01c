/* Transport-stream packets, and the clock in them. */
#include "cli/agent/stream.h"

#include "message/mpegts.h"

#define TICKS_A_SECOND UINT64_C(27000000)
#define CLOCK_TURNS    ((UINT64_C(1) << 33) * 300) /* then it begins at zero again */

size_t agent_packets(struct bytes data, bool *wrong)
{
    size_t n = 0;
    *wrong = false;
    while (data.n - n >= TS_PACKET) {
        if (data.p[n] != TS_SYNC) {
            *wrong = true;
            return n;
        }
        n += TS_PACKET;
    }
    *wrong = n < data.n && data.p[n] != TS_SYNC;
    return n;
}

/* The program clock reference of a packet (2.4.3.4, 2.4.3.5): 33 bits of 90 kHz, and 9 of 27 MHz.
 */
static bool read_clock(const uint8_t *packet, uint16_t *pid, uint64_t *clock)
{
    if ((packet[3] & 0x20) == 0 || packet[4] < 7 || (packet[5] & 0x10) == 0)
        return false;
    uint64_t bits = 0;
    for (size_t i = 6; i < 12; i++)
        bits = bits << 8 | packet[i];
    *pid = (uint16_t)((packet[1] & 0x1f) << 8 | packet[2]);
    *clock = (bits >> 15) * 300 + (bits & 0x1ff);
    return true;
}

/* Values stand at most a tenth of a second apart (2.7.2); anything far off is another clock. */
static void advance(struct agent_pace *p, uint64_t clock)
{
    uint64_t step = (clock + CLOCK_TURNS - p->last) % CLOCK_TURNS;
    if (step <= 10 * TICKS_A_SECOND)
        p->passed += step;
    p->last = clock;
}

size_t agent_pace_next(struct agent_pace *p, struct bytes packets, int64_t *due_us)
{
    uint16_t pid;
    uint64_t clock;
    size_t at = 0;
    for (; at + TS_PACKET <= packets.n; at += TS_PACKET) {
        if (!read_clock(packets.p + at, &pid, &clock) || (p->begun && pid != p->pid))
            continue;
        if (at > 0)
            break;
        if (!p->begun)
            *p = (struct agent_pace){.begun = true, .pid = pid, .last = clock};
        advance(p, clock);
    }
    *due_us = (int64_t)(p->passed / (TICKS_A_SECOND / 1000000));
    return at;
}
