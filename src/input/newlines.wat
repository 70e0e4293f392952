;; Newlines of a block, sixteen bytes at a time, the rest one by one.
;; Compiled into newlines.ts: `npm run wasm` prints the module.
(module
  (import "env" "memory" (memory 1))

  ;; Writes the position of each newline in [p, end) as u32 to [out, limit); gives their number, or -1 where some
  ;; may not fit.
  (func (export "index") (param $p i32) (param $end i32) (param $out i32) (param $limit i32) (result i32)
    (local $mask i32) (local $o i32) (local $last i32) (local $newline v128)
    (local.set $o (local.get $out))
    (local.set $last (i32.sub (local.get $end) (i32.const 16)))
    (local.set $newline (i8x16.splat (i32.const 10)))
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

  ;; Number of newlines in [p, end), or -1 when one in [p, end - 1) is followed by something else than a digit:
  ;; a line that is no plain record.
  ;; Lanes are summed before they can overflow, every 254 vectors.
  (func $survey (param $p i32) (param $end i32) (result i32)
    (local $lanes v128) (local $odd v128) (local $hits v128) (local $newline v128)
    (local $total i32) (local $stop i32) (local $last i32)
    (local.set $last (i32.sub (local.get $end) (i32.const 17)))
    (local.set $newline (i8x16.splat (i32.const 10)))
    (loop $rounds
      (if (i32.le_s (local.get $p) (local.get $last)) (then
        (local.set $lanes (v128.const i64x2 0 0))
        (local.set $odd (v128.const i64x2 0 0))
        (local.set $stop (i32.add (local.get $p) (i32.const 4048)))
        (if (i32.gt_s (local.get $stop) (local.get $last)) (then (local.set $stop (local.get $last))))
        (loop $vectors
          (local.set $hits (i8x16.eq (v128.load (local.get $p)) (local.get $newline)))
          (local.set $lanes (i8x16.sub (local.get $lanes) (local.get $hits)))
          (local.set $odd (v128.or (local.get $odd) (v128.and (local.get $hits)
            (i8x16.gt_u
              (i8x16.sub (v128.load offset=1 (local.get $p)) (i8x16.splat (i32.const 48)))
              (i8x16.splat (i32.const 9))))))
          (local.set $p (i32.add (local.get $p) (i32.const 16)))
          (br_if $vectors (i32.le_s (local.get $p) (local.get $stop))))
        (if (v128.any_true (local.get $odd)) (then (return (i32.const -1))))
        (local.set $total (i32.add (local.get $total) (call $sum (local.get $lanes))))
        (br $rounds))))
    (loop $bytes
      (if (i32.lt_s (local.get $p) (local.get $end)) (then
        (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 10)) (then
          (local.set $total (i32.add (local.get $total) (i32.const 1)))
          (if (i32.lt_s (local.get $p) (i32.sub (local.get $end) (i32.const 1))) (then
            (if (i32.gt_u (i32.sub (i32.load8_u offset=1 (local.get $p)) (i32.const 48)) (i32.const 9))
              (then (return (i32.const -1))))))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $bytes))))
    (local.get $total))

  ;; Sum of sixteen lanes.
  (func $sum (param $lanes v128) (result i32)
    (local.set $lanes (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u (local.get $lanes))))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $lanes)) (i32x4.extract_lane 1 (local.get $lanes)))
      (i32.add (i32x4.extract_lane 2 (local.get $lanes)) (i32x4.extract_lane 3 (local.get $lanes)))))

  ;; First place in [p, end) where the `length` bytes at `literal` stand, or `end`. Two of them, at offsets `a`
  ;; and `b`, are compared sixteen places at a time; where both fit, all are.
  (func $find
    (param $p i32) (param $end i32) (param $literal i32) (param $length i32) (param $a i32) (param $b i32)
    (result i32)
    (local $first v128) (local $second v128) (local $last i32) (local $mask i32) (local $at i32)
    (local.set $first (i8x16.splat (i32.load8_u (i32.add (local.get $literal) (local.get $a)))))
    (local.set $second (i8x16.splat (i32.load8_u (i32.add (local.get $literal) (local.get $b)))))
    ;; Places where the literal would still fit into [p, end), and sixteen bytes can be loaded at each offset.
    (local.set $last (i32.sub (i32.sub (local.get $end) (local.get $length)) (i32.const 16)))
    (loop $vectors
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
  ;; among them, the last one always is. With a place for `text`, the end of the first line, those lines and the
  ;; beginning of the broken one are copied there, up to `textEnd`, and all places but those in the part are there.
  ;; Gives 1, or the number of bytes of text; 0 where there is no newline, a line begins with something else than a digit,
  ;; or there is no room.
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
    (block $done
      (loop $lines
        (br_if $done (i32.ge_s (local.get $from) (local.get $stop)))
        (local.set $hit (call $find
          (local.get $from) (local.get $stop)
          (local.get $literal) (local.get $length) (local.get $a) (local.get $b)))
        ;; where there is none, the last line
        (if (i32.eq (local.get $hit) (local.get $stop)) (then
          (local.set $hit (i32.sub (local.get $stop) (i32.const 1)))))
        (local.set $start (call $lineStart (local.get $from) (local.get $hit)))
        (local.set $lineEnd (call $next (local.get $hit) (local.get $stop)))
        (local.set $passed (call $survey (local.get $from) (local.get $start)))
        (if (i32.or
              (i32.or (i32.lt_s (local.get $passed) (i32.const 0)) (i32.gt_s (local.get $o) (local.get $limit)))
              (i32.eqz (i32.and (call $isDigit (local.get $from)) (call $isDigit (local.get $start)))))
          (then (return (i32.const 0))))
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
