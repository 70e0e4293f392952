;; Heads of default sysdig lines with a direction and times of day:
;;
;;     368250 17:01:21.339942868 0 keepalived (10400) > sendmsg fd=13(...) size=40
;;
;; Only what nearly all lines look like; whatever differs is left to line.ts, which this must agree with.
;; Compiled into heads.ts: `npm run wasm` prints the module.
(module
  (import "env" "memory" (memory 1))
  (import "lines" "index" (func $index (param i32 i32 i32 i32) (result i32)))

  ;; Rows of the lines in [at, end), a part of a trace that begins and ends anywhere. Writes to `out`, which has
  ;; `room` bytes, as u32: the first newline, the last one, their number, where the rows begin; from 64 on all
  ;; newlines. The first line, which may have begun before `at`, has room for its row, no more. Gives 0 where there is
  ;; no newline or too little room.
  (func (export "part") (param $at i32) (param $end i32) (param $out i32) (param $room i32)
    (param $text i32) (param $textEnd i32) (result i32)
    (local $ends i32) (local $rows i32) (local $count i32) (local $first i32)
    (local.set $ends (i32.add (local.get $out) (i32.const 64)))
    ;; four bytes of each sixty are for newlines, and some more
    (local.set $rows (i32.and
      (i32.add (local.get $ends) (i32.div_u (i32.sub (local.get $room) (i32.const 64)) (i32.const 14)))
      (i32.const -8)))
    (local.set $count (call $index (local.get $at) (local.get $end) (local.get $ends) (local.get $rows)))
    (if (i32.lt_s (local.get $count) (i32.const 1)) (then (return (i32.const 0))))
    (if (i32.gt_s
          (i32.add (local.get $rows) (i32.mul (local.get $count) (i32.const 56)))
          (i32.add (local.get $out) (local.get $room)))
      (then (return (i32.const 0))))
    (local.set $first (i32.load (local.get $ends)))
    (i32.store (local.get $out) (local.get $first))
    (i32.store offset=4 (local.get $out) (i32.load (i32.sub
      (i32.add (local.get $ends) (i32.shl (local.get $count) (i32.const 2))) (i32.const 4))))
    (i32.store offset=8 (local.get $out) (local.get $count))
    (i32.store offset=12 (local.get $out) (local.get $rows))
    (call $heads
      (i32.add (local.get $ends) (i32.const 4))
      (i32.sub (local.get $count) (i32.const 1))
      (i32.add (local.get $first) (i32.const 1))
      (i32.add (local.get $rows) (i32.const 56)))
    (i32.const 1))

  ;; Takes `count` lines apart: the first starts at `start`, their ends stand as u32 at `ends`. A row of 56 bytes
  ;; for each at `out`:
  ;;   0 f64 nanoseconds of the day    8 f64 number    16 i32 CPU    20 thread    24 start of the name or -1
  ;;   28 end of the name    32, 36 type    40 end of the arguments    44 direction, 0 for an odd line    48 time
  (func $heads (export "heads") (param $ends i32) (param $count i32) (param $start i32) (param $out i32)
    (local $e i32) (local $next i32) (local $p i32) (local $c i32) (local $t i32) (local $q i32) (local $open i32)
    (local $cpu i32) (local $tid i32) (local $typeEnd i32) (local $last i32) (local $nameEnd i32) (local $dir i32)
    (local $num i64) (local $clock i64) (local $clockSeen i64) (local $x i64) (local $dayNs f64)
    ;; "00:00:00"
    (local.set $clockSeen (i64.const 0x30303a30303a3030))
    (loop $lines
      (if (i32.eqz (local.get $count)) (then (return)))
      (local.set $e (i32.load (local.get $ends)))
      (local.set $next (i32.add (local.get $e) (i32.const 1)))
      (i32.store offset=44 (local.get $out) (i32.const 0))
      (block $odd
        (br_if $odd (i32.lt_s (i32.sub (local.get $e) (local.get $start)) (i32.const 30)))
        (if (i32.eq (i32.load8_u (i32.sub (local.get $e) (i32.const 1))) (i32.const 13))
          (then (local.set $e (i32.sub (local.get $e) (i32.const 1)))))
        ;; the number, at most 15 digits
        (local.set $p (local.get $start))
        (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
        (br_if $odd (i32.gt_u (local.get $c) (i32.const 9)))
        (local.set $num (i64.extend_i32_u (local.get $c)))
        (loop $digits
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
          (if (i32.le_u (local.get $c) (i32.const 9)) (then
            (local.set $num (i64.add (i64.mul (local.get $num) (i64.const 10)) (i64.extend_i32_u (local.get $c))))
            (br $digits))))
        (br_if $odd (i32.ne (local.get $c) (i32.const -16)))
        (br_if $odd (i32.gt_s (i32.sub (local.get $p) (local.get $start)) (i32.const 15)))
        (local.set $t (i32.add (local.get $p) (i32.const 1)))
        (br_if $odd (i32.lt_s (i32.sub (local.get $e) (local.get $t)) (i32.const 24)))
        ;; hh:mm:ss, mostly that of the line before
        (local.set $clock (i64.load (local.get $t)))
        (if (i64.ne (local.get $clock) (local.get $clockSeen)) (then
          (br_if $odd (i64.ne
            (i64.and (local.get $clock) (i64.const 0x0000ff0000ff0000)) (i64.const 0x00003a00003a0000)))
          (local.set $x (i64.and
            (i64.xor (local.get $clock) (i64.const 0x3030303030303030)) (i64.const 0xffff00ffff00ffff)))
          (br_if $odd (i64.ne (i64.const 0) (i64.and
            (i64.or (local.get $x) (i64.add (local.get $x) (i64.const 0x7676767676767676)))
            (i64.const 0x8080808080808080))))
          (br_if $odd (i32.gt_u (call $two (local.get $x) (i64.const 0)) (i32.const 23)))
          (br_if $odd (i32.gt_u (call $two (local.get $x) (i64.const 24)) (i32.const 59)))
          (br_if $odd (i32.gt_u (call $two (local.get $x) (i64.const 48)) (i32.const 60)))
          (local.set $dayNs (f64.mul (f64.const 1e9) (f64.convert_i32_u (i32.add
            (i32.mul (call $two (local.get $x) (i64.const 0)) (i32.const 3600))
            (i32.add
              (i32.mul (call $two (local.get $x) (i64.const 24)) (i32.const 60))
              (call $two (local.get $x) (i64.const 48)))))))
          (local.set $clockSeen (local.get $clock))))
        ;; .nnnnnnnnn, eight digits at a time
        (br_if $odd (i32.ne (i32.load8_u offset=8 (local.get $t)) (i32.const 46)))
        (local.set $x (i64.xor (i64.load offset=9 (local.get $t)) (i64.const 0x3030303030303030)))
        (br_if $odd (i64.ne (i64.const 0) (i64.and
          (i64.or (local.get $x) (i64.add (local.get $x) (i64.const 0x7676767676767676)))
          (i64.const 0x8080808080808080))))
        (local.set $x (i64.and
          (i64.shr_u (i64.mul (local.get $x) (i64.const 2561)) (i64.const 8)) (i64.const 0x00ff00ff00ff00ff)))
        (local.set $x (i64.and
          (i64.shr_u (i64.mul (local.get $x) (i64.const 6553601)) (i64.const 16)) (i64.const 0x0000ffff0000ffff)))
        (local.set $x (i64.shr_u (i64.mul (local.get $x) (i64.const 42949672960001)) (i64.const 32)))
        (local.set $c (i32.sub (i32.load8_u offset=17 (local.get $t)) (i32.const 48)))
        (br_if $odd (i32.gt_u (local.get $c) (i32.const 9)))
        (br_if $odd (i32.ne (i32.load8_u offset=18 (local.get $t)) (i32.const 32)))
        (f64.store (local.get $out) (f64.add (local.get $dayNs) (f64.convert_i64_u
          (i64.add (i64.mul (local.get $x) (i64.const 10)) (i64.extend_i32_u (local.get $c))))))
        ;; the CPU
        (local.set $p (i32.add (local.get $t) (i32.const 19)))
        (local.set $cpu (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
        (br_if $odd (i32.gt_u (local.get $cpu) (i32.const 9)))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
        (if (i32.le_u (local.get $c) (i32.const 9)) (then
          (local.set $cpu (i32.add (i32.mul (local.get $cpu) (i32.const 10)) (local.get $c)))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
          (if (i32.le_u (local.get $c) (i32.const 9)) (then
            (local.set $cpu (i32.add (i32.mul (local.get $cpu) (i32.const 10)) (local.get $c)))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))))))
        (br_if $odd (i32.ne (local.get $c) (i32.const -16)))
        ;; the name ends before the first bracket
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $open (call $find (local.get $p) (i32.const 40)))
        (br_if $odd (i32.ge_s (local.get $open) (local.get $e)))
        (local.set $nameEnd (local.get $open))
        (if (i32.gt_s (local.get $open) (local.get $p)) (then
          (local.set $nameEnd (i32.sub (local.get $open) (i32.const 1)))
          (br_if $odd (i32.ne (i32.load8_u (local.get $nameEnd)) (i32.const 32)))))
        ;; (tid), at most nine digits
        (local.set $q (i32.add (local.get $open) (i32.const 1)))
        (local.set $tid (i32.sub (i32.load8_u (local.get $q)) (i32.const 48)))
        (br_if $odd (i32.gt_u (local.get $tid) (i32.const 9)))
        (loop $digits
          (local.set $q (i32.add (local.get $q) (i32.const 1)))
          (local.set $c (i32.sub (i32.load8_u (local.get $q)) (i32.const 48)))
          (if (i32.le_u (local.get $c) (i32.const 9)) (then
            (local.set $tid (i32.add (i32.mul (local.get $tid) (i32.const 10)) (local.get $c)))
            (br $digits))))
        (br_if $odd (i32.gt_s (i32.sub (local.get $q) (local.get $open)) (i32.const 10)))
        ;; `) > ` or `) < `
        (local.set $c (i32.load (local.get $q)))
        (local.set $dir (i32.const 1))
        (if (i32.ne (local.get $c) (i32.const 0x203e2029)) (then
          (br_if $odd (i32.ne (local.get $c) (i32.const 0x203c2029)))
          (local.set $dir (i32.const 2))))
        (local.set $q (i32.add (local.get $q) (i32.const 4)))
        (br_if $odd (i32.ge_s (local.get $q) (local.get $e)))
        ;; type and arguments
        (local.set $typeEnd (call $find (local.get $q) (i32.const 32)))
        (if (i32.gt_s (local.get $typeEnd) (local.get $e)) (then
          (br_if $odd (i32.ge_s (i32.sub (local.get $e) (local.get $q)) (i32.const 32)))
          (local.set $typeEnd (local.get $e))))
        (br_if $odd (i32.eq (local.get $typeEnd) (local.get $q)))
        (local.set $c (i32.load8_u (i32.sub (local.get $e) (i32.const 1))))
        (br_if $odd (i32.eq (local.get $c) (i32.const 61)))
        (local.set $last (local.get $e))
        (loop $blanks
          (if (i32.gt_s (local.get $last) (local.get $typeEnd)) (then
            (if (i32.eq (i32.load8_u (i32.sub (local.get $last) (i32.const 1))) (i32.const 32)) (then
              (local.set $last (i32.sub (local.get $last) (i32.const 1)))
              (br $blanks))))))
        (br_if $odd (i32.and
          (i32.lt_s (local.get $typeEnd) (local.get $last))
          (i32.eq (i32.load8_u offset=1 (local.get $typeEnd)) (i32.const 40))))
        ;; `<NA>`, and the idle thread, have no name
        (i32.store offset=24 (local.get $out) (local.get $p))
        (if (i32.and (i32.eq (local.get $nameEnd) (local.get $p)) (i32.eqz (local.get $tid)))
          (then (i32.store offset=24 (local.get $out) (i32.const -1))))
        (if (i32.and
              (i32.eq (i32.sub (local.get $nameEnd) (local.get $p)) (i32.const 4))
              (i32.eq (i32.load (local.get $p)) (i32.const 0x3e414e3c)))
          (then (i32.store offset=24 (local.get $out) (i32.const -1))))
        (f64.store offset=8 (local.get $out) (f64.convert_i64_u (local.get $num)))
        (i32.store offset=16 (local.get $out) (local.get $cpu))
        (i32.store offset=20 (local.get $out) (local.get $tid))
        (i32.store offset=28 (local.get $out) (local.get $nameEnd))
        (i32.store offset=32 (local.get $out) (local.get $q))
        (i32.store offset=36 (local.get $out) (local.get $typeEnd))
        (i32.store offset=40 (local.get $out) (local.get $last))
        (i32.store offset=44 (local.get $out) (local.get $dir))
        (i32.store offset=48 (local.get $out) (local.get $t)))
      (local.set $start (local.get $next))
      (local.set $out (i32.add (local.get $out) (i32.const 56)))
      (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $lines)))

  ;; Two digits whose values stand as bytes in `x` from bit `at` on.
  (func $two (param $x i64) (param $at i64) (result i32)
    (i32.add
      (i32.mul (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (local.get $at))) (i32.const 15)) (i32.const 10))
      (i32.and
        (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.add (local.get $at) (i64.const 8)))) (i32.const 15))))

  ;; The next place with this byte, of the 32 from `p` on; far beyond all lines where there is none.
  (func $find (param $p i32) (param $byte i32) (result i32)
    (local $mask i32)
    (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (local.get $byte)))))
    (if (i32.eqz (local.get $mask)) (then
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (local.get $byte)))))))
    (if (i32.eqz (local.get $mask)) (then (return (i32.const 0x7fffffff))))
    (i32.add (local.get $p) (i32.ctz (local.get $mask))))
)
