;; Which lines of strace's output a scan may pass over. Read are lines of calls with a time in microseconds:
;;
;;     428   07:43:59.297522 read(5, "\1\0\0\0\0\0\0\0", 8) = 8 <0.000052>
;;     427   1700000000.073724 epoll_wait(4,  <unfinished ...>
;;     427   1700000001.103562 <... epoll_wait resumed>[], 64, 1000) = 0 <1.029800>
;;
;; A block with any other line is not for this kernel. `survey` takes the lines apart and knows of no state but the
;; table of names; `judge` goes over its records with the state of the threads. Lines like most are taken apart
;; without branches and without calls, which cost more here than what they would save; $line takes any other.
;; Compiled into calls-kernel.ts: `npm run wasm` prints the module.
;;
;; A record of a line is eight bytes:
;;     0  u32  position of its newline
;;     4  u32  bits 0 to 21 its thread, 0 on lines without; bit 22 always set; 23 its call may match; 24 it is decoded
;;             in any case; 25 it changes what is known of threads; 26 its call goes on elsewhere; 27 half a call;
;;             28 a call whose name is not in the table; 29 it changes what is known of other threads;
;;             30 -T stands on it
;; In front of the first stand, i64 each: how many lines are half a call, the latest end of a whole call in
;; microseconds, those of the first line and of the last one.
;;
;; `names`: 1024 slots of 32 bytes, a name of at most sixteen bytes filled up with zeros, then as u32 those of the bits
;; 22 to 25 that its lines have, and as u32 its code as a type. A free slot has 0 there and begins with `(`, as no
;; name does; that byte goes last.
;;
;; `rows` makes rows of events (model/event-rows.ts) of lines one by one, up to the first that needs more.
(module
  (import "env" "memory" (memory 1))

  ;; Positions of the newlines in [p, stop), as u32 each eight bytes from `to` on. Gives the place behind, or 0
  ;; where more than two stand in 64 bytes: lines as short are of no call. Up to two more places are written to.
  (func $ends (param $p i32) (param $stop i32) (param $to i32) (result i32)
    (local $mask i64) (local $second i64) (local $over i64) (local $newline v128)
    (local.set $newline (i8x16.splat (i32.const 10)))
    (loop $chunks
      (local.set $mask (i64.or
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
      (if (i32.gt_s (i32.add (local.get $p) (i32.const 64)) (local.get $stop)) (then
        (local.set $mask (i64.and (local.get $mask) (i64.sub
          (i64.shl (i64.const 1) (i64.extend_i32_u (i32.sub (local.get $stop) (local.get $p))))
          (i64.const 1))))))
      (local.set $second (i64.and (local.get $mask) (i64.sub (local.get $mask) (i64.const 1))))
      (i32.store (local.get $to) (i32.add (local.get $p) (i32.wrap_i64 (i64.ctz (local.get $mask)))))
      (i32.store offset=8 (local.get $to)
        (i32.add (local.get $p) (i32.wrap_i64 (i64.ctz (local.get $second)))))
      (local.set $over (i64.or (local.get $over)
        (i64.and (local.get $second) (i64.sub (local.get $second) (i64.const 1)))))
      (local.set $to (i32.add (local.get $to)
        (i32.shl (i32.wrap_i64 (i64.popcnt (local.get $mask))) (i32.const 3))))
      (local.set $p (i32.add (local.get $p) (i32.const 64)))
      (br_if $chunks (i32.lt_s (local.get $p) (local.get $stop))))
    (select (local.get $to) (i32.const 0) (i64.eqz (local.get $over))))

  ;; Eight digits, by their values, as a number.
  (func $eight (param $x i64) (result i64)
    (local.set $x (i64.and
      (i64.shr_u (i64.mul (local.get $x) (i64.const 2561)) (i64.const 8)) (i64.const 0x00ff00ff00ff00ff)))
    (local.set $x (i64.and
      (i64.shr_u (i64.mul (local.get $x) (i64.const 6553601)) (i64.const 16)) (i64.const 0x0000ffff0000ffff)))
    (i64.shr_u (i64.mul (local.get $x) (i64.const 42949672960001)) (i64.const 32)))

  ;; Bytes of `x` that are digits have become their values; whether all those in `mask` are.
  (func $areDigits (param $x i64) (param $mask i64) (result i32)
    (local.set $x (i64.and (local.get $x) (local.get $mask)))
    (i64.eqz (i64.and
      (i64.or (local.get $x) (i64.add (local.get $x) (i64.const 0x7676767676767676)))
      (i64.const 0x8080808080808080))))

  ;; Two digits whose values stand as bytes in `x` from bit `at` on.
  (func $two (param $x i64) (param $at i64) (result i32)
    (i32.add
      (i32.mul (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (local.get $at))) (i32.const 15)) (i32.const 10))
      (i32.and
        (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.add (local.get $at) (i64.const 8)))) (i32.const 15))))

  ;; The microseconds at the start of the second at `p`, or -1.
  (func $second (param $p i32) (param $epoch i32) (result i64)
    (local $x i64) (local $c i32)
    (local.set $x (i64.xor (i64.load (local.get $p)) (i64.const 0x3030303030303030)))
    (if (local.get $epoch) (then
      (if (i32.eqz (call $areDigits (local.get $x) (i64.const -1))) (then (return (i64.const -1))))
      (local.set $c (i32.xor (i32.load16_u offset=8 (local.get $p)) (i32.const 0x3030)))
      (if (i32.eqz (call $areDigits (i64.extend_i32_u (local.get $c)) (i64.const 0xffff)))
        (then (return (i64.const -1))))
      (return (i64.mul (i64.const 1000000) (i64.add
        (i64.mul (call $eight (local.get $x)) (i64.const 100))
        (i64.extend_i32_u (call $two (i64.extend_i32_u (local.get $c)) (i64.const 0))))))))
    ;; `:`, its digit's value taken off
    (if (i64.ne (i64.and (local.get $x) (i64.const 0x0000ff0000ff0000)) (i64.const 0x00000a00000a0000))
      (then (return (i64.const -1))))
    (if (i32.eqz (call $areDigits (local.get $x) (i64.const 0xffff00ffff00ffff))) (then (return (i64.const -1))))
    (if (i32.or
          (i32.gt_u (call $two (local.get $x) (i64.const 0)) (i32.const 23))
          (i32.or
            (i32.gt_u (call $two (local.get $x) (i64.const 24)) (i32.const 59))
            (i32.gt_u (call $two (local.get $x) (i64.const 48)) (i32.const 59))))
      (then (return (i64.const -1))))
    (i64.mul (i64.const 1000000) (i64.extend_i32_u (i32.add
      (i32.mul (call $two (local.get $x) (i64.const 0)) (i32.const 3600))
      (i32.add
        (i32.mul (call $two (local.get $x) (i64.const 24)) (i32.const 60))
        (call $two (local.get $x) (i64.const 48)))))))

  ;; Letters, digits, `_` and `?` alone.
  (func $isName (param $p i32) (param $length i32) (result i32)
    (local $c i32)
    (loop $bytes
      (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
      (local.set $c (i32.load8_u (local.get $p)))
      (if (i32.eqz (i32.or
            (i32.or
              (i32.le_u (i32.sub (local.get $c) (i32.const 48)) (i32.const 9))
              (i32.le_u (i32.sub (i32.or (local.get $c) (i32.const 32)) (i32.const 97)) (i32.const 25)))
            (i32.or (i32.eq (local.get $c) (i32.const 95)) (i32.eq (local.get $c) (i32.const 63)))))
        (then (return (i32.const 0))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $bytes))
    (i32.const 0))

  ;; Where in `names` the name stands that was looked for last, if it does.
  (global $slot (mut i32) (i32.const 0))

  ;; What `names` says of a name; 0 where it does not stand there.
  (func $verdict (param $names i32) (param $word v128) (result i32)
    (local $slot i32) (local $at i32)
    (local.set $slot (i32.wrap_i64 (i64.shr_u
      (i64.mul
        (i64.xor
          (i64x2.extract_lane 0 (local.get $word))
          (i64.rotl (i64x2.extract_lane 1 (local.get $word)) (i64.const 29)))
        (i64.const 0x9e3779b97f4a7c15))
      (i64.const 54))))
    (loop $slots
      (local.set $at (i32.add (local.get $names) (i32.shl (local.get $slot) (i32.const 5))))
      (if (i32.eqz (i32.load offset=16 (local.get $at))) (then (return (i32.const 0))))
      (if (i32.eqz (v128.any_true (v128.xor (v128.load (local.get $at)) (local.get $word))))
        (then
          (global.set $slot (local.get $at))
          (return (i32.load offset=16 (local.get $at)))))
      (local.set $slot (i32.and (i32.add (local.get $slot) (i32.const 1)) (i32.const 1023)))
      (br $slots))
    (i32.const 0))

  ;; Whether ` = ` stands in the 64 bytes before `stop`, `)` and any blanks in front of it, none of it before `from`.
  (func $hasResult (param $from i32) (param $stop i32) (result i32)
    (local $least i32) (local $at i32) (local $mask i32) (local $blank i32) (local $c i32) (local $x i32)
    (local.set $least (i32.sub (local.get $stop) (i32.const 64)))
    (if (i32.lt_s (local.get $least) (local.get $from)) (then (local.set $least (local.get $from))))
    (local.set $at (i32.sub (local.get $stop) (i32.const 16)))
    (loop $windows
      ;; where ` = ` stands whole in the window
      (local.set $blank (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (i8x16.splat (i32.const 32)))))
      (local.set $mask (i32.and
        (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (i8x16.splat (i32.const 61))))
        (i32.and
          (i32.shl (local.get $blank) (i32.const 1))
          (i32.shr_u (local.get $blank) (i32.const 1)))))
      (block $nowhere
        (loop $places
          (br_if $nowhere (i32.eqz (local.get $mask)))
          (local.set $x (i32.sub (i32.const 31) (i32.clz (local.get $mask))))
          (local.set $mask (i32.xor (local.get $mask) (i32.shl (i32.const 1) (local.get $x))))
          (local.set $c (i32.add (local.get $at) (local.get $x)))
          (if (i32.le_s (local.get $c) (local.get $least)) (then (return (i32.const 0))))
          (local.set $c (i32.sub (local.get $c) (i32.const 2)))
          (loop $blanks
            (br_if $places (i32.lt_s (local.get $c) (local.get $from)))
            (local.set $x (i32.xor (i32.const 0xffff) (i8x16.bitmask (i8x16.eq
              (v128.load (i32.sub (local.get $c) (i32.const 15))) (i8x16.splat (i32.const 32))))))
            (local.set $c (i32.sub (local.get $c) (i32.sub (i32.clz (local.get $x)) (i32.const 16))))
            (br_if $blanks (i32.eqz (local.get $x))))
          (if (i32.ge_s (local.get $c) (local.get $from)) (then
            (if (i32.eq (i32.load8_u (local.get $c)) (i32.const 41)) (then (return (i32.const 1))))))
          (br $places)))
      (local.set $at (i32.sub (local.get $at) (i32.const 14)))
      (br_if $windows (i32.gt_s (i32.add (local.get $at) (i32.const 15)) (local.get $least))))
    (i32.const 0))
  ;; The end of a line that is like that of few: -T of the call in microseconds, 0 where the line has none; -1 where
  ;; the line does not end like a call, whose arguments start at `from`.
  (func $tail (param $from i32) (param $e i32) (result i64)
    (local $x i64) (local $took i64) (local $unit i64) (local $q i32) (local $c i32) (local $least i32)
    (local.set $q (local.get $e))
    (local.set $c (i32.load8_u (i32.sub (local.get $e) (i32.const 1))))
    ;; a carriage return, or blanks: behind them may stand -T
    (if (i32.le_u (local.get $c) (i32.const 32)) (then (return (i64.const -1))))
    (if (i32.eq (local.get $c) (i32.const 62)) (then
      (local.set $x (i64.load (i32.sub (local.get $e) (i32.const 8))))
      (if (i64.ne
            (i64.and (local.get $x) (i64.const 0xff000000000000ff)) (i64.const 0x3e0000000000002e))
        (then (return (i64.const -1))))
      (local.set $x (i64.xor (local.get $x) (i64.const 0x3030303030303030)))
      (if (i32.eqz (call $areDigits (local.get $x) (i64.const 0x00ffffffffffff00)))
        (then (return (i64.const -1))))
      (local.set $took (call $eight
        (i64.and (i64.shl (local.get $x) (i64.const 8)) (i64.const 0x0f0f0f0f0f0f0000))))
      ;; whole seconds, at most nine digits
      (local.set $unit (i64.const 1000000))
      (local.set $q (i32.sub (local.get $e) (i32.const 9)))
      (local.set $least (i32.sub (local.get $e) (i32.const 18)))
      (loop $digits
        (local.set $c (i32.sub (i32.load8_u (local.get $q)) (i32.const 48)))
        (if (i32.and (i32.le_u (local.get $c) (i32.const 9)) (i32.gt_s (local.get $q) (local.get $least)))
          (then
            (local.set $took (i64.add (local.get $took)
              (i64.mul (i64.extend_i32_u (local.get $c)) (local.get $unit))))
            (local.set $unit (i64.mul (local.get $unit) (i64.const 10)))
            (local.set $q (i32.sub (local.get $q) (i32.const 1)))
            (br $digits))))
      (if (i32.eq (local.get $q) (i32.sub (local.get $e) (i32.const 9))) (then (return (i64.const -1))))
      (local.set $q (i32.sub (local.get $q) (i32.const 1)))
      (if (i32.ne (i32.load16_u (local.get $q)) (i32.const 0x3c20)) (then (return (i64.const -1))))))
    (if (i32.le_s (local.get $q) (local.get $from)) (then (return (i64.const -1))))
    (select (local.get $took) (i64.const -1) (call $hasResult (local.get $from) (local.get $q))))

  ;; What the line before had: the microseconds of its second, and the second as it stands there with the dot behind.
  (global $secondUs (mut i64) (i64.const 0))
  (global $secondText (mut v128) (v128.const i64x2 0 0))
  ;; -T of the line that was taken apart last by $line, if it has one.
  (global $took (mut i64) (i64.const 0))
  ;; Where its call ends, in microseconds; 0 unless all of that is on the line.
  (global $end (mut i64) (i64.const 0))
  ;; How many bytes its thread takes.
  (global $lead (mut i32) (i32.const 0))
  ;; Constants of $survey. Those that can't change are built anew for each line.
  (global $clockHead (mut v128) (v128.const i8x16 -1 -1 -1 -1 -1 -1 -1 -1 -1 0 0 0 0 0 0 0))
  (global $epochHead (mut v128) (v128.const i8x16 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 0 0 0 0 0))
  (global $digits (mut v128) (v128.const i64x2 0x203030303030302e 0x3e3030303030302e))
  (global $beyond (mut v128) (v128.const i64x2 0x7f7676767676767f 0x7f7676767676767f))
  (global $tens (mut v128) (v128.const i16x8 10 10 10 1 10 10 10 1))
  (global $low (mut v128) (v128.const i16x8 255 255 255 255 255 255 255 255))
  (global $hundreds (mut v128) (v128.const i16x8 100 1 10 1 100 1 10 1))
  (global $thousands (mut v128) (v128.const i16x8 1000 1 1000 1 0 0 0 0))
  (global $places (mut v128) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
  (global $eights (mut v128) (v128.const i64x2 0x0808080808080808 0x0808080808080808))
  (global $parens (mut v128) (v128.const i64x2 0x2828282828282828 0x2828282828282828))
  (global $unfinished (mut v128) (v128.const i64x2 0x696e69666e753c20 0x2e2e2e2064656873))
  (global $result (mut v128) (v128.const i32x4 0x203d2029 0x203d2029 0x203d2029 0x203d2029))

  ;; Takes the line [p, e) apart, whatever it is like, and writes its record but for the newline's position. Gives its
  ;; microseconds, or -1 for one that is not for this kernel. `latest` is the time of the line before, negative on the
  ;; first.
  (func $line
    (param $start i32) (param $e i32) (param $names i32) (param $pids i32) (param $epoch i32) (param $latest i64)
    (param $record i32) (result i64)
    (local $p i32) (local $tid i32) (local $c i32) (local $flags i32) (local $name i32) (local $from i32)
    (local $length i32)
    (local $resumed i32) (local $open i32) (local $stamp i64) (local $took i64) (local $word v128)
    (local.set $p (local.get $start))
    (if (i32.lt_s (i32.sub (local.get $e) (local.get $p)) (i32.const 36)) (then (return (i64.const -1))))
    (if (local.get $pids) (then
      (loop $digits
        (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
        (if (i32.le_u (local.get $c) (i32.const 9)) (then
          (local.set $tid (i32.add (i32.mul (local.get $tid) (i32.const 10)) (local.get $c)))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br_if $digits (i32.lt_u (local.get $tid) (i32.const 0x400000)))
          (return (i64.const -1)))))
      (if (i32.gt_u (i32.sub (i32.sub (local.get $p) (local.get $start)) (i32.const 1)) (i32.const 6))
        (then (return (i64.const -1))))
      (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 32)) (then (return (i64.const -1))))
      (loop $blanks
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br_if $blanks (i32.eq (i32.load8_u (local.get $p)) (i32.const 32))))
      (if (i32.lt_s (i32.sub (local.get $e) (local.get $p)) (i32.const 30)) (then (return (i64.const -1))))))
    (global.set $lead (i32.sub (local.get $p) (local.get $start)))
    ;; the time
    (global.set $secondUs (call $second (local.get $p) (local.get $epoch)))
    (if (i64.lt_s (global.get $secondUs) (i64.const 0)) (then (return (i64.const -1))))
    (global.set $secondText (v128.and
      (v128.load (local.get $p))
      (select (global.get $epochHead) (global.get $clockHead) (local.get $epoch))))
    (local.set $p (i32.add (local.get $p) (select (i32.const 10) (i32.const 8) (local.get $epoch))))
    (local.set $took (i64.xor (i64.load (local.get $p)) (i64.const 0x203030303030302e)))
    (if (i64.ne (i64.and (local.get $took) (i64.const 0xff000000000000ff)) (i64.const 0))
      (then (return (i64.const -1))))
    (if (i32.eqz (call $areDigits (local.get $took) (i64.const -1))) (then (return (i64.const -1))))
    (local.set $stamp (i64.add (global.get $secondUs) (call $eight (i64.shl (local.get $took) (i64.const 8)))))
    ;; a step back, or far ahead, is for the clock to judge
    (if (i32.and
          (i64.ge_s (local.get $latest) (i64.const 0))
          (i64.gt_u (i64.sub (local.get $stamp) (local.get $latest)) (i64.const 43200000000)))
      (then (return (i64.const -1))))
    (local.set $p (i32.add (local.get $p) (i32.const 8)))
    ;; what the line is
    (global.set $end (i64.const 0))
    (local.set $c (i32.load (local.get $p)))
    ;; `--- ` and `+++ `
    (if (i32.eq (local.get $c) (i32.const 0x202d2d2d)) (then
      (i32.store offset=4 (local.get $record) (i32.or (local.get $tid) (i32.const 0x1400000)))
      (return (local.get $stamp))))
    (if (i32.eq (local.get $c) (i32.const 0x202b2b2b)) (then
      ;; not `+++ exited ` nor `+++ killed `, but `+++ superseded ` by a thread, whose call goes on in this one
      (local.set $c (i32.load offset=4 (local.get $p)))
      (i32.store offset=4 (local.get $record) (i32.or
        (local.get $tid)
        (select (i32.const 0x3400000) (i32.const 0x23400000) (i32.or
          (i32.eq (local.get $c) (i32.const 0x74697865))
          (i32.eq (local.get $c) (i32.const 0x6c6c696b))))))
      (return (local.get $stamp))))
    (local.set $resumed (i32.eq (local.get $c) (i32.const 0x2e2e2e3c)))
    (local.set $name (local.get $p))
    (if (local.get $resumed) (then
      (if (i32.ne (i32.load8_u offset=4 (local.get $p)) (i32.const 32)) (then (return (i64.const -1))))
      (local.set $name (i32.add (local.get $p) (i32.const 5)))))
    ;; its name, of at most 31 bytes
    (local.set $from (local.get $name))
    (local.set $c (select (i32.const 32) (i32.const 40) (local.get $resumed)))
    (block $named
      (loop $bytes
        (br_if $named (i32.eq (i32.load8_u (local.get $from)) (local.get $c)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br_if $bytes (i32.lt_s (local.get $from) (i32.add (local.get $name) (i32.const 32)))))
      (return (i64.const -1)))
    (local.set $length (i32.sub (local.get $from) (local.get $name)))
    (if (i32.eqz (local.get $length)) (then (return (i64.const -1))))
    (if (i32.le_u (local.get $length) (i32.const 16)) (then
      (local.set $word (v128.and
        (v128.load (local.get $name))
        (i8x16.gt_s (i8x16.splat (local.get $length)) (global.get $places))))
      (local.set $flags (call $verdict (local.get $names) (local.get $word)))))
    ;; a call not met before may be one of those that change what is known of threads
    (if (i32.eqz (local.get $flags)) (then
      (if (i32.eqz (call $isName (local.get $name) (local.get $length))) (then (return (i64.const -1))))
      (local.set $flags (i32.const 0x13400000))))
    (if (local.get $resumed) (then
      ;; ` resumed>`
      (if (i32.or
            (i64.ne (i64.load (local.get $from)) (i64.const 0x64656d7573657220))
            (i32.ne (i32.load8_u offset=8 (local.get $from)) (i32.const 62)))
        (then (return (i64.const -1))))
      (local.set $flags (i32.or (local.get $flags) (i32.const 0x8000000)))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))))
    (local.set $from (i32.add (local.get $from) (i32.const 1)))
    (if (i32.ge_s (local.get $from) (local.get $e)) (then (return (i64.const -1))))
    (if (i32.eq (i32.load16_u (i32.sub (local.get $e) (i32.const 2))) (i32.const 0x3e2e))
      (then
        ;; ` <unfinished ...>`
        (if (i32.or
              (i32.or
                (local.get $resumed)
                (i32.lt_s (i32.sub (local.get $e) (i32.const 17)) (local.get $from)))
              (i32.or
                (i32.ne (i32.load8_u (i32.sub (local.get $e) (i32.const 1))) (i32.const 62))
                (v128.any_true (v128.xor
                  (v128.load (i32.sub (local.get $e) (i32.const 17))) (global.get $unfinished)))))
          (then (return (i64.const -1))))
        (local.set $flags (i32.or (local.get $flags) (i32.const 0xc000000))))
      (else
        (local.set $took (call $tail (local.get $from) (local.get $e)))
        (if (i64.lt_s (local.get $took) (i64.const 0)) (then (return (i64.const -1))))
        (global.set $took (local.get $took))
        (local.set $flags (i32.or (local.get $flags)
          (i32.shl (i32.eq (i32.load8_u (i32.sub (local.get $e) (i32.const 1))) (i32.const 62)) (i32.const 30))))
        (if (i32.eqz (local.get $resumed)) (then
          (global.set $end (i64.add (local.get $stamp) (local.get $took)))))))
    (i32.store offset=4 (local.get $record) (i32.or (local.get $flags) (local.get $tid)))
    (local.get $stamp))

  ;; Takes the whole lines in [start, end) apart, the last of which ends at end - 1: writes their records to `out`,
  ;; where there is room for two more, and gives their number, or -1 for a block that must be decoded in full, as one
  ;; in the memory's first bytes. `pids`: the lines begin with a thread. `epoch`: times are seconds since 1970, else
  ;; times of day.
  (func $survey (export "survey")
    (param $start i32) (param $end i32) (param $names i32) (param $pids i32) (param $epoch i32) (param $out i32)
    (result i32)
    (local $at i32) (local $record i32) (local $to i32) (local $odd i32) (local $negative i32) (local $e i32)
    (local $p i32) (local $tid i32) (local $c i32) (local $width i32) (local $lead i32) (local $resumed i32)
    (local $open i32) (local $length i32) (local $slot i32) (local $tail i32) (local $us i32) (local $latestUs i32)
    (local $x i64) (local $unlike i64) (local $secondUs i64) (local $stamp i64) (local $leadMask i64)
    (local $halves i32) (local $latestEnd i64)
    (local $v v128) (local $word v128) (local $second v128) (local $head v128)
    (local $digits v128) (local $beyond v128) (local $tens v128) (local $low v128) (local $hundreds v128)
    (local $thousands v128) (local $places v128) (local $eights v128) (local $parens v128) (local $unfinished v128)
    (local $result v128)
    (if (i32.lt_s (local.get $start) (i32.const 32)) (then (return (i32.const -1))))
    (local.set $digits (global.get $digits))
    (local.set $beyond (global.get $beyond))
    (local.set $tens (global.get $tens))
    (local.set $low (global.get $low))
    (local.set $hundreds (global.get $hundreds))
    (local.set $thousands (global.get $thousands))
    (local.set $places (global.get $places))
    (local.set $eights (global.get $eights))
    (local.set $parens (global.get $parens))
    (local.set $unfinished (global.get $unfinished))
    (local.set $result (global.get $result))
    (if (local.get $epoch)
      (then (local.set $width (i32.const 10)) (local.set $head (global.get $epochHead)))
      (else (local.set $width (i32.const 8)) (local.set $head (global.get $clockHead))))
    (local.set $at (local.get $start))
    (local.set $record (i32.add (local.get $out) (i32.const 32)))
    (local.set $to (local.get $record))
    (local.set $stamp (i64.const -1))
    (loop $strips
      (local.set $c (i32.add (local.get $at) (i32.const 8192)))
      (if (i32.gt_s (local.get $c) (local.get $end)) (then (local.set $c (local.get $end))))
      (local.set $to (call $ends (local.get $at) (local.get $c) (local.get $to)))
      (if (i32.eqz (local.get $to)) (then (return (i32.const -1))))
      (local.set $at (local.get $c))
      (block $surveyed
        (loop $any
          (block $far
            (block $other
              ;; Lines like most. What is odd of one leaves a bit in `odd` or `unlike`, or the sign in `negative`.
              (loop $lines
                (br_if $surveyed (i32.ge_s (local.get $record) (local.get $to)))
                (local.set $e (i32.load (local.get $record)))
                (local.set $negative (i32.sub (i32.sub (local.get $e) (local.get $start)) (i32.const 36)))
                (local.set $unlike (i64.const 0))
                (local.set $p (i32.add (local.get $start) (local.get $lead)))
                (if (local.get $pids) (then
                  (local.set $x (i64.xor (i64.load (local.get $start)) (i64.const 0x3030303030303030)))
                  ;; bits in front of the first byte that is no digit, at least 8 and at least 8 less than `lead` says
                  (local.set $c (i32.and
                    (i32.wrap_i64 (i64.ctz (i64.and
                      (i64.or (local.get $x) (i64.add (local.get $x) (i64.const 0x7676767676767676)))
                      (i64.const 0x8080808080808080))))
                    (i32.const 0x78)))
                  (local.set $negative (i32.or (local.get $negative) (i32.or
                    (i32.sub (local.get $c) (i32.const 8))
                    (i32.sub (i32.sub (i32.shl (local.get $lead) (i32.const 3)) (i32.const 8)) (local.get $c)))))
                  ;; blanks from there on
                  (local.set $unlike (i64.shr_u
                    (i64.and
                      (i64.xor (local.get $x) (i64.const 0x1010101010101010))
                      (local.get $leadMask))
                    (i64.extend_i32_u (local.get $c))))
                  (local.set $x (i64.shl (local.get $x) (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $c)))))
                  (local.set $x (i64.and
                    (i64.shr_u (i64.mul (local.get $x) (i64.const 2561)) (i64.const 8))
                    (i64.const 0x00ff00ff00ff00ff)))
                  (local.set $x (i64.and
                    (i64.shr_u (i64.mul (local.get $x) (i64.const 6553601)) (i64.const 16))
                    (i64.const 0x0000ffff0000ffff)))
                  (local.set $x (i64.shr_u (i64.mul (local.get $x) (i64.const 42949672960001)) (i64.const 32)))
                  (local.set $unlike (i64.or (local.get $unlike) (i64.shr_u (local.get $x) (i64.const 22))))
                  (local.set $tid (i32.wrap_i64 (local.get $x)))
                  (local.set $negative (i32.or (local.get $negative)
                    (i32.sub (i32.sub (local.get $e) (local.get $p)) (i32.const 30))))))
                ;; the second of the line before
                (local.set $odd (v128.any_true (v128.xor
                  (v128.and (v128.load (local.get $p)) (local.get $head)) (local.get $second))))
                (local.set $p (i32.add (local.get $p) (local.get $width)))
                (local.set $tail (i32.sub (local.get $e) (i32.const 30)))
                ;; `.dddddd ` of the time and `.dddddd>` of -T, by their values
                (local.set $v (v128.xor
                  (v128.load64_lane offset=22 1 (local.get $tail) (v128.load64_zero (local.get $p)))
                  (local.get $digits)))
                (local.set $c (i8x16.bitmask (i8x16.add_sat_u (local.get $v) (local.get $beyond))))
                ;; one digit and twice two, then the last; then twice three
                (local.set $v (i32x4.dot_i16x8_s
                  (v128.and
                    (i16x8.add
                      (i16x8.mul (local.get $v) (local.get $tens))
                      (i16x8.shr_u (local.get $v) (i32.const 8)))
                    (local.get $low))
                  (local.get $hundreds)))
                (local.set $x (i64x2.extract_lane 0 (i32x4.dot_i16x8_s
                  (i16x8.narrow_i32x4_s (local.get $v) (local.get $v)) (local.get $thousands))))
                (local.set $us (i32.wrap_i64 (local.get $x)))
                (local.set $negative (i32.or (local.get $negative) (i32.sub (local.get $us) (local.get $latestUs))))
                (local.set $stamp (i64.add (local.get $secondUs) (i64.extend_i32_u (local.get $us))))
                ;; `name(`, or `<... name resumed>`
                (local.set $resumed (i64.eq
                  (i64.shl (i64.load offset=8 (local.get $p)) (i64.const 24)) (i64.const 0x202e2e2e3c000000)))
                (local.set $p (i32.add (local.get $p)
                  (i32.add (i32.shl (local.get $resumed) (i32.const 2)) (local.get $resumed))))
                (local.set $word (v128.load offset=8 (local.get $p)))
                (local.set $length (i32.ctz (i32.or
                  (i8x16.bitmask (i8x16.eq
                    (v128.or (local.get $word) (local.get $eights)) (local.get $parens)))
                  (i32.const 0x10000))))
                (local.set $word (v128.and
                  (local.get $word) (i8x16.gt_s (i8x16.splat (local.get $length)) (local.get $places))))
                (local.set $p (i32.add (local.get $p) (local.get $length)))
                (local.set $odd (i32.or (local.get $odd) (i32.xor
                  (i32.load8_u offset=8 (local.get $p))
                  (i32.sub (i32.const 40) (i32.shl (local.get $resumed) (i32.const 3))))))
                (local.set $unlike (i64.or (local.get $unlike) (i64.and
                  (i64.xor (i64.load offset=9 (local.get $p)) (i64.const 0x3e64656d75736572))
                  (i64.sub (i64.const 0) (i64.extend_i32_u (local.get $resumed))))))
                ;; what the table says of the name
                (local.set $slot (i32.add (local.get $names) (i32.shl
                  (i32.wrap_i64 (i64.shr_u
                    (i64.mul
                      (i64.xor
                        (i64x2.extract_lane 0 (local.get $word))
                        (i64.rotl (i64x2.extract_lane 1 (local.get $word)) (i64.const 29)))
                      (i64.const 0x9e3779b97f4a7c15))
                    (i64.const 54)))
                  (i32.const 5))))
                (local.set $odd (i32.or (local.get $odd)
                  (v128.any_true (v128.xor (v128.load (local.get $slot)) (local.get $word)))))
                ;; another thread may be entering it: stores need not be seen in their order
                (local.set $odd (i32.or (local.get $odd) (i32.eqz (i32.load offset=16 (local.get $slot)))))
                ;; ` <unfinished ...`, and `>` as behind -T
                (local.set $open (i32.shr_u
                  (i32.add
                    (i8x16.bitmask (i8x16.eq (v128.load offset=13 (local.get $tail)) (local.get $unfinished)))
                    (i32.const 1))
                  (i32.const 16)))
                (local.set $odd (i32.or (local.get $odd) (i32.and (local.get $open) (local.get $resumed))))
                (local.set $length (i32.sub (local.get $open) (i32.const 1)))
                (local.set $odd (i32.or (local.get $odd) (i32.or
                  (i32.and (local.get $c) (i32.or (local.get $length) (i32.const 0x80ff)))
                  (i32.and (local.get $length)
                    (i32.xor (i32.load offset=19 (local.get $tail)) (i32.const 0x2e303c20))))))
                (br_if $other (i32.or
                  (i32.or (local.get $odd) (i64.ne (local.get $unlike) (i64.const 0)))
                  (i32.shr_u (local.get $negative) (i32.const 31))))
                (local.set $latestUs (local.get $us))
                (i32.store offset=4 (local.get $record) (i32.or
                  (i32.or (i32.load offset=16 (local.get $slot)) (local.get $tid))
                  (i32.or
                    (i32.or
                      (i32.mul (local.get $open) (i32.const 0xc000000))
                      (i32.and (local.get $length) (i32.const 0x40000000)))
                    (i32.shl (local.get $resumed) (i32.const 27)))))
                (local.set $halves (i32.add (local.get $halves)
                  (i32.or (local.get $open) (local.get $resumed))))
                (local.set $x (i64.and
                  (i64.add (local.get $stamp) (i64.shr_u (local.get $x) (i64.const 32)))
                  (i64.sub
                    (i64.extend_i32_u (i32.or (local.get $open) (local.get $resumed)))
                    (i64.const 1))))
                (local.set $latestEnd (select (local.get $x) (local.get $latestEnd)
                  (i64.gt_s (local.get $x) (local.get $latestEnd))))
                ;; `) = ` in front of a short result
                (br_if $far (i32.eqz (i32.or (local.get $open)
                  (v128.any_true (v128.or
                    (v128.or
                      (i32x4.eq (v128.load (local.get $tail)) (local.get $result))
                      (i32x4.eq (v128.load offset=1 (local.get $tail)) (local.get $result)))
                    (v128.or
                      (i32x4.eq (v128.load offset=2 (local.get $tail)) (local.get $result))
                      (i32x4.eq (v128.load offset=3 (local.get $tail)) (local.get $result))))))))
                (local.set $start (i32.add (local.get $e) (i32.const 1)))
                (local.set $record (i32.add (local.get $record) (i32.const 8)))
                (br $lines)))
            ;; a line that is not like most
            (local.set $stamp (call $line
              (local.get $start) (local.get $e) (local.get $names) (local.get $pids) (local.get $epoch)
              (select (i64.const -1)
                (i64.add (local.get $secondUs) (i64.extend_i32_u (local.get $latestUs)))
                (i32.eq (local.get $record) (i32.add (local.get $out) (i32.const 32))))
              (local.get $record)))
            (if (i64.lt_s (local.get $stamp) (i64.const 0)) (then (return (i32.const -1))))
            (if (i32.eq (local.get $record) (i32.add (local.get $out) (i32.const 32)))
              (then (i64.store offset=16 (local.get $out) (local.get $stamp))))
            (local.set $halves (i32.add (local.get $halves)
              (i32.and (i32.shr_u (i32.load offset=4 (local.get $record)) (i32.const 27)) (i32.const 1))))
            (if (i64.gt_s (global.get $end) (local.get $latestEnd))
              (then (local.set $latestEnd (global.get $end))))
            (local.set $secondUs (global.get $secondUs))
            (local.set $latestUs (i32.wrap_i64 (i64.sub (local.get $stamp) (local.get $secondUs))))
            (local.set $lead (global.get $lead))
            (local.set $leadMask (i64.shr_u (i64.const -1)
              (i64.extend_i32_u (i32.sub (i32.const 64) (i32.shl (local.get $lead) (i32.const 3))))))
            (local.set $second (global.get $secondText))
            ;; more than is looked at
            (if (i32.gt_u (local.get $lead) (i32.const 8)) (then (local.set $second (v128.const i64x2 0 0))))
            (local.set $start (i32.add (local.get $e) (i32.const 1)))
            (local.set $record (i32.add (local.get $record) (i32.const 8)))
            (br $any))
          ;; a longer result, or blanks in front of it
          (if (i32.eqz (call $hasResult
                (i32.add (i32.add (local.get $p) (i32.shl (local.get $resumed) (i32.const 3))) (i32.const 9))
                (i32.add (local.get $tail) (i32.const 19))))
            (then (return (i32.const -1))))
          (local.set $start (i32.add (local.get $e) (i32.const 1)))
          (local.set $record (i32.add (local.get $record) (i32.const 8)))
          (br $any)))
      (br_if $strips (i32.lt_s (local.get $at) (local.get $end))))
    (i64.store (local.get $out) (i64.extend_i32_u (local.get $halves)))
    (i64.store offset=8 (local.get $out) (local.get $latestEnd))
    (i64.store offset=24 (local.get $out)
      (i64.add (local.get $secondUs) (i64.extend_i32_u (local.get $latestUs))))
    (i32.shr_u (i32.sub (i32.sub (local.get $record) (local.get $out)) (i32.const 32)) (i32.const 3)))

  ;; Surveys the lines of [at, end), a part of a trace that begins and ends anywhere, but for the first one, which
  ;; may have begun before `at`. Writes to `out`, which has `room` bytes, as u32: the first newline, the last one,
  ;; their number; from 64 on what stands in front of the records of the others, and these; it leaves room for one
  ;; more record in front. Gives 0 for
  ;; a part that is not for this kernel.
  ;;
  ;; With a place for `text`, which ends at `textEnd`, lines that may have to be decoded are copied there: the end of
  ;; the first line, those that `judge` would pick now by `threads`, as many as there is room for, the last one, and
  ;; the beginning of the broken one. The newlines told are those in the text, and behind the number of lines follow as
  ;; u32: how many lines are copied whole, where in the part the broken one begins, `at`, the first newline behind
  ;; that; 32 bytes behind the last record, of each line that is copied whole its index and where it is. Gives the
  ;; bytes of the text.
  (func (export "part")
    (param $at i32) (param $end i32) (param $out i32) (param $room i32) (param $text i32) (param $textEnd i32)
    (param $names i32) (param $pids i32) (param $epoch i32) (param $threads i32)
    (result i32)
    (local $begin i32) (local $first i32) (local $stop i32) (local $count i32)
    (local $record i32) (local $records i32) (local $copies i32) (local $line i32)
    (local $from i32) (local $length i32) (local $last i32) (local $limit i32) (local $flags i32) (local $t i32)
    (local $list i32) (local $listed i32) (local $full i32)
    ;; a record for each 32 bytes, and one for each byte of the strip that $ends gives up at; eight bytes for each
    ;; copied line
    (if (i32.gt_s
          (i32.add
            (i32.add (i32.shr_u (i32.sub (local.get $end) (local.get $at)) (i32.const 2)) (i32.const 65792))
            (i32.shr_u (i32.sub (local.get $textEnd) (local.get $text)) (i32.const 2)))
          (local.get $room))
      (then (return (i32.const 0))))
    (local.set $begin (local.get $at))
    (local.set $stop (local.get $end))
    (local.set $first (local.get $at))
    (loop $bytes
      (if (i32.ge_s (local.get $first) (local.get $end)) (then (return (i32.const 0))))
      (if (i32.ne (i32.load8_u (local.get $first)) (i32.const 10)) (then
        (local.set $first (i32.add (local.get $first) (i32.const 1)))
        (br $bytes))))
    (loop $bytes
      (if (i32.ne (i32.load8_u (i32.sub (local.get $end) (i32.const 1))) (i32.const 10)) (then
        (local.set $end (i32.sub (local.get $end) (i32.const 1)))
        (br $bytes))))
    (local.set $at (i32.add (local.get $first) (i32.const 1)))
    (if (i32.lt_s (local.get $at) (local.get $end)) (then
      (local.set $count (call $survey
        (local.get $at) (local.get $end)
        (local.get $names) (local.get $pids) (local.get $epoch)
        (i32.add (local.get $out) (i32.const 64))))
      (if (i32.lt_s (local.get $count) (i32.const 0)) (then (return (i32.const 0))))))
    (i32.store offset=8 (local.get $out) (i32.add (local.get $count) (i32.const 1)))
    (if (i32.eqz (local.get $text)) (then
      (i32.store (local.get $out) (local.get $first))
      (i32.store offset=4 (local.get $out) (i32.sub (local.get $end) (i32.const 1)))
      (return (i32.const 1))))
    (local.set $record (i32.add (local.get $out) (i32.const 96)))
    (local.set $records (i32.add (local.get $record) (i32.shl (local.get $count) (i32.const 3))))
    ;; where the last line begins: room for it and for the broken one is kept
    (local.set $last (local.get $end))
    (if (local.get $count) (then
      (local.set $last (select
        (local.get $at)
        (i32.add (i32.load (i32.sub (local.get $records) (i32.const 16))) (i32.const 1))
        (i32.eq (local.get $count) (i32.const 1))))))
    (local.set $limit (i32.sub (local.get $textEnd) (i32.sub (local.get $stop) (local.get $last))))
    (local.set $length (i32.sub (local.get $at) (local.get $begin)))
    (local.set $t (i32.add (local.get $text) (local.get $length)))
    (if (i32.gt_s (local.get $t) (local.get $limit)) (then (return (i32.const 0))))
    (memory.copy (local.get $text) (local.get $begin) (local.get $length))
    (i32.store (local.get $out) (i32.sub (local.get $t) (i32.const 1)))
    ;; lines that may matter: where their records are, each where its copy's two words will stand
    (local.set $list (i32.add (local.get $records) (i32.const 32)))
    (local.set $listed (local.get $list))
    (local.set $full (i32.sub (i32.add (local.get $out) (local.get $room)) (i32.const 16)))
    (loop $lines
      (if (i32.lt_u (local.get $record) (local.get $records)) (then
        (local.set $flags (i32.load offset=4 (local.get $record)))
        (if (i32.and
              (local.get $flags)
              (i32.or
                (i32.const 0x1000000)
                (i32.shl
                  (i32.xor
                    (i32.load8_u
                      (i32.add (local.get $threads) (i32.and (local.get $flags) (i32.const 0x3fffff))))
                    (i32.const 3))
                  (i32.const 22))))
          (then
            (if (i32.lt_u (local.get $listed) (local.get $full)) (then
              (i32.store (local.get $listed) (local.get $record))
              (local.set $listed (i32.add (local.get $listed) (i32.const 8)))))))
        (local.set $record (i32.add (local.get $record) (i32.const 8)))
        (br $lines))))
    ;; the last one
    (if (local.get $count) (then
      (local.set $record (i32.sub (local.get $records) (i32.const 8)))
      (if (i32.or
            (i32.eq (local.get $listed) (local.get $list))
            (i32.ne (i32.load (i32.sub (local.get $listed) (i32.const 8))) (local.get $record)))
        (then
          (i32.store (local.get $listed) (local.get $record))
          (local.set $listed (i32.add (local.get $listed) (i32.const 8)))))))
    (local.set $copies (local.get $list))
    (loop $lines
      (if (i32.lt_u (local.get $list) (local.get $listed)) (then
        (local.set $record (i32.load (local.get $list)))
        (local.set $line (i32.shr_u
          (i32.sub (local.get $record) (i32.add (local.get $out) (i32.const 88))) (i32.const 3)))
        (local.set $from (select
          (local.get $at)
          (i32.add (i32.load (i32.sub (local.get $record) (i32.const 8))) (i32.const 1))
          (i32.eq (local.get $line) (i32.const 1))))
        (local.set $length (i32.sub (i32.add (i32.load (local.get $record)) (i32.const 1)) (local.get $from)))
        (if (i32.eq (local.get $from) (local.get $last)) (then
          (local.set $limit (i32.add (local.get $limit) (local.get $length)))))
        (if (i32.le_s (i32.add (local.get $t) (local.get $length)) (local.get $limit)) (then
          (memory.copy (local.get $t) (local.get $from) (local.get $length))
          (i32.store (local.get $copies) (local.get $line))
          (i32.store offset=4 (local.get $copies) (local.get $t))
          (local.set $copies (i32.add (local.get $copies) (i32.const 8)))
          (local.set $t (i32.add (local.get $t) (local.get $length)))))
        (local.set $list (i32.add (local.get $list) (i32.const 8)))
        (br $lines))))
    (local.set $length (i32.sub (local.get $stop) (local.get $end)))
    (memory.copy (local.get $t) (local.get $end) (local.get $length))
    (i32.store offset=4 (local.get $out) (i32.sub (local.get $t) (i32.const 1)))
    (i32.store offset=12 (local.get $out)
      (i32.shr_u (i32.sub (i32.sub (local.get $copies) (local.get $records)) (i32.const 32)) (i32.const 3)))
    (i32.store offset=16 (local.get $out) (i32.sub (local.get $end) (local.get $begin)))
    (i32.store offset=20 (local.get $out) (local.get $begin))
    (i32.store offset=24 (local.get $out) (i32.sub (local.get $at) (i32.const 1)))
    (i32.sub (i32.add (local.get $t) (local.get $length)) (local.get $text)))

  ;; Judges the `count` lines that `survey` left at `records`. Writes to `out` the events of the lines passed over as
  ;; u32, which bits those to be decoded have as u32, the latest end of a whole call and the latest time of a
  ;; line as f64 microseconds, and from `out` + 24 on for each line to be decoded its index and its thread as u32.
  ;; Gives their number, or -1 for a block that must be decoded in full. Behind a line with a bit of `closely` all are
  ;; decoded. `latestUs` is the latest time of a line before. `threads`: a byte per thread: 1 its lines may be passed
  ;; over, without it once the call is over that it is in; 2 it can't match; 4 all its lines are decoded. A byte changes
  ;; with what is.
  (func (export "judge")
    (param $records i32) (param $count i32) (param $threads i32) (param $closely i32) (param $latestUs f64)
    (param $out i32)
    (result i32)
    (local $i i32) (local $record i32) (local $to i32) (local $flags i32) (local $thread i32) (local $c i32)
    (local $always i32) (local $halves i32) (local $passed i32) (local $seen i32)
    (local $x i64)
    (local.set $x (i64.trunc_sat_f64_s (local.get $latestUs)))
    ;; as between two lines
    (if (i32.or
          (i64.lt_s (i64.load offset=16 (local.get $records)) (local.get $x))
          (i64.gt_s (i64.sub (i64.load offset=16 (local.get $records)) (local.get $x)) (i64.const 43200000000)))
      (then (return (i32.const -1))))
    (local.set $to (i32.add (local.get $out) (i32.const 24)))
    (local.set $record (i32.add (local.get $records) (i32.const 32)))
    (local.set $halves (i32.load (local.get $records)))
    ;; with a bit of these a line is decoded, whatever its thread is
    (local.set $always (i32.const 0x1000000))
    (loop $lines
      (if (i32.lt_s (local.get $i) (local.get $count)) (then
        (local.set $flags (i32.load offset=4 (local.get $record)))
        (local.set $thread (i32.add (local.get $threads) (i32.and (local.get $flags) (i32.const 0x3fffff))))
        (local.set $c (i32.load8_u (local.get $thread)))
        (if (i32.and (local.get $flags) (i32.or
              (i32.shl (i32.xor (local.get $c) (i32.const 3)) (i32.const 22)) (local.get $always)))
          (then
            (if (i32.and (local.get $flags) (local.get $closely)) (then (local.set $always (i32.const -1))))
            (local.set $seen (i32.or (local.get $seen) (local.get $flags)))
            ;; The rest of an open call is decoded too, what comes behind it need not be; so is the first line of a
            ;; thread that ended and may be another one from then on.
            (if (i32.eqz (i32.and (local.get $c) (i32.const 4))) (then
              (i32.store8 (local.get $thread) (i32.or
                (i32.and (local.get $c) (i32.const 2))
                (i32.eqz (i32.and (local.get $flags) (i32.const 0x6000000)))))))
            (i32.store (local.get $to) (local.get $i))
            (i32.store offset=4 (local.get $to) (i32.and (local.get $flags) (i32.const 0x3fffff)))
            (local.set $to (i32.add (local.get $to) (i32.const 8)))
            (local.set $halves (i32.sub (local.get $halves)
              (i32.and (i32.shr_u (local.get $flags) (i32.const 27)) (i32.const 1))))))
        (local.set $record (i32.add (local.get $record) (i32.const 8)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $lines))))
    (local.set $passed (i32.sub (local.get $count)
      (i32.shr_u (i32.sub (i32.sub (local.get $to) (local.get $out)) (i32.const 24)) (i32.const 3))))
    ;; the last line tells where the trace ends
    (local.set $i (i32.sub (local.get $count) (i32.const 1)))
    (if (i32.or
          (i32.eq (local.get $passed) (local.get $count))
          (i32.ne (i32.load (i32.sub (local.get $to) (i32.const 8))) (local.get $i)))
      (then
        (i32.store (local.get $to) (local.get $i))
        (i32.store offset=4 (local.get $to) (i32.and (local.get $flags) (i32.const 0x3fffff)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $passed (i32.sub (local.get $passed) (i32.const 1)))
        (local.set $halves (i32.sub (local.get $halves)
          (i32.and (i32.shr_u (local.get $flags) (i32.const 27)) (i32.const 1))))))
    (i32.store (local.get $out)
      (i32.sub (i32.shl (local.get $passed) (i32.const 1)) (local.get $halves)))
    (i32.store offset=4 (local.get $out) (local.get $seen))
    (f64.store offset=8 (local.get $out) (f64.convert_i64_s (i64.load offset=8 (local.get $records))))
    (f64.store offset=16 (local.get $out) (f64.convert_i64_s (i64.load offset=24 (local.get $records))))
    (i32.shr_u (i32.sub (i32.sub (local.get $to) (local.get $out)) (i32.const 24)) (i32.const 3)))

  ;; Makes rows of the lines from `line` on, which begins at `start` and is number `number`, of `count` lines that end
  ;; at `ends`: whole calls with -T, and halves of others. The first line that is left is one of another shape, of a
  ;; thread or a call not met yet, or later than `limitUs`. `latestUs` is the time of the line before. A row's time is
  ;; nanoseconds since `originUs`, plus `dayNs`.
  ;;
  ;; `threads`: 4096 slots of 16 bytes: 0 i32 thread + 1   4 i32 its call was begun on this line of the block, plus 1;
  ;; 0 it is in none; -1 none of its lines was taken here   8 i32 it may have a name.
  ;; Writes to `out`: 0 i32 lines taken   4 i32 the last one that begins a call and does not end it, else -1   8 f64
  ;; time of the last line   16 i32 the first one with -T, else -1; from 24 on the rows, and gives their number. At
  ;; most 1024 rows are made.
  (func (export "rows")
    (param $ends i32) (param $line i32) (param $count i32) (param $start i32) (param $number f64)
    (param $names i32) (param $threads i32) (param $epoch i32)
    (param $latestUs f64) (param $limitUs f64) (param $originUs f64) (param $dayNs f64) (param $out i32)
    (result i32)
    (local $row i32) (local $stop i32) (local $e i32) (local $flags i32) (local $tid i32) (local $thread i32)
    (local $first i32) (local $opening i32) (local $timed i32) (local $firstTimed i32) (local $open i32)
    (local $stamp i64) (local $latest i64) (local $least i64) (local $t f64) (local $lastNs f64)
    (local.set $first (local.get $line))
    (local.set $opening (i32.const -1))
    (local.set $firstTimed (i32.const -1))
    (local.set $latest (i64.trunc_sat_f64_s (local.get $latestUs)))
    (local.set $least (local.get $latest))
    (local.set $row (i32.add (local.get $out) (i32.const 24)))
    (local.set $stop (i32.add (local.get $row) (i32.const 65408)))
    (block $left
      (loop $lines
        (br_if $left (i32.or
          (i32.ge_s (local.get $line) (local.get $count))
          (i32.or (i32.gt_u (local.get $row) (local.get $stop)) (i32.lt_s (local.get $start) (i32.const 32)))))
        (local.set $e (i32.load (i32.add (local.get $ends) (i32.shl (local.get $line) (i32.const 2)))))
        (local.set $stamp (call $line
          (local.get $start) (local.get $e) (local.get $names) (i32.const 1) (local.get $epoch)
          (local.get $latest) (local.get $out)))
        (br_if $left (i32.or
          (i64.lt_s (local.get $stamp) (i64.const 0))
          (i64.ge_s (i64.sub (local.get $stamp) (local.get $least)) (i64.const 43200000000))))
        (br_if $left (f64.gt (f64.convert_i64_s (local.get $stamp)) (local.get $limitUs)))
        (local.set $flags (i32.load offset=4 (local.get $out)))
        (br_if $left (i32.and (local.get $flags) (i32.const 0x13000000)))
        (local.set $tid (i32.and (local.get $flags) (i32.const 0x3fffff)))
        (local.set $thread (i32.add
          (local.get $threads) (i32.shl (i32.and (local.get $tid) (i32.const 4095)) (i32.const 4))))
        (br_if $left (i32.ne (i32.load (local.get $thread)) (i32.add (local.get $tid) (i32.const 1))))
        (local.set $open (i32.and (i32.shr_u (local.get $flags) (i32.const 26)) (i32.const 1)))
        (local.set $timed (i32.eq
          (i32.load8_u (i32.sub (local.get $e) (i32.const 1))) (i32.const 62)))
        ;; a whole call
        (br_if $left (i32.eqz (i32.or (i32.and (local.get $flags) (i32.const 0x8000000)) (local.get $timed))))
        (local.set $t (f64.add
          (f64.mul
            (f64.sub (f64.convert_i64_s (local.get $stamp)) (local.get $originUs)) (f64.const 1000))
          (local.get $dayNs)))
        (br_if $left (f64.gt (f64.abs (local.get $t)) (f64.const 9007199254740992)))
        (f64.store (local.get $row) (local.get $t))
        (f64.store offset=8 (local.get $row) (local.get $number))
        (i32.store offset=16 (local.get $row) (i32.const -1))
        (i32.store offset=20 (local.get $row) (local.get $tid))
        (i32.store offset=24 (local.get $row) (i32.const 5))
        (i32.store offset=28 (local.get $row) (i32.load offset=20 (global.get $slot)))
        (i32.store offset=32 (local.get $row) (local.get $line))
        (i32.store offset=36 (local.get $row) (i32.load offset=4 (local.get $thread)))
        (i64.store offset=40 (local.get $row) (i64.load32_u offset=8 (local.get $thread)))
        (if (i32.and (local.get $flags) (i32.const 0x8000000))
          (then
            (if (local.get $open)
              (then (local.set $opening (local.get $line)))
              (else
                (i32.store offset=24 (local.get $row) (i32.const 7))
                (f64.store offset=48 (local.get $row) (select
                  (f64.mul (f64.convert_i64_s (global.get $took)) (f64.const 1000))
                  (f64.const nan)
                  (local.get $timed))))))
          (else
            (v128.store offset=72 (local.get $row) (v128.load offset=8 (local.get $row)))
            (v128.store offset=88 (local.get $row) (v128.load offset=24 (local.get $row)))
            (i64.store offset=104 (local.get $row) (i64.load offset=40 (local.get $row)))
            (local.set $row (i32.add (local.get $row) (i32.const 64)))
            (f64.store (local.get $row) (f64.add
              (local.get $t) (f64.mul (f64.convert_i64_s (global.get $took)) (f64.const 1000))))
            (i32.store offset=24 (local.get $row) (i32.const 6))))
        (i32.store offset=4 (local.get $thread)
          (select (i32.add (local.get $line) (i32.const 1)) (i32.const 0) (local.get $open)))
        ;; the beginning of a call ends in `>`, too
        (if (i32.and
              (i32.gt_u (local.get $timed) (local.get $open))
              (i32.lt_s (local.get $firstTimed) (i32.const 0)))
          (then (local.set $firstTimed (local.get $line))))
        (local.set $lastNs (local.get $t))
        (local.set $latest (local.get $stamp))
        (local.set $row (i32.add (local.get $row) (i32.const 64)))
        (local.set $line (i32.add (local.get $line) (i32.const 1)))
        (local.set $number (f64.add (local.get $number) (f64.const 1)))
        (local.set $start (i32.add (local.get $e) (i32.const 1)))
        (br $lines)))
    (i32.store (local.get $out) (i32.sub (local.get $line) (local.get $first)))
    (i32.store offset=4 (local.get $out) (local.get $opening))
    (f64.store offset=8 (local.get $out) (local.get $lastNs))
    (i32.store offset=16 (local.get $out) (local.get $firstTimed))
    (i32.shr_u (i32.sub (i32.sub (local.get $row) (local.get $out)) (i32.const 24)) (i32.const 6)))
)
