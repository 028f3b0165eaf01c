/*
 * Destruction as a model for spin (`make model`): what ends a scope, what holds it, by which clock,
 * how its key goes, and how a recipient is ordered to destroy and says that it did. Names are those
 * of ledger/ and keeper/; each step says which functions it stands for, and tests/model/run looks
 * whether they are there. Spin goes through every order of steps and finds whether one makes any of
 * this untrue:
 *
 *   - what officers hold is not destroyed, and nobody ordered to destroy it, before their release
 *     of it is on the disk;
 *   - nothing is destroyed, and nobody is ordered to destroy, before something ended it, unless an
 *     officer said that the clock which is ahead is right (or it was held when that clock came);
 *   - each destruction, order, receipt and overdue receipt is on record once;
 *   - what leaves is on record; of what is destroyed, withdrawn, or past its deadline by a time on
 *     record or by the clock, nothing leaves;
 *   - nothing moves any more: what is due is destroyed unless it is held; what left was ordered to
 *     be destroyed, unless it is held, its receipt is on record, and nothing is suspended for it.
 *
 * In it: a scope of an incident (OF_INCIDENT), and one that only its deadline ends (OTHER) and that
 * goes or stays in the same rotation, unless ALONE; CRASHES ends of any role, or of all at once, at
 * any moment: what the ledger has not synced by then is on the disk or is not, a frame as a whole.
 * Each with as many as its macro says: the incident's end and that it is open again (INCIDENTS),
 * a consent withdrawn (CONSENTS), a hold and its release (HOLDS), a message that a recipient is
 * given, with a receipt that is lost, late, or comes again (DELIVERIES), a clock that goes back or
 * far ahead and is set right, or accepted (CLOCK_STEPS).
 *
 * Not in it: how the survivors' slots reach the disk, and how an order reaches its unit: as every
 * message (ipc/road.pml has both); officers one by one; `destroy_share`: that one thing hangs on the
 * clock is enough to ask; several orders of one group; items that are retained; a full disk.
 *
 * WITHOUT_... takes out one condition or call of the code; then spin has to find what goes wrong.
 */
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef INCIDENTS
#define INCIDENTS 1
#endif
#ifndef CONSENTS
#define CONSENTS 1
#endif
#ifndef HOLDS
#define HOLDS 1
#endif
#ifndef DELIVERIES
#define DELIVERIES 0
#endif
#ifndef CLOCK_STEPS
#define CLOCK_STEPS 0
#endif

#define SCOPES      2
#define OF_INCIDENT 0
#define OTHER       1
#define ALL(i)      i : 0 .. SCOPES - 1

#define STORED      1 /* times are small numbers: when the messages were stored, */
#define TIME_MOST   4 /* and the last that comes */
#ifdef ALONE
#define LAST        200 /* when OTHER ends: behind every clock */
#else
#define LAST        4
#endif
#define DEADLINE(s) (s == OF_INCIDENT -> 3 : LAST) /* spool_scope.deadline_us */
#define DELAY       1  /* spool_scope.delay_us: so long behind the incident's end */
#define WITHIN      1  /* ledger_owed.receipt_within_us */
#define BACK        2
#define FAR         20
#define JUMP        10 /* config.clock_jump_us */

/* ---- what outlives every role: what the journal says (ledger/records.def), and the secret */

typedef state {
    byte high_water;              /* l->high_water_us */
    byte ends[SCOPES];            /* spool_scope.ends_us; OF_INCIDENT's is its group's as well */
    bool withdrawn;               /* spool_scope.cause, of OF_INCIDENT */
    bool held[SCOPES];            /* spool_scope.preserved */
    bool is_group_held;           /* of the group's clock, or of the one it will have */
    bool over;                    /* the delivery: SETTLED or EXPIRED */
    bool released;                /* RELEASED, and OWED: the group begins */
    byte destroyed[SCOPES];       /* DESTROYED: how many, */
    byte ordered, settled, late;  /* ORDERED, of messages that settle, OVERDUE: how many */
    byte receipt_by               /* ledger_order.receipt_by_us */
};
state d;
bool opens[SCOPES] = true; /* the wrapping secret at rest opens a slot of it on some disk */

