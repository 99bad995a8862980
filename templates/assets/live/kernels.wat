;; The two loops of kernels.js, which says what they do, with SIMD: a v128 holds four floats.
;; Places and steps are counted in bytes.
(module
  (import "page" "memory" (memory 1))

  (func (export "multiply")
    (param $a i32) (param $aStep i32) (param $aGroup i32) (param $groups i32) (param $rows i32)
    (param $segments i32) (param $segmentStep i32) (param $length i32)
    (param $b i32) (param $bias i32) (param $panels i32)
    (param $plus i32) (param $plusStep i32) (param $plusPanel i32)
    (param $c i32) (param $cStep i32) (param $floor f32)
    (local $groupsLeft i32) (local $rowsLeft i32) (local $segmentsLeft i32)
    (local $group i32) (local $row i32) (local $segment i32) (local $end i32)
    (local $panel i32) (local $to i32) (local $added i32)
    (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $a3 i32)
    ;; Four rows and eight columns of C: $c01 holds row 0, columns 4 to 7.
    (local $c00 v128) (local $c01 v128) (local $c10 v128) (local $c11 v128)
    (local $c20 v128) (local $c21 v128) (local $c30 v128) (local $c31 v128)
    (local $b0 v128) (local $b1 v128) (local $x v128) (local $least v128)
    (local.set $least (f32x4.splat (local.get $floor)))
    (loop $eachPanel
      (local.set $to (local.get $c))
      (local.set $added (local.get $plus))
      (local.set $group (local.get $a))
      (local.set $groupsLeft (local.get $groups))
      (loop $eachGroup
        (local.set $row (local.get $group))
        (local.set $rowsLeft (local.get $rows))
        (loop $fourRows
          (local.set $c00 (v128.load (local.get $bias)))
          (local.set $c01 (v128.load offset=16 (local.get $bias)))
          (local.set $c10 (local.get $c00)) (local.set $c11 (local.get $c01))
          (local.set $c20 (local.get $c00)) (local.set $c21 (local.get $c01))
          (local.set $c30 (local.get $c00)) (local.set $c31 (local.get $c01))
          (local.set $panel (local.get $b))
          (local.set $segment (local.get $row))
          (local.set $segmentsLeft (local.get $segments))
          (loop $eachSegment
            (local.set $a0 (local.get $segment))
            (local.set $a1 (i32.add (local.get $a0) (local.get $aStep)))
            (local.set $a2 (i32.add (local.get $a1) (local.get $aStep)))
            (local.set $a3 (i32.add (local.get $a2) (local.get $aStep)))
            (local.set $end (i32.add (local.get $a0) (local.get $length)))
            (loop $k
              (local.set $b0 (v128.load (local.get $panel)))
              (local.set $b1 (v128.load offset=16 (local.get $panel)))
              (local.set $x (v128.load32_splat (local.get $a0)))
              (local.set $c00 (f32x4.add (local.get $c00) (f32x4.mul (local.get $x) (local.get $b0))))
              (local.set $c01 (f32x4.add (local.get $c01) (f32x4.mul (local.get $x) (local.get $b1))))
              (local.set $x (v128.load32_splat (local.get $a1)))
              (local.set $c10 (f32x4.add (local.get $c10) (f32x4.mul (local.get $x) (local.get $b0))))
              (local.set $c11 (f32x4.add (local.get $c11) (f32x4.mul (local.get $x) (local.get $b1))))
              (local.set $x (v128.load32_splat (local.get $a2)))
              (local.set $c20 (f32x4.add (local.get $c20) (f32x4.mul (local.get $x) (local.get $b0))))
              (local.set $c21 (f32x4.add (local.get $c21) (f32x4.mul (local.get $x) (local.get $b1))))
              (local.set $x (v128.load32_splat (local.get $a3)))
              (local.set $c30 (f32x4.add (local.get $c30) (f32x4.mul (local.get $x) (local.get $b0))))
              (local.set $c31 (f32x4.add (local.get $c31) (f32x4.mul (local.get $x) (local.get $b1))))
              (local.set $panel (i32.add (local.get $panel) (i32.const 32)))
              (local.set $a1 (i32.add (local.get $a1) (i32.const 4)))
              (local.set $a2 (i32.add (local.get $a2) (i32.const 4)))
              (local.set $a3 (i32.add (local.get $a3) (i32.const 4)))
              (br_if $k (i32.lt_u
                (local.tee $a0 (i32.add (local.get $a0) (i32.const 4))) (local.get $end))))
            (local.set $segment (i32.add (local.get $segment) (local.get $segmentStep)))
            (br_if $eachSegment
              (local.tee $segmentsLeft (i32.sub (local.get $segmentsLeft) (i32.const 1)))))
          (v128.store (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c00) (v128.load (local.get $added)))))
          (v128.store offset=16 (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c01) (v128.load offset=16 (local.get $added)))))
          (local.set $to (i32.add (local.get $to) (local.get $cStep)))
          (local.set $added (i32.add (local.get $added) (local.get $plusStep)))
          (v128.store (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c10) (v128.load (local.get $added)))))
          (v128.store offset=16 (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c11) (v128.load offset=16 (local.get $added)))))
          (local.set $to (i32.add (local.get $to) (local.get $cStep)))
          (local.set $added (i32.add (local.get $added) (local.get $plusStep)))
          (v128.store (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c20) (v128.load (local.get $added)))))
          (v128.store offset=16 (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c21) (v128.load offset=16 (local.get $added)))))
          (local.set $to (i32.add (local.get $to) (local.get $cStep)))
          (local.set $added (i32.add (local.get $added) (local.get $plusStep)))
          (v128.store (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c30) (v128.load (local.get $added)))))
          (v128.store offset=16 (local.get $to) (f32x4.pmax (local.get $least)
            (f32x4.add (local.get $c31) (v128.load offset=16 (local.get $added)))))
          (local.set $to (i32.add (local.get $to) (local.get $cStep)))
          (local.set $added (i32.add (local.get $added) (local.get $plusStep)))
          (local.set $row (i32.add (local.get $row) (i32.shl (local.get $aStep) (i32.const 2))))
          (br_if $fourRows (i32.gt_s
            (local.tee $rowsLeft (i32.sub (local.get $rowsLeft) (i32.const 4))) (i32.const 0))))
        ;; Back by the rows that were too many: $rowsLeft is 0, or as many below it.
        (local.set $to (i32.add (local.get $to)
          (i32.mul (local.get $rowsLeft) (local.get $cStep))))
        (local.set $added (i32.add (local.get $added)
          (i32.mul (local.get $rowsLeft) (local.get $plusStep))))
        (local.set $group (i32.add (local.get $group) (local.get $aGroup)))
        (br_if $eachGroup
          (local.tee $groupsLeft (i32.sub (local.get $groupsLeft) (i32.const 1)))))
      (local.set $b (local.get $panel)) ;; which ends where the next one begins
      (local.set $bias (i32.add (local.get $bias) (i32.const 32)))
      (local.set $c (i32.add (local.get $c) (i32.const 32)))
      (local.set $plus (i32.add (local.get $plus) (local.get $plusPanel)))
      (br_if $eachPanel (local.tee $panels (i32.sub (local.get $panels) (i32.const 1))))))

  (func (export "softmax")
    (param $row i32) (param $rows i32) (param $columns i32) (param $step i32)
    (local $at i32) (local $end i32) (local $x v128) (local $n v128) (local $series v128)
    (local $largest v128) (local $sum v128)
    (loop $each
      (local.set $end (i32.add (local.get $row) (local.get $columns)))
      (local.set $at (local.get $row))
      (local.set $largest (v128.load (local.get $row)))
      (loop $look
        (local.set $largest (f32x4.pmax (local.get $largest) (v128.load (local.get $at))))
        (br_if $look (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      ;; The largest of all four, in all four: turned by two, then by one.
      (local.set $largest (f32x4.pmax (local.get $largest) (i8x16.shuffle
        8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $largest) (local.get $largest))))
      (local.set $largest (f32x4.pmax (local.get $largest) (i8x16.shuffle
        4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 3 (local.get $largest) (local.get $largest))))
      (local.set $at (local.get $row))
      (local.set $sum (v128.const f32x4 0 0 0 0))
      (loop $raise
        ;; exp(x) for x <= 0: with n the whole number nearest to x / ln 2 it is 2^n exp(x - n ln 2),
        ;; and seven terms of the series are exact to 32 bits so near to 0. Below -87 it is nothing.
        (local.set $x (f32x4.pmax (v128.const f32x4 -87 -87 -87 -87)
          (f32x4.sub (v128.load (local.get $at)) (local.get $largest))))
        (local.set $n (f32x4.nearest (f32x4.mul (local.get $x)
          (v128.const f32x4 1.442695 1.442695 1.442695 1.442695))))
        ;; ln 2 in two parts, of which n times the first is exact.
        (local.set $x (f32x4.sub (local.get $x) (f32x4.mul (local.get $n)
          (v128.const f32x4 0.693359375 0.693359375 0.693359375 0.693359375))))
        (local.set $x (f32x4.add (local.get $x) (f32x4.mul (local.get $n)
          (v128.const f32x4 2.1219444e-4 2.1219444e-4 2.1219444e-4 2.1219444e-4))))
        (local.set $series (v128.const f32x4
          0.0013888889 0.0013888889 0.0013888889 0.0013888889))
        (local.set $series (f32x4.add (f32x4.mul (local.get $x) (local.get $series))
          (v128.const f32x4 0.008333333 0.008333333 0.008333333 0.008333333)))
        (local.set $series (f32x4.add (f32x4.mul (local.get $x) (local.get $series))
          (v128.const f32x4 0.041666667 0.041666667 0.041666667 0.041666667)))
        (local.set $series (f32x4.add (f32x4.mul (local.get $x) (local.get $series))
          (v128.const f32x4 0.16666667 0.16666667 0.16666667 0.16666667)))
        (local.set $series (f32x4.add (f32x4.mul (local.get $x) (local.get $series))
          (v128.const f32x4 0.5 0.5 0.5 0.5)))
        (local.set $series (f32x4.add (f32x4.mul (local.get $x) (local.get $series))
          (v128.const f32x4 1 1 1 1)))
        (local.set $series (f32x4.add (f32x4.mul (local.get $x) (local.get $series))
          (v128.const f32x4 1 1 1 1)))
        ;; 2^n: n plus 127 is the exponent of a float.
        (local.set $x (f32x4.mul (local.get $series) (i32x4.shl (i32x4.add
          (i32x4.trunc_sat_f32x4_s (local.get $n)) (v128.const i32x4 127 127 127 127))
          (i32.const 23))))
        (v128.store (local.get $at) (local.get $x))
        (local.set $sum (f32x4.add (local.get $sum) (local.get $x)))
        (br_if $raise (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (local.set $sum (f32x4.add (local.get $sum) (i8x16.shuffle
        8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sum) (local.get $sum))))
      (local.set $sum (f32x4.add (local.get $sum) (i8x16.shuffle
        4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 3 (local.get $sum) (local.get $sum))))
      (local.set $sum (f32x4.div (v128.const f32x4 1 1 1 1) (local.get $sum)))
      (local.set $at (local.get $row))
      (loop $share
        (v128.store (local.get $at) (f32x4.mul (v128.load (local.get $at)) (local.get $sum)))
        (br_if $share (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (local.set $row (i32.add (local.get $row) (local.get $step)))
      (br_if $each (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))))
