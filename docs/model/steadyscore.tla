----------------------------- MODULE steadyscore -----------------------------
(* How a score request gets from an approval to a stored score: one record, one score type, the record road.

   What each step is in the code, what is left out, and how to read a counterexample: README.md beside this file.
   `make model` checks it. Time does not exist here: a lease, a deadline or a sweeper's patience may end at any moment,
   also wrongly; a step that the system goes on trying is one that fairness makes happen in the end. *)
EXTENDS Integers, FiniteSets, Sequences, TLC

CONSTANTS
    NumberOfRelays,     \* relay processes
    MaxFaults,          \* crashes of a relay or a worker, each at any moment, and signals lost or doubled, all together
    MaxWipes,           \* how often Temporal loses everything
    MaxFailures,        \* computations that fail for good
    (* mistakes that OpenG2P made (their numbers) *)
    ProcessingBeforeSend,       \* 1: the claim commits PROCESSING before anything is sent
    NoOrder,                    \* 3: the persist stores whatever comes, older or newer
    SkipIfSameAsLastCompleted,  \* 4: an approval with the snapshot of the last computed score asks for nothing
    (* what this protocol would be without one of its parts *)
    NoSweeper,                  \* nobody looks at PROCESSING
    ClaimForEver,               \* a claim is no lease: only the relay that made it ends it
    SequenceBeforeLock,         \* the sequence is drawn before the record is locked
    SettleBlindly,              \* the persist completes the request, whatever its sequence is by now
    MarkBlindly,                \* the mark says PROCESSING although the request has become newer
    EndBlindly                  \* a run may end with signals that it has not read

InitialValue == 5000                            \* its score is stored already, under sequence 1
Approvals == <<3500, 5000>>                     \* the values that are approved; the first is the one that draws first
None == [seq |-> 0, val |-> 0]
Numbers == 1 .. (1 + Cardinality(DOMAIN Approvals))
Requests == [seq : Numbers \ {1}, val : {Approvals[a] : a \in DOMAIN Approvals}]
Idle == [pc |-> "idle", has |-> None]
NoRun == [open |-> FALSE, pending |-> None, taken |-> 0, hand |-> None, stage |-> "waiting"]

VARIABLES
    (* PostgreSQL *)
    drawn,      \* the database sequence: the last number drawn
    record,     \* the record's value, as committed
    row,        \* the score request: the one row of the record and score type
    score,      \* the stored score: of which sequence and from which value it was computed
    history,    \* sequence -> number of history rows
    (* the processes *)
    approvals,  \* approval -> where its transaction stands, and its sequence
    relays,     \* where each relay stands, and the request that it carries; they are alike: sorted, the busiest first
    late,       \* signals under way for which no relay waits any more
    attempts,   \* attempts of the persist activity under way in a worker
    (* Temporal *)
    run,        \* the record's run
    inbox,      \* signals that Temporal has accepted and the run has not read
    (* what is left of faults *)
    faults, wipes, failures

database == <<drawn, record, row, score, history>>
temporal == <<run, inbox>>
budget == <<faults, wipes, failures>>
vars == <<database, approvals, relays, late, attempts, temporal, budget>>

Init ==
    /\ drawn = 1
    /\ record = InitialValue
    /\ row = [status |-> "COMPLETED", seq |-> 1, val |-> InitialValue, computed |-> 1, claimed |-> FALSE]
    /\ score = [seq |-> 1, val |-> InitialValue]
    /\ history = [s \in Numbers |-> IF s = 1 THEN 1 ELSE 0]
    /\ approvals = [a \in DOMAIN Approvals |-> [pc |-> "waiting", seq |-> 0]]
    /\ relays = [r \in 1 .. NumberOfRelays |-> Idle]
    /\ late = {} /\ attempts = {}
    /\ run = NoRun /\ inbox = {}
    /\ faults = 0 /\ wipes = 0 /\ failures = 0

Max(m, n) == IF m > n THEN m ELSE n
Rank(relay) == 2 * relay.has.seq + (IF relay.pc = "accepted" THEN 1 ELSE 0)
Now(r, relay) == SortSeq([relays EXCEPT ![r] = relay], LAMBDA one, other : Rank(one) > Rank(other))

(* ------------------------------------------------------------------------------------------------ the approval *)

