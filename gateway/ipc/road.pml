/*
 * The road of a message between edge, ledger and keeper, as a model for spin (`make model`). Names
 * are those of ipc/messages.def, ledger/ and keeper/. Spin goes through every order of steps and
 * finds whether one makes any of this untrue:
 *
 *   - a receipt was given: the message is on the disk;
 *   - something leaves: it is on record, and not destroyed;
 *   - a destruction is on record: nobody has the key, and nothing on any disk can be opened;
 *   - a message is stored and its time has not come: it can be opened after any crash;
 *   - nothing moves any more: what was acknowledged has arrived, or its time came first; what was due
 *     is destroyed.
 *
 * In it: two messages, each sealed under the scope of its tuple; a publisher that sends again what
 * has no receipt; a recipient that acknowledges; one scope whose time comes at any moment; and
 * CRASHES ends of any role, or of all at once, at any moment, each followed by a start. What the
 * ledger has not synced when it ends is on the disk or is not: a frame as a whole, for a torn one
 * counts as none (journal/).
 *
 * Not in it: the contents of messages, the decisions, several edges, a full disk, disks that lie, an
 * edge that does not answer for ten seconds (its destruction is recorded as unconfirmed).
 *
 * WITHOUT_... takes out one step of the protocol; then spin has to find what goes wrong. With
 * SHARED both messages belong to one tuple, as those of one incident do. With SUPERSEDES the second
 * is a newer position of the same person (ledger/supersede.c): the first one, once it gave way,
 * never leaves, and the second one is there instead.
 */
#ifndef CRASHES
#define CRASHES 1
#endif
#define MESSAGES 2
#define SCOPES 3
#define NO_SCOPE 3

#ifdef SHARED
#define TUPLE(m) 0
#else
#define TUPLE(m) (m)
#endif

/* STALE is COMMITTED with that answer, WITHHELD is RELEASED without `go`. */
mtype = { COMMIT, RELEASE, ACK, WIPED, COMMITTED, STALE, DELIVER, RELEASED, WITHHELD, WIPE };

/* type, message, scope, generation of its wrapping */
chan to_ledger = [5] of { mtype, byte, byte, byte };
chan to_edge = [7] of { mtype, byte, byte, byte };

/* ---- what outlives every role */

bool d_stored[MESSAGES], d_released[MESSAGES], d_over[MESSAGES]; /* records of the journal */
byte d_scope[MESSAGES];       /* of RECORD_MESSAGE */
bool d_superseded;            /* RECORD_SUPERSEDED, of the first by the second */
bool d_known[SCOPES];         /* a scope of some RECORD_MESSAGE, */
byte d_wrapped[SCOPES];       /* and the generation that it was wrapped under there */
bool d_destroyed[SCOPES];     /* RECORD_DESTROYED */
byte half_generation[2];      /* the key file: two halves, */
bool half_has[6];             /* half * SCOPES + scope */
byte secret = 1;              /* where the wrapping secret rests: its generation */

bool has_receipt[MESSAGES], arrived[MESSAGES], is_due[SCOPES];
byte crashes, next_scope;
byte tuple_of[SCOPES];

#define OPENS(s) ((d_known[s] && d_wrapped[s] == secret) || \
                  (half_generation[0] == secret && half_has[s]) || \
                  (half_generation[1] == secret && half_has[SCOPES + s]))

/* ---- keeper: its answers are steps of who asks */

bool k_up = true, k_is_loaded = true;
bool k_has[SCOPES], k_doomed[SCOPES], k_kept[SCOPES];
bool k_is_rotating;

/* ---- edge */

bool e_up = true;
bool e_key[SCOPES];
bool e_committed[SCOPES];  /* its entry in the cache is of a scope that is on record */
byte e_generation[SCOPES];
bool e_asked[MESSAGES];
byte e_offer[MESSAGES];    /* 0 none, 1 delivered, 2 RELEASE is out, 3 to be acknowledged */
byte e_offer_scope[MESSAGES];

/* ---- ledger */

