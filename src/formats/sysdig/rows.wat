;; Runs of ordinary events as rows of numbers (model/event-rows.ts), out of the heads of default sysdig lines
;; (heads.wat) and the arguments of switches:
;;
;;     368250 17:01:21.339942868 0 keepalived (10400) > switch next=7(ksoftirqd/0) pgft_maj=0 pgft_min=69 vm_size=29016 ...
;;
;; What is not ordinary is left to the long way, which the facts made of these rows must agree with.
;; Compiled into rows.ts: `npm run wasm` prints the module.
(module
  (import "env" "memory" (memory 1))

  ;; Makes rows at `out` of the `count` rows of heads at `heads`, up to the first event that is not ordinary; the
  ;; number made. `latest` is the clock's latest time, `day` what it adds to times of day: a run keeps their order.
  (func (export "rows") (param $heads i32) (param $count i32) (param $out i32) (param $latest f64) (param $day f64)
    (result i32)
    (local $made i32) (local $t f64) (local $p i32) (local $end i32) (local $len i32) (local $word i32)
    (local $kind i32) (local $code i32) (local $c i32) (local $q i32) (local $some i32)
    (block $stop
      (loop $lines
        (br_if $stop (i32.eq (local.get $made) (local.get $count)))
        (br_if $stop (i32.eqz (i32.load offset=44 (local.get $heads))))
        ;; the clock as it goes: neither back, nor over midnight
        (local.set $t (f64.add (f64.load (local.get $heads)) (local.get $day)))
        (br_if $stop (i32.eqz (f64.ge (local.get $t) (local.get $latest))))
        (br_if $stop (i32.eqz (f64.le (f64.sub (local.get $t) (local.get $latest)) (f64.const 43200e9))))
        (local.set $p (i32.load offset=32 (local.get $heads)))
        (local.set $len (i32.sub (i32.load offset=36 (local.get $heads)) (local.get $p)))
        (local.set $word (i32.load (local.get $p)))
        (local.set $kind (i32.const 1))
        (i64.store offset=48 (local.get $out) (i64.const 0))
        (i64.store offset=56 (local.get $out) (i64.const 0))
        ;; `swi..h`
        (if (i32.and
              (i32.eq (local.get $len) (i32.const 6))
              (i32.and
                (i32.eq (i32.and (local.get $word) (i32.const 0xffffff)) (i32.const 0x697773))
                (i32.eq (i32.load8_u offset=5 (local.get $p)) (i32.const 104))))
          (then
            (local.set $end (i32.load offset=40 (local.get $heads)))
            (local.set $p (i32.add (local.get $p) (i32.const 7)))
            ;; `next=`, at most nine digits
            (br_if $stop (i32.lt_s (i32.sub (local.get $end) (local.get $p)) (i32.const 6)))
            (br_if $stop (i32.ne (i32.load (local.get $p)) (i32.const 0x7478656e)))
            (br_if $stop (i32.ne (i32.load8_u offset=4 (local.get $p)) (i32.const 61)))
            (local.set $p (i32.add (local.get $p) (i32.const 5)))
            (local.set $q (local.get $p))
            (local.set $code (i32.const 0))
            (block $over
              (loop $digits
                (br_if $over (i32.ge_s (local.get $p) (local.get $end)))
                (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
                (br_if $over (i32.gt_u (local.get $c) (i32.const 9)))
                (local.set $code (i32.add (i32.mul (local.get $code) (i32.const 10)) (local.get $c)))
                (local.set $p (i32.add (local.get $p) (i32.const 1)))
                (br $digits)))
            (br_if $stop (i32.eq (local.get $p) (local.get $q)))
            (br_if $stop (i32.gt_s (i32.sub (local.get $p) (local.get $q)) (i32.const 9)))
            (br_if $stop (i32.ge_s (local.get $p) (local.get $end)))
            ;; `(name)` up to ` pgft_`
            (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 40)) (then
              (local.set $p (i32.add (local.get $p) (i32.const 1)))
              (local.set $c (i8x16.bitmask (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (i32.const 41)))))
              (br_if $stop (i32.eqz (local.get $c)))
              (local.set $c (i32.ctz (local.get $c)))
              (br_if $stop (i32.eqz (local.get $c)))
              (br_if $stop (i32.eq (i32.load8_u (local.get $p)) (i32.const 60)))
              (call $name (local.get $p) (local.get $c) (i32.add (local.get $out) (i32.const 48)))
              (local.set $p (i32.add (i32.add (local.get $p) (local.get $c)) (i32.const 1)))
              (br_if $stop (i32.ge_s (local.get $p) (local.get $end)))))
            ;; ` pgft_maj=0 pgft_min=69 vm_size=29016`, the lengths of the digits aside
            (br_if $stop (i32.gt_s (i32.add (local.get $p) (i32.const 10)) (local.get $end)))
            (br_if $stop (i64.ne (i64.load (local.get $p)) (i64.const 0x616d5f7466677020)))
            (br_if $stop (i32.ne (i32.load16_u offset=8 (local.get $p)) (i32.const 0x3d6a)))
            (local.set $p (call $digits (i32.add (local.get $p) (i32.const 10)) (local.get $end)))
            (br_if $stop (i32.gt_s (i32.add (local.get $p) (i32.const 10)) (local.get $end)))
            (br_if $stop (i64.ne (i64.load (local.get $p)) (i64.const 0x696d5f7466677020)))
            (br_if $stop (i32.ne (i32.load16_u offset=8 (local.get $p)) (i32.const 0x3d6e)))
            (local.set $p (call $digits (i32.add (local.get $p) (i32.const 10)) (local.get $end)))
            (br_if $stop (i32.gt_s (i32.add (local.get $p) (i32.const 9)) (local.get $end)))
            (br_if $stop (i64.ne (i64.load (local.get $p)) (i64.const 0x657a69735f6d7620)))
            (br_if $stop (i32.ne (i32.load8_u offset=8 (local.get $p)) (i32.const 61)))
            (local.set $p (i32.add (local.get $p) (i32.const 9)))
            (local.set $q (local.get $p))
            (local.set $some (i32.const 0))
            (block $over
              (loop $digits
                (br_if $over (i32.ge_s (local.get $p) (local.get $end)))
                (local.set $c (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
                (br_if $over (i32.gt_u (local.get $c) (i32.const 9)))
                (local.set $some (i32.or (local.get $some) (local.get $c)))
                (local.set $p (i32.add (local.get $p) (i32.const 1)))
                (br $digits)))
            (local.set $kind (select
              (i32.const 2)
              (select (i32.const 4) (i32.const 3) (local.get $some))
              (i32.eq (local.get $p) (local.get $q)))))
          (else
            ;; procexit, drop, signaldeliver
            (br_if $stop (i32.and
              (i32.eq (local.get $len) (i32.const 8))
              (i64.eq (i64.load (local.get $p)) (i64.const 0x74697865636f7270))))
            (br_if $stop (i32.and
              (i32.eq (local.get $len) (i32.const 4)) (i32.eq (local.get $word) (i32.const 0x706f7264))))
            (br_if $stop (i32.and
              (i32.eq (local.get $len) (i32.const 13)) (i32.eq (local.get $word) (i32.const 0x6e676973))))
            ;; as typeCode has it
            (local.set $code (i32.and (i32.const 1023) (i32.add
              (i32.add
                (i32.mul (local.get $len) (i32.const 131))
                (i32.mul (i32.load8_u (local.get $p)) (i32.const 31)))
              (i32.add
                (i32.mul
                  (i32.load8_u (i32.sub (i32.add (local.get $p) (local.get $len)) (i32.const 1))) (i32.const 7))
                (i32.load8_u (i32.add (local.get $p) (i32.shr_u (local.get $len) (i32.const 1))))))))))
        ;; its own name; an empty one says nothing of a call, and is odd of a switch
        (i64.store offset=32 (local.get $out) (i64.const 0))
        (i64.store offset=40 (local.get $out) (i64.const 0))
        (local.set $q (i32.load offset=24 (local.get $heads)))
        (if (i32.ge_s (local.get $q) (i32.const 0)) (then
          (local.set $c (i32.sub (i32.load offset=28 (local.get $heads)) (local.get $q)))
          (br_if $stop (i32.gt_u (local.get $c) (i32.const 15)))
          (if (local.get $c)
            (then (call $name (local.get $q) (local.get $c) (i32.add (local.get $out) (i32.const 32))))
            (else (br_if $stop (i32.gt_u (local.get $kind) (i32.const 1)))))))
        (f64.store (local.get $out) (local.get $t))
        (f64.store offset=8 (local.get $out) (f64.load offset=8 (local.get $heads)))
        (i64.store offset=16 (local.get $out) (i64.load offset=16 (local.get $heads)))
        (i32.store offset=24 (local.get $out) (local.get $kind))
        (i32.store offset=28 (local.get $out) (local.get $code))
        (local.set $latest (local.get $t))
        (local.set $made (i32.add (local.get $made) (i32.const 1)))
        (local.set $heads (i32.add (local.get $heads) (i32.const 56)))
        (local.set $out (i32.add (local.get $out) (i32.const 64)))
        (br $lines)))
    (local.get $made))

  ;; The `length` bytes at `p`, 1 to 15 of them, as sixteen: the length is the last.
  (func $name (param $p i32) (param $length i32) (param $out i32)
    (local $low i64) (local $high i64)
    (local.set $low (i64.load (local.get $p)))
    (if (i32.lt_u (local.get $length) (i32.const 8))
      (then (local.set $low (i64.and (local.get $low) (i64.sub
        (i64.shl (i64.const 1) (i64.extend_i32_u (i32.shl (local.get $length) (i32.const 3))))
        (i64.const 1)))))
      (else (local.set $high (i64.and (i64.load offset=8 (local.get $p)) (i64.sub
        (i64.shl (i64.const 1) (i64.extend_i32_u (i32.shl (i32.sub (local.get $length) (i32.const 8)) (i32.const 3))))
        (i64.const 1))))))
    (i64.store (local.get $out) (local.get $low))
    (i64.store offset=8 (local.get $out) (i64.or
      (local.get $high) (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 56)))))

  ;; Where the digits at `p` end.
  (func $digits (param $p i32) (param $end i32) (result i32)
    (block $over
      (loop $digits
        (br_if $over (i32.ge_s (local.get $p) (local.get $end)))
        (br_if $over (i32.gt_u (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)) (i32.const 9)))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $digits)))
    (local.get $p))
)