/* ---- the world */

byte time = STORED;        /* the true one, which the steady clock follows */
mtype = { RIGHT, SET_BACK, AHEAD };
mtype clock = RIGHT;       /* the system's */
#define WALL (clock == RIGHT -> time : (clock == AHEAD -> time + FAR : (time > BACK -> time - BACK : 0)))
bool accepted;             /* an officer said that a clock which is ahead is right */
bool believed;             /* it was believed while something was held, which no deadline ends */
byte crashes, clock_steps, incident, consent, hold, repeats; /* how many of these there were */

/* ---- keeper */

bool k_up = true, k_is_rotating;
bool k_has[SCOPES] = true, k_doomed[SCOPES];

/* ---- edge and recipient */

bool e_up = true, e_key, e_suspends;
bool has_copy, has_order, has_answer;
bool release_is_out, receipt_is_out; /* on their way to the ledger */

/* ---- ledger */

mtype = { IDLE, WAITS_FOR_EDGE, READY, REWRAPPED, ERASED };
bool l_up = true;
state l;
mtype l_step = IDLE;
bool l_dying[SCOPES];
bool l_offered;
byte l_base, l_base_steady;      /* l->time */
bool l_uncertain, l_looked;      /* and whether clocks_turn saw the clock as it is */
bool f_any;                      /* the frame being collected holds something, */
bool a_released, a_settled, a_late; /* and the answers that wait for it */

#define HAS_ANSWERS (a_released || a_settled || a_late)

#define MAX(a, b)   ((a) > (b) -> (a) : (b))
#define MIN(a, b)   ((a) < (b) -> (a) : (b))

/* clocks.c: held, has_jumped, ledger_now */
#define HELD        MAX(l_base + time - l_base_steady, l.high_water)
#ifdef WITHOUT_ASKING
#define HAS_JUMPED  false
#else
#define HAS_JUMPED  (WALL > HELD + JUMP)
#endif
#ifdef WITHOUT_HIGH_WATER
#define NOW         (HAS_JUMPED -> HELD : WALL)
#else
#define NOW         (HAS_JUMPED -> HELD : MAX(WALL, l.high_water))
#endif

#define IS_OWED     (l.released && l.ordered == 0)
#define LIVES(s)    (l.destroyed[s] == 0 && !l_dying[s])
/* spool/scopes.c: spool_scope_drop. It ends in a moment. */
#define IS_EMPTY(s) (s == OF_INCIDENT && l.over)
/* spool/scopes.c: set_due. What is preserved has its time, and no turn. */
#ifdef WITHOUT_PRESERVED
#define IS_DUE(s)   (LIVES(s) && (l.ends[s] <= NOW || IS_EMPTY(s)))
#else
#define IS_DUE(s)   (LIVES(s) && !l.held[s] && (l.ends[s] <= NOW || IS_EMPTY(s)))
#endif
/* outlet.c: ledger_may_leave, is_set_aside; clocks.c: clocks_bar */
#define MAY_LEAVE   (!l.over && LIVES(OF_INCIDENT) && DEADLINE(OF_INCIDENT) > NOW && l.ends[OF_INCIDENT] > NOW)
#ifdef WITHOUT_BAR
#define IS_BARRED   false
#else
#define IS_BARRED   (l_uncertain && (DEADLINE(OF_INCIDENT) <= WALL || l.ends[OF_INCIDENT] <= WALL))
#endif

/* What ends it has come. */
#define HAS_ENDED(s) (time >= l.ends[s] || accepted || believed)

inline copy_state(to, from)
{
    to.high_water = from.high_water;
    for (ALL(i)) { to.ends[i] = from.ends[i]; to.held[i] = from.held[i]; to.destroyed[i] = from.destroyed[i] }
    to.withdrawn = from.withdrawn; to.is_group_held = from.is_group_held; to.over = from.over; to.released = from.released;
    to.ordered = from.ordered; to.settled = from.settled; to.late = from.late;
    to.receipt_by = from.receipt_by
}