mtype = { IDLE, WAITS_FOR_EDGE, READY, REWRAPPED, ON_DISK, ROTATED, SWITCHED };
bool l_up = true;
byte l_generation = 1;
bool l_stored[MESSAGES], l_released[MESSAGES], l_over[MESSAGES], l_offered[MESSAGES];
byte l_scope[MESSAGES];
bool l_superseded;
bool l_known[SCOPES], l_dying[SCOPES], l_destroyed[SCOPES];
byte l_wrapped[SCOPES];
mtype l_step = IDLE;
byte l_batch = NO_SCOPE;
bool l_wipe_is_out, l_is_writing;
/* the frame being collected, and the answers that wait for it */
bool f_any, a_any;
bool a_committed[MESSAGES], a_stale[MESSAGES], a_released[MESSAGES], a_withheld[MESSAGES];

#define ALL_MESSAGES(i) i : 0 .. MESSAGES - 1
#define ALL_SCOPES(i)   i : 0 .. SCOPES - 1

inline forget_answers()
{
    for (ALL_MESSAGES(i)) {
        a_committed[i] = false; a_stale[i] = false; a_released[i] = false; a_withheld[i] = false;
    }
    a_any = false;
}

/* What stands in memory is what the frame has brought up to now: writing the frame makes the disk
 * like it. */
inline frame_reaches_the_disk()
{
    for (ALL_MESSAGES(i)) {
        d_stored[i] = l_stored[i]; d_scope[i] = l_scope[i];
        d_released[i] = l_released[i]; d_over[i] = l_over[i];
    }
    d_superseded = l_superseded;
    assert(!d_superseded || d_stored[1]);
    for (ALL_SCOPES(i)) {
        if
        :: l_known[i] && !d_known[i] -> d_known[i] = true; d_wrapped[i] = l_wrapped[i]
        :: else
        fi;
        if
        :: l_destroyed[i] && !d_destroyed[i] ->
            d_destroyed[i] = true;
            /* destroyed: nobody has the key, and nothing on any disk can be opened */
            assert(!OPENS(i) && !k_has[i] && !e_key[i])
        :: else
        fi
    }
    f_any = false; l_is_writing = false
}

/* ---- ends and starts */

inline edge_ends()
{
    e_up = false;
    for (ALL_SCOPES(i)) { e_key[i] = false; e_committed[i] = false; e_generation[i] = 0 }
    for (ALL_MESSAGES(i)) { e_asked[i] = false; e_offer[i] = 0; e_offer_scope[i] = 0 }
    /* the ledger loses its consumers, and need not wait for what is gone */
    for (ALL_MESSAGES(i)) { l_offered[i] = false }
    forget_answers();
    if
    :: l_step == WAITS_FOR_EDGE -> l_step = READY
    :: else
    fi
}

/* The edge keeps its keys; calls and consumers end. */
inline edge_loses_ledger()
{
    for (ALL_MESSAGES(i)) { e_asked[i] = false; e_offer[i] = 0; e_offer_scope[i] = 0 }
    /* scope_forget_uncommitted */
    for (ALL_SCOPES(i)) {
        if
        :: !e_committed[i] -> e_key[i] = false; e_generation[i] = 0
        :: else
        fi
    }
}

inline empty_channels()
{
    do
    :: to_ledger ? _, _, _, _
    :: to_edge ? _, _, _, _
    :: empty(to_ledger) && empty(to_edge) -> break
    od
}

inline keeper_is_loaded_by_ledger()
{
    for (ALL_SCOPES(i)) {
        k_has[i] = l_known[i] && !l_dying[i] && !l_destroyed[i];
        k_doomed[i] = false; k_kept[i] = false;
        /* what it cannot unwrap is lost: never */
        assert(!k_has[i] || OPENS(i) || (l_known[i] && l_wrapped[i] == secret))
    }
    k_is_rotating = false; k_is_loaded = true
}

inline ledger_ends()
{
    if
    :: l_is_writing -> frame_reaches_the_disk()
    :: true
    fi;
    l_up = false; l_step = IDLE; l_batch = NO_SCOPE; l_wipe_is_out = false;
    l_is_writing = false; f_any = false; l_superseded = false;
    forget_answers();
    for (ALL_MESSAGES(i)) { l_stored[i] = false; l_released[i] = false; l_over[i] = false; l_offered[i] = false; l_scope[i] = 0 }
    for (ALL_SCOPES(i)) { l_known[i] = false; l_dying[i] = false; l_destroyed[i] = false; l_wrapped[i] = 0 }
}

