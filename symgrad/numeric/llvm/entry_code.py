"""Calls of one point from CPython, in LLVM's language, for any formula.

The one rule kept here: no object is touched but tuples, floats and our own arrays of
the kinds that were looked at (see entries.py); every new object is checked for being
there. The file is longer than others because it is the text of one program.
"""

from __future__ import annotations

from symgrad.numeric.llvm.batch_entry_code import BATCH, ITEM, MEMORY, TRY

_OBJECTS = """; Written by symgrad: calls of one point, for CPython.

@PyFloat_Type = external global i8
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyTuple_New(i64)
declare ptr @PyObject_VectorcallDict(ptr, ptr, i64, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)

; An item of a tuple.
define internal ptr @item(ptr %tuple, i64 %k) alwaysinline {{
  %items = getelementptr i8, ptr %tuple, i64 {items}
  %spot = getelementptr ptr, ptr %items, i64 %k
  %found = load ptr, ptr %spot
  ret ptr %found
}}

; A number of the table that describes the formula.
define internal i64 @told(ptr %self, i64 %k) alwaysinline {{
  %array = call ptr @item(ptr %self, i64 4)
  %spot = getelementptr i8, ptr %array, i64 {data}
  %base = load ptr, ptr %spot
  %place = getelementptr i64, ptr %base, i64 %k
  %found = load i64, ptr %place
  ret i64 %found
}}

define internal void @put(ptr %tuple, i64 %k, ptr %what) alwaysinline {{
  %items = getelementptr i8, ptr %tuple, i64 {items}
  %spot = getelementptr ptr, ptr %items, i64 %k
  store ptr %what, ptr %spot
  ret void
}}

; general(all arguments, names of the last ones)
define internal ptr @slowly(ptr %self, ptr %args, i64 %count, ptr %names) {{
entry:
  %both = alloca ptr, i64 2
  %named = icmp ne ptr %names, null
  br i1 %named, label %some, label %all
some:
  %size.spot = getelementptr i8, ptr %names, i64 {size}
  %size = load i64, ptr %size.spot
  br label %all
all:
  %more = phi i64 [ 0, %entry ], [ %size, %some ]
  %total = add i64 %count, %more
  %values = call ptr @PyTuple_New(i64 %total)
  %failed = icmp eq ptr %values, null
  br i1 %failed, label %out, label %fill
fill:
  %k = phi i64 [ 0, %all ], [ %k.next, %copy ]
  %again = icmp ult i64 %k, %total
  br i1 %again, label %copy, label %call
copy:
  %from = getelementptr ptr, ptr %args, i64 %k
  %value = load ptr, ptr %from
  call void @Py_IncRef(ptr %value)
  call void @put(ptr %values, i64 %k, ptr %value)
  %k.next = add i64 %k, 1
  br label %fill
call:
  store ptr %values, ptr %both
  %second = getelementptr ptr, ptr %both, i64 1
  store ptr %names, ptr %second
  %general = call ptr @item(ptr %self, i64 0)
  %two = select i1 %named, i64 2, i64 1
  %found = call ptr @PyObject_VectorcallDict(ptr %general, ptr %both, i64 %two, \
ptr null)
  call void @Py_DecRef(ptr %values)
  ret ptr %found
out:
  ret ptr null
}}

; A whole number in an object.
define internal i64 @part(ptr %object, i64 %offset) alwaysinline {{
  %spot = getelementptr i8, ptr %object, i64 %offset
  %found = load i64, ptr %spot
  ret i64 %found
}}

; Where the numbers of an array are, if it is of NumPy's own kind, contiguous, aligned,
; of doubles, with so many axes; else null.
define internal ptr @plain(ptr %self, ptr %array, i64 %count, i64 %wanted) {{
entry:
  %type = call i64 @part(ptr %array, i64 {type})
  %type.wanted = call i64 @told(ptr %self, i64 {ARRAY})
  %is.array = icmp eq i64 %type, %type.wanted
  br i1 %is.array, label %look, label %no
look:
  %dtype = call i64 @part(ptr %array, i64 {dtype})
  %dtype.wanted = call i64 @told(ptr %self, i64 {DOUBLE})
  %doubles = icmp eq i64 %dtype, %dtype.wanted
  %axes = call i64 @part(ptr %array, i64 {axes})
  %axes.int = trunc i64 %axes to i32
  %count.int = trunc i64 %count to i32
  %right = icmp eq i32 %axes.int, %count.int
  %flags = call i64 @part(ptr %array, i64 {flags})
  %flags.found = and i64 %flags, %wanted
  %good = icmp eq i64 %flags.found, %wanted
  %a = and i1 %doubles, %right
  %b = and i1 %a, %good
  br i1 %b, label %yes, label %no
yes:
  %from.number = call i64 @part(ptr %array, i64 {data})
  %from = inttoptr i64 %from.number to ptr
  ret ptr %from
no:
  ret ptr null
}}

; The length of an array along an axis.
define internal i64 @length(ptr %array, i64 %axis) alwaysinline {{
  %shape.number = call i64 @part(ptr %array, i64 {shape})
  %shape = inttoptr i64 %shape.number to ptr
  %spot = getelementptr i64, ptr %shape, i64 %axis
  %found = load i64, ptr %spot
  ret i64 %found
}}

; Copies a vector of the size given.
define internal i1 @vector(ptr %self, ptr %array, i64 %size, ptr %to) {{
entry:
  %from = call ptr @plain(ptr %self, ptr %array, i64 1, i64 {FLAGS})
  %strange = icmp eq ptr %from, null
  br i1 %strange, label %no, label %measure
measure:
  %length = call i64 @length(ptr %array, i64 0)
  %fits = icmp eq i64 %length, %size
  br i1 %fits, label %copy, label %no
copy:
  %bytes = mul i64 %size, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)
  ret i1 true
no:
  ret i1 false
}}

; Reads the arguments and computes; false where something is not as it should be.
define internal i1 @usual(ptr %self, ptr %args, i64 %count, ptr %names, \
ptr %numbers, ptr %results, ptr %work) alwaysinline {{
entry:
  %wanted = call i64 @told(ptr %self, i64 {ARGUMENTS})
  %point.number = call i64 @told(ptr %self, i64 {POINT})
  %point = inttoptr i64 %point.number to ptr
  %size = call i64 @told(ptr %self, i64 {VECTOR})
  %has.vector = icmp ne i64 %size, 0
  br i1 %has.vector, label %one, label %next
one:
  %array = load ptr, ptr %args
  %copied = call i1 @vector(ptr %self, ptr %array, i64 %size, ptr %numbers)
  br i1 %copied, label %next, label %no
next:
  %k = phi i64 [ 0, %entry ], [ 1, %one ], [ %k.next, %keep ]
  %place = phi i64 [ 0, %entry ], [ %size, %one ], [ %place.next, %keep ]
  %again = icmp ult i64 %k, %wanted
  br i1 %again, label %look, label %compute
look:
  %spot = getelementptr ptr, ptr %args, i64 %k
  %value = load ptr, ptr %spot
  %type.spot = getelementptr i8, ptr %value, i64 {type}
  %type = load ptr, ptr %type.spot
  %float = icmp eq ptr %type, @PyFloat_Type
  br i1 %float, label %keep, label %no
keep:
  %number.spot = getelementptr i8, ptr %value, i64 {number}
  %number = load double, ptr %number.spot
  %to = getelementptr double, ptr %numbers, i64 %place
  store double %number, ptr %to
  %k.next = add i64 %k, 1
  %place.next = add i64 %place, 1
  br label %next
compute:
  call void %point(ptr %numbers, ptr %results, ptr %work)
  ret i1 true
no:
  ret i1 false
}}

; Whether the call has the right form and the program is there.
define internal i1 @fits(ptr %self, i64 %count, ptr %names) alwaysinline {{
  %wanted = call i64 @told(ptr %self, i64 {ARGUMENTS})
  %point = call i64 @told(ptr %self, i64 {POINT})
  %a = icmp eq i64 %count, %wanted
  %b = icmp eq ptr %names, null
  %c = icmp ne i64 %point, 0
  %ab = and i1 %a, %b
  %abc = and i1 %ab, %c
  ret i1 %abc
}}

define internal ptr @pair(ptr %a, ptr %b) {{
entry:
  %no.a = icmp eq ptr %a, null
  %no.b = icmp eq ptr %b, null
  %no = or i1 %no.a, %no.b
  br i1 %no, label %drop, label %make
make:
  %both = call ptr @PyTuple_New(i64 2)
  %failed = icmp eq ptr %both, null
  br i1 %failed, label %drop, label %fill
fill:
  call void @put(ptr %both, i64 0, ptr %a)
  call void @put(ptr %both, i64 1, ptr %b)
  ret ptr %both
drop:
  br i1 %no.a, label %drop.b, label %drop.a
drop.a:
  call void @Py_DecRef(ptr %a)
  br label %drop.b
drop.b:
  br i1 %no.b, label %out, label %drop.last
drop.last:
  call void @Py_DecRef(ptr %b)
  br label %out
out:
  ret ptr null
}}

; A new array of the shape given, filled.
define internal ptr @array(ptr %self, i64 %shape.place, ptr %from, i64 %count) {{
entry:
  %one = alloca ptr
  %shape = call ptr @item(ptr %self, i64 %shape.place)
  store ptr %shape, ptr %one
  %empty = call ptr @item(ptr %self, i64 1)
  %made = call ptr @PyObject_VectorcallDict(ptr %empty, ptr %one, i64 1, ptr null)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %out, label %fill
fill:
  %spot = getelementptr i8, ptr %made, i64 {data}
  %to = load ptr, ptr %spot
  %bytes = mul i64 %count, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)
  br label %out
out:
  ret ptr %made
}}

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""
_TUPLE = """
define internal ptr @<0>(<1>) {{
entry:
  %made = call ptr @PyTuple_New(i64 <2>)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %out, label %next
next:
  %k = phi i64 [ 0, %entry ], [ %k.next, %keep ]
  %again = icmp ult i64 %k, <2>
  br i1 %again, label %one, label %done
one:
<3>  %none = icmp eq ptr %item, null
  br i1 %none, label %drop, label %keep
keep:
  call void @put(ptr %made, i64 %k, ptr %item)
  %k.next = add i64 %k, 1
  br label %next
drop:
  call void @Py_DecRef(ptr %made)
  ret ptr null
done:
  ret ptr %made
out:
  ret ptr null
}}
"""
"""makes a new tuple: its name, parameters, length, and the code of an item"""
_FLOAT = """\
  %spot = getelementptr double, ptr %from, i64 %k
  %number = load double, ptr %spot
  %item = call ptr @PyFloat_FromDouble(double %number)
