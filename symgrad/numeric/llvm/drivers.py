"""The parts of a program that are the same for every formula, in LLVM's language.

The one rule kept here: nothing here computes; these loops call the pieces of a formula
for blocks of samples, and for a padded vector at the end.
"""

from __future__ import annotations

ATTRIBUTES = """
attributes #0 = { alwaysinline nounwind }
attributes #1 = { noinline nounwind "prefer-vector-width"="512" \
"min-legal-vector-width"="512" }
attributes #2 = { nounwind }

!0 = !{!"branch_weights", i32 1, i32 100000}
!1 = !{}
!2 = !{i32 1}
"""

MEMORY = {
    "@llvm.memcpy": "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
    "@llvm.memset": "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
}

POINT = """; One sample: numbers in, numbers out.
define void @point(ptr %singles, ptr %results, ptr %work) #2 {{
entry:
{calls}  ret void
}}
"""

SUMS = """; Knuth's sum without loss: the total and, behind it, what it lacks.
define internal void @add_up(ptr %total, {vector_type} %more) #0 {{
entry:
  %lacking = getelementptr {vector_type}, ptr %total, i64 1
  %old = load {vector_type}, ptr %total, align {size}
  %rest = load {vector_type}, ptr %lacking, align {size}
  %new = fadd {vector_type} %old, %more
  %moved = fsub {vector_type} %new, %old
  %kept = fsub {vector_type} %new, %moved
  %a = fsub {vector_type} %old, %kept
  %b = fsub {vector_type} %more, %moved
  %lost = fadd {vector_type} %a, %b
  %all = fadd {vector_type} %rest, %lost
  store {vector_type} %new, ptr %total, align {size}
  store {vector_type} %all, ptr %lacking, align {size}
  ret void
}}
"""

STEPS = """; Whole vectors of samples, low … high, a block at a time.
define internal void @steps({head}) #1 {{
entry:
  br label %next
next:
  %from = phi i64 [ %low, %entry ], [ %to, %next ]
  %left = sub i64 %high, %from
  %small = icmp ult i64 %left, {block}
  %count = select i1 %small, i64 %left, i64 {block}
{calls}  %to = add i64 %from, %count
  %more = icmp ult i64 %to, %high
  br i1 %more, label %next, label %done
done:
  ret void
}}
"""

RUN = """
; Samples low … high of the arrays; what fills no vector goes through room, padded.
define void @run(ptr %arrays, ptr %singles, ptr %results, ptr %room, i64 %low, \
i64 %high) #1 {{
entry:
  %all = sub i64 %high, %low
  %whole = and i64 %all, {mask}
  %stop = add i64 %low, %whole
  %left = sub i64 %all, %whole
  %bytes = mul i64 %left, {size}
  %work = getelementptr i8, ptr %room, i64 {work}
  %some = icmp ne i64 %whole, 0
  br i1 %some, label %main, label %rest
main:
  call void @steps(ptr %arrays, ptr %singles, ptr %results, ptr %work, i64 %low, \
i64 %stop{all_valid})
  br label %rest
rest:
  %more = icmp ne i64 %left, 0
  br i1 %more, label %padded, label %done
padded:
  %table = getelementptr i8, ptr %room, i64 {table}
  br label %in
in:
  %a = phi i64 [ 0, %padded ], [ %a.next, %in.copy ]
  %a.more = icmp ult i64 %a, {inputs}
  br i1 %a.more, label %in.copy, label %out
in.copy:
  %a.offset = mul i64 %a, {vector}
  %a.room = getelementptr i8, ptr %room, i64 %a.offset
  %a.slot = getelementptr ptr, ptr %table, i64 %a
  store ptr %a.room, ptr %a.slot
  %a.place = getelementptr ptr, ptr %arrays, i64 %a
  %a.base = load ptr, ptr %a.place
  %a.from = getelementptr {number}, ptr %a.base, i64 %stop
  call void @llvm.memset.p0.i64(ptr %a.room, i8 0, i64 {vector}, i1 false)
  call void @llvm.memcpy.p0.p0.i64(ptr %a.room, ptr %a.from, i64 %bytes, i1 false)
  %a.next = add i64 %a, 1
  br label %in
out:
  %o = phi i64 [ 0, %in ], [ %o.next, %out.set ]
  %o.more = icmp ult i64 %o, {outputs}
  br i1 %o.more, label %out.set, label %compute
out.set:
  %o.number = add i64 %o, {inputs}
  %o.offset = mul i64 %o.number, {vector}
  %o.room = getelementptr i8, ptr %room, i64 %o.offset
  %o.slot = getelementptr ptr, ptr %table, i64 %o.number
  store ptr %o.room, ptr %o.slot
  %o.next = add i64 %o, 1
  br label %out
compute:
  %made = getelementptr ptr, ptr %table, i64 {inputs}
  call void @steps(ptr %table, ptr %singles, ptr {results_of_rest}, ptr %work, \
i64 0, i64 {lanes}{some_valid})
  br label %back
back:
  %b = phi i64 [ 0, %compute ], [ %b.next, %back.copy ]
  %b.more = icmp ult i64 %b, {outputs}
  br i1 %b.more, label %back.copy, label %done
back.copy:
  %b.number = add i64 %b, {inputs}
  %b.offset = mul i64 %b.number, {vector}
  %b.room = getelementptr i8, ptr %room, i64 %b.offset
  %b.place = getelementptr ptr, ptr %results, i64 %b
  %b.base = load ptr, ptr %b.place
  %b.to = getelementptr {number}, ptr %b.base, i64 %stop
  call void @llvm.memcpy.p0.p0.i64(ptr %b.to, ptr %b.room, i64 %bytes, i1 false)
  %b.next = add i64 %b, 1
  br label %back
done:
{fence}  ret void
}}
"""
