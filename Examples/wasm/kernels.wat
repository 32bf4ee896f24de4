;; SPDX-License-Identifier: Apache-2.0
;; Four kernels over one memory, which the host brings. Below `heap` the memory is the module's own:
;;
;;      0  256 words   table of CRC-32, filled on start
;;   1024   64 words   constants of SHA-256
;;   1280   64 words   message schedule of SHA-256
;;   1536    8 words   state of SHA-256, big-endian once it is finished
;;   1600  128 bytes   last one or two blocks of a message
;;   4096  heap

(module
  (import "host" "memory" (memory 1))
  ;; Told after each generation of Life: its number, how many cells are alive.
  (import "host" "generation" (func $generation (param i32 i32)))
  ;; Told after each row of the Mandelbrot set. Answers 0 to stop there.
  (import "host" "row" (func $row (param i32) (result i32)))

  (global (export "heap") i32 (i32.const 4096))
  (global $calls (export "calls") (mut i32) (i32.const 0))

  (data (i32.const 1024)
    "\98\2f\8a\42\91\44\37\71\cf\fb\c0\b5\a5\db\b5\e9"
    "\5b\c2\56\39\f1\11\f1\59\a4\82\3f\92\d5\5e\1c\ab"
    "\98\aa\07\d8\01\5b\83\12\be\85\31\24\c3\7d\0c\55"
    "\74\5d\be\72\fe\b1\de\80\a7\06\dc\9b\74\f1\9b\c1"
    "\c1\69\9b\e4\86\47\be\ef\c6\9d\c1\0f\cc\a1\0c\24"
    "\6f\2c\e9\2d\aa\84\74\4a\dc\a9\b0\5c\da\88\f9\76"
    "\52\51\3e\98\6d\c6\31\a8\c8\27\03\b0\c7\7f\59\bf"
    "\f3\0b\e0\c6\47\91\a7\d5\51\63\ca\06\67\29\29\14"
    "\85\0a\b7\27\38\21\1b\2e\fc\6d\2c\4d\13\0d\38\53"
    "\54\73\0a\65\bb\0a\6a\76\2e\c9\c2\81\85\2c\72\92"
    "\a1\e8\bf\a2\4b\66\1a\a8\70\8b\4b\c2\a3\51\6c\c7"
    "\19\e8\92\d1\24\06\99\d6\85\35\0e\f4\70\a0\6a\10"
    "\16\c1\a4\19\08\6c\37\1e\4c\77\48\27\b5\bc\b0\34"
    "\b3\0c\1c\39\4a\aa\d8\4e\4f\ca\9c\5b\f3\6f\2e\68"
    "\ee\82\8f\74\6f\63\a5\78\14\78\c8\84\08\02\c7\8c"
    "\fa\ff\be\90\eb\6c\50\a4\f7\a3\f9\be\f2\78\71\c6")

  (start $fill_crc_table)

  ;; ---------------------------------------------------------------- CRC-32

  (func $fill_crc_table
    (local $n i32) (local $bit i32) (local $c i32)
    (loop $entries
      (local.set $c (local.get $n))
      (local.set $bit (i32.const 8))
      (loop $bits
        (local.set $c
          (i32.xor
            (i32.shr_u (local.get $c) (i32.const 1))
            (i32.and
              (i32.const 0xedb88320)
              (i32.sub (i32.const 0) (i32.and (local.get $c) (i32.const 1))))))
        (br_if $bits (local.tee $bit (i32.sub (local.get $bit) (i32.const 1)))))
      (i32.store (i32.shl (local.get $n) (i32.const 2)) (local.get $c))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $entries (i32.lt_u (local.get $n) (i32.const 256)))))

  ;; crc is that of the bytes before, or 0.
  (func (export "crc32") (param $at i32) (param $length i32) (param $crc i32) (result i32)
    (local $end i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (local.set $crc (i32.xor (local.get $crc) (i32.const -1)))
    (block $done
      (loop $bytes
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 8))
            (i32.load
              (i32.shl
                (i32.and (i32.xor (local.get $crc) (i32.load8_u (local.get $at))) (i32.const 255))
                (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $bytes)))
    (i32.xor (local.get $crc) (i32.const -1)))

  ;; --------------------------------------------------------------- SHA-256

  ;; Bytes of a word the other way round.
  (func $swap (param $x i32) (result i32)
    (i32.or
      (i32.and (i32.rotl (local.get $x) (i32.const 8)) (i32.const 0x00ff00ff))
      (i32.and (i32.rotr (local.get $x) (i32.const 8)) (i32.const 0xff00ff00))))

  (func $sha256_block (param $at i32)
    (local $i i32) (local $x i32) (local $y i32) (local $t1 i32) (local $t2 i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local $e i32) (local $f i32) (local $g i32) (local $h i32)

    ;; The schedule: 16 words of the message, 48 made of those before them. i counts bytes.
    (loop $words
      (i32.store offset=1280 (local.get $i) (call $swap (i32.load (i32.add (local.get $at) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $words (i32.lt_u (local.get $i) (i32.const 64))))
    (loop $more
      (local.set $x (i32.load offset=1220 (local.get $i))) ;; 15 words back
      (local.set $y (i32.load offset=1272 (local.get $i))) ;; 2 words back
      (i32.store offset=1280 (local.get $i)
        (i32.add
          (i32.add
            (i32.load offset=1216 (local.get $i)) ;; 16 words back
            (i32.xor
              (i32.xor
                (i32.rotr (local.get $x) (i32.const 7))
                (i32.rotr (local.get $x) (i32.const 18)))
              (i32.shr_u (local.get $x) (i32.const 3))))
          (i32.add
            (i32.load offset=1252 (local.get $i)) ;; 7 words back
            (i32.xor
              (i32.xor
                (i32.rotr (local.get $y) (i32.const 17))
                (i32.rotr (local.get $y) (i32.const 19)))
              (i32.shr_u (local.get $y) (i32.const 10))))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const 256))))

    (local.set $a (i32.load (i32.const 1536)))
    (local.set $b (i32.load (i32.const 1540)))
    (local.set $c (i32.load (i32.const 1544)))
    (local.set $d (i32.load (i32.const 1548)))
    (local.set $e (i32.load (i32.const 1552)))
    (local.set $f (i32.load (i32.const 1556)))
    (local.set $g (i32.load (i32.const 1560)))
    (local.set $h (i32.load (i32.const 1564)))
    (local.set $i (i32.const 0))
    (loop $rounds
      (local.set $t1
        (i32.add
          (i32.add
            (i32.add
              (local.get $h)
              (i32.xor
                (i32.xor
                  (i32.rotr (local.get $e) (i32.const 6))
                  (i32.rotr (local.get $e) (i32.const 11)))
                (i32.rotr (local.get $e) (i32.const 25))))
            (i32.xor
              (i32.and (local.get $e) (i32.xor (local.get $f) (local.get $g)))
              (local.get $g)))
          (i32.add
            (i32.load offset=1024 (local.get $i))
            (i32.load offset=1280 (local.get $i)))))
      (local.set $t2
        (i32.add
          (i32.xor
            (i32.xor
              (i32.rotr (local.get $a) (i32.const 2))
              (i32.rotr (local.get $a) (i32.const 13)))
            (i32.rotr (local.get $a) (i32.const 22)))
          (i32.or
            (i32.and (local.get $a) (local.get $b))
            (i32.and (local.get $c) (i32.or (local.get $a) (local.get $b))))))
      (local.set $h (local.get $g))
      (local.set $g (local.get $f))
      (local.set $f (local.get $e))
      (local.set $e (i32.add (local.get $d) (local.get $t1)))
      (local.set $d (local.get $c))
      (local.set $c (local.get $b))
      (local.set $b (local.get $a))
      (local.set $a (i32.add (local.get $t1) (local.get $t2)))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $rounds (i32.lt_u (local.get $i) (i32.const 256))))

    (call $add_state (i32.const 1536) (local.get $a))
    (call $add_state (i32.const 1540) (local.get $b))
    (call $add_state (i32.const 1544) (local.get $c))
    (call $add_state (i32.const 1548) (local.get $d))
    (call $add_state (i32.const 1552) (local.get $e))
    (call $add_state (i32.const 1556) (local.get $f))
    (call $add_state (i32.const 1560) (local.get $g))
    (call $add_state (i32.const 1564) (local.get $h)))

  (func $add_state (param $at i32) (param $x i32)
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $x))))

  ;; Answers where the 32 bytes of the digest are.
  (func (export "sha256") (param $at i32) (param $length i32) (result i32)
    (local $end i32) (local $tail i32) (local $size i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 1536) (i32.const 0x6a09e667))
    (i32.store (i32.const 1540) (i32.const 0xbb67ae85))
    (i32.store (i32.const 1544) (i32.const 0x3c6ef372))
    (i32.store (i32.const 1548) (i32.const 0xa54ff53a))
    (i32.store (i32.const 1552) (i32.const 0x510e527f))
    (i32.store (i32.const 1556) (i32.const 0x9b05688c))
    (i32.store (i32.const 1560) (i32.const 0x1f83d9ab))
    (i32.store (i32.const 1564) (i32.const 0x5be0cd19))

    (local.set $end (i32.add (local.get $at) (i32.and (local.get $length) (i32.const -64))))
    (block $done
      (loop $blocks
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (call $sha256_block (local.get $at))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $blocks)))

    ;; What is left, one bit, zeros, and the length in bits: in one block or two.
    (local.set $tail (i32.and (local.get $length) (i32.const 63)))
    (local.set $size (select (i32.const 64) (i32.const 128) (i32.lt_u (local.get $tail) (i32.const 56))))
    (memory.fill (i32.const 1600) (i32.const 0) (i32.const 128))
    (memory.copy (i32.const 1600) (local.get $end) (local.get $tail))
    (i32.store8 offset=1600 (local.get $tail) (i32.const 0x80))
    (i32.store offset=1592 (local.get $size) (call $swap (i32.shr_u (local.get $length) (i32.const 29))))
    (i32.store offset=1596 (local.get $size) (call $swap (i32.shl (local.get $length) (i32.const 3))))
    (call $sha256_block (i32.const 1600))
    (if (i32.eq (local.get $size) (i32.const 128)) (then (call $sha256_block (i32.const 1664))))

    (local.set $tail (i32.const 28))
    (loop $words
      (i32.store offset=1536 (local.get $tail) (call $swap (i32.load offset=1536 (local.get $tail))))
      (br_if $words (i32.ge_s (local.tee $tail (i32.sub (local.get $tail) (i32.const 4))) (i32.const 0))))
    (i32.const 1536))

  ;; ---------------------------------------------------------- Game of Life

  ;; x modulo n, where -n <= x < 2n.
  (func $wrap (param $x i32) (param $n i32) (result i32)
    (if (i32.lt_s (local.get $x) (i32.const 0))
      (then (return (i32.add (local.get $x) (local.get $n)))))
    (if (i32.ge_s (local.get $x) (local.get $n))
      (then (return (i32.sub (local.get $x) (local.get $n)))))
    (local.get $x))

  ;; One generation on a torus of bytes 0 and 1, from one field to another. Answers how many are alive.
  (func $step (param $from i32) (param $to i32) (param $width i32) (param $height i32) (result i32)
    (local $x i32) (local $y i32) (local $up i32) (local $here i32) (local $down i32)
    (local $left i32) (local $right i32) (local $n i32) (local $cell i32) (local $alive i32)
    (loop $rows
      (local.set $up
        (i32.add (local.get $from)
          (i32.mul (local.get $width)
            (call $wrap (i32.sub (local.get $y) (i32.const 1)) (local.get $height)))))
      (local.set $here (i32.add (local.get $from) (i32.mul (local.get $width) (local.get $y))))
      (local.set $down
        (i32.add (local.get $from)
          (i32.mul (local.get $width)
            (call $wrap (i32.add (local.get $y) (i32.const 1)) (local.get $height)))))
      (local.set $x (i32.const 0))
      (loop $columns
        (local.set $left (call $wrap (i32.sub (local.get $x) (i32.const 1)) (local.get $width)))
        (local.set $right (call $wrap (i32.add (local.get $x) (i32.const 1)) (local.get $width)))
        (local.set $n
          (i32.add
            (i32.add
              (i32.add
                (i32.load8_u (i32.add (local.get $up) (local.get $left)))
                (i32.load8_u (i32.add (local.get $up) (local.get $x))))
              (i32.add
                (i32.load8_u (i32.add (local.get $up) (local.get $right)))
                (i32.load8_u (i32.add (local.get $here) (local.get $left)))))
            (i32.add
              (i32.add
                (i32.load8_u (i32.add (local.get $here) (local.get $right)))
                (i32.load8_u (i32.add (local.get $down) (local.get $left))))
              (i32.add
                (i32.load8_u (i32.add (local.get $down) (local.get $x)))
                (i32.load8_u (i32.add (local.get $down) (local.get $right)))))))
        ;; Born with three, alive with two.
        (local.set $cell
          (i32.or
            (i32.eq (local.get $n) (i32.const 3))
            (i32.and
              (i32.eq (local.get $n) (i32.const 2))
              (i32.load8_u (i32.add (local.get $here) (local.get $x))))))
        (i32.store8 (local.get $to) (local.get $cell))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $alive (i32.add (local.get $alive) (local.get $cell)))
        (local.set $x (i32.add (local.get $x) (i32.const 1)))
        (br_if $columns (i32.lt_u (local.get $x) (local.get $width))))
      (local.set $y (i32.add (local.get $y) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $y) (local.get $height))))
    (local.get $alive))

  ;; Runs generations in place; `spare` is room for a second field.
  (func (export "life")
    (param $cells i32) (param $spare i32) (param $width i32) (param $height i32) (param $generations i32)
    (local $n i32) (local $alive i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (block $done
      (loop $again
        (br_if $done (i32.eq (local.get $n) (local.get $generations)))
        (local.set $alive
          (call $step (local.get $cells) (local.get $spare) (local.get $width) (local.get $height)))
        (memory.copy (local.get $cells) (local.get $spare) (i32.mul (local.get $width) (local.get $height)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (call $generation (local.get $n) (local.get $alive))
        (br $again))))

  ;; ------------------------------------------------------------ Mandelbrot

  ;; Writes the number of steps of each point (32 bits each) and answers their sum.
  (func (export "mandelbrot")
    (param $out i32) (param $width i32) (param $height i32) (param $limit i32)
    (param $left f64) (param $top f64) (param $step f64) (result i64)
    (local $x i32) (local $y i32) (local $n i32) (local $sum i64)
    (local $cr f64) (local $ci f64) (local $zr f64) (local $zi f64) (local $r2 f64) (local $i2 f64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (block $stop
      (loop $rows
        (local.set $ci
          (f64.sub (local.get $top) (f64.mul (local.get $step) (f64.convert_i32_u (local.get $y)))))
        (local.set $x (i32.const 0))
        (loop $columns
          (local.set $cr
            (f64.add (local.get $left) (f64.mul (local.get $step) (f64.convert_i32_u (local.get $x)))))
          (local.set $zr (f64.const 0))
          (local.set $zi (f64.const 0))
          (local.set $n (i32.const 0))
          (block $escaped
            (loop $iterate
              (local.set $r2 (f64.mul (local.get $zr) (local.get $zr)))
              (local.set $i2 (f64.mul (local.get $zi) (local.get $zi)))
              (br_if $escaped (f64.gt (f64.add (local.get $r2) (local.get $i2)) (f64.const 4)))
              (local.set $zi
                (f64.add
                  (f64.mul (f64.mul (f64.const 2) (local.get $zr)) (local.get $zi))
                  (local.get $ci)))
              (local.set $zr (f64.add (f64.sub (local.get $r2) (local.get $i2)) (local.get $cr)))
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (br_if $iterate (i32.lt_u (local.get $n) (local.get $limit)))))
          (i32.store (local.get $out) (local.get $n))
          (local.set $out (i32.add (local.get $out) (i32.const 4)))
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
          (local.set $x (i32.add (local.get $x) (i32.const 1)))
          (br_if $columns (i32.lt_u (local.get $x) (local.get $width))))
        (br_if $stop (i32.eqz (call $row (local.get $y))))
        (local.set $y (i32.add (local.get $y) (i32.const 1)))
        (br_if $rows (i32.lt_u (local.get $y) (local.get $height)))))
    (local.get $sum)))
