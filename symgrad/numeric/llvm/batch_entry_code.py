"""Calls of small batches from CPython, in LLVM's language, for any formula.

The one rule kept here: as in ``entry_code``, what is not an array of NumPy's own kind,
1-D, contiguous, aligned, of doubles, and as long as the others, or a float, is not
touched; nor is memory for results that shares a byte with anything else. The file is
the text of one program.
"""

from __future__ import annotations

ITEM = """\
  %spot = getelementptr i64, ptr %from, i64 %k
  %number = load i64, ptr %spot
  %item = call ptr @PyLong_FromLongLong(i64 %number)
"""
"""an item of the tuple of lengths"""

MEMORY = """
@PyTuple_Type = external global i8
declare ptr @PyLong_FromLongLong(i64)

; A new array: its shape is the last ones of p, q and r.
define internal ptr @fresh(ptr %self, i64 %axes, i64 %p, i64 %q, i64 %r) {{
entry:
  %one = alloca ptr
  %lengths = alloca i64, i64 3
  store i64 %p, ptr %lengths
  %second = getelementptr i64, ptr %lengths, i64 1
  store i64 %q, ptr %second
  %third = getelementptr i64, ptr %lengths, i64 2
  store i64 %r, ptr %third
  %left = sub i64 3, %axes
  %from = getelementptr i64, ptr %lengths, i64 %left
  %shape = call ptr @lengths(ptr %from, i64 %axes)
  %failed = icmp eq ptr %shape, null
  br i1 %failed, label %out, label %make
make:
  store ptr %shape, ptr %one
  %empty = call ptr @item(ptr %self, i64 1)
  %made = call ptr @PyObject_VectorcallDict(ptr %empty, ptr %one, i64 1, ptr null)
  call void @Py_DecRef(ptr %shape)
  ret ptr %made
out:
  ret ptr null
}}

; Whether a caller's array can be written to: its shape is the last ones of p, q and r.
define internal i1 @takes(ptr %self, ptr %array, i64 %axes, i64 %p, i64 %q, i64 %r) {{
entry:
  %memory = call ptr @plain(ptr %self, ptr %array, i64 %axes, i64 {WRITEABLE})
  %good = icmp ne ptr %memory, null
  br i1 %good, label %last, label %no
last:
  %k.last = sub i64 %axes, 1
  %r.found = call i64 @length(ptr %array, i64 %k.last)
  %r.same = icmp eq i64 %r.found, %r
  %has.q = icmp ugt i64 %axes, 1
  %go.q = and i1 %r.same, %has.q
  br i1 %go.q, label %middle, label %say
middle:
  %k.middle = sub i64 %axes, 2
  %q.found = call i64 @length(ptr %array, i64 %k.middle)
  %q.same = icmp eq i64 %q.found, %q
  %has.p = icmp ugt i64 %axes, 2
  %go.p = and i1 %q.same, %has.p
  br i1 %go.p, label %first, label %say
first:
  %p.found = call i64 @length(ptr %array, i64 0)
  %p.same = icmp eq i64 %p.found, %p
  ret i1 %p.same
say:
  %same = phi i1 [ %r.same, %last ], [ %q.same, %middle ]
  ret i1 %same
no:
  ret i1 false
}}

; Whether two stretches of memory share no byte.
define internal i1 @apart(ptr %a, i64 %a.bytes, ptr %b, i64 %b.bytes) alwaysinline {{
  %a.end = getelementptr i8, ptr %a, i64 %a.bytes
  %b.end = getelementptr i8, ptr %b, i64 %b.bytes
  %before = icmp ule ptr %a.end, %b
  %behind = icmp ule ptr %b.end, %a
  %found = or i1 %before, %behind
  ret i1 %found
}}

; Whether results share no byte with any of the arguments' arrays.
define internal i1 @alone(ptr %to, i64 %bytes, ptr %arrays, i64 %count, i64 %size) {{
entry:
  br label %next
next:
  %k = phi i64 [ 0, %entry ], [ %k.next, %look ]
  %again = icmp ult i64 %k, %count
  br i1 %again, label %look, label %yes
look:
  %spot = getelementptr ptr, ptr %arrays, i64 %k
  %from = load ptr, ptr %spot
  %apart = call i1 @apart(ptr %to, i64 %bytes, ptr %from, i64 %size)
  %k.next = add i64 %k, 1
  br i1 %apart, label %next, label %no
yes:
  ret i1 true
no:
  ret i1 false
}}

; Writes the addresses of the rows of an array.
define internal void @addresses(ptr %table, ptr %array, i64 %count, i64 %bytes) {{
entry:
  %base.number = call i64 @part(ptr %array, i64 {data})
  br label %next
next:
  %k = phi i64 [ 0, %entry ], [ %k.next, %one ]
  %row = phi i64 [ %base.number, %entry ], [ %row.next, %one ]
  %again = icmp ult i64 %k, %count
  br i1 %again, label %one, label %done
one:
  %spot = getelementptr i64, ptr %table, i64 %k
  store i64 %row, ptr %spot
  %k.next = add i64 %k, 1
  %row.next = add i64 %row, %bytes
  br label %next
done:
  ret void
}}
"""
BATCH = """
; Computes a small batch into new memory, or that of out=; false, and nothing done,
; where something is not as it should be. Gives the result, null after an error, in %to.
define internal i1 @batch(ptr %self, ptr %args, i64 %count, ptr %names, ptr %to) {{
entry:
  %run.number = call i64 @told(ptr %self, i64 {RUN})
  %run = inttoptr i64 %run.number to ptr
  %ready = icmp ne ptr %run, null
  %wanted = call i64 @told(ptr %self, i64 {ARGUMENTS})
  %right = icmp eq i64 %count, %wanted
  %both = and i1 %ready, %right
  br i1 %both, label %options, label %no
options:
  %plainly = icmp eq ptr %names, null
  br i1 %plainly, label %read, label %some
some:
  %names.count = call i64 @part(ptr %names, i64 {size})
  %single.name = icmp eq i64 %names.count, 1
  br i1 %single.name, label %named, label %no
named:
  %name = call ptr @item(ptr %names, i64 0)
  %name.number = ptrtoint ptr %name to i64
  %out.name = call i64 @told(ptr %self, i64 {OUT})
  %is.out = icmp eq i64 %name.number, %out.name
  br i1 %is.out, label %given, label %no
given:
  %out.spot = getelementptr ptr, ptr %args, i64 %count
  %out.found = load ptr, ptr %out.spot
  br label %read
read:
  %out = phi ptr [ null, %options ], [ %out.found, %given ]
  %arrays = alloca ptr, i64 %count
  %singles = alloca double, i64 %count
  br label %next
next:
  %k = phi i64 [ 0, %read ], [ %k.next, %more ]
  %s = phi i64 [ 0, %read ], [ %s.next, %more ]
  %a = phi i64 [ 0, %read ], [ %a.next, %more ]
  %size = phi i64 [ 0, %read ], [ %size.next, %more ]
  %mask = phi i64 [ 0, %read ], [ %mask.next, %more ]
  %again = icmp ult i64 %k, %count
  br i1 %again, label %look, label %whole
look:
  %spot = getelementptr ptr, ptr %args, i64 %k
  %value = load ptr, ptr %spot
  %type.number = call i64 @part(ptr %value, i64 {type})
  %type = inttoptr i64 %type.number to ptr
  %float = icmp eq ptr %type, @PyFloat_Type
  br i1 %float, label %single, label %many
single:
  %number.spot = getelementptr i8, ptr %value, i64 {number}
  %number = load double, ptr %number.spot
  %single.spot = getelementptr double, ptr %singles, i64 %s
  store double %number, ptr %single.spot
  %s.one = add i64 %s, 1
  br label %more
many:
  %from = call ptr @plain(ptr %self, ptr %value, i64 1, i64 {FLAGS})
  %strange = icmp eq ptr %from, null
  br i1 %strange, label %no, label %measure
measure:
  %length = call i64 @length(ptr %value, i64 0)
  %first = icmp eq i64 %a, 0
  %same = icmp eq i64 %length, %size
  %long = or i1 %first, %same
  br i1 %long, label %keep, label %no
keep:
  %array.spot = getelementptr ptr, ptr %arrays, i64 %a
  store ptr %from, ptr %array.spot
  %a.one = add i64 %a, 1
  %bit = shl i64 1, %k
  %mask.one = or i64 %mask, %bit
  br label %more
more:
  %s.next = phi i64 [ %s.one, %single ], [ %s, %keep ]
  %a.next = phi i64 [ %a, %single ], [ %a.one, %keep ]
  %size.next = phi i64 [ %size, %single ], [ %length, %keep ]
  %mask.next = phi i64 [ %mask, %single ], [ %mask.one, %keep ]
  %k.next = add i64 %k, 1
  br label %next
whole:
  %mask.wanted = call i64 @told(ptr %self, i64 {MASK})
  %known = icmp eq i64 %mask, %mask.wanted
  %longest = call i64 @told(ptr %self, i64 {LONGEST})
  %short = icmp ule i64 %size, %longest
  %batch = icmp ugt i64 %size, 1
  %known.short = and i1 %known, %short
  %small = and i1 %known.short, %batch
  br i1 %small, label %results, label %no
results:
  %m = call i64 @told(ptr %self, i64 {OUTPUTS})
  %n = call i64 @told(ptr %self, i64 {VARIABLES})
  %listed = call i64 @told(ptr %self, i64 {LISTED})
  %value.axes = add i64 %listed, 1
  %grad.axes = add i64 %listed, 2
  %mn = mul i64 %m, %n
  %bytes = mul i64 %size, 8
  %no.grad = icmp eq i64 %n, 0
  %is.new = icmp eq ptr %out, null
  br i1 %is.new, label %make, label %use
make:
  %value.new = call ptr @fresh(ptr %self, i64 %value.axes, i64 0, i64 %m, i64 %size)
  %value.failed = icmp eq ptr %value.new, null
  br i1 %value.failed, label %error, label %make.grad
make.grad:
  br i1 %no.grad, label %compute, label %make.more
make.more:
  %grad.new = call ptr @fresh(ptr %self, i64 %grad.axes, i64 %m, i64 %n, i64 %size)
  %grad.failed = icmp eq ptr %grad.new, null
  br i1 %grad.failed, label %drop, label %compute
drop:
  call void @Py_DecRef(ptr %value.new)
  br label %error
error:
  store ptr null, ptr %to
  ret i1 true
use:
  br i1 %no.grad, label %use.value, label %use.both
use.both:
  %out.type.number = call i64 @part(ptr %out, i64 {type})
  %out.type = inttoptr i64 %out.type.number to ptr
  %out.tuple = icmp eq ptr %out.type, @PyTuple_Type
  br i1 %out.tuple, label %use.tuple, label %no
use.tuple:
  %out.count = call i64 @part(ptr %out, i64 {size})
  %out.two = icmp eq i64 %out.count, 2
  br i1 %out.two, label %use.grad, label %no
use.grad:
  %value.first = call ptr @item(ptr %out, i64 0)
  %grad.given = call ptr @item(ptr %out, i64 1)
  %grad.takes = call i1 @takes(ptr %self, ptr %grad.given, i64 %grad.axes, i64 %m, \
i64 %n, i64 %size)
  br i1 %grad.takes, label %use.value, label %no
use.value:
  %value.given = phi ptr [ %out, %use ], [ %value.first, %use.grad ]
  %grad.used = phi ptr [ null, %use ], [ %grad.given, %use.grad ]
  %value.takes = call i1 @takes(ptr %self, ptr %value.given, i64 %value.axes, i64 0, \
i64 %m, i64 %size)
  br i1 %value.takes, label %use.alone, label %no
use.alone:
  %value.number = call i64 @part(ptr %value.given, i64 {data})
  %value.memory = inttoptr i64 %value.number to ptr
  %value.bytes = mul i64 %m, %bytes
  %value.alone = call i1 @alone(ptr %value.memory, i64 %value.bytes, ptr %arrays, \
i64 %a, i64 %bytes)
  br i1 %value.alone, label %use.more, label %no
use.more:
  br i1 %no.grad, label %hold, label %use.apart
use.apart:
  %grad.number = call i64 @part(ptr %grad.used, i64 {data})
  %grad.memory = inttoptr i64 %grad.number to ptr
  %grad.bytes = mul i64 %mn, %bytes
  %grad.alone = call i1 @alone(ptr %grad.memory, i64 %grad.bytes, ptr %arrays, i64 %a, \
i64 %bytes)
  %results.apart = call i1 @apart(ptr %value.memory, i64 %value.bytes, \
ptr %grad.memory, i64 %grad.bytes)
  %grad.good = and i1 %grad.alone, %results.apart
  br i1 %grad.good, label %hold.grad, label %no
hold.grad:
  call void @Py_IncRef(ptr %grad.used)
  br label %hold
hold:
  call void @Py_IncRef(ptr %value.given)
  br label %compute
compute:
  %value.to = phi ptr [ %value.new, %make.grad ], [ %value.new, %make.more ], \
[ %value.given, %hold ]
  %grad.to = phi ptr [ null, %make.grad ], [ %grad.new, %make.more ], \
[ %grad.used, %hold ]
  %rows = add i64 %m, %mn
  %table = alloca ptr, i64 %rows
  call void @addresses(ptr %table, ptr %value.to, i64 %m, i64 %bytes)
  br i1 %no.grad, label %go, label %table.grad
table.grad:
  %table.rest = getelementptr ptr, ptr %table, i64 %m
  call void @addresses(ptr %table.rest, ptr %grad.to, i64 %mn, i64 %bytes)
  br label %go
go:
  %room.bytes = call i64 @told(ptr %self, i64 {ROOM})
  %room = alloca i8, i64 %room.bytes, align 64
  call void %run(ptr %arrays, ptr %singles, ptr %table, ptr %room, i64 0, i64 %size)
  br i1 %no.grad, label %give, label %give.both
give:
  store ptr %value.to, ptr %to
  ret i1 true
give.both:
  %pair = call ptr @pair(ptr %value.to, ptr %grad.to)
  store ptr %pair, ptr %to
  ret i1 true
no:
  ret i1 false
}}
"""
TRY = """\
  %batch.result = alloca ptr
  %is.batch = call i1 @batch(ptr %self, ptr %args, i64 %count, ptr %names, \
ptr %batch.result)
  br i1 %is.batch, label %quick, label %slower
quick:
  %quick.found = load ptr, ptr %batch.result
  ret ptr %quick.found
slower:
"""
"""what an entry for arrays does before it goes slowly"""