/* ledger_open: the journal again, the keys' generation, what was erased and not recorded. */
inline ledger_starts()
{
    l_generation = secret;
    l_superseded = d_superseded;
    for (ALL_MESSAGES(i)) {
        l_stored[i] = d_stored[i]; l_scope[i] = d_scope[i]; l_released[i] = d_released[i]; l_over[i] = d_over[i]
    }
    for (ALL_SCOPES(i)) {
        l_known[i] = d_known[i]; l_destroyed[i] = d_destroyed[i]; l_wrapped[i] = d_wrapped[i];
        if
        :: l_known[i] && !l_destroyed[i] && !OPENS(i) ->
            assert(is_due[i]);
            l_dying[i] = true; l_destroyed[i] = true; f_any = true
        :: else
        fi
    }
    for (ALL_MESSAGES(i)) {
        if
        :: l_stored[i] && l_destroyed[l_scope[i]] && !l_over[i] -> l_over[i] = true; f_any = true
        :: else
        fi
    }
    keeper_is_loaded_by_ledger();
    l_up = true
}

/* One role ends, or all at once. */
active proctype ends()
{
    byte i;
    do
    :: atomic { crashes < CRASHES && e_up -> crashes++; edge_ends(); empty_channels() }
    :: atomic { crashes < CRASHES && k_up -> crashes++;
        k_up = false; k_is_loaded = false; k_is_rotating = false;
        for (ALL_SCOPES(i)) { k_has[i] = false; k_doomed[i] = false; k_kept[i] = false } }
    :: atomic { crashes < CRASHES && l_up -> crashes++;
        ledger_ends(); edge_loses_ledger(); empty_channels() }
    :: atomic { crashes < CRASHES -> crashes++; /* the power */
        ledger_ends(); edge_ends(); empty_channels();
        k_up = false; k_is_loaded = false; k_is_rotating = false;
        for (ALL_SCOPES(i)) { k_has[i] = false; k_doomed[i] = false; k_kept[i] = false } }
    :: atomic { crashes == CRASHES && e_up && k_up && l_up -> break }
    od
}

active proctype starts()
{
    byte i;
end:
    do
    :: atomic { !e_up && l_up -> e_up = true }
    :: atomic { !k_up -> k_up = true;
        /* a ledger that runs loads it; a rotation that was under way makes the ledger end */
        if
        :: l_up && l_step != REWRAPPED && l_step != ON_DISK -> keeper_is_loaded_by_ledger()
        :: else
        fi }
    :: atomic { !l_up && k_up -> ledger_starts() }
    od
}

/* ---- the time of one scope comes */

active proctype time()
{
    byte i;
    do
    :: atomic { d_known[0] && !is_due[0] -> is_due[0] = true; break }
    :: atomic { d_known[1] && !is_due[1] -> is_due[1] = true; break }
    :: break
    od
}

/* ---- edge */

/* SCOPE_FOR: what is known and not doomed, else a new one. */
inline scope_for(tuple)
{
    s = NO_SCOPE;
    for (ALL_SCOPES(i)) {
        if
        :: s == NO_SCOPE && e_key[i] && tuple_of[i] == tuple -> s = i
        :: else
        fi
    }
    if
    :: s != NO_SCOPE
    :: else ->
        for (ALL_SCOPES(i)) {
            if
            :: s == NO_SCOPE && k_has[i] && !k_doomed[i] && tuple_of[i] == tuple -> s = i
            :: else
            fi
        }
        if
        :: s != NO_SCOPE
        :: else ->
            s = next_scope; next_scope++;
            tuple_of[s] = tuple; k_has[s] = true
        fi;
        e_key[s] = true; e_committed[s] = false; e_generation[s] = secret
    fi
}

#define CAN_ASK_KEEPER (k_up && k_is_loaded)