/* record.c: ledger_record; clocks.c: ledger_saw_time. Each says when. */
inline record()
{
#if CLOCK_STEPS > 0
    l.high_water = MAX(NOW, l.high_water);
#endif
    f_any = true
}

inline frame_reaches_the_disk()
{
    copy_state(d, l);
    f_any = false;
    /* on record once; and then nothing on any disk can be opened */
    assert(d.ordered <= 1 && d.settled <= 1 && d.late <= 1);
    assert(d.ordered == 0 || !d.is_group_held);
    for (ALL(i)) { assert(d.destroyed[i] == 0 || (d.destroyed[i] == 1 && !opens[i] && !k_has[i])) }
}

/* ---- ends and starts */

inline edge_ends()
{
    e_up = false; e_key = false; e_suspends = false;
    release_is_out = false; receipt_is_out = false;
    l_offered = false; a_released = false; a_settled = false; a_late = false;
    if
    :: l_step == WAITS_FOR_EDGE -> l_step = READY /* destruction.c: destruction_edge_went */
    :: else
    fi
}

inline ledger_ends()
{
    if
    :: f_any -> frame_reaches_the_disk()
    :: true
    fi;
    l_up = false; l_step = IDLE; f_any = false;
    for (ALL(i)) { l_dying[i] = false }
    copy_state(l, d);
    l_base = 0; l_base_steady = 0; l_uncertain = false; l_looked = false; l_offered = false;
    a_released = false; a_settled = false; a_late = false;
    release_is_out = false; receipt_is_out = false
}

inline keeper_ends()
{
    k_up = false; k_is_rotating = false;
    for (ALL(i)) { k_has[i] = false; k_doomed[i] = false }
}

/* recovery.c: ledger_keeper_came; keeper.c: scopes_load. What it cannot unwrap is lost: never. */
inline keeper_is_loaded()
{
    for (ALL(i)) {
        assert(!LIVES(i) || opens[i]);
        k_has[i] = LIVES(i); k_doomed[i] = false
    }
    k_is_rotating = false
}

/* clocks.c: trust */
inline trust()
{
    l_base = WALL; l_base_steady = time
}

/* recovery.c: ledger_open; the journal was read when it ended. */
inline ledger_starts()
{
    l_base_steady = time; /* clocks.c: clocks_begin */
    l_base = (l.high_water > 0 && l.high_water < WALL -> l.high_water : WALL);
    if
    :: !HAS_JUMPED -> trust()
    :: else
    fi;
#ifndef WITHOUT_LOST
    for (ALL(i)) {
        if
        :: l.destroyed[i] == 0 && !opens[i] -> /* destruction.c: destruction_record_lost */
            l.over = l.over || i == OF_INCIDENT;
            l.destroyed[i]++;
            record()
        :: else
        fi
    }
#endif
    keeper_is_loaded();
    l_up = true
}

proctype roles_end()
{
    byte i;
    do
    :: atomic { crashes < CRASHES && e_up -> crashes++; edge_ends() }
    :: atomic { crashes < CRASHES && k_up -> crashes++; keeper_ends() }
    :: atomic { crashes < CRASHES && l_up -> crashes++; ledger_ends() }
    :: atomic { crashes < CRASHES -> crashes++; ledger_ends(); edge_ends(); keeper_ends() } /* power */
    :: break
    od
}

proctype roles_start()
{
    byte i;
end:
    do
    :: atomic { !e_up && l_up && !f_any -> e_up = true;
        e_suspends = l.late > 0 && l.settled == 0 /* ledger.c: view */ }
    :: atomic { !k_up -> k_up = true;
        if /* a rotation that was under way makes the ledger end */
        :: l_up && l_step != REWRAPPED -> keeper_is_loaded()
        :: else
        fi }
    :: atomic { !l_up && k_up -> ledger_starts() }
    od
}

