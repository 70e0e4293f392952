;; Newlines of a block, sixteen bytes or more at a time, the rest one by one.
;; Compiled into newlines.ts: `npm run wasm` prints the module.
(module
  (import "env" "memory" (memory 1))

  ;; Writes the position of each newline in [p, end) as u32 to [out, limit); gives their number, or -1 where some
  ;; may not fit.
  (func (export "index") (param $p i32) (param $end i32) (param $out i32) (param $limit i32) (result i32)
    (local $mask i32) (local $o i32) (local $last i32) (local $newline v128)
    (local $bits i64) (local $more i64) (local $at i32)
    (local.set $o (local.get $out))
    (local.set $last (i32.sub (local.get $end) (i32.const 16)))
    (local.set $newline (i8x16.splat (i32.const 10)))
    ;; 64 at a time where as many would fit. Mostly there is one or none: two are written without a branch, so up to two
    ;; more places are written to than there are.
    (loop $chunks
      (if (i32.and
            (i32.le_s (i32.add (local.get $p) (i32.const 64)) (local.get $end))
            (i32.le_s (i32.add (local.get $o) (i32.const 256)) (local.get $limit)))
        (then
          (local.set $bits (i64.or
            (i64.extend_i32_u (i32.or
              (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (local.get $newline)))
              (i32.shl
                (i8x16.bitmask (i8x16.eq (v128.load offset=16 (local.get $p)) (local.get $newline)))
                (i32.const 16))))
            (i64.shl
              (i64.extend_i32_u (i32.or
                (i8x16.bitmask (i8x16.eq (v128.load offset=32 (local.get $p)) (local.get $newline)))
                (i32.shl
                  (i8x16.bitmask (i8x16.eq (v128.load offset=48 (local.get $p)) (local.get $newline)))
                  (i32.const 16))))
              (i64.const 32))))
          (local.set $at (local.get $o))
          (local.set $o (i32.add (local.get $o)
            (i32.shl (i32.wrap_i64 (i64.popcnt (local.get $bits))) (i32.const 2))))
          (loop $pairs
            (local.set $more (i64.and (local.get $bits) (i64.sub (local.get $bits) (i64.const 1))))
            (i32.store (local.get $at) (i32.add (local.get $p) (i32.wrap_i64 (i64.ctz (local.get $bits)))))
            (i32.store offset=4 (local.get $at)
              (i32.add (local.get $p) (i32.wrap_i64 (i64.ctz (local.get $more)))))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (local.set $bits (i64.and (local.get $more) (i64.sub (local.get $more) (i64.const 1))))
            (br_if $pairs (i64.ne (local.get $bits) (i64.const 0))))
          (local.set $p (i32.add (local.get $p) (i32.const 64)))
          (br $chunks))))
    (local.set $limit (i32.sub (local.get $limit) (i32.const 64)))
    (loop $vectors
      (if (i32.le_s (local.get $p) (local.get $last)) (then
        (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (local.get $newline))))
        (if (local.get $mask) (then
          (if (i32.gt_s (local.get $o) (local.get $limit)) (then (return (i32.const -1))))
          (loop $bits
            (i32.store (local.get $o) (i32.add (local.get $p) (i32.ctz (local.get $mask))))
            (local.set $o (i32.add (local.get $o) (i32.const 4)))
            (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
            (br_if $bits (local.get $mask)))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $vectors))))
    (if (i32.gt_s (local.get $o) (local.get $limit)) (then (return (i32.const -1))))
    (loop $bytes
      (if (i32.lt_s (local.get $p) (local.get $end)) (then
        (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 10)) (then
          (i32.store (local.get $o) (local.get $p))
          (local.set $o (i32.add (local.get $o) (i32.const 4)))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $bytes))))
    (i32.shr_u (i32.sub (local.get $o) (local.get $out)) (i32.const 2)))

  ;; The watch on the clock. A line shows up to sixteen bytes of its time, its window, and what stands in front of that
  ;; and hardly ever changes: the hour and the date, or the first of ten digits of seconds.
  ;;     "17" ":01:21.339942868"    "1700" "000000.339942868"    "12.339942868 "
  ;; Windows are held as two numbers that compare as the times do: lane 1 the first eight bytes, lane 0 the others.

  ;; Where the window stands, from the line's start on, and from the time's start on; whether the time stands behind a
  ;; number, whose length may change.
  (global $window (mut i32) (i32.const 0))
  (global $inset (mut i32) (i32.const 0))
  (global $numbered (mut i32) (i32.const 0))
  ;; Which bytes of a window are looked at; what each of them is at the least, and by how much it may be more: digits,
  ;; the colons and the point, no digit behind the last one.
  (global $used (mut v128) (v128.const i64x2 0 0))
  (global $least (mut v128) (v128.const i64x2 0 0))
  (global $spread (mut v128) (v128.const i64x2 0 0))
  ;; The sixteen bytes in front of a window, and which of them are looked at.
  (global $front (mut v128) (v128.const i64x2 0 0))
  (global $frontUsed (mut v128) (v128.const i64x2 0 0))
  ;; Times have an hour: they begin anew each day.
  (global $ofDay (mut i32) (i32.const 0))
  ;; The window of the line before.
  (global $latest (mut v128) (v128.const i64x2 0 0))

  ;; The first byte behind the digits that stand at p, of twenty at the most.
  (func $pastDigits (param $p i32) (result i32)
    (local $stop i32)
    (local.set $stop (i32.add (local.get $p) (i32.const 20)))
    (loop $bytes
      (if (i32.and (i32.lt_s (local.get $p) (local.get $stop)) (call $isDigit (local.get $p))) (then
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $bytes))))
    (local.get $p))

  ;; The first `count` bytes of sixteen.
  (func $head (param $count i32) (result v128)
    (i8x16.lt_u
      (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
      (i8x16.splat (local.get $count))))

  ;; Begins the watch with the line at q; 0 where that shows no such time, at its start or behind a number.
  (func $begin (param $q i32) (result i32)
    (local $at i32) (local $past i32) (local $length i32) (local $mark i32) (local $point i32) (local $before i32)
    (local $colons v128) (local $dot v128) (local $behind v128) (local $digits v128)
    (local.set $digits (i8x16.splat (i32.const 9)))
    ;; the sixteen bytes in front of a window are loaded
    (if (i32.lt_s (local.get $q) (i32.const 16)) (then (return (i32.const 0))))
    (local.set $at (local.get $q))
    (local.set $past (call $pastDigits (local.get $at)))
    (global.set $numbered (i32.eq (i32.load8_u (local.get $past)) (i32.const 32)))
    (if (global.get $numbered) (then
      (local.set $at (i32.add (local.get $past) (i32.const 1)))
      (local.set $past (call $pastDigits (local.get $at)))))
    (local.set $length (i32.sub (local.get $past) (local.get $at)))
    (local.set $mark (i32.load8_u (local.get $past)))
    (global.set $inset (i32.const 0))
    (if (i32.eq (local.get $mark) (i32.const 46))
      (then
        (if (i32.eq (local.get $length) (i32.const 10)) (then
          (global.set $inset (i32.const 4))
          (local.set $before (i32.const 4))))
        (global.set $ofDay (i32.const 0))
        (local.set $point (i32.sub (local.get $length) (global.get $inset)))
        (if (i32.gt_u (i32.sub (local.get $point) (i32.const 1)) (i32.const 5)) (then (return (i32.const 0)))))
      (else
        (local.set $before (i32.const 2))
        (if (i32.and (i32.eq (local.get $length) (i32.const 4)) (i32.eq (local.get $mark) (i32.const 45))) (then
          (if (global.get $numbered) (then (return (i32.const 0))))
          (local.set $at (i32.add (local.get $q) (i32.const 11)))
          (local.set $past (call $pastDigits (local.get $at)))
          (local.set $length (i32.sub (local.get $past) (local.get $at)))
          (local.set $mark (i32.load8_u (local.get $past)))
          (local.set $before (i32.const 13))))
        (if (i32.or (i32.ne (local.get $length) (i32.const 2)) (i32.ne (local.get $mark) (i32.const 58)))
          (then (return (i32.const 0))))
        (global.set $inset (i32.const 2))
        (global.set $ofDay (i32.const 1))
        (local.set $point (i32.const 6))
        (local.set $colons (v128.const i8x16 -1 0 0 -1 0 0 0 0 0 0 0 0 0 0 0 0))
        ;; second 60 is the next minute's first
        (local.set $digits (v128.const i8x16 9 5 9 9 5 9 9 9 9 9 9 9 9 9 9 9))))
    ;; the blank behind the number, too
    (local.set $before (i32.add (local.get $before) (global.get $numbered)))
    (local.set $at (i32.add (local.get $at) (global.get $inset)))
    (global.set $window (i32.sub (local.get $at) (local.get $q)))
    ;; the fraction's digits, and what stands behind them
    (local.set $at (i32.add (i32.add (local.get $at) (local.get $point)) (i32.const 1)))
    (local.set $length (i32.sub (call $pastDigits (local.get $at)) (local.get $at)))
    (if (i32.or
          (i32.gt_u (i32.sub (local.get $length) (i32.const 6)) (i32.const 3))
          (i32.gt_u (i32.eqz (global.get $inset)) (i32.eq (local.get $length) (i32.const 9))))
      (then (return (i32.const 0))))
    (local.set $length (i32.add (i32.add (local.get $point) (local.get $length)) (i32.const 1)))
    (global.set $used (call $head (i32.add (local.get $length) (i32.const 1))))
    (local.set $dot
      (v128.andnot (call $head (i32.add (local.get $point) (i32.const 1))) (call $head (local.get $point))))
    (local.set $behind (v128.andnot (global.get $used) (call $head (local.get $length))))
    ;; `:` is what comes next to the digits: 246 bytes are none from there on, round to `/`
    (global.set $least (v128.bitselect
      (i8x16.splat (i32.const 58))
      (v128.bitselect (i8x16.splat (i32.const 46)) (i8x16.splat (i32.const 48)) (local.get $dot))
      (v128.or (local.get $colons) (local.get $behind))))
    (global.set $spread (v128.or
      (v128.not (global.get $used))
      (v128.bitselect
        (i8x16.splat (i32.const 245))
        (v128.andnot (local.get $digits) (v128.or (local.get $colons) (local.get $dot)))
        (local.get $behind))))
    (global.set $frontUsed (v128.not (call $head (i32.sub (i32.const 16) (local.get $before)))))
    (local.set $at (i32.add (local.get $q) (global.get $window)))
    (global.set $front (v128.load (i32.sub (local.get $at) (i32.const 16))))
    (global.set $latest (call $windowOf (v128.and (v128.load (local.get $at)) (global.get $used))))
    (call $step (local.get $q)))

  (func $windowOf (param $bytes v128) (result v128)
    (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0 (local.get $bytes) (local.get $bytes)))

  (func $isTime (param $bytes v128) (result i32)
    (i32.eqz (v128.any_true
      (i8x16.gt_u (i8x16.sub (local.get $bytes) (global.get $least)) (global.get $spread)))))

  ;; Two digits at p as a number, or some hours that never were.
  (func $hour (param $p i32) (result i32)
    (select
      (i32.add
        (i32.mul (i32.and (i32.load8_u (local.get $p)) (i32.const 15)) (i32.const 10))
        (i32.and (i32.load8_u offset=1 (local.get $p)) (i32.const 15)))
      (i32.const -99)
      (i32.and (call $isDigit (local.get $p)) (call $isDigit (i32.add (local.get $p) (i32.const 1))))))

  ;; Looks at the line at q; 0 where it is late or the clock may step there: a line that shows no time like the first
  ;; one's, another date, a time half a day later, or before that of the line before.
  (func $step (param $q i32) (result i32)
    (local $bytes v128) (local $time v128) (local $front v128) (local $changed v128) (local $hours i32)
    (local $hi i64) (local $lo i64) (local $latestHi i64) (local $latestLo i64)
    (local.set $bytes (v128.and (v128.load (i32.add (local.get $q) (global.get $window))) (global.get $used)))
    ;; the number is longer now, or shorter
    (if (i32.gt_u (global.get $numbered) (i32.and
          (call $isTime (local.get $bytes))
          (i32.eq (i32.const 32) (i32.load8_u (i32.sub
            (i32.add (local.get $q) (global.get $window))
            (i32.add (global.get $inset) (i32.const 1)))))))
      (then
      (global.set $window (i32.add
        (i32.sub (call $pastDigits (local.get $q)) (local.get $q))
        (i32.add (global.get $inset) (i32.const 1))))
      (local.set $bytes (v128.and (v128.load (i32.add (local.get $q) (global.get $window))) (global.get $used)))))
    (if (i32.eqz (call $isTime (local.get $bytes))) (then (return (i32.const 0))))
    (local.set $time (call $windowOf (local.get $bytes)))
    (local.set $q (i32.add (local.get $q) (global.get $window)))
    (local.set $front (v128.load (i32.sub (local.get $q) (i32.const 16))))
    (local.set $changed (v128.and (v128.xor (local.get $front) (global.get $front)) (global.get $frontUsed)))
    (if (v128.any_true (local.get $changed)) (then
      ;; more than the hour
      (if (i32.or
            (i32.eqz (global.get $ofDay))
            (v128.any_true (v128.and (local.get $changed) (call $head (i32.const 14)))))
        (then (return (i32.const 0))))
      (local.set $hours (i32.sub
        (call $hour (i32.sub (local.get $q) (i32.const 2)))
        (i32.add
          (i32.mul (i32.and (i8x16.extract_lane_u 14 (global.get $front)) (i32.const 15)) (i32.const 10))
          (i32.and (i8x16.extract_lane_u 15 (global.get $front)) (i32.const 15)))))
      (global.set $front (local.get $front))
      (global.set $latest (local.get $time))
      (return (i32.lt_u (i32.sub (local.get $hours) (i32.const 1)) (i32.const 11)))))
    (local.set $hi (i64x2.extract_lane 1 (local.get $time)))
    (local.set $lo (i64x2.extract_lane 0 (local.get $time)))
    (local.set $latestHi (i64x2.extract_lane 1 (global.get $latest)))
    (local.set $latestLo (i64x2.extract_lane 0 (global.get $latest)))
    (global.set $latest (local.get $time))
    (i32.or
      (i64.gt_u (local.get $hi) (local.get $latestHi))
      (i32.and
        (i64.eq (local.get $hi) (local.get $latestHi))
        (i64.ge_u (local.get $lo) (local.get $latestLo)))))

  ;; Steps through the lines behind the newlines of [p, end); 0 where one is late or the clock may step.
  (func $stepAll (param $p i32) (param $end i32) (result i32)
    (loop $lines
      (local.set $p (i32.add (call $next (local.get $p) (local.get $end)) (i32.const 1)))
      (if (i32.le_s (local.get $p) (local.get $end)) (then
        (if (i32.eqz (call $step (local.get $p))) (then (return (i32.const 0))))
        (br $lines))))
    (i32.const 1))

  ;; Whether the line that ends before the newline at `e` ends in `=`: what follows may belong to it.
  (func $goesOn (param $e i32) (result i32)
    (if (i32.eq (i32.load8_u (i32.sub (local.get $e) (i32.const 1))) (i32.const 13))
      (then (local.set $e (i32.sub (local.get $e) (i32.const 1)))))
    (i32.eq (i32.load8_u (i32.sub (local.get $e) (i32.const 1))) (i32.const 61)))

  ;; Number of newlines in [p, end), which ends with one and lies before `stop`; or -1 when a line of them begins
  ;; with something else than a digit, is late, or the clock may step at it, or one but the last ends in `=`. Most lines
  ;; are compared with the one before alone, without a branch: a round of them in which the time never falls, nor what
  ;; stands in front of it changes, is right.
  (func $survey (param $p i32) (param $end i32) (param $stop i32) (result i32)
    (local $newline v128) (local $least v128) (local $spread v128) (local $used v128)
    (local $bits i64) (local $total i32) (local $last i32) (local $round i32) (local $roundEnd i32)
    (local $q i32) (local $at i32) (local $window i32) (local $odd i32) (local $tail i32)
    (local $bytes v128) (local $time v128) (local $before v128) (local $wrong v128) (local $less v128)
    (local $front v128) (local $changed v128) (local $hi v128)
    (if (i32.ge_s (local.get $p) (local.get $end)) (then (return (i32.const 0))))
    (if (i32.eqz (call $step (local.get $p))) (then (return (i32.const -1))))
    (local.set $window (global.get $window))
    (local.set $used (global.get $used))
    (local.set $least (global.get $least))
    (local.set $spread (global.get $spread))
    (local.set $front (global.get $front))
    (local.set $before (global.get $latest))
    (local.set $hi (v128.const i64x2 0 -1))
    (local.set $newline (i8x16.splat (i32.const 10)))
    ;; the last newline has no line of the range behind it
    (local.set $last (i32.sub (local.get $end) (i32.const 65)))
    (local.set $q (local.get $p))
    (loop $rounds
      (if (i32.le_s (local.get $p) (local.get $last)) (then
        (local.set $round (local.get $p))
        (local.set $roundEnd (i32.add (local.get $p) (i32.const 4032)))
        (if (i32.gt_s (local.get $roundEnd) (local.get $last)) (then (local.set $roundEnd (local.get $last))))
        (local.set $wrong (v128.const i64x2 0 0))
        (local.set $changed (v128.const i64x2 0 0))
        (loop $vectors
          (local.set $bits (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (i8x16.eq
                (v128.load (local.get $p)) (local.get $newline))))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq
                (v128.load offset=16 (local.get $p)) (local.get $newline)))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq
                (v128.load offset=32 (local.get $p)) (local.get $newline)))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq
                (v128.load offset=48 (local.get $p)) (local.get $newline)))) (i64.const 48)))))
          (local.set $total (i32.add (local.get $total) (i32.wrap_i64 (i64.popcnt (local.get $bits)))))
          ;; without a newline, the line before once more
          (local.set $q (select
            (i32.add (local.get $p) (i32.add (i32.wrap_i64 (i64.ctz (local.get $bits))) (i32.const 1)))
            (local.get $q)
            (i64.ne (local.get $bits) (i64.const 0))))
          (loop $lines
            (local.set $tail (i32.load8_u (i32.sub (local.get $q) (i32.const 2))))
            (if (i32.eq (local.get $tail) (i32.const 13))
              (then (local.set $tail (i32.load8_u (i32.sub (local.get $q) (i32.const 3))))))
            (local.set $odd (i32.or (local.get $odd) (i32.or
              (i32.eq (local.get $tail) (i32.const 61))
              (i32.gt_u (i32.sub (i32.load8_u (local.get $q)) (i32.const 48)) (i32.const 9)))))
            (local.set $at (i32.add (local.get $q) (local.get $window)))
            (local.set $changed (v128.or (local.get $changed)
              (v128.xor (local.get $front) (v128.load (i32.sub (local.get $at) (i32.const 16))))))
            (local.set $bytes (v128.and (v128.load (local.get $at)) (local.get $used)))
            (local.set $time (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0
              (local.get $bytes) (local.get $bytes)))
            ;; lane 0 counts where lane 1 has not changed
            (local.set $less (i64x2.eq (local.get $time) (local.get $before)))
            (local.set $less (v128.and
              (i64x2.lt_s (local.get $time) (local.get $before))
              (v128.or (local.get $hi)
                (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $less) (local.get $less)))))
            (local.set $wrong (v128.or
              (local.get $wrong)
              (v128.or
                (local.get $less)
                (i8x16.gt_u (i8x16.sub (local.get $bytes) (local.get $least)) (local.get $spread)))))
            (local.set $before (local.get $time))
            (local.set $bits (i64.and (local.get $bits) (i64.sub (local.get $bits) (i64.const 1))))
            (if (i64.ne (local.get $bits) (i64.const 0)) (then
              (local.set $q (i32.add (local.get $p)
                (i32.add (i32.wrap_i64 (i64.ctz (local.get $bits))) (i32.const 1))))
              (br $lines))))
          (local.set $p (i32.add (local.get $p) (i32.const 64)))
          (br_if $vectors (i32.le_s (local.get $p) (local.get $roundEnd))))
        (if (local.get $odd) (then (return (i32.const -1))))
        (if (v128.any_true (v128.or (local.get $wrong) (v128.and (local.get $changed) (global.get $frontUsed))))
          (then
            (if (i32.eqz (call $stepAll (local.get $round) (local.get $p))) (then (return (i32.const -1))))
            (local.set $window (global.get $window))
            (local.set $front (global.get $front))
            (local.set $before (global.get $latest)))
          (else (global.set $latest (local.get $before))))
        (br $rounds))))
    (loop $lines
      (local.set $p (i32.add (call $next (local.get $p) (local.get $stop)) (i32.const 1)))
      (local.set $total (i32.add (local.get $total) (i32.const 1)))
      (if (i32.lt_s (local.get $p) (local.get $end)) (then
        (if (i32.eqz (call $isDigit (local.get $p))) (then (return (i32.const -1))))
        (if (call $goesOn (i32.sub (local.get $p) (i32.const 1))) (then (return (i32.const -1))))
        (if (i32.eqz (call $step (local.get $p))) (then (return (i32.const -1))))
        (br $lines))))
    (local.get $total))

  ;; First place in [p, end) where the `length` bytes at `literal` stand, or `end`. Two of them, at offsets `a`
  ;; and `b`, are compared at many places at a time; where both fit, all are.
  (func $find
    (param $p i32) (param $end i32) (param $literal i32) (param $length i32) (param $a i32) (param $b i32)
    (result i32)
    (local $first v128) (local $second v128) (local $last i32) (local $mask i32) (local $at i32)
    (local $q i32) (local $r i32) (local $narrow i32)
    (local.set $first (i8x16.splat (i32.load8_u (i32.add (local.get $literal) (local.get $a)))))
    (local.set $second (i8x16.splat (i32.load8_u (i32.add (local.get $literal) (local.get $b)))))
    ;; Places where the literal would still fit into [p, end), and sixteen bytes can be loaded at each offset.
    (local.set $last (i32.sub (i32.sub (local.get $end) (local.get $length)) (i32.const 16)))
    (loop $vectors
      ;; 64 places at a time, behind those of which one did fit
      (if (i32.ge_s (local.get $p) (local.get $narrow)) (then
        (block $fits
          (loop $wide
            (br_if $fits (i32.gt_s (local.get $p) (i32.sub (local.get $last) (i32.const 48))))
            (local.set $q (i32.add (local.get $p) (local.get $a)))
            (local.set $r (i32.add (local.get $p) (local.get $b)))
            (br_if $fits (v128.any_true (v128.or
              (v128.or
                (v128.and
                  (i8x16.eq (v128.load (local.get $q)) (local.get $first))
                  (i8x16.eq (v128.load (local.get $r)) (local.get $second)))
                (v128.and
                  (i8x16.eq (v128.load offset=16 (local.get $q)) (local.get $first))
                  (i8x16.eq (v128.load offset=16 (local.get $r)) (local.get $second))))
              (v128.or
                (v128.and
                  (i8x16.eq (v128.load offset=32 (local.get $q)) (local.get $first))
                  (i8x16.eq (v128.load offset=32 (local.get $r)) (local.get $second)))
                (v128.and
                  (i8x16.eq (v128.load offset=48 (local.get $q)) (local.get $first))
                  (i8x16.eq (v128.load offset=48 (local.get $r)) (local.get $second)))))))
            (local.set $p (i32.add (local.get $p) (i32.const 64)))
            (br $wide)))
        (local.set $narrow (i32.add (local.get $p) (i32.const 64)))))
      (if (i32.le_s (local.get $p) (local.get $last)) (then
        (local.set $mask (i8x16.bitmask (v128.and
          (i8x16.eq (v128.load (i32.add (local.get $p) (local.get $a))) (local.get $first))
          (i8x16.eq (v128.load (i32.add (local.get $p) (local.get $b))) (local.get $second)))))
        (if (local.get $mask) (then
          (loop $bits
            (local.set $at (i32.add (local.get $p) (i32.ctz (local.get $mask))))
            (if (call $equal (local.get $at) (local.get $literal) (local.get $length))
              (then (return (local.get $at))))
            (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
            (br_if $bits (local.get $mask)))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $vectors))))
    (loop $places
      (if (i32.le_s (local.get $p) (i32.sub (local.get $end) (local.get $length))) (then
        (if (call $equal (local.get $p) (local.get $literal) (local.get $length))
          (then (return (local.get $p))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $places))))
    (local.get $end))

  (func $equal (param $p i32) (param $q i32) (param $length i32) (result i32)
    (loop $bytes
      (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br_if $bytes (i32.eq
        (i32.load8_u (i32.add (local.get $p) (local.get $length)))
        (i32.load8_u (i32.add (local.get $q) (local.get $length))))))
    (i32.const 0))

  ;; The first newline in [p, end), or `end`.
  (func $next (param $p i32) (param $end i32) (result i32)
    (local $mask i32) (local $last i32)
    (local.set $last (i32.sub (local.get $end) (i32.const 16)))
    (loop $vectors
      (if (i32.le_s (local.get $p) (local.get $last)) (then
        (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (i32.const 10)))))
        (if (local.get $mask) (then (return (i32.add (local.get $p) (i32.ctz (local.get $mask))))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $vectors))))
    (loop $bytes
      (if (i32.lt_s (local.get $p) (local.get $end)) (then
        (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 10)) (then (return (local.get $p))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $bytes))))
    (local.get $end))

  ;; Start of the line that `p` stands in, not before `from`.
  (func $lineStart (param $from i32) (param $p i32) (result i32)
    (local $mask i32)
    (loop $vectors
      (if (i32.ge_s (i32.sub (local.get $p) (i32.const 16)) (local.get $from)) (then
        (local.set $mask (i8x16.bitmask (i8x16.eq
          (v128.load (i32.sub (local.get $p) (i32.const 16))) (i8x16.splat (i32.const 10)))))
        (if (local.get $mask) (then
          (return (i32.add (local.get $p) (i32.sub (i32.const 16) (i32.clz (local.get $mask)))))))
        (local.set $p (i32.sub (local.get $p) (i32.const 16)))
        (br $vectors))))
    (loop $bytes
      (if (i32.gt_s (local.get $p) (local.get $from)) (then
        (if (i32.ne (i32.load8_u (i32.sub (local.get $p) (i32.const 1))) (i32.const 10)) (then
          (local.set $p (i32.sub (local.get $p) (i32.const 1)))
          (br $bytes))))))
    (local.get $p))

  (func $isDigit (param $p i32) (result i32)
    (i32.le_u (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)) (i32.const 9)))

  ;; Lines of [at, end) in which the literal stands, for a part of a trace that begins and ends anywhere. Writes to
  ;; `out`, which has `room` bytes, as u32: the first newline, the last one, the number of lines up to that, how many
  ;; of those follow, where in the part its last, broken line begins; from 32 on of each line its start, its end, its
  ;; number and where in the part it starts. The first line, which may have begun before `at`, is number 0 and not
  ;; among them, that behind it and the last one always are. With a place for `text`, the end of the first line, those
  ;; lines and the beginning of the broken one are copied there, up to `textEnd`, and all places but those in the part
  ;; are there.
  ;; Gives 1, or the number of bytes of text; 0 where there is no newline, there is no room, or a line but the first
  ;; begins with something else than a digit, ends in `=`, is late, or the clock may step there.
  (func (export "part")
    (param $at i32) (param $end i32) (param $out i32) (param $room i32)
    (param $text i32) (param $textEnd i32)
    (param $literal i32) (param $length i32) (param $a i32) (param $b i32)
    (result i32)
    (local $first i32) (local $stop i32) (local $from i32) (local $line i32) (local $hit i32)
    (local $start i32) (local $lineEnd i32) (local $passed i32) (local $o i32) (local $limit i32) (local $t i32)
    (local.set $first (call $next (local.get $at) (local.get $end)))
    (if (i32.eq (local.get $first) (local.get $end)) (then (return (i32.const 0))))
    (local.set $from (i32.add (local.get $first) (i32.const 1)))
    (local.set $stop (call $lineStart (local.get $from) (local.get $end)))
    (local.set $o (i32.add (local.get $out) (i32.const 32)))
    (local.set $limit (i32.sub (i32.add (local.get $out) (local.get $room)) (i32.const 16)))
    (local.set $line (i32.const 1))
    (local.set $t (local.get $text))
    (if (local.get $text) (then
      (if (i32.gt_s
            (i32.add
              (i32.sub (local.get $from) (local.get $at))
              (i32.sub (local.get $end) (local.get $stop)))
            (i32.sub (local.get $textEnd) (local.get $t)))
        (then (return (i32.const 0))))
      (memory.copy (local.get $t) (local.get $at) (i32.sub (local.get $from) (local.get $at)))
      (local.set $t (i32.add (local.get $t) (i32.sub (local.get $from) (local.get $at))))
      (local.set $textEnd (i32.sub (local.get $textEnd) (i32.sub (local.get $end) (local.get $stop))))))
    (if (i32.lt_s (local.get $from) (local.get $stop))
      (then
        (if (i32.eqz (call $begin (local.get $from))) (then (return (i32.const 0))))
        (local.set $hit (local.get $from))))
    (block $done
      (loop $lines
        (br_if $done (i32.ge_s (local.get $from) (local.get $stop)))
        (if (i32.ne (local.get $hit) (local.get $from)) (then
          (local.set $hit (call $find
            (local.get $from) (local.get $stop)
            (local.get $literal) (local.get $length) (local.get $a) (local.get $b)))))
        ;; where there is none, the last line
        (if (i32.eq (local.get $hit) (local.get $stop)) (then
          (local.set $hit (i32.sub (local.get $stop) (i32.const 1)))))
        (local.set $start (call $lineStart (local.get $from) (local.get $hit)))
        (local.set $lineEnd (call $next (local.get $hit) (local.get $stop)))
        (local.set $passed
          (call $survey (local.get $from) (local.get $start) (local.get $stop)))
        (if (i32.or
              (i32.or (i32.lt_s (local.get $passed) (i32.const 0)) (i32.gt_s (local.get $o) (local.get $limit)))
              (i32.eqz (i32.and (call $isDigit (local.get $from)) (call $isDigit (local.get $start)))))
          (then (return (i32.const 0))))
        (if (call $goesOn (local.get $lineEnd)) (then (return (i32.const 0))))
        (if (i32.gt_s (local.get $start) (local.get $from)) (then
          (if (call $goesOn (i32.sub (local.get $start) (i32.const 1))) (then (return (i32.const 0))))))
        (if (i32.eqz (call $step (local.get $start))) (then (return (i32.const 0))))
        (local.set $line (i32.add (local.get $line) (local.get $passed)))
        (i32.store offset=8 (local.get $o) (local.get $line))
        (i32.store offset=12 (local.get $o) (i32.sub (local.get $start) (local.get $at)))
        (local.set $from (i32.add (local.get $lineEnd) (i32.const 1)))
        (if (local.get $text) (then
          (local.set $passed (i32.sub (local.get $from) (local.get $start)))
          (if (i32.gt_s (i32.add (local.get $t) (local.get $passed)) (local.get $textEnd))
            (then (return (i32.const 0))))
          (memory.copy (local.get $t) (local.get $start) (local.get $passed))
          (local.set $start (local.get $t))
          (local.set $t (i32.add (local.get $t) (local.get $passed)))
          (local.set $lineEnd (i32.sub (local.get $t) (i32.const 1)))))
        (i32.store (local.get $o) (local.get $start))
        (i32.store offset=4 (local.get $o) (local.get $lineEnd))
        (local.set $o (i32.add (local.get $o) (i32.const 16)))
        (local.set $line (i32.add (local.get $line) (i32.const 1)))
        (br $lines)))
    (i32.store offset=8 (local.get $out) (local.get $line))
    (i32.store offset=12 (local.get $out)
      (i32.shr_u (i32.sub (i32.sub (local.get $o) (local.get $out)) (i32.const 32)) (i32.const 4)))
    (i32.store offset=16 (local.get $out) (i32.sub (local.get $stop) (local.get $at)))
    (local.set $hit (i32.const 1))
    (if (local.get $text) (then
      (local.set $hit (i32.sub (local.get $end) (local.get $stop)))
      (memory.copy (local.get $t) (local.get $stop) (local.get $hit))
      (local.set $hit (i32.add (local.get $hit) (i32.sub (local.get $t) (local.get $text))))
      (local.set $first (i32.add (local.get $text) (i32.sub (local.get $first) (local.get $at))))
      (local.set $stop (local.get $t))))
    (i32.store (local.get $out) (local.get $first))
    (i32.store offset=4 (local.get $out) (i32.sub (local.get $stop) (i32.const 1)))
    (local.get $hit))
)