active proctype edge()
{
    byte m, s, g, i;
end:
    do
    /* a message without a receipt is sent, or sent again */
    :: atomic { e_up && l_up && CAN_ASK_KEEPER && next_scope < SCOPES ->
        if
        :: !has_receipt[0] && !e_asked[0] -> m = 0
        :: !has_receipt[1] && !e_asked[1] -> m = 1
        :: else -> goto end
        fi;
        scope_for(TUPLE(m));
        e_asked[m] = true;
        to_ledger ! COMMIT, m, s, e_generation[s] }
    :: atomic { e_up && to_edge ? [COMMITTED, _, _, _] -> to_edge ? COMMITTED, m, s, _;
        e_asked[m] = false;
        if
        :: s != NO_SCOPE && e_key[s] -> e_committed[s] = true
        :: else
        fi;
        has_receipt[m] = true;
        assert(d_stored[m]) /* a receipt: it is on the disk */ }
    :: atomic { e_up && to_edge ? [STALE, _, _, _] -> to_edge ? STALE, m, _, _;
        e_asked[m] = false;
        for (ALL_SCOPES(i)) {
            if
            :: !e_committed[i] -> e_key[i] = false; e_generation[i] = 0
            :: else
            fi
        } }
    :: atomic { e_up && to_edge ? [DELIVER, _, _, _] -> to_edge ? DELIVER, m, s, _; e_offer[m] = 1; e_offer_scope[m] = s }
    /* the body is opened and decided about again */
    :: atomic { e_up && l_up && (e_offer[0] == 1 || e_offer[1] == 1) ->
        m = (e_offer[0] == 1 -> 0 : 1);
        s = e_offer_scope[m];
        if
        :: e_key[s] -> e_offer[m] = 2; to_ledger ! RELEASE, m, 0, 0
        :: !e_key[s] && CAN_ASK_KEEPER && k_has[s] && !k_doomed[s] ->
            e_key[s] = true; e_committed[s] = true; e_generation[s] = secret;
            e_offer[m] = 2; to_ledger ! RELEASE, m, 0, 0
        :: !e_key[s] && CAN_ASK_KEEPER && !(k_has[s] && !k_doomed[s]) -> e_offer[m] = 0 /* gone */
        :: !e_key[s] && !CAN_ASK_KEEPER -> goto end
        fi }
    :: atomic { e_up && to_edge ? [RELEASED, _, _, _] -> to_edge ? RELEASED, m, s, _;
        assert(d_released[m]);      /* what leaves is on record, */
        assert(!d_destroyed[s]);    /* and not destroyed, */
        assert(m != 0 || !d_superseded); /* nor did a newer one take its place */
        arrived[m] = true; e_offer[m] = 3 }
    :: atomic { e_up && to_edge ? [WITHHELD, _, _, _] -> to_edge ? WITHHELD, m, _, _; e_offer[m] = 0 }
    :: atomic { e_up && l_up && (e_offer[0] == 3 || e_offer[1] == 3) ->
        m = (e_offer[0] == 3 -> 0 : 1);
        e_offer[m] = 0; to_ledger ! ACK, m, 0, 0 }
    :: atomic { e_up && l_up && to_edge ? [WIPE, _, _, _] ->
        to_edge ? WIPE, _, s, _;
        e_key[s] = false; e_committed[s] = false; e_generation[s] = 0;
        for (ALL_MESSAGES(i)) {
            if
            :: e_offer[i] != 0 && e_offer[i] != 3 && e_offer_scope[i] == s -> e_offer[i] = 0
            :: else
            fi
        }
        to_ledger ! WIPED, 0, s, 0 }
    od
}

/* ---- ledger */

#define MAY_LEAVE(m) (l_stored[m] && !l_over[m] && !l_dying[l_scope[m]])
#define IS_ERASING (l_step == REWRAPPED || l_step == ON_DISK || l_step == ROTATED || l_step == SWITCHED)