MayDraw(a) == approvals[a].pc = "waiting" /\ (a > 1 => approvals[a - 1].pc # "waiting")

(* A transaction. From the draw to the commit it holds the record's and the request's row, so nobody sees anything in
   between: one step. One that is rolled back leaves nothing but a gap in the sequence: no step. *)
Approve(a) ==
    /\ IF SequenceBeforeLock THEN approvals[a].pc = "numbered" ELSE MayDraw(a)
    /\ drawn' = IF SequenceBeforeLock THEN drawn ELSE drawn + 1
    /\ approvals' = [approvals EXCEPT ![a] = [pc |-> "committed", seq |-> IF SequenceBeforeLock THEN @.seq ELSE drawn']]
    /\ record' = Approvals[a]
    /\ row' = IF SkipIfSameAsLastCompleted /\ Approvals[a] = score.val THEN row
              ELSE [row EXCEPT !.status = "PENDING", !.seq = approvals'[a].seq, !.val = Approvals[a]]
    /\ UNCHANGED <<score, history, relays, late, attempts, temporal, budget>>

(* Only with the mistake: the number is drawn while another approval may still overtake. *)
DrawEarly(a) ==
    /\ SequenceBeforeLock /\ MayDraw(a)
    /\ drawn' = drawn + 1
    /\ approvals' = [approvals EXCEPT ![a] = [pc |-> "numbered", seq |-> drawn + 1]]
    /\ UNCHANGED <<record, row, score, history, relays, late, attempts, temporal, budget>>

(* --------------------------------------------------------------------------------------------------- the relay *)

(* The claim commits before Temporal is talked to. Its lease may end at any moment, also while the relay that claimed is
   only slow. So it keeps nobody out for certain, and here it keeps out nobody, except with the mistake. *)
Claim(r) ==
    /\ relays[r].pc = "idle"
    /\ row.status = "PENDING" /\ ~row.claimed
    /\ relays' = Now(r, [pc |-> "claimed", has |-> [seq |-> row.seq, val |-> row.val]])
    /\ row' = [row EXCEPT !.claimed = ClaimForEver, !.status = IF ProcessingBeforeSend THEN "PROCESSING" ELSE @]
    /\ UNCHANGED <<drawn, record, score, history, approvals, late, attempts, temporal, budget>>

(* Signal-with-start: accepted, and the relay has the answer. *)
Signal(r) ==
    /\ relays[r].pc = "claimed"
    /\ relays' = Now(r, [relays[r] EXCEPT !.pc = "accepted"])
    /\ run' = [run EXCEPT !.open = TRUE]
    /\ inbox' = inbox \cup {relays[r].has}
    /\ UNCHANGED <<database, approvals, late, attempts, budget>>

Mark(r) ==
    /\ relays[r].pc = "accepted"
    /\ relays' = Now(r, Idle)
    /\ row' = IF row.status # "PENDING" THEN row
              ELSE [row EXCEPT !.claimed = FALSE,
                               !.status = IF row.seq = relays[r].has.seq \/ MarkBlindly THEN "PROCESSING" ELSE @]
    /\ UNCHANGED <<drawn, record, score, history, approvals, late, attempts, temporal, budget>>

(* No answer in time: the request stays PENDING, and the signal may arrive all the same. *)
PutOff(r) ==
    /\ relays[r].pc = "claimed"
    /\ relays' = Now(r, Idle)
    /\ late' = late \cup {relays[r].has}
    /\ row' = [row EXCEPT !.claimed = FALSE]
    /\ UNCHANGED <<drawn, record, score, history, approvals, attempts, temporal, budget>>

(* A signal that nobody waits for any more arrives; also twice, which is a fault of the network. *)
ArriveLate(request, again) ==
    /\ request \in late
    /\ again => faults < MaxFaults
    /\ faults' = IF again THEN faults + 1 ELSE faults
    /\ late' = IF again THEN late ELSE late \ {request}
    /\ run' = [run EXCEPT !.open = TRUE]
    /\ inbox' = inbox \cup {request}
    /\ UNCHANGED <<database, approvals, relays, attempts, wipes, failures>>

SignalIsLost(request) ==
    /\ request \in late /\ faults < MaxFaults /\ faults' = faults + 1
    /\ late' = late \ {request}
    /\ UNCHANGED <<database, approvals, relays, attempts, temporal, wipes, failures>>

(* Before it sent, while its signal is under way, or before it marked. *)
RelayCrashes(r, underWay) ==
    /\ relays[r].pc # "idle" /\ faults < MaxFaults /\ faults' = faults + 1
    /\ relays' = Now(r, Idle)
    /\ late' = IF underWay /\ relays[r].pc = "claimed" THEN late \cup {relays[r].has} ELSE late
    /\ UNCHANGED <<database, approvals, attempts, temporal, wipes, failures>>

(* Also while the run is well and only slow. *)
Sweep ==
    /\ ~NoSweeper
    /\ row.status = "PROCESSING"
    /\ row' = [row EXCEPT !.status = "PENDING"]
    /\ UNCHANGED <<drawn, record, score, history, approvals, relays, late, attempts, temporal, budget>>

(* ----------------------------------------------------------------------------------------------------- the run *)

Known == IF run.pending # None THEN run.pending.seq ELSE run.taken

ReadSignal(request) ==
    /\ request \in inbox
    /\ inbox' = inbox \ {request}
    /\ run' = IF request.seq > Known THEN [run EXCEPT !.pending = request] ELSE run
    /\ UNCHANGED <<database, approvals, relays, late, attempts, budget>>

(* The window may have ended at any moment after the signal. What is taken is computed from the snapshot that came with
   it; nobody sees anything of that before an attempt to persist carries it on: one step. *)
TakeAndCompute ==
    /\ run.stage = "waiting" /\ run.pending # None
    /\ run' = [run EXCEPT !.stage = "persisting", !.hand = run.pending, !.taken = run.pending.seq, !.pending = None]
    /\ attempts' = attempts \cup {run.pending}
    /\ UNCHANGED <<database, approvals, relays, late, inbox, budget>>

TakeAndFail ==
    /\ run.stage = "waiting" /\ run.pending # None
    /\ failures < MaxFailures /\ failures' = failures + 1
    /\ run' = [run EXCEPT !.stage = "failing", !.hand = run.pending, !.taken = run.pending.seq, !.pending = None]
    /\ UNCHANGED <<database, approvals, relays, late, attempts, inbox, faults, wipes>>

SaveFailure ==
    /\ run.stage = "failing"
    /\ row' = IF run.hand.seq = row.seq /\ row.computed < row.seq THEN [row EXCEPT !.status = "FAILED"] ELSE row
    /\ run' = [run EXCEPT !.stage = "waiting", !.hand = None]
    /\ UNCHANGED <<drawn, record, score, history, approvals, relays, late, attempts, inbox, budget>>

(* One transaction. The unique key of the history is left out on purpose: the order alone must suffice.
   How it may end: "well"; "crash" after the commit, before Temporal hears of it; "twice", when Temporal has taken the
   attempt for lost and started another, which is still under way. *)
Persist(request, end) ==
    /\ request \in attempts
    /\ end = "well" \/ faults < MaxFaults
    /\ LET isNewer == NoOrder \/ score.seq < request.seq
           settles == SettleBlindly \/ row.seq = request.seq
       IN  /\ score' = IF isNewer THEN request ELSE score
           /\ history' = IF isNewer THEN [history EXCEPT ![request.seq] = IF @ < 2 THEN @ + 1 ELSE @] ELSE history
           /\ row' = [row EXCEPT !.computed = Max(@, request.seq), !.status = IF settles THEN "COMPLETED" ELSE @]
    /\ attempts' = IF end = "twice" THEN attempts ELSE attempts \ {request}
    /\ run' = IF end # "crash" /\ run.stage = "persisting" /\ run.hand = request
              THEN [run EXCEPT !.stage = "waiting", !.hand = None] ELSE run
    /\ faults' = IF end = "well" THEN faults ELSE faults + 1
    /\ UNCHANGED <<drawn, record, approvals, relays, late, inbox, wipes, failures>>

(* Nothing is lost but the attempts: the run itself is in Temporal. *)
WorkerCrashes ==
    /\ attempts # {} /\ faults < MaxFaults /\ faults' = faults + 1
    /\ attempts' = {}
    /\ UNCHANGED <<database, approvals, relays, late, temporal, wipes, failures>>

PersistAgain ==
    /\ run.stage = "persisting" /\ run.hand \notin attempts
    /\ attempts' = attempts \cup {run.hand}
    /\ UNCHANGED <<database, approvals, relays, late, temporal, budget>>

(* Temporal accepts the end of a run only if there is no signal that the run has not read. *)
EndRun ==
    /\ run.open /\ run.stage = "waiting" /\ run.pending = None
    /\ inbox = {} \/ EndBlindly
    /\ run' = NoRun /\ inbox' = {}
    /\ UNCHANGED <<database, approvals, relays, late, attempts, budget>>

(* Runs and signals are gone. What is in a relay or in a worker goes on; what is late may be gone or arrive. *)
Wipe(stillLate) ==
    /\ wipes < MaxWipes /\ wipes' = wipes + 1
    /\ run' = NoRun /\ inbox' = {}
    /\ late' = stillLate
    /\ UNCHANGED <<database, approvals, relays, attempts, faults, failures>>

(* ------------------------------------------------------------------------------------------------ all together *)

Latest == score.val = record /\ score.seq = row.seq

(* Everything is done; without this step TLC would take the good end for a deadlock. *)
Rest ==
    /\ \A a \in DOMAIN approvals : approvals[a].pc = "committed"
    /\ Latest \/ row.status = "FAILED"
    /\ UNCHANGED vars

(* Over constant sets, so that TLC calls each step by its name. *)
Next ==
    \/ \E a \in DOMAIN Approvals : DrawEarly(a) \/ Approve(a)
    \/ \E r \in 1 .. NumberOfRelays :
        Claim(r) \/ Signal(r) \/ Mark(r) \/ PutOff(r) \/ RelayCrashes(r, TRUE) \/ RelayCrashes(r, FALSE)
    \/ \E request \in Requests :
        ArriveLate(request, FALSE) \/ ArriveLate(request, TRUE) \/ SignalIsLost(request) \/ ReadSignal(request)
    \/ \E request \in Requests, end \in {"well", "crash", "twice"} : Persist(request, end)
    \/ Sweep \/ TakeAndCompute \/ TakeAndFail \/ SaveFailure \/ PersistAgain \/ WorkerCrashes \/ EndRun
    \/ Wipe(late) \/ Wipe({}) \/ Rest

(* What goes on by itself. No approval has to come, no fault has to happen, and nothing has to arrive twice. *)
Fairness ==
    /\ WF_vars(\E r \in DOMAIN relays : Claim(r))
    /\ WF_vars(\E r \in DOMAIN relays : Signal(r) \/ PutOff(r))
    /\ WF_vars(\E r \in DOMAIN relays : Mark(r))
    /\ WF_vars(\E request \in late : ArriveLate(request, FALSE))
    /\ WF_vars(Sweep)
    /\ WF_vars(\E request \in inbox : ReadSignal(request))
    /\ WF_vars(TakeAndCompute \/ TakeAndFail) /\ WF_vars(SaveFailure)
    /\ WF_vars(\E request \in attempts : Persist(request, "well"))
    /\ WF_vars(PersistAgain)

Spec == Init /\ [][Next]_vars /\ Fairness

(* ------------------------------------------------------------------------------------------- what always holds *)

TypeOK ==
    /\ row.status \in {"PENDING", "PROCESSING", "COMPLETED", "FAILED"}
    /\ score \in Requests \cup {[seq |-> 1, val |-> InitialValue]} /\ attempts \subseteq Requests /\ inbox \subseteq Requests
    /\ run.stage \in {"waiting", "failing", "persisting"}

(* I1, as a person sees it: what was approved is stored, or its row says that it is not. *)
I1_Visible == Latest \/ row.status \in {"PENDING", "PROCESSING", "FAILED"}

(* I1, as the system needs it: what was approved is stored or failed, or somebody still has it in hand. *)
SomebodyHasIt ==
    \/ row.status = "PENDING" \/ (row.status = "PROCESSING" /\ ~NoSweeper)
    \/ LET mine == [seq |-> row.seq, val |-> row.val]
       IN  \/ \E r \in DOMAIN relays : relays[r].has = mine
           \/ mine \in late \cup inbox \cup attempts \cup {run.pending, run.hand}
I1_InHand == Latest \/ row.status = "FAILED" \/ SomebodyHasIt

(* I3, I4: whatever arrives again, late or in another order, a stored score is replaced only by a newer one. *)
I4_OnlyNewerReplaces == [][score' # score => score'.seq > score.seq]_vars

(* I4: the score of a sequence is the score of what was approved under it. *)
I4_ValueOfItsSequence ==
    \A a \in DOMAIN approvals :
        approvals[a].pc = "committed" /\ approvals[a].seq = score.seq => score.val = Approvals[a]

I5_OneHistoryRow == \A s \in Numbers : history[s] <= 1

(* What is under way is ahead of what was computed: the sweeper need not look at that. *)
OpenIsAhead == row.status \in {"PENDING", "PROCESSING"} => row.seq > row.computed

(* The sequence rises as approvals commit. *)
OrderOfCommits == [][row'.seq # row.seq => row'.seq > row.seq]_vars

(* In the end the stored score is that of the last approval. *)
EndsWithTheLatest == <>[](Latest \/ row.status = "FAILED")
=============================================================================
