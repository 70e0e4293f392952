;; Which lines of strace's output a scan may pass over. Read are lines of calls with a time in microseconds:
;;
;;     428   07:43:59.297522 read(5, "\1\0\0\0\0\0\0\0", 8) = 8 <0.000052>
;;     427   1700000000.073724 epoll_wait(4,  <unfinished ...>
;;     427   1700000001.103562 <... epoll_wait resumed>[], 64, 1000) = 0 <1.029800>
;;
;; A block with any other line is not for this kernel. Compiled into calls.ts: `npm run wasm` prints the module.
(module
  (import "env" "memory" (memory 1))

  ;; -T of the line that $endsWithResult saw last, in microseconds.
  (global $took (mut i64) (i64.const 0))

  ;; A name of at most sixteen bytes, filled up with zeros: what `types` says of it, 0 where it does not stand there.
  ;; 1024 slots of 24 bytes: the name, the verdict.
  (func $verdict (param $types i32) (param $low i64) (param $high i64) (result i32)
    (local $slot i32) (local $at i32)
    (local.set $slot (i32.wrap_i64 (i64.shr_u
      (i64.mul
        (i64.xor (local.get $low) (i64.rotl (local.get $high) (i64.const 29)))
        (i64.const 0x9e3779b97f4a7c15))
      (i64.const 54))))
    (loop $probe
      (local.set $at (i32.add (local.get $types) (i32.mul (local.get $slot) (i32.const 24))))
      (if (i32.eqz (i32.load offset=16 (local.get $at))) (then (return (i32.const 0))))
      (if (i32.and
            (i64.eq (i64.load (local.get $at)) (local.get $low))
            (i64.eq (i64.load offset=8 (local.get $at)) (local.get $high)))
        (then (return (i32.load offset=16 (local.get $at)))))
      (local.set $slot (i32.and (i32.add (local.get $slot) (i32.const 1)) (i32.const 1023)))
      (br $probe))
    (i32.const 0))

  ;; Bytes of `x` that are digits have become their values; whether all those in `mask` are.
  (func $areDigits (param $x i64) (param $mask i64) (result i32)
    (local.set $x (i64.and (local.get $x) (local.get $mask)))
    (i64.eqz (i64.and
      (i64.or (local.get $x) (i64.add (local.get $x) (i64.const 0x7676767676767676)))
      (i64.const 0x8080808080808080))))

  ;; Eight digits, by their values, as a number.
  (func $eight (param $x i64) (result i64)
    (local.set $x (i64.and
      (i64.shr_u (i64.mul (local.get $x) (i64.const 2561)) (i64.const 8)) (i64.const 0x00ff00ff00ff00ff)))
    (local.set $x (i64.and
      (i64.shr_u (i64.mul (local.get $x) (i64.const 6553601)) (i64.const 16)) (i64.const 0x0000ffff0000ffff)))
    (i64.shr_u (i64.mul (local.get $x) (i64.const 42949672960001)) (i64.const 32)))

  ;; The next place with this byte, of the 32 from `p` on; far beyond all lines where there is none.
  (func $find (param $p i32) (param $byte i32) (result i32)
    (local $mask i32)
    (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (local.get $byte)))))
    (if (i32.eqz (local.get $mask)) (then
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (local.get $byte)))))))
    (if (i32.eqz (local.get $mask)) (then (return (i32.const 0x7fffffff))))
    (i32.add (local.get $p) (i32.ctz (local.get $mask))))

  ;; ` <0.000052>` before `e`, if it ends like that, and `) = ` in the 64 bytes in front but not before `from`.
  (func $endsWithResult (param $from i32) (param $e i32) (result i32)
    (local $x i64) (local $unit i64) (local $q i32) (local $c i32) (local $stop i32) (local $least i32)
    (local.set $stop (local.get $e))
    (global.set $took (i64.const 0))
    (if (i32.eq (i32.load8_u (i32.sub (local.get $e) (i32.const 1))) (i32.const 62)) (then
      (local.set $x (i64.load (i32.sub (local.get $e) (i32.const 8))))
      (if (i64.ne
            (i64.and (local.get $x) (i64.const 0xff000000000000ff)) (i64.const 0x3e0000000000002e))
        (then (return (i32.const 0))))
      (if (i32.eqz (call $areDigits
            (i64.xor (local.get $x) (i64.const 0x3030303030303030)) (i64.const 0x00ffffffffffff00)))
        (then (return (i32.const 0))))
      (global.set $took (call $eight (i64.and
        (i64.shl (i64.shr_u (i64.xor (local.get $x) (i64.const 0x3030303030303030)) (i64.const 8)) (i64.const 16))
        (i64.const 0x0f0f0f0f0f0f0000))))
      ;; whole seconds, at most nine digits
      (local.set $unit (i64.const 1000000))
      (local.set $q (i32.sub (local.get $e) (i32.const 9)))
      (local.set $least (i32.sub (local.get $e) (i32.const 18)))
      (loop $digits
        (local.set $c (i32.sub (i32.load8_u (local.get $q)) (i32.const 48)))
        (if (i32.and (i32.le_u (local.get $c) (i32.const 9)) (i32.gt_s (local.get $q) (local.get $least)))
          (then
            (global.set $took (i64.add (global.get $took)
              (i64.mul (i64.extend_i32_u (local.get $c)) (local.get $unit))))
            (local.set $unit (i64.mul (local.get $unit) (i64.const 10)))
            (local.set $q (i32.sub (local.get $q) (i32.const 1)))
            (br $digits))))
      (if (i32.eq (local.get $q) (i32.sub (local.get $e) (i32.const 9))) (then (return (i32.const 0))))
      (if (i32.ne (i32.load16_u (i32.sub (local.get $q) (i32.const 1))) (i32.const 0x3c20))
        (then (return (i32.const 0))))
      (local.set $stop (i32.sub (local.get $q) (i32.const 1)))))
    (if (i32.le_s (local.get $stop) (local.get $from)) (then (return (i32.const 0))))
    (local.set $least (i32.sub (local.get $stop) (i32.const 64)))
    (if (i32.lt_s (local.get $least) (local.get $from)) (then (local.set $least (local.get $from))))
    (local.set $q (i32.sub (local.get $stop) (i32.const 2)))
    (loop $back
      (if (i32.le_s (local.get $q) (local.get $least)) (then (return (i32.const 0))))
      ;; ` = `
      (if (i32.eq
            (i32.and (i32.load (i32.sub (local.get $q) (i32.const 1))) (i32.const 0xffffff)) (i32.const 0x203d20))
        (then
          (local.set $c (i32.sub (local.get $q) (i32.const 2)))
          (block $notBlank
            (loop $blanks
              (br_if $notBlank (i32.lt_s (local.get $c) (local.get $from)))
              (br_if $notBlank (i32.ne (i32.load8_u (local.get $c)) (i32.const 32)))
              (local.set $c (i32.sub (local.get $c) (i32.const 1)))
              (br $blanks)))
          (if (i32.ge_s (local.get $c) (local.get $from)) (then
            (if (i32.eq (i32.load8_u (local.get $c)) (i32.const 41)) (then (return (i32.const 1))))))))
      (local.set $q (i32.sub (local.get $q) (i32.const 1)))
      (br $back))
    (i32.const 0))

  ;; Judges `count` lines: the first starts at `start`, their ends stand as u32 at `ends`. Writes to `out` the events
  ;; of the lines passed over as u32, whether one of those to be decoded changes what is known of other threads, the
  ;; latest end of a call passed over and the latest time of a line as f64 microseconds, and from `out` + 24 on for each line to be decoded its index and its thread. Gives their number, or -1 for a block
  ;; that must be decoded in full. `latestUs` is the latest time of a line before.
  ;;
  ;; `threads`: a byte per thread: 1 its lines may be passed over, 2 it may match. `types`: see $verdict; 1 can't
  ;; match, 2 may, 3 changes what is known of threads. `ones`: sixteen bytes of ones, then sixteen zeros.
  (func (export "judge")
    (param $ends i32) (param $count i32) (param $start i32) (param $out i32) (param $threads i32)
    (param $types i32) (param $ones i32) (param $pids i32) (param $epoch i32) (param $latestUs f64) (result i32)
    (local $i i32) (local $e i32) (local $p i32) (local $c i32) (local $tid i32) (local $name i32)
    (local $length i32) (local $from i32) (local $verdict i32) (local $open i32) (local $resumed i32)
    (local $to i32) (local $events i32) (local $changed i32) (local $decode i32) (local $passed i32) (local $passedEvents i32) (local $written i32)
    (local $x i64) (local $head i64) (local $headSeen i64) (local $tailSeen i32)
    (local $second i64) (local $stamp i64) (local $latest i64) (local $latestEnd i64) (local $word v128)
    (local.set $to (i32.add (local.get $out) (i32.const 24)))
    (local.set $passed (i32.const -1))
    (local.set $written (i32.const -1))
    (local.set $latest (i64.trunc_sat_f64_s (local.get $latestUs)))
    (loop $lines
      (if (i32.lt_s (local.get $i) (local.get $count)) (then
        (local.set $e (i32.load (i32.add (local.get $ends) (i32.shl (local.get $i) (i32.const 2)))))
        (if (i32.lt_s (i32.sub (local.get $e) (local.get $start)) (i32.const 36))
          (then (return (i32.const -1))))
        ;; the thread
        (local.set $p (local.get $start))
        (local.set $tid (i32.const 0))
        (if (local.get $pids) (then
          (local.set $tid (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
          (if (i32.gt_u (local.get $tid) (i32.const 9)) (then (return (i32.const -1))))
          (loop $digits
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
            (if (i32.le_u (local.get $c) (i32.const 9)) (then
              (local.set $tid (i32.add (i32.mul (local.get $tid) (i32.const 10)) (local.get $c)))
              (br $digits))))
          (if (i32.or
                (i32.gt_s (i32.sub (local.get $p) (local.get $start)) (i32.const 7))
                (i32.ge_u (local.get $tid) (i32.const 0x400000)))
            (then (return (i32.const -1))))
          (if (i32.ne (local.get $c) (i32.const -16)) (then (return (i32.const -1))))
          (loop $blanks
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br_if $blanks (i32.eq (i32.load8_u (local.get $p)) (i32.const 32))))))
        (if (i32.lt_s (i32.sub (local.get $e) (local.get $p)) (i32.const 30)) (then (return (i32.const -1))))
        ;; the second, mostly that of the line before
        (local.set $head (i64.load (local.get $p)))
        (local.set $c (i32.const 0x2e3030))
        (if (local.get $epoch) (then
          (local.set $c (i32.and (i32.load offset=8 (local.get $p)) (i32.const 0xffffff)))))
        (if (i32.or
              (i64.ne (local.get $head) (local.get $headSeen))
              (i32.ne (local.get $c) (local.get $tailSeen)))
          (then
            (local.set $x (i64.xor (local.get $head) (i64.const 0x3030303030303030)))
            (if (local.get $epoch)
              (then
                (if (i32.eqz (call $areDigits (local.get $x) (i64.const -1))) (then (return (i32.const -1))))
                (if (i32.or
                      (i32.ne (i32.and (local.get $c) (i32.const 0xff0000)) (i32.const 0x2e0000))
                      (i32.or
                        (i32.gt_u
                          (i32.sub (i32.and (local.get $c) (i32.const 0xff)) (i32.const 48)) (i32.const 9))
                        (i32.gt_u
                          (i32.sub (i32.and (i32.shr_u (local.get $c) (i32.const 8)) (i32.const 0xff)) (i32.const 48))
                          (i32.const 9))))
                  (then (return (i32.const -1))))
                (local.set $second (i64.add
                  (i64.mul (call $eight (local.get $x)) (i64.const 100))
                  (i64.extend_i32_u (i32.add
                    (i32.mul (i32.and (local.get $c) (i32.const 15)) (i32.const 10))
                    (i32.and (i32.shr_u (local.get $c) (i32.const 8)) (i32.const 15)))))))
              (else
                (if (i64.ne
                      (i64.and (local.get $head) (i64.const 0x0000ff0000ff0000)) (i64.const 0x00003a00003a0000))
                  (then (return (i32.const -1))))
                (if (i32.eqz (call $areDigits (local.get $x) (i64.const 0xffff00ffff00ffff)))
                  (then (return (i32.const -1))))
                (if (i32.or
                      (i32.gt_u (call $two (local.get $x) (i64.const 0)) (i32.const 23))
                      (i32.or
                        (i32.gt_u (call $two (local.get $x) (i64.const 24)) (i32.const 59))
                        (i32.gt_u (call $two (local.get $x) (i64.const 48)) (i32.const 59))))
                  (then (return (i32.const -1))))
                (local.set $second (i64.extend_i32_u (i32.add
                  (i32.mul (call $two (local.get $x) (i64.const 0)) (i32.const 3600))
                  (i32.add
                    (i32.mul (call $two (local.get $x) (i64.const 24)) (i32.const 60))
                    (call $two (local.get $x) (i64.const 48))))))))
            (local.set $headSeen (local.get $head))
            (local.set $tailSeen (local.get $c))))
        (local.set $p (i32.add (local.get $p) (select (i32.const 11) (i32.const 9) (local.get $epoch))))
        (if (i32.ne (i32.load8_u (i32.sub (local.get $p) (i32.const 1))) (i32.const 46))
          (then (return (i32.const -1))))
        ;; six digits and a blank
        (local.set $x (i64.load (local.get $p)))
        (if (i64.ne (i64.and (local.get $x) (i64.const 0x00ff000000000000)) (i64.const 0x0020000000000000))
          (then (return (i32.const -1))))
        (local.set $x (i64.xor (local.get $x) (i64.const 0x3030303030303030)))
        (if (i32.eqz (call $areDigits (local.get $x) (i64.const 0x0000ffffffffffff)))
          (then (return (i32.const -1))))
        (local.set $stamp (i64.add
          (i64.mul (local.get $second) (i64.const 1000000))
          (call $eight (i64.shl (local.get $x) (i64.const 16)))))
        (local.set $p (i32.add (local.get $p) (i32.const 7)))
        ;; what the line is
        (local.set $c (i32.load (local.get $p)))
        (local.set $decode (i32.const 0))
        (local.set $open (i32.const 0))
        (local.set $resumed (i32.const 0))
        (block $judged
          ;; `--- ` and `+++ `
          (if (i32.eq (local.get $c) (i32.const 0x202d2d2d)) (then
            (local.set $decode (i32.const 1))
            (br $judged)))
          (if (i32.eq (local.get $c) (i32.const 0x202b2b2b)) (then
            (local.set $decode (i32.const 1))
            (local.set $changed (i32.const 1))
            (br $judged)))
          (local.set $resumed (i32.eq (local.get $c) (i32.const 0x2e2e2e3c)))
          (if (local.get $resumed)
            (then
              (local.set $name (i32.add (local.get $p) (i32.const 5)))
              (if (i32.ne (i32.load8_u offset=4 (local.get $p)) (i32.const 32)) (then (return (i32.const -1))))
              (local.set $from (call $find (local.get $name) (i32.const 32)))
              (if (i32.ge_s (i32.add (local.get $from) (i32.const 9)) (local.get $e))
                (then (return (i32.const -1))))
              ;; ` resumed>`
              (if (i32.or
                    (i64.ne (i64.load (local.get $from)) (i64.const 0x64656d7573657220))
                    (i32.ne (i32.load8_u offset=8 (local.get $from)) (i32.const 62)))
                (then (return (i32.const -1)))))
            (else
              (local.set $name (local.get $p))
              (local.set $from (call $find (local.get $name) (i32.const 40)))))
          (if (i32.ge_s (local.get $from) (local.get $e)) (then (return (i32.const -1))))
          (local.set $length (i32.sub (local.get $from) (local.get $name)))
          (if (i32.eqz (local.get $length)) (then (return (i32.const -1))))
          (local.set $from (i32.add (local.get $from) (select (i32.const 9) (i32.const 1) (local.get $resumed))))
          (if (i32.eq (i32.load16_u (i32.sub (local.get $e) (i32.const 2))) (i32.const 0x3e2e))
            (then
              (if (local.get $resumed) (then (return (i32.const -1))))
              ;; ` <unfinished ...>`
              (if (i32.lt_s (i32.sub (local.get $e) (i32.const 17)) (local.get $from))
                (then (return (i32.const -1))))
              (if (i32.ne (i32.load8_u (i32.sub (local.get $e) (i32.const 17))) (i32.const 32))
                (then (return (i32.const -1))))
              (if (i32.eqz (i8x16.all_true (i8x16.eq
                    (v128.load (i32.sub (local.get $e) (i32.const 16)))
                    (v128.const i8x16 60 117 110 102 105 110 105 115 104 101 100 32 46 46 46 62))))
                (then (return (i32.const -1))))
              (local.set $open (i32.const 1)))
            (else
              (if (i32.eqz (call $endsWithResult (local.get $from) (local.get $e)))
                (then (return (i32.const -1))))))
          (local.set $verdict (i32.const 0))
          (if (i32.le_u (local.get $length) (i32.const 16)) (then
            (local.set $word (v128.and
              (v128.load (local.get $name))
              (v128.load (i32.sub (i32.add (local.get $ones) (i32.const 16)) (local.get $length)))))
            (local.set $verdict (call $verdict (local.get $types)
              (i64x2.extract_lane 0 (local.get $word)) (i64x2.extract_lane 1 (local.get $word))))))
          ;; a call not met before may be one of those that change what is known of threads
          (if (i32.eqz (local.get $verdict)) (then
            (if (i32.eqz (call $isName (local.get $name) (local.get $length))) (then (return (i32.const -1))))
            (local.set $changed (i32.const 1))))
          (local.set $c (i32.load8_u (i32.add (local.get $threads) (local.get $tid))))
          (if (i32.eq (local.get $verdict) (i32.const 3)) (then (local.set $changed (i32.const 1))))
          (local.set $decode (i32.or
            (i32.or (local.get $changed) (i32.eqz (i32.and (local.get $c) (i32.const 1))))
            (i32.or
              (i32.eqz (local.get $verdict))
              (i32.and (i32.ge_u (local.get $verdict) (i32.const 2)) (i32.shr_u (local.get $c) (i32.const 1)))))))
        ;; a step back, or far ahead, is for the clock to judge
        (if (i32.or
              (i64.lt_s (local.get $stamp) (local.get $latest))
              (i64.gt_s (i64.sub (local.get $stamp) (local.get $latest)) (i64.const 43200000000)))
          (then (return (i32.const -1))))
        (local.set $latest (local.get $stamp))
        (if (local.get $decode)
          (then
            (i32.store (local.get $to) (local.get $i))
            (i32.store offset=4 (local.get $to) (local.get $tid))
            (local.set $to (i32.add (local.get $to) (i32.const 8)))
            (local.set $written (local.get $i))
            ;; the rest of an open call is decoded too
            (if (local.get $open) (then
              (i32.store8 (i32.add (local.get $threads) (local.get $tid))
                (i32.and
                  (i32.load8_u (i32.add (local.get $threads) (local.get $tid)))
                  (i32.const 2))))))
          (else
            (local.set $passed (local.get $i))
            (local.set $passedEvents (select (i32.const 1) (i32.const 2)
              (i32.or (local.get $open) (local.get $resumed))))
            (if (i32.or (local.get $open) (local.get $resumed))
              (then (local.set $events (i32.add (local.get $events) (i32.const 1))))
              (else
                (local.set $events (i32.add (local.get $events) (i32.const 2)))
                (local.set $x (i64.add (local.get $stamp) (global.get $took)))
                (if (i64.gt_s (local.get $x) (local.get $latestEnd)) (then (local.set $latestEnd (local.get $x))))
))))
        (local.set $start (i32.add (local.get $e) (i32.const 1)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $lines))))
    ;; the last line tells where the trace ends
    (if (i32.gt_s (local.get $passed) (local.get $written)) (then
      (i32.store (local.get $to) (local.get $passed))
      (i32.store offset=4 (local.get $to) (local.get $tid))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (local.set $events (i32.sub (local.get $events) (local.get $passedEvents)))))
    (i32.store (local.get $out) (local.get $events))
    (i32.store offset=4 (local.get $out) (local.get $changed))
    (f64.store offset=8 (local.get $out) (f64.convert_i64_s (local.get $latestEnd)))
    (f64.store offset=16 (local.get $out) (f64.convert_i64_s (local.get $latest)))
    (i32.shr_u (i32.sub (i32.sub (local.get $to) (local.get $out)) (i32.const 24)) (i32.const 3)))

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

  ;; Two digits whose values stand as bytes in `x` from bit `at` on.
  (func $two (param $x i64) (param $at i64) (result i32)
    (i32.add
      (i32.mul (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (local.get $at))) (i32.const 15)) (i32.const 10))
      (i32.and
        (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.add (local.get $at) (i64.const 8)))) (i32.const 15))))
)