/* What waits, and nobody was offered, gives way to a newer one. */
inline supersede(newer)
{
#ifdef SUPERSEDES
    if
#ifdef WITHOUT_WAITING
    :: newer == 1 && l_stored[0] && !l_over[0] -> l_over[0] = true; l_superseded = true
#else
    :: newer == 1 && l_stored[0] && !l_over[0] && !l_offered[0] && !l_released[0] -> l_over[0] = true; l_superseded = true
#endif
    :: else
    fi
#else
    skip
#endif
}

inline commit(m, s, g)
{
    a_any = true;
    if
    :: l_stored[m] -> a_committed[m] = true /* again: the receipt of the first time */
    :: else ->
        if
#ifdef WITHOUT_GENERATIONS
        :: k_up && k_is_loaded && !l_dying[s] && !l_destroyed[s] ->
#else
        :: k_up && k_is_loaded && !l_dying[s] && !l_destroyed[s] && (l_known[s] || g == l_generation) ->
#endif
            l_stored[m] = true; l_scope[m] = s; f_any = true; a_committed[m] = true;
            if
            :: !l_known[s] -> l_known[s] = true; l_wrapped[s] = g; k_has[s] = true /* SCOPES_ADOPT */
            :: else
            fi;
            supersede(m)
        :: else -> a_stale[m] = true
        fi
    fi
}

/* Answers go when what they tell is on the disk. */
inline let_answers_go()
{
    for (ALL_MESSAGES(i)) {
        if
        :: a_committed[i] && e_up -> to_edge ! COMMITTED, i, l_scope[i], 0
        :: a_stale[i] && e_up -> to_edge ! STALE, i, 0, 0
        :: a_released[i] && e_up -> to_edge ! RELEASED, i, l_scope[i], 0
        :: a_withheld[i] && e_up -> to_edge ! WITHHELD, i, 0, 0
        :: else
        fi
    }
    forget_answers()
}