"""
_ROW = """\
  %start = mul i64 %k, %count
  %spot = getelementptr double, ptr %from, i64 %start
  %item = call ptr @floats(ptr %spot, i64 %count)
"""
_ENTRY = """
; A call: floats in, floats and tuples of them or arrays out.
define ptr @<0>(ptr %self, ptr %args, i64 %count, ptr %names) {{
entry:
  %fits = call i1 @fits(ptr %self, i64 %count, ptr %names)
  br i1 %fits, label %try, label %slow
try:
  %m = call i64 @told(ptr %self, i64 {OUTPUTS})
  %n = call i64 @told(ptr %self, i64 {VARIABLES})
  %work.count = call i64 @told(ptr %self, i64 {WORK})
  %grads.count = mul i64 %m, %n
  %all = add i64 %m, %grads.count
  %size = call i64 @told(ptr %self, i64 {VECTOR})
  %inputs = add i64 %count, %size
  %numbers = alloca double, i64 %inputs
  %results = alloca double, i64 %all
  %work = alloca double, i64 %work.count
  %done = call i1 @usual(ptr %self, ptr %args, i64 %count, ptr %names, \
ptr %numbers, ptr %results, ptr %work)
  br i1 %done, label %made, label %slow
<1>slow:
<2>  %found = call ptr @slowly(ptr %self, ptr %args, i64 %count, ptr %names)
  ret ptr %found
}}
"""
"""an entry: its name, what is made of results, what is tried before it goes slowly"""
_TUPLES = """\
made:
  %grads = getelementptr double, ptr %results, i64 %m
  %listed.number = call i64 @told(ptr %self, i64 {LISTED})
  %listed = icmp ne i64 %listed.number, 0
  %alone = icmp eq i64 %n, 0
  br i1 %listed, label %many, label %one