/* ---- time goes on or not; the clock is right at last, or an officer stands by it */

proctype time_goes_on()
{
    do
    :: atomic { time < TIME_MOST -> time++ }
    :: atomic { clock_steps < CLOCK_STEPS && clock == RIGHT -> clock_steps++; l_looked = false;
        if
        :: clock = SET_BACK
        :: clock = AHEAD
        fi }
    :: atomic { clock != RIGHT && !accepted -> clock = RIGHT; l_looked = false }
    :: atomic { clock == RIGHT || accepted -> break }
    od
}

/* ---- keeper and edge */

proctype edge()
{
end:
    do
    /* service/offer.c. The body is opened, decided about again, and its release asked for */
    :: atomic { e_up && l_up && l_offered && !release_is_out && (e_key || (k_up && k_has[OF_INCIDENT] && !k_doomed[OF_INCIDENT])) ->
        e_key = true; release_is_out = true }
    /* outlet.c: outlet_pump. The order comes behind what left before it; the recipient destroys
     * its copy and says so until that is answered, and once more. */
    :: atomic { e_up && l_up && d.ordered > 0 && !has_order && !a_released -> has_order = true }
    :: atomic { has_order && has_copy -> has_copy = false }
    :: atomic { e_up && l_up && has_order && !has_copy && !receipt_is_out && !a_settled &&
                (!has_answer || repeats == 0) ->
        if
        :: has_answer -> repeats++
        :: else
        fi;
        receipt_is_out = true }
    od
}

/* ---- ledger */

/* One thread: nothing else while it waits for the keeper. A step of the clock between two turns
 * counts as one before the second. */
#define IS_FREE (l_up && l_step != REWRAPPED && l_step != ERASED)
#define IN_TURN (IS_FREE && l_looked)

/* clocks.c: resolve */
inline believe()
{
    l_uncertain = false;
    trust();
    record()
}

/* clocks.c: clocks_turn, look, look_at_all */
#define HANGS(s)   (LIVES(s) && !l.held[s] && l.ends[s] > HELD && l.ends[s] <= WALL)
#ifdef WITHOUT_GROUPS
#define OWES_BY_IT false
#else
#define OWES_BY_IT (IS_OWED && !l.is_group_held && l.ends[OF_INCIDENT] > HELD && l.ends[OF_INCIDENT] <= WALL)
#endif
#define IS_MUCH    (HANGS(OF_INCIDENT) || HANGS(OTHER) || OWES_BY_IT)
inline look_at_the_clock()
{
    if
    :: !HAS_JUMPED && l_uncertain -> believe() /* it came back */
    :: !HAS_JUMPED && !l_uncertain && WALL < HELD -> trust()
    :: HAS_JUMPED && !l_uncertain && IS_MUCH -> l_uncertain = true /* clocks.c: doubt */
    :: HAS_JUMPED && !l_uncertain && !IS_MUCH -> believe();
        believed = believed || l.held[OF_INCIDENT] || l.held[OTHER] || l.is_group_held
    :: else
    fi;
    l_looked = true
}

/* destruction.c: destruction_begin, collect, doom, expire */
inline begin()
{
    for (ALL(i)) {
        if
        :: IS_DUE(i) ->
            assert(HAS_ENDED(i) || IS_EMPTY(i));
            l_dying[i] = true;
            k_doomed[i] = true;
            if
            :: i == OF_INCIDENT && !l.over -> l.over = true; record()
            :: else
            fi
        :: else
        fi
    }
    l_step = (e_up -> WAITS_FOR_EDGE : READY)
}

/* keeper.c: secret_rotate; scopes.c: scopes_keep_only. Of what is not wrapped again there is nothing left. */
inline rotate()
{
    for (ALL(i)) {
#ifdef WITHOUT_SURVIVORS
        opens[i] = opens[i] && LIVES(i) && !l.held[i];
#else
        opens[i] = opens[i] && LIVES(i);
#endif
        k_has[i] = opens[i]; k_doomed[i] = false;
        assert(opens[i] || !d.held[i])
    }
    k_is_rotating = false
}