active proctype ledger()
{
    byte m, s, g, i;
end:
    do
    /* ---- requests; not while a key is erased, nor while a frame is written */
    :: atomic { l_up && !IS_ERASING && !l_is_writing && !a_any && to_ledger ? [COMMIT, _, _, _] -> to_ledger ? COMMIT, m, s, g; commit(m, s, g) }
    :: atomic { l_up && !IS_ERASING && !l_is_writing && !a_any && to_ledger ? [RELEASE, _, _, _] -> to_ledger ? RELEASE, m, _, _;
        a_any = true;
        if
        :: MAY_LEAVE(m) && l_offered[m] -> l_released[m] = true; f_any = true; a_released[m] = true
        :: else -> a_withheld[m] = true; l_offered[m] = false
        fi }
    :: atomic { l_up && !IS_ERASING && !l_is_writing && to_ledger ? [ACK, _, _, _] -> to_ledger ? ACK, m, _, _;
        if
        :: l_stored[m] && !l_over[m] -> l_over[m] = true; f_any = true
        :: else
        fi }
    :: atomic { l_up && !IS_ERASING && !l_is_writing && to_ledger ? [WIPED, _, _, _] -> to_ledger ? WIPED, _, s, _;
        if
        :: l_step == WAITS_FOR_EDGE && s == l_batch -> l_step = READY
        :: else
        fi }

    /* ---- one commit for all that was collected */
#ifdef WITHOUT_SYNC
    :: atomic { l_up && a_any -> let_answers_go() }
#else
    :: atomic { l_up && a_any && !f_any && !l_is_writing -> let_answers_go() }
#endif
    :: atomic { l_up && f_any && !l_is_writing -> l_is_writing = true }
    :: atomic { l_up && l_is_writing -> frame_reaches_the_disk() }

    /* ---- offers */
    :: atomic { l_up && e_up && !f_any && !IS_ERASING &&
                ((MAY_LEAVE(0) && !l_offered[0] && !a_any) || (MAY_LEAVE(1) && !l_offered[1] && !a_any)) ->
        if
        :: MAY_LEAVE(0) && !l_offered[0] -> m = 0
        :: else -> m = 1
        fi;
        l_offered[m] = true;
        to_edge ! DELIVER, m, l_scope[m], 0 }

    /* ---- destruction: what waits expires, the edge forgets, the survivors are wrapped again, the
     * secret is overwritten, and it is recorded */
    :: atomic { l_up && l_step == IDLE && !f_any && !a_any && !l_is_writing &&
                ((is_due[0] && l_known[0] && !l_dying[0] && !l_destroyed[0]) ||
                 (is_due[1] && l_known[1] && !l_dying[1] && !l_destroyed[1])) ->
        if
        :: is_due[0] && l_known[0] && !l_dying[0] && !l_destroyed[0] -> s = 0
        :: else -> s = 1
        fi;
        l_batch = s; l_dying[s] = true;
        for (ALL_MESSAGES(i)) {
            if
            :: l_stored[i] && l_scope[i] == s && !l_over[i] -> l_over[i] = true; f_any = true
            :: else
            fi
        }
#ifndef WITHOUT_DOOM
        k_doomed[s] = true; /* SCOPES_DOOM: nobody gets its key any more */
#endif
#ifdef WITHOUT_WIPE
        l_step = READY
#else
        l_step = (e_up -> WAITS_FOR_EDGE : READY); l_wipe_is_out = false
#endif
        }
    :: atomic { l_up && e_up && l_step == WAITS_FOR_EDGE && !l_wipe_is_out && !f_any && !l_is_writing ->
        l_wipe_is_out = true; to_edge ! WIPE, 0, l_batch, 0 }
    :: atomic { l_up && l_step == READY && k_up && k_is_loaded && !f_any && !a_any && !l_is_writing ->
        for (ALL_SCOPES(i)) { /* SCOPES_REWRAP */
            k_doomed[i] = k_doomed[i] || l_dying[i];
            k_kept[i] = k_has[i] && l_known[i] && !l_dying[i] && !l_destroyed[i]
        }
        k_is_rotating = true;
#ifdef WITHOUT_SLOTS
        l_step = ON_DISK
#else
        l_step = REWRAPPED
#endif
        }
    :: atomic { l_up && l_step == REWRAPPED -> /* into the half that is not in force, synced */
        s = (half_generation[0] == l_generation -> 1 : 0);
        half_generation[s] = l_generation + 1;
        for (ALL_SCOPES(i)) { half_has[s * SCOPES + i] = l_known[i] && !l_dying[i] && !l_destroyed[i] }
        l_step = ON_DISK }
    :: atomic { l_up && l_step == ON_DISK && k_up && k_is_rotating -> /* SECRET_ROTATE */
        secret = l_generation + 1;
        for (ALL_SCOPES(i)) { k_has[i] = k_has[i] && k_kept[i]; k_doomed[i] = false }
        k_is_rotating = false;
        l_step = ROTATED }
    :: atomic { l_up && l_step == ON_DISK && !(k_up && k_is_rotating) -> /* it may have happened: start again */
        ledger_ends(); edge_loses_ledger(); empty_channels() }
    :: atomic { l_up && l_step == ROTATED -> /* the old half is zeroed */
        s = (half_generation[0] == l_generation -> 0 : 1);
        if
        :: half_generation[s] == l_generation -> half_generation[s] = 0; for (ALL_SCOPES(i)) { half_has[s * SCOPES + i] = false }
        :: else
        fi;
        l_generation = secret;
        l_step = SWITCHED }
    :: atomic { l_up && l_step == SWITCHED ->
        l_destroyed[l_batch] = true; f_any = true;
        l_batch = NO_SCOPE; l_step = IDLE }
    od
}

/* Nothing is lost: as long as its time has not come, a stored message can be opened. */
#define SAFE(m) (!(d_stored[m] && !is_due[d_scope[m]]) || OPENS(d_scope[m]))
active proctype watch()
{
    /* nothing moves any more: what was acknowledged has arrived, or its time came first */
    byte i;
    do
    :: atomic { !SAFE(0) || !SAFE(1) -> assert(false) }
    :: timeout ->
        atomic {
            for (ALL_MESSAGES(i)) {
                assert(!has_receipt[i] || arrived[i] || is_due[d_scope[i]] || (i == 0 && d_superseded))
            }
            for (ALL_SCOPES(i)) {
                assert(!(is_due[i] && d_known[i]) || d_destroyed[i])
            }
        };
        break
    od
}