one:
  %number = load double, ptr %results
  %value = call ptr @PyFloat_FromDouble(double %number)
  br i1 %alone, label %give.value, label %one.grad
one.grad:
  %grad = call ptr @floats(ptr %grads, i64 %n)
  %both = call ptr @pair(ptr %value, ptr %grad)
  ret ptr %both
many:
  %values = call ptr @floats(ptr %results, i64 %m)
  br i1 %alone, label %give.values, label %many.grads
many.grads:
  %matrix = call ptr @rows(ptr %grads, i64 %m, i64 %n)
  %pair = call ptr @pair(ptr %values, ptr %matrix)
  ret ptr %pair
give.value:
  ret ptr %value
give.values:
  ret ptr %values
"""
_ARRAYS = """\
made:
  %value = call ptr @array(ptr %self, i64 2, ptr %results, i64 %m)
  %alone = icmp eq i64 %n, 0
  br i1 %alone, label %give.value, label %grads
grads:
  %start = getelementptr double, ptr %results, i64 %m
  %grad = call ptr @array(ptr %self, i64 3, ptr %start, i64 %grads.count)
  %both = call ptr @pair(ptr %value, ptr %grad)
  ret ptr %both
give.value:
  ret ptr %value
"""


def _filled(template: str, *parts: str) -> str:
    for place, part in enumerate(parts):
        template = template.replace(f"<{place}>", part)
    return template


TEXT = "".join(
    (
        _OBJECTS,
        _filled(_TUPLE, "floats", "ptr %from, i64 %count", "%count", _FLOAT),
        _filled(_TUPLE, "rows", "ptr %from, i64 %rows, i64 %count", "%rows", _ROW),
        _filled(_TUPLE, "lengths", "ptr %from, i64 %count", "%count", ITEM),
        MEMORY,
        BATCH,
        _filled(_ENTRY, "floats_entry", _TUPLES, ""),
        _filled(_ENTRY, "arrays_entry", _ARRAYS, TRY),
    )
)
"""to be formatted with the places of parts in objects, and of numbers in our table"""