#ifdef WITHOUT_COMMIT
#define IS_COMMITTED true
#else
#define IS_COMMITTED (!f_any && !HAS_ANSWERS)
#endif
#ifdef WITHOUT_DYING
#define IS_THERE(s) (l.destroyed[s] == 0)
#else
#define IS_THERE(s) LIVES(s)
#endif
#define HAS_NAME(s) (IS_THERE(s) || (s == OF_INCIDENT && IS_OWED))
#ifdef WITHOUT_KEEPING
#define IS_ORDERED  IS_OWED
#else
#define IS_ORDERED  (IS_OWED && !l.is_group_held)
#endif

proctype ledger()
{
    byte i, s;
end:
    do
    :: atomic { IS_FREE && !l_looked -> look_at_the_clock() }

    /* ---- what ends a scope, and its group beside it */
    :: atomic { IN_TURN && incident < INCIDENTS -> incident++; /* its end: scopes.c: spool_scope_start */
        if
        :: !l.withdrawn -> l.ends[OF_INCIDENT] = MIN(l.ends[OF_INCIDENT], NOW + DELAY)
        :: else
        fi;
        record() }
    :: atomic { IN_TURN && incident == 1 -> incident++; /* open again: scopes.c: spool_scope_stop */
        if
#ifndef WITHOUT_CAUSE
        :: l.withdrawn
#endif
        :: else -> l.ends[OF_INCIDENT] = DEADLINE(OF_INCIDENT)
        fi;
        record() }
    :: atomic { IN_TURN && consent < CONSENTS -> consent++; /* scopes.c: spool_scope_end; ends.c: ends_scope, ends_owed */
        l.withdrawn = true; l.ends[OF_INCIDENT] = MIN(l.ends[OF_INCIDENT], NOW);
        record() }

    /* ---- holds: of what is there still, and of what recipients owe, now or later
     * (preservation_named.c: add_scope; preservation.c: preservation_apply; preservation_owed.c:
     * preservation_keep_owed, preservation_new_group) */
    :: atomic { IN_TURN && hold < HOLDS && (HAS_NAME(0) || HAS_NAME(1)) -> hold++;
        if
        :: HAS_NAME(0) -> s = 0
        :: HAS_NAME(1) -> s = 1
        fi;
        l.held[s] = IS_THERE(s);
        l.is_group_held = (s == OF_INCIDENT && l.ordered == 0);
        record() }
    :: atomic { IN_TURN && hold == 1 && (l.held[0] || l.held[1] || l.is_group_held) -> hold++;
        /* preservation.c: let_go; preservation_owed.c: preservation_let_owed_go */
        for (ALL(i)) { l.held[i] = false }
        l.is_group_held = false;
        record() }

    /* ---- an officer accepts the clock; refusing it changes nothing (clocks.c: clocks_judge, clocks_accept) */
    :: atomic { IN_TURN && l_uncertain && HAS_JUMPED -> accepted = true; believe() }

    /* ---- deliveries (outlet.c: offer_some, outlet_release) */
    :: atomic { IN_TURN && DELIVERIES > 0 && e_up && !l.released && MAY_LEAVE && !IS_BARRED && !l_offered -> l_offered = true }
    :: atomic { IN_TURN && release_is_out -> release_is_out = false; l_offered = false;
        if
        :: MAY_LEAVE && !IS_BARRED -> l.released = true; a_released = true; record(); /* owed.c: owed_group */
            assert(!d.withdrawn && d.high_water < DEADLINE(OF_INCIDENT) && WALL < DEADLINE(OF_INCIDENT))
        :: else
        fi }
    :: atomic { IN_TURN && has_copy && !l.over -> l.over = true; record() } /* apply.c: apply_settled */

    /* ---- what the recipient owes (orders.c: order_due; orders_overdue.c: tell_overdue; settle.c: settle_apply) */
    :: atomic { IN_TURN && IS_ORDERED && l.ends[OF_INCIDENT] <= NOW ->
        assert(HAS_ENDED(OF_INCIDENT));
        l.ordered++; l.receipt_by = NOW + WITHIN;
        record() }
    :: atomic { IN_TURN && l.ordered > 0 && l.settled == 0 && l.late == 0 && l.receipt_by <= NOW ->
        l.late++; a_late = true;
        record() }
    :: atomic { IN_TURN && receipt_is_out -> receipt_is_out = false; a_settled = true;
#ifdef WITHOUT_ONCE
        l.settled++; record();
#else
        if
        :: l.settled == 0 -> l.settled++; record()
        :: else /* settle.c: add_owed, settle_item */
        fi;
#endif
#ifndef WITHOUT_LIFTING
        a_late = a_late || l.late > 0 /* settle.c: settle_tell */
#endif
        }

    /* ---- one commit for all that was collected; then the answers go (ledger.c: ledger_turn, let_answers_go) */
    :: atomic { IS_FREE && f_any -> frame_reaches_the_disk() }
    :: atomic { IS_FREE && !f_any && HAS_ANSWERS ->
        if
        :: a_released -> has_copy = true;
            assert(d.released && d.destroyed[OF_INCIDENT] == 0) /* what leaves */
        :: else
        fi;
        if
        :: a_settled -> has_answer = true; assert(d.settled == 1 && !has_copy)
        :: else
        fi;
        if
        :: a_late -> e_suspends = d.late > 0 && d.settled == 0
        :: else
        fi;
        a_released = false; a_settled = false; a_late = false }

    /* ---- what is due; the edge forgets, or does not answer (destruction.c: destruction_wiped,
     * lose_patience); what is not to go is wrapped again; the secret is overwritten; it is recorded */
    :: atomic { IN_TURN && l_step == IDLE && (IS_DUE(0) || IS_DUE(1)) -> begin() }
    :: atomic { IN_TURN && l_step == WAITS_FOR_EDGE && IS_COMMITTED && e_up -> e_key = false; l_step = READY }
    :: atomic { IN_TURN && l_step == WAITS_FOR_EDGE && IS_COMMITTED -> l_step = READY }
    :: atomic { IN_TURN && l_step == READY && IS_COMMITTED && k_up -> /* keeper.c: scopes_rewrap */
        for (ALL(i)) { k_doomed[i] = k_doomed[i] || l_dying[i] }
        k_is_rotating = true; l_step = REWRAPPED }
    :: atomic { l_up && l_step == REWRAPPED && k_up && k_is_rotating -> rotate(); l_step = ERASED }
    :: atomic { l_up && l_step == REWRAPPED && !(k_up && k_is_rotating) -> /* only a new start can tell (destruction.c: erase) */
        ledger_ends() }
    :: atomic { l_up && l_step == ERASED -> /* destruction.c: record_destroyed */
        for (ALL(i)) {
            if
            :: l_dying[i] -> l_dying[i] = false; l.destroyed[i]++; record()
            :: else
            fi
        }
        l_step = IDLE }
    od
}

/* Nothing moves any more. */
proctype watch()
{
    byte i;
    timeout ->
    atomic {
        for (ALL(i)) { assert(d.destroyed[i] == 1 || d.held[i] || NOW < d.ends[i]) }
        assert(!d.withdrawn || d.destroyed[OF_INCIDENT] == 1 || d.held[OF_INCIDENT]);
        assert(!has_copy || NOW < d.ends[OF_INCIDENT] || d.is_group_held);
        assert(!d.released || d.settled == 1 || NOW < d.ends[OF_INCIDENT] || d.is_group_held);
        assert(!e_suspends)
    }
}

init
{
    byte i;
    atomic { /* a message in each scope */
        for (ALL(i)) { l.ends[i] = DEADLINE(i) }
        l.high_water = STORED; l_base = STORED; l_base_steady = STORED; l_looked = true;
        copy_state(d, l);
        run roles_end(); run roles_start(); run time_goes_on(); run edge(); run ledger(); run watch()
    }
}
