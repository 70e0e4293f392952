;; The facts of ordinary events (model/event-rows.ts): what ActivityView.see does with each, over the same figures in
;; this memory. An event that needs more is left to it: a thread, CPU or type not seen before, another name, the subject.
;; Compiled into fold.ts; fold-layout.ts has names for the numbers: `npm run wasm` prints the module.
;;
;;   state at 0, all f64: 0 shift   8 from   16 to   24 start   32 end   40 baseline   48 length of a part   56 last time
;;     64 last number   72 longest silence before   80, 88 silence in the gap   96, 104 numbers at its edges   112 records
;;     i32: 120 subject   124 CPU that it is on   128 some thread has ended   132 some thread is not in the table
;;     136 the newest broken link   140 how many of the subject's calls were taken
;;     f64: 144 steps of the clock are so long   152, 160 time and number of the line before
;;     i32: 168 whether threads that are not in the table have no figures   172 whether such a one came
;;   the row of such a thread, as if its event were its first, at 512
;;   types seen, bytes, at 1024; rows at 4096; index of threads at 69632, 8 bytes each: thread + 1, address
;;   broken links at 593920, 16 bytes each: thread, CPU + 1, count, the one made before
;;   CPUs at 1642496, 13440 bytes each: 0 i32 1 if known, 2 if it can't be told here   4 i32 thread on it   8 f64 since
;;     16 f64 last time   24 f64 last number   32 i32 switches   36 of them before   40 links held   44 breaks kept
;;     48 f64 longest run   56 i32 part of the time before   64 i32 longest runner by part   1088 f64 its time
;;     3136 f64 time by kind and part   13376 i32 links broken at threads without figures
;;   threads, 136 bytes each: 0 i32 thread   4 i32 CPU   8 name, as in rows, all ones where it fits none
;;     24 f64 records before   32 f64 records   40 f64 time on CPUs before   48 f64 in the gap   56 i32 outs
;;     60 without memory   64 with memory   68 own events   72 runs   76 intervals   80 f64 last run   88 f64 last time
;;     96 f64 longest silence before   104, 112 f64 silence   120 i32 ended   124 i32 address of the intervals
;;     128 f64 entry of the call under way, NaN without
(module
  (import "env" "memory" (memory 1))

  ;; Takes the rows [at, count); the first one left alone. Calls of the subject, which it has to see, are taken, too: their
  ;; places are left in the last words of the first rows, read by then, and at 140 how many they are.
  (func (export "fold") (param $at i32) (param $count i32) (result i32)
    (local $row i32) (local $t f64) (local $num f64) (local $tid i32) (local $cpu i32) (local $kind i32) (local $code i32)
    (local $thread i32) (local $known i32) (local $inGap i32) (local $other i32) (local $held i32) (local $broken i32)
    (local $since f64) (local $slot i32) (local $own i32)
    (i32.store (i32.const 140) (i32.const 0))
    (block $left
      (loop $rows
        (br_if $left (i32.ge_s (local.get $at) (local.get $count)))
        (local.set $row (i32.add (i32.const 4096) (i32.shl (local.get $at) (i32.const 6))))
        (local.set $t (f64.add (f64.load (local.get $row)) (f64.load (i32.const 0))))
        (if (i32.and
              (f64.ge (local.get $t) (f64.load (i32.const 8)))
              (f64.le (local.get $t) (f64.load (i32.const 16))))
          (then
            (local.set $num (f64.load offset=8 (local.get $row)))
            (local.set $tid (i32.load offset=20 (local.get $row)))
            (local.set $kind (i32.load offset=24 (local.get $row)))
            (if (i32.ge_s (local.get $kind) (i32.const 5)) (then
              (br_if $left (i32.eqz (call $call (local.get $row) (local.get $t) (local.get $kind))))
              (if (i32.eq (local.get $tid) (i32.load (i32.const 120))) (then
                (local.set $own (i32.load (i32.const 140)))
                (i32.store offset=4156 (i32.shl (local.get $own) (i32.const 6)) (local.get $at))
                (i32.store (i32.const 140) (i32.add (local.get $own) (i32.const 1)))))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $rows)))
            (br_if $left (i32.eq (local.get $tid) (i32.load (i32.const 120))))
            (local.set $cpu (i32.load offset=16 (local.get $row)))
            (br_if $left (i32.eq (local.get $cpu) (i32.load (i32.const 124))))
            (br_if $left (i32.ge_u (local.get $cpu) (i32.const 256)))
            (local.set $code (i32.load offset=28 (local.get $row)))
            (local.set $thread (call $find (local.get $tid)))
            (if (i32.eqz (local.get $thread)) (then
              (br_if $left (i32.eqz (i32.load (i32.const 168))))
              (local.set $thread (call $stranger (local.get $row)))))
            (local.set $cpu (i32.add (i32.const 1642496) (i32.mul (local.get $cpu) (i32.const 13440))))
            (local.set $known (i32.load (local.get $cpu)))
            (local.set $other (i32.load offset=4 (local.get $cpu)))
            (local.set $since (f64.load offset=8 (local.get $cpu)))
            (local.set $inGap (f64.ge (local.get $t) (f64.load (i32.const 24))))
            (local.set $held (i32.const 0))
            (local.set $broken (i32.const 0))
            (br_if $left (i32.eq (local.get $known) (i32.const 2)))

            (if (i32.eq (local.get $kind) (i32.const 1))
              (then
                (br_if $left (i32.eqz (i32.load8_u offset=1024 (local.get $code))))
                (br_if $left (i32.and
                  (i64.ne (i64.load offset=40 (local.get $row)) (i64.const 0))
                  (i64.eqz (i64.load offset=16 (local.get $thread)))))
                (if (local.get $known)
                  (then (local.set $broken (i32.ne (local.get $other) (local.get $tid))))))
              (else
                (br_if $left (i32.eq (local.get $code) (i32.load (i32.const 120))))
                (br_if $left (i32.eqz (local.get $known)))
                (if (i64.ne (i64.load offset=40 (local.get $row)) (i64.const 0)) (then
                  (br_if $left (i64.ne (i64.load offset=32 (local.get $row)) (i64.load offset=8 (local.get $thread))))
                  (br_if $left (i64.ne (i64.load offset=40 (local.get $row)) (i64.load offset=16 (local.get $thread))))))
                (if (i64.ne (i64.load offset=56 (local.get $row)) (i64.const 0)) (then
                  (local.set $slot (call $find (local.get $code)))
                  (if (local.get $slot)
                    (then (br_if $left (i64.eqz (i64.load offset=16 (local.get $slot)))))
                    (else
                      (br_if $left (i32.eqz (i32.load (i32.const 168))))
                      (i32.store (i32.const 172) (i32.const 1))))))
                (local.set $held (i32.eq (local.get $other) (local.get $tid)))
                (local.set $broken (i32.eqz (local.get $held)))))

            ;; an interval between runs is to be kept, and there is no room for it
            (if (i32.and (local.get $held) (i32.ne (local.get $tid) (i32.const 0))) (then
              (br_if $left (i32.eqz (i32.load offset=124 (local.get $thread))))))
            (if (local.get $broken) (then
              (if (i32.load (i32.const 128)) (then
                (local.set $slot (call $find (local.get $other)))
                (if (local.get $slot)
                  (then (if (i32.load offset=120 (local.get $slot)) (then (local.set $broken (i32.const 2)))))
                  (else (br_if $left (i32.load (i32.const 132)))))))
              (if (i32.eq (local.get $broken) (i32.const 1)) (then
                (br_if $left (i32.and
                  (local.get $inGap) (i32.lt_s (i32.load offset=44 (local.get $cpu)) (i32.const 32))))
                (local.set $slot (call $find (local.get $other)))
                (br_if $left (i32.and (i32.eqz (local.get $slot)) (i32.load (i32.const 132))))
                (if (i32.and (i32.eqz (local.get $slot)) (i32.load (i32.const 168)))
                  (then (call $count (i32.add (local.get $cpu) (i32.const 13376))))
                  (else
                    (local.set $slot (call $link (i32.load offset=16 (local.get $row)) (local.get $other)))
                    (br_if $left (i32.eqz (local.get $slot)))
                    (call $count (i32.add (local.get $slot) (i32.const 8)))))))))

            ;; nothing is left to others from here on
            (call $listen (local.get $t) (local.get $num) (local.get $inGap) (f64.const 1))
            (call $seen (local.get $thread) (local.get $t) (local.get $inGap))
            (i32.store offset=4 (local.get $thread) (i32.load offset=16 (local.get $row)))
            (if (i32.eq (local.get $kind) (i32.const 1))
              (then (call $count (i32.add (local.get $thread) (i32.const 68))))
              (else
                (call $count (i32.add (local.get $thread) (i32.const 56)))
                (if (i32.eq (local.get $kind) (i32.const 3))
                  (then (call $count (i32.add (local.get $thread) (i32.const 60)))))
                (if (i32.eq (local.get $kind) (i32.const 4))
                  (then (call $count (i32.add (local.get $thread) (i32.const 64)))))))

            ;; the CPU
            (if (local.get $known) (then
              (if (local.get $held) (then
                (call $count (i32.add (local.get $cpu) (i32.const 40)))
                (if (f64.gt
                      (f64.sub (local.get $t) (local.get $since)) (f64.load offset=48 (local.get $cpu)))
                  (then (f64.store offset=48 (local.get $cpu) (f64.sub (local.get $t) (local.get $since)))))
                (if (local.get $tid) (then (call $ran (local.get $thread) (local.get $since) (local.get $t))))
                (call $fill
                  (local.get $cpu) (call $kindOf (local.get $thread)) (local.get $tid)
                  (local.get $since) (local.get $t))))
              (if (local.get $broken) (then
                (call $fill
                  (local.get $cpu) (i32.const 3) (i32.const -1) (local.get $since) (local.get $t))))
              (if (i32.eq (local.get $kind) (i32.const 1))
                (then
                  (if (local.get $broken) (then
                    (i32.store offset=4 (local.get $cpu) (local.get $tid))
                    (f64.store offset=8 (local.get $cpu) (local.get $t)))))
                (else
                  (call $count (i32.add (local.get $cpu) (i32.const 32)))
                  (if (i32.eqz (local.get $inGap)) (then (call $count (i32.add (local.get $cpu) (i32.const 36)))))
                  (i32.store offset=4 (local.get $cpu) (local.get $code))
                  (f64.store offset=8 (local.get $cpu) (local.get $t))))
              (f64.store offset=16 (local.get $cpu) (local.get $t))
              (f64.store offset=24 (local.get $cpu) (local.get $num))))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $rows)))
    (local.get $at))

  ;; A call's beginning or end in strace's output; 0 where it is left.
  (func $call (param $row i32) (param $t f64) (param $kind i32) (result i32)
    (local $thread i32) (local $inGap i32) (local $entry f64) (local $isSecond i32)
    (local.set $thread (call $find (i32.load offset=20 (local.get $row))))
    (if (i32.eqz (local.get $thread)) (then (return (i32.const 0))))
    (if (i32.eqz (i32.load8_u offset=1024 (i32.load offset=28 (local.get $row)))) (then (return (i32.const 0))))
    (if (i32.and
          (i64.ne (i64.load offset=40 (local.get $row)) (i64.const 0))
          (i64.eqz (i64.load offset=16 (local.get $thread))))
      (then (return (i32.const 0))))
    (local.set $isSecond (i32.eq (local.get $kind) (i32.const 6)))
    (local.set $entry (f64.load offset=128 (local.get $thread)))
    ;; a step of the clock
    (if (i32.and
          (i32.eqz (local.get $isSecond))
          (f64.ge (f64.sub (local.get $t) (f64.load (i32.const 152))) (f64.load (i32.const 144))))
      (then (return (i32.const 0))))
    (if (i32.and
          (i32.eq (local.get $kind) (i32.const 7))
          (f64.ge
            (f64.sub (f64.sub (local.get $t) (local.get $entry)) (f64.load offset=48 (local.get $row)))
            (f64.load (i32.const 144))))
      (then (return (i32.const 0))))
    (f64.store offset=128 (local.get $thread)
      (select (local.get $t) (f64.const nan) (i32.eq (local.get $kind) (i32.const 5))))
    (if (i32.eqz (local.get $isSecond)) (then
      (f64.store (i32.const 152) (local.get $t))
      (f64.store (i32.const 160) (f64.load offset=8 (local.get $row)))))
    (local.set $inGap (f64.ge (local.get $t) (f64.load (i32.const 24))))
    (call $listen
      (local.get $t) (f64.load offset=8 (local.get $row)) (local.get $inGap)
      (select (f64.const 0) (f64.const 1) (local.get $isSecond)))
    (call $seen (local.get $thread) (local.get $t) (local.get $inGap))
    (call $count (i32.add (local.get $thread) (i32.const 68)))
    (i32.const 1))

  ;; The longest silence, and how many records are in the gap.
  (func $listen (param $t f64) (param $num f64) (param $inGap i32) (param $records f64)
    (local $from f64)
    (local.set $from (f64.load (i32.const 56)))
    (if (local.get $inGap)
      (then
        (local.set $from (f64.max (local.get $from) (f64.load (i32.const 24))))
        (if (f64.gt
              (f64.sub (local.get $t) (local.get $from))
              (f64.sub (f64.load (i32.const 88)) (f64.load (i32.const 80))))
          (then
            (f64.store (i32.const 80) (local.get $from))
            (f64.store (i32.const 88) (local.get $t))
            (if (f64.lt (f64.load (i32.const 64)) (f64.const 0))
              (then
                (f64.store (i32.const 96) (local.get $num))
                (f64.store (i32.const 104) (f64.const -1)))
              (else
                (f64.store (i32.const 96) (f64.load (i32.const 64)))
                (f64.store (i32.const 104) (local.get $num))))))
        (f64.store (i32.const 112) (f64.add (f64.load (i32.const 112)) (local.get $records))))
      (else
        (if (f64.gt (f64.sub (local.get $t) (local.get $from)) (f64.load (i32.const 72)))
          (then (f64.store (i32.const 72) (f64.sub (local.get $t) (local.get $from)))))))
    (if (f64.ge (local.get $t) (f64.load (i32.const 56))) (then
      (f64.store (i32.const 56) (local.get $t))
      (f64.store (i32.const 64) (local.get $num)))))

  ;; An event of a thread: how many, and its longest silence.
  (func $seen (param $thread i32) (param $t f64) (param $inGap i32)
    (local $from f64) (local $ns f64)
    (local.set $from (f64.load offset=88 (local.get $thread)))
    (if (local.get $inGap)
      (then
        (f64.store offset=32 (local.get $thread) (f64.add
          (f64.load offset=32 (local.get $thread)) (f64.const 1)))
        (local.set $ns (f64.max (local.get $from) (f64.load (i32.const 24))))
        (if (i32.eqz (f64.le
              (f64.sub (local.get $t) (local.get $ns))
              (f64.sub (f64.load offset=112 (local.get $thread)) (f64.load offset=104 (local.get $thread)))))
          (then
            (f64.store offset=104 (local.get $thread) (local.get $ns))
            (f64.store offset=112 (local.get $thread) (local.get $t)))))
      (else
        (f64.store offset=24 (local.get $thread) (f64.add
          (f64.load offset=24 (local.get $thread)) (f64.const 1)))
        (if (f64.gt
              (f64.sub (local.get $t) (local.get $from)) (f64.load offset=96 (local.get $thread)))
          (then (f64.store offset=96 (local.get $thread) (f64.sub (local.get $t) (local.get $from)))))))
    (if (f64.gt (local.get $t) (local.get $from))
      (then (f64.store offset=88 (local.get $thread) (local.get $t)))))

  (func $count (param $at i32)
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1))))

  ;; Address of a thread, 0 where it is not known here: at most 32 places are looked at.
  (func $find (param $tid i32) (result i32)
    (local $slot i32) (local $tag i32) (local $n i32)
    (local.set $slot (local.get $tid))
    (loop $places
      (local.set $slot (i32.and (local.get $slot) (i32.const 0xffff)))
      (local.set $tag (i32.load offset=69632 (i32.shl (local.get $slot) (i32.const 3))))
      (if (i32.eq (local.get $tag) (i32.add (local.get $tid) (i32.const 1)))
        (then (return (i32.load offset=69636 (i32.shl (local.get $slot) (i32.const 3))))))
      (if (i32.eqz (local.get $tag)) (then (return (i32.const 0))))
      (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $places (i32.lt_u (local.get $n) (i32.const 32))))
    (i32.const 0))

  ;; The row of a thread of which no figures are kept.
  (func $stranger (param $row i32) (result i32)
    (i32.store (i32.const 172) (i32.const 1))
    (memory.fill (i32.const 512) (i32.const 0) (i32.const 136))
    (i32.store (i32.const 512) (i32.load offset=20 (local.get $row)))
    (i64.store (i32.const 520) (i64.load offset=32 (local.get $row)))
    (i64.store (i32.const 528) (i64.load offset=40 (local.get $row)))
    (f64.store (i32.const 592) (f64.const nan))
    (f64.store (i32.const 600) (f64.load (i32.const 40)))
    ;; it has no interval between runs to keep
    (i32.store (i32.const 636) (i32.const 1))
    (i32.const 512))

  ;; Address of the count of links broken at a thread on a CPU, made where there is none; 0 without a place for it.
  (func $link (param $cpu i32) (param $tid i32) (result i32)
    (local $slot i32) (local $at i32) (local $n i32) (local $key i64) (local $found i64)
    (local.set $key (i64.or
      (i64.extend_i32_u (local.get $tid))
      (i64.shl (i64.extend_i32_u (i32.add (local.get $cpu) (i32.const 1))) (i64.const 32))))
    (local.set $slot (i32.add (local.get $tid) (i32.mul (local.get $cpu) (i32.const 4099))))
    (loop $places
      (local.set $at (i32.add
        (i32.const 593920) (i32.shl (i32.and (local.get $slot) (i32.const 0xffff)) (i32.const 4))))
      (local.set $found (i64.load (local.get $at)))
      (if (i64.eqz (local.get $found)) (then
        (i64.store (local.get $at) (local.get $key))
        (i32.store offset=8 (local.get $at) (i32.const 0))
        (i32.store offset=12 (local.get $at) (i32.load (i32.const 136)))
        (i32.store (i32.const 136) (local.get $at))
        (return (local.get $at))))
      (if (i64.eq (local.get $found) (local.get $key)) (then (return (local.get $at))))
      (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $places (i32.lt_u (local.get $n) (i32.const 32))))
    (i32.const 0))

  ;; Length of what [from, to] has in common with [start, end].
  (func $overlap (param $from f64) (param $to f64) (param $start f64) (param $end f64) (result f64)
    (f64.max (f64.const 0) (f64.sub
      (f64.min (local.get $to) (local.get $end)) (f64.max (local.get $from) (local.get $start)))))

  ;; The thread ran on a CPU.
  (func $ran (param $thread i32) (param $from f64) (param $to f64)
    (local $ns f64) (local $n i32)
    (f64.store offset=40 (local.get $thread) (f64.add
      (f64.load offset=40 (local.get $thread))
      (call $overlap (local.get $from) (local.get $to) (f64.load (i32.const 40)) (f64.load (i32.const 24)))))
    (local.set $ns
      (call $overlap (local.get $from) (local.get $to) (f64.load (i32.const 24)) (f64.load (i32.const 32))))
    (if (f64.le (local.get $ns) (f64.const 0)) (then (return)))
    (f64.store offset=48 (local.get $thread) (f64.add (f64.load offset=48 (local.get $thread)) (local.get $ns)))
    (call $count (i32.add (local.get $thread) (i32.const 72)))
    (local.set $n (i32.load offset=76 (local.get $thread)))
    (if (i32.and
          (i32.lt_s (local.get $n) (i32.const 64))
          (f64.ge (local.get $from) (f64.load offset=80 (local.get $thread))))
      (then
        (f64.store
          (i32.add (i32.load offset=124 (local.get $thread)) (i32.shl (local.get $n) (i32.const 3)))
          (f64.sub (local.get $from) (f64.load offset=80 (local.get $thread))))
        (i32.store offset=76 (local.get $thread) (i32.add (local.get $n) (i32.const 1)))))
    (f64.store offset=80 (local.get $thread) (local.get $from)))

  ;; What a thread that leaves a CPU counts as: 0 idle, 1 kernel, 2 user, 3 unknown.
  (func $kindOf (param $thread i32) (result i32)
    (if (i32.eqz (i32.load (local.get $thread))) (then (return (i32.const 0))))
    (if (i32.eqz (i32.or (i32.load offset=64 (local.get $thread)) (i32.load offset=68 (local.get $thread)))) (then
      (if (i32.load offset=60 (local.get $thread)) (then (return (i32.const 1))))
      (if (i64.eqz (i64.load offset=16 (local.get $thread))) (then (return (i32.const 3))))))
    (i32.const 2))

  ;; Adds a time of one kind to the parts of a CPU's gap.
  (func $fill (param $cpu i32) (param $kind i32) (param $tid i32) (param $from f64) (param $to f64)
    (local $part f64) (local $start f64) (local $i i32) (local $last i32) (local $ns f64) (local $edge f64) (local $at i32)
    (local.set $part (f64.load (i32.const 48)))
    (local.set $start (f64.load (i32.const 24)))
    (local.set $from (f64.max (local.get $from) (local.get $start)))
    (local.set $to (f64.min (local.get $to) (f64.load (i32.const 32))))
    (if (f64.le (local.get $to) (local.get $from)) (then (return)))
    ;; mostly it is within the part of the time before
    (local.set $i (i32.load offset=56 (local.get $cpu)))
    (local.set $last (local.get $i))
    (local.set $edge (f64.add (local.get $start) (f64.mul (f64.convert_i32_s (local.get $i)) (local.get $part))))
    (if (i32.eqz (i32.and
          (f64.ge (local.get $from) (local.get $edge))
          (f64.le (local.get $to) (f64.add
            (local.get $start)
            (f64.mul (f64.convert_i32_s (i32.add (local.get $i) (i32.const 1))) (local.get $part))))))
      (then
        (local.set $i (call $partAt (local.get $from)))
        (local.set $last (call $partAt (local.get $to)))
        (i32.store offset=56 (local.get $cpu) (local.get $last))))
    (loop $parts
      (if (i32.le_s (local.get $i) (local.get $last)) (then
        (local.set $edge (f64.add
          (local.get $start) (f64.mul (f64.convert_i32_s (local.get $i)) (local.get $part))))
        (local.set $ns (call $overlap
          (local.get $from) (local.get $to) (local.get $edge)
          (f64.add (local.get $start) (f64.mul
            (f64.convert_i32_s (i32.add (local.get $i) (i32.const 1))) (local.get $part)))))
        (local.set $at (i32.add
          (local.get $cpu)
          (i32.add (i32.shl (local.get $kind) (i32.const 11)) (i32.shl (local.get $i) (i32.const 3)))))
        (f64.store offset=3136 (local.get $at) (f64.add (f64.load offset=3136 (local.get $at)) (local.get $ns)))
        (local.set $at (i32.add (local.get $cpu) (i32.shl (local.get $i) (i32.const 3))))
        (if (f64.gt (local.get $ns) (f64.load offset=1088 (local.get $at))) (then
          (f64.store offset=1088 (local.get $at) (local.get $ns))
          (i32.store offset=64
            (i32.add (local.get $cpu) (i32.shl (local.get $i) (i32.const 2))) (local.get $tid))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $parts)))))

  (func $partAt (param $t f64) (result i32)
    (i32.trunc_sat_f64_s (f64.min (f64.const 255) (f64.floor
      (f64.div (f64.sub (local.get $t) (f64.load (i32.const 24))) (f64.load (i32.const 48)))))))
)
